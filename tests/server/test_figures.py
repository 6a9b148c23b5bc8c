"""What operators see at /metrics of tasks, mails, cases and services; and that documents, board and alerts know it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from threading import Event
from typing import Any

import pytest
import yaml
from django.core.mail import EmailMultiAlternatives
from django.db import connection
from django.tasks import task
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

import newsroom.asgi
from accounts.notifications import mails
from comments.actions import post
from newsroom import limits, metrics
from newsroom.errors import TooManyRequests
from newsroom.monitoring import background, process, stored
from newsroom.monitoring.background import Service
from tests.support.product import ROOT
from tests.support.services import wait_for

DEPLOY = ROOT / "docs" / "deploy"
OF_POSTGRES, OF_REDIS = {"newsroom_database_pool_connections"}, {"newsroom_redis_up"}
FROM_OUTSIDE = {"probe_success", "probe_ssl_earliest_cert_expiry"}  # of the blackbox exporter
NAME = r"\b(?:newsroom|probe|node|up)_?\w*"


@task
def write_home() -> None: ...


@pytest.fixture(autouse=True)
def _asked_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the services only the database, and its answer is never old."""
    monkeypatch.setattr(background, "FRESH_SECONDS", 0.0)
    monkeypatch.setattr(background, "WAIT_SECONDS", 20.0)


def figures() -> dict[str, float]:
    lines = [line for line in metrics.text().decode().splitlines() if line.startswith("newsroom_")]
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines}


def documented() -> dict[str, tuple[str, set[str]]]:
    """Family → its type and labels."""
    rows = re.findall(r"^\| `(newsroom_\w+)` \| (\w+) \|(.*?)\|", (ROOT / "docs/figures.md").read_text(), re.MULTILINE)
    return {name: (kind, set(re.findall(r"\w+", labels))) for name, kind, labels in rows}


@pytest.mark.django_db(transaction=True)
def test_the_table_of_figures_is_what_the_site_tells(settings: Any, client: Client) -> None:
    limits.refuse("frames")
    stopped = {"document-uri": settings.SITE_URL, "effective-directive": "img-src", "blocked-uri": "inline"}
    report = json.dumps({"csp-report": stopped})
    assert client.post("/csp-reports/", report, content_type="application/csp-report").status_code == 204
    newsroom.asgi.answered("GET", 200, 0.01)
    text = metrics.text().decode()
    kinds = dict(re.findall(r"^# TYPE (newsroom_\w+) (\w+)$", text, re.MULTILINE))
    missing = OF_POSTGRES if connection.vendor == "sqlite" else set()
    missing = missing if settings.REDIS_URL else missing | OF_REDIS

    assert {name: kind for name, (kind, _) in documented().items() if name not in missing} == kinds
    labels: dict[str, set[str]] = {name: set() for name in kinds}
    for series, found in re.findall(r"^(newsroom_\w+?)(?:_bucket|_sum|_count)?(\{.*\})? ", text, re.MULTILINE):
        labels[series] |= set(re.findall(r"(\w+)=", found)) - {"le"}
    assert {name: found for name, (_, found) in documented().items() if name in kinds} == labels


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("queue")
def test_tasks_are_told_by_their_state_and_the_oldest_one_by_its_age() -> None:
    now = timezone.now()
    for state, waits, run_after in [
        ("READY", 100, None),
        ("READY", 900, now - timedelta(seconds=300)),  # a mail that was tried before
        ("READY", 900, now + timedelta(hours=1)),
        ("RUNNING", 50, None),
        ("FAILED", 5000, None),
        ("SUCCESSFUL", 5000, None),
    ]:
        row = DBTaskResult.objects.filter(pk=write_home.enqueue().id)
        row.update(
            status=state, enqueued_at=now - timedelta(seconds=waits), **({"run_after": run_after} if run_after else {})
        )

    told = figures()

    states = {state: told[f'newsroom_tasks{{state="{state}"}}'] for state in ("ready", "deferred", "running", "failed")}
    assert states == {"ready": 2, "deferred": 1, "running": 1, "failed": 1}
    assert 300 <= told["newsroom_tasks_oldest_seconds"] < 330


@pytest.mark.django_db(transaction=True)
def test_open_cases_comments_mails_and_limits_are_counted(article: Any, alice: Any, settings: Any) -> None:
    before = figures()
    settings.LIMITS = settings.LIMITS | {"comments": "2/m"}
    thread = article.discussions.get().pk
    post(thread, author=alice, text="Good")
    post(thread, author=alice, text="See http://a.example http://b.example http://c.example http://d.example")
    with pytest.raises(TooManyRequests):
        post(thread, author=alice, text="More")
    mails.hand_over(EmailMultiAlternatives("Subject", "Text", None, ["carla@example.org"]))

    now = figures()

    risen = {name: value - before.get(name, 0) for name, value in now.items()}
    assert risen['newsroom_comments_total{state="published"}'] == 1
    assert risen['newsroom_comments_total{state="held"}'] == 1
    assert risen['newsroom_limited_total{limit="comments"}'] == 1
    assert risen['newsroom_mails_total{result="sent"}'] == 1
    assert now['newsroom_mails_total{result="given_up"}'] == 0
    assert now['newsroom_queue_open{kind="held"}'] == 1
    assert now["newsroom_queue_oldest_seconds"] > 0


def told_by(*services: Service) -> list[tuple[str, float]]:
    until = background.monotonic() + background.WAIT_SECONDS
    found = []
    for service in services:
        service.begin()
        found += [(each.name, each.samples[0].value) for each in service.told(until)]
    return found


def test_a_service_that_is_away_or_hangs_delays_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "WAIT_SECONDS", 0.05)
    monkeypatch.setattr(background.logger, "disabled", True)
    may_end, asked = Event(), 0

    def hang() -> Iterator[Any]:
        nonlocal asked
        asked += 1
        assert may_end.wait(30)
        yield metrics.family("test_rows", "Rows.", 3)

    def fail() -> Iterator[Any]:
        raise ConnectionError("away")

    hanging, away = Service("one", hang, up="test_one_up"), Service("two", fail, up="test_two_up")

    assert told_by(hanging, away) == [("test_one_up", 0), ("test_two_up", 0)]
    assert told_by(hanging) == [("test_one_up", 0)]
    assert asked == 1  # not once more beside the question that hangs
    may_end.set()
    wait_for(lambda: told_by(hanging) == [("test_one_up", 1), ("test_rows", 3)], what="the answer")
    may_end.clear()
    before = asked
    wait_for(lambda: told_by(hanging) and asked > before, what="another question")
    assert told_by(hanging) == [("test_one_up", 1), ("test_rows", 3)]  # it may only be slow
    monkeypatch.setattr(background, "PATIENCE_SECONDS", 0.0)
    assert told_by(hanging) == [("test_one_up", 0)]
    may_end.set()


def test_a_service_is_asked_again_only_when_its_answer_is_old(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "FRESH_SECONDS", 60.0)
    asked: list[int] = []
    service = Service("one", lambda: [metrics.family("test_rows", "Rows.", asked.append(1) or len(asked))])

    assert told_by(service) == told_by(service) == [("test_rows", 1)]


@pytest.mark.django_db(transaction=True)
def test_processes_tell_their_own_use() -> None:
    told = figures()

    assert told["newsroom_processes"] == 1
    assert told["newsroom_process_cpu_seconds_total"] > 0
    assert told["newsroom_process_resident_memory_bytes"] > 10_000_000
    assert told["newsroom_process_open_files"] >= 3
    assert told['newsroom_disk_free_bytes{folder="data"}'] > 0
    assert stored.__version__ in next(name for name in told if name.startswith("newsroom_info"))
    assert process.FILES_EVERY_SECONDS > 1


def known() -> set[str]:
    """Families, and the series of histograms."""
    table = documented()
    series = {
        f"{name}_{end}"
        for name, (kind, _) in table.items()
        if kind == "histogram"
        for end in ("bucket", "count", "sum")
    }
    return series | table.keys() | FROM_OUTSIDE


def named(expression: str) -> set[str]:
    """What an expression asks for, without the words in its labels."""
    return set(re.findall(NAME, re.sub(r"\{[^}]*\}|\"[^\"]*\"", "", expression)))


def test_the_board_asks_for_what_there_is() -> None:
    board = json.loads((DEPLOY / "grafana" / "newsroom.json").read_text())
    expressions = [target["expr"] for panel in board["panels"] for target in panel.get("targets", ())]

    assert len(expressions) > 20
    assert set().union(*map(named, expressions)) - known() == set()


def test_each_alert_has_its_chapter_in_the_runbook_and_each_chapter_its_alert() -> None:
    (group,) = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yaml").read_text())["groups"]
    alerts = {rule["alert"]: rule for rule in group["rules"]}
    book = (ROOT / "docs/runbook.md").read_text()
    chapters = dict(re.findall(r"^## (\w+)\n\n(.+?)(?=^## |\Z)", book, re.MULTILINE | re.DOTALL))

    assert len(alerts) >= 12
    assert list(alerts) == list(chapters)
    assert [name for name, chapter in chapters.items() if not re.search(r"\nLook at:\n(?s:.)+\nDo:\n", chapter)] == []
    assert set().union(*(named(rule["expr"]) for rule in alerts.values())) - known() == set()
    for name, rule in alerts.items():
        assert rule["annotations"]["runbook_url"] == f"docs/runbook.md#{name.lower()}"
        assert rule["labels"]["severity"] in {"page", "ticket"}
