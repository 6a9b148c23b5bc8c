"""Somebody who has confirmed an address is offered, in the profile, what was written with it before it moved here."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client

from accounts.models import AuditEntry, User
from comments.importers.sealing import seals_of, written_by
from comments.models import Comment, Discussion, SealedAddress
from tests.importers.test_isso import SITE, base  # noqa: F401  a database of Isso

pytestmark = pytest.mark.django_db
PROFILE, EARLIER = "/accounts/profile/", "/accounts/profile/earlier/"
OFFER = "frühere Kommentare wurden mit Ihrer E-Mail-Adresse geschrieben"


@pytest.fixture
def moved(base: Path, alice: User) -> Path:  # noqa: F811
    """Two comments bear Alice's address, one that of somebody else."""
    with closing(sqlite3.connect(base)) as made:
        made.execute("UPDATE comments SET email = ? WHERE id IN (1, 6)", [alice.email.upper()])
        made.execute("UPDATE comments SET email = 'cy@anders.example' WHERE id = 4")
        made.commit()
    call_command("import_comments", "isso", str(base), "--site", SITE, "--keep-addresses")
    return base


def browser(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_the_profile_offers_them_and_one_press_takes_them_over(moved: Path, alice: User, api: Any) -> None:
    mine = browser(alice)
    offered = mine.get(PROFILE).content.decode()

    answer = mine.post(EARLIER, follow=True)

    assert f"2 {OFFER}" in offered
    assert answer.redirect_chain == [(PROFILE, 302)]
    shown = answer.content.decode()
    assert "2 Kommentare gehören jetzt Ihnen." in shown
    assert OFFER not in shown
    taken = Comment.objects.filter(author=alice)
    assert sorted(each.source_id for each in taken) == ["blatt.example:1", "blatt.example:6"]
    public = api().get(f"/api/v1/comments/{taken.order_by('pk')[0].pk}/").json()
    assert public["author"]["name"] == "Alice"
    others = api().get(f"/people/{alice.pk}/").content.decode()
    assert all(f"/comments/{each.pk}/" in others for each in taken)
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.deed, entry.subject) == (alice, "comments.taken_over", f"user.{alice.pk}")
    assert (entry.before, entry.after) == ({}, {"comments": 2})


def test_pressed_again_it_changes_nothing_and_says_so(moved: Path, alice: User) -> None:
    mine = browser(alice)
    mine.post(EARLIER)
    before = list(Comment.objects.order_by("pk").values())

    shown = mine.post(EARLIER, follow=True).content.decode()

    assert "Es gibt keine früheren Kommentare mit Ihrer Adresse mehr." in shown
    assert list(Comment.objects.order_by("pk").values()) == before
    assert AuditEntry.objects.count() == 1


def test_nobody_else_is_offered_anything_or_gets_it(moved: Path, alice: User, bob: User, ada: User, api: Any) -> None:
    for person in (bob, ada):
        client = browser(person)
        assert "Übernehmen" not in client.get(PROFILE).content.decode()
        client.post(EARLIER)
    Client().post(EARLIER)

    assert not Comment.objects.exclude(author=None).exists()
    assert SealedAddress.objects.count() == 2
    # Neither does what others see of Alice, or Alice's own API, tell of it.
    for answer in (
        api(bob).get(f"/people/{alice.pk}/"),
        api(ada).get(f"/people/{alice.pk}/"),
        api(alice).get("/api/v1/me/"),
    ):
        assert "earlier" not in answer.content.decode()
    assert OFFER in browser(alice).get(PROFILE).content.decode()


def test_an_address_that_is_not_confirmed_gets_nothing(moved: Path, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(is_confirmed=False)
    alice.refresh_from_db()
    assert OFFER not in browser(alice).get(PROFILE).content.decode()

    browser(alice).post(EARLIER)

    assert not Comment.objects.exclude(author=None).exists()
    User.objects.filter(pk=alice.pk).update(is_confirmed=True)
    assert OFFER in browser(alice).get(PROFILE).content.decode()


def test_without_seals_nothing_is_offered(base: Path, alice: User) -> None:  # noqa: F811
    with closing(sqlite3.connect(base)) as made:
        made.execute("UPDATE comments SET email = ?", [alice.email])
        made.commit()
    call_command("import_comments", "isso", str(base), "--site", SITE)

    assert Comment.objects.exists()
    assert OFFER not in browser(alice).get(PROFILE).content.decode()
    assert not written_by([])


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "2 earlier comments were written with your e-mail address"),
        ("ru", "2 прежних комментария написаны с вашего адреса"),
    ],
)
def test_it_is_offered_in_the_reader_s_language(moved: Path, alice: User, language: str, said: str) -> None:
    User.objects.filter(pk=alice.pk).update(language=language)
    alice.refresh_from_db()

    assert said in browser(alice).get(PROFILE, headers={"Accept-Language": language}).content.decode()


def test_they_are_found_by_an_index(moved: Path, alice: User) -> None:
    """However many comments of the same system there are."""
    place = Discussion.objects.get(comments__source_id="blatt.example:1")
    Comment.objects.bulk_create(
        Comment(
            discussion=place, text="x", source="isso", source_id=f"blatt.example:x{n}", author_key=f"blatt.example:{n}"
        )
        for n in range(2_000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE comments_comment")

    plan = written_by(seals_of(alice)).values_list("pk").explain()

    assert "comment_author_key" in plan
