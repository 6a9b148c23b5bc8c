"""Saying something, through the API."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from accounts.actions import impose_sanction, lift_sanction
from articles.actions import retract_article
from comments import actions
from comments.api import socket
from comments.models import Comment, Discussion
from newsroom.errors import TooManyRequests
from newsroom.text import visible
from tests.comments.tools import events, kinds, page, url
from tests.support.directions import directed


def test_what_a_reader_says_is_on_the_page_and_in_the_log(api, alice, discussion):
    answer = api(alice).post(url(discussion), {"text": "Gut, **sehr** gut."})

    assert answer.status_code == 201, answer.content
    listed = page(api(), url(discussion))
    assert [each["html"] for each in listed["results"]] == [directed("<p>Gut, <strong>sehr</strong> gut.</p>")]
    assert listed["results"][0] == answer.json() | {"replies": []}
    assert listed["comment_count"] == 1
    (event,) = events(discussion.stream)
    counts = {"comment_count": 1, "reply_counts": {}}
    assert (event["kind"], event["data"]) == ("comment.posted", answer.json() | counts)


def test_the_event_carries_the_key_of_the_pending_line(api, alice, discussion):
    key = str(uuid4())

    api(alice).post(url(discussion), {"text": "Hallo"}, headers={"Idempotency-Key": key})

    assert events(discussion.stream)[0]["key"] == key


def test_places_rise_and_each_is_taken_once(api, alice, bob, discussion):
    orders = [
        api(who).post(url(discussion), {"text": f"Nr. {n}"}).json()["order"] for n, who in enumerate([alice, bob] * 5)
    ]

    assert orders == sorted(set(orders))


def test_a_reply_stands_below_the_top_of_its_thread_and_is_counted_above(api, alice, bob, discussion, comment):
    reply = api(bob).post(url(discussion), {"text": "Stimmt.", "parent": comment.pk}).json()
    deeper = api(alice).post(url(discussion), {"text": "Eben.", "parent": reply["id"]}).json()

    (top,) = page(api(), url(discussion))["results"]
    assert (reply["root"], deeper["root"], deeper["parent"]) == (comment.pk, comment.pk, reply["id"])
    assert top["reply_count"] == 2
    assert [each["id"] for each in top["replies"]] == [reply["id"], deeper["id"]]
    assert [each["reply_count"] for each in top["replies"]] == [1, 0]
    counts = {str(comment.pk): 2, str(reply["id"]): 1}
    assert events(discussion.stream)[-1]["data"]["reply_counts"] == counts


def test_a_chat_is_flat_and_runs_from_old_to_new(api, alice, bob, chat):
    line = api(alice).post(url(chat), {"text": "Moin"}).json()
    answer = api(bob).post(url(chat), {"text": "Moin, Alice", "parent": line["id"]}).json()

    listed = page(api(), url(chat))["results"]
    assert [each["id"] for each in listed] == [line["id"], answer["id"]]
    assert (answer["root"], answer["parent"]) == (None, line["id"])
    assert [each["reply_count"] for each in listed] == [1, 0]


@pytest.mark.parametrize("what", ["foreign", "removed", "unknown", "huge"])
def test_only_a_comment_that_is_here_can_be_answered(api, alice, mo, discussion, chat, comment, what):
    if what == "removed":
        actions.remove(comment.pk, actor=mo, reason="spam")
    foreign = actions.post(chat.pk, author=alice, text="Im Chat").comment
    parent = {"foreign": foreign.pk, "removed": comment.pk, "unknown": 10**9, "huge": 10**30}[what]

    refused = api(alice).post(url(discussion), {"text": "Antwort", "parent": parent})

    assert (refused.status_code, refused.json()["code"]) == (422, "invalid")
    assert "parent" in refused.json()["errors"]


def test_strangers_must_log_in(api, discussion):
    refused = api().post(url(discussion), {"text": "Hallo"})

    assert (refused.status_code, refused.json()["code"]) == (401, "not_authenticated")


def test_an_unconfirmed_address_may_say_nothing(api, unconfirmed, discussion):
    refused = api(unconfirmed).post(url(discussion), {"text": "Hallo"})

    assert (refused.status_code, refused.json()["code"]) == (403, "unconfirmed")
    assert not Comment.objects.exists()


def test_who_is_barred_hears_why_and_until_when(api, alice, mo, discussion):
    until = timezone.now() + timedelta(days=3)
    sanction = impose_sanction(alice.pk, actor=mo, scope="comment", until=until, reason="insult")

    refused = api(alice).post(url(discussion), {"text": "Hallo"})

    assert (refused.status_code, refused.json()["code"], refused.json()["reason"]) == (403, "barred", "insult")
    assert refused.json()["until"] == until.isoformat().replace("+00:00", "Z")
    lift_sanction(sanction.pk, actor=mo)
    assert api(alice).post(url(discussion), {"text": "Hallo"}).status_code == 201


def test_a_closed_discussion_says_so(api, alice, mo, discussion):
    actions.close_discussion(discussion.pk, actor=mo, reason="Feierabend")

    refused = api(alice).post(url(discussion), {"text": "Hallo"})

    assert (refused.status_code, refused.json()["code"]) == (403, "discussion_closed")
    assert refused.json()["detail"] == "Feierabend"
    actions.open_discussion(discussion.pk, actor=mo)
    assert api(alice).post(url(discussion), {"text": "Hallo"}).status_code == 201


def test_times_open_and_close_it(api, alice, mo, discussion):
    now = timezone.now()
    hour = timedelta(hours=1)
    actions.change_discussion(discussion.pk, actor=mo, opens_at=now + hour, closes_at=now + 2 * hour)
    early = api(alice).post(url(discussion), {"text": "Zu früh"})
    actions.change_discussion(discussion.pk, actor=mo, opens_at=now - 2 * hour, closes_at=now - hour)
    late = api(alice).post(url(discussion), {"text": "Zu spät"})
    actions.change_discussion(discussion.pk, actor=mo, opens_at=now - hour, closes_at=now + hour)
    right = api(alice).post(url(discussion), {"text": "Gerade recht"})

    assert [answer.status_code for answer in (early, late, right)] == [403, 403, 201]
    assert early.json()["opens_at"] == (now + hour).isoformat().replace("+00:00", "Z")
    assert late.json()["closes_at"] == (now - hour).isoformat().replace("+00:00", "Z")


def test_nobody_speaks_under_a_retracted_article(api, alice, eddy, article, discussion):
    assert api(alice).post(url(discussion), {"text": "Noch geht es"}).status_code == 201
    retract_article(article.pk, actor=eddy)

    refused = api(alice).post(url(discussion), {"text": "Hallo"})

    assert (refused.status_code, refused.json()["code"]) == (410, "gone")
    assert discussion.comments.count() == 1


def test_slow_mode_asks_for_a_pause_of_each_person(api, alice, bob, mo, discussion):
    actions.change_discussion(discussion.pk, actor=mo, slow_mode_seconds=60)
    assert api(alice).post(url(discussion), {"text": "Eins"}).status_code == 201

    refused = api(alice).post(url(discussion), {"text": "Zwei"})

    assert (refused.status_code, refused.json()["code"]) == (429, "slow_mode")
    assert 0 < int(refused["Retry-After"]) <= 60
    assert api(bob).post(url(discussion), {"text": "Auch eins"}).status_code == 201
    assert [api(mo).post(url(discussion), {"text": text}).status_code for text in "ab"] == [201, 201]


def test_saying_the_same_again_is_refused(api, alice, bob, discussion):
    assert api(alice).post(url(discussion), {"text": "Erster!"}).status_code == 201

    refused = api(alice).post(url(discussion), {"text": "  ERSTER!\n"})

    assert (refused.status_code, refused.json()["code"]) == (422, "duplicate")
    assert api(bob).post(url(discussion), {"text": "Erster!"}).status_code == 201
    assert api(alice).post(url(discussion), {"text": "Zweiter!"}).status_code == 201


def test_whoever_shares_an_address_shares_its_limit_if_there_is_one(api, alice, bob, discussion, comment, settings):
    settings.LIMITS = {**settings.LIMITS, "comments_address": "3/m", "reactions_address": "1/m"}
    key = {"headers": {"Idempotency-Key": str(uuid4())}}
    form = Client()
    form.force_login(alice)

    def say(who, text, **how):
        return api(who).post(url(discussion), {"text": text}, **how)

    first = [say(alice, "eins", **key), say(alice, "eins", **key), say(bob, "zwei"), say(alice, "drei")]
    refused = say(bob, "vier")

    assert [each.status_code for each in first] == [201, 201, 201, 201]
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_requests")
    assert 0 < int(refused["Retry-After"]) <= 60
    assert form.post(f"/discussions/{discussion.pk}/comments/", {"text": "fünf"}).status_code == 429
    networks = ["2001:db8:1:2::1", "2001:db8:1:2::2", "2001:db8:1:2:3::1", "2001:db8:1:2::4", "2001:db8:1:3::1"]
    sent = [say(bob, f"Nr. {n}", REMOTE_ADDR=network).status_code for n, network in enumerate(networks)]
    assert sent == [201, 201, 201, 429, 201]
    like = f"/api/v1/comments/{comment.pk}/reactions/like/"
    assert [api(who).put(like).status_code for who in (alice, bob)] == [200, 429]


def test_a_socket_shares_the_limit_of_its_address(alice, discussion, settings):
    settings.LIMITS = {**settings.LIMITS, "comments_address": "1/m"}

    def say(text, address):
        return socket.post(alice, {"discussion": discussion.pk, "text": text, "key": str(uuid4())}, address)

    assert say("eins", "192.0.2.7")["type"] == "accepted"
    with pytest.raises(TooManyRequests):
        say("zwei", "192.0.2.7")
    assert say("zwei", "192.0.2.8")["type"] == "accepted"


def test_limits_count_each_person_and_give_moderators_tenfold(api, alice, bob, mo, discussion, settings):
    settings.LIMITS = {**settings.LIMITS, "comments": "2/m"}
    statuses = [api(alice).post(url(discussion), {"text": f"Nr. {n}"}).status_code for n in range(3)]
    refused = api(alice).post(url(discussion), {"text": "Noch eins"})

    assert statuses == [201, 201, 429]
    assert refused.json()["code"] == "too_many_requests"
    assert int(refused["Retry-After"]) >= 1
    assert api(bob).post(url(discussion), {"text": "Hallo"}).status_code == 201
    assert {api(mo).post(url(discussion), {"text": f"Nr. {n}"}).status_code for n in range(20)} == {201}


def test_many_links_wait_for_a_moderator(api, alice, mo, discussion):
    links = " ".join(f"https://example.org/{n}" for n in range(4))

    held = api(alice).post(url(discussion), {"text": links})

    assert (held.status_code, held.json()["state"], held.json()["order"]) == (202, "held", None)
    assert page(api(), url(discussion))["results"] == []
    assert events(discussion.stream) == []
    assert kinds(f"user.{alice.pk}") == ["comment.held"]
    assert kinds("moderation") == ["queue.entered", "case.opened"]
    (waiting,) = page(api(mo), "/api/v1/moderation/queue/")["results"]
    assert (waiting["id"], waiting["rule"], waiting["note"]) == (held.json()["id"], "too_many_links", "4 links")
    assert waiting["title"] == discussion.title


def test_three_links_are_fine(api, alice, discussion):
    links = " ".join(f"https://example.org/{n}" for n in range(3))

    assert api(alice).post(url(discussion), {"text": links}).status_code == 201


def test_a_premoderated_discussion_holds_everybody_but_moderators(api, alice, mo, discussion):
    actions.open_discussion(discussion.pk, actor=mo, premoderated=True)

    assert api(alice).post(url(discussion), {"text": "Hallo"}).status_code == 202
    assert api(mo).post(url(discussion), {"text": "Willkommen"}).status_code == 201


def test_the_text_is_cleaned_and_its_html_harmless(api, alice, discussion):
    text = "\u202eHallo\x00 <script>alert(1)</script> [da](javascript:x) &amp; 👩‍👩‍👧 é"

    said = api(alice).post(url(discussion), {"text": text}).json()

    assert "\u202e" not in said["text"]
    assert "<script" not in said["html"]
    assert "javascript:" not in said["html"].partition("href")[2]
    assert "👩‍👩‍👧" in said["html"]


@pytest.mark.parametrize(("mode", "most"), [("thread", 5000), ("chat", 1000)])
def test_a_text_fits_or_is_refused(api, alice, discussion, chat, mode, most):
    here = {"thread": discussion, "chat": chat}[mode]

    refused = api(alice).post(url(here), {"text": "ä" * (most + 1)})

    assert (refused.status_code, list(refused.json()["errors"])) == (422, ["text"])
    assert api(alice).post(url(here), {"text": "ä" * most}).status_code == 201


@pytest.mark.parametrize("text", [">", "***", "[x]: y", "[](https://example.org)"])
def test_what_would_be_nothing_but_marks_is_a_comment_as_it_was_written(api, alice, discussion, text):
    posted = api(alice).post(url(discussion), {"text": text})

    assert posted.status_code == 201
    assert visible(posted.json()["html"]) == text


@pytest.mark.parametrize("text", ["", " \n ", "\u200b\u200d", "\x00"])
def test_nothing_is_not_a_comment(api, alice, discussion, text):
    refused = api(alice).post(url(discussion), {"text": text})

    assert (refused.status_code, refused.json()["code"], list(refused.json()["errors"])) == (422, "invalid", ["text"])


@pytest.mark.parametrize("text", ["👍", "!", "…", "1", "Ы"])
def test_a_single_sign_is_one(api, alice, discussion, text):
    assert api(alice).post(url(discussion), {"text": text}).status_code == 201


def test_every_published_article_has_a_thread_from_the_start(api, article):
    (thread,) = page(api(), "/api/v1/discussions/", article=article.slug)["results"]

    assert (thread["mode"], thread["state"], thread["title"]) == ("thread", "open", article.headline)
    assert Discussion.objects.filter(article=article).count() == 1
