"""Writes many comments of one discussion with their own times, and computes places and tallies as the fold would.

Each batch holds the discussion's stream, so that numbering and other imports wait. It writes rows, places, tallies and
words in a few statements, however many comments it has. At the end comes `discussion.rebuilt`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from accounts.models import User
from comments import events, ranking, search
from comments.actions import cases
from comments.actions.marking import MOST_PINNED
from comments.folds import authors
from comments.importers import sealing, tallies
from comments.importers.tallies import Row
from comments.models import Comment, Decision, Discussion, Reaction
from comments.models.comments import CommentQuerySet
from newsroom.database.batches import Batches
from newsroom.database.statements import among
from newsroom.database.writes import add_many, free_keys
from newsroom.live.outbox import hold

_State = Comment.State
RULE = "imported"  # the rule that holds imported comments for a moderator
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Import:
    """A comment from another system. `parent` is another one's source id; `name` is shown if there is no `author`.

    `state`: published, held, or removed or erased, which keeps its place.
    """

    source_id: str
    parent: str | None
    at: datetime
    text: str
    html: str
    name: str = ""
    key: str = ""  # by which the author is told from others of that name
    seal: str = ""  # the digest of the author's address, see `sealing`; "": nothing is kept of it
    author: User | None = None
    state: str = _State.PUBLISHED
    edited_at: datetime | None = None
    is_pinned: bool = False
    reactions: Mapping[str, Sequence[User]] = field(default_factory=dict)  # name → people
    votes: Mapping[str, int] = field(default_factory=dict)  # name → number, of voters that nobody names

    @property
    def is_held(self) -> bool:
        return self.state == _State.HELD

    @property
    def is_shown(self) -> bool:
        return self.state == _State.PUBLISHED


def known(source: str, source_ids: Iterable[str]) -> set[str]:
    """Which of these have been imported before."""
    return set(imported(source, source_ids).values_list("source_id", flat=True))


def imported(source: str, source_ids: Iterable[str]) -> CommentQuerySet:
    """Those of a source. Without the words of its condition SQLite does not use their index, but reads all comments."""
    ids = list(source_ids)
    rows = Comment.objects.exclude(source="").filter(source=source)
    return rows.filter(source_id__in=among(ids)) if ids else rows.none()  # an empty list has no type


def standing(source: str, source_ids: Iterable[str]) -> dict[str, int]:
    """Source id → primary key, for those that were imported before and may be taken down."""
    rows = imported(source, source_ids).standing()
    return dict(rows.order_by("pk").values_list("source_id", "pk"))


def load(
    discussion: Discussion, found: Sequence[Import], *, source: str, batches: Batches, is_new: bool = False
) -> None:
    """Write these comments. None of them has been imported before; a parent is among them or was imported before.

    `is_new`: nobody has seen the discussion, so no client has to load it anew.
    """
    loader = Loader(discussion, source=source, batches=batches, is_new=is_new)
    loader.write(list(_parents_first(found)))
    loader.end()


def _parents_first(found: Sequence[Import]) -> Iterator[Import]:
    """In the order of time, but a reply after what it answers. In a circle of answers the oldest comes first."""
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


class _Place(NamedTuple):
    """What a reply to a comment hangs on: the comment itself or, if readers do not see it, the next one above."""

    parent: int | None
    root: int | None


_TOP = _Place(None, None)


class Loader:
    """Writes the comments of one discussion part by part: see `load`."""

    def __init__(self, discussion: Discussion, *, source: str, batches: Batches, is_new: bool = False) -> None:
        self._discussion = discussion
        self._source = source
        self._batches = batches
        self._is_new, self._has_written = is_new, False
        self._pinned: int | None = None  # how many there are
        self._after: dict[int, int] = {}  # time in microseconds → the first that may be free, of the last batch
        self._is_flat = discussion.mode == Discussion.Mode.CHAT

    def write(self, found: Sequence[Import]) -> None:
        """Write these comments. A parent comes before its replies, in this call, an earlier one or an earlier import.

        Interrupted, it leaves whole comments with exact counts.
        """
        self._has_written |= bool(found)
        self._batches.write(found, self._write)

    def rewrite(self, changed: Sequence[Import]) -> None:
        """Give comments that were imported earlier the text that they have there by now."""
        self._has_written |= bool(changed)
        self._batches.write(changed, self._rewrite)

    def end(self) -> None:
        """Make clients load the discussion anew, if anything was written."""
        if self._has_written and not self._is_new:
            self._batches.run(lambda: events.discussion_rebuilt(self._discussion))

    def _write(self, batch: Sequence[Import]) -> None:
        hold(self._discussion.stream)
        orders = self._orders([each.at for each in batch if not each.is_held])
        places = self._places(batch)
        rows: list[Row] = []
        sealed = {each.source_id: (each.key, each.seal) for each in batch if each.seal}
        batch = self._sealed(batch, sealed) if sealed else batch
        for key, each in zip(free_keys(Comment, len(batch)), batch, strict=True):
            place = places.get(each.parent or "", _TOP)
            row = self._row(key, each, place, None if each.is_held else next(orders))
            rows.append(row)
            places[each.source_id] = place if each.is_held else _Place(key, self._root(key, place))
        add_many(Comment, rows)
        reactions = _react(batch, rows)
        placed = [row for row in rows if row["order"] is not None]
        published = [row for row in placed if row["state"] == _State.PUBLISHED]
        if placed:
            tallies.count(self._discussion.pk, placed, published)
        if published:
            search.INDEX.learn((row["id"], row["text"]) for row in published)
            known = [row for row in published if row["author_id"] is not None]
            authors.count_published(Comment(author_id=row["author_id"], text=row["text"]) for row in known)
        tallies.raise_each(
            tallies.answers(published), reactions, {row["id"] for row in placed} - {row["id"] for row in published}
        )
        _hold([row["id"] for row in rows if row["order"] is None])  # says the counts that were raised

    def _sealed(self, batch: Sequence[Import], sealed: Mapping[str, tuple[str, str]]) -> Sequence[Import]:
        keys = sealing.keys_for(self._source, sealed)
        return [replace(each, key=keys.get(each.source_id, each.key)) for each in batch]

    def _rewrite(self, batch: Sequence[Import]) -> None:
        hold(self._discussion.stream)
        texts = {each.source_id: each for each in batch}
        rows = list(imported(self._source, texts).select_for_update(no_key=True, of=("self",)).select_related("tally"))
        for row in rows:
            found = texts[row.source_id]
            row.text, row.html, row.edited_at = found.text, found.html, found.edited_at or row.edited_at
            row.change_version()
        Comment.objects.bulk_update(rows, ["text", "html", "edited_at", "version", "settled"])
        search.learn(row for row in rows if row.state == _State.PUBLISHED)

    def _row(self, key: int, each: Import, place: _Place, order: int | None) -> Row:
        return {
            "id": key,
            "discussion_id": self._discussion.pk,
            "parent_id": place.parent,
            "root_id": None if self._is_flat else place.root,
            "author_id": each.author.pk if each.author else None,
            "author_name": "" if each.author else each.name,
            "author_key": "" if each.author else each.key,
            "text": each.text,
            "html": each.html,
            "state": each.state,
            "order": order,
            "score": ranking.score(_reactions(each), is_out=not (each.is_shown or each.is_held)),
            "created_at": each.at,
            "published_at": None if order is None else each.at,
            "edited_at": each.edited_at,
            "pinned_at": each.at if self._may_pin(each) else None,
            "source": self._source,
            "source_id": each.source_id,
        }

    def _may_pin(self, each: Import) -> bool:
        if not (each.is_pinned and each.is_shown):
            return False
        if self._pinned is None:
            self._pinned = Comment.objects.pinned().filter(discussion=self._discussion).count()
        self._pinned += 1
        return self._pinned <= MOST_PINNED

    def _root(self, key: int, place: _Place) -> int:
        return key if place.root is None else place.root

    def _places(self, batch: Sequence[Import]) -> dict[str, _Place]:
        """The places of those parents that were written before."""
        wanted = {each.parent for each in batch if each.parent} - {each.source_id for each in batch}
        if not wanted:
            return {}
        rows = imported(self._source, wanted)
        return {
            source_id: _Place(parent, root or parent) if order is None else _Place(pk, root or pk)
            for source_id, pk, parent, root, order in rows.values_list("source_id", "id", "parent", "root", "order")
        }

    def _orders(self, times: Sequence[datetime]) -> Iterator[int]:
        """Microseconds for each time, unique in this discussion: if one is taken, a free one soon after it.

        What comes from elsewhere may know whole days only, so thousands have one time: the search goes on where it
        ended in the last batch.
        """
        wanted = [(at - _EPOCH) // timedelta(microseconds=1) for at in times]
        after, step = self._after, 1  # time → what to try first
        while taken := self._taken(wishes := _apart(wanted, after)):
            moved = {want: wish + step for want, wish in zip(wanted, wishes, strict=True) if wish in taken}
            after, step = after | moved, 2 * step
        self._after = {want: wish + 1 for want, wish in zip(wanted, wishes, strict=True)}
        return iter(wishes)

    def _taken(self, wishes: Sequence[int]) -> set[int]:
        """Which of these were taken before this batch."""
        here = Comment.objects.filter(discussion=self._discussion, order__in=among(wishes))
        return {order for order in here.values_list("order", flat=True) if order} if wishes else set()


def _apart(wanted: Sequence[int], after: Mapping[int, int]) -> list[int]:
    """Different numbers: each is the one that is wanted or, if `after` has it or another has taken it, a larger one."""
    given: dict[int, None] = {}
    first = dict(after)
    for want in wanted:
        wish = first.get(want, want)
        while wish in given:
            wish += 1
        given[wish] = None
        first[want] = wish + 1
    return list(given)


def _hold(held: Sequence[int]) -> None:
    """Write the decisions that hold these comments, and publish them with everything that the queue shows."""
    if not held:
        return
    place = Discussion.objects.filter(comments=held[0]).values("pk", "article__section").get()
    known = {"discussion_id": place["pk"], "section_id": place["article__section"]}
    hold = Decision.Action.HOLD
    Decision.objects.bulk_create(Decision(comment_id=pk, action=hold, rule=RULE, **known) for pk in held)
    decisions = Decision.objects.filter(comment__in=held).order_by("comment")
    holds = list(decisions.select_related("comment__discussion", "comment__author", "comment__tally"))
    events.queue_entered(holds, cases.open_many([each.comment for each in holds]))


def _react(batch: Sequence[Import], rows: Sequence[Row]) -> dict[int, dict[str, int]]:
    """Write the people's reactions, and votes without people. Returns comment id → counts, for those that have any."""
    tallies.keep_votes({row["id"]: each.votes for each, row in zip(batch, rows, strict=True)})
    pairs = [(each, row) for each, row in zip(batch, rows, strict=True) if each.reactions or each.votes]
    if pairs:
        Reaction.objects.bulk_create(
            Reaction(comment_id=row["id"], person=person, name=name, created_at=row["created_at"])
            for each, row in pairs
            for name, people in each.reactions.items()
            for person in people
        )
    return {row["id"]: _reactions(each) for each, row in pairs}


def _reactions(each: Import) -> dict[str, int]:
    counts = Counter({name: len(people) for name, people in each.reactions.items()}) + Counter(each.votes)
    return dict(sorted(counts.items()))
