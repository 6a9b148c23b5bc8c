"""Browsers, and what stands in the mails."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from newsroom.live.models import Event
from tests.conftest import PASSWORD

FORM = {"name": "Carla Neu", "email": "carla@example.org", "password1": PASSWORD, "consent": "on"}


@pytest.fixture
def browser(db: None) -> Client:
    return Client()


@pytest.fixture
def sign_up(browser: Client) -> Callable[..., Any]:
    """`sign_up(name=…, email=…)` fills in the form of the page and sends it; follows redirects."""

    def send(client: Client = browser, **fields: str) -> Any:
        return client.post("/accounts/signup/", FORM | fields, follow=True)

    return send


def link_in(index: int = -1) -> str:
    """The path of the first link in a mail of the outbox; it must lead to SITE_URL."""
    found = re.search(r"^http://testserver(/\S+)$", str(mail.outbox[index].body), re.MULTILINE)
    assert found, mail.outbox[index].body
    return found[1]


def log_in(client: Client, email: str, password: str = PASSWORD, **extra: Any) -> Any:
    return client.post("/accounts/login/", {"login": email, "password": password}, **extra)


def log_in_freshly(client: Client, email: str) -> None:
    """Logged in, and the password given once more for what is delicate."""
    log_in(client, email)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})


def is_logged_in(client: Client) -> bool:
    return client.get("/accounts/profile/").status_code == 200


def heard(stream: str) -> list[tuple[str, dict[str, Any]]]:
    """Kind and data of everything on a stream, in order."""
    return [(event.kind, event.data) for event in Event.objects.filter(stream=stream).order_by("id")]
