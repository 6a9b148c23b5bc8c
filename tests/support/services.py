"""Real PostgreSQL and Redis servers from Debian's packages, on free ports, in a temporary folder."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

REQUIRED = {name.strip() for name in os.environ.get("NEWSROOM_TEST_REQUIRE", "").split(",") if name.strip()}


def missing(name: str, what: str) -> None:
    """Skip by name; fail where NEWSROOM_TEST_REQUIRE wants it."""
    sentence = f"{name}: {what} is not installed"
    if name in REQUIRED:
        pytest.fail(sentence, pytrace=False)
    pytest.skip(sentence)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(condition: Callable[[], bool], *, seconds: float = 20, what: str = "condition") -> None:
    """Look every 50 ms until it holds. Raises TimeoutError."""
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            raise TimeoutError(f"{what}: not within {seconds} s")
        time.sleep(0.05)


def answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def stop(process: subprocess.Popen[bytes], seconds: float = 10) -> None:
    process.terminate()
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def postgres_programs() -> Path | None:
    """The folder of initdb and postgres: Debian keeps one for each major version, the newest wins."""
    folders = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/postgres")]
    if linked := shutil.which("initdb"):
        folders.append(Path(linked).resolve().parent)
    usable = [folder for folder in folders if (folder / "initdb").exists() and (folder / "postgres").exists()]
    return max(usable, key=lambda folder: folder.parent.name.isdigit() and int(folder.parent.name), default=None)


class Postgres:
    """A server in `folder`, on a free port. Never runs as root. `settings` are lines of its configuration.

    Its cluster is the one that `folder` has, otherwise a copy of another server's that was stopped, otherwise new.
    """

    def __init__(
        self, programs: Path, folder: Path, *settings: str, cluster: Path | None = None, **environment: str
    ) -> None:
        self.programs, self.folder, self.port = programs, folder, free_port()
        self._settings, self._environment = settings, environment
        self.url = f"postgres://newsroom@127.0.0.1:{self.port}/"  # a database's name goes behind it
        self._who: dict[str, Any] = {}
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
            self._who = {"user": "postgres", "group": "postgres", "extra_groups": []}
        if (folder / "data").exists():
            return
        if cluster is not None:
            shutil.copytree(cluster, folder / "data")
            if self._who:
                subprocess.run(["chown", "-R", "postgres:postgres", folder / "data"], check=True)
            return
        make = [programs / "initdb", "-D", folder / "data", "-A", "trust", "-U", "newsroom", "-E", "UTF8", "--no-sync"]
        subprocess.run([*make, "--locale=C.UTF-8"], check=True, capture_output=True, cwd=folder, **self._who)

    def start(self) -> None:
        quick = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=100"]
        settings = [part for each in ["listen_addresses=127.0.0.1", *quick, *self._settings] for part in ("-c", each)]
        place = ["-D", self.folder / "data", "-p", str(self.port), "-k", self.folder]
        with (self.folder / "log").open("ab") as log:
            command = [self.programs / "postgres", *place, *settings]
            env = os.environ | self._environment
            self.process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder, env=env, **self._who)
        wait_for(self._is_ready, seconds=60, what="PostgreSQL")  # it listens before it lets anybody in

    def _is_ready(self) -> bool:
        asked = [self.programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        return subprocess.run(asked, check=False).returncode == 0

    def stop(self) -> None:
        self.process.send_signal(signal.SIGINT)  # cuts what is connected
        stop(self.process)

    def promote(self) -> None:
        """Have a standby be the server that writes."""
        asked = [self.programs / "pg_ctl", "promote", "-s", "-D", self.folder / "data"]
        subprocess.run(asked, check=True, cwd=self.folder, **self._who)

    def crash(self) -> None:
        """Stop without a checkpoint: what was committed is recovered at the next start, unlogged tables are empty."""
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(20)

    def copy_to(self, folder: Path) -> None:
        """Make `folder` that of a standby."""
        if self._who:
            shutil.chown(folder, "postgres", "postgres")
        which = ["-h", "127.0.0.1", "-p", str(self.port), "-U", "newsroom", "-D", folder / "data"]
        copy = [self.programs / "pg_basebackup", *which, "-R", "-X", "stream", "-c", "fast", "--no-sync"]
        subprocess.run(copy, check=True, cwd=folder, **self._who)


@contextmanager
def postgres(
    *settings: str, cluster: Path | None = None, folder: Path | None = None, **environment: str
) -> Iterator[Postgres]:
    """A running server: quick, unless `settings` such as "fsync=on" say otherwise. `cluster`: what it begins with;
    `folder`: where it is kept.
    """
    programs = postgres_programs()
    if programs is None:
        missing("postgres", "PostgreSQL (Debian: postgresql)")
    assert programs is not None
    place = folder or Path(tempfile.mkdtemp(prefix="newsroom-postgres-"))
    place.mkdir(exist_ok=True)
    server = Postgres(programs, place, *settings, cluster=cluster, **environment)
    server.start()
    try:
        yield server
    finally:
        server.stop()
        if folder is None:
            shutil.rmtree(place, ignore_errors=True)


@contextmanager
def standby_of(server: Postgres) -> Iterator[Postgres]:
    """A running server that follows this one."""
    folder = Path(tempfile.mkdtemp(prefix="newsroom-standby-"))
    try:
        server.copy_to(folder)
        with postgres(folder=folder) as standby:
            yield standby
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Redis:
    """A server that keeps nothing on disk, on a free port."""

    def __init__(self, program: str, folder: str) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        place = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", folder]
        self._command = [program, *place, "--save", "", "--appendonly", "no"]

    def start(self) -> None:
        self.process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(lambda: answers(self.port), what="Redis")

    def stop(self) -> None:
        stop(self.process)


@contextmanager
def redis() -> Iterator[Redis]:
    """A running server."""
    program = shutil.which("redis-server")
    if program is None:
        missing("redis", "Redis (Debian: redis-server)")
    assert program is not None
    with tempfile.TemporaryDirectory(prefix="newsroom-redis-") as folder:
        server = Redis(program, folder)
        server.start()
        try:
            yield server
        finally:
            server.stop()
