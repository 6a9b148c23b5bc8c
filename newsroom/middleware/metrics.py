"""`/metrics`: the metrics of `newsroom.metrics`, for requests from this machine or with METRICS_TOKEN.

All other requests get a 404. Runs before all other middleware, like health: a scraper sends neither the site's host
name nor https.
"""

from __future__ import annotations

from collections.abc import Callable
from secrets import compare_digest

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from prometheus_client import Counter

from newsroom import metrics
from newsroom.client import is_at_this_machine
from newsroom.middleware.policies import NO_DOCUMENT

METHODS = frozenset(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
_answers: dict[tuple[str, int], Counter] = {}


SECONDS = metrics.histogram(
    "newsroom_http_request_seconds",
    "From the headers of a request to the start of its answer.",
    (0.001, 0.005, 0.025, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0),
)


def answered(method: str, status: int, seconds: float) -> None:
    """Count an answer from the cache, from Django, or the start of a stream, and the time until it began."""
    SECONDS.observe(seconds)
    known = _answers.get((method, status))
    if known is None:
        labels = {"method": method if method in METHODS else "other", "status": str(status)}
        known = metrics.counter("newsroom_http_requests_total", "HTTP requests by what they were answered.", **labels)
        if method in METHODS:  # any other method would be a new label value
            _answers[method, status] = known
    known.inc()


class MetricsMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info != "/metrics" or not may_see(request):
            return self.get_response(request)
        headers = {"Cache-Control": "no-store", "Content-Security-Policy": NO_DOCUMENT}
        return HttpResponse(metrics.text(), content_type=metrics.CONTENT_TYPE, headers=headers)


def may_see(request: HttpRequest) -> bool:
    """Whether it comes from this machine, or with METRICS_TOKEN."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if settings.METRICS_TOKEN and scheme.lower() == "bearer":
        return compare_digest(token.encode(), settings.METRICS_TOKEN.encode())
    return is_at_this_machine(request)
