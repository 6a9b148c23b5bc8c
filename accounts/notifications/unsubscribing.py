"""Ends mails of one kind without a login, by an address that only their recipient knows."""

from __future__ import annotations

from collections.abc import Collection

from django.core import signing

from accounts.models import User
from accounts.notifications.preferences import FIXED, Kind, Mail, preferences_of
from accounts.notifications.schedule import DIGESTS

SALT = "accounts.notifications.unsubscribing"


def token_of(user_id: int, series: str) -> str:
    """What stands in the address. It is signed, and good as long as SECRET_KEY is known."""
    return signing.dumps([user_id, series], salt=SALT)


def read(token: str) -> tuple[User, str] | None:
    """The person and the series of a token; None for any other one, and if the person is gone."""
    try:
        user_id, series = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    user = User.objects.filter(pk=user_id, is_active=True).first()
    return (user, series) if user else None


def mailed_in(user: User, series: str) -> list[Kind]:
    """The kinds of notifications that mails of this series end with: those of a digest, or the one that it names."""
    return [
        kind
        for kind, ways in preferences_of(user).items()
        if "mail" not in FIXED.get(kind, ())
        if ways.mail == series or (kind == series and ways.mail != Mail.OFF)
    ]


def cadence(series: str) -> Mail:
    """How often mails of this series come."""
    return Mail(series) if series in DIGESTS else Mail.NOW


def off_among(user: User, names: Collection[str]) -> list[Kind]:
    """Those of these kinds that the person gets no mails about."""
    return [kind for kind, ways in preferences_of(user).items() if kind in names and ways.mail == Mail.OFF]
