"""The context of a page with a discussion: rows, position, and whether this viewer may write."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Viewer, may_take_part, moderates, person
from accounts.models import Sanction, Subscription, User
from accounts.reasons import Reason
from articles.models import Section
from comments import reads
from comments.access import moderates_in
from comments.actions.editing import EDIT_WINDOW, UNDO_WINDOW
from comments.hidden import hidden_from_others
from comments.models import MAX_REPORT, Comment, Discussion
from comments.panel.held import HeldLine
from comments.reads import Personal
from newsroom.database.statements import prepared
from newsroom.errors import Refused
from newsroom.pages.boxes import Boxes, Branch, Kind, Reply
from newsroom.pages.held import HeldHere, Stretch, held_here
from newsroom.pages.rendering import page_links

COMMENTS_A_PAGE = 25
LINES_A_PAGE = 50  # of a chat
SENTENCES = {
    "not_open_yet": lambda: _("It has not opened yet."),
    "over": lambda: _("The time for this discussion is over."),
    "hours": lambda: _("It keeps opening hours."),
}


def discussion_context(request: HttpRequest, discussion: Discussion, **more: Any) -> dict[str, Any]:
    """For comments/discussion.html and comments/chat.html; `discussion` comes from `reads.head_of`, `more` is for
    `standing`.

    Raises UnknownSort, UnknownCursor.
    """
    is_chat = discussion.mode == Discussion.Mode.CHAT
    sort = "newest" if is_chat else request.GET.get("sort") or "newest"
    page = reads.comment_page(
        discussion,
        sort=sort,
        cursor=request.GET.get("cursor", ""),
        limit=LINES_A_PAGE if is_chat else COMMENTS_A_PAGE,
    )
    held = held_here(request, discussion)
    branches = _branches(page, sort, held, is_chat=is_chat)
    return {
        "sort": sort,
        "page": page_links(request, page),
        "position": page.position,
        "discussion": sayable(page.discussion),
        **standing(request.user, discussion, branches, pinned=page.pinned, held=held, **more),
    }


def _branches(page: reads.List, sort: str, held: HeldHere | None, *, is_chat: bool) -> list[Branch]:
    """The lines of the page; for moderators with what waits, at its place."""
    branches = [_branch(each, held) for each in page.rows]
    if held:
        waiting = [Branch(line) for line in held.tops(stretch_of(page, sort, [each.line for each in branches]))]
        if sort == "best":
            branches = [*reversed(waiting), *branches]
        else:
            branches = sorted([*branches, *waiting], key=lambda each: each.line.order, reverse=sort != "oldest")
    return branches[::-1] if is_chat else branches


def stretch_of(page: reads.List, sort: str, lines: Sequence[Any]) -> Stretch:
    return Stretch([line.order for line in lines], sort, page.previous is not None, page.next is not None)


def _branch(thread: reads.Thread, held: HeldHere | None) -> Branch:
    line, replies = thread
    shown = len([reply for reply in replies if reply.state == Comment.State.PUBLISHED])
    waiting = held.below(line.id) if held else []
    return Branch(line, threaded(line.id, [*replies, *waiting]), max(0, (line.tally__reply_count or 0) - shown))


def standing(
    viewer: Viewer,
    discussion: Discussion,
    branches: Sequence[Branch] = (),
    *,
    pinned: Sequence[Any] = (),
    follow: tuple[str, object] | None = None,
    held: HeldHere | None = None,
    **composer: Any,
) -> dict[str, Any]:
    """The comments as `viewer` sees them; whether they may write here, and why not; the composer's first state.

    `pinned`: the lines on top. `follow`: kind and target of what the page offers to follow, by default the discussion.
    `held`: what waits here, on pages of moderators. `alike` holds the facts for the piece: those in which other readers
    agree.
    """
    lines = [each.line for each in branches] + [reply.line for each in branches for reply in each.replies]
    public = [line for line in lines if not isinstance(line, HeldLine)]
    own = Personal()
    if isinstance(viewer, User):
        ids = [line.id for line in public]
        own = reads.personal(viewer, discussion, comments=ids, follows=follow or ("discussion", discussion.pk))
    barred = _barred(viewer, discussion.scope, discussion, own)
    may_post = isinstance(viewer, User) and not barred
    if may_post and not composer.get("parent"):
        composer = {"text": own.draft, **composer}
    kind = Kind(
        is_chat=discussion.mode == Discussion.Mode.CHAT,
        is_reader=viewer.is_authenticated,
        may_post=may_post,
        may_react=isinstance(viewer, User) and not why_barred(viewer, Sanction.Scope.REACT, discussion, own),
        moderates=moderates_in(viewer, discussion),
        spoken=discussion.article.language if discussion.article else "",
    )
    ignored = sorted(own.ignored) if not kind.moderates else []  # who decides about comments reads all
    boxes = Boxes(kind, viewer.pk, own.reactions, ignored=frozenset(ignored), held=held.draw if held else None)
    alike = {
        **asdict(kind),
        "is_staff": isinstance(viewer, User) and viewer.is_staff,
        "is_following_talk": own.is_following_talk and not kind.is_chat,
        "is_reply": bool(composer.get("parent")),
        "has_rows": bool(branches),
        "max_length": discussion.max_length,
        "reply_depth": settings.REPLY_DEPTH,
        "edit_seconds": int(EDIT_WINDOW.total_seconds()),
    }
    return {
        **alike,
        "alike": alike,
        "rows": boxes.listed(branches),
        "pinned": boxes.pinned(pinned),
        "pattern": boxes.pattern(),
        "barred": barred,
        "own": _hidden(viewer, discussion) if own.has_hidden else [],
        "is_following": own.is_following,
        "read": own.read,
        "has_unread": bool(own.read) and any(_is_unread(line, own.read, viewer.pk) for line in public),
        "ignored": " ".join(map(str, ignored)),
        **({"reasons": Reason.choices, "most_reported": MAX_REPORT} if kind.is_reader else {}),
        **(_for_moderators(viewer, held) if held else {}),
        "composer": {"key": str(uuid.uuid4()) if may_post else "", **composer},
    }


def _is_unread(line: Any, read: int, reader: int | None) -> bool:
    """Whether a script will mark this line, and put a button above the list that leads to it: see unread.js."""
    return line.state == Comment.State.PUBLISHED and (line.order or 0) > read and line.author_id != reader


def _for_moderators(viewer: Viewer, held: HeldHere) -> dict[str, Any]:
    places = places_of(viewer, held.ground.section)
    return {"held": held, "scopes": Sanction.Scope.choices, "places": places, "bundle": "panel/thread.js"}


def places_of(viewer: Viewer, section: Section | None) -> list[tuple[str, str]]:
    """Where a moderator may restrict somebody who takes part in a discussion of this section: slugs and names; "":
    everywhere.
    """
    return [
        *([("", str(_("everywhere")))] if moderates(viewer) else []),
        *([(section.slug, section.name)] if section else []),
    ]


def why_barred(viewer: Viewer, scope: str, place: Discussion, own: Personal | None = None) -> str:
    """The reason why a logged-in viewer may not take part; "" if they may."""
    refused = _barred(viewer, scope, place, own)
    return refused.detail if refused else ""


def _barred(viewer: Viewer, scope: str, place: Discussion, own: Personal | None) -> Refused | None:
    """The refusal of a logged-in viewer who may not take part."""
    try:
        if isinstance(viewer, User):
            may_take_part(viewer, scope, place, has_sanctions=own.is_sanctioned if own else None)
    except Refused as refused:
        return refused
    return None


def _hidden(viewer: Viewer, discussion: Discussion) -> list[dict[str, Any]]:
    """The viewer's own held and rejected comments."""
    hidden = hidden_from_others(person(viewer), discussion)
    return [*hidden["held"], *hidden["rejected"]]


def is_undoable(comment: Comment, viewer: Viewer) -> bool:
    """Whether `viewer` has withdrawn the comment just now and may still undo that."""
    mine = isinstance(viewer, User) and comment.author_id == viewer.pk
    return mine and comment.withdrawn_at is not None and timezone.now() <= comment.withdrawn_at + UNDO_WINDOW


def threaded(top: int, replies: Sequence[Any]) -> list[Reply]:
    """Lines below a comment (given by time) in the order of the page: each below the comment that it answers, with its
    `level` up to REPLY_DEPTH.

    A reply cannot stand there if that is too deep or on another page. Then `in_reply_to` names what it answers.
    """
    if not replies:
        return []
    places: dict[int, tuple[int, int]] = {top: (top, 0)}
    below: dict[int, list[Reply]] = {}
    names = _names(top, replies)
    for line in replies:
        parent = line.parent_id
        anchor, level = places.get(parent, (top, 1))
        if parent in places and level < settings.REPLY_DEPTH:
            anchor, level = parent, level + 1
        places[line.id] = anchor, level
        answered = None if anchor == parent else {"id": parent, "name": names.get(parent, "")}
        below.setdefault(anchor, []).append(Reply(line, level, answered))
    return list(_in_turn(below, top))


def _names(top: int, replies: Sequence[Any]) -> dict[int, str]:
    """Comment id → its author's name, for these comments and all that they answer; a query finds those on other
    pages.
    """
    names = {line.id: reads.name_of(line) for line in replies}
    elsewhere = {line.parent_id for line in replies} - names.keys() - {top}
    if elsewhere:
        name = Coalesce("author__name", "author_name")
        names |= dict(Comment.objects.filter(pk__in=elsewhere).values_list("pk", name))
    return names


def _in_turn(below: dict[int, list[Reply]], anchor: int) -> Iterator[Reply]:
    for reply in below.get(anchor, ()):
        yield reply
        yield from _in_turn(below, reply.line.id)


def sayable(row: dict[str, Any]) -> dict[str, Any]:
    """A discussion as JSON, with its reason as a sentence."""
    sentence = SENTENCES.get(row["reason"])
    opens = row["opens_at"] if row["state"] == Discussion.State.CLOSED and row["next_change"] else None
    return row | {"reason": sentence() if sentence else row["reason"], "opens_next": opens}


def follows(viewer: Viewer, kind: str, target: object) -> bool:
    """Whether `viewer` follows it, for a page without a discussion."""
    return isinstance(viewer, User) and bool(_following(viewer.pk, kind, str(target)))


@prepared(int, str, str)
def _following(viewer: int, kind: str, target: str) -> QuerySet[Subscription, int]:
    return Subscription.objects.filter(user=viewer, kind=kind, target=target).values_list("pk", flat=True)


def is_editable(comment: Comment, viewer: Viewer) -> bool:
    """Whether `viewer` may still change the comment's text. It only decides about the button; the action checks
    again.
    """
    mine = isinstance(viewer, User) and comment.author_id == viewer.pk
    return mine and timezone.now() <= comment.created_at + EDIT_WINDOW
