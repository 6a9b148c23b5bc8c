"""What people meet while something fails, and how long it takes afterwards until all is as before."""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import re
import signal
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from threading import Event

import httpx

from tests.services.site import Company, Site, hold
from tests.services.storm import Lists, Subscriber, Writer, close_all
from tests.support.product import manage

PREPARE = """
import json
from accounts.actions import create_token
from accounts.models import User
from comments.actions import start_chat
make = User.objects.create_user
mo = make("mo.of@example.org", "Mo of all", role="moderator", is_confirmed=True)
chats = [start_chat(f"Runde {n}", actor=mo).pk for n in range(2)]
people = [make(f"p{n}@example.org", f"Person {n}", is_confirmed=True) for n in range(2)]
print(json.dumps([chats, [create_token(each, name="t", scopes=["comment"])[1] for each in people]]))
"""
LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (?:WARNING|ERROR) (.*)")
type Outage = Callable[[Site], AbstractContextManager[None]]
KEPT, LIST, LIVE, READY = "/api/v1/articles/", "list", "/health/live", "/health/ready"


@dataclass
class Answer:
    at: float  # by time.monotonic
    seconds: float
    status: int  # 0: no answer
    headers: dict[str, str]
    body: str

    @property
    def is_stale(self) -> bool:
        return self.headers.get("cache-status") == "newsroom; hit; detail=stale"


@dataclass
class Reader:
    """Asks for one address again and again, on a new connection each time."""

    port: int
    path: str
    headers: dict[str, str] = field(default_factory=dict)
    answers: list[Answer] = field(default_factory=list)

    def read(self, is_over: Event) -> None:
        while not is_over.wait(0.1):
            begun, line = time.monotonic(), http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            try:
                line.request("GET", self.path, headers=self.headers)
                found = line.getresponse()
                status, headers, body = (
                    found.status,
                    {name.lower(): value for name, value in found.getheaders()},
                    found.read().decode(),
                )
            except (OSError, http.client.HTTPException) as error:
                status, headers, body = 0, {}, repr(error)
            finally:
                line.close()
            ended = time.monotonic()
            self.answers.append(Answer(ended, ended - begun, status, headers, body))


@dataclass
class Seen:
    """What was met from the begin of an outage until everything worked again."""

    answers: dict[str, list[Answer]]  # by address
    repeats: Counter[str]  # of people who write, by what kept them from it
    lines: list[str]  # of the log, without their times
    lasted: float  # seconds
    ended: float  # by time.monotonic

    def statuses(self, path: str) -> set[int]:
        return {each.status for each in self.answers[path]}

    def meanwhile(self, path: str) -> set[int]:
        """Statuses before the end of the outage."""
        return {each.status for each in self.answers[path] if each.at < self.ended}


class Town:
    """A site with people: two who write, four programs that follow, and readers of four addresses."""

    def __init__(self, site: Site) -> None:
        self.site = site
        done = manage("shell", "-v0", "-c", PREPARE, env=site.env)
        assert done.returncode == 0, done.stderr
        chats, tokens = json.loads(done.stdout)
        self.streams = [f"discussion.{chat}" for chat in chats]
        self.writers = [Writer(number, site.port, token, chats, number) for number, token in enumerate(tokens)]
        self.subscribers: list[Subscriber] = []
        self.before = Counter[str]()  # what had kept people from writing until the outage began
        self.readers = {path: Reader(site.port, path) for path in (KEPT, LIVE, READY)}
        listed = Reader(site.port, f"/api/v1/discussions/{chats[0]}/comments/", self.writers[0].headers)
        self.readers[LIST] = listed  # whose answers come from the database, never from memory

    def meets(self, outage: Outage, is_noticed: Callable[[Town], bool], seconds: float = 0) -> Seen:
        """Has an outage begin, last until it is noticed and for so many seconds, and end. Waits until all works again.

        Nothing may be lost or doubled, and nobody may miss anything. Prints how long it took until all worked.
        """
        return asyncio.run(self._meets(outage, is_noticed, seconds))

    def answers(self, path: str, since: float = 0) -> list[Answer]:
        return [each for each in list(self.readers[path].answers) if each.at > since]

    def repeats(self) -> Counter[str]:
        return sum((each.repeats for each in self.writers), Counter[str]())

    def _fill_memory(self) -> None:
        """Have each worker answer once what it then keeps: one alone might take all connections."""
        workers = self.site.server.workers()
        for chosen in workers or {0}:
            for pid in workers - {chosen}:
                os.kill(pid, signal.SIGSTOP)
            try:
                httpx.get(f"http://127.0.0.1:{self.site.port}{KEPT}", timeout=30).raise_for_status()
            finally:
                for pid in workers - {chosen}:
                    os.kill(pid, signal.SIGCONT)

    async def _meets(self, outage: Outage, is_noticed: Callable[[Town], bool], seconds: float) -> Seen:
        await asyncio.to_thread(self._fill_memory)
        lists, loop, is_over = Lists(self.site.port), asyncio.get_running_loop(), Event()
        self.subscribers = []
        for number in range(4):
            shown = {stream: await lists.load(stream, "") for stream in self.streams}
            self.subscribers.append(Subscriber(number, lists, shown, self.site.port, number))
            self.subscribers[-1].is_calm = True
        company = Company(self.site, self.streams, self.writers, self.subscribers)
        following = [asyncio.create_task(each.run(10)) for each in self.subscribers]
        try:
            with ThreadPoolExecutor(8) as pool:
                asking = [loop.run_in_executor(pool, each.read, is_over) for each in self.readers.values()]
                asking += [loop.run_in_executor(pool, each.write, 0, is_over.is_set, 0.3) for each in self.writers]
                try:
                    await self._all_works(time.monotonic())
                    seen, took = await self._through(outage, lambda: is_noticed(self), seconds)
                except BaseException:
                    for each in self.writers:
                        each.stop()
                    raise
                finally:
                    is_over.set()
                    await asyncio.gather(*asking)
            await company.reach(outage.__name__, 60)
        finally:
            await close_all(self.subscribers, following)
            await lists.client.aclose()
            for each in self.writers:
                each.line.close()
        assert [each.faults for each in self.writers if each.faults] == []
        company.compare()
        works = ", ".join(f"{what} {after:.1f}" for what, after in took.items())
        print(f"RECOVERED {outage.__name__}: {seen.lasted:.0f} s; then {works}; asked again {dict(seen.repeats)}")
        return seen

    async def _through(
        self, outage: Outage, is_noticed: Callable[[], bool], least: float
    ) -> tuple[Seen, dict[str, float]]:
        server = self.site.server
        self.before, log = self.repeats(), len(server.log())
        for reader in self.readers.values():
            reader.answers.clear()
        begun = time.monotonic()
        with outage(self.site):
            await hold(lambda: is_noticed() and time.monotonic() >= begun + least, 60, "the outage to be noticed")
            ended = time.monotonic()
        took = await self._all_works(ended)
        lines = self.site.server.log()[0 if self.site.server is not server else log :].splitlines()
        assert all(LINE.fullmatch(line) for line in lines), lines
        found = {path: self.answers(path) for path in self.readers}
        return Seen(
            found, self.repeats() - self.before, [LINE.sub(r"\1", line) for line in lines], ended - begun, ended
        ), took

    async def _all_works(self, since: float) -> dict[str, float]:
        """Wait until each kind of asking has succeeded after this moment; how many seconds after it."""
        said = [len(each.said) for each in self.writers]
        stood = [
            {stream: (shown.epoch, shown.offset) for stream, shown in each.shown.items()} for each in self.subscribers
        ]
        works: dict[str, Callable[[], bool]] = {
            "read": lambda: any(each.status == 200 for each in self.answers(LIST, since)),
            "fresh": lambda: any(each.status == 200 and not each.is_stale for each in self.answers(KEPT, since)),
            "ready": lambda: any(each.status == 200 for each in self.answers(READY, since)),
            "write": lambda: all(len(each.said) > before for each, before in zip(self.writers, said, strict=True)),
            "hear": lambda: all(
                any((shown.epoch, shown.offset) != before[stream] for stream, shown in each.shown.items())
                for each, before in zip(self.subscribers, stood, strict=True)
            ),
        }
        took: dict[str, float] = {}

        def is_all() -> bool:
            assert [each.faults for each in self.writers if each.faults] == []
            took.update(
                {what: time.monotonic() - since for what, holds in works.items() if what not in took and holds()}
            )
            return len(took) == len(works)

        await hold(is_all, 90, "all to work again")
        return took
