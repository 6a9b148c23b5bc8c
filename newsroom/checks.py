"""System checks that name what is unsafe or missing, each with an id and how to mend it."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004
from django.core.exceptions import ImproperlyConfigured

from newsroom.database import connections_left


@register()
def secret_key(**_: Any) -> list[CheckMessage]:
    """There is no default secret: whoever knows it can forge sessions."""
    with suppress(ImproperlyConfigured):  # what reading an empty one raises
        if settings.SECRET_KEY:
            return []
    hint = "Set SECRET_KEY to at least 50 random characters and keep it out of the repository."
    return [Error("SECRET_KEY is not set.", hint=hint, id="newsroom.E001")]


@register(Tags.security, deploy=True)
def production(**_: Any) -> list[CheckMessage]:
    """What only a site on the open network must have."""
    found: list[CheckMessage] = []
    if settings.DEMO:
        found.append(Error("This is the demo.", hint="Unset NEWSROOM_DEMO: mails are readable.", id="newsroom.E002"))
    if not settings.SITE_URL.startswith("https://"):
        hint = "Set SITE_URL to the address that readers see, with https."
        found.append(Warning("SITE_URL is not https: cookies travel in the clear.", hint=hint, id="newsroom.W001"))
    if "console" in settings.MAILERS["default"]["BACKEND"]:
        hint = "Set EMAIL_URL, for example smtp://user:password@mail.example:587/?tls=True."
        found.append(Error("Mails go to the console: nobody can confirm.", hint=hint, id="newsroom.E003"))
    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        hint = "Good for one machine; for more set DATABASE_URL=postgres://…"
        found.append(Warning("The database is SQLite.", hint=hint, id="newsroom.W002"))
    if redirects_for_ever():
        hint = "Set TRUSTED_PROXIES to the number of your proxies, which tell by X-Forwarded-Proto that it was https."
        found.append(Error(f"{ENDLESS} with TRUSTED_PROXIES=0.", hint=hint, id="newsroom.E005"))
    if "*" in settings.ALLOWED_HOSTS:
        hint = "List the names of the site in ALLOWED_HOSTS."
        found.append(Error("ALLOWED_HOSTS admits every name.", hint=hint, id="newsroom.E004"))
    return found


ENDLESS = "Every page redirects to itself for ever"


def redirects_for_ever() -> bool:
    """Whether all requests look like plain http, since no proxy is believed to have had them by https."""
    return settings.SECURE_SSL_REDIRECT and settings.SECURE_PROXY_SSL_HEADER is None


@register(Tags.security, deploy=True)
def pool(**_: Any) -> list[CheckMessage]:
    """Whether PostgreSQL admits what one process of `serve` and one `worker` may open; `serve` counts its own."""
    admitted = connections_left()
    if admitted is None or admitted >= 2 * settings.DATABASE_POOL:
        return []
    hint = "Lower DATABASE_POOL, or raise max_connections: it is needed once for each process of `serve` and `worker`."
    sentence = f"Two processes may open {2 * settings.DATABASE_POOL} connections, PostgreSQL admits {admitted}."
    return [Warning(sentence, hint=hint, id="newsroom.W003")]
