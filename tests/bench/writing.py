"""Benchmarks of writing: letters to post, where the time goes, reading while others write, writing beside an import."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from itertools import count, cycle, islice
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg

from tests.bench import imports
from tests.bench.machine import percentile, pinned, tree
from tests.bench.servers import CLIENT_CPU, SERVER_CPU, Base, Load, Server, environment_of, get, logged_in, post
from tests.support.product import ROOT

COMMENTS_A_SECOND = 50
STALE_SECONDS = 1.0
QUIET_SECONDS = 20.0
MOST_WAITING = 1000  # posts that are not yet answered
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
    writers.run(lasting(seconds))
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

    def __init__(self, port: int, path: str, sessions: Sequence[str], *, looks: bool = True) -> None:
        self.written = self.failed = 0
        self._looks = looks
        self.stale: list[bool] = []
        self.times: list[float] = []  # seconds until each was answered
        self._url = f"http://127.0.0.1:{port}{path}"
        self._people = zip(cycle(sessions), texts(), strict=False)
        self._lock = threading.Lock()

    def run(self, is_over: Callable[[], bool]) -> None:
        threads: list[threading.Thread] = []
        while not is_over():
            due = time.monotonic() + 1 / COMMENTS_A_SECOND
            threads = [each for each in threads if each.is_alive()]
            if len(threads) < MOST_WAITING:
                threads.append(threading.Thread(target=self._write))
                threads[-1].start()
            else:
                self.failed += 1  # nobody would wait for so long
            time.sleep(max(0, due - time.monotonic()))
        for thread in threads:
            thread.join()

    def __str__(self) -> str:
        p50, p99 = (percentile(self.times, share) * 1000 for share in (0.5, 0.99))
        return f"{self.written} written, p50 {p50:.0f} ms, p99 {p99:.0f} ms, {self.failed} failed (aim: 0)"

    def _write(self) -> None:
        with self._lock:
            session, text = next(self._people)
        headers = {"Content-Type": "application/json", **_headers(session)}
        asked = urllib.request.Request(self._url, json.dumps({"text": text}).encode(), headers)
        start = time.monotonic()
        try:
            with urllib.request.urlopen(asked, timeout=60) as answer:
                order = json.load(answer)["order"]
        except OSError:
            self.failed += 1
            return
        self.times.append(time.monotonic() - start)
        self.written += 1
        if not self._looks:
            return
        time.sleep(STALE_SECONDS)
        with urllib.request.urlopen(self._url, timeout=60) as answer:
            rows = json.load(answer)["results"]
        self.stale.append(rows[0]["order"] < order)


def lasting(seconds: float) -> Callable[[], bool]:
    until = time.monotonic() + seconds
    return lambda: time.monotonic() > until


def arrival(base: Base, server: Server, comments: int) -> str:
    """An archive of WordPress comes in by the command, while 50 readers a second write over HTTP."""
    discussion = base.data["discussions"]["1000"]
    path = f"/api/v1/discussions/{discussion['id']}/comments/"
    quiet, beside = (_Writers(server.port, path, base.data["sessions"][each::2], looks=False) for each in range(2))
    for pid in (pid for root in (*server.own, *base.roots) for pid in tree(root)):
        os.sched_setaffinity(pid, range(os.cpu_count() or 1))  # as on a machine that does nothing but this
    quiet.run(lasting(QUIET_SECONDS))
    before = _megabytes(base)
    with tempfile.TemporaryDirectory(prefix="newsroom-bench-") as folder:
        file = Path(folder, "export.xml")
        imports.export(file, comments)
        command = [sys.executable, "manage.py", "import_comments", "wordpress", str(file), "--site", imports.SITE]
        start = time.monotonic()
        importing = subprocess.Popen(command, cwd=ROOT, env=environment_of(base.url), stdout=subprocess.DEVNULL)
        ended: list[tuple[int, resource.struct_rusage]] = []
        beside.run(lambda: _has_ended(importing.pid, ended))
        seconds = time.monotonic() - start
    [(status, used)] = ended
    if status:
        sys.exit("The import has failed.")
    return (
        f"\n{comments:,} comments came in within {seconds:.0f} s ({base.name}): {comments / seconds:,.0f} a second, "
        f"at most {used.ru_maxrss >> 10} MiB; the database grew from {before} to {_megabytes(base)} MB\n"
        f"Posts over HTTP, {COMMENTS_A_SECOND} a second: before {quiet}, beside it {beside}"
    )


def _has_ended(pid: int, ended: list[tuple[int, resource.struct_rusage]]) -> bool:
    """Whether a child has; then its exit status and what it used are in `ended`."""
    found, status, used = os.wait4(pid, os.WNOHANG)
    if found:
        ended.append((status, used))
    return bool(found)


def _megabytes(base: Base) -> int:
    with psycopg.connect(base.url) as connection:
        found = connection.execute("SELECT pg_database_size(current_database())").fetchone()
    return int(found[0]) // 1_000_000 if found else 0


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
