"""What a running site sees of a request: its hops and its scheme. Told only to the operators' `doctor`, which signs its
question with the site's SECRET_KEY. The answer holds nothing but the asker's own way, the settings about proxies and
the version.
"""

from __future__ import annotations

from secrets import token_urlsafe
from typing import Any

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpRequest

from newsroom import __version__
from newsroom.client import client_ip

HEADER = "X-Newsroom-Doctor"
VALID_SECONDS = 60
_SALT = "newsroom.doctor"


def question() -> str:
    """The header's value. It is valid for a minute."""
    return TimestampSigner(salt=_SALT).sign(token_urlsafe(9))


def seen(request: HttpRequest) -> dict[str, Any] | None:
    """How the request arrived; None unless it is a question of `doctor`."""
    if HEADER not in request.headers:
        return None
    try:
        TimestampSigner(salt=_SALT).unsign(request.headers[HEADER], max_age=VALID_SECONDS)
    except BadSignature:
        return None
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
    return {
        "hops": [hop.strip() for hop in forwarded.split(",") if hop.strip()],
        "peer": request.META.get("REMOTE_ADDR", ""),
        "client": client_ip(request),
        "trusted": settings.TRUSTED_PROXIES,
        "https": request.is_secure(),
        "host": request.META.get("HTTP_HOST", ""),
        "version": __version__,
    }
