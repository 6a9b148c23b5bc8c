"""Mails about what is new: at once and as digests, each once, made when they are sent, and ended by one click."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from functools import partial
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import connection, transaction
from django.db.models import QuerySet
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts import actions as people
from accounts import events
from accounts.models import Mailing, MailItem, Notification, User
from accounts.notifications.mailing import begin_due_mails, forget_mailings, send_mailing
from accounts.notifications.schedule import due_after
from articles import actions as desk
from comments import actions
from tests.comments.tools import in_parallel
from tests.support.services import wait_for
from tests.support.smtp import Sink, smtp_sink

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("queue")]
NOON = datetime(2026, 11, 30, 11, 0, tzinfo=UTC)  # a Monday
LATER = timedelta(seconds=66)


class Killed(BaseException):
    """As if the process had died."""


def dies_at(step: int, deed: Callable[[], Any]) -> bool:
    """Do it in a process that dies before its statement `step`, if there are so many. Returns whether it died."""
    count = 0

    def run(execute: Callable[..., Any], *asked: Any) -> Any:
        nonlocal count
        count += 1
        if count == step:
            raise Killed
        return execute(*asked)

    with connection.execute_wrapper(run):
        try:
            deed()
        except Killed:
            return True
    return False


@transaction.atomic
def notify(*told: Any) -> None:
    events.notify(*told)


def wants(who: User, **mails: str) -> None:
    people.change_preferences(who, {kind: {"mail": how} for kind, how in mails.items()})


def send_due() -> list[Any]:
    """Do what is due, as a worker does. Returns the mails."""
    mail.outbox.clear()
    begin_due_mails()
    for task in DBTaskResult.objects.filter(task_path__endswith="send_mailing", status="READY"):
        send_mailing.call(*task.args_kwargs["args"])
        task.delete()
    return list(mail.outbox)


def answered(comment: Any, author: User, text: str = "Das sehe ich anders") -> Any:
    return actions.post(comment.discussion_id, author=author, text=text, parent_id=comment.pk).comment


@pytest.fixture
def noon() -> Iterator[Any]:
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.mark.parametrize(
    ("moment", "series", "zone", "due"),
    [
        ("2026-11-30T11:00", "reply", "", "2026-11-30T11:01:05"),
        ("2026-11-30T11:00", "hourly", "", "2026-11-30T12:00"),
        ("2026-11-30T11:59:59", "hourly", "Asia/Kolkata", "2026-11-30T13:00"),
        ("2026-11-30T11:00", "daily", "", "2026-12-01T06:00"),
        ("2026-11-30T05:58", "daily", "Europe/Berlin", "2026-11-30T06:00"),
        ("2026-11-30T05:59", "daily", "Europe/Berlin", "2026-12-01T06:00"),
        ("2026-11-30T11:00", "daily", "Asia/Tokyo", "2026-11-30T22:00"),
        ("2026-11-30T11:00", "weekly", "", "2026-12-07T06:00"),
        ("2026-11-30T05:00", "weekly", "", "2026-11-30T06:00"),
        ("2026-03-28T12:00", "daily", "Europe/Berlin", "2026-03-29T05:00"),  # the clock was set forward in that night
        ("2026-10-24T12:00", "daily", "Europe/Berlin", "2026-10-25T06:00"),  # and back
        ("2026-10-19T12:00", "weekly", "America/New_York", "2026-10-26T11:00"),
        ("2026-10-26T12:00", "weekly", "America/New_York", "2026-11-02T12:00"),
    ],
)
def test_mails_are_due_at_the_hours_of_the_persons_wall_clock(moment: str, series: str, zone: str, due: str) -> None:
    asked = datetime.fromisoformat(moment).replace(tzinfo=UTC)

    assert due_after(asked, series, zone) == datetime.fromisoformat(due).replace(tzinfo=UTC)


def test_a_reply_is_mailed_at_once_with_all_that_mail_programs_need(noon, alice, bob, comment, settings):
    wants(alice, reply="now")
    reply = answered(comment, bob, "Lies https://evil.example/ und\n\nwww.evil.example, *bitte*")
    assert send_due() == []  # it can still be withdrawn
    noon.shift(LATER)

    (message,) = send_due()

    title, site = comment.discussion.title, settings.SITE_URL
    assert (message.to, message.subject) == ([alice.email], f"{bob.name} hat Ihnen geantwortet – {title}")
    html = message.alternatives[0][0]
    for said in (message.body, html):
        assert "bitte" in said
        assert f"{site}/comments/{reply.pk}/" in said
        assert f"{site}/accounts/notifications/preferences/" in said
        assert set(re.findall(r"https?://[\w.:]+", said)) == {site}
    headers = message.extra_headers
    host = site.partition("://")[2].partition(":")[0]
    assert re.fullmatch(rf"<{re.escape(site)}/unsubscribe/[\w:-]+/>", headers["List-Unsubscribe"])
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert headers["List-Id"] == f"<reply.{host}>"
    assert headers["Auto-Submitted"] == "auto-generated"
    assert headers["X-Auto-Response-Suppress"] == "All"
    assert headers["References"] == headers["In-Reply-To"] == f"<discussion.{comment.discussion_id}@{host}>"
    assert "Precedence" not in headers
    assert send_due() == []


def test_a_digest_has_what_is_new_of_all_kinds_in_order_and_only_once(
    noon, alice, bob, jo, eddy, comment, section, settings
):
    settings.LIMITS = {**settings.LIMITS, "comments": "100/m"}
    people.subscribe(alice, "section", section.slug)
    User.objects.filter(pk=alice.pk).update(language="en", time_zone="Asia/Tokyo")
    for number in range(22):
        answered(comment, (bob, jo)[number % 2], f"Antwort {number}!")
    actions.post(comment.discussion_id, author=bob, text=f"Sieh mal, @{alice.name}")
    article = desk.publish_article(desk.draft_article(actor=eddy, section=section, headline="Neu").pk, actor=eddy)
    notify([alice.pk], "article.published", f"article.{article.pk}", "Neu", article.get_absolute_url())
    noon.shift(timedelta(hours=10, minutes=59))
    assert send_due() == []

    noon.shift(timedelta(hours=5))  # the run at seven in Tokyo was missed

    (message,) = send_due()
    assert message.subject == f"24 notifications – {settings.SITE_NAME}"
    assert message.body.count(" has answered you: ") == 18
    assert "has mentioned you" in message.body
    assert "And 4 more." in message.body
    assert "Antwort 21!" in message.body
    assert "Antwort 3!" not in message.body
    assert message.body.index("Neu\n") < message.body.index(f"{comment.discussion.title}\n")
    assert message.body.count(f"\n\n{comment.discussion.title}\n") == 1
    assert message.extra_headers["Precedence"] == "list"
    assert "References" not in message.extra_headers
    noon.shift(timedelta(days=2))
    assert send_due() == []


@pytest.mark.parametrize("how", ["removed", "withdrawn", "read", "ignored", "retracted", "off", "inactive", "moved"])
def test_what_is_no_longer_to_be_told_leaves_no_more(how, noon, alice, bob, mo, eddy, comment):
    reply = answered(comment, bob, "Geheimnis")
    noon.shift(timedelta(minutes=2))
    begin = begin_due_mails
    noon.move_to(NOON + timedelta(hours=20))
    begin()  # the task waits, as behind a mail server that is away
    assert not any("Geheimnis" in str(task.args_kwargs) for task in DBTaskResult.objects.all())
    match how:
        case "removed":
            actions.remove(reply.pk, actor=mo, reason="spam")
        case "withdrawn":
            noon.move_to(NOON + timedelta(minutes=3))
            actions.withdraw(reply.pk, actor=bob)
        case "read":
            Notification.objects.update(read_at=timezone.now())
        case "ignored":
            actions.ignore(bob.pk, reader=alice)
        case "retracted":
            desk.retract_article(comment.discussion.article_id, actor=eddy)
        case "off":
            wants(alice, reply="off")
        case "inactive":
            User.objects.filter(pk=alice.pk).update(is_active=False)
        case "moved":
            User.objects.filter(pk=alice.pk).update(is_confirmed=False)

    assert send_due() == []
    assert not Mailing.objects.filter(sent_at=None).exists()


def test_nobody_is_written_to_whose_address_is_not_confirmed(noon, alice, bob, comment):
    User.objects.filter(pk=alice.pk).update(is_confirmed=False)
    answered(comment, bob)

    assert not MailItem.objects.exists()


def test_a_digest_comes_at_the_hours_of_a_new_time_zone(noon, alice, bob, comment):
    answered(comment, bob)
    assert MailItem.objects.get().due_at == datetime(2026, 12, 1, 6, tzinfo=UTC)

    people.change_profile(alice.pk, time_zone="America/New_York")

    assert MailItem.objects.get().due_at == datetime(2026, 11, 30, 12, tzinfo=UTC)


def test_what_comes_just_before_a_mail_is_in_the_next(noon, alice, bob, comment):
    wants(alice, reply="now")
    answered(comment, bob, "Erstens")
    noon.shift(timedelta(seconds=60))
    answered(comment, bob, "Zweitens")
    noon.shift(timedelta(seconds=6))

    (first,) = send_due()
    noon.shift(timedelta(seconds=60))
    (second,) = send_due()

    assert ("Erstens" in first.body, "Zweitens" in first.body) == (True, False)
    assert ("Erstens" in second.body, "Zweitens" in second.body) == (False, True)


def test_whatever_dies_and_whenever_each_mail_comes_once(noon, alice, bob, jo, comment):
    wants(alice, reply="now", mention="hourly")
    deaths = [0, 0]
    for step in range(1, 40):
        answered(comment, (bob, jo)[step % 2], f"Nr. {step}")
        noon.shift(timedelta(minutes=2))
        died = [dies_at(step, begin_due_mails)]
        begin_due_mails()
        (task,) = DBTaskResult.objects.filter(task_path__endswith="send_mailing", status="READY")
        mail.outbox.clear()
        died += [dies_at(step, partial(send_mailing.call, *task.args_kwargs["args"]))]
        send_mailing.call(*task.args_kwargs["args"])  # the task of a dead worker goes back to the queue
        send_mailing.call(*task.args_kwargs["args"])
        task.delete()
        assert len({message.extra_headers["Message-ID"] for message in mail.outbox}) == 1, step
        assert len(mail.outbox) <= 2  # twice the same, if it died between the server's answer and the note of it
        assert all(f"Nr. {step}" in message.body for message in mail.outbox)
        deaths = [sum(each) for each in zip(deaths, died, strict=True)]
        if not any(died):
            break

    assert not any(died)  # each statement of both was the last one
    assert min(deaths) >= 6
    assert send_due() == []
    noon.shift(timedelta(days=20))
    forget_mailings()
    assert not MailItem.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_that_run_at_once_send_one(person, bob, comment):
    readers = [person(f"Leser{number}") for number in range(5)]
    for each in readers:
        wants(each, reply="now")
    notify([each.pk for each in readers], "comment.replied", comment.subject, "T", f"/comments/{comment.pk}/")
    past = timezone.now() - timedelta(minutes=5)
    MailItem.objects.update(due_at=past)

    in_parallel(3, lambda _number: begin_due_mails())

    assert Mailing.objects.count() == 5
    assert len(send_due()) == 5


def test_a_thousand_followers_cost_few_statements(noon, person, comment, section):
    readers = [person(f"Leser{number}") for number in range(60)]
    for each in readers[::2]:
        wants(each, reply="now")

    def told(some: list[User]) -> int:
        with CaptureQueriesContext(connection) as asked:
            notify([each.pk for each in some], "comment.replied", comment.subject, "T", f"/comments/{comment.pk}/")
        return sum("accounts_" in each["sql"] for each in asked.captured_queries)

    assert told(readers[:2]) == told(readers) == 4
    noon.shift(timedelta(days=2))
    with CaptureQueriesContext(connection) as asked:
        begin_due_mails()
    assert Mailing.objects.count() == 60
    assert len(asked.captured_queries) <= 10 + 2 * 60  # each person's mailing is filled, and its task queued
    first, *_rest, mailing = Mailing.objects.order_by("pk")
    send_mailing.call(first.pk)  # the first mail of a site makes the row that counts them
    with CaptureQueriesContext(connection) as asked:
        send_mailing.call(mailing.pk)
    assert len(asked.captured_queries) <= 10


def mailers(url: str) -> dict[str, Any]:
    options = {"host": "127.0.0.1", "port": int(url.rpartition(":")[2]), "timeout": 1}
    return {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options}}


def tries() -> QuerySet[DBTaskResult]:
    """The mails about news that wait for another attempt."""
    waiting = DBTaskResult.objects.filter(status="READY", run_after__gt=timezone.now(), run_after__year__lt=3000)
    return waiting.filter(task_path__endswith="send_mailing")


def again() -> None:
    wait_for(tries().exists, what="another try")
    tries().update(run_after=timezone.now())


@pytest.fixture
def sink(settings: Any) -> Iterator[Sink]:
    with smtp_sink() as server:
        settings.MAILERS = mailers(server.url)
        yield server


def due_now() -> None:
    past = timezone.now() - timedelta(minutes=5)
    MailItem.objects.filter(mailing=None).update(due_at=past)
    begin_due_mails()


@pytest.mark.django_db(transaction=True)
def test_a_mail_that_is_greylisted_comes_later_as_it_is_then(sink, work, alice, bob, mo, comment):
    wants(alice, reply="now")
    sink.to_recipients, sink.to_texts = ["451 4.7.1 greylisted"], [""]  # then the line is cut amid the text
    answered(comment, bob, "Geduld")
    due_now()
    again()
    again()

    message: EmailMessage = sink.mail_to(alice.email)

    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["Message-ID"].startswith("<mailing.")
    assert "Geduld" in message.get_body(("plain",)).get_content()
    wait_for(lambda: not Mailing.objects.filter(sent_at=None).exists(), what="the end")
    sink.to_recipients = ["450 4.2.0 busy"]
    second = answered(comment, bob, "Schade")
    due_now()
    wait_for(tries().exists, what="another try")
    actions.remove(second.pk, actor=mo, reason="spam")
    again()
    wait_for(lambda: not Mailing.objects.filter(sent_at=None).exists(), what="the end")
    assert len(sink.mails) == 1


@pytest.mark.django_db(transaction=True)
def test_an_address_that_is_refused_twice_gets_no_more_until_its_person_says_so(
    sink, work, client, alice, bob, mo, comment
):
    wants(alice, reply="now")
    for number in range(3):
        sink.to_recipients = ["550 5.1.1 no such user"]
        answered(comment, bob, f"Nr. {number}")
        due_now()
        wait_for(lambda: not Mailing.objects.filter(sent_at=None).exists(), what="the end")
    assert sink.to_recipients  # the third was not tried
    sink.to_recipients = []
    client.force_login(alice)
    assert "kamen zurück" in client.get("/accounts/profile/").text
    client.post("/accounts/password/reset/", {"email": alice.email})
    assert "Passwort" in sink.mail_to(alice.email)["Subject"]  # those are never paused

    client.post("/accounts/notifications/mails/")

    assert "kamen zurück" not in client.get("/accounts/profile/").text
    answered(comment, bob, "Wieder da")
    due_now()
    assert bob.name in sink.mail_to(alice.email, 2)["Subject"]


def unsubscribing(message: Any) -> str:
    return "/" + message.extra_headers["List-Unsubscribe"].strip("<>").split("/", 3)[3]


def main(answer: Any) -> str:
    return answer.text.partition("<main")[2].partition("</main>")[0]


def mail_of(who: User, kind: str) -> str:
    return people.change_preferences(who, {})[kind].mail


def test_one_click_ends_mails_of_a_kind_and_looking_ends_none(noon, alice, bob, mo, comment):
    wants(alice, reply="now")
    answered(comment, bob)
    noon.shift(LATER)
    address = unsubscribing(send_due()[0])
    service = Client(enforce_csrf_checks=True)

    page = service.get(address)
    assert (page.status_code, mail_of(alice, "reply")) == (200, "now")
    assert "Keine E-Mails dieser Art mehr" in page.text
    assert bob.name not in page.text
    assert alice.name not in page.text
    for _ in range(2):
        answer = service.post(address, "List-Unsubscribe=One-Click", "application/x-www-form-urlencoded")
        assert (answer.status_code, answer.cookies.keys(), mail_of(alice, "reply")) == (200, set(), "off")
    assert mail_of(alice, "mention") == "daily"
    for unknown in ("/unsubscribe/x/", address[:-3] + "xx/", "/unsubscribe/%00/"):
        other = service.post(unknown, "List-Unsubscribe=One-Click", "application/x-www-form-urlencoded")
        assert other.status_code == 200
    assert main(other) == main(answer)  # nothing tells whether there was such a mail
    service.post(address, {"undo": "1", "kind": "reply"})
    assert mail_of(alice, "reply") == "now"

    decided = actions.remove(comment.pk, actor=mo, reason="spam")
    assert decided
    assert mail_of(alice, "decision") == "now"


def test_one_click_ends_a_digest_and_what_is_mailed_otherwise_stays(noon, alice, bob, comment):
    wants(alice, mention="now", ticker="weekly")
    answered(comment, bob)
    noon.shift(timedelta(days=1))
    address = unsubscribing(send_due()[0])
    service = Client(enforce_csrf_checks=True)

    done = service.post(address)

    assert [mail_of(alice, kind) for kind in ("reply", "article", "mention", "ticker")] == [
        "off",
        "off",
        "now",
        "weekly",
    ]
    kinds = re.findall(r'name="kind" value="(\w+)"', done.text)
    service.post(address, {"undo": "1", "kind": [*kinds, "mention", "nonsense"]})
    assert [mail_of(alice, kind) for kind in ("reply", "article", "mention")] == ["daily", "daily", "now"]


def test_the_address_may_be_asked_so_often_and_no_more(client, settings):
    answers = {client.post("/unsubscribe/x/").status_code for _ in range(301)}

    assert answers == {200, 429}
