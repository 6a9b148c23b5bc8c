"""Run tests on PostgreSQL and Redis: `uv run python -m tests.support.on_postgres tests/comments -x`."""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import psycopg

from tests.support import services
from tests.support.product import ROOT, environment


def main() -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # the servers are stopped then, too
    with services.postgres() as server, services.redis() as redis:
        with psycopg.connect(f"{server.url}postgres", autocommit=True) as connection:
            connection.execute("CREATE DATABASE newsroom")
        env = environment(DATABASE_URL=f"{server.url}newsroom", REDIS_URL=redis.url)
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--create-db", *sys.argv[1:]]
        return subprocess.run(command, cwd=ROOT, env=env, check=False).returncode


class Run:
    """The above in a process of its own, beside what else runs."""

    def __init__(self, arguments: Sequence[str]) -> None:
        self._output = tempfile.TemporaryFile("w+")  # noqa: SIM115
        command = [sys.executable, "-m", "tests.support.on_postgres", *arguments]
        self._process = subprocess.Popen(
            command, cwd=ROOT, env=environment(), stdout=self._output, stderr=self._output, stdin=subprocess.DEVNULL
        )

    def finish(self, seconds: float) -> tuple[int, str]:
        """Exit code and output. Raises TimeoutExpired."""
        code = self._process.wait(seconds)
        self._output.seek(0)
        return code, self._output.read()

    def close(self) -> None:
        if self._process.poll() is None:
            self._process.terminate()
            self._process.wait()
        self._output.close()


@contextmanager
def beside(arguments: Sequence[str]) -> Iterator[Run]:
    run = Run(arguments)
    try:
        yield run
    finally:
        run.close()


if __name__ == "__main__":
    sys.exit(main())
