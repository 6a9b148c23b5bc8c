"""People write and programs follow while workers, Redis and PostgreSQL die: who follows has what the database has.

`--full` makes it as large as a busy site: 64 writers × 500 comments, 200 subscribers.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.services.harm import Harm
from tests.services.site import Company, Site, hold
from tests.services.storm import Lists, Shown, Subscriber, Writer, close_all
from tests.support import services
from tests.support.product import Process, environment, manage

PREPARE = """
import json
from accounts.actions import create_token
from accounts.models import User
from comments.actions import start_chat
make = User.objects.create_user
mo = make("mo{seed}@example.org", "Mo{seed}", role="moderator", is_confirmed=True)
chats = [start_chat(f"Runde {seed}.{{n}}", actor=mo).pk for n in range(8)]
people = [make(f"p{{n}}.{seed}@example.org", f"P{{n}}x{seed}", is_confirmed=True) for n in range({writers})]
print(json.dumps([chats, [create_token(each, name="t", scopes=["comment"])[1] for each in people]]))
"""


@dataclass(frozen=True)
class Size:
    writers: int
    comments: int  # of each, at least
    subscribers: int
    events_a_cut: int  # after about so many a subscriber is cut
    write_pause: float  # seconds, at most, between two comments of a person
    harm_pause: float  # seconds, about, between two deeds
    outage: float  # seconds without Redis
    calm: int  # comments after the storm, one by one
    patience: float  # seconds that the storm may last
    is_full: bool = False


SMALL = Size(8, 20, 16, 60, 0.2, 1, 2, 16, 240)
FULL = Size(64, 500, 200, 2000, 0.1, 6, 10, 300, 3000, is_full=True)


@pytest.fixture(scope="module")
def site(cluster: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with ExitStack() as stack:
        store = stack.enter_context(services.redis())
        postgres = stack.enter_context(services.postgres("synchronous_commit=on", cluster=cluster))
        port = services.free_port()
        env = environment(
            DATABASE_URL=f"{postgres.url}newsroom",
            REDIS_URL=store.url,
            SECRET_KEY="only-for-tests-" + "x" * 50,
            SITE_URL="http://news.example",
            ALLOWED_HOSTS="127.0.0.1",
            NEWSROOM_DATA=str(tmp_path_factory.mktemp("site")),
            LIMIT_SOCKETS_ADDRESS="10000",
            LIMIT_COMMENTS="100000/m",
            SLOW_MODE_RATE="",
            LOG_LEVEL="ERROR",
        )
        server = stack.enter_context(Process("serve", "--port", str(port), "--workers", "2", env=env))
        server.wait_until_ready(f"http://127.0.0.1:{port}", 300)
        yield Site(server, env, port, postgres, store)


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_whoever_follows_has_what_the_database_has(site: Site, seed: int, request: pytest.FixtureRequest) -> None:
    size = FULL if request.config.getoption("--full") else SMALL
    print(f"seed {seed}, {size}")
    prepared = manage(
        "shell", "-v0", "-c", PREPARE.format(seed=seed, writers=size.writers + 1), env=site.env, seconds=300
    )
    assert prepared.returncode == 0, prepared.stderr
    chats, tokens = json.loads(prepared.stdout)
    writers = [Writer(number, site.port, token, chats, seed) for number, token in enumerate(tokens)]
    asyncio.run(Run(site, size, seed, writers, [f"discussion.{chat}" for chat in chats]).run())


class Run:
    """A storm, then calm."""

    def __init__(self, site: Site, size: Size, seed: int, writers: list[Writer], streams: list[str]) -> None:
        self.site, self.size, self.seed, self.streams = site, size, seed, streams
        self.late, *self.writers = writers
        self.subscribers: list[Subscriber] = []
        self.company = Company(site, streams, writers, self.subscribers)

    async def run(self) -> None:
        lists = Lists(self.site.port)
        start = self.site.stands(self.streams)
        for number in range(self.size.subscribers):
            shown = {stream: Shown(epoch, top) for stream, (epoch, top) in start.items()}
            self.subscribers.append(Subscriber(number, lists, shown, self.site.port, self.seed))
        tasks = [asyncio.create_task(each.run(self.size.events_a_cut)) for each in self.subscribers]
        try:
            await self._storm()
            await self.company.reach("the end of the storm", 90)
            await self._calm()
        finally:
            await close_all(self.subscribers, tasks)
            for writer in (*self.writers, self.late):
                writer.line.close()
            await lists.client.aclose()
        self.company.compare()
        self._look_for_what_was_withdrawn()

    async def _storm(self) -> None:
        size, begun = self.size, time.monotonic()
        assert self.site.postgres is not None
        assert self.site.redis is not None
        harm = Harm(self.site.server, self.site.postgres, self.site.redis, size.outage)
        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(size.writers + 1) as pool:

            def is_written() -> bool:
                return all(len(each.said) >= size.comments or each.faults for each in self.writers)

            few = [harm.kill_a_worker, *harm.deeds[self.seed :: 3]]  # all three seeds do them all
            deeds, is_over = (harm.deeds, is_written) if size.is_full else (few, lambda: True)
            raging = loop.run_in_executor(pool, harm.rage, deeds, random.Random(self.seed), size.harm_pause, is_over)
            how = (size.comments, raging.done, size.write_pause)
            writing = [loop.run_in_executor(pool, writer.write, *how) for writer in self.writers]
            try:
                async with asyncio.timeout(size.patience):
                    await asyncio.gather(raging, *writing)
            finally:
                for each in (harm, *self.writers):
                    each.stop()
        assert [each.faults for each in self.writers if each.faults] == []
        said = sum(len(each.said) for each in self.writers)
        repeats = sum((each.repeats for each in self.writers), Counter())
        print(f"{said} comments in {time.monotonic() - begun:.0f} s, asked again {dict(repeats)}; {harm.done}")

    async def _calm(self) -> None:
        """Nothing fails, nobody is cut: each single comment reaches everybody, and without Redis, too."""
        cuts = sum((each.cuts for each in self.subscribers), Counter())
        print(f"{len(self.subscribers)} subscribers: {dict(cuts)}")
        await hold(lambda: len(self.site.server.workers()) == 2, 60, "two workers")
        for each in self.subscribers:
            each.is_calm = True
        await hold(lambda: all(each.is_following for each in self.subscribers), 60, "everybody follows")
        for number in range(self.size.calm):
            if number == self.size.calm - 2:
                await asyncio.to_thread(self.site.redis.stop)
            await asyncio.to_thread(self.late.say, int(self.streams[number % 8].partition(".")[2]))
            await self.company.reach(f"comment {number} in calm", 20)
        await asyncio.to_thread(self.site.redis.start)

    def _look_for_what_was_withdrawn(self) -> None:
        """Who reads the whole log now finds each offset, and no text that was taken down."""
        gone = {pk for each in self.writers for pk in each.withdrawn}
        with httpx.Client(base_url=f"http://127.0.0.1:{self.site.port}/api/v1/", timeout=30) as client:
            for stream, (epoch, top) in self.site.stands(self.streams).items():
                offset = 0
                while offset < top:
                    params = {"epoch": epoch, "offset": offset, "limit": 1000}
                    frame = client.get(f"streams/{stream}/events/", params=params).raise_for_status().json()
                    assert frame["type"] == "events", f"{stream} cannot be read on after {offset} of {top}"
                    assert frame["from"] == offset < frame["upto"]
                    told = [each["data"] for each in frame["events"] if each["data"].get("text")]
                    assert [each["text"] for each in told if each["id"] in gone] == [], "withdrawn, but told"
                    offset = frame["upto"]
