"""How an operator sees whether a worker lives."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from newsroom.server import port, probes
from newsroom.server.probes import Heartbeat, Pulse, answer_on
from tests.support.services import wait_for


class Looking(Pulse):
    alive = True

    def is_alive(self) -> bool:
        return self.alive


@pytest.fixture
def pulse() -> Looking:
    return Looking()


@pytest.fixture
def url(pulse: Looking) -> Iterator[str]:
    listening = port.claim("127.0.0.1", 0)
    server = answer_on(listening, pulse.is_alive)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.shutdown()
    server.server_close()


def test_a_worker_answers_for_itself(url: str, pulse: Looking, settings: Any) -> None:
    settings.METRICS_TOKEN = "s3cret"

    def ask(path: str, **headers: str) -> int:
        return httpx.get(f"{url}{path}", headers=headers).status_code

    assert httpx.get(f"{url}/health/live").json() == {"status": "ok"}
    text = httpx.get(f"{url}/metrics")
    assert text.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert "\nnewsroom_processes 1.0\n" in text.text
    assert ask("/metrics", **{"X-Forwarded-For": "203.0.113.9"}) == 404
    assert ask("/metrics", **{"X-Forwarded-For": "203.0.113.9", "Authorization": "Bearer s3cret"}) == 200
    assert ask("/metrics", Authorization="Bearer wrong") == 404
    assert ask("/") == 404

    pulse.alive = False
    assert (ask("/health/live"), ask("/metrics")) == (503, 200)


def test_a_file_is_touched_while_the_worker_lives_and_not_while_it_hangs(
    tmp_path: Path, pulse: Looking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probes, "TOUCH_SECONDS", 0.01)
    file = tmp_path / "worker"

    def touched() -> bool:
        before = file.stat().st_mtime_ns
        try:
            wait_for(lambda: file.stat().st_mtime_ns != before, seconds=0.5, what="touching")
        except TimeoutError:
            return False
        return True

    heartbeat = Heartbeat(file, pulse.is_alive)
    assert touched()
    pulse.alive = False
    assert [touched(), touched()][1] is False  # the first may have begun before
    pulse.alive = True
    assert touched()
    heartbeat.end()
    assert not file.exists()


def test_a_loop_that_does_not_come_round_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    pulse = Pulse()
    now = probes.monotonic()
    monkeypatch.setattr(probes, "monotonic", lambda: now + probes.HANGS_AFTER_SECONDS)

    assert not pulse.is_alive()
    pulse.beat()
    assert pulse.is_alive()


def test_what_cannot_be_had_is_said_at_the_start(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(SystemExit) as ended:
        call_command("worker", metrics_port=taken.getsockname()[1])
    assert ended.value.code == 2
    assert "Try another --metrics-port." in capsys.readouterr().err
    with pytest.raises(CommandError) as refused:
        call_command("worker", heartbeat=tmp_path / "nowhere" / "worker")
    assert refused.value.returncode == 2
    assert "nowhere/worker cannot be used: No such file or directory." in str(refused.value)
