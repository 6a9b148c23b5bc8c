"""Readers fold the comments of people whom they ignore, are not told of them, and nobody else learns of it."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from accounts.actions import subscribe
from accounts.models import Notification
from comments import actions
from comments.models import MOST_IGNORED, Ignored
from tests.comments.tools import events

pytestmark = pytest.mark.django_db
FOLD = "Ausgeblendet: Sie ignorieren diese Person"


def said(discussion, author, text, parent=None):
    return actions.post(discussion.pk, author=author, text=text, parent_id=parent and parent.pk).comment


def seen_by(person, address) -> str:
    client = Client()
    if person:
        client.force_login(person)
    return client.get(address).content.decode()


def folded(page: str) -> list[str]:
    """The ids of the comments that are folded on a page, its pattern for scripts left out."""
    rows = re.split(r'<li class="comment', page.partition("<template data-comment>")[0])
    return [re.search(r'data-id="(\d*)"', row)[1] for row in rows[1:] if FOLD in row]


def test_whom_one_ignores_is_folded_in_discussions_and_chats_for_oneself_alone(
    discussion, chat, comment, alice, bob, mo
):
    reply = said(discussion, bob, "Von Bob", comment)
    line = said(chat, alice, "Moin")
    places = [discussion.get_absolute_url(), f"/comments/{comment.pk}/replies/", f"/chats/{chat.pk}/"]
    others = (None, alice, mo)
    before = {(place, who): _plain(seen_by(who, place)) for place in places for who in others}

    actions.ignore(alice.pk, reader=bob)
    actions.ignore(alice.pk, reader=mo)  # decides about comments here, and reads them all

    assert folded(seen_by(bob, places[0])) == [str(comment.pk)]
    assert folded(seen_by(bob, places[2])) == [str(line.pk)]
    assert str(reply.pk) not in folded(seen_by(bob, places[1]))
    assert f'ignored="{alice.pk}"' in seen_by(bob, places[0])
    for (place, who), page in before.items():
        assert _plain(seen_by(who, place)) == page, (place, who)
    actions.withdraw(comment.pk, actor=alice)
    assert folded(seen_by(bob, places[0])) == []


def _plain(page: str) -> str:
    """Without what is new at each time."""
    return re.sub(r'(csrfmiddlewaretoken" value|name="key" value|epoch|offset)="[^"]*"', "", page)


def test_the_api_keeps_the_list_and_tells_the_persons_own_devices(api, discussion, comment, alice, bob, eddy):
    me = api(bob)
    address = f"/api/v1/me/ignored/{alice.pk}/"

    for _again in range(2):
        answer = me.put(address)
        assert (answer.status_code, answer.json()) == (200, {"id": alice.pk, "name": alice.name})
    assert me.get("/api/v1/me/ignored/").json() == {"results": [{"id": alice.pk, "name": alice.name}]}
    assert me.put(f"/api/v1/me/ignored/{eddy.pk}/").status_code == 404  # has said nothing
    assert me.put(f"/api/v1/me/ignored/{2**63}/").status_code == 404
    actions.post(discussion.pk, author=bob, text="Ich auch")
    assert me.put(f"/api/v1/me/ignored/{bob.pk}/").status_code == 403
    for _again in range(2):
        assert me.delete(address).status_code == 204
    assert me.get("/api/v1/me/ignored/").json() == {"results": []}
    told = [(each["kind"], each["data"]["id"]) for each in events(f"user.{bob.pk}")]
    assert told == [("person.ignored", alice.pk), ("person.heeded", alice.pk)]
    assert events(f"user.{alice.pk}") == []
    assert api().get("/api/v1/me/ignored/").status_code == 401
    assert api(alice).get("/api/v1/me/ignored/").json() == {"results": []}


def test_one_can_ignore_only_so_many(api, comment, alice, bob, person, monkeypatch):
    assert MOST_IGNORED == 500
    monkeypatch.setattr("comments.actions.ignoring.MOST_IGNORED", 1)
    Ignored.objects.create(reader=bob, person=person("Cleo"))

    answer = api(bob).put(f"/api/v1/me/ignored/{alice.pk}/")

    assert answer.status_code == 403
    assert Ignored.objects.count() == 1


def test_nobody_is_told_of_what_those_say_whom_they_ignore(discussion, comment, alice, bob):
    subscribe(alice, "discussion", str(discussion.pk))
    said(discussion, bob, "Von Bob")
    Notification.objects.all().delete()
    actions.ignore(bob.pk, reader=alice)
    said(discussion, bob, "Doch!", comment)
    said(discussion, bob, f"Und du, @{alice.name}?")
    assert not Notification.objects.filter(user=alice).exists()

    actions.stop_ignoring(bob.pk, reader=alice)
    said(discussion, bob, "Noch einmal!", comment)
    said(discussion, bob, f"Hörst du, @{alice.name}?")
    kinds = Notification.objects.filter(user=alice).values_list("kind", flat=True)
    assert {"comment.mentioned", "comment.replied"} <= set(kinds)


def test_it_works_without_a_script_and_stands_in_the_profile(client, discussion, comment, alice, bob):
    address = f"/comments/{comment.pk}/ignore/"
    assert client.get(address).status_code == 302
    client.force_login(bob)
    assert address in client.get(discussion.get_absolute_url()).text
    assert alice.name in client.get(address).text

    answer = client.post(address, follow=True)
    assert f"Sie ignorieren jetzt {alice.name}." in answer.text
    assert folded(answer.text) == [str(comment.pk)]
    assert "Nicht mehr ignorieren" in client.get(address).text
    ignored = re.search(r'href="([^"]+)">Wen Sie ignorieren', client.get("/accounts/profile/").text)[1]
    assert f"<bdi>{alice.name}</bdi>" in client.get(ignored).text
    for wrong in ("", "x", str(2**70), str(bob.pk)):
        assert f"<bdi>{alice.name}</bdi>" in client.post(ignored, {"person": wrong}, follow=True).text
    answer = client.post(ignored, {"person": alice.pk}, follow=True)
    assert "<bdi>" not in answer.text.partition("<main")[2]

    client.post(address)
    assert f"Sie ignorieren {alice.name} nicht mehr." in client.post(address, {"heed": "1"}, follow=True).text
    client.force_login(alice)
    assert "Hier ist niemand" in client.get(address).text
    assert client.post(address).status_code == 403
    assert not Ignored.objects.exists()
