"""The hub's own threads for queries, so that it never waits for a page or a command; and its duties."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

from django.db import InterfaceError, OperationalError, connections
from django.db.models import QuerySet
from django.utils import timezone

from newsroom.database.questions import Questions
from newsroom.live import outbox, registry
from newsroom.live.log import numbering

logger = logging.getLogger(__name__)
SIZES = {"read": 2, "ask": 2, "command": 4, "number": 1, "chore": 1}


class Threads:
    """Bounded pools by purpose: reading streams, checking rights, commands from sockets, numbering what is left, and
    chores.

    The reading threads keep their connections. Taking one from a connection pool checks it each time, which costs as
    much as the read.
    """

    def __init__(self) -> None:
        self._pools = {name: ThreadPoolExecutor(size, f"live-{name}") for name, size in SIZES.items()}
        self._kept: set[Any] = set()

    async def run(self, purpose: str, call: Callable[..., Any], *args: Any) -> Any:
        run = self._read if purpose == "read" else _call
        return await asyncio.get_running_loop().run_in_executor(self._pools[purpose], run, call, args)

    def close(self) -> None:
        """Waits for what is running."""
        for pool in self._pools.values():
            pool.shutdown(wait=True, cancel_futures=True)
        for connection in self._kept:
            connection.inc_thread_sharing()  # its thread has ended
            connection.close()

    def _read(self, call: Callable[..., Any], args: tuple[Any, ...]) -> Any:
        """Retry once on a new connection if the kept one is broken. Reads may be repeated."""
        connection = connections["default"]
        was_open = connection.connection is not None
        self._kept.add(connection)
        try:
            return call(*args)
        except (OperationalError, InterfaceError):
            connection.close()
            if not was_open:
                raise
            return call(*args)


def _call(call: Callable[..., Any], args: tuple[Any, ...]) -> Any:
    try:
        return call(*args)
    finally:
        connections.close_all()  # with a connection pool it goes back there; nothing stays open behind a stopped server


def survey(streams: list[str]) -> dict[str, outbox.Head]:
    found: dict[str, outbox.Head] = {}
    for first in range(0, len(streams), 500):
        found |= outbox.heads(streams[first : first + 500])
    return found


class Duties:
    """What a serving process has to do beside its streams: which events to number, which deeds are due."""

    def __init__(self) -> None:
        self._deeds, self._steps = registry.deeds(), registry.steps()
        asked = [(name, waiting) for name, deed in self._deeds.items() for waiting in deed.waiting]
        self._names = [name for name, _ in asked]
        self._questions = Questions([_unnumbered, *(waiting for _, waiting in asked)])

    def look(self) -> tuple[bool, list[str]]:
        """Whether events wait for their numbers, and the names of what is due. One statement."""
        is_left, *answers = self._questions.ask(timezone.now())
        due = {name for name, is_waiting in zip(self._names, answers, strict=True) if is_waiting}
        return is_left, [*self._steps, *(name for name in self._deeds if name in due)]

    def do(self, names: Iterable[str]) -> None:
        """Do these, as `look` has named them."""
        for name in names:
            try:
                if name in self._deeds:
                    self._deeds[name].run()
                elif name in self._steps and not self._steps[name]():
                    del self._steps[name]
            except Exception as error:
                logger.warning("what was due of %s failed and is tried again: %s", name, error, exc_info=True)


def _unnumbered(now: datetime) -> QuerySet[Any, Any]:
    return numbering.unnumbered().values("kind")
