"""The record of what concerns security: log-ins and failures, changes of what protects an account, and refusals.

Each is a line of this module's logger, whatever LOG_LEVEL is, and counts in a figure. A line has the number of the
person and a sign of the network: the same sign is the same network, but it does not tell which.
"""

from __future__ import annotations

import logging

from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from newsroom import metrics
from newsroom.client import network_from

logger = logging.getLogger(__name__)
# event: whether somebody should look at many of them
EVENTS = {
    "login": False,
    "login_failed": True,
    "logout": False,
    "reauthentication": False,
    "password_changed": False,
    "password_reset": False,
    "address_changed": False,
    "factor_added": False,
    "factor_removed": False,
    "factor_failed": True,
    "key_made": False,
    "key_revoked": False,
    "refused": True,
}
_HELP = "Log-ins and failures, changes of what protects an account, and refusals for want of a duty."
_COUNTS = {each: metrics.counter("newsroom_security_events_total", _HELP, event=each) for each in EVENTS}


def note(event: str, person: int | None, request: HttpRequest | None = None, **more: str) -> None:
    """One of EVENTS, about the person with this number; None if nobody is known by the address that was entered."""
    _COUNTS[event].inc()
    told = {"person": "-" if person is None else str(person)} | more
    if request is not None:
        told["network"] = _sign(network_from(request))
    level = logging.WARNING if EVENTS[event] else logging.INFO
    logger.log(level, "%s %s", event, " ".join(f"{name}={value}" for name, value in told.items()))


def _sign(network: str) -> str:
    return salted_hmac(__name__, network, algorithm="sha256").hexdigest()[:10]
