"""Traces to an OpenTelemetry collector, if OTEL_EXPORTER_OTLP_ENDPOINT is set: one span for each request that Django
answers, and one for each background task.

Answers from memory have none, so the fast path stays as it is. A span names the address by its pattern, never by what
stands in it, and has no query, no address of a person and no text.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.tasks.base import TaskResult
from django.tasks.signals import task_finished, task_started
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from newsroom import __version__
from newsroom.middleware.metrics import METHODS
from newsroom.monitoring.masking import masked
from newsroom.monitoring.requests import current

_propagator = TraceContextTextMapPropagator()
_tracer = trace.get_tracer("newsroom", __version__)
_tasks: dict[str, Span] = {}  # of this worker: the task in hand


def start() -> None:
    """Export from now on. The SDK reads OTEL_EXPORTER_OTLP_… by itself, OTEL_SERVICE_NAME and sampling, too."""
    os.environ.setdefault("OTEL_SERVICE_NAME", "newsroom")
    provider = TracerProvider(resource=Resource.create({"service.version": __version__}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    listen()


def listen() -> None:
    """Make a span of each task of this worker."""
    task_started.connect(begin_task)
    task_finished.connect(end_task)


class TracingMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        method = request.method if request.method in METHODS else "_OTHER"
        above = _propagator.extract({"traceparent": request.headers.get("traceparent", "")})
        known = {"http.request.method": str(method), "newsroom.request_id": current().id}
        with _tracer.start_as_current_span(str(method), above, SpanKind.SERVER, known) as span:
            response = self.get_response(request)
            if request.resolver_match is not None:
                route = f"/{request.resolver_match.route}"
                span.update_name(f"{method} {route}")
                span.set_attribute("http.route", route)
            span.set_attribute("http.response.status_code", response.status_code)
            if response.status_code >= 500:
                span.set_status(StatusCode.ERROR)
            return response

    def process_exception(self, request: HttpRequest, error: Exception) -> None:
        _note(trace.get_current_span(), error)


def _note(span: Span, error: BaseException) -> None:
    """As the SDK would, but with its message masked and without the stack, which may quote values."""
    kind = f"{type(error).__module__}.{type(error).__qualname__}"
    span.add_event("exception", {"exception.type": kind, "exception.message": masked(str(error))})


def begin_task(sender: object, task_result: TaskResult[Any, Any], **unused: Any) -> None:
    name = task_result.task.module_path
    known = {"newsroom.request_id": current().id}
    _tasks[task_result.id] = _tracer.start_span(name, kind=SpanKind.CONSUMER, attributes=known)


def end_task(sender: object, task_result: TaskResult[Any, Any], **unused: Any) -> None:
    span = _tasks.pop(task_result.id, None)
    if span is None:
        return
    if task_result.errors:
        span.set_status(StatusCode.ERROR)
        kind = task_result.errors[-1].exception_class_path
        span.add_event("exception", {"exception.type": kind})
    span.end()
