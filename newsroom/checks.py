"""System checks for what is unsafe or missing, each with an id and a hint."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004
from django.core.exceptions import ImproperlyConfigured

from newsroom.database.fit import connections_left
from newsroom.variables import sentence


@register()
def secret_key(**_: Any) -> list[CheckMessage]:
    """There is no default secret: anybody who knows it can forge sessions."""
    with suppress(ImproperlyConfigured):  # an empty setting raises it
        if settings.SECRET_KEY:
            return []
    hint = "Set SECRET_KEY to at least 50 random characters and keep it out of the repository."
    return [Error("SECRET_KEY is not set.", hint=hint, id="newsroom.E001")]


@register(Tags.security, deploy=True)
def production(**_: Any) -> list[CheckMessage]:
    """What only a site on a public network must have."""
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
    """Whether every request looks like plain http, because no proxy is trusted to report https."""
    return settings.SECURE_SSL_REDIRECT and settings.SECURE_PROXY_SSL_HEADER is None


@register(Tags.security, deploy=True)
def pool(**_: Any) -> list[CheckMessage]:
    """Whether PostgreSQL allows the connections of one `serve` process and one `worker`. `serve` checks for its
    workers.
    """
    admitted = connections_left()
    if admitted is None or admitted >= 2 * settings.DATABASE_POOL:
        return []
    hint = "Lower DATABASE_POOL, or raise max_connections: it is needed once for each process of `serve` and `worker`."
    sentence = f"Two processes may open {2 * settings.DATABASE_POOL} connections, PostgreSQL admits {admitted}."
    return [Warning(sentence, hint=hint, id="newsroom.W003")]


@register(Tags.security, deploy=True)
def variables(**_: Any) -> list[CheckMessage]:
    """What stands in the environment and looks like a setting, but has no effect."""
    hint = "Correct or remove it. README.md lists all settings."
    return [Warning(said, hint=hint, id="newsroom.W004") for said in unknown_variables()]


def unknown_variables() -> list[str]:
    return [sentence(name, meant) for name, meant in settings.UNKNOWN_VARIABLES.items()]
