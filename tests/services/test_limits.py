"""A limit holds exactly where many ask at once, wherever it is counted."""

from __future__ import annotations

import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support.product import ROOT, environment
from tests.support.services import postgres, redis

THREADS = """
import django, sys
django.setup()
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from django.core.management import call_command
from django.db import connection
from newsroom import limits
from newsroom.errors import TooManyRequests
for app in ("live", "newsroom"):
    call_command("migrate", app, verbosity=0)
barrier = Barrier(64)
def deed(number):
    barrier.wait()
    try:
        limits.take("race:everybody", 20, 600)
        return True
    except TooManyRequests as refused:
        assert 1 <= refused.extra["retry_after"] <= 600
        return False
    finally:
        connection.close()
with ThreadPoolExecutor(64) as pool:
    print(sum(pool.map(deed, range(64))))
"""
PUT_BACK = """
import django, os
django.setup()
from redis import Redis
from newsroom import limits
from newsroom.errors import TooManyRequests
def is_taken():
    try:
        return bool(limits.take("clock:everybody", 2, 600))
    except TooManyRequests:
        return False
print([is_taken() for _ in range(3)])
store = Redis.from_url(os.environ["REDIS_URL"])
(key,) = store.keys()
for place, hit in enumerate(store.lrange(key, 0, -1)):
    store.lset(key, place, int(hit) + 6 * 3600 * 1_000_000)
print([is_taken() for _ in range(3)])
"""


def test_a_clock_of_redis_that_is_put_back_refuses_nobody(tmp_path: Path) -> None:
    with redis() as store:
        said, _ = _run(PUT_BACK, REDIS_URL=store.url, NEWSROOM_DATA=str(tmp_path))
    assert said.splitlines() == ["[True, True, False]"] * 2


def _run(code: str, **env: str) -> tuple[str, str]:
    """What is printed, and the log."""
    known = environment(DJANGO_SETTINGS_MODULE="newsroom.settings", SECRET_KEY="x" * 50, **env)
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=known, capture_output=True, text=True, timeout=110, check=False
    )
    assert run.returncode == 0, run.stderr
    return run.stdout.strip(), run.stderr


@pytest.mark.parametrize("where", ["sqlite", "postgres", "redis", "redis away"])
def test_64_threads_get_exactly_as_many_places_as_there_are(where: str, tmp_path: Path) -> None:
    data = {"NEWSROOM_DATA": str(tmp_path)}
    with ExitStack() as started:
        match where:
            case "postgres":
                data["DATABASE_URL"] = f"{started.enter_context(postgres()).url}postgres"
            case "redis":
                data["REDIS_URL"] = started.enter_context(redis()).url
            case "redis away":
                data["REDIS_URL"] = "redis://127.0.0.1:9/0"

        taken, log = _run(THREADS, **data)
    assert taken == "20"
    assert log.count("Redis is away: limits are counted in the database") == (where == "redis away")
    assert "Traceback" not in log
