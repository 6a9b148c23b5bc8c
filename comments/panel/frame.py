"""What all pages of the panel share: their answer, its status after a refusal, and the way back."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from newsroom.errors import Refused


def page(request: HttpRequest, template: str, context: dict[str, Any], status: int = HTTPStatus.OK) -> HttpResponse:
    """A page of the panel, which no cache keeps."""
    response = render(request, template, {"bundle": "panel/panel.js"} | context, status=status)
    response["Cache-Control"] = "private, no-store"
    return response


def status_of(refused: Refused | None) -> int:
    """The status of a page with a form: 200, or after a refusal 403, 409, 412, else 422."""
    if refused is None:
        return HTTPStatus.OK
    kept = {HTTPStatus.FORBIDDEN, HTTPStatus.CONFLICT, HTTPStatus.PRECONDITION_FAILED}
    return refused.status if refused.status in kept else HTTPStatus.UNPROCESSABLE_ENTITY


def way_back(request: HttpRequest) -> str:
    """The page from which somebody came, one of the panel or with a discussion; the queue by default."""
    asked = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = asked.startswith("/") and url_has_allowed_host_and_scheme(asked, allowed_hosts=None)
    return asked if is_ours else reverse("moderation-queue-page")
