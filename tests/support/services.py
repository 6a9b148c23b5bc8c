"""Real PostgreSQL and Redis servers from Debian's packages, on free ports, in a temporary folder."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

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


@contextmanager
def postgres() -> Iterator[str]:
    """A running server; gives `postgres://…/` to append a database's name to. Never runs as root."""
    programs = postgres_programs()
    if programs is None:
        missing("postgres", "PostgreSQL (Debian: postgresql)")
    assert programs is not None
    who = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
    folder, port = Path(tempfile.mkdtemp(prefix="newsroom-postgres-")), free_port()
    if who:
        shutil.chown(folder, "postgres", "postgres")
    make = [programs / "initdb", "-D", folder / "data", "-A", "trust", "-U", "newsroom", "-E", "UTF8", "--no-sync"]
    subprocess.run([*make, "--locale=C.UTF-8"], check=True, capture_output=True, cwd=folder, **who)
    quick = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=100"]
    settings = [part for each in ["listen_addresses=127.0.0.1", *quick] for part in ("-c", each)]
    command = [programs / "postgres", "-D", folder / "data", "-p", str(port), "-k", folder, *settings]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, **who)
    try:
        wait_for(lambda: answers(port), what="PostgreSQL")
        yield f"postgres://newsroom@127.0.0.1:{port}/"
    finally:
        stop(process)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def redis() -> Iterator[str]:
    """A running server that keeps nothing on disk; gives `redis://…`."""
    program = shutil.which("redis-server")
    if program is None:
        missing("redis", "Redis (Debian: redis-server)")
    assert program is not None
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="newsroom-redis-") as folder:
        command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        process = subprocess.Popen([*command, "--dir", folder], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_for(lambda: answers(port), what="Redis")
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            stop(process)
