"""What goes to Sentry and to an OpenTelemetry collector, if an operator wants that: no personal data."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextvars import copy_context
from pathlib import Path
from threading import Event
from typing import Any

import pytest
import sentry_sdk
from django.db import OperationalError
from django.http import HttpResponse
from django.middleware.common import CommonMiddleware
from django.tasks import task
from django.tasks.signals import task_finished, task_started
from django.test import Client
from django_tasks_db.models import DBTaskResult
from environs import ValidationError
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from sentry_sdk.transport import Transport

from newsroom import env
from newsroom.monitoring import errors, tracing
from newsroom.monitoring.requests import begin, on_behalf_of
from tests.support.product import ROOT, environment
from tests.support.services import wait_for

ADDRESS, SECRET = "carla.neu@example.org", "Zq7-secret-Zq7"


class Kept(Transport):
    """Keeps what would be sent."""

    def __init__(self) -> None:
        super().__init__({"dsn": "https://key@sentry.example/1"})
        self.texts: list[str] = []

    def capture_envelope(self, envelope: Any) -> None:
        self.texts.append(envelope.serialize().decode())


@pytest.fixture
def sent() -> Iterator[list[str]]:
    kept = Kept()
    errors.start("https://key@sentry.example/1", transport=kept)
    yield kept.texts
    sentry_sdk.get_client().close()
    sentry_sdk.get_global_scope().set_client(None)


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], tuple[ReadableSpan, ...]]]:
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(tracing, "_tracer", provider.get_tracer("newsroom"))
    tracing.listen()
    yield exporter.get_finished_spans
    task_started.disconnect(tracing.begin_task)
    task_finished.disconnect(tracing.end_task)


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Client:
    """A client of a site whose page to end mails is broken, with all a request can hold."""

    def fail(request: Any, token: str) -> HttpResponse:
        address = ADDRESS  # noqa: F841  a local variable
        raise ValueError(f"of {ADDRESS}: {request.get_full_path()} of {token}")

    monkeypatch.setattr(CommonMiddleware, "process_request", lambda self, request: fail(request, SECRET))
    return Client(raise_request_exception=False, headers={"X-Other": SECRET, "Referer": f"http://testserver/?{SECRET}"})


async def nowhere(message: dict[str, Any]) -> None: ...


def ask(client: Client) -> None:
    """As it comes through the ASGI application."""
    path, query = f"/unsubscribe/{SECRET}/", f"token={SECRET}"
    headers = [(b"x-request-id", b"mine")]

    def post() -> int:
        begin({"headers": headers, "path": path, "query_string": query.encode()}, nowhere)
        client.cookies["sessionid"] = SECRET
        data = {"email": ADDRESS, "text": SECRET}
        return int(client.post(f"{path}?{query}", data, REMOTE_ADDR="203.0.113.9").status_code)

    assert copy_context().run(post) == 500


def test_a_report_has_the_fault_and_nobody(sent: list[str], broken: Client) -> None:
    ask(broken)

    (text,) = sent
    assert "Internal Server Error" in text
    assert "ValueError" in text
    assert '"request_id":"mine"' in text.replace(" ", "")
    assert "newsroom@" in text
    assert [each for each in (ADDRESS, "Zq7", "203.0.113.9") if each in text] == []


def test_a_warning_and_an_outage_are_no_reports(sent: list[str]) -> None:
    logging.getLogger("newsroom").warning("something")
    logging.getLogger("newsroom").error("cannot read", exc_info=OperationalError("connection refused"))

    assert sent == []


def test_a_request_is_a_span_that_names_the_pattern_of_its_address(
    spans: Callable[[], tuple[ReadableSpan, ...]], settings: Any, broken: Client
) -> None:
    settings.MIDDLEWARE = ["newsroom.monitoring.tracing.TracingMiddleware", *settings.MIDDLEWARE]
    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    ask(broken)
    Client().get("/health/live", headers={"traceparent": parent})

    failed, well = spans()

    assert failed.status.status_code.name == "ERROR"
    assert failed.attributes is not None
    assert failed.attributes["newsroom.request_id"] == "mine"
    assert failed.attributes["http.response.status_code"] == 500
    assert well.context is not None
    assert format(well.context.trace_id, "032x") in parent
    text = failed.to_json() + well.to_json()
    assert [each for each in (ADDRESS, "Zq7", "203.0.113.9") if each in text] == []


def test_a_page_has_its_route(
    spans: Callable[[], tuple[ReadableSpan, ...]], settings: Any, client: Client, db: None
) -> None:
    settings.MIDDLEWARE = ["newsroom.monitoring.tracing.TracingMiddleware", *settings.MIDDLEWARE]
    client.get(f"/unsubscribe/{SECRET}/?x={SECRET}")

    (span,) = spans()
    assert span.name == "GET /unsubscribe/<str:token>/"
    assert "Zq7" not in span.to_json()


@task
def fail() -> None:
    raise ValueError(ADDRESS)


def test_a_task_is_a_span(spans: Callable[[], tuple[ReadableSpan, ...]], sent: list[str], work: Event) -> None:
    with on_behalf_of("mine"):
        queued = fail.enqueue()

    wait_for(lambda: DBTaskResult.objects.get(pk=queued.id).status == "FAILED", what="the task")
    wait_for(lambda: sent and any(each.name == fail.module_path for each in spans()), what="report and span")
    (span,) = (each for each in spans() if each.name == fail.module_path)
    assert span.status.status_code.name == "ERROR"
    assert span.attributes is not None
    assert span.attributes["newsroom.request_id"] == "mine"
    assert ADDRESS not in span.to_json() + sent[0]


def test_nothing_is_loaded_unless_it_is_set(tmp_path: Path) -> None:
    look = "import sys, newsroom.asgi; print(sorted({'sentry_sdk', 'opentelemetry'} & sys.modules.keys()))"
    clean = environment(SECRET_KEY="s" * 50, NEWSROOM_DATA=str(tmp_path))
    done = subprocess.run([sys.executable, "-c", look], cwd=ROOT, env=clean, capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"


def test_a_setting_without_its_extra_is_refused() -> None:
    check = env.installed("no_such_module", "sentry")

    check("")
    with pytest.raises(ValidationError) as refused:
        check("https://key@sentry.example/1")
    assert str(refused.value) == "It needs what is not installed: uv sync --extra sentry."
