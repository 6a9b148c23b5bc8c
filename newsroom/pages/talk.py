"""What a page needs to show a discussion: rows, position, and whether this viewer may write."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Viewer, may_take_part
from accounts.models import Sanction, User
from accounts.reasons import Reason
from comments import reads
from comments.actions.own import EDIT_WINDOW, UNDO_WINDOW
from comments.hidden import hidden_from_others
from comments.models import Comment, Discussion, Draft, Reaction
from newsroom.errors import Refused
from newsroom.pages.links import page_links

COMMENTS_A_PAGE = 25
LINES_A_PAGE = 50  # of a chat
SENTENCES = {
    "not_open_yet": lambda: _("It has not opened yet."),
    "over": lambda: _("The time for this discussion is over."),
    "hours": lambda: _("It keeps opening hours."),
}


def discussion_context(request: HttpRequest, discussion: Discussion, **composer: Any) -> dict[str, Any]:
    """For comments/discussion.html and comments/chat.html; `discussion` comes from `reads.head_of`.

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
    rows = page.rows[::-1] if is_chat else page.rows
    for row in rows:
        row["more_replies"] = more_replies(row)
        row["replies"] = threaded(row["id"], row.get("replies", []))
    return {
        "rows": rows,
        "mine": mine_among(request.user, rows),
        "sort": sort,
        "page": page_links(request, page),
        "position": page.position,
        "discussion": sayable(page.discussion),
        **standing(request.user, discussion, **composer),
    }


def standing(viewer: Viewer, discussion: Discussion, **composer: Any) -> dict[str, Any]:
    """Whether `viewer` may write here, and why not; the composer's first state."""
    barred = _barred(viewer, discussion.scope)
    may_post = isinstance(viewer, User) and not barred
    if may_post and not composer.get("parent"):
        composer = {"text": _draft(viewer, discussion), **composer}
    return {
        "may_post": may_post,
        "may_react": isinstance(viewer, User) and not _barred(viewer, Sanction.Scope.REACT),
        "barred": barred,
        "spoken": discussion.article.language if discussion.article else "",
        "own": _own(viewer, discussion),
        "max_length": discussion.max_length,
        "reply_depth": settings.REPLY_DEPTH,
        "edit_seconds": int(EDIT_WINDOW.total_seconds()),
        "reasons": Reason.choices,
        "scopes": Sanction.Scope.choices,
        "composer": {"key": str(uuid.uuid4()) if may_post else "", **composer},
    }


def _barred(viewer: Viewer, scope: str) -> str:
    """Why somebody who is logged in may not do it; empty where they may."""
    try:
        if isinstance(viewer, User):
            may_take_part(viewer, scope)
    except Refused as refused:
        return refused.detail
    return ""


def _own(viewer: Viewer, discussion: Discussion) -> list[dict[str, Any]]:
    """What nobody else sees."""
    if not isinstance(viewer, User):
        return []
    hidden = hidden_from_others(viewer, discussion)
    return [*hidden["held"], *hidden["rejected"]]


def _draft(viewer: Viewer, discussion: Discussion) -> str:
    if not isinstance(viewer, User):
        return ""
    draft = Draft.objects.filter(discussion=discussion, person=viewer, parent=None).first()
    return draft.text if draft else ""


def is_undoable(comment: Comment, viewer: Viewer) -> bool:
    """Whether `viewer` has just withdrawn it and may still bring it back."""
    mine = isinstance(viewer, User) and comment.author_id == viewer.pk
    return mine and comment.withdrawn_at is not None and timezone.now() <= comment.withdrawn_at + UNDO_WINDOW


def mine_among(viewer: Viewer, rows: Iterable[dict[str, Any]]) -> dict[str, list[str]]:
    """Comment id → the names of the viewer's own reactions, among these comments and the replies with them."""
    if not isinstance(viewer, User):
        return {}
    ids = [each["id"] for row in rows for each in (row, *row.get("replies", ()))]
    return reads.reactions_of(viewer, Reaction.objects.filter(comment__in=ids))


def more_replies(row: dict[str, Any]) -> int:
    """How many replies stand behind those that the list brought along."""
    shown = len([reply for reply in row.get("replies", ()) if reply["state"] == Comment.State.PUBLISHED])
    return max(0, int(row["reply_count"]) - shown)


def threaded(top: int, replies: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Replies (by time) as they stand on the page: each behind what it answers, with its `level` up to REPLY_DEPTH.

    Where it cannot stand there, since that is as deep as it gets or not on this page, `in_reply_to` says what it
    answers: {id, name}.
    """
    places: dict[int, tuple[int, int]] = {top: (top, 0)}
    below: dict[int, list[dict[str, Any]]] = {}
    names = _names(top, replies)
    for reply in replies:
        parent = reply["parent"]
        anchor, level = places.get(parent, (top, 1))
        if parent in places and level < settings.REPLY_DEPTH:
            anchor, level = parent, level + 1
        places[reply["id"]] = anchor, level
        below.setdefault(anchor, []).append(reply)
        answered = None if anchor == parent else {"id": parent, "name": names.get(parent, "")}
        reply |= {"level": level, "in_reply_to": answered}
    return list(_in_turn(below, top))


def _names(top: int, replies: list[dict[str, Any]]) -> dict[int, str]:
    """Who wrote these and what they answer; what they answer stands on the page before, if it is not among them."""
    names = {reply["id"]: reply["author"]["name"] for reply in replies}
    elsewhere = {reply["parent"] for reply in replies} - names.keys() - {top}
    if elsewhere:
        name = Coalesce("author__name", "author_name")
        names |= dict(Comment.objects.filter(pk__in=elsewhere).values_list("pk", name))
    return names


def _in_turn(below: dict[int, list[dict[str, Any]]], anchor: int) -> Iterator[dict[str, Any]]:
    for reply in below.get(anchor, ()):
        yield reply
        yield from _in_turn(below, reply["id"])


def sayable(row: dict[str, Any]) -> dict[str, Any]:
    """A discussion as JSON with its reason as a sentence."""
    sentence = SENTENCES.get(row["reason"])
    opens = row["opens_at"] if row["state"] == Discussion.State.CLOSED and row["next_change"] else None
    return row | {"reason": sentence() if sentence else row["reason"], "opens_next": opens}


def follows(viewer: Viewer, kind: str, target: object) -> bool:
    return isinstance(viewer, User) and viewer.subscriptions.filter(kind=kind, target=str(target)).exists()


def is_editable(comment: Comment, viewer: Viewer) -> bool:
    """Whether `viewer` may still change its text; for showing the button, the action decides."""
    mine = isinstance(viewer, User) and comment.author_id == viewer.pk
    return mine and timezone.now() <= comment.created_at + EDIT_WINDOW
