"""Writers and subscribers while workers are killed and Redis goes away: who follows has what the database has.

`--full` makes it as large as a busy site, with three seeds.
"""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage
from websockets.sync.client import connect

from tests.support import services
from tests.support.product import ROOT, Process, environment, manage
from tests.support.services import wait_for

TICKERS = ("a", "b", "c")
STREAMS = ("articles", *[f"ticker.{slug}" for slug in TICKERS])
PREPARE = f"from articles.models import Ticker; [Ticker.objects.create(slug=s, title=s) for s in {TICKERS!r}]"
WRITE = """
import random, threading, time
from django.db import connection, transaction
from newsroom.live.outbox import Fact, publish
def write(seed):
    chance = random.Random(seed)
    for n in range({events}):
        with transaction.atomic():
            streams = chance.sample({streams!r}, chance.choice((1, 1, 2)))
            time.sleep(chance.random() * 0.02)
            publish(*[Fact(each, "thing.made", f"thing.{{seed}}.{{n}}", {{"n": n, "by": seed}}) for each in streams])
            transaction.set_rollback(chance.random() < 0.1)
        time.sleep(chance.random() * 0.05)
    connection.close()
threads = [threading.Thread(target=write, args=({seed} * 1000 + n,)) for n in range({writers})]
[each.start() for each in threads]
[each.join() for each in threads]
"""
LOST = (ConnectionClosed, InvalidHandshake, InvalidMessage, TimeoutError, OSError, EOFError)


@dataclass(frozen=True)
class Size:
    processes: int  # of writers, one of which is killed
    writers: int  # threads of each
    events: int  # of each thread
    subscribers: int


@dataclass
class Subscriber:
    """Follows all streams, is cut at random and resumes. `heard`: of each stream, offset and author of each event."""

    port: int
    seed: int
    epoch: str
    heard: dict[str, list[tuple[int, str]]] = field(default_factory=lambda: {each: [] for each in STREAMS})
    faults: list[str] = field(default_factory=list)
    resumptions: int = 0
    losses: Counter[str] = field(default_factory=Counter)

    def run(self, is_over: Callable[[Subscriber], bool]) -> None:
        chance = random.Random(self.seed)
        while not self.faults and not is_over(self):
            try:
                self._follow(chance, is_over)
            except LOST as error:
                self.losses[type(error).__name__] += 1
            time.sleep(chance.random() * 0.2)

    def _follow(self, chance: random.Random, is_over: Callable[[Subscriber], bool]) -> None:
        vector = ",".join(f"{each}@{self.epoch}:{len(self.heard[each])}" for each in STREAMS)
        with connect(f"ws://127.0.0.1:{self.port}/live/?streams={vector}", proxy=None, open_timeout=10) as connection:
            self.resumptions += 1
            for _ in range(chance.randint(1, 60)):
                if is_over(self):
                    return
                with suppress(TimeoutError):
                    self._take(json.loads(connection.recv(1)))
            if chance.random() < 0.3:
                time.sleep(chance.random())  # silence
            if chance.random() < 0.5:  # reset instead of goodbye
                linger = struct.pack("ii", 1, 0)
                connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                connection.socket.close()

    def _take(self, frame: dict[str, object]) -> None:
        if frame["type"] == "events":
            heard = self.heard[str(frame["stream"])]
            if frame["from"] != len(heard):
                self.faults.append(f"{frame['stream']}: after {len(heard)} came {frame['from']}")
            for event in frame["events"]:  # type: ignore[attr-defined]
                heard.append((event["offset"], f"{event['data']['by']}.{event['data']['n']}"))
        elif frame["type"] != "subscribed":
            self.faults.append(str(frame))


def truth(database: str) -> dict[str, list[tuple[int, str]]]:
    with psycopg.connect(database) as connection:
        rows = connection.execute(
            "SELECT stream, \"offset\", data->>'by', data->>'n' FROM live_event WHERE kind = 'thing.made' ORDER BY 1, 2"
        ).fetchall()
    return {each: [(offset, f"{by}.{n}") for stream, offset, by, n in rows if stream == each] for each in STREAMS}


def workers(process: Process) -> list[int]:
    parent = process.popen.pid
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return [int(pid) for pid in children if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def harm(chance: random.Random, server: Process, redis: services.Redis, stop: threading.Event) -> None:
    """Every few seconds something dies; at least once each."""
    deeds = ["worker", "redis"]
    while not stop.wait(2):
        if (deeds.pop() if deeds else chance.choice(("worker", "redis"))) == "worker":
            with suppress(ProcessLookupError, FileNotFoundError, IndexError):
                os.kill(chance.choice(workers(server)), signal.SIGKILL)
        else:
            redis.stop()
            stop.wait(chance.random() * 3)
            redis.start()


@pytest.fixture
def site(make_database: Callable[[], str], tmp_path: Path) -> Iterator[tuple[Process, services.Redis, dict[str, str]]]:
    with ExitStack() as stack:
        redis = stack.enter_context(services.redis())
        env = environment(
            DATABASE_URL=make_database(),
            REDIS_URL=redis.url,
            SECRET_KEY="only-for-tests-" + "x" * 50,
            SITE_URL="http://news.example",
            ALLOWED_HOSTS="127.0.0.1",
            NEWSROOM_DATA=str(tmp_path),
            LIMIT_SOCKETS_ADDRESS="10000",
            LOG_LEVEL="ERROR",
        )
        assert manage("migrate", "-v0", env=env).returncode == 0
        assert manage("shell", "-v0", "-c", PREPARE, env=env).returncode == 0
        port = services.free_port()
        server = stack.enter_context(Process("serve", "--port", str(port), "--workers", "2", env=env))
        server.wait_until_ready(f"http://127.0.0.1:{port}")
        yield server, redis, env | {"PORT": str(port)}


def write(size: Size, seed: int, env: dict[str, str]) -> list[subprocess.Popen[bytes]]:
    def start(number: int) -> subprocess.Popen[bytes]:
        code = WRITE.format(events=size.events, streams=list(STREAMS), seed=seed * 10 + number, writers=size.writers)
        return subprocess.Popen([sys.executable, "manage.py", "shell", "-v0", "-c", code], cwd=ROOT, env=env)

    return [start(number) for number in range(size.processes)]


@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_whoever_follows_has_what_the_database_has(site, seed: int, request: pytest.FixtureRequest) -> None:
    full = request.config.getoption("--full")
    if seed > 1 and not full:
        pytest.skip("--full: more seeds")
    size = Size(4, 16, 500, 200) if full else Size(2, 4, 40, 12)
    server, redis, env = site
    print(f"seed {seed}, {size}")
    with psycopg.connect(env["DATABASE_URL"]) as connection:
        epoch = connection.execute("SELECT value FROM live_epoch").fetchone()[0]
    done, stop, until = threading.Event(), threading.Event(), [time.monotonic() + 600]
    expected: dict[str, int] = {}

    def is_over(subscriber: Subscriber) -> bool:
        if time.monotonic() > until[0]:
            return True
        return done.is_set() and all(len(subscriber.heard[each]) >= top for each, top in expected.items())

    subscribers = [Subscriber(int(env["PORT"]), seed * 1000 + n, epoch) for n in range(size.subscribers)]
    threads = [threading.Thread(target=each.run, args=[is_over]) for each in subscribers]
    threads.append(threading.Thread(target=harm, args=[random.Random(seed), server, redis, stop]))
    for thread in threads:
        thread.start()
    try:
        writing = write(size, seed, env)
        wait_for(lambda: sum(map(len, truth(env["DATABASE_URL"]).values())) > 20, seconds=60, what="first events")
        writing[0].kill()  # between commit and numbering, or anywhere
        assert [each.wait(600) for each in writing][1:] == [0] * (size.processes - 1)
        wait_for(lambda: all(None not in dict(each) for each in truth(env["DATABASE_URL"]).values()), seconds=60)
        found = truth(env["DATABASE_URL"])
        expected.update({stream: len(rows) for stream, rows in found.items()})
        until[0] = time.monotonic() + 40
        done.set()
    finally:
        stop.set()
        if not done.is_set():
            until[0] = 0
        for thread in threads:
            thread.join(90)

    assert all([offset for offset, _ in rows] == list(range(1, len(rows) + 1)) for rows in found.values())
    assert [each.faults for each in subscribers if each.faults] == []
    for each in subscribers:
        assert each.heard == found, f"subscriber {each.seed}: {each.losses}"
    print(f"{sum(expected.values())} events, {sum(each.resumptions for each in subscribers)} connections")
