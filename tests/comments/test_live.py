"""Discussions over real sockets, and what followers hear."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import msgspec
import pytest
import time_machine
from django.utils import timezone
from pytest_django import Settings

from accounts.actions import subscribe
from accounts.models import Notification
from comments import actions
from comments.actions.upkeep import announce_activity
from comments.models import Comment, DiscussionTally
from newsroom.api.renderers import iso
from newsroom.live.models import Event
from newsroom.live.outbox import between
from tests.comments.tools import events, kinds, log_holds, page, url
from tests.live.sockets import Site


@pytest.fixture
def site(transactional_db: None, settings: Settings) -> Iterator[Site]:
    settings.SITE_URL = "http://news.example"
    with Site() as running:
        yield running


def test_what_one_person_says_over_a_socket_another_hears(site, api, alice, discussion):
    key = str(uuid4())
    with site.open(discussion.stream) as bobs, site.open_as(alice) as hers:
        assert bobs.hear()["type"] == "subscribed"

        answer = hers.ask(type="comment", discussion=discussion.pk, text="Moin", key=key)

        assert (answer["type"], answer["key"]) == ("accepted", key)
        (event,) = bobs.hear()["events"]
        assert (event["kind"], event["key"], event["data"]["text"]) == ("comment.posted", key, "Moin")
        assert event["data"]["order"] == answer["comment"]["order"]
        refused = hers.ask(type="comment", discussion=discussion.pk, text="Moin", key=str(uuid4()))
        assert (refused["type"], refused["code"]) == ("refused", "duplicate")


def test_a_removed_text_is_not_delivered_to_whoever_comes_later(site, api, alice, mo, discussion):
    here = page(api(), url(discussion))["position"]
    resumed = f"{discussion.stream}@{here['epoch']}:{here['offset']}"
    with site.open(discussion.stream) as early:
        early.hear()
        comment = actions.post(discussion.pk, author=alice, text="Unsagbares").comment
        assert early.hear()["events"][0]["data"]["text"] == "Unsagbares"

        actions.remove(comment.pk, actor=mo, reason="hate")

        assert early.hear()["events"][-1]["kind"] == "comment.removed"
        with site.open(resumed) as late:
            late.hear()
            heard = late.hear()["events"]
    assert [event["kind"] for event in heard] == ["void", "comment.removed"]
    assert "Unsagbares" not in str(heard)
    over_http = page(api(), f"/api/v1/streams/{discussion.stream}/events/", **here)
    assert [event["kind"] for event in over_http["events"]] == ["void", "comment.removed"]


def test_whom_a_reply_answers_hears_of_it_and_forgets_it_with_the_reply(api, alice, bob, mo, discussion, comment):
    reply = actions.post(discussion.pk, author=bob, text="Antwort", parent_id=comment.pk).comment
    actions.post(discussion.pk, author=alice, text="Selbstgespräch", parent_id=comment.pk)

    (told,) = events(f"user.{alice.pk}")
    assert told["kind"] == "notification.created"
    kept = Notification.objects.get(user=alice)
    assert told["data"] == {
        "id": kept.pk,
        "created_at": iso(kept.created_at),
        "read_at": None,
        "kind": "comment.replied",
        "subject": f"comment.{reply.pk}",
        "title": discussion.title,
        "url": f"/comments/{reply.pk}/",
    }
    actions.remove(reply.pk, actor=mo, reason="spam")
    assert kinds(f"user.{alice.pk}") == ["void"]


def test_followers_hear_of_a_discussion_but_not_of_every_comment(alice, bob, discussion):
    subscribe(alice, "discussion", str(discussion.pk))
    start = timezone.now()
    with time_machine.travel(start, tick=False) as clock:
        for number in range(4):
            actions.post(discussion.pk, author=bob, text=f"Nr. {number}")
            clock.shift(timedelta(seconds=30))
            announce_activity()
        assert kinds(f"user.{alice.pk}") == ["notification.created"]
        clock.shift(timedelta(minutes=10))
        actions.post(discussion.pk, author=bob, text="Später")
        announce_activity()
        actions.post(discussion.pk, author=alice, text="Ich selbst")
    assert kinds(f"user.{alice.pk}") == ["notification.created"] * 2
    assert kinds(f"user.{bob.pk}") == []


def test_followers_of_an_article_hear_of_its_discussion_once_each(alice, jo, bob, article, discussion):
    subscribe(alice, "article", article.slug)
    subscribe(jo, "article", article.slug)
    subscribe(jo, "discussion", str(discussion.pk))

    actions.post(discussion.pk, author=bob, text="Neu")
    announce_activity()

    assert [kinds(f"user.{each.pk}") for each in (alice, jo, bob)] == [["notification.created"]] * 2 + [[]]


def test_the_log_of_a_discussion_reads_the_words_from_the_comment(alice, bob, mo, discussion):
    """They stand once, in the row; each action that changes them has redacted the earlier events."""
    said = [f"Größe „{n}“ – 100 % <b>\\ 👍" for n in range(3)]
    first, second, third = (actions.post(discussion.pk, author=alice, text=text).comment for text in said)
    actions.react(first.pk, "like", actor=bob)
    actions.edit(second.pk, actor=alice, text="Anders")
    actions.remove(third.pk, actor=mo, reason="spam")
    actions.restore(third.pk, actor=mo)

    told = events(discussion.stream)

    assert [(event["kind"], event["data"].get("text")) for event in told] == [
        ("comment.posted", said[0]),
        ("void", None),
        ("void", None),
        ("comment.reacted", said[0]),
        ("comment.edited", "Anders"),
        ("comment.removed", ""),
        ("comment.restored", said[2]),
    ]
    first.refresh_from_db()
    assert told[0]["data"]["html"] == told[3]["data"]["html"] == first.html
    resumed = [msgspec.json.decode(each) for each in between(discussion.stream, 0, len(told))]
    assert resumed == told
    stored = Event.objects.filter(stream=discussion.stream).values_list("data", flat=True)
    assert not [data for data in stored if data and (data["text"] or data["html"])]


def test_an_event_of_a_comment_that_is_gone_is_void(alice, discussion):
    gone = actions.post(discussion.pk, author=alice, text="Verschwunden").comment
    actions.post(discussion.pk, author=alice, text="Geblieben")
    DiscussionTally.objects.update(last_comment=None)
    Comment.objects.filter(pk=gone.pk).delete()

    assert [(event["kind"], event["data"].get("text")) for event in events(discussion.stream)] == [
        ("void", None),
        ("comment.posted", "Geblieben"),
    ]


def test_following_takes_a_discussion_that_one_may_see(api, alice, discussion):
    assert api(alice).put(f"/api/v1/subscriptions/discussion/{discussion.pk}/").status_code < 300
    assert api(alice).get(f"/api/v1/discussions/{discussion.pk}/mine/").json()["follows"] is True
    assert api(alice).put("/api/v1/subscriptions/discussion/0/").status_code == 404
    assert api(alice).delete(f"/api/v1/subscriptions/discussion/{discussion.pk}/").status_code < 300
    assert api(alice).get(f"/api/v1/discussions/{discussion.pk}/mine/").json()["follows"] is False


def test_nothing_of_a_rejected_comment_is_left_in_the_log(alice, mo, discussion):
    actions.open_discussion(discussion.pk, actor=mo, premoderated=True)
    held = actions.post(discussion.pk, author=alice, text="Zweifelhaftes").comment
    assert log_holds("Zweifelhaftes")

    actions.reject(held.pk, actor=mo, reason="insult")

    assert not log_holds("Zweifelhaftes")
