"""The table of outages in docs/operations.md: what readers see meanwhile, that nothing is lost, when all works again.

Each prints a line RECOVERED (`pytest -s`). `--full`: all of them, and each lasts for 20 seconds at least.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from tests.services.outage import KEPT, LIST, LIVE, READY, Outage, Seen, Town
from tests.services.site import Site
from tests.support import services
from tests.support.little_room import mounted
from tests.support.product import Process, environment

WORKERS = 2
DISK = 200_000_000  # bytes of the database's own disk


@pytest.fixture(scope="module")
def town(cluster: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Two workers, Redis, and PostgreSQL with a standby that each commit waits for."""
    with ExitStack() as stack:
        disk = stack.enter_context(mounted(DISK))
        settings = ("synchronous_commit=on", "synchronous_standby_names=*")
        postgres = stack.enter_context(services.postgres(*settings, cluster=cluster, folder=disk))
        standby = stack.enter_context(services.standby_of(postgres))
        store, port = stack.enter_context(services.redis()), services.free_port()
        where = f"host=127.0.0.1,127.0.0.1&port={postgres.port},{standby.port}"
        env = environment(
            DATABASE_URL=f"postgres://newsroom@/newsroom?{where}&target_session_attrs=read-write",
            REDIS_URL=store.url,
            SECRET_KEY="only-for-tests-" + "x" * 50,
            SITE_URL="http://news.example",
            ALLOWED_HOSTS="127.0.0.1",
            NEWSROOM_DATA=str(tmp_path_factory.mktemp("town")),
            STATEMENT_TIMEOUT="2",  # seconds; 30 unless somebody sets it
            LIMIT_COMMENTS="100000/m",
            SLOW_MODE_RATE="",
        )
        server = Process("serve", "--port", str(port), "--workers", str(WORKERS), env=env)
        server.wait_until_ready(f"http://127.0.0.1:{port}")
        site = Site(server, env, port, postgres, store, standby, disk)
        try:
            yield Town(site)
        finally:
            site.server.__exit__(None, None, None)


@pytest.fixture(scope="module")
def village(filled_folder: Callable[[], Path]) -> Iterator[Town]:
    """One process, SQLite on a disk of its own, and a clock that jumps."""
    with mounted(64_000_000) as disk:
        shutil.copy(filled_folder() / "newsroom.sqlite3", disk)
        port = services.free_port()
        env = environment(
            DATABASE_URL=f"sqlite:///{disk}/newsroom.sqlite3",
            SECRET_KEY="only-for-tests-" + "x" * 50,
            SITE_URL="http://news.example",
            ALLOWED_HOSTS="127.0.0.1",
            NEWSROOM_DATA=str(disk),
            LIMIT_COMMENTS="100000/m",
            LIMIT_SEARCHES="3/h",
            SLOW_MODE_RATE="",
        )
        with Process("serve", "--port", str(port), env=env, program=("-m", "tests.services.clock")) as server:
            server.wait_until_ready(f"http://127.0.0.1:{port}")
            yield Town(Site(server, env, port, disk=disk))


@contextmanager
def killed_worker(site: Site) -> Iterator[None]:
    victim = min(site.server.workers())
    os.kill(victim, signal.SIGKILL)
    yield
    services.wait_for(lambda: len(site.server.workers() - {victim}) == WORKERS, what="a new worker")


@contextmanager
def killed_redis(site: Site) -> Iterator[None]:
    assert site.redis is not None
    site.redis.process.kill()
    site.redis.process.wait()
    yield
    site.redis.start()


@contextmanager
def killed_database(site: Site) -> Iterator[None]:
    """Without a checkpoint: it recovers at its start, and the log gets a new epoch."""
    assert site.postgres is not None
    site.postgres.crash()
    yield
    site.postgres.start()


@contextmanager
def frozen_database(site: Site) -> Iterator[None]:
    """It takes connections and statements, and does not answer."""
    assert site.postgres is not None
    parent = site.postgres.process.pid
    everybody = [parent, *map(int, Path(f"/proc/{parent}/task/{parent}/children").read_text().split())]
    for pid in everybody:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in everybody:
            os.kill(pid, signal.SIGCONT)


@contextmanager
def full_disk(site: Site) -> Iterator[None]:
    """No byte is left where the database lies."""
    assert site.disk is not None
    ballast = site.disk / "ballast"
    try:
        with ballast.open("wb", buffering=0) as file, suppress(OSError):
            while True:
                file.write(bytes(4096))
        yield
    finally:
        ballast.unlink()


@contextmanager
def promoted_standby(site: Site) -> Iterator[None]:
    """The first server is gone for good, and the standby takes over."""
    assert site.postgres is not None
    assert site.standby is not None
    site.postgres.process.kill()
    site.postgres.process.wait()
    yield
    site.standby.promote()


@contextmanager
def killed_parent(site: Site) -> Iterator[None]:
    """And `serve` is started again, as systemd does, once its port is free."""
    workers = site.server.workers()
    before = site.server
    before.popen.kill()
    before.popen.wait()
    yield
    services.wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers), what="the workers' end")
    before.__exit__(None, None, None)
    site.server = Process("serve", "--port", str(site.port), "--workers", str(WORKERS), env=site.env)


@contextmanager
def jumping_clock(site: Site) -> Iterator[None]:
    """Three hours on, and later six hours back."""
    site.server.popen.send_signal(signal.SIGUSR1)
    yield
    site.server.popen.send_signal(signal.SIGUSR2)


def is_soon(town: Town) -> bool:
    return all(len(town.answers(path)) > 5 for path in (KEPT, LIST, READY))


def is_refused(town: Town) -> bool:
    return bool(town.repeats()["503"] - town.before["503"])


def is_unreadable(town: Town) -> bool:
    """Except for what is in memory."""
    return (
        is_refused(town)
        and any(each.is_stale for each in town.answers(KEPT))
        and all(any(each.status == 503 for each in town.answers(path)) for path in (LIST, READY))
    )


class Case(NamedTuple):
    """`from_memory` and `others`: the statuses that readers get, and 0 where nobody answers."""

    outage: Outage
    is_noticed: Callable[[Town], bool]
    from_memory: set[int]
    others: set[int]


QUICK = [
    Case(full_disk, is_refused, {200}, {200}),
    Case(frozen_database, is_unreadable, {200}, {200, 503}),
]
SLOW = [
    Case(killed_worker, is_soon, {200, 0}, {200, 0}),
    Case(killed_parent, lambda town: True, {200, 0}, {200, 0}),
    Case(killed_redis, is_soon, {200}, {200}),
    Case(killed_database, is_unreadable, {200}, {200, 503}),
]
LAST = Case(promoted_standby, is_unreadable, {200}, {200, 503})  # it takes the first server away


def test_a_large_site_outlives_each(town: Town, request: pytest.FixtureRequest) -> None:
    is_full = request.config.getoption("--full")
    for case in [*(SLOW if is_full else []), *QUICK, LAST]:
        check(case, town.meets(case.outage, case.is_noticed, 20 if is_full else 0))
        if case.outage is full_disk:
            assert any("kein Platz mehr" in each.refusal for each in town.writers)


def test_a_small_site_outlives_each(village: Town) -> None:
    for case in (Case(full_disk, is_refused, {200}, {200}), Case(jumping_clock, is_soon, {200}, {200})):
        check(case, village.meets(case.outage, case.is_noticed))


def test_a_clock_that_jumps_keeps_nobody_out_for_longer_than_a_limit_says(village: Town) -> None:
    address = f"http://127.0.0.1:{village.site.port}/api/v1/search/?q=Regen"

    def is_free() -> bool:
        answer = httpx.get(address, timeout=30)
        assert answer.status_code in {200, 429}, answer.text
        return answer.status_code == 200

    def has_three() -> bool:
        """Once the signal has come."""
        services.wait_for(is_free, what="a clock that jumps")
        return [is_free() for _ in range(3)] == [True, True, False]

    assert has_three()
    village.site.server.popen.send_signal(signal.SIGUSR1)
    assert has_three()
    village.site.server.popen.send_signal(signal.SIGUSR2)
    assert has_three()
    assert "Traceback" not in village.site.server.log()


def check(case: Case, seen: Seen) -> None:
    """People got what they should, and the log has one line of each kind from each worker."""
    assert seen.statuses(LIVE) <= {200} | case.from_memory
    assert seen.meanwhile(KEPT) <= case.from_memory
    assert seen.statuses(LIST) <= case.others
    assert seen.statuses(READY) <= case.others
    refused = [each for answers in seen.answers.values() for each in answers if each.status == 503]
    assert all(int(each.headers["retry-after"]) > 0 for each in refused)
    kinds = Counter(re.sub(r"\[\w+\]|0x\w+|\d+", "", line) for line in seen.lines)
    assert [line for line, count in kinds.items() if count > WORKERS] == []
