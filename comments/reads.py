"""Lists of comments and discussions as plain rows: the position and the counts first, in one statement, then the rows.

API, pages and feeds draw from here alike, so they show everybody the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Viewer, may_take_part
from accounts.models import User
from comments import lists, search
from comments.access import destination, must_be_open
from comments.hidden import hidden_from_others
from comments.lines import drawn, encoded
from comments.models import Comment, Decision, Discussion, DiscussionTally, Reaction
from comments.serializers import (
    Json,
    comment_json,
    decision_json,
    discussion_json,
    queue_json,
    reacted_json,
)
from newsroom.api.paging import DEFAULT_LIMIT, Moving, Source, UnknownSort, keyset
from newsroom.errors import NotFound, Refused
from newsroom.index import patience
from newsroom.live.outbox import position
from newsroom.text import visible
from newsroom.words import excerpt

COMMENT_SORTS = ("newest", "oldest", "best")
DISCUSSION_SORTS = ("active", "newest")
MOST_REACTIONS = 1000  # of one person in one discussion


@dataclass(frozen=True, slots=True)
class List:
    """`rows` as JSON, in order; `next` and `previous` are cursors; `position` was taken before the rows."""

    rows: list[Any]
    next: str | None
    previous: str | None
    stream: str
    position: Json
    head: Discussion | None = None  # as of the same statement as the position

    @property
    def discussion(self) -> Json:
        """The discussion that the rows belong to; {} of a list of another kind."""
        return discussion_json(self.head, timezone.now()) if self.head else {}


def head_of(discussion_id: int, viewer: Viewer, *, is_lean: bool = False) -> Discussion:
    """A discussion with all that its JSON reads, and its stream's position, from one statement. Raises NotFound.

    Of one that was merged the one that it was merged into. `is_lean`: with what `comment_page` reads of it.
    """
    found = lists.head(discussion_id, viewer, is_lean=is_lean)
    if found is None:
        raise NotFound(_("There is no such discussion."))
    return head_of(found.merged_into_id, viewer, is_lean=is_lean) if found.merged_into_id else found


def discussion_detail(discussion_id: int, viewer: Viewer) -> Json:
    """One discussion as everybody sees it, and where its stream stood. Raises NotFound."""
    found = head_of(discussion_id, viewer)
    return {**discussion_json(found, timezone.now()), "position": position_of(found)}


def mine(discussion: Discussion, person: User) -> Json:
    """What only `person` sees of a discussion: {reactions, held, rejected, standing, follows}."""
    return {
        "reactions": reactions_of(person, Reaction.objects.filter(comment__discussion=discussion)),
        **hidden_from_others(person, discussion),
        "standing": _standing(discussion, person),
        "follows": person.subscriptions.filter(kind="discussion", target=str(discussion.pk)).exists(),
    }


def reacted(comment: Comment, person: User) -> Json:
    """How a comment stands after `person` reacted to it: {comment, version, reactions, mine}."""
    mine = reactions_of(person, Reaction.objects.filter(comment=comment))
    return reacted_json(comment, mine.get(str(comment.pk), []))


def reactions_of(person: User, reactions: QuerySet[Reaction]) -> dict[str, list[str]]:
    """Comment id → the names with which `person` reacted to it, within `reactions`; the latest thousand."""
    rows = reactions.filter(person=person).order_by("-pk").values_list("comment_id", "name")[:MOST_REACTIONS]
    found: dict[str, list[str]] = {}
    for pk, name in sorted(rows):
        found.setdefault(str(pk), []).append(name)
    return found


def history(comment: Comment) -> Json:
    """All texts of a comment, the present one last, and what was decided about it, for moderators."""
    fields = ("version", "text", "html", "replaced_at")
    revisions = list(comment.revisions.order_by("version").values(*fields))
    now = {"version": comment.version, "text": comment.text, "html": comment.html, "replaced_at": None}
    decisions = comment.decisions.select_related("moderator").order_by("id")
    return {"revisions": [*revisions, now], "decisions": [decision_json(each) for each in decisions]}


def comment_page(
    discussion: Discussion,
    *,
    sort: str | None = None,
    cursor: str = "",
    limit: int = DEFAULT_LIMIT,
    parent: int | None = None,
    is_encoded: bool = False,
) -> List:
    """A page of what everybody sees in a discussion: top-level comments with their first replies, or with `parent`
    the replies to one, oldest first.

    `discussion` comes from `head_of`; another one is looked up anew. `is_encoded`: rows as JSON that is encoded
    already. Raises UnknownSort, UnknownCursor, NotFound.
    """
    if not hasattr(discussion, "live_top"):
        discussion = lists.head_again(discussion)
    sort = _sort(sort, discussion, parent)
    lines, scope = _lines(discussion, parent)
    page = keyset(
        lines,
        scope=f"{scope}:{sort}",
        keys=["score", "order"] if sort == "best" else ["order"],
        limit=limit,
        cursor=cursor,
        descending=sort != "oldest",
        moving=Moving("ranked_at", position_of(discussion)["offset"]) if sort == "best" else None,
    )
    is_threaded = parent is None and discussion.mode == Discussion.Mode.THREAD
    people = discussion.site_top  # type: ignore[attr-defined]
    rows: list[Any] = (
        encoded(page.rows, people, threaded=is_threaded) if is_encoded else drawn(page.rows, threaded=is_threaded)
    )
    return List(rows, page.next, page.previous, discussion.stream, position_of(discussion), discussion)


def discussion_page(
    *,
    sort: str | None = None,
    mode: str | None = None,
    articles: Sequence[str] = (),
    cursor: str = "",
    limit: int = DEFAULT_LIMIT,
) -> List:
    """Discussions by last activity, or the newest first; of one mode; of the articles with these slugs.

    Raises UnknownSort, UnknownCursor.
    """
    sort = sort or DISCUSSION_SORTS[0]
    if sort not in DISCUSSION_SORTS:
        raise UnknownSort(_("Sort by one of: %s.") % ", ".join(DISCUSSION_SORTS))
    here = position("chats")
    keys = ["last_activity", "discussion_id"] if sort == "active" else ["discussion_id"]
    scope = ":".join(["discussions", sort, mode or "", *sorted(articles)])
    page = keyset(lists.tallies(mode, articles), scope=scope, keys=keys, limit=limit, cursor=cursor)
    now = timezone.now()
    rows = [_as_it_stands(tally, now) for tally in page.rows]
    return List(rows, page.next, page.previous, "chats", {"epoch": here.epoch, "offset": here.offset})


def _as_it_stands(tally: DiscussionTally, now: datetime) -> Json:
    """A discussion of a list, made once until its row changes (see `lists.tallies`), or itself with the time."""
    known: tuple[datetime, datetime | None, Json] | None = getattr(tally, "shown", None)
    if known is None or now < known[0] or (known[1] is not None and now >= known[1]):
        discussion = tally.discussion
        known = now, discussion.next_change(now), discussion_json(discussion, now)
        setattr(tally, "shown", known)  # noqa: B010  Django's class has no room for it
    return known[2]


def search_page(
    viewer: Viewer, query: str, *, discussion: int | None = None, cursor: str = "", limit: int = DEFAULT_LIMIT
) -> List:
    """Published comments with all words of `query` that `viewer` may read: first those that have them as they were
    asked for, then those with other spellings, each the newest first.

    Each as everywhere, with the discussion's `title` and `found`: safe HTML with the words in <mark>.
    """
    discussion = destination(discussion) if discussion else None
    scope = f"search:{discussion or ''}:{query}"
    with patience():
        found = search.found(viewer, query, discussion)
        page = keyset(found, scope=scope, keys=["exact", "id"], limit=limit, cursor=cursor)
    rows = [_found_json(comment, query) for comment in search.shown(page.rows)]
    return List(rows, page.next, page.previous, "", {})


def _found_json(comment: Comment, query: str) -> Json:
    discussion = comment.discussion
    return {
        **comment_json(comment),
        "title": discussion.title,
        "language": discussion.article.language if discussion.article else None,
        "found": excerpt(visible(comment.html), query),
    }


def queue_page(*, cursor: str = "", limit: int = DEFAULT_LIMIT) -> List:
    """What waits for a moderator, the longest first."""
    here = position("moderation")
    holds = Decision.objects.filter(action=Decision.Action.HOLD).order_by("-id")
    waiting = Comment.objects.waiting().select_related("discussion", "author", "tally")
    waiting = waiting.prefetch_related(Prefetch("decisions", holds, to_attr="holds"))
    page = keyset(waiting, scope="queue", keys=["id"], limit=limit, cursor=cursor, descending=False)
    rows = [queue_json(comment, next(iter(comment.holds), None)) for comment in page.rows]  # type: ignore[attr-defined]
    return List(rows, page.next, page.previous, "moderation", {"epoch": here.epoch, "offset": here.offset})


def position_of(discussion: Discussion) -> Json:
    """The position that `head_of` read."""
    return {"epoch": discussion.live_epoch, "offset": discussion.live_top}  # type: ignore[attr-defined]


def _standing(discussion: Discussion, person: User) -> Json:
    try:
        may_take_part(person, discussion.scope)
        must_be_open(discussion, timezone.now())
    except Refused as refused:
        answer = {"may_post": False, "code": refused.code, "detail": refused.detail}
        answer |= {"reason": refused.extra.get("reason"), "until": refused.extra.get("until")}
    else:
        answer = {"may_post": True, "code": None, "detail": "", "reason": None, "until": None}
    return answer | {"moderates": person.moderates}


def _sort(sort: str | None, discussion: Discussion, parent: int | None) -> str:
    """Threads newest first, chats and replies oldest first, unless asked otherwise."""
    usual = "newest" if parent is None and discussion.mode == Discussion.Mode.THREAD else "oldest"
    if (sort or usual) not in COMMENT_SORTS:
        raise UnknownSort(_("Sort by one of: %s.") % ", ".join(COMMENT_SORTS))
    return sort or usual


def _lines(discussion: Discussion, parent: int | None) -> tuple[Source[Comment], str]:
    """The lines of a list, and its name. Raises NotFound."""
    if parent is None:
        return lists.tops(discussion), discussion.stream
    above = Comment.objects.listed().filter(discussion=discussion, pk=parent).only("root_id").first()
    if above is None:
        raise NotFound(_("There is no such comment."))
    is_top = above.root_id is None and discussion.mode == Discussion.Mode.THREAD
    return lists.below(discussion, parent, is_top=is_top), f"{discussion.stream}:{parent}"
