"""The tests that touch rows run a second time, on PostgreSQL and Redis, in a process of their own."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import pytest

from tests.support.on_postgres import command
from tests.support.product import ROOT, environment
from tests.support.services import Redis

SUITES = (
    "accounts",
    "articles",
    "comments",
    "importers",
    "kernel",
    "live",
    "pages",
    "house/test_background.py",
    "house/test_health.py",
)


@pytest.mark.timeout(900)
def test_everything_holds_on_postgresql_and_redis(make_database: Callable[[], str], redis_server: Redis) -> None:
    suites = [str(ROOT / "tests" / suite) for suite in SUITES if (ROOT / "tests" / suite).exists()]
    env = environment(DATABASE_URL=make_database(), REDIS_URL=redis_server.url)

    result = subprocess.run(
        command(suites), cwd=ROOT, env=env, capture_output=True, text=True, timeout=850, check=False
    )

    assert result.returncode == 0, result.stdout[-20_000:] + result.stderr[-5_000:]
