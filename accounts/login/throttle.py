"""Counts allauth's rate limits with newsroom.limits: exactly, across processes, and during outages of the cache.

Every limit of allauth (ACCOUNT_RATE_LIMITS, MFA_RATE_LIMITS) uses one function, which is replaced here. So is its
record of used codes, which forgets codes that are still valid. A test for each form notices if a new version of allauth
takes another way.
"""

from __future__ import annotations

import hashlib
from typing import Any

from allauth.core.internal import ratelimit
from allauth.core.internal.ratelimit import Rate
from allauth.mfa import app_settings
from allauth.mfa.totp.internal.auth import TOTP
from allauth.usersessions.models import UserSession
from django.http import HttpRequest

from newsroom import limits
from newsroom.client import network_from, network_of
from newsroom.errors import TooManyRequests
from newsroom.limits import Place

SHARED = {"login": "logins", "webauthn_login": "logins"}  # one limit for all ways to log in
GUESSES = "login_failed"  # allauth's name for wrong passwords and codes
NETWORKS = 10  # so many times the guesses of one network are allowed to all together
KNOWN_SESSIONS = 100  # of a person; their networks are known


class Usage:
    """What allauth uses to undo the count after a success."""

    def __init__(self, *places: Place) -> None:
        self._places = places

    def rollback(self) -> None:
        for place in self._places:
            limits.give_back(place)


def install() -> None:
    """Let allauth count by newsroom.limits. Beyond a limit it raises TooManyRequests: 429 with Retry-After."""
    ratelimit._consume_single_rate = _consume  # noqa: SLF001
    ratelimit.clear = _clear
    TOTP._mark_code_used = _mark_code_used  # noqa: SLF001


def by_recipient(email: str) -> str:
    """A stable key for an e-mail address that does not reveal it."""
    return hashlib.sha256(email.strip().lower().encode()).hexdigest()[:40]


def _consume(
    request: HttpRequest,
    *,
    app: str,
    action: str,
    rate: Rate,
    key: str | None = None,
    user: Any = None,
    dry_run: bool = False,
    raise_exception: bool = False,
) -> Usage:
    if dry_run:
        return Usage()
    if action == GUESSES and "@" in (key or ""):
        return _guess(rate, key or "", network_from(request))
    return Usage(limits.take(_key(request, action, rate, key, user), rate.amount, rate.duration))


def _guess(rate: Rate, key: str, network: str) -> Usage:
    """Count a password that may be wrong: for this account in this network, and for it in all networks together.

    So nobody keeps a person from logging in elsewhere by guessing. From many networks at once they can: then only
    those count for themselves alone in which the person is logged in somewhere. `key` is "site:e-mail address".
    """
    account = by_recipient(key)
    here = limits.take(f"{GUESSES}:{account}:{network}", rate.amount, rate.duration)
    try:
        return Usage(here, limits.take(f"{GUESSES}:{account}", rate.amount * NETWORKS, rate.duration))
    except TooManyRequests:
        if _is_known(key.partition(":")[2], network):
            return Usage(here)
        raise


def _is_known(email: str, network: str) -> bool:
    """Whether the person with this address has a session in this network."""
    sessions = UserSession.objects.filter(user__email__iexact=email).order_by("-last_seen_at")
    return any(network_of(ip) == network for ip in sessions.values_list("ip", flat=True)[:KNOWN_SESSIONS])


def _mark_code_used(totp: TOTP, code: str) -> bool:
    """False if the code was used before and is still valid."""
    good_for = app_settings.TOTP_PERIOD * (2 * app_settings.TOTP_TOLERANCE + 1)
    try:
        limits.take(f"totp:{totp.instance.user_id}:{by_recipient(code)}", 1, good_for)
    except TooManyRequests:
        return False
    return True


def _clear(request: HttpRequest, *, app: str, action: str, key: str | None = None, **unused: Any) -> None:
    """After a success forget the failures, but only those that are counted by key: in all networks together, and in
    the present one. After a reset of the password, say, its owner comes in.
    """
    if key is not None:
        counted = f"{SHARED.get(action, action)}:{by_recipient(key)}"
        limits.forget(counted)
        limits.forget(f"{counted}:{network_from(request)}")


def _key(request: HttpRequest, action: str, rate: Rate, key: str | None, user: Any) -> str:
    match rate.per:
        case "ip":
            source = network_from(request)
        case "user":
            source = str((user or request.user).pk)
        case _:
            source = by_recipient(key or "")
    return f"{SHARED.get(action, action)}:{source}"
