"""Lists of comments and discussions: one statement for the position and the counts, then one for the rows.

API, pages and feeds all use these functions, so they show the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Viewer, may_take_part
from accounts.models import User
from articles.models import Section
from comments import search
from comments.access import destination, missing_discussion, moderates_in, moderation_stream, must_be_open
from comments.hidden import hidden_from_others
from comments.models import Comment, Decision, Discussion, Reaction, RuleHit
from comments.reads import statements
from comments.reads.encoding import encoded, json_of, threads
from comments.representations import (
    Json,
    comment_json,
    decision_json,
    discussion_json,
    queue_json,
    reacted_json,
)
from newsroom.api.paging import DEFAULT_LIMIT, Moving, Source, UnknownSort, keyset
from newsroom.edge.sources import Sources, made_from
from newsroom.errors import NotFound, Refused
from newsroom.live.outbox import Position, position, position_with
from newsroom.search.index import patience
from newsroom.search.pages import SORTS, Found
from newsroom.search.words import excerpt
from newsroom.text import summary

COMMENT_SORTS = ("newest", "oldest", "best")
DISCUSSION_SORTS = ("active", "newest")
SEARCH_SORTS = SORTS
MOST_REACTIONS = 1000  # of one person in one discussion


@dataclass(frozen=True, slots=True)
class List:
    """`rows` in order, as JSON unless their function says otherwise; `next` and `previous` are cursors; `position` was
    read before the rows.
    """

    rows: list[Any]
    next: str | None
    previous: str | None
    stream: str | None
    position: Position | None
    sources: Sources = field(default_factory=Sources)
    head: Discussion | None = None  # from the same statement as the position
    above: Any = None  # the line that all `rows` are below
    pinned: Sequence[Any] = ()  # what stands on top of the discussion, unless all `rows` are below a line

    @property
    def discussion(self) -> Json:
        """The discussion that the rows belong to; {} for another kind of list."""
        return as_it_stands(self.head) if self.head else {}


def head_of(discussion_id: int, viewer: Viewer, *, is_lean: bool = False) -> Discussion:
    """A discussion with everything that its JSON needs, and its stream's position, from one statement. Raises NotFound,
    Gone.

    For a merged discussion, the one that it was merged into. `is_lean`: only what `comment_page` needs.
    """
    found = statements.head(discussion_id, viewer, is_lean=is_lean)
    if found is None:
        raise missing_discussion(discussion_id)
    return head_of(found.merged_into_id, viewer, is_lean=is_lean) if found.merged_into_id else found


def sources_of(head: Discussion) -> Sources:
    """The sources of an answer that shows a discussion of `head_of` and its comments. Ask for them before the JSON is
    made: a change by the clock in between then ends the answer.
    """
    return made_from(at={head.stream: position_with(head)}, until=[head.next_change(timezone.now())])


def discussion_detail(head: Discussion) -> Json:
    """The public JSON of a discussion of `head_of`, with the position of its stream."""
    return {**as_it_stands(head), "position": position_with(head)}


def mine(discussion: Discussion, person: User) -> Json:
    """What only `person` sees of a discussion: {reactions, held, rejected, standing, follows}."""
    return {
        "reactions": reactions_of(person, Reaction.objects.filter(comment__discussion=discussion)),
        **hidden_from_others(person, discussion),
        "standing": _standing(discussion, person),
        "follows": person.subscriptions.filter(kind="discussion", target=str(discussion.pk)).exists(),
    }


def reacted(comment: Comment, person: User) -> Json:
    """A comment after `person` reacted to it: {comment, version, reactions, mine}."""
    mine = reactions_of(person, Reaction.objects.filter(comment=comment))
    return reacted_json(comment, mine.get(str(comment.pk), []))


def reactions_of(person: User, reactions: QuerySet[Reaction]) -> dict[str, list[str]]:
    """Comment id → the names of `person`'s reactions, among `reactions`; the latest thousand."""
    rows = reactions.filter(person=person).order_by("-pk").values_list("comment_id", "name")[:MOST_REACTIONS]
    found: dict[str, list[str]] = {}
    for pk, name in sorted(rows):
        found.setdefault(str(pk), []).append(name)
    return found


def history(comment: Comment) -> Json:
    """All texts of a comment, the present one last, and the decisions about it, for moderators."""
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
    """A page of the public comments in a discussion: top-level ones with their first replies, or with `parent` the
    replies to one, oldest first.

    `discussion` comes from `head_of`; any other is loaded again. Rows are `Thread`s, or if `is_encoded` JSON. Raises
    UnknownSort, UnknownCursor, NotFound.
    """
    if not hasattr(discussion, "live_top"):
        discussion = statements.head_again(discussion)
    sort = _sort(sort, discussion, parent)
    above = _above(discussion, parent) if parent is not None else None
    lines, scope = _lines(discussion, above)
    page = keyset(
        lines,
        scope=f"{scope}:{sort}",
        keys=["score", "order"] if sort == "best" else ["order"],
        limit=limit,
        cursor=cursor,
        descending=sort != "oldest",
        moving=Moving("ranked_at", position_with(discussion).offset) if sort == "best" else None,
    )
    is_threaded = parent is None and discussion.mode == Discussion.Mode.THREAD
    rows: list[Any] = (encoded if is_encoded else threads)(page.rows, threaded=is_threaded)
    here = position_with(discussion)
    sources = made_from(at={discussion.stream: here})
    pinned = statements.pinned(discussion) if above is None else []
    pinned = [json_of(line) for line in pinned] if is_encoded else pinned
    return List(rows, page.next, page.previous, discussion.stream, here, sources, discussion, above, pinned)


def newest_comments(discussion: Discussion, number: int) -> list[Any]:
    """At most so many published comments of a discussion of `head_of`, replies among them, the newest first."""
    return statements.newest(discussion, number)


def discussion_page(
    *,
    sort: str | None = None,
    mode: str | None = None,
    articles: Sequence[str] = (),
    cursor: str = "",
    limit: int = DEFAULT_LIMIT,
) -> List:
    """Discussions by last activity, or the newest first; optionally of one mode, or of the articles with these slugs.

    Raises UnknownSort, UnknownCursor.
    """
    sort = sort or DISCUSSION_SORTS[0]
    if sort not in DISCUSSION_SORTS:
        raise UnknownSort(_("Sort by one of: %s.") % ", ".join(DISCUSSION_SORTS))
    here = position("chats")
    keys = ["last_activity", "discussion_id"] if sort == "active" else ["discussion_id"]
    scope = ":".join(["discussions", sort, mode or "", *sorted(articles)])
    page = keyset(statements.tallies(mode, articles), scope=scope, keys=keys, limit=limit, cursor=cursor)
    now = timezone.now()
    rows = [as_it_stands(tally.discussion, now) for tally in page.rows]
    # Of some articles nobody else's discussions are shown. A list of all would end with each comment anywhere.
    streams = [row["stream"] for row in rows if articles] or ["discussion.*"]
    sources = made_from(*streams, until=[row["next_change"] for row in rows])
    return List(rows, page.next, page.previous, "chats", here, sources)


def as_it_stands(discussion: Discussion, now: datetime | None = None) -> Json:
    """A discussion as JSON, to be read only. Kept on the row, which is reused (see `statements`), until its row changes
    or its times change its state.
    """
    now = now or timezone.now()
    known: tuple[datetime, datetime | None, Json] | None = getattr(discussion, "stands", None)
    if known is None or now < known[0] or (known[1] is not None and now >= known[1]):
        known = now, discussion.next_change(now), discussion_json(discussion, now)
        setattr(discussion, "stands", known)  # noqa: B010  Django's class has no such attribute
    return known[2]


def search_page(
    viewer: Viewer,
    query: str,
    *,
    sort: str = SEARCH_SORTS[0],
    discussion: int | None = None,
    cursor: str = "",
    limit: int = DEFAULT_LIMIT,
) -> Found[Json]:
    """Published comments with all words of `query` that `viewer` may read; for `sort` see
    `newsroom.search.pages.found_page`.

    Each has the usual fields, the discussion's `title`, and `found`: safe HTML with the words in <mark>. Raises
    UnknownCursor, TookTooLong.
    """
    discussion = destination(discussion) if discussion else None
    with patience():
        page = search.found_page(viewer, query, sort=sort, discussion_id=discussion, cursor=cursor, limit=limit)
    return page.showing([_found_json(comment, query) for comment in search.shown(page.rows)])


def _found_json(comment: Comment, query: str) -> Json:
    discussion = comment.discussion
    return {
        **comment_json(comment),
        "title": discussion.title,
        "language": discussion.article.language if discussion.article else None,
        "found": excerpt(summary(comment.html), query),
    }


def queue_page(
    moderator: User, *, section: Section | None = None, cursor: str = "", limit: int = DEFAULT_LIMIT
) -> List:
    """The comments that wait for this moderator, the oldest first, with the position of the stream that tells of them:
    that of the section, if one is chosen. A moderator of several sections has no stream that tells of all.
    """
    stream = moderation_stream(moderator, section)
    here = position(stream) if stream else None
    holds = Decision.objects.filter(action=Decision.Action.HOLD).order_by("-id")
    waiting = Comment.objects.waiting().moderated_by(moderator)
    if section is not None:
        waiting = waiting.filter(discussion__article__section=section)
    waiting = waiting.select_related("discussion", "author")
    # A join with the tallies, which have the same order, would go through those of all earlier comments on PostgreSQL.
    waiting = waiting.prefetch_related("tally", Prefetch("decisions", holds, to_attr="holds"))
    scope = f"queue.{section.slug}" if section else "queue"
    page = keyset(waiting, scope=scope, keys=["id"], limit=limit, cursor=cursor, descending=False)
    hits = RuleHit.objects.of(comment.pk for comment in page.rows)
    rows = [
        queue_json(comment, next(iter(comment.holds), None), hits.get(comment.pk, ()))  # type: ignore[attr-defined]
        for comment in page.rows
    ]
    return List(rows, page.next, page.previous, stream, here)


def _standing(discussion: Discussion, person: User) -> Json:
    try:
        may_take_part(person, discussion.scope, discussion)
        must_be_open(discussion, timezone.now())
    except Refused as refused:
        answer = {"may_post": False, "code": refused.code, "detail": refused.detail}
        answer |= {"reason": refused.extra.get("reason"), "until": refused.extra.get("until")}
    else:
        answer = {"may_post": True, "code": None, "detail": "", "reason": None, "until": None}
    return answer | {"moderates": moderates_in(person, discussion)}


def _sort(sort: str | None, discussion: Discussion, parent: int | None) -> str:
    """The default is newest first for threads, oldest first for chats and replies. Raises UnknownSort."""
    usual = "newest" if parent is None and discussion.mode == Discussion.Mode.THREAD else "oldest"
    if (sort or usual) not in COMMENT_SORTS:
        raise UnknownSort(_("Sort by one of: %s.") % ", ".join(COMMENT_SORTS))
    return sort or usual


def _above(discussion: Discussion, parent: int) -> Any:
    """The line `parent`. Raises NotFound."""
    found = statements.line(discussion, parent)
    if not found:
        raise NotFound(_("There is no such comment."))
    return found[0]


def _lines(discussion: Discussion, above: Any) -> tuple[Source[Comment], str]:
    """The comments of a list, and the list's name for cursors."""
    if above is None:
        return statements.tops(discussion), discussion.stream
    is_top = above.root_id is None and discussion.mode == Discussion.Mode.THREAD
    return statements.below(discussion, above.id, is_top=is_top), f"{discussion.stream}:{above.id}"
