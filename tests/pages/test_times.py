"""Moments and numbers read alike wherever they stand: on pages, in sentences, and in what the browser writes."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from datetime import UTC, datetime

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone, translation

from accounts.actions import change_profile
from accounts.models import User
from accounts.notifications import mails
from comments.models import Comment
from newsroom.formats.moments import in_words
from newsroom.pages import sentences
from newsroom.templatetags.newsroom import moment
from tests.support.product import ROOT

EVENING = datetime(2026, 11, 28, 18, 5, tzinfo=UTC)
IN_BROWSER = """
globalThis.document = {
  documentElement: { lang: LANGUAGE, dataset: { zone: "Europe/Berlin" } },
  getElementById: () => ({ textContent: WORDS }), querySelectorAll: () => [], addEventListener() {},
};
globalThis.setInterval = () => {};
globalThis.addEventListener = () => {};
globalThis.innerWidth = 1280;
const { describe } = await import("FOLDER/time.js");
const { say } = await import("FOLDER/words.js");
console.log(JSON.stringify([describe(new Date("2026-11-28T18:05:00Z"), "absolute"), say("messages", { n: 2891 })]));
"""


@pytest.mark.parametrize(
    ("language", "moment", "number"),
    [
        ("de", "28. November 2026, 19:05 Uhr", "2.891 Nachrichten"),
        ("en", "28 November 2026, 19:05", "2,891 messages"),
        ("ru", "28 ноября 2026 г., 19:05", "2\xa0891 сообщение"),
    ],
)
def test_server_and_browser_write_moments_and_numbers_alike(language: str, moment: str, number: str) -> None:
    with translation.override(language):
        assert in_words(EVENING).replace("\xa0", " ") == moment
        assert sentences.counted("messages", 2891) == number
        spoken = json.dumps(sentences.words())

    if shutil.which("node") is None:
        pytest.skip("node: not installed")
    script = IN_BROWSER.replace("LANGUAGE", json.dumps(language)).replace("WORDS", json.dumps(spoken))
    script = script.replace("FOLDER", str(ROOT / "newsroom/static/newsroom"))
    node = ["node", "--input-type=module", "-e", script]
    said = json.loads(subprocess.run(node, capture_output=True, text=True, check=True).stdout)

    assert [each.replace("\xa0", " ") for each in said] == [moment, number.replace("\xa0", " ")]


@pytest.mark.django_db
def test_times_are_told_in_the_zone_that_a_person_has_chosen(client, alice, bob, comment, chat, mo):
    Comment.objects.filter(pk=comment.pk).update(created_at=EVENING, published_at=EVENING)
    place = f"/comments/{comment.pk}/replies/"
    change_profile(alice.pk, time_zone="Asia/Tokyo")
    own, other = Client(), Client()
    own.force_login(alice)
    other.force_login(bob)

    def seen(browser: Client) -> tuple[str, str]:
        page = browser.get(place).text.replace("\xa0", " ")
        return re.findall(r'data-zone="(.*?)"', page)[0], re.findall(r"<time [^>]*>(28\..*?|29\..*?)</time>", page)[0]

    assert seen(own) == ("Asia/Tokyo", "29. November 2026, 03:05 Uhr")
    for browser in (other, client):  # what is kept for many is kept for each zone
        assert seen(browser) == ("Europe/Berlin", "28. November 2026, 19:05 Uhr")
    assert seen(own) == ("Asia/Tokyo", "29. November 2026, 03:05 Uhr")
    User.objects.filter(pk=alice.pk).update(time_zone="Atlantis/Poseidonis")  # a zone that is known no longer
    assert seen(own)[0] == "Europe/Berlin"


@pytest.mark.django_db
def test_a_mail_tells_times_in_the_zone_of_whoever_gets_it(alice, bob):
    change_profile(alice.pk, time_zone="Asia/Tokyo")
    with timezone.override("America/New_York"):  # of whoever does something that is told of
        for person in (alice, bob):
            told = {
                "user": User.objects.get(pk=person.pk),
                "kind": "sanction.imposed",
                "until": lambda: in_words(EVENING),
            }
            mails.send("account/email/decided", person.email, told)

    bodies = [each.body.replace("\xa0", " ") for each in mail.outbox]
    assert ["29. November 2026, 03:05" in bodies[0], "28. November 2026, 19:05" in bodies[1]] == [True, True]


@pytest.mark.parametrize(
    ("language", "today", "before"), [("de", "12:05", "27.11.2026 19:05"), ("en", "12:05", "27/11/2026 19:05")]
)
def test_a_page_that_is_not_kept_says_the_hour_alone_if_it_was_today(monkeypatch, language, today, before):
    now = datetime(2026, 11, 28, 13, 0, tzinfo=UTC)
    monkeypatch.setattr(timezone, "now", lambda: now)
    this_noon, last_evening = datetime(2026, 11, 28, 11, 5, tzinfo=UTC), datetime(2026, 11, 27, 18, 5, tzinfo=UTC)

    with translation.override(language):
        assert f">{today}</time>" in moment(this_noon, "clock", fresh=True)
        assert f">{before}</time>" in moment(last_evening, "clock", fresh=True)
        assert f" {today}</time>" in moment(this_noon, "clock")  # kept, and read tomorrow
