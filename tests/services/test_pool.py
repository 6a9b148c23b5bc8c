"""Connections that PostgreSQL has ended meanwhile cost nobody an answer."""

from __future__ import annotations

from pathlib import Path

import httpx
import psycopg
import pytest

from tests.support import services
from tests.support.product import Process, environment, manage

OTHERS = "FROM pg_stat_activity WHERE datname = 'newsroom' AND pid <> pg_backend_pid()"


@pytest.fixture
def site(server: services.Postgres, tmp_path: Path) -> dict[str, str]:
    """The environment of a site without a read cache."""
    return environment(
        DATABASE_URL=f"{server.url}newsroom",
        SECRET_KEY="only-for-tests-" + "x" * 50,
        ALLOWED_HOSTS="127.0.0.1",
        NEWSROOM_DATA=str(tmp_path),
        EDGE_BYTES="0",
        WEB_THREADS="1",  # whose connection is one of those in the pool
    )


def test_whoever_asks_after_the_database_has_ended_sessions_is_answered(
    server: services.Postgres, site: dict[str, str]
) -> None:
    url, port = site["DATABASE_URL"], services.free_port()
    with Process("serve", "--port", str(port), env=site) as process:
        process.wait_until_ready(f"http://127.0.0.1:{port}")

        def status() -> int:
            return httpx.get(f"http://127.0.0.1:{port}/api/v1/articles/", timeout=30).status_code

        assert status() == 200
        for _ in range(3):
            with psycopg.connect(url, autocommit=True) as root:
                ended = {pid for (pid,) in root.execute(f"SELECT pid {OTHERS}").fetchall()}
                assert ended
                root.execute(f"SELECT pg_terminate_backend(pid) {OTHERS}")
                services.wait_for(
                    lambda gone=ended, by=root: gone.isdisjoint(
                        pid for (pid,) in by.execute(f"SELECT pid {OTHERS}").fetchall()
                    ),
                    what="the end of the sessions",
                )
            assert status() == 200
        server.stop()
        server.start()
        assert status() == 200


def test_a_statement_that_does_not_come_to_an_end_is_ended(site: dict[str, str]) -> None:
    url, port = site["DATABASE_URL"], services.free_port()
    with Process("serve", "--port", str(port), env=site | {"STATEMENT_TIMEOUT": "1"}) as process:
        process.wait_until_ready(f"http://127.0.0.1:{port}")
        with psycopg.connect(url) as other:
            other.execute("LOCK TABLE articles_article IN ACCESS EXCLUSIVE MODE")
            refused = httpx.get(f"http://127.0.0.1:{port}/api/v1/articles/", timeout=60)
            other.rollback()
        answered = httpx.get(f"http://127.0.0.1:{port}/api/v1/articles/", timeout=60)

    assert (refused.status_code, answered.status_code) == (503, 200)
    assert int(refused.headers["Retry-After"]) > 0


def test_what_is_in_memory_is_shown_while_a_statement_hangs(site: dict[str, str]) -> None:
    port = services.free_port()
    env = site | {"STATEMENT_TIMEOUT": "9", "EDGE_BYTES": "1000000"}
    with Process("serve", "--port", str(port), env=env) as process:
        process.wait_until_ready(f"http://127.0.0.1:{port}")

        def ask() -> httpx.Response:  # for what is made anew each second
            return httpx.get(f"http://127.0.0.1:{port}/api/v1/discussions/", timeout=60)

        services.wait_for(lambda: ask().headers.get("Cache-Status") == "newsroom; hit", what="an answer that is kept")
        with psycopg.connect(site["DATABASE_URL"]) as other:
            other.execute("LOCK TABLE comments_discussion IN ACCESS EXCLUSIVE MODE")
            stale = "newsroom; hit; detail=stale"
            services.wait_for(lambda: ask().headers.get("Cache-Status") == stale, what="an answer from memory")
            assert ask().status_code == 200
            other.rollback()


def test_more_connections_than_postgresql_admits_are_named(site: dict[str, str]) -> None:
    production = {
        "SECRET_KEY": "Zq3-" + "b7Kx9" * 12,
        "SITE_URL": "https://news.example",
        "EMAIL_URL": "smtps://user:word@mail.example",
    }
    few = manage("check", "--deploy", env=site | production | {"DATABASE_POOL": "20"})
    many = manage("check", "--deploy", env=site | production | {"DATABASE_POOL": "60"})

    assert "newsroom.W003" not in few.stderr
    assert "newsroom.W003" in many.stderr
    port = services.free_port()
    with Process("serve", "--port", str(port), env=site | {"DATABASE_POOL": "60"}) as process:
        process.wait_until_ready(f"http://127.0.0.1:{port}")
        assert "120 connections to PostgreSQL, which admits 97" in process.log()
        with psycopg.connect(site["DATABASE_URL"]) as root:
            names = {name for (name,) in root.execute(f"SELECT application_name {OTHERS}").fetchall()}
    assert names == {"newsroom"}


def test_why_the_database_cannot_be_used_is_said_at_the_start(site: dict[str, str]) -> None:
    address, _, _ = site["DATABASE_URL"].rpartition("/")
    closed = f"postgres://newsroom@127.0.0.1:{services.free_port()}/newsroom"

    for url, reason in ((f"{address}/nothing", 'database "nothing" does not exist'), (closed, "Connection refused")):
        for command in ("serve", "migrate"):
            refused = manage(command, env=site | {"DATABASE_URL": url})
            last = refused.stderr.splitlines()[-1]
            assert refused.returncode == 2
            assert last.startswith("The database cannot be used: "), refused.stderr
            assert reason in last, refused.stderr
    assert manage("migrate", "--check", env=site).returncode == 0
