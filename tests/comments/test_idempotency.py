"""A repeat of a request gets the first answer."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.utils import timezone

from comments import actions
from comments.actions.upkeep import forget_keys
from comments.models import Comment, IdempotencyKey
from tests.comments.tools import in_parallel, url


def test_a_repeat_gets_the_first_status_and_makes_nothing(api, alice, discussion):
    headers = {"Idempotency-Key": str(uuid4())}
    first = api(alice).post(url(discussion), {"text": "Hallo"}, headers=headers)
    again = api(alice).post(url(discussion), {"text": "Hallo"}, headers=headers)

    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
    assert Comment.objects.count() == 1


def test_a_repeat_sees_the_comment_as_it_now_stands(api, alice, mo, discussion):
    headers = {"Idempotency-Key": str(uuid4())}
    actions.open_discussion(discussion.pk, actor=mo, premoderated=True)
    held = api(alice).post(url(discussion), {"text": "Hallo"}, headers=headers)
    actions.approve(held.json()["id"], actor=mo)
    approved = api(alice).post(url(discussion), {"text": "Hallo"}, headers=headers)
    actions.remove(held.json()["id"], actor=mo, reason="off_topic")
    removed = api(alice).post(url(discussion), {"text": "Hallo"}, headers=headers)

    assert [each.status_code for each in (held, approved, removed)] == [202, 202, 202]
    assert [each.json()["state"] for each in (held, approved, removed)] == ["held", "published", "removed"]
    assert removed.json()["text"] == ""


def test_the_key_comes_before_limits_and_state(api, alice, mo, discussion, settings):
    headers = {"Idempotency-Key": str(uuid4())}
    settings.LIMITS = {**settings.LIMITS, "comments": "1/m"}
    api(alice).post(url(discussion), {"text": "Hallo"}, headers=headers)
    actions.close_discussion(discussion.pk, actor=mo)

    assert api(alice).post(url(discussion), {"text": "Hallo"}, headers=headers).status_code == 201
    assert api(alice).post(url(discussion), {"text": "Neues"}).status_code == 429


def test_another_text_under_the_same_key_is_a_conflict(api, alice, discussion):
    headers = {"Idempotency-Key": str(uuid4())}
    api(alice).post(url(discussion), {"text": "Hallo"}, headers=headers)

    refused = api(alice).post(url(discussion), {"text": "Hallo!"}, headers=headers)

    assert (refused.status_code, refused.json()["code"]) == (409, "idempotency_mismatch")


def test_another_persons_key_is_their_own(api, alice, bob, discussion):
    headers = {"Idempotency-Key": str(uuid4())}
    mine = api(alice).post(url(discussion), {"text": "Hallo"}, headers=headers)
    theirs = api(bob).post(url(discussion), {"text": "Ganz anders"}, headers=headers)

    assert (mine.status_code, theirs.status_code) == (201, 201)
    assert mine.json()["id"] != theirs.json()["id"]


def test_a_refusal_is_not_remembered(api, alice, mo, discussion):
    headers = {"Idempotency-Key": str(uuid4())}
    actions.close_discussion(discussion.pk, actor=mo)
    refused = api(alice).post(url(discussion), {"text": "Hallo"}, headers=headers)
    actions.open_discussion(discussion.pk, actor=mo)

    assert refused.status_code == 403
    assert api(alice).post(url(discussion), {"text": "Hallo"}, headers=headers).status_code == 201


@pytest.mark.parametrize("key", ["", "no-uuid", "1" * 5000])
def test_a_key_is_a_uuid(api, alice, discussion, key):
    refused = api(alice).post(url(discussion), {"text": "Hallo"}, headers={"Idempotency-Key": key})

    assert (refused.status_code, refused.json()["code"]) == (422, "invalid")


def test_a_key_is_kept_for_48_hours(alice, discussion):
    key = uuid4()
    actions.post(discussion.pk, author=alice, text="Hallo", key=key)

    with time_machine.travel(timezone.now() + timedelta(hours=47), tick=False):
        assert forget_keys() == 0
    with time_machine.travel(timezone.now() + timedelta(hours=49), tick=False):
        assert forget_keys() == 1
    assert not IdempotencyKey.objects.exists()


def test_parallel_repeats_make_one_comment_and_all_hear_of_it(alice, discussion, settings, many_connections):
    settings.LIMITS = {**settings.LIMITS, "comments": "3/m"}  # less than there are repeats
    key = uuid4()

    answers = in_parallel(8, lambda _: actions.post(discussion.pk, author=alice, text="Hallo", key=key))

    assert {answer.status for answer in answers} == {201}
    assert {answer.comment.pk for answer in answers} == {Comment.objects.get().pk}


def test_parallel_posts_of_one_person_do_not_slip_past_the_rules(alice, mo, discussion, many_connections):
    actions.change_discussion(discussion.pk, actor=mo, slow_mode_seconds=60)

    def say(number: int) -> int:
        try:
            return actions.post(discussion.pk, author=alice, text=f"Nr. {number}").status
        except actions.posting.SlowMode:
            return 429

    assert sorted(in_parallel(6, say)) == [201, 429, 429, 429, 429, 429]
