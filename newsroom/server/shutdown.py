"""Notice of a shutdown. uvicorn first waits for open responses, and some of ours have no end."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

SIGNALS = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def foretold(tell: Callable[[], None]) -> Iterator[None]:
    """Have `tell()` called in this event loop when a signal to stop arrives, in addition to the server's own
    handler.
    """
    if threading.current_thread() is not threading.main_thread():  # Python handles signals only there
        yield
        return
    loop = asyncio.get_running_loop()
    usual: dict[int, Any] = {number: signal.getsignal(number) for number in SIGNALS}

    def hear(number: int, frame: Any) -> None:
        with suppress(RuntimeError):  # the loop is closed
            loop.call_soon_threadsafe(tell)
        usual[number](number, frame)

    taken = [number for number in SIGNALS if callable(usual[number])]
    for number in taken:
        signal.signal(number, hear)
    try:
        yield
    finally:
        for number in taken:
            if signal.getsignal(number) is hear:
                signal.signal(number, usual[number])
