"""The socket command `comment`: the same rules as POST."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.contrib.auth.models import AnonymousUser

from comments import actions
from comments.models import Comment
from newsroom.errors import Refused
from newsroom.live import registry
from tests.comments.tools import page, url


@pytest.fixture
def send(alice, discussion):
    def send(user=alice, **message):
        command = registry.handler("comment")
        return command(
            user, {"type": "comment", "discussion": discussion.pk, "key": str(uuid4()), **message}, "127.0.0.1"
        )

    return send


def test_a_line_is_accepted_and_is_on_the_page(api, discussion, send):
    answer = send(text="Über die Leitung")

    (listed,) = page(api(), url(discussion))["results"]
    assert answer["type"] == "accepted"
    assert answer["comment"] | {"replies": []} == listed


def test_the_same_key_by_post_and_by_socket_is_one_comment(api, alice, discussion, send):
    key = str(uuid4())
    posted = api(alice).post(url(discussion), {"text": "Einmal"}, headers={"Idempotency-Key": key}).json()

    answer = send(text="Einmal", key=key)

    assert (answer["type"], answer["key"], answer["comment"]) == ("accepted", key, posted)
    assert Comment.objects.count() == 1


def test_a_line_may_be_held(mo, discussion, send):
    actions.open_discussion(discussion.pk, actor=mo, premoderated=True)

    assert send(text="Bitte prüfen")["type"] == "held"


def test_a_reply_goes_below_its_parent(comment, send):
    assert send(text="Antwort", parent=comment.pk)["comment"]["root"] == comment.pk


def test_strangers_and_the_refused_hear_the_code(mo, discussion, send):
    with pytest.raises(Refused) as stranger:
        send(user=AnonymousUser(), text="Hallo")
    actions.close_discussion(discussion.pk, actor=mo)
    with pytest.raises(Refused) as closed:
        send(text="Hallo")

    assert (stranger.value.code, closed.value.code) == ("not_authenticated", "discussion_closed")


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"text": None},
        {"text": 5},
        {"text": "x", "key": "no"},
        {"text": "x", "key": None},
        {"text": "x", "discussion": "1"},
        {"text": "x", "discussion": True},
        {"text": "x", "discussion": 1.5},
        {"text": "x", "discussion": 10**40},
        {"text": "x", "discussion": -1},
        {"text": "x", "parent": "1"},
        {"text": "x", "parent": 10**40},
        {"text": "\ud800"},
    ],
)
def test_a_strange_message_is_refused_not_a_crash(send, message):
    with pytest.raises(Refused):
        send(**message)
    assert not Comment.objects.exists()
