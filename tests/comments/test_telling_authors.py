"""What authors are told of decisions about their comments, and what of theirs they alone see."""

from __future__ import annotations

import pytest

from accounts.models import Notification
from comments import actions
from newsroom.live.models import Event
from tests.comments.tools import events, log_holds

TEXT = "Darf das hinein?"


def mine(client, discussion):
    answer = client.get(f"/api/v1/discussions/{discussion.pk}/mine/")
    assert answer.status_code == 200
    return answer.json()


@pytest.fixture
def held(alice, mo, discussion):
    actions.open_discussion(discussion.pk, actor=mo, premoderated=True)
    return actions.post(discussion.pk, author=alice, text=TEXT).comment


def test_each_decision_is_kept_and_told_with_its_reason_and_without_the_moderator(alice, mo, discussion, held):
    actions.reject(held.pk, actor=mo, reason="insult", note="war knapp")
    actions.restore(held.pk, actor=mo)
    actions.remove(held.pk, actor=mo, reason="off_topic")

    told = [event["data"] for event in events(f"user.{alice.pk}") if event["kind"] == "notification.created"]
    assert [(each["kind"], each.get("reason")) for each in told] == [
        ("comment.rejected", "insult"),
        ("comment.restored", None),
        ("comment.removed", "off_topic"),
    ]
    kept = Notification.objects.filter(user=alice).order_by("id")
    assert [row.pk for row in kept] == [each["id"] for each in told]
    assert {row.subject for row in kept} == {f"comment.{held.pk}"}
    assert {row.url for row in kept} == {f"/comments/{held.pk}/"}
    everything = str(list(kept.values())) + str(list(Event.objects.filter(stream=f"user.{alice.pk}").values()))
    assert mo.name not in everything
    assert "war knapp" not in everything


def test_what_was_taken_down_is_kept_nowhere(alice, bob, mo, discussion):
    root = actions.post(discussion.pk, author=alice, text="Wer war da?").comment
    reply = actions.post(discussion.pk, author=bob, text="Ein schlimmes Wort", parent_id=root.pk).comment
    assert Notification.objects.filter(user=alice, kind="comment.replied").exists()

    actions.remove(reply.pk, actor=mo, reason="hate")

    assert "schlimmes" not in str(list(Notification.objects.values()))
    assert not log_holds("Ein schlimmes Wort")


def test_ones_own_comments_that_others_do_not_see_come_with_reason_and_sentence(
    api, client, alice, bob, mo, discussion, held
):
    second = actions.post(discussion.pk, author=alice, text="Und das?").comment
    actions.reject(second.pk, actor=mo, reason="insult")

    own = mine(api(alice), discussion)

    assert [(each["id"], each["reason"], each["text"]) for each in own["held"]] == [(held.pk, "premoderated", TEXT)]
    assert [(each["id"], each["reason"], each["text"]) for each in own["rejected"]] == [
        (second.pk, "insult", "Und das?")
    ]
    assert own["held"][0]["sentence"] == "Hier liest ein Moderator jeden Kommentar, bevor er erscheint."
    assert own["rejected"][0]["sentence"] == "Ihr Kommentar wurde nicht veröffentlicht. Grund: Beleidigung"
    assert f"'{mo.name}'" not in str(own)
    assert (mine(api(bob), discussion)["held"], mine(api(bob), discussion)["rejected"]) == ([], [])

    actions.approve(held.pk, actor=mo)
    actions.restore(second.pk, actor=mo)
    own = mine(api(alice), discussion)
    assert (own["held"], own["rejected"]) == ([], [])


@pytest.mark.parametrize("where", ["article", "chat"])
def test_after_a_reload_the_page_shows_them_to_their_author_alone(client, alice, bob, mo, discussion, chat, where):
    here = {"article": discussion, "chat": chat}[where]
    actions.open_discussion(here.pk, actor=mo, premoderated=True)
    held = actions.post(here.pk, author=alice, text=TEXT).comment
    rejected = actions.post(here.pk, author=alice, text="Und das auch?").comment
    actions.reject(rejected.pk, actor=mo, reason="insult")
    address = here.get_absolute_url()
    public = client.get(address)

    assert TEXT not in public.text
    assert "data-own" not in public.text
    client.force_login(bob)
    assert TEXT not in client.get(address).text
    client.force_login(alice)
    page = client.get(address).text
    own = page.partition("data-own-list>")[2].partition("</ul>")[0]
    assert own.count("<li") == 2
    assert TEXT in own
    assert "Und das auch?" in own
    assert "Grund: Beleidigung" in own
    assert f'href="/comments/{held.pk}/edit/"' in own

    client.logout()
    again = client.get(address)
    assert (again.content, again.headers["ETag"]) == (public.content, public.headers["ETag"])
