"""Where held lines stand on a page of a discussion, for those who moderate there: among the others, by their time.

Nobody else gets a byte of them. They are drawn for the page's reader, beside what all readers share.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from django.http import HttpRequest
from django.utils.safestring import SafeString

from accounts.access import person
from comments.access import moderates_in
from comments.models import Discussion
from comments.panel.held import Drawing, HeldLine, lines_in
from comments.reads.held import Ground, ground_of


@dataclass(frozen=True, slots=True)
class Stretch:
    """The part of a list that a page shows: orders of its lines, and whether the list goes on beyond their ends."""

    orders: Sequence[int]
    sort: str
    has_previous: bool
    has_next: bool

    def holds(self, order: int) -> bool:
        """Whether a line with this order stands here. Of the best ones only the server knows the order: what is new is
        on top.
        """
        if self.sort == "best":
            return not self.has_previous
        goes_up, goes_down = self.has_previous, self.has_next
        if self.sort == "oldest":
            goes_up, goes_down = goes_down, goes_up
        if not self.orders:
            return not (goes_up or goes_down)
        return (order <= max(self.orders) or not goes_up) and (order >= min(self.orders) or not goes_down)


@dataclass(slots=True)
class HeldHere:
    """The lines that wait in a discussion, until the page has taken those that stand on it."""

    ground: Ground
    draw: Drawing
    _waiting: list[HeldLine] = field(default_factory=list)

    def tops(self, stretch: Stretch) -> list[HeldLine]:
        return self._take(line for line in self._waiting if not line.root_id and stretch.holds(line.order))

    def below(self, top: int, stretch: Stretch | None = None) -> list[HeldLine]:
        """Those below a top-level comment, by time. `stretch`: of its replies, if they have pages of their own."""
        those = (line for line in self._waiting if line.root_id == top)
        return self._take(line for line in those if stretch is None or stretch.holds(line.order))

    @property
    def elsewhere(self) -> Iterator[SafeString]:
        """What stands on none of the places that were asked for, drawn. Scripts know them, and show them there."""
        return (self.draw.line(line) for line in self._waiting)

    def _take(self, lines: Iterable[HeldLine]) -> list[HeldLine]:
        found = sorted(lines, key=lambda line: line.order)
        self._waiting = [line for line in self._waiting if line not in found]
        return found


def held_here(request: HttpRequest, discussion: Discussion) -> HeldHere | None:
    """None for all who do not moderate there."""
    if not moderates_in(request.user, discussion):
        return None
    ground = ground_of(discussion)
    is_chat = discussion.mode == Discussion.Mode.CHAT
    draw = Drawing(request, f"{request.get_full_path()}#discussion", is_chat=is_chat)
    return HeldHere(ground, draw, lines_in(discussion, person(request.user)))
