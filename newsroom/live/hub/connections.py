"""The connections of this process: their people, their addresses, and how many more the site allows."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Iterator
from typing import Any

from django.conf import settings

from newsroom.live.hub.crowds import Crowd, Elsewhere
from newsroom.live.hub.listener import Listener

BEAT_SECONDS = 25  # between two pings of a connection


class Guests:
    """The connections of one process, counted by address and by person; it iterates over them."""

    def __init__(self) -> None:
        self.elsewhere = Elsewhere()
        self.crowd = Crowd()
        self._addresses: dict[Listener, str] = {}
        self._by_kind: Counter[str] = Counter()
        self._turns: deque[set[Listener]] = deque(set() for _ in range(BEAT_SECONDS))
        self._nobody = asyncio.Event()

    def __iter__(self) -> Iterator[Listener]:
        return iter(tuple(self._addresses))

    def has_place_for(self, address: str, user_id: int | None) -> bool:
        if self.crowd.addresses[address] + self.elsewhere.at(address) >= settings.LIMIT_SOCKETS_ADDRESS:
            return False
        if user_id is None:
            return True
        return self.crowd.people[user_id] + self.elsewhere.of(user_id) < settings.LIMIT_SOCKETS_PERSON

    def add(self, listener: Listener, address: str) -> None:
        self._addresses[listener] = address
        self.crowd.addresses[address] += 1
        self._by_kind[listener.kind] += 1
        min(self._turns, key=len).add(listener)
        if listener.user_id is not None:
            self.crowd.people[listener.user_id] += 1

    def discard(self, listener: Listener) -> None:
        address = self._addresses.pop(listener, None)
        if address is not None:
            for turn in self._turns:
                turn.discard(listener)
            _discount(self.crowd.addresses, address)
            _discount(self._by_kind, listener.kind)
            if listener.user_id is not None:
                _discount(self.crowd.people, listener.user_id)
        if not self._addresses:
            self._nobody.set()

    def beat(self) -> None:
        """Called every second: pings one of BEAT_SECONDS groups, so that each connection has its turn."""
        self._turns.rotate(-1)
        for listener in tuple(self._turns[-1]):
            listener.wire.beat()

    def of_kind(self, kind: str) -> int:
        """The number of open connections of this transport, "websocket" or "sse"."""
        return self._by_kind[kind]

    def people(self) -> list[int]:
        """The ids of the people with a connection that is logged in."""
        return list(self.crowd.people)

    def of(self, user_id: int) -> list[Listener]:
        return [each for each in self if each.user_id == user_id]

    async def have_left(self) -> None:
        """Wait until no connection is left."""
        if self._addresses:
            self._nobody.clear()
            await self._nobody.wait()


def _discount(counter: Counter[Any], key: Any) -> None:
    counter[key] -= 1
    if counter[key] <= 0:
        del counter[key]
