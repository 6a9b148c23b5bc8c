"""JSON by one fast encoder: for API answers, live frames and stored events alike."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
from django.utils.encoding import force_str
from django.utils.functional import Promise
from rest_framework.renderers import BaseRenderer


def iso(moment: datetime | None) -> str | None:
    """ISO 8601 in UTC with `Z`, to the microsecond where there are any."""
    return None if moment is None else moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def encode(data: Any) -> bytes:
    """JSON bytes; aware times come out in UTC with `Z`, lazy translations in the active language."""
    return _encoder.encode(data)


def _strange(value: Any) -> Any:
    if isinstance(value, Promise):
        return force_str(value)
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


_encoder = msgspec.json.Encoder(enc_hook=_strange)
