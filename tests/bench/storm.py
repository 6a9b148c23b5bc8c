"""A worker dies under ten thousand readers: who comes back, how soon, and whether anybody misses anything.

`manage.py serve --workers 2` on PostgreSQL and Redis. While somebody writes, one worker is killed -9; its readers come
back by themselves, with full jitter, and resume after what they have. See docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
import time
import uuid
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx

from tests.bench import machine
from tests.bench.readers import Readers, reading
from tests.bench.site import Site, serving, site
from tests.support.product import Process
from tests.support.services import wait_for

BACK_WITHIN, SILENT_AT_MOST = 10.0, 1.0  # seconds


class Writer:
    """Posts comments until told to stop; what a dead worker cuts off is sent again under its key."""

    def __init__(self, site: Site, port: int, a_second: float) -> None:
        self.answers: Counter[int] = Counter()
        self.cut_off = 0
        self._url = f"http://127.0.0.1:{port}/api/v1/discussions/{site.chats[0]}/comments/"
        self._headers = {"Authorization": f"Bearer {site.tokens[0]}"}
        self._pause = 1 / a_second
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._write)
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def _write(self) -> None:
        with httpx.Client(headers=self._headers, timeout=30) as client:
            number = 0
            while not self._stop.wait(self._pause):
                number += 1
                self._post(client, {"text": f"Was war das eben? {number}"})

    def _post(self, client: httpx.Client, body: dict[str, Any]) -> None:
        key = {"Idempotency-Key": str(uuid.uuid4())}
        while True:
            try:
                self.answers[client.post(self._url, json=body, headers=key).status_code] += 1
                return
            except httpx.TransportError:
                self.cut_off += 1


def storm(made: Site, program: Path, options: argparse.Namespace) -> dict[str, Any]:
    """What was seen: counts, seconds, MB."""
    with ExitStack() as stack:
        process, port = stack.enter_context(serving(made, workers=2))
        wait_for(lambda: len(process.workers()) == 2, what="two workers")
        arguments = ["-u", "/live/", "-r", f"discussion.{made.chats[0]}"]
        readers = stack.enter_context(reading(program, port, options.readers, arguments))
        seen: dict[str, Any] = {"readers": readers.opened["open"]}
        writer = Writer(made, port, options.posts)
        try:
            seen |= _kill_one(readers, process, options.seconds)
        finally:
            writer.stop()
        settled = readers.order("watch 3")
        seen |= {name: seen[name] + settled[name] for name in ("gaps", "resets", "failed_5xx")}
        seen |= {"behind": settled["behind"] + options.readers - settled["open"], "events": settled["top"]}
        seen |= {"posts": dict(writer.answers), "posts cut off and repeated": writer.cut_off}
        seen["MB at the peak, all workers"] = machine.peak_kb(machine.tree(process.popen.pid)) // 1024
        return seen


def _kill_one(readers: Readers, parent: Process, seconds: float) -> dict[str, Any]:
    victim, other = sorted(parent.workers())
    quiet = readers.order("watch 3")
    megabytes = [machine.peak_kb([pid]) // 1024 for pid in (victim, other)]
    readers.send(f"watch {seconds}")
    time.sleep(1)
    os.kill(victim, signal.SIGKILL)
    killed_at = time.monotonic()
    said = readers.answer()
    return {
        "cut off": said["closed"],
        "resumed": said["resumed"],
        "seconds until the last was back": round(said["resumed_at"] / 1e9 - killed_at, 2),
        "longest silence for the others, s": said["silence_ms"] / 1000,
        "the same before the kill, s": quiet["silence_ms"] / 1000,
        "handshakes that failed and were repeated": said["refused"],
        "MB of the two workers before": megabytes,
        **{name: said[name] for name in ("gaps", "resets", "failed_5xx")},
    }


def verdict(seen: dict[str, Any]) -> dict[str, bool]:
    back, silence = seen["seconds until the last was back"], seen["longest silence for the others, s"]
    return {
        f"all back within {BACK_WITHIN:.0f} s": seen["cut off"] == seen["resumed"] and back <= BACK_WITHIN,
        "nobody lost an event": not (seen["gaps"] or seen["resets"] or seen["behind"]),
        f"others silent for at most {SILENT_AT_MOST:.0f} s": silence <= SILENT_AT_MOST,
        "no 5xx": not seen["failed_5xx"] and all(status < 500 for status in seen["posts"]),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readers", type=int, default=10_000)
    parser.add_argument("--posts", type=float, default=10, help="comments a second, meanwhile")
    parser.add_argument("--seconds", type=float, default=20, help="to watch; the kill comes after one")
    options = parser.parse_args()
    machine.open_many_files()
    print(machine.facts())
    with ExitStack() as stack:
        program = stack.enter_context(machine.compiled("readers.c"))
        seen = storm(stack.enter_context(site()), program, options)
    for name, value in seen.items():
        print(f"  {name:45} {value}")
    kept = verdict(seen)
    for name, is_kept in kept.items():
        print(f"  {name}: {'yes' if is_kept else 'NO'}")
    sys.exit(0 if all(kept.values()) else 1)


if __name__ == "__main__":
    main()
