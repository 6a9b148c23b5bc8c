"""Which passwords nobody may choose, on every way that sets one."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client, override_settings
from pytest_django import Settings

from accounts.models import User
from newsroom.face.present import keeper
from newsroom.models import Appearance
from tests.accounts.conftest import FORM, log_in
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
LEAKED = "accounts.login.passwords.LeakedPasswordValidator"


@pytest.fixture
def named(settings: Settings) -> None:
    """The site is called "Der Wöchner" at https://kurier.example, and administrators have set "Abendblatt"."""
    settings.SITE_NAME, settings.SITE_URL = "Der Wöchner", "https://kurier.example"
    Appearance.objects.update_or_create(pk=Appearance.ONLY, defaults={"name": "Abendblatt"})
    keeper.forget()


def codes(password: str) -> set[str]:
    try:
        validate_password(password)
    except ValidationError as error:
        return {str(each.code) for each in error.error_list}
    return set()


@pytest.mark.usefixtures("named")
@pytest.mark.parametrize(
    "password",
    [
        "Newsroom2026!",
        "kurier.example",
        "KURIER-kurier-1",
        "derwöchner99",
        "Der Wöchner!",
        "abendblatt-1234",
        "newsroomkurier",
    ],
)
def test_the_sites_own_words_are_no_password(password: str) -> None:
    assert codes(password) == {"password_of_site_words"}


@pytest.mark.usefixtures("named")
@pytest.mark.parametrize("password", ["Abendblatt-Kiefern", "2026-Boote", PASSWORD])
def test_beside_them_a_password_counts(password: str) -> None:
    assert codes(password) == set()


@pytest.mark.parametrize("way", ["page", "json", "change"])
def test_every_way_to_a_password_refuses_them(way: str, alice: User) -> None:
    def answer(password: str) -> tuple[int, str]:
        client = Client()
        if way == "change":
            log_in(client, alice.email, PASSWORD)
            fields = {"oldpassword": PASSWORD, "password1": password, "password2": password}
            found = client.post("/accounts/password/change/", fields)
        elif way == "page":
            found = client.post("/accounts/signup/", FORM | {"password1": password})
        else:
            body = {"name": "Carla Neu", "email": "carla@example.org", "password": password, "consent": True}
            found = client.post("/_allauth/app/v1/auth/signup", body, content_type="application/json")
        return found.status_code, found.content.decode()

    status, said = answer("newsroom1234")
    assert status == (400 if way == "json" else 200)
    assert "mindestens 8 eigene Zeichen" in said
    assert answer("Schilfrohr-17-Kahn")[0] == (401 if way == "json" else 302)


@pytest.mark.parametrize("sign", ["\n", "\r\n"])
def test_what_has_leaked_is_refused_wherever_it_stands_in_the_file(tmp_path: Path, sign: str) -> None:
    leaked = [f"Leck-Nummer-{number}" for number in range(50)]
    lines = sorted(f"{hashlib.sha1(each.encode()).hexdigest().upper()}:{number}" for number, each in enumerate(leaked))
    (tmp_path / "leaked").write_text(sign.join(lines) + sign, newline="")

    with override_settings(AUTH_PASSWORD_VALIDATORS=[{"NAME": LEAKED, "OPTIONS": {"path": str(tmp_path / "leaked")}}]):
        assert [codes(each) for each in leaked] == [{"password_leaked"}] * 50
        assert [codes(f"Kein-Leck-{number}") for number in range(50)] == [set()] * 50
