"""Duties: what they include, where they hold, who gives them, and how the roles of an older release become duties."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test import Client

from accounts.actions import give_duties, impose_sanction
from accounts.duties import EVERYWHERE, NONE, OF_ROLE, Duties, Duty
from accounts.models import AuditEntry, User
from articles.actions import delete_place
from articles.models import Section
from newsroom.errors import Forbidden, Invalid
from tests.support.migrating import migrate_on

pytestmark = pytest.mark.django_db
HERE, ELSEWHERE = 1, 2


@pytest.fixture(autouse=True)
def _sections(db: None) -> None:
    for pk, name in ((HERE, "Sport"), (ELSEWHERE, "Kultur")):
        Section.objects.create(pk=pk, name=name, slug=name.lower())


def test_a_duty_holds_where_it_was_given_and_includes_lesser_ones() -> None:
    duties = Duties.of([(Duty.EDIT, HERE), (Duty.MODERATE, None), (Duty.MODERATE, HERE)])

    assert duties.stored() == {"moderate": EVERYWHERE, "edit": [HERE]}
    assert Duties.read(duties.stored()) == duties
    assert [duties.include(Duty.WRITE, section) for section in (HERE, ELSEWHERE, None)] == [True, False, False]
    assert [duties.include(Duty.MODERATE, section) for section in (HERE, ELSEWHERE, None)] == [True] * 3
    assert not duties.include(Duty.HEAD, HERE)
    assert duties.sections(Duty.CONTRIBUTE) == {HERE}
    assert duties.badge() == "editor"
    assert duties.badge(ELSEWHERE) == "moderator"


def test_nobody_without_duties_has_any() -> None:
    assert not NONE
    assert NONE.badge() == "reader"
    assert not any(NONE.include(duty, section) for duty in Duty for section in (HERE, None))


@pytest.mark.parametrize("role", list(OF_ROLE))
def test_each_role_is_the_badge_of_its_duties(role: str) -> None:
    assert OF_ROLE[role].badge() == role


def test_a_sanction_of_everything_suspends_duties(mo: User, ada: User) -> None:
    assert mo.may(Duty.MODERATE, None)

    impose_sanction(mo.pk, actor=ada, scope="all", until=None, reason="other")

    assert not User.objects.get(pk=mo.pk).may(Duty.MODERATE, None)
    assert User.objects.get(pk=mo.pk).given == mo.given


def test_an_administrator_of_a_section_gives_and_takes_duties_there_only(
    person: Callable[..., User], ada: User, alice: User, eddy: User
) -> None:
    boss = give_duties(person("Lore").pk, actor=ada, duties=Duties.of([(Duty.ADMINISTRATE, HERE)]))
    here = Duties.of([(Duty.MODERATE, HERE)])

    assert give_duties(alice.pk, actor=boss, duties=here).given == here
    for user, duties in (
        (alice, Duties.of([(Duty.MODERATE, ELSEWHERE)])),
        (alice, Duties.of([(Duty.CONTRIBUTE, None)])),
        (eddy, NONE),  # whose duty holds everywhere
        (ada, here),
        (boss, here),
    ):
        with pytest.raises(Forbidden):
            give_duties(user.pk, actor=boss, duties=duties)
    assert AuditEntry.objects.filter(actor=boss).values_list("before", "after").get() == ({}, {"moderate": [HERE]})


def test_duties_that_stay_as_they_are_are_no_deed(ada: User, mo: User) -> None:
    give_duties(mo.pk, actor=ada, duties=mo.given)

    assert not AuditEntry.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_roles_become_duties_and_roles_again(person: Callable[..., User], request: pytest.FixtureRequest) -> None:
    if not request.config.getoption("--full"):
        pytest.skip("takes back all later migrations, before the first version that others have: with --full")
    roles = {person(role, role).pk: role for role in OF_ROLE}
    limited = User.objects.create_user("lim@example.org", "Lim", duties=Duties.of([(Duty.EDIT, HERE)]))
    mixed = User.objects.create_user(
        "mix@example.org", "Mix", duties=Duties.of([(Duty.ADMINISTRATE, HERE), (Duty.WRITE, None)])
    )

    try:
        MigrationExecutor(connection).migrate([("accounts", "0010_addresses")])
        with connection.cursor() as cursor:
            cursor.execute("SELECT id, role FROM accounts_user")
            assert dict(cursor.fetchall()) == roles | {limited.pk: "reader", mixed.pk: "journalist"}
    finally:
        migrate_on()

    people = User.objects.in_bulk()
    assert {pk: people[pk].given for pk in roles} == {pk: OF_ROLE[role] for pk, role in roles.items()}
    assert people[limited.pk].given == NONE


def test_there_is_no_duty_in_a_section_that_is_not_there(ada: User, alice: User) -> None:
    with pytest.raises(Invalid):
        give_duties(alice.pk, actor=ada, duties=Duties.of([(Duty.MODERATE, 999)]))


def test_with_a_section_go_the_duties_in_it(ada: User, eddy: User, alice: User) -> None:
    give_duties(alice.pk, actor=ada, duties=Duties.of([(Duty.MODERATE, HERE), (Duty.WRITE, ELSEWHERE)]))

    delete_place(Section.objects.get(pk=HERE), actor=eddy)

    assert User.objects.get(pk=alice.pk).given == Duties.of([(Duty.WRITE, ELSEWHERE)])
    last = AuditEntry.objects.filter(deed="duties.changed").latest("id")
    assert (last.actor, last.before, last.after) == (eddy, {"moderate": [HERE]}, {})


def form_of(client: Client, person: User) -> str:
    return client.get(f"/admin/accounts/user/{person.pk}/change/").content.decode()


EMPTY = {"sanctions-TOTAL_FORMS": 0, "sanctions-INITIAL_FORMS": 0}


def test_the_form_shows_duties_with_their_sections_and_gives_what_is_ticked(ada: User, alice: User) -> None:
    client = Client()
    client.force_login(ada)
    page = f"/admin/accounts/user/{alice.pk}/change/"

    assert client.post(page, {"given": [f"moderate:{HERE}", "write:"]} | EMPTY).status_code == 302

    assert User.objects.get(pk=alice.pk).given == Duties.of([(Duty.MODERATE, HERE), (Duty.WRITE, None)])
    shown = form_of(client, alice)
    assert re.search(rf'value="moderate:{HERE}"[^>]*checked', shown)
    assert not re.search(rf'value="moderate:{ELSEWHERE}"[^>]*checked', shown)
    history = client.get(f"/admin/accounts/user/{alice.pk}/history/").content.decode()
    assert [word for word in ("Moderieren", "Sport", "alle Ressorts", "Ada") if word not in history] == []


def test_an_administrator_of_a_section_ticks_only_there_and_leaves_the_rest(
    person: Callable[..., User], ada: User, alice: User
) -> None:
    boss = give_duties(person("Lore").pk, actor=ada, duties=Duties.of([(Duty.ADMINISTRATE, HERE)]))
    give_duties(alice.pk, actor=ada, duties=Duties.of([(Duty.WRITE, None)]))
    client = Client()
    client.force_login(boss)
    page = f"/admin/accounts/user/{alice.pk}/change/"

    assert re.search(rf'value="moderate:{ELSEWHERE}"[^>]*disabled', form_of(client, alice))
    assert not re.search(rf'value="moderate:{HERE}"[^>]*disabled', form_of(client, alice))
    client.post(page, {"given": [f"moderate:{HERE}"]} | EMPTY)
    given = Duties.of([(Duty.MODERATE, HERE), (Duty.WRITE, None)])
    assert User.objects.get(pk=alice.pk).given == given

    refused = client.post(page, {"given": [f"edit:{ELSEWHERE}"]} | EMPTY)  # by hand

    assert refused.status_code == 200
    assert User.objects.get(pk=alice.pk).given == given


def test_nobody_is_offered_their_own_duties(ada: User, mo: User) -> None:
    client = Client()
    client.force_login(ada)
    own = form_of(client, ada)

    assert 'name="given"' not in own
    assert "Verwalten: alle Ressorts" in own
    client.force_login(mo)
    assert 'name="given"' not in form_of(client, ada)
