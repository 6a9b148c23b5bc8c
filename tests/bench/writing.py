"""Benchmarks of writing: letters to post, where the time goes, reading while others write, writing beside an import."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator, Sequence
from itertools import count, cycle, islice
from typing import Any
from uuid import uuid4

from tests.bench.machine import percentile, pinned
from tests.bench.servers import CLIENT_CPU, SERVER_CPU, Base, Load, Server, environment_of, get, logged_in, post
from tests.support.product import ROOT

COMMENTS_A_SECOND = 50
STALE_SECONDS = 1.0
TEXT = "Das sehe ich **anders**: die Brücke ist seit Jahren gesperrt, und niemand weiß, warum. https://news.example/{}"
_numbers = count(int(time.time()))


def texts() -> Iterator[str]:
    """No two say the same."""
    while True:
        yield TEXT.format(next(_numbers))


def letters(path: str, sessions: Sequence[str]) -> Iterator[bytes]:
    """Posts of one person after the other, each with a key."""
    for session, text in zip(cycle(sessions), texts(), strict=False):
        yield post(path, {"text": text}, **_headers(session))


def breakdown(base: Base) -> str:
    """What a post costs by its parts, inside one process: see `inside_post`."""
    found = _inside(base, "breakdown", base.data["discussions"]["1000"]["id"])
    lines = [
        f"  {name:34}{own:8.3f} ms CPU of our own, {statements:5.1f} statements" for name, own, statements in found
    ]
    return "\n".join([f"\nA post by its parts ({base.name}):", *lines])


def invalidation(load: Load, base: Base, server: Server, seconds: float) -> str:
    """50 comments a second go into a discussion that 64 connections read as fast as they are answered.

    After each comment is answered, somebody waits for a second and then asks for the page: the comment is there, or
    a later one has pushed it off the page.
    """
    discussion = base.data["discussions"]["1000"]
    path = f"/api/v1/discussions/{discussion['id']}/comments/"
    load.put(server, [get(path)], count=64)
    before = sum(server.cpu())
    wait = load.start(server, [get(path)], seconds=seconds)
    writers = _Writers(server.port, path, base.data["sessions"])
    writers.run(seconds)
    said = wait()
    used = sum(server.cpu()) - before
    some = list(islice(letters(path, base.data["sessions"][2000:]), 300))  # there is no end to them
    alone = load.put(server, some, count=len(some)).cpu / 1000
    net = used - writers.written * alone
    reads = said["requests"]
    return (
        f"\nWhile {writers.written / seconds:.0f} comments a second come in ({base.name}): "
        f"{reads / seconds:.0f} reads/s, {reads / used:.0f} a second of CPU, writing included, "
        f"{reads / net:.0f} without it (aim: 3,000 at least); "
        f"read p50 {said['p50']:.1f} ms, p99 {said['p99']:.1f} ms; {sum(writers.stale)} of {len(writers.stale)} "
        f"looks after {STALE_SECONDS:.0f} s were stale (aim: 0), {writers.failed} posts failed"
    )


class _Writers:
    """Threads that write one comment after the other, and look a second later whether the page has it."""

    def __init__(self, port: int, path: str, sessions: Sequence[str]) -> None:
        self.written = self.failed = 0
        self.stale: list[bool] = []
        self._url = f"http://127.0.0.1:{port}{path}"
        self._people = zip(cycle(sessions), texts(), strict=False)
        self._lock = threading.Lock()

    def run(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        threads = []
        while time.monotonic() < until:
            due = time.monotonic() + 1 / COMMENTS_A_SECOND
            threads.append(threading.Thread(target=self._write))
            threads[-1].start()
            time.sleep(max(0, due - time.monotonic()))
        for thread in threads:
            thread.join()

    def _write(self) -> None:
        with self._lock:
            session, text = next(self._people)
        headers = {"Content-Type": "application/json", **_headers(session)}
        asked = urllib.request.Request(self._url, json.dumps({"text": text}).encode(), headers)
        try:
            with urllib.request.urlopen(asked, timeout=60) as answer:
                order = json.load(answer)["order"]
        except OSError:
            self.failed += 1
            return
        self.written += 1
        time.sleep(STALE_SECONDS)
        with urllib.request.urlopen(self._url, timeout=60) as answer:
            rows = json.load(answer)["results"]
        self.stale.append(rows[0]["order"] < order)


def beside_import(base: Base, seconds: float) -> str:
    """64 threads post below HTTP while another process imports comments into another discussion."""
    here, there = (base.data["discussions"][size]["id"] for size in list(base.data["discussions"])[:2])
    arguments = [sys.executable, "-m", "tests.bench.inside_post"]
    env = environment_of(base.url)
    with pinned(CLIENT_CPU):
        importing = subprocess.Popen([*arguments, "import", str(there)], cwd=ROOT, env=env, stdout=subprocess.PIPE)
    try:
        found = _inside(base, "post", here, seconds)
    finally:
        importing.terminate()
        imported = (importing.communicate()[0] or b"0").split()[-1].decode()
    return (
        f"\nBelow HTTP beside an import ({base.name}): {found['posts'] / found['seconds']:.0f} posts/s by 64 threads "
        f"(aim: 500 at least), p99 {percentile(found['times'], 0.99) * 1000:.0f} ms, "
        f"{found['errors']} errors (aim: 0); {imported} comments imported meanwhile"
    )


def _inside(base: Base, *arguments: Any) -> Any:
    command = [sys.executable, "-m", "tests.bench.inside_post", *map(str, arguments)]
    with pinned(SERVER_CPU):
        done = subprocess.run(command, cwd=ROOT, env=environment_of(base.url), check=True, stdout=subprocess.PIPE)
    return json.loads(done.stdout)


def _headers(session: str) -> dict[str, str]:
    return logged_in(session) | {"Idempotency-Key": str(uuid4())}
