"""One fast JSON encoder for API answers, live frames and stored events."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
from django.utils.encoding import force_str
from django.utils.functional import Promise
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.settings import api_settings


def iso(moment: datetime | None) -> str | None:
    """ISO 8601 in UTC with `Z`; microseconds only if there are any."""
    if moment is None:
        return None
    return (moment if moment.tzinfo is UTC else moment.astimezone(UTC)).isoformat()[: -len("+00:00")] + "Z"


def encode(data: Any) -> bytes:
    """JSON bytes. Aware times are written in UTC with `Z`, lazy translations in the active language."""
    return _encoder.encode(data)


def _strange(value: Any) -> Any:
    if isinstance(value, Promise):
        return force_str(value)
    if isinstance(value, str):  # of a class of its own, such as a text that was marked as safe
        return str.__str__(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise NotImplementedError(f"no JSON for {type(value).__name__}")


class JSONRenderer(BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        return b"" if data is None else encode(data)


class Negotiation(DefaultContentNegotiation):
    """Shortcut: a client that accepts anything gets the view's first renderer."""

    def select_renderer(self, request: Any, renderers: Any, format_suffix: str | None = None) -> Any:
        accepts_all = request.META.get("HTTP_ACCEPT", "*/*") == "*/*"
        if accepts_all and not format_suffix and api_settings.URL_FORMAT_OVERRIDE not in request.query_params:
            return renderers[0], renderers[0].media_type
        return super().select_renderer(request, renderers, format_suffix)


_encoder = msgspec.json.Encoder(enc_hook=_strange)
