"""What all parts of the benchmark of pages share: the run, and how its figures are told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.bench.goals import CONSTANT, CONSTANT_BYTES, Sheet
from tests.bench.servers import Base, Figures, Load, Target, constant, get, in_turns

READERS = 8  # connections of people with an account
PACKED = {"Accept-Encoding": "gzip, deflate, br"}
BOUND = "constant of 126 KB"


@dataclass(frozen=True, slots=True)
class Run:
    """`base`: the world of medium size, `worlds` all of them by name."""

    load: Load
    readers: Path  # the client that keeps sockets open
    base: Base
    worlds: Mapping[str, Base]
    sheet: Sheet
    rounds: int
    seconds: float
    match: str  # names of addresses

    def in_turns(
        self, targets: Mapping[str, Target], bodies: Sequence[bytes] = (), connections: int = READERS
    ) -> dict[str, list[Figures]]:
        """Figures by name; beside what is asked for, those of constant bodies: BOUND, and "constant 1" and so on."""
        with constant(b"x" * CONSTANT_BYTES, *bodies) as bound:
            bounds: dict[str, Target] = {BOUND: (bound, [get("/0")])}
            bounds |= {f"constant {n}": (bound, [get(f"/{n}")]) for n in range(1, len(bodies) + 1)}
            found = in_turns(self.load, bounds | dict(targets), self.rounds, self.seconds, connections)
        self.sheet.scale = CONSTANT / cpu(found[BOUND])
        return found


def cpu(figures: Sequence[Figures]) -> float:
    return median(each.cpu for each in figures)


def database(figures: Sequence[Figures]) -> float:
    return median(each.database for each in figures)


def ratio(ones: Sequence[Figures], others: Sequence[Figures]) -> float:
    """Round by round: what a shared machine does to both says nothing."""
    return median(one.cpu / other.cpu for one, other in zip(ones, others, strict=True))


def wrong(figures: Sequence[Figures]) -> str:
    number = sum(each.wrong for each in figures)
    return f"   {number} WRONG" if number else ""
