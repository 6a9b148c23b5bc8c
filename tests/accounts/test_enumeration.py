"""Nobody learns from us who has an account."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from accounts.models import User
from tests.accounts.conftest import FORM, log_in
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db


def _plain(answer: Any, *secrets: str) -> tuple[int, str, str]:
    """What a stranger sees, without what differs for everybody."""
    text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode())
    for secret in secrets:
        text = text.replace(secret, "…")
    return answer.status_code, answer.headers.get("Location", ""), text


def test_signing_up_looks_alike_for_known_and_unknown_addresses(alice: User) -> None:
    seen = []
    waiting = User.objects.create_user("waiting@example.org", "Walter Wartet", PASSWORD)
    for email in ("nobody@example.org", alice.email, waiting.email):
        client = Client()
        answer = client.post("/accounts/signup/", FORM | {"name": f"Carla {len(seen)}", "email": email})
        seen.append((_plain(answer, email), _plain(client.get("/accounts/confirm-email/"), email)))
        seen[-1] = (*seen[-1], _plain(client.post("/accounts/confirm-email/"), email))

    assert seen[0] == seen[1] == seen[2]
    assert [message.to[0] for message in mail.outbox] == [
        each for email in ("nobody@example.org", alice.email, waiting.email) for each in [email] * 2
    ]
    assert User.objects.filter(email=alice.email).count() == 1


def test_a_forgotten_password_looks_alike(alice: User) -> None:
    seen = []
    for email in ("nobody@example.org", alice.email):
        client = Client()
        answer = client.post("/accounts/password/reset/", {"email": email})
        seen.append((_plain(answer, email), _plain(client.get(answer["Location"]), email)))

    assert seen[0] == seen[1]
    assert len(mail.outbox) == 2


def test_a_wrong_password_looks_alike(alice: User) -> None:
    seen = [_plain(log_in(Client(), email, "wrong-one-99"), email) for email in ("nobody@example.org", alice.email)]

    assert seen[0] == seen[1]


def test_programs_learn_no_more(alice: User) -> None:
    seen = []
    for email in ("nobody@example.org", alice.email):
        fields = {"name": f"Dora {len(seen)}", "email": email, "password": FORM["password1"], "consent": True}
        for path, data in [
            ("auth/signup", fields),
            ("auth/password/request", {"email": email}),
            ("auth/login", {"email": email, "password": "wrong-one-99"}),
        ]:
            answer = Client().post(f"/_allauth/app/v1/{path}", data, content_type="application/json")
            body = answer.json()
            body.get("meta", {}).pop("session_token", None)
            seen.append((path, answer.status_code, body))

    assert seen[:3] == seen[3:]


def test_the_work_is_comparable(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every sign-up hashes one password, whether or not the address is known."""
    from django.contrib.auth.hashers import MD5PasswordHasher

    hashed: list[str] = []
    encode = MD5PasswordHasher.encode
    monkeypatch.setattr(MD5PasswordHasher, "encode", lambda *args: hashed.append("") or encode(*args))
    counts = []
    waiting = User.objects.create_user("waiting@example.org", "Walter Wartet", "another-one-99")
    for number, email in enumerate(("nobody@example.org", alice.email, waiting.email)):
        hashed.clear()
        Client().post("/accounts/signup/", FORM | {"name": f"Carla {number}", "email": email})
        counts.append(len(hashed))

    assert counts == [1, 1, 1]


@pytest.mark.parametrize("way", ["page", "json"])
@pytest.mark.parametrize("password", [PASSWORD, "another-one-99"], ids=["the same person", "somebody else"])
def test_of_two_who_sign_up_at_once_neither_learns_of_the_other(
    monkeypatch: pytest.MonkeyPatch, way: str, password: str
) -> None:
    """The second one comes while the first one's password is hashed: after the check, before the saving."""
    from django.contrib.auth.hashers import MD5PasswordHasher

    def sign_up(email: str, name: str, password: str) -> tuple[int, str, str]:
        fields = {"name": name, "email": email, "consent": True}
        client = Client()
        if way == "page":
            return _plain(client.post("/accounts/signup/", FORM | fields | {"password1": password}), email)
        fields["password"] = password
        answer = client.post("/_allauth/browser/v1/auth/signup", fields, content_type="application/json")
        return _plain(answer, email)

    alone = sign_up("nobody@example.org", "Nina Niemand", PASSWORD)
    encode = MD5PasswordHasher.encode
    seen = []

    def interrupted(*args: Any) -> str:
        monkeypatch.setattr(MD5PasswordHasher, "encode", encode)
        seen.append(sign_up("carla@example.org", "Carla Neu", PASSWORD))
        return encode(*args)

    monkeypatch.setattr(MD5PasswordHasher, "encode", interrupted)
    seen.append(sign_up("carla@example.org", "Carla Neu" if password == PASSWORD else "Carla Alt", password))

    assert seen == [alone, alone]
    assert User.objects.get(email="carla@example.org").name == "Carla Neu"
    assert [message.to for message in mail.outbox[1:]] == [["carla@example.org"]] * 2
