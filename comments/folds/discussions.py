"""The fold of discussions: from numbered events it computes places, tallies and the absolute counts in the events.

Runs in the numbering transaction, under the stream's lock. It is the only writer of tallies and of `order`. It uses
only kinds and subjects: an event's data may have been redacted before it was numbered.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field

from django.db.models import Count, F, Max, QuerySet
from django.db.models.expressions import RawSQL

from comments import ranking, search
from comments.folds import authors
from comments.models import Comment, CommentTally, Discussion, DiscussionTally, ImportedVotes, Reaction
from comments.representations import log_json, tally_of
from newsroom.api.renderers import iso
from newsroom.database.statements import each_of_many, many, prepared
from newsroom.database.writes import change, write_each
from newsroom.live.registry import Row

_IN = {"comment.posted", "comment.restored"}
_OUT = {"comment.withdrawn", "comment.removed", "comment.erased"}
REACTED = "comment.reacted"
_SAYS = {"comment.posted", "comment.edited", "comment.restored"}  # what the search finds it by
_LEAN = (
    *("author_id", "parent_id", "root_id", "order", "published_at", "score", "state", "text"),
    *(f"tally__{name}" for name in ("reply_count", "is_out", "reactions", "rounds")),
)


@dataclass(slots=True)
class _Sheet:
    """All rows that one batch reads and writes."""

    tally: DiscussionTally
    comments: dict[int, Comment]
    tallies: dict[int, CommentTally]
    reactions: dict[int, dict[str, int]]  # present counts of the comments that were reacted to
    placed: list[Comment] = field(default_factory=list)
    touched: set[int] = field(default_factory=set)  # comments whose tallies changed
    ranked: dict[int, Comment] = field(default_factory=dict)  # comments that moved in the order `best`
    said: dict[int, Comment] = field(default_factory=dict)  # comments to be indexed for the search
    turned: bool = False  # a comment was taken down or restored

    def above(self, comment: Comment) -> list[int]:
        """The comments whose `reply_count` includes it: its parent and the top of its thread."""
        return sorted({pk for pk in (comment.parent_id, comment.root_id) if pk is not None})

    def tally_of(self, pk: int) -> CommentTally:
        self.touched.add(pk)
        return self.tallies.setdefault(pk, CommentTally(comment_id=pk))


def fold(stream: str, rows: list[Row]) -> None:
    """The fold of the family `discussion`."""
    sheet = _open(int(stream.partition(".")[2]), rows)
    if sheet is None:  # the discussion was deleted meanwhile
        return
    for row in rows:
        comment = sheet.comments.get(_number(row.subject))
        if row.kind == REACTED:
            _react(sheet, row, comment)
        else:
            sheet.tally.version += 1
        if comment is not None:
            _count(sheet, row.kind, comment)
            if row.kind in _SAYS:
                sheet.said[comment.pk] = comment
            _rank(sheet, comment, row.offset)
        _complete(sheet, row, comment)
    _save(sheet)
    for row in rows:
        if row.data is not None and not row.subject.startswith("comment."):
            row.data["last_activity"] = iso(sheet.tally.last_activity)


def _open(discussion_id: int, rows: list[Row]) -> _Sheet | None:
    ids = {_number(row.subject) for row in rows if row.subject.startswith("comment.")}
    asked = _tally.ask(discussion_id), _lean.ask(many(ids), discussion_id)
    found = asked[0]()
    comments = {each.pk: each for each in asked[1]()}
    if not found:
        return None
    reacted = {_number(row.subject) for row in rows if row.kind == REACTED} & comments.keys()
    if reacted:
        comments |= Comment.objects.filter(pk__in=reacted).select_related("author", "tally").in_bulk()
    sheet = _Sheet(found[0], comments, {}, _reactions(reacted))
    above = set().union(*(sheet.above(comment) for comment in comments.values()))
    sheet.tallies = {pk: tally for pk, comment in comments.items() if (tally := tally_of(comment))}
    sheet.tallies |= _tallies(above - sheet.tallies.keys())
    return sheet


def _tallies(ids: Collection[int]) -> dict[int, CommentTally]:
    if len(ids) == 1:
        return {each.pk: each for each in _tally_of(*ids)}
    return CommentTally.objects.in_bulk(ids) if ids else {}


@prepared(int)
def _tally_of(comment: int) -> QuerySet[CommentTally]:
    return CommentTally.objects.filter(pk=comment)


@prepared(int)
def _tally(discussion: int) -> QuerySet[DiscussionTally]:
    return DiscussionTally.objects.select_for_update(no_key=True).filter(pk=discussion)


@prepared(str, int)
def _lean(ids: str, discussion: int) -> QuerySet[Comment]:
    """The comments with these ids (from `many`), with the columns needed for counting. One statement for any number."""
    rows = Comment.objects.filter(pk__in=RawSQL(each_of_many(), [ids]), discussion=discussion)  # noqa: S611
    return rows.select_related("tally").only(*_LEAN)


def _count(sheet: _Sheet, kind: str, comment: Comment) -> None:
    """Raise or lower the counts by one if this event makes the comment visible or hides it."""
    if kind == "comment.posted" and comment.order is None:
        _place(sheet, comment)
        _add(sheet, comment, 1)
        return
    known = sheet.tallies.get(comment.pk)
    is_out = known is not None and known.is_out
    if (kind in _IN and is_out) or (kind in _OUT and not is_out):
        sheet.tally_of(comment.pk).is_out = not is_out
        sheet.turned = True
        _add(sheet, comment, 1 if is_out else -1)


def _reactions(ids: Collection[int]) -> dict[int, dict[str, int]]:
    """Present counts from the rows, imported votes included: exact even after redactions, merges or repeated events."""
    counts: dict[int, dict[str, int]] = {pk: {} for pk in ids}
    if ids:
        rows = Reaction.objects.filter(comment__in=ids).values_list("comment", "name").annotate(n=Count("pk"))
        for pk, name, number in rows.order_by("comment", "name"):
            counts[pk][name] = number
        for pk, imported in ImportedVotes.objects.filter(comment__in=ids).values_list("comment", "counts"):
            counts[pk] = dict(sorted((Counter(counts[pk]) + Counter(imported)).items()))
    return counts


def _react(sheet: _Sheet, row: Row, comment: Comment | None) -> None:
    """Set the counts and put the whole comment into the event. The stream's lock keeps its text from changing
    meanwhile.
    """
    if comment is None:
        return
    tally = sheet.tally_of(comment.pk)
    tally.reactions = sheet.reactions[comment.pk]
    tally.rounds += 1
    if row.data is not None:
        row.data |= log_json(comment)


def _rank(sheet: _Sheet, comment: Comment, offset: int) -> None:
    tally = sheet.tallies.get(comment.pk)
    score = ranking.score(tally.reactions, is_out=tally.is_out) if tally else 0
    if score != comment.score:
        comment.score, comment.ranked_at = score, offset
        sheet.ranked[comment.pk] = comment


def _place(sheet: _Sheet, comment: Comment) -> None:
    comment.order = sheet.tally.last_order = max(sheet.tally.last_order + 1, time.time_ns() // 1000)
    sheet.placed.append(comment)


def _add(sheet: _Sheet, comment: Comment, one: int) -> None:
    sheet.tally.comment_count += one
    for pk in sheet.above(comment):
        sheet.tally_of(pk).reply_count += one


def _complete(sheet: _Sheet, row: Row, comment: Comment | None) -> None:
    """Add to the event what only the fold knows: place and absolute counts after this event."""
    if row.data is None:
        return
    row.data["comment_count"] = sheet.tally.comment_count
    if comment is None:
        row.data["version"] = sheet.tally.version
        return
    known = sheet.tallies.get(comment.pk)
    if known is not None:
        row.data["version"] += known.rounds
        row.data["reactions"] = known.reactions
    row.data["order"] = comment.order
    row.data["reply_count"] = known.reply_count if known else 0
    row.data["reply_counts"] = {str(pk): _replies(sheet, pk) for pk in sheet.above(comment)}


def _save(sheet: _Sheet) -> None:
    if sheet.placed:
        write_each("comments_comment", {"order": "bigint"}, [(comment.pk, comment.order) for comment in sheet.placed])
        authors.count_published(sheet.placed)
    search.learn(sheet.said.values())
    if sheet.ranked:
        Comment.objects.bulk_update(sheet.ranked.values(), ["score", "ranked_at"], batch_size=200)
    if sheet.touched:
        CommentTally.objects.bulk_create(
            [sheet.tallies[pk] for pk in sorted(sheet.touched)],
            update_conflicts=True,
            unique_fields=["comment"],
            update_fields=["reply_count", "is_out", "reactions", "rounds"],
        )
    _find_last(sheet)
    change(sheet.tally, "comment_count", "last_activity", "last_comment_id", "last_order", "version")


def _find_last(sheet: _Sheet) -> None:
    """Set the last published comment and its time as last activity."""
    if sheet.turned:
        there = Comment.objects.filter(discussion=sheet.tally.pk, state=Comment.State.PUBLISHED, order__isnull=False)
        last = there.order_by("-order").only("published_at").first()
    elif sheet.placed:
        last = sheet.placed[-1]
    else:
        return
    sheet.tally.last_comment = last
    if last is not None and last.published_at is not None:
        sheet.tally.last_activity = last.published_at


def recount(discussion: Discussion) -> None:
    """Count a discussion anew after comments came or went without events of their own. The caller holds its stream."""
    tally = DiscussionTally.objects.select_for_update(no_key=True).get(pk=discussion.pk)
    there = Comment.objects.filter(discussion=discussion, order__isnull=False)
    last = there.filter(state=Comment.State.PUBLISHED).order_by("-order").only("published_at").first()
    tally.comment_count = there.filter(state=Comment.State.PUBLISHED).count()
    tally.last_comment = last
    tally.last_activity = last.published_at if last and last.published_at else discussion.created_at
    tally.last_order = max(tally.last_order, there.aggregate(most=Max("order"))["most"] or 0)
    tally.save(update_fields=["comment_count", "last_comment", "last_activity", "last_order"])


def unplace(comment: Comment) -> None:
    """Take a comment out of its discussion as if it had never been public. The caller holds the stream, has all its
    events folded, and tells of it by `discussion.rebuilt`.
    """
    above = {pk for pk in (comment.parent_id, comment.root_id) if pk is not None}
    if comment.order is not None:
        CommentTally.objects.filter(pk__in=above).update(reply_count=F("reply_count") - 1)
        authors.forget_published(comment)
    comment.order = comment.published_at = None
    comment.save(update_fields=["order", "published_at"])
    recount(comment.discussion)


def _replies(sheet: _Sheet, pk: int) -> int:
    known = sheet.tallies.get(pk)
    return known.reply_count if known else 0


def _number(subject: str) -> int:
    """17 of "comment.17"; 0 for anything else."""
    kind, _, number = subject.partition(".")
    return int(number) if kind == "comment" and number.isdigit() else 0
