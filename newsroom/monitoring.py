"""`/metrics`: the figures of `newsroom.metrics`, for who scrapes from this machine or brings METRICS_TOKEN.

To everybody else the page does not exist. Answered before everything else, as health is: a scraper knows neither the
site's name nor https.
"""

from __future__ import annotations

from collections.abc import Callable
from secrets import compare_digest

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from newsroom import metrics
from newsroom.client import is_at_this_machine


class MetricsMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info != "/metrics" or not _may_see(request):
            return self.get_response(request)
        return HttpResponse(metrics.text(), content_type=metrics.CONTENT_TYPE, headers={"Cache-Control": "no-store"})


def _may_see(request: HttpRequest) -> bool:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if settings.METRICS_TOKEN and scheme.lower() == "bearer":
        return compare_digest(token.encode(), settings.METRICS_TOKEN.encode())
    return is_at_this_machine(request)
