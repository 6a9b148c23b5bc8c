"""How many connections may stand at the door: accepted, but with headers that are not complete.

Whoever is one too many pushes out the oldest, of that address or of all. An honest peer's headers follow at once, so it
is never long the oldest; whoever says nothing makes room for others, and cannot keep the door shut to who shares its
address.
"""

from __future__ import annotations

import resource
from asyncio import Transport

from django.conf import settings

from newsroom.live.figures import HANDSHAKES_DROPPED


class Handshakes:
    """Those that are not finished. An address is None if nothing can be said about where a peer comes from."""

    def __init__(self) -> None:
        self._all: dict[Transport, str | None] = {}  # oldest first
        self._by_address: dict[str, dict[Transport, None]] = {}
        self._half_of_all_files = resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2

    def begin(self, transport: Transport, address: str | None) -> None:
        """Wait for its headers from now on; somebody else may have to go for it."""
        self.finish(transport)
        self._all[transport] = address
        if len(self._all) > min(settings.LIMIT_HANDSHAKES, self._half_of_all_files):
            self._drop(next(iter(self._all)))
        if address is not None:
            neighbours = self._by_address.setdefault(address, {})
            neighbours[transport] = None
            if len(neighbours) > settings.LIMIT_HANDSHAKES_ADDRESS:
                self._drop(next(iter(neighbours)))

    def finish(self, transport: Transport) -> None:
        """It has said what it wants, or is gone; harmless when it has been dropped."""
        address = self._all.pop(transport, None)
        if address is not None:
            neighbours = self._by_address[address]
            del neighbours[transport]
            if not neighbours:
                del self._by_address[address]

    def _drop(self, transport: Transport) -> None:
        self.finish(transport)
        HANDSHAKES_DROPPED.add()
        transport.abort()
