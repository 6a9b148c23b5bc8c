"""The product as its users start it: `manage.py …` in a process of its own, with a clean environment."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from django.db import connection

from tests.support.services import wait_for

ROOT = Path(__file__).resolve().parent.parent.parent
PASSED_ON = ("PATH", "HOME", "LANG", "TMPDIR", "VIRTUAL_ENV", "PYTHONPATH")


def environment(**extra: str) -> dict[str, str]:
    """What a user's shell would have, without what the tests' own settings put there."""
    return {name: os.environ[name] for name in PASSED_ON if name in os.environ} | extra


def on_tests_database(folder: Path, **extra: str) -> dict[str, str]:
    """The environment of a command that works on the present test's own database. The test needs real transactions."""
    known = connection.settings_dict
    if connection.vendor == "sqlite":
        url = f"sqlite:///{known['NAME']}"
    else:
        url = f"postgres://{known['USER']}:{known['PASSWORD']}@{known['HOST']}:{known['PORT']}/{known['NAME']}"
    return environment(DATABASE_URL=url, NEWSROOM_DATA=str(folder), SECRET_KEY="x" * 50, **extra)


def manage(*arguments: str, env: Mapping[str, str], seconds: float = 60) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=seconds, check=False)


class Process:
    """A command that goes on running, of manage.py or of another `program`. Its output is in `log()`."""

    def __init__(
        self,
        *arguments: str,
        env: Mapping[str, str],
        program: Sequence[str] = ("manage.py",),
        pass_fds: Sequence[int] = (),
    ) -> None:
        self._out = tempfile.TemporaryFile("w+")  # noqa: SIM115
        self._err = tempfile.TemporaryFile("w+")  # noqa: SIM115
        command = [sys.executable, *program, *arguments]
        self.popen = subprocess.Popen(
            command,
            cwd=ROOT,
            env=env,
            stdout=self._out,
            stderr=self._err,
            stdin=subprocess.DEVNULL,
            pass_fds=pass_fds,
        )

    def out(self) -> str:
        return _written(self._out)

    def log(self) -> str:
        return self.out() + _written(self._err)

    def wait_until_ready(self, url: str, seconds: float = 60) -> None:
        wait_for(lambda: self._ready(url), seconds=seconds, what=f"{url} ready")

    def stop(self, number: int = signal.SIGINT, seconds: float = 20) -> int:
        """Send a signal and give the exit code."""
        if self.popen.poll() is None:
            self.popen.send_signal(number)
        try:
            return self.popen.wait(seconds)
        except subprocess.TimeoutExpired as error:
            self.popen.kill()
            self.popen.wait()
            raise AssertionError(f"does not stop:\n{self.log()}") from error

    def workers(self) -> set[int]:
        """Process ids of a `serve` command's workers: children of the parent that serve."""
        parent = self.popen.pid
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        return {int(pid) for pid in children if _command(pid)}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        try:
            self.stop()
        finally:
            if kind is not None:
                sys.stderr.write(self.log())
            self._out.close()
            self._err.close()

    def _ready(self, url: str) -> bool:
        if self.popen.poll() is not None:
            raise AssertionError(f"ended with {self.popen.returncode}:\n{self.log()}")
        line = HTTPConnection(url.removeprefix("http://"), timeout=5)
        try:
            line.request("GET", "/health/ready")
            return line.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            line.close()


class Demo(Process):
    """`manage.py demo --json` in `folder`, on a free port. Nothing may have failed (500) by its end."""

    url: str
    accounts: dict[str, dict[str, Any]]  # by role: email, password


@contextmanager
def demo(folder: Path, *arguments: str, **extra: str) -> Iterator[Demo]:
    command = ("demo", "--json", "--port", "0", "--data", str(folder), *arguments)
    with Demo(*command, env=environment(**extra)) as process:
        wait_for(lambda: process.out().endswith("\n") or process.popen.poll() is not None, seconds=200, what="demo")
        if process.popen.poll() is not None:
            raise AssertionError(process.log())
        said = json.loads(process.out())
        process.url = said["url"]
        process.accounts = {account["role"]: account for account in said["accounts"]}
        yield process
        log = process.log()
        assert "Internal Server Error" not in log, log


def _written(file: IO[str]) -> str:
    """The whole file, read without moving the place that the command goes on writing at."""
    number = file.fileno()
    return os.pread(number, os.fstat(number).st_size, 0).decode()


def _command(pid: str) -> bytes:
    """What a process runs; nothing if it has ended since it was listed."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""
