"""A site of which a test looks into the database beside it: what it holds, and whether everybody has that."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import psycopg

from tests.services.storm import Subscriber, Writer
from tests.support import services
from tests.support.product import Process


@dataclass
class Site:
    """`serve` on `port`. What it has its data in is None if that is SQLite."""

    server: Process
    env: dict[str, str]
    port: int
    postgres: services.Postgres | None = None
    redis: services.Redis | None = None
    standby: services.Postgres | None = None
    disk: Path | None = None  # that the database lies on, if it is one of its own

    def ask(self, sql: str) -> list[tuple[object, ...]]:
        url = self.env["DATABASE_URL"]
        if url.startswith("sqlite"):
            with closing(sqlite3.connect(unquote(url.removeprefix("sqlite:///")), timeout=30)) as database:
                return database.execute(sql).fetchall()
        with psycopg.connect(url) as connection:
            return connection.execute(sql).fetchall()

    def is_numbered(self) -> bool:
        return not self.ask('SELECT 1 FROM live_event WHERE "offset" IS NULL LIMIT 1')

    def stands(self, streams: list[str]) -> dict[str, tuple[str, int]]:
        """Of each stream epoch and top."""
        found = self.ask("SELECT name, value, top FROM live_stream, live_epoch")
        return {str(name): (str(epoch), int(str(top))) for name, epoch, top in found if name in streams}

    def shows(self, stream: str) -> tuple[list[int], set[int]]:
        """What a discussion shows: places in their order, and which of them are empty."""
        which = f'discussion_id = {stream.partition(".")[2]} AND "order" IS NOT NULL ORDER BY "order"'
        rows = self.ask(f'SELECT "order", state FROM comments_comment WHERE {which}')
        return [order for order, _ in rows], {order for order, state in rows if state == "withdrawn"}  # type: ignore[misc]


@dataclass
class Company:
    """Who writes on a site, and who follows which streams."""

    site: Site
    streams: list[str]
    writers: list[Writer]
    subscribers: list[Subscriber]

    async def reach(self, what: str, seconds: float) -> None:
        """Wait until all is numbered, and everybody has all of it."""
        await hold(self.site.is_numbered, seconds, f"{what}: numbered")
        tops = self.site.stands(self.streams)
        await hold(lambda: not self._behind(tops) or any(each.faults for each in self.subscribers), seconds, "")
        assert [f"subscriber {each.number}: {each.faults}" for each in self.subscribers if each.faults] == []
        assert self._behind(tops) == [], what

    def _behind(self, tops: dict[str, tuple[str, int]]) -> list[str]:
        return [
            f"subscriber {each.number}: {stream} at {each.shown[stream].epoch}:{each.shown[stream].offset} of {top}"
            for each in self.subscribers
            for stream, top in tops.items()
            if (each.shown[stream].epoch, each.shown[stream].offset) != top
        ]

    def compare(self) -> None:
        """The database has what was answered, once; everybody shows what the database has."""
        said = sorted(pk for each in self.writers for pk in each.said)
        where = ",".join(stream.partition(".")[2] for stream in self.streams)
        rows = self.site.ask(f"SELECT id, state FROM comments_comment WHERE discussion_id IN ({where}) ORDER BY id")
        assert [pk for pk, _ in rows] == said, "a comment is missing or was written twice"
        assert {pk for pk, state in rows if state == "withdrawn"} == _all(each.withdrawn for each in self.writers)
        for stream in self.streams:
            shows = self.site.shows(stream)
            for each in self.subscribers:
                assert each.shown[stream].result() == shows, f"subscriber {each.number}, {stream}"


def _all(sets: Iterable[set[int]]) -> set[int]:
    return set[int]().union(*sets)


async def hold(condition: Callable[[], bool], seconds: float, what: str) -> None:
    """Look every 20 ms until it holds, with the event loop running. Raises TimeoutError if `what` is given."""
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            if what:
                raise TimeoutError(f"{what}: not within {seconds} s")
            return
        await asyncio.sleep(0.02)
