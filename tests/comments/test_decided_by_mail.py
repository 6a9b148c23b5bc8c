"""What is decided is told by mail, a little later than it can be undone."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.conf import settings as site
from django.core import mail
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.actions import impose_sanction, lift_sanction
from accounts.models import Notification, User
from accounts.notifications.telling_by_mail import mail_about
from comments import actions
from comments.actions.undoing import UNDO_WINDOW
from tests.comments.tools import events

pytestmark = pytest.mark.usefixtures("queue")
SECRET = "Wort4711x"


def send_all() -> list[str]:
    """Do what waits, as a worker would when its time has come. Returns the subjects."""
    mail.outbox.clear()
    for each in waiting():
        mail_about.call(*each.args_kwargs["args"])
    deliveries = DBTaskResult.objects.filter(task_path__endswith="deliver", status="READY")
    for each in deliveries:
        each.task.call(*each.args_kwargs["args"])
    DBTaskResult.objects.all().delete()
    return [message.subject for message in mail.outbox]


def waiting() -> list[DBTaskResult]:
    return list(DBTaskResult.objects.filter(task_path__endswith="mail_about", status="READY").order_by("enqueued_at"))


def test_each_decision_is_told_by_mail_with_its_reason_and_without_the_moderator(alice, mo, discussion):
    actions.open_discussion(discussion.pk, actor=mo, premoderated=True)
    held = actions.post(discussion.pk, author=alice, text=SECRET).comment
    words = "Bitte sachlich.\n\nhttps://evil.example/"
    actions.decide(
        held.pk, "reject", actor=mo, reason="insult", note="war knapp", text=words, ground="terms", norm="§ 4"
    )
    (row,) = waiting()
    assert row.run_after > timezone.now() + UNDO_WINDOW

    assert send_all() == ["Ihr Kommentar wurde nicht veröffentlicht"]
    (message,) = mail.outbox
    assert message.to == [alice.email]
    assert "Grund: Beleidigung (§ 4)" in message.body
    assert "Bitte sachlich." in message.body
    assert f"{site.SITE_URL}/comments/{held.pk}/" in message.body
    html = message.alternatives[0][0]
    assert 'href="https://evil' not in html
    assert not re.search(rf"\b{mo.name}\b", message.body + html)
    for secret in ("war knapp", SECRET):
        assert secret not in message.body + html

    actions.reopen(held.pk, actor=mo)
    actions.approve(held.pk, actor=mo)
    actions.remove(held.pk, actor=mo, reason="spam")
    actions.restore(held.pk, actor=mo)
    assert send_all() == [
        "Ihr Kommentar wird noch einmal geprüft",
        "Ihr Kommentar ist veröffentlicht",
        "Ihr Kommentar wurde entfernt",
        "Ihr Kommentar ist wieder öffentlich",
    ]


@pytest.mark.parametrize("is_read", [False, True])
def test_what_was_undone_is_not_mailed(alice, mo, comment, is_read):
    decided = actions.remove(comment.pk, actor=mo, reason="spam").ruling
    if is_read:
        Notification.objects.filter(user=alice).update(read_at=timezone.now())

    actions.undo_decision(decided.pk, actor=mo)

    assert len(waiting()) == 1
    assert send_all() == []


def test_a_restriction_and_its_end_are_mailed_in_the_persons_language(alice, mo):
    User.objects.filter(pk=alice.pk).update(language="en")
    until = timezone.now() + timedelta(days=3)
    sanction = impose_sanction(alice.pk, actor=mo, scope="chat", until=until, reason="spam")

    assert send_all() == ["You are restricted"]
    assert "Reason: Spam" in mail.outbox[0].body
    assert "Until: " in mail.outbox[0].body
    lift_sanction(sanction.pk, actor=mo)
    assert send_all() == ["A restriction is over"]


def test_whoever_cannot_be_written_to_gets_none(alice, mo, comment):
    actions.remove(comment.pk, actor=mo, reason="spam")
    User.objects.filter(pk=alice.pk).update(is_active=False)

    assert send_all() == []


def test_what_is_written_to_a_person_who_is_restricted_reaches_them_everywhere(api, client, alice, mo):
    words = "Bitte  bleiben\u0007 Sie sachlich."
    said = "Bitte bleiben Sie sachlich."
    asked = {"scope": "chat", "until": None, "reason": "insult", "text": words, "note": SECRET}
    address = f"/api/v1/users/{alice.pk}/sanctions/"
    assert api(mo).post(address, asked | {"text": "x" * 1001}).json()["errors"].keys() == {"text"}

    answer = api(mo).post(address, asked)

    assert (answer.status_code, " ".join(answer.json()["text"].split())) == (201, said)
    told = Notification.objects.get(user=alice)
    assert (told.kind, " ".join(told.details["text"].split())) == ("sanction.imposed", said)
    heard = events(f"user.{alice.pk}")
    assert {each["kind"]: " ".join(each["data"]["text"].split()) for each in heard} == {
        "sanction.imposed": said,
        "notification.created": said,
    }
    assert " ".join(api(alice).get("/api/v1/me/").json()["sanctions"][0]["text"].split()) == said
    assert send_all() == ["Für Sie gilt eine Einschränkung"]
    assert said in mail.outbox[0].body
    client.force_login(alice)
    assert said in " ".join(client.get("/accounts/profile/").text.split())
    client.force_login(mo)
    assert said in " ".join(client.get(f"/moderation/people/{alice.pk}/").text.split())
    for text in (mail.outbox[0].body, str(told.details), str(heard)):
        assert SECRET not in text


def test_the_preview_has_the_words_that_the_person_will_read(client, alice, mo):
    client.force_login(mo)
    sheet = {"scope": "chat", "length": "7", "reason": "spam", "text": "Nur heute.", "section": ""}
    address = f"/moderation/people/{alice.pk}/"

    assert re.search(r"Grund: Spam[^<]* Nur heute\.</p>", client.post(address, sheet | {"deed": "preview"}).text)
    assert not Notification.objects.exists()
    assert client.post(address, sheet | {"deed": "bar"}).status_code == 302
    assert Notification.objects.get(user=alice).details["text"] == "Nur heute."
