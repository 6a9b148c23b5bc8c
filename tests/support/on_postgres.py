"""Run tests on PostgreSQL and Redis: `uv run python -m tests.support.on_postgres tests/comments -x`."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

import psycopg

from tests.support import services
from tests.support.product import ROOT, environment


def command(arguments: Sequence[str]) -> list[str]:
    return [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--create-db", *arguments]


def main() -> int:
    with services.postgres() as server, services.redis() as redis:
        with psycopg.connect(f"{server.url}postgres", autocommit=True) as connection:
            connection.execute("CREATE DATABASE newsroom")
        env = environment(DATABASE_URL=f"{server.url}newsroom", REDIS_URL=redis.url)
        return subprocess.run(command(sys.argv[1:]), cwd=ROOT, env=env, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
