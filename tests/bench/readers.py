"""The load client `readers.c`, and what it answers."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.bench.machine import pinned


class Readers:
    """`count` of them, connected; `opened` is what the client says of that."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.opened = self.answer()

    def order(self, command: str) -> dict[str, Any]:
        """See `readers.c` for the commands."""
        self.send(command)
        return self.answer()

    def send(self, command: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{command}\n")
        self._process.stdin.flush()

    def answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, f"the readers ended with {self._process.wait()}"
        return json.loads(line)  # type: ignore[no-any-return]


@contextmanager
def reading(
    program: Path, port: int, count: int, arguments: Sequence[str], *, cpu: int | None = None, descriptor: int = -1
) -> Iterator[Readers]:
    """What they have published is written to `descriptor`, or goes over a socket as `arguments` say."""
    passed = [descriptor] if descriptor >= 0 else []
    command = [program, "-p", str(port), "-n", str(count), "-f", str(descriptor), *arguments]
    with pinned(cpu):
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1, pass_fds=passed
        )
    try:
        yield Readers(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait(20)
