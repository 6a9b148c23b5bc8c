from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from prometheus_client import CollectorRegistry

import newsroom.urls  # noqa: F401  what it counts is to be known before a test has a registry of its own
from newsroom import metrics
from newsroom.server import sharing
from tests.support.product import ROOT


@pytest.fixture(autouse=True)
def _registry_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_counters", "_gauges"):
        monkeypatch.setattr(metrics, name, {})
    for name in ("_reads", "_calls", "_tellers"):
        monkeypatch.setattr(metrics, name, [])
    monkeypatch.setattr(metrics, "_registry", CollectorRegistry())


def figures(text: str) -> dict[str, float]:
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert all(re.fullmatch(r'[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? \S+', line) for line in lines)
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines}


def test_counters_gauges_and_histograms_are_told_as_prometheus_reads_them() -> None:
    hits = metrics.counter("test_requests_total", "Requests.", result="hit")
    metrics.counter("test_requests_total", "Requests.", result="miss").inc(5)
    metrics.gauge("test_rooms", "Rooms.", lambda: 3)
    waited = metrics.histogram("test_wait_seconds", "Waited.", (0.1, 1))

    hits.inc()
    metrics.counter("test_requests_total", "Requests.", result="hit").inc()
    for seconds in (0.05, 0.1, 0.5, 7):
        waited.observe(seconds)

    text = metrics.text().decode()
    assert "# HELP test_requests_total Requests.\n# TYPE test_requests_total counter\n" in text
    assert "# TYPE test_wait_seconds histogram\n" in text
    assert {name: value for name, value in figures(text).items() if name.startswith("test_")} == {
        'test_requests_total{result="hit"}': 2,
        'test_requests_total{result="miss"}': 5,
        "test_rooms": 3,
        'test_wait_seconds_bucket{le="0.1"}': 2,
        'test_wait_seconds_bucket{le="1.0"}': 3,
        'test_wait_seconds_bucket{le="+Inf"}': 4,
        "test_wait_seconds_sum": 7.65,
        "test_wait_seconds_count": 4,
    }


def counting(folder: Path, deeds: int, then: str) -> str:
    """What another process prints that has counted so many deeds, and stands at one room a deed."""
    lines = [
        "import os",
        "from newsroom import metrics",
        f"metrics.counter('test_deeds_total', 'Deeds.').inc({deeds})",
        f"metrics.gauge('test_rooms', 'Rooms.', lambda: {deeds})",
        "metrics.tell(lambda: [metrics.family('test_rows', 'Rows.', {'old': 7, 'new': 8}, 'age')])",
        "metrics.share()",
        then,
    ]
    env = os.environ | {sharing.VARIABLE: str(folder)}
    done = subprocess.run([sys.executable, "-c", "\n".join(lines)], cwd=ROOT, env=env, check=True, capture_output=True)
    return done.stdout.decode()


def test_several_processes_answer_with_their_sum(tmp_path: Path) -> None:
    counting(tmp_path, 100, "metrics.forget(os.getpid())")  # it has ended
    counting(tmp_path, 10, "")

    told = figures(counting(tmp_path, 2, "print(metrics.text().decode(), end='')"))

    assert told["test_deeds_total"] == 112
    assert told["test_rooms"] == 12
    assert told['test_rows{age="old"}'] == 7  # the same whoever tells it


def test_only_this_machine_and_who_has_the_token_may_see(client: Client, settings: Any, db: None) -> None:
    settings.METRICS_TOKEN = "s3cret"
    elsewhere = {"REMOTE_ADDR": "203.0.113.9"}

    def ask(**extra: Any) -> int:
        return int(client.get("/metrics", **extra).status_code)

    assert ask() == 200
    assert client.get("/metrics")["X-Content-Type-Options"] == "nosniff"
    assert ask(headers={"Host": "nobody.example"}) == 200
    assert ask(headers={"Authorization": "Bearer s3cret"}, **elsewhere) == 200
    assert ask(**elsewhere) == 404
    assert ask(headers={"Authorization": "Bearer wrong"}, **elsewhere) == 404
    assert ask(headers={"Authorization": "Basic s3cret"}, **elsewhere) == 404
    assert ask(headers={"X-Forwarded-For": "127.0.0.1"}) == 404
    settings.METRICS_TOKEN = ""
    assert ask(headers={"Authorization": "Bearer "}, **elsewhere) == 404


def test_a_reader_behind_a_trusted_proxy_is_not_this_machine(client: Client, settings: Any, db: None) -> None:
    settings.TRUSTED_PROXIES = 1

    assert client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 404
    assert client.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 200
