"""The product on PostgreSQL and Redis, as benchmarks run it: real servers, no limits on who writes how much."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg

from tests.bench.machine import compiled, pinned, tree
from tests.support import services
from tests.support.product import ROOT, Process, environment, manage

DURABLE = ("fsync=on", "synchronous_commit=on", "full_page_writes=on", "max_connections=300")
UNLIMITED = {
    "LIMIT_COMMENTS": "1000000/s",
    "LIMIT_FRAMES": "1000000/s",
    "SLOW_MODE_RATE": "",
    "CLOSE_CHATS_AFTER": "0",
}


@dataclass
class Site:
    """A migrated database with a few people and chats, and what surrounds it."""

    env: dict[str, str]
    postgres: services.Postgres
    redis: services.Redis
    folder: str
    chats: list[int]
    tokens: list[str]

    def around(self) -> list[int]:
        """The processes that serve it beside its own: database and Redis."""
        return [*tree(self.postgres.process.pid), *tree(self.redis.process.pid)]

    def publisher(self) -> subprocess.Popen[bytes]:
        """A process of the product that publishes an event for each number that it reads."""
        return subprocess.Popen(
            [sys.executable, "-m", "tests.bench.inside", "publish"], cwd=ROOT, env=self.env, stdin=subprocess.PIPE
        )


@contextmanager
def site(
    *, cpu: int | None = None, people: int = 1, chats: int = 1, fsync_ms: float | None = None, **env: str
) -> Iterator[Site]:
    """Database and Redis stay on CPU `cpu`; with `fsync_ms` every flush takes so long, and reaches no disk."""
    with ExitStack() as stack:
        slow: dict[str, str] = {}
        if fsync_ms is not None:
            shim = stack.enter_context(compiled("slow_fsync.c", "-shared", "-fPIC"))
            slow = {"LD_PRELOAD": str(shim), "FSYNC_US": str(int(fsync_ms * 1000))}
        with pinned(cpu):
            server = stack.enter_context(services.postgres(*DURABLE, **slow))
            redis = stack.enter_context(services.redis())
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="newsroom-bench-"))
        with psycopg.connect(f"{server.url}postgres", autocommit=True) as connection:
            connection.execute("CREATE DATABASE newsroom")
        known = environment(
            SECRET_KEY="b" * 50,
            NEWSROOM_DATA=folder,
            DATABASE_URL=f"{server.url}newsroom",
            REDIS_URL=redis.url,
            DJANGO_SETTINGS_MODULE="newsroom.settings",
            **UNLIMITED,
            **env,
        )
        done = manage("migrate", env=known)
        assert done.returncode == 0, done.stderr
        made = _inside("prepare", str(people), str(chats), env=known)
        yield Site(known, server, redis, folder, made["chats"], made["tokens"])


@contextmanager
def serving(
    site: Site, *options: str, cpu: int | None = None, traced: str = "", workers: int = 1
) -> Iterator[tuple[Process, int]]:
    """`manage.py serve` and its port; `traced`: a file that gets the moments of each event, see `inside`."""
    port = services.free_port()
    url = f"http://127.0.0.1:{port}"
    program = ("-m", "tests.bench.inside", "serve", traced) if traced else ("manage.py", "serve")
    arguments = ("--port", str(port), "--workers", str(workers), *options)
    with pinned(cpu):
        process = Process(*arguments, env=site.env | {"SITE_URL": url}, program=program)
    with process:
        process.wait_until_ready(url)
        yield process, port


def _inside(*arguments: str, env: dict[str, str]) -> Any:
    command = [sys.executable, "-m", "tests.bench.inside", *arguments]
    return json.loads(subprocess.run(command, cwd=ROOT, env=env, check=True, stdout=subprocess.PIPE).stdout)
