"""Figures that have to be asked for, from the database or another service: rarely, and never in the way of an answer.

Each service is asked in a thread of its own, at most every ten seconds. One that takes a moment longer than an answer
waits is told as it was the last time. While it hangs or is away, `/metrics` answers without its figures: they are
missing then, rather than old.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from time import monotonic

from prometheus_client import Metric

from newsroom import metrics

logger = logging.getLogger(__name__)
FRESH_SECONDS = 10.0
WAIT_SECONDS = 0.5  # of an answer for all services together
PATIENCE_SECONDS = 5.0  # a service that takes longer hangs

type Ask = Callable[[], Iterable[Metric]]


class Service:
    """`ask` gives the figures, or raises an error if the service is away. With `up`, the name of a gauge, it is told
    whether it has answered.
    """

    def __init__(self, name: str, ask: Ask, up: str = "") -> None:
        self._name, self._ask, self._up = name, ask, up
        self._asked = float("-inf")
        self._answer: list[Metric] | None = None
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def begin(self) -> None:
        """Ask, if the last answer is too old and nobody is asking."""
        with self._lock:
            is_busy = self._thread is not None and self._thread.is_alive()
            if not is_busy and monotonic() - self._asked >= FRESH_SECONDS:
                self._asked = monotonic()
                self._thread = threading.Thread(target=self._run, name=f"metrics-{self._name}", daemon=True)
                self._thread.start()

    def told(self, until: float) -> Iterator[Metric]:
        """The figures as they were last asked for; waits for them until this `monotonic()` time."""
        answer = self._known(until)
        if self._up:
            yield metrics.family(self._up, f"Whether {self._name} answers.", float(answer is not None))
        yield from answer or ()

    def _known(self, until: float) -> list[Metric] | None:
        """None if the service is away."""
        if self._thread is not None:
            self._thread.join(max(0.0, until - monotonic()))
            if self._thread.is_alive() and monotonic() - self._asked >= PATIENCE_SECONDS:
                return None
        return self._answer

    def _run(self) -> None:
        try:
            self._answer = list(self._ask())
        except Exception as error:
            self._answer = None
            logger.warning("no figures of %s: %s", self._name, error, exc_info=True)


_services: list[Service] = []


def add(service: Service) -> None:
    _services.append(service)


def collect() -> Iterator[Metric]:
    for service in _services:
        service.begin()
    until = monotonic() + WAIT_SECONDS
    for service in _services:
        yield from service.told(until)


metrics.tell(collect)
