"""What numbering costs those who write, below HTTP: `comments.actions.post` from 64 connections on PostgreSQL.

`synchronous_commit` and `fsync` are on. The product's way is compared with itself without any numbering ("insert
only"), and with two controls that must be slow, or the run proves nothing: a counter that every post raises in its
transaction, and every writer numbering for itself. Rounds are interleaved, ratios are medians of paired rounds.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from random import random
from statistics import median
from threading import Thread
from typing import Any

import psycopg

from tests.bench import machine
from tests.bench.site import Site, site
from tests.support.product import ROOT

PROCESSES, THREADS = 4, 16
POSTED, SPREAD = "numbered, one discussion", "numbered, 64 discussions"
INSERTED, COUNTER, EVERYBODY = "insert only", "control: counter", "control: everybody numbers"
WAYS = [POSTED, INSERTED, SPREAD, COUNTER, EVERYBODY]
TARGETS = [  # ours, theirs, the ratio, and whether it has to be at least that
    (POSTED, INSERTED, 0.7, True),
    (POSTED, SPREAD, 0.8, True),
    (COUNTER, INSERTED, 0.4, False),
    (EVERYBODY, INSERTED, 0.4, False),
]

# --- in the processes that write


def write() -> None:
    """Obey orders on stdin, a line of JSON each, and answer each with a line."""
    import django

    django.setup()
    for line in sys.stdin:
        print(json.dumps(_obey(json.loads(line))), flush=True)


def _obey(order: dict[str, Any]) -> list[float]:
    """Milliseconds from each commit to its number, or nothing but zeros where nothing is numbered."""
    from newsroom.live.log import numbering

    waits: list[float] = []
    numbering.number_in_company = _numbering(order["way"], waits)
    until = time.monotonic() + order["seconds"]
    writers = [
        Thread(target=_post, args=(author, chat, until, order["pause"]))
        for author, chat in zip(order["authors"], order["chats"], strict=True)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    return waits


def _numbering(way: str, waits: list[float]) -> Any:
    from django.db import transaction
    from django.db.models import F

    from comments.models import DiscussionTally
    from newsroom.live.log import numbering

    def timed(run: Any, stream: str) -> None:
        begun = time.monotonic()
        run(stream)
        waits.append((time.monotonic() - begun) * 1000)

    def number_in_company(*streams: str) -> None:
        (stream,) = streams
        if way == COUNTER:
            tallies = DiscussionTally.objects.filter(pk=int(stream.partition(".")[2]))
            tallies.update(comment_count=F("comment_count") + 1)
        runs = {POSTED: numbering.wake, SPREAD: numbering.wake, EVERYBODY: numbering.sequence}
        transaction.on_commit(partial(timed, runs.get(way, str), stream))

    return number_in_company


def _post(author_id: int, chat: int, until: float, pause: float) -> None:
    from django.db import connection

    from accounts.models import User
    from comments import actions

    author = User.objects.get(pk=author_id)
    due = time.monotonic() + pause * random()
    while True:
        time.sleep(max(0, due - time.monotonic()))
        if time.monotonic() > until:
            break
        due += pause
        actions.post(chat, author=author, text=f"Was meint ihr dazu? {time.monotonic_ns()}")
    connection.close()


# --- in the process that compares

OTHER_EVENTS = """
INSERT INTO live_event (stream, "offset", kind, subject, data, created_at)
SELECT 'articles', n, 'article.corrected', 'article.' || n, '{}', now() FROM generate_series(1, 50000) AS n"""


class Bench:
    def __init__(self, made: Site, options: argparse.Namespace, writers: list[subprocess.Popen[str]]) -> None:
        self.site, self.options, self.writers = made, options, writers
        self.rates: dict[str, list[float]] = defaultdict(list)
        with self._database() as database:
            readers = database.execute("SELECT id FROM accounts_user WHERE role = 'reader' ORDER BY id").fetchall()
            database.execute("DELETE FROM live_event")  # that the chats were opened
            database.execute(OTHER_EVENTS)
        self.authors = [pk for (pk,) in readers]

    def warm_up(self) -> None:
        """Connections are opened, statements prepared."""
        for way in (POSTED, SPREAD):
            self._check(way, len(self._write(way, self.site.chats, 2)))
        with self._database() as database:
            database.execute("VACUUM ANALYZE")  # plans are made anew, for tables as a running site has them

    def round(self, number: int) -> None:
        """Each way once; who begins changes."""
        for way in WAYS[number % len(WAYS) :] + WAYS[: number % len(WAYS)]:
            chats = self.site.chats if way == SPREAD else self.site.chats[:1] * len(self.authors)
            posts = len(self._write(way, chats, self.options.seconds))
            self.rates[way].append(posts / self.options.seconds)
            print(f"  {way:28} {self.rates[way][-1]:8.0f} posts/s", flush=True)
            self._check(way, posts)

    def latency(self, a_second: float) -> list[float]:
        """Milliseconds from commit to numbered while so many are posted a second, all into one discussion."""
        chats = self.site.chats[:1] * len(self.authors)
        return self._write(POSTED, chats, self.options.calm_seconds, pause=len(self.authors) / a_second)

    def _write(self, way: str, chats: list[int], seconds: float, pause: float = 0) -> list[float]:
        for number, writer in enumerate(self.writers):
            mine = slice(number, None, PROCESSES)
            order = {"way": way, "seconds": seconds, "pause": pause}
            order |= {"authors": self.authors[mine], "chats": chats[mine]}
            assert writer.stdin is not None
            writer.stdin.write(json.dumps(order) + "\n")
            writer.stdin.flush()
        return [wait for writer in self.writers for wait in json.loads(writer.stdout.readline())]  # type: ignore[union-attr]

    def _check(self, way: str, posts: int) -> None:
        """What claims to number has numbered all; what does not leaves nothing for the next."""
        with self._database() as database:
            dropped = database.execute('DELETE FROM live_event WHERE "offset" IS NULL').rowcount
            numbered = database.execute("DELETE FROM live_event WHERE stream LIKE 'discussion.%'").rowcount
        assert (numbered, dropped) == ((0, posts) if way in (INSERTED, COUNTER) else (posts, 0)), (numbered, dropped)

    @contextmanager
    def _database(self) -> Iterator[psycopg.Connection[Any]]:
        with psycopg.connect(self.site.env["DATABASE_URL"], autocommit=True) as connection:
            yield connection

    def summary(self) -> bool:
        """Whether all is as it shall be."""
        print("\nMedians of the rounds, posts/s, and of the ratios of paired rounds")
        for way, rates in self.rates.items():
            print(f"  {way:28} {median(rates):8.0f}   ({min(rates):.0f} to {max(rates):.0f})")
        fine = True
        for ours, theirs, limit, at_least in TARGETS:
            ratio = machine.ratio(self.rates[ours], self.rates[theirs])
            kept = (ratio >= limit) if at_least else (ratio < limit)
            fine &= kept
            wish = f"at least {limit}" if at_least else f"below {limit}"
            print(f"  {ours} / {theirs}: {ratio:.2f}, {wish}: {'yes' if kept else 'NO'}")
        return fine


@contextmanager
def _writers(env: dict[str, str]) -> Iterator[list[subprocess.Popen[str]]]:
    command = [sys.executable, "-m", "tests.bench.numbering", "--write"]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    started = [subprocess.Popen(command, cwd=ROOT, env=env, **pipes) for _ in range(PROCESSES)]
    try:
        yield started
    finally:
        for each in started:
            assert each.stdin is not None
            each.stdin.close()
            each.wait(20)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=5.0, help="of each way in each round")
    parser.add_argument("--calm-seconds", type=float, default=20.0, help="at 20 posts a second")
    parser.add_argument("--fsync-ms", type=float, help="have each flush take so long, instead of asking the disk")
    parser.add_argument("--write", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.write:
        write()
        return
    count = PROCESSES * THREADS
    disk = "the disk as it is" if options.fsync_ms is None else f"each flush takes {options.fsync_ms} ms"
    print(f"{machine.facts()}\n{count} connections, {disk}")
    with ExitStack() as stack:
        made = stack.enter_context(
            site(people=count, chats=count, fsync_ms=options.fsync_ms, DATABASE_POOL=str(THREADS + 4))
        )
        bench = Bench(made, options, stack.enter_context(_writers(made.env)))
        bench.warm_up()
        for number in range(options.rounds):
            print(f"round {number + 1}, load {os.getloadavg()[0]:.1f}")
            bench.round(number)
        fine = bench.summary()
        waits = bench.latency(20)
        p50, p99 = (machine.percentile(waits, share) for share in (0.5, 0.99))
        print(f"  commit to numbered at 20 posts/s ({len(waits)} posts): p50 {p50:.1f} ms, p99 {p99:.1f} ms")
    sys.exit(0 if fine else 1)


if __name__ == "__main__":
    main()
