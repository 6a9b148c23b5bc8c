"""Limits the connections that have been accepted and have not sent complete headers.

Beyond the limit, of an address or of all, the oldest such connection is dropped. An honest client sends its headers at
once, so it is hardly ever the oldest. Silent connections therefore cannot block others from the same address.
"""

from __future__ import annotations

import resource
from asyncio import Transport

from django.conf import settings

from newsroom.live.metrics import HANDSHAKES_DROPPED


class Handshakes:
    """The connections with incomplete headers. The address is None if the client's address is unknown."""

    def __init__(self) -> None:
        self._all: dict[Transport, str | None] = {}  # oldest first
        self._by_address: dict[str, dict[Transport, None]] = {}
        self._half_of_all_files = resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2

    def begin(self, transport: Transport, address: str | None) -> None:
        """Register a connection; drops the oldest one if there are too many."""
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
        """The headers are complete, or the connection is lost; does nothing if it was dropped."""
        address = self._all.pop(transport, None)
        if address is not None:
            neighbours = self._by_address[address]
            del neighbours[transport]
            if not neighbours:
                del self._by_address[address]

    def _drop(self, transport: Transport) -> None:
        self.finish(transport)
        HANDSHAKES_DROPPED.inc()
        transport.abort()
