"""Answers every refusal with a problem document (RFC 9457) with a stable `code`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from rest_framework import exceptions, status
from rest_framework.response import Response

from newsroom.api.renderers import encode
from newsroom.errors import Refused

MEDIA_TYPE = "application/problem+json"

_CODES = {
    status.HTTP_400_BAD_REQUEST: "malformed",
    status.HTTP_401_UNAUTHORIZED: "not_authenticated",
    status.HTTP_403_FORBIDDEN: "forbidden",
    status.HTTP_404_NOT_FOUND: "not_found",
    status.HTTP_413_REQUEST_ENTITY_TOO_LARGE: "too_large",
    status.HTTP_429_TOO_MANY_REQUESTS: "too_many_requests",
}


class _Problem(Response):
    """Always JSON, also for views that render YAML (the schema) or HTML (its documentation)."""

    @property
    def rendered_content(self) -> bytes:  # type: ignore[override]  # the stubs say str; DRF itself renders bytes
        self["Content-Type"] = MEDIA_TYPE
        return encode(self.data)


def problem(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """DRF's exception handler: a problem document for every known refusal. For a bug it returns None, which gives a
    500.
    """
    answer = _document(error, context)
    if answer is None:
        return None
    response = _Problem(answer, status=answer["status"])
    if "retry_after" in answer:
        response["Retry-After"] = str(answer["retry_after"])
    if answer["status"] == status.HTTP_401_UNAUTHORIZED:
        response["WWW-Authenticate"] = "Bearer"
    return response


def problem_response(error: Refused) -> HttpResponse:
    """The same document for a plain Django view or middleware."""
    body = _refused(error)
    response = HttpResponse(encode(body), status=error.status, content_type=MEDIA_TYPE)
    if "retry_after" in error.extra:
        response["Retry-After"] = str(error.extra["retry_after"])
    return response


def _document(error: Exception, context: Mapping[str, Any]) -> dict[str, Any] | None:
    match error:
        case Refused():
            return _refused(error)
        case exceptions.ValidationError():
            return _base("invalid", 422, _("Some fields need another look.")) | {"errors": _fields(error.detail)}
        case Http404():
            return _base("not_found", 404, _("There is nothing here that you may see."))
        case PermissionDenied() | exceptions.PermissionDenied() if not _is_known(context):
            return _base("not_authenticated", 401, _("Log in first."))
        case PermissionDenied():
            return _base("forbidden", 403, _("You may not do that."))
        case exceptions.NotAuthenticated() | exceptions.AuthenticationFailed():
            return _base("not_authenticated", 401, str(error.detail))
        case exceptions.Throttled():
            return _base("too_many_requests", 429, str(error.detail)) | {
                "retry_after": int(getattr(error, "wait", None) or 1)
            }
        case exceptions.APIException():
            return _base(_CODES.get(error.status_code, str(error.default_code)), error.status_code, str(error.detail))
    return None


def _is_known(context: Mapping[str, Any]) -> bool:
    request: HttpRequest | None = context.get("request")
    return request is not None and request.user.is_authenticated


def _refused(error: Refused) -> dict[str, Any]:
    return _base(error.code, error.status, error.detail) | error.extra


def _base(code: str, number: int, detail: str) -> dict[str, Any]:
    title = code.replace("_", " ").capitalize()
    return {"type": f"/api/docs/#{code}", "title": title, "status": number, "detail": detail, "code": code}


def _fields(detail: Any, name: str = "") -> dict[str, list[str]]:
    """DRF's nested error details, flattened: {"photo.alt": ["…"]}."""
    if isinstance(detail, Mapping):
        found: dict[str, list[str]] = {}
        for key, value in detail.items():
            found |= _fields(value, f"{name}.{key}" if name else str(key))
        return found
    if isinstance(detail, list) and any(isinstance(each, Mapping | list) for each in detail):
        found = {}
        for index, value in enumerate(detail):
            found |= _fields(value, f"{name}.{index}" if name else str(index))
        return found
    return {name or "non_field_errors": [str(each) for each in (detail if isinstance(detail, list) else [detail])]}
