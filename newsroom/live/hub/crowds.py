"""The people and networks with many connections in the other processes, so that limits hold for all of them together.

Each process tells the others of its own every second, over the channel layer. Small numbers are not told, so a limit
may be passed by an eighth of it for each further process, and by connections that come within that second. Without
Redis there is one process; while Redis is away each counts its own connections alone.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from django.conf import settings

TOLD_FROM = 8  # an eighth of the limit
KEPT_SECONDS = 5.0  # after the last word of a process: it has ended, or Redis is away


@dataclass(slots=True)
class Crowd:
    """Connections by network and by person's id."""

    addresses: Counter[str] = field(default_factory=Counter)
    people: Counter[int] = field(default_factory=Counter)

    @classmethod
    def of(cls, message: dict[str, Any]) -> Crowd:
        return cls(Counter(dict(message["addresses"])), Counter(dict(message["people"])))

    def message(self) -> dict[str, Any]:
        """The large numbers alone. As lists: the layer allows words alone as keys."""
        most = settings.LIMIT_SOCKETS_ADDRESS // TOLD_FROM
        addresses = [[network, count] for network, count in self.addresses.items() if count > most]
        most = settings.LIMIT_SOCKETS_PERSON // TOLD_FROM
        people = [[person, count] for person, count in self.people.items() if count > most]
        return {"addresses": addresses, "people": people}


class Elsewhere:
    """What the other processes have told."""

    def __init__(self) -> None:
        self._told: dict[str, tuple[float, Crowd]] = {}

    def hear(self, process: str, crowd: Crowd) -> None:
        self._told[process] = monotonic(), crowd

    def at(self, network: str) -> int:
        return sum(crowd.addresses[network] for crowd in self._living())

    def of(self, person: int) -> int:
        return sum(crowd.people[person] for crowd in self._living())

    def _living(self) -> list[Crowd]:
        since = monotonic() - KEPT_SECONDS
        self._told = {name: told for name, told in self._told.items() if told[0] > since}
        return [crowd for _at, crowd in self._told.values()]
