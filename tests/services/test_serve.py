"""`manage.py serve --workers 2` on PostgreSQL and Redis: the product as a large site runs it."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.support.product import Process, demo, environment
from tests.support.services import Postgres, free_port, wait_for


@dataclass
class Site:
    url: str
    process: Process
    accounts: dict[str, dict[str, str]]
    env: dict[str, str]

    def workers(self) -> set[int]:
        """Process ids of what serves: children of the parent that have children or sockets of their own."""
        parent = self.process.popen.pid
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        return {int(pid) for pid in children if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()}


@pytest.fixture(scope="module")
def site(make_database: Callable[[], str], redis_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Two workers over the demo's content."""
    folder, database, port = tmp_path_factory.mktemp("serve"), make_database(), free_port()
    with demo(folder, DATABASE_URL=database) as filling:
        accounts = filling.accounts
        assert filling.stop() == 0
    env = environment(
        SECRET_KEY="s" * 50,
        NEWSROOM_DATA=str(folder),
        SITE_URL=f"http://127.0.0.1:{port}",
        DATABASE_URL=database,
        REDIS_URL=redis_url,
        LIMIT_COMMENTS="1000/m",
    )
    with Process("serve", "--port", str(port), "--workers", "2", env=env) as process:
        process.wait_until_ready(f"http://127.0.0.1:{port}")
        yield Site(f"http://127.0.0.1:{port}", process, accounts, env)


def test_pages_and_api_answer(site: Site) -> None:
    with httpx.Client(base_url=site.url) as client:
        assert client.get("/health/ready").status_code == 200
        assert client.get("/").status_code == 200
        assert client.get("/api/v1/articles/").json()["results"]


def test_a_killed_worker_is_replaced_while_the_other_serves(site: Site) -> None:
    wait_for(lambda: len(site.workers()) == 2, what="two workers")
    victim = min(site.workers())

    os.kill(victim, signal.SIGKILL)

    wait_for(lambda: len(site.workers()) == 2 and victim not in site.workers(), what="a new worker")
    site.process.wait_until_ready(site.url)


def test_while_the_database_is_away_everything_says_so_and_then_goes_on(site: Site, postgres_server: Postgres) -> None:
    with httpx.Client(base_url=site.url, timeout=30) as client:
        postgres_server.stop()
        try:
            answers = [client.get(path) for path in ("/", "/api/v1/discussions/", "/health/ready")]
            alive = client.get("/health/live")
        finally:
            postgres_server.start()

        assert [answer.status_code for answer in answers] == [503, 503, 503]
        assert all(int(answer.headers["Retry-After"]) > 0 for answer in answers)
        assert answers[1].json()["code"] == "unavailable"
        assert alive.status_code == 200
        wait_for(lambda: client.get("/").status_code == 200, what="the front page")
        assert client.get("/api/v1/discussions/").status_code == 200
