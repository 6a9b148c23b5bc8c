"""What addresses cost in worlds of different sizes, asked inside a process, one after the other: growth, and search."""

from __future__ import annotations

import re
from contextlib import ExitStack
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Self

from tests.bench.inside_pages import Asker, asking
from tests.bench.run import Run
from tests.bench.worlds import COMMON, RARE

MOST = 1.5  # times what it costs in the smallest world
DOUBTFUL = 1.3  # what seems to grow by more is asked in two more rounds


@dataclass(slots=True)
class Walked:
    """An address in one world: CPU ms of each round, and what was told in the last one."""

    cpu: list[float] = field(default_factory=list)
    last: dict[str, Any] = field(default_factory=dict)

    def ask(self, asker: Asker, path: str, session: str, **more: Any) -> None:
        self.last = asker.ask(path, session, **more)
        self.cpu.append(self.last["own"] + self.last["database"])


@dataclass(slots=True)
class Growing:
    small: Walked = field(default_factory=Walked)
    large: Walked = field(default_factory=Walked)

    def times(self) -> float:
        return median(large / small for large, small in zip(self.large.cpu, self.small.cpu, strict=True))

    def line(self, name: str) -> str:
        small, large = self.small.last, self.large.last
        line = f"{name:76}{median(self.small.cpu):9.2f}{median(self.large.cpu):9.2f}{large['database']:10.2f}"
        line += (
            f"{small['statements']:5}{large['statements']:4}{small['blocks']:8}{large['blocks']:8}{self.times():8.2f}"
        )
        odd = {small["status"], large["status"]} - {200}
        return line + (" GROWS" if self.times() > MOST else "") + (f"   status {odd}" if odd else "")


def growth(run: Run) -> None:
    """Every address that a reader, moderator or editor can ask, in the smallest and the largest world."""
    names = list(run.worlds)
    found: dict[str, Growing] = {}
    heads = f"{names[0]:>9}{names[-1]:>9}{'database':>10}{'statements':>12}{'blocks':>13}{'growth':>8}"
    print(f"{'CPU ms of an answer':76}{heads}")
    with ExitStack() as stack:
        small, large = (stack.enter_context(_Walk(run, name)) for name in (names[0], names[-1]))
        for name in [each for each in small.paths if each in large.paths and re.search(run.match, each)]:
            found[name] = growing = Growing()
            for _ in range(3):
                small.ask(name, growing.small)
                large.ask(name, growing.large)
                if growing.times() <= DOUBTFUL:
                    break
            print(growing.line(name), flush=True)
    print(f"{len(found)} addresses; only in one world: {sorted(small.paths.keys() ^ large.paths.keys())}")
    worst = sorted(found, key=lambda name: -found[name].times())
    run.sheet.note("L / S, the worst address", found[worst[0]].times())
    for name in worst:
        if found[name].times() > MOST:
            print(f"  grows {found[name].times():6.2f} times from {names[0]} to {names[-1]}: {name}")


class _Walk:
    """A world, and where in it each address is."""

    def __init__(self, run: Run, world: str) -> None:
        self._base = run.worlds[world]
        self._asking = asking(self._base)

    def __enter__(self) -> Self:
        self._asker = self._asking.__enter__()
        words = {"rare": RARE, "common": COMMON[0], "name": "Anna"}
        self.paths = {name: (role, path) for name, role, path in self._asker.addresses(words)}
        return self

    def __exit__(self, *error: object) -> None:
        self._asking.__exit__(*error)

    def ask(self, name: str, walked: Walked) -> None:
        role, path = self.paths[name]
        staff, reader = self._base.data["staff"], self._base.data["sessions"][0]
        session = {"nobody": "", "reader": reader}.get(role) or staff.get(role, "")
        walked.ask(self._asker, path, session, most=6, blocks=not walked.cpu)


def search(run: Run) -> None:
    """In the largest world: words of any frequency, and the completion of names."""
    base = list(run.worlds.values())[-1]
    one, other = COMMON
    hot = base.data["hot"]["id"]
    api = "/api/v1/search/?q="
    paths = {
        "a rare word": f"{api}{RARE}",
        "a common word": f"{api}{one}",
        "a common word, the newest": f"{api}{one}&sort=newest",
        "two common words": f"{api}{one}+{other}",
        "two common words, the newest": f"{api}{one}+{other}&sort=newest",
        "a stop word": f"{api}der",
        "ten common words": f"{api}der+die+und+von+mit+haushalt+stadtrat+ist+für+auf",
        "a common word in one discussion": f"{api}{one}&discussion={hot}",
        "two common words, the page": f"/search/?q={one}+{other}",
        "articles, a common word": f"/api/v1/articles/?q={one}",
        "articles, a rare word": f"/api/v1/articles/?q={RARE}",
        "participants, one letter": f"/api/v1/discussions/{hot}/participants/?q=P",
        "participants, a first name": f"/api/v1/discussions/{hot}/participants/?q=Paul",
    }
    found = {name: Walked() for name in paths}
    with asking(base) as asker:
        for _ in range(run.rounds):
            for name, path in paths.items():
                found[name].ask(asker, path, base.data["sessions"][0], most=4)
    print(f"{'CPU ms of an answer, ' + base.data['size']:40}{'':>9}{'database':>10}{'statements':>11}{'KB':>8}")
    for name, walked in found.items():
        last = walked.last
        odd = f"   status {last['status']}" if last["status"] != 200 else ""
        print(
            f"{name:40}{median(walked.cpu):9.2f}{last['database']:10.2f}{last['statements']:11}{last['kb']:8.1f}{odd}"
        )
    run.sheet.note("search, two common words", median(found["two common words"].cpu))
