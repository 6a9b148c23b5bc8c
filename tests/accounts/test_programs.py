"""allauth's JSON interface: bodies that are none, and what needs the password once more."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from accounts.models import User
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
APP = "/_allauth/app/v1"


def _post(path: str, body: bytes | str, **headers: str):  # type: ignore[no-untyped-def]
    return Client().post(f"{APP}/{path}", body, content_type="application/json", headers=headers)


def _login_body(**fields: str) -> str:
    return json.dumps({"email": "alice@example.org", "password": PASSWORD} | fields)


BAD = [
    b"{",
    b"[]",
    b'"x"',
    b"null",
    b"\xff",
    b'{"email":"a\\ud800@example.org","password":"x"}',
    _login_body(password="a\ud800bcdefgh"),
    "[" * 100_000,
]


@pytest.mark.parametrize("body", BAD, ids=range(len(BAD)))
@pytest.mark.parametrize("path", ["auth/login", "auth/signup", "auth/password/reset", "auth/email/verify"])
def test_a_body_that_is_no_object_is_malformed(alice: User, path: str, body: bytes | str) -> None:
    answer = _post(path, body)

    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")
    assert answer["Content-Type"] == "application/problem+json"
    assert _post("auth/login", _login_body()).status_code == 200


def test_a_body_without_end_is_too_large(settings) -> None:  # type: ignore[no-untyped-def]
    settings.JSON_BYTES = 1000

    answer = _post("auth/login", _login_body(password="x" * 1000))

    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_a_form_is_no_json(alice: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.get("/accounts/login/")
    form = {"csrfmiddlewaretoken": browser.cookies["csrftoken"].value, "email": alice.email, "password": PASSWORD}

    answer = browser.post("/_allauth/browser/v1/auth/login", form)

    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")
