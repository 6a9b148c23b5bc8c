"""Writes many comments of one discussion at once, with their own times: places and tallies as the fold would.

Each batch holds the discussion's stream, so that numbering and other imports wait; the end says `discussion.rebuilt`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.db.models import F

from accounts.models import User
from comments import events, ranking, search
from comments.models import Comment, CommentTally, Decision, Discussion, DiscussionTally, Reaction
from newsroom.batches import Batches
from newsroom.live.outbox import hold

RULE = "imported"  # names the reason for which it waits for a moderator
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Import:
    """A comment from elsewhere. `parent` is the source id of another one; `name` stands where nobody has an account."""

    source_id: str
    parent: str | None
    at: datetime
    text: str
    html: str
    name: str = ""
    author: User | None = None
    is_held: bool = False
    reactions: Mapping[str, Sequence[User]] = field(default_factory=dict)  # name: who


def known(source: str, source_ids: Iterable[str]) -> set[str]:
    """Which of these have been imported before."""
    rows = Comment.objects.filter(source=source, source_id__in=list(source_ids))
    return set(rows.values_list("source_id", flat=True))


def load(
    discussion: Discussion, found: Sequence[Import], *, source: str, batches: Batches, is_new: bool = False
) -> None:
    """Write those comments. None of them may be known yet; a parent is among them or was imported before.

    `is_new`: nobody has seen the discussion, so there is nothing to rebuild.
    """
    if not found:
        return
    writer = _Writer(discussion, source, _earlier(source, found))
    batches.write(list(_parents_first(found)), writer.write)
    if not is_new:
        batches.run(lambda: events.discussion_rebuilt(discussion))


def _earlier(source: str, found: Sequence[Import]) -> dict[str, Comment]:
    here = {each.source_id for each in found}
    wanted = {each.parent for each in found if each.parent} - here
    rows = Comment.objects.filter(source=source, source_id__in=wanted).only(
        "source_id", "parent_id", "root_id", "order"
    )
    return {comment.source_id: comment for comment in rows}


def _parents_first(found: Sequence[Import]) -> Iterator[Import]:
    """By time, but a reply after what it answers; where they answer each other in a circle, the oldest begins."""
    by_time = sorted(found, key=lambda each: (each.at, len(each.source_id), each.source_id))
    here = {each.source_id for each in found}
    answers: dict[str, list[Import]] = {}
    for each in by_time:
        if each.parent in here:
            answers.setdefault(str(each.parent), []).append(each)
    seen: set[str] = set()
    tops = [each for each in by_time if each.parent not in here]
    for top in [*tops, *by_time]:
        stack = [top]
        while stack:
            each = stack.pop()
            if each.source_id not in seen:
                seen.add(each.source_id)
                yield each
                stack += reversed(answers.get(each.source_id, []))


class _Writer:
    def __init__(self, discussion: Discussion, source: str, written: dict[str, Comment]) -> None:
        self.discussion = discussion
        self.source = source
        self.written = written
        self.given: set[int] = set()
        self.is_flat = discussion.mode == Discussion.Mode.CHAT

    def write(self, batch: Sequence[Import]) -> None:
        hold(self.discussion.stream)
        orders = self._orders([each.at for each in batch if not each.is_held])
        rows = []
        for each in batch:
            comment = self._row(each, None if each.is_held else next(orders))
            rows.append(comment)
            self.written[each.source_id] = comment
        self._insert(rows)
        reactions = _react(batch, rows)
        published = [comment for comment in rows if comment.order is not None]
        if published:
            search.learn(published)
            _count(self.discussion.pk, published)
        _raise(_answers(published), reactions)
        events.queue_entered(_holds(rows))

    def _row(self, each: Import, order: int | None) -> Comment:
        is_public = order is not None
        parent = self._parent(each)
        return Comment(
            discussion=self.discussion,
            parent=parent,
            author=each.author,
            author_name="" if each.author else each.name,
            text=each.text,
            html=each.html,
            state=Comment.State.PUBLISHED if is_public else Comment.State.HELD,
            order=order,
            score=ranking.score(_reactions(each), is_out=False),
            created_at=each.at,
            published_at=each.at if is_public else None,
            source=self.source,
            source_id=each.source_id,
        )

    def _parent(self, each: Import) -> Comment | None:
        """What it answers, if readers see that; else what that answers."""
        parent = self.written.get(each.parent or "")
        while parent is not None and parent.order is None:
            parent = parent.parent
        return parent

    def _insert(self, rows: Sequence[Comment]) -> None:
        """Level by level, since a reply needs the number of what it answers."""
        waiting = list(rows)
        while waiting:
            ready = [row for row in waiting if row.parent is None or row.parent.pk]
            for row in ready:
                row.parent = row.parent  # takes over the primary key that it has got by now
                if row.parent is not None and not self.is_flat:
                    row.root_id = row.parent.root_id or row.parent.pk
            Comment.objects.bulk_create(ready)
            waiting = [row for row in waiting if not row.pk]
        held = [row for row in rows if row.state == Comment.State.HELD]
        Decision.objects.bulk_create(Decision(comment=row, action=Decision.Action.HOLD, rule=RULE) for row in held)

    def _orders(self, times: Sequence[datetime]) -> Iterator[int]:
        """Microseconds for each time, free in this discussion; where several wish for one, the next free ones."""
        wishes = [self._free((at - _EPOCH) // timedelta(microseconds=1), 1) for at in times]
        step = 1
        while taken := self._taken(wishes):
            wishes = [self._free(wish, step) if wish in taken else wish for wish in wishes]
            step *= 2
        return iter(wishes)

    def _free(self, wish: int, step: int) -> int:
        """The first place from `wish` on that this import has not given away."""
        while wish in self.given:
            wish += step
        self.given.add(wish)
        return wish

    def _taken(self, wishes: Sequence[int]) -> set[int]:
        """Which of these were somebody's before this batch."""
        here = Comment.objects.filter(discussion=self.discussion, order__in=wishes)
        return {order for order in here.values_list("order", flat=True) if order} if wishes else set()


def _react(batch: Sequence[Import], rows: Sequence[Comment]) -> dict[int, dict[str, int]]:
    """Write who reacted how; the counts of each comment that somebody reacted to."""
    Reaction.objects.bulk_create(
        Reaction(comment=comment, person=person, name=name, created_at=comment.created_at)
        for each, comment in zip(batch, rows, strict=True)
        for name, people in each.reactions.items()
        for person in people
    )
    pairs = zip(batch, rows, strict=True)
    return {comment.pk: _reactions(each) for each, comment in pairs if each.reactions}


def _reactions(each: Import) -> dict[str, int]:
    return {name: len(people) for name, people in sorted(each.reactions.items()) if people}


def _holds(rows: Sequence[Comment]) -> Iterable[Decision]:
    """Of those that wait for a moderator, with all that the queue shows."""
    held = [row.pk for row in rows if row.state == Comment.State.HELD]
    decisions = Decision.objects.filter(comment__in=held) if held else Decision.objects.none()
    return decisions.select_related("comment__discussion", "comment__author", "comment__tally").order_by("comment")


def _count(discussion_id: int, published: Sequence[Comment]) -> None:
    """Raise the discussion's tally, under the stream's lock."""
    tallies = DiscussionTally.objects.select_for_update(of=("self",), no_key=True).select_related("last_comment")
    tally = tallies.get(pk=discussion_id)
    last = max(published, key=lambda comment: comment.order or 0)
    tally.comment_count += len(published)
    tally.last_order = max(tally.last_order, last.order or 0)
    tally.version += 1
    if tally.last_comment is None or (tally.last_comment.order or 0) < (last.order or 0):
        tally.last_comment, tally.last_activity = last, last.created_at
    tally.save()


def _answers(published: Sequence[Comment]) -> Counter[int]:
    return Counter(pk for comment in published for pk in {comment.parent_id, comment.root_id} if pk is not None)


def _raise(replies: Counter[int], reactions: Mapping[int, dict[str, int]]) -> None:
    """Raise the tallies of comments; those with reactions are new, so that nobody has counted them yet."""
    there = set(CommentTally.objects.filter(pk__in=replies).values_list("pk", flat=True))
    CommentTally.objects.bulk_create(
        CommentTally(comment_id=pk, reply_count=replies[pk], reactions=reactions.get(pk, {}))
        for pk in sorted((replies.keys() | reactions.keys()) - there)
    )
    by_count: dict[int, list[int]] = {}
    for pk in there:
        by_count.setdefault(replies[pk], []).append(pk)
    for count, pks in by_count.items():
        CommentTally.objects.filter(pk__in=pks).update(reply_count=F("reply_count") + count)
