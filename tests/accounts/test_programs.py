"""allauth's JSON interface: bodies that are none, fields that nobody knows, passkeys that cannot be read."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.test import Client
from django.urls import URLResolver, get_resolver

from accounts.models import User
from tests.accounts.conftest import link_in
from tests.conftest import PASSWORD
from tests.support.passkeys import made, unreadable

pytestmark = pytest.mark.django_db
APP = "/_allauth/app/v1"
BROWSER = "/_allauth/browser/v1"


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

    answer = browser.post(f"{BROWSER}/auth/login", form)

    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


class Program:
    """What speaks JSON for somebody, and what it has been told on the way."""

    def __init__(self, user: User) -> None:
        self.user, self.secret, self.key = user, "", ""
        self._client, self._token = Client(), ""

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        headers = {"x-session-token": self._token} if self._token else {}
        sent = "" if body is None else json.dumps(body)
        answer = self._client.generic(method, f"{APP}/{path}", sent, content_type="application/json", headers=headers)
        self._token = (answer.json().get("meta") or {}).get("session_token") or self._token
        return answer

    def log_in(self) -> None:
        self._token = ""
        self.ask("POST", "auth/login", {"email": self.user.email} | SAME)

    def enter(self) -> None:
        """Logged in, and the password given once more for what is delicate."""
        self.log_in()
        self.ask("POST", "auth/reauthenticate", SAME)

    def take_second_factor(self) -> None:
        self.enter()
        self.secret = self.ask("GET", TOTP).json()["meta"]["secret"]
        assert self.ask("POST", TOTP, {"code": self.code()}).status_code == 200
        cache.clear()  # of the code that was used

    def code(self) -> str:
        return format_hotp_value(hotp_value(self.secret, int(time.time()) // 30))


def _stranger(program: Program) -> None:
    """As it is."""


def _signed_up(program: Program) -> None:
    program.ask("POST", "auth/signup", NEW)
    program.key = link_in().rstrip("/").rpartition("/")[2]


def _forgetful(program: Program) -> None:
    program.ask("POST", "auth/password/request", {"email": program.user.email})
    program.key = link_in().rstrip("/").rpartition("/")[2]


def _on_the_way_in(program: Program) -> None:
    program.take_second_factor()
    program.log_in()


def _before_the_code(program: Program) -> None:
    program.enter()
    program.secret = program.ask("GET", TOTP).json()["meta"]["secret"]


def _with_passkey(program: Program) -> None:
    program.enter()
    data = {"name": "Telefon", "credential": {}}
    program.key = str(Authenticator.objects.create(user=program.user, type="webauthn", data=data).pk)


def _with_a_new_address(program: Program) -> None:
    program.enter()
    program.ask("POST", "account/email", {"email": "neue@example.org"})


type Body = Callable[[Program], dict[str, Any]]
TOTP, KEYS = "account/authenticators/totp", "account/authenticators/webauthn"
NEW = {"name": "Carla Neu", "email": "carla@example.org", "password": PASSWORD, "consent": True}
SAME, OTHER = {"password": PASSWORD}, "ein-anderes-Geheimnis-8"
# How far somebody has come, what they send, and what comes of it; 4xx where it needs a device or what is off here.
ROUTES: dict[str, tuple[Callable[[Program], None], Body, int]] = {
    "POST auth/login": (_stranger, lambda p: {"email": p.user.email} | SAME, 200),
    "POST auth/signup": (_stranger, lambda _: NEW, 401),
    "POST auth/email/verify": (_signed_up, lambda p: {"key": p.key}, 200),
    "POST auth/email/verify/resend": (_signed_up, lambda _: {}, 409),
    "POST auth/code/confirm": (_stranger, lambda _: {"code": "123456"}, 409),
    "POST auth/password/request": (_stranger, lambda p: {"email": p.user.email}, 200),
    "POST auth/password/reset": (_forgetful, lambda p: {"key": p.key, "password": OTHER}, 401),
    "POST auth/reauthenticate": (Program.enter, lambda _: SAME, 200),
    "DELETE auth/session": (Program.enter, lambda _: {}, 401),
    "DELETE auth/sessions": (Program.enter, lambda _: {"sessions": [UserSession.objects.get().pk]}, 401),
    "POST auth/2fa/authenticate": (_on_the_way_in, lambda p: {"code": p.code()}, 200),
    "POST auth/2fa/reauthenticate": (Program.take_second_factor, lambda p: {"code": p.code()}, 200),
    "POST auth/webauthn/authenticate": (_on_the_way_in, lambda _: {"credential": {}}, 400),
    "POST auth/webauthn/reauthenticate": (Program.enter, lambda _: {"credential": {}}, 400),
    "POST auth/webauthn/login": (_stranger, lambda _: {"credential": {}}, 400),
    "POST account/password/change": (
        Program.enter,
        lambda _: {"current_password": PASSWORD, "new_password": OTHER},
        200,
    ),
    "POST account/email": (Program.enter, lambda _: {"email": "neue@example.org"}, 200),
    "PUT account/email": (_with_a_new_address, lambda _: {"email": "neue@example.org"}, 200),
    "PATCH account/email": (Program.enter, lambda p: {"email": p.user.email, "primary": True}, 200),
    "DELETE account/email": (_with_a_new_address, lambda _: {"email": "neue@example.org"}, 200),
    f"POST {TOTP}": (_before_the_code, lambda p: {"code": p.code()}, 200),
    f"DELETE {TOTP}": (Program.take_second_factor, lambda _: {}, 200),
    "POST account/authenticators/recovery-codes": (Program.take_second_factor, lambda _: {}, 200),
    f"POST {KEYS}": (Program.enter, lambda _: {"name": "Telefon", "credential": {}}, 400),
    f"PUT {KEYS}": (_with_passkey, lambda p: {"id": p.key, "name": "Rechner"}, 200),
    f"DELETE {KEYS}": (_with_passkey, lambda p: {"authenticators": [p.key]}, 200),
    "POST tokens/refresh": (_stranger, lambda _: {"refresh_token": "x"}, 400),
}


def _writing(patterns: Iterable[Any], before: str = "") -> Iterator[tuple[str, str]]:
    """Method and address of all operations below `_allauth/` that are more than reading."""
    for each in patterns:
        here = f"{before}{each.pattern}"
        if isinstance(each, URLResolver):
            yield from _writing(each.url_patterns, here)
        elif here.startswith("_allauth/"):
            view = each.callback.view_class
            yield from ((m, here) for m in ("POST", "PUT", "PATCH", "DELETE") if hasattr(view, m.lower()))


def test_the_table_has_every_operation_that_takes_a_body():
    found = {kind: set[str]() for kind in ("app", "browser")}
    for method, address in _writing(get_resolver().url_patterns):
        kind, path = address.removeprefix("_allauth/").split("/v1/")
        found[kind].add(f"{method} {path}")

    assert found["app"] == set(ROUTES)
    assert found["browser"] == set(ROUTES) - {"POST tokens/refresh"}


@pytest.mark.parametrize("route", ROUTES)
def test_a_field_that_nobody_knows_is_refused_and_costs_nothing(alice: User, route: str) -> None:
    come_there, body, status = ROUTES[route]
    method, path = route.split()
    program = Program(alice)
    come_there(program)
    given = body(program)

    refused = program.ask(method, path, given | {"x_unknown": 1})
    taken = program.ask(method, path, given)

    if (refused.status_code, taken.status_code) != (409, 409):  # it is off, whatever is sent
        assert refused.status_code == 400
        assert [(each["param"], each["code"]) for each in refused.json()["errors"]] == [("x_unknown", "unknown_field")]
    assert taken.status_code == status, taken.json()
    assert "unknown_field" not in taken.text


def test_browsers_are_refused_the_same(alice: User) -> None:
    def log_in(**more: str) -> Any:
        body = {"email": alice.email} | SAME | more
        return Client().post(f"{BROWSER}/auth/login", body, content_type="application/json")

    refused = log_in(username="alice")

    assert (refused.status_code, refused.json()["errors"][0]["param"]) == (400, "username")
    assert log_in().status_code == 200


def test_there_are_no_telephone_numbers(alice: User) -> None:
    program = Program(alice)
    program.enter()

    assert program.ask("GET", "account/phone").status_code == 404
    assert program.ask("POST", "account/phone", {"phone": "+4940123456"}).status_code == 404
    assert program.ask("GET", "account/email").status_code == 200


def test_a_new_passkey_that_cannot_be_read_is_refused(alice: User) -> None:
    program = Program(alice)
    program.enter()
    asked = program.ask("GET", KEYS).json()["data"]["creation_options"]["publicKey"]
    whole = made(asked["challenge"], asked["rp"]["id"])

    for credential in [*unreadable(whole), made("eA"), made(asked["challenge"], "else.example")]:
        refused = program.ask("POST", KEYS, {"name": "Telefon", "credential": credential})
        assert (refused.status_code, "errors" in refused.json()) == (400, True), credential

    assert not Authenticator.objects.filter(type="webauthn").exists()
    assert program.ask("POST", KEYS, {"name": "Telefon", "credential": whole}).status_code == 200


def test_a_login_by_a_passkey_that_cannot_be_read_is_refused(db: None) -> None:
    for number, credential in enumerate(unreadable(made())):
        stranger = Client(REMOTE_ADDR=f"192.0.2.{number}")  # so many would be too many of one
        address, body = f"{APP}/auth/webauthn/login", {"credential": credential}
        refused = stranger.post(address, body, content_type="application/json")
        assert (refused.status_code, "errors" in refused.json()) == (400, True), credential
        answer = stranger.post("/accounts/2fa/webauthn/login/", {"credential": json.dumps(credential)})
        assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/"), credential
