"""The examples of docs/live.md are run as they stand there."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from queue import Empty, Queue
from typing import Any, Self

import pytest

from articles import actions

from .sockets import Site

DOCS = Path(__file__).parent.parent.parent / "docs" / "live.md"


@pytest.fixture
def running(transactional_db: None, settings: Any) -> Any:
    with Site() as site:
        settings.ALLOWED_HOSTS = ["127.0.0.1"]
        yield site


def example(language: str) -> str:
    found = re.findall(rf"```{language}\n(.*?)```", DOCS.read_text(), re.DOTALL)
    assert len(found) == 1
    return str(found[0])


class Program:
    """A process whose lines can be waited for."""

    def __init__(self, *command: str, **env: str) -> None:
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env or None
        )
        self._lines: Queue[str] = Queue()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line.rstrip("\n"))

    def until(self, text: str) -> str:
        try:
            while text not in (line := self._lines.get(timeout=30)):
                pass
        except Empty:
            self.process.kill()
            raise AssertionError(self.process.stderr.read()) from None
        return line

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        self._reader.join(10)
        for pipe in (self.process.stdout, self.process.stderr):
            pipe.close()


def test_the_python_client_shows_what_there_is_and_what_comes(running: Site, ticker, item, eddy, tmp_path):
    script = tmp_path / "follow.py"
    script.write_text(example("python"))
    assert len([line for line in example("python").splitlines() if line]) <= 30

    with Program(sys.executable, str(script), f"http://127.0.0.1:{running.port}") as client:
        client.until("Brücke gesperrt")
        actions.publish_item(ticker, actor=eddy, headline="Brücke wieder frei")
        client.until("Brücke wieder frei")


def test_curl_follows_the_ticker(running: Site, ticker, eddy):
    curl = shutil.which("curl")
    if curl is None:
        pytest.skip("curl: not installed")

    with Program(
        "sh", "-c", "exec " + example("sh"), SITE=f"http://127.0.0.1:{running.port}", PATH=str(Path(curl).parent)
    ) as it:
        it.until('"subscribed"')
        actions.publish_item(ticker, actor=eddy, headline="Radweg gesperrt")
        assert it.until("Radweg gesperrt").startswith("data: {")
