"""Display names are unique to the eye, and some are nobody's."""

from __future__ import annotations

import pytest

from accounts.names import checked_name, name_key
from newsroom.errors import Invalid

pytestmark = pytest.mark.django_db  # the site's name, which nobody may bear, is stored

ALIKE = [
    ("admin", "аdmin"),  # a Cyrillic а
    ("admin", "ADMIN"),
    ("admin", "ａｄｍｉｎ"),
    ("admin", "adm\u200bin"),
    ("Alice", "AIice"),
    ("Alice", "А1ісе"),
    ("Modern", "Modem"),
    ("Вова", "вова"),
    ("Boba", "Вова".replace("в", "b")),
    ("Straße", "STRASSE"),
    ("Otto", "0tto"),
    ("Anna Bert", "  Anna   Bert "),
]


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_names_that_look_alike_are_the_same_name(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


@pytest.mark.parametrize(("one", "other"), [("Müller", "Muller"), ("Anna", "Hanna"), ("Иван", "Иво"), ("李雷", "韩梅")])
def test_names_that_look_different_are_different(one: str, other: str) -> None:
    assert name_key(one) != name_key(other)


WELCOME = [
    "Gal·la",
    "マリア・ロペス",
    "李",
    "Анна-Maria",
    "Kim (Köln)",
    "Anna & Bert",
    "O’Connor",
    "मोहन",
    "ประยุทธ์",
    "محمد",
    "R2-D2",
]


@pytest.mark.parametrize("name", WELCOME)
def test_names_of_all_the_world_are_welcome(name: str) -> None:
    assert checked_name(name) == name


@pytest.mark.parametrize(("name", "sign"), [("a@b", "@"), ("<b>", "<"), ("Anna 🙂", "🙂")])
def test_a_refusal_names_the_sign(name: str, sign: str) -> None:
    with pytest.raises(Invalid) as refused:
        checked_name(name)

    assert sign in refused.value.extra["errors"]["name"][0]


NOBODY = ["Administrator", "(Administrator)", "Ad·min", "p\u0430ypal", "Anna-p\u0430ypal", "\u200b\u200b", "()", "&"]


@pytest.mark.parametrize("name", NOBODY)
def test_neither_offices_nor_lookalikes_nor_nothing_is_a_name(name: str) -> None:
    with pytest.raises(Invalid):
        checked_name(name)


@pytest.mark.django_db
def test_somebody_whose_name_is_one_sign_can_take_it_in_the_profile(client, alice) -> None:
    client.force_login(alice)

    client.post("/accounts/profile/", {"name": "李", "language": ""})

    alice.refresh_from_db()
    assert alice.name == "李"


@pytest.mark.parametrize("name", ["Zoë Müller-Lüdenscheidt", "Иван Петров", "DJ Иван", "李雷", "J. O'Neill", "x2"])
def test_real_names_are_welcome(name: str) -> None:
    assert checked_name(name) == name


@pytest.mark.parametrize(
    "name",
    ["", "x", "x" * 41, "a@b", "<b>", "--", "admin", "A.d.m.i.n", "аdmin", "Redaktion", "NEWSR00M", "Ваsil", "🙂🙂"],
)
def test_no_name_for_a_reader(name: str) -> None:
    with pytest.raises(Invalid) as refused:
        checked_name(name)

    assert "name" in refused.value.extra["errors"]


def test_staff_may_carry_a_reserved_name() -> None:
    assert checked_name("Redaktion", is_staff=True) == "Redaktion"
