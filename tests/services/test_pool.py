"""Connections that PostgreSQL has ended meanwhile cost nobody an answer."""

from __future__ import annotations

from pathlib import Path

import httpx
import psycopg

from tests.support import services
from tests.support.product import Process, environment, manage

OTHERS = "FROM pg_stat_activity WHERE datname = 'newsroom' AND pid <> pg_backend_pid()"


def test_whoever_asks_after_the_database_has_ended_sessions_is_answered(
    server: services.Postgres, tmp_path: Path
) -> None:
    url, port = f"{server.url}newsroom", services.free_port()
    env = environment(
        DATABASE_URL=url,
        SECRET_KEY="only-for-tests-" + "x" * 50,
        ALLOWED_HOSTS="127.0.0.1",
        NEWSROOM_DATA=str(tmp_path),
        EDGE_BYTES="0",
        WEB_THREADS="1",  # whose connection is one of those in the pool
    )
    assert manage("migrate", "-v0", env=env).returncode == 0
    with Process("serve", "--port", str(port), env=env) as process:
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
