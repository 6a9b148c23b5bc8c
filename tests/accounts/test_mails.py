"""Mails leave by a real mail server, which may have other ideas."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from datetime import timedelta
from threading import Event
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from pytest_django import Settings

from accounts.login.vault import seal
from accounts.models import User
from accounts.notifications.mails import ATTEMPTS, Undeliverable, deliver
from tests.conftest import PASSWORD
from tests.support.services import free_port, wait_for
from tests.support.smtp import Sink, links, smtp_sink

CARLA = {"name": "Carla Neu", "email": "carla@example.org", "password1": PASSWORD, "consent": "on"}
GREYLISTED = "451 4.7.1 <carla@example.org>: greylisted, come back in five minutes"


def _mailers(url: str) -> dict[str, Any]:
    options = {"host": "127.0.0.1", "port": int(url.rpartition(":")[2]), "timeout": 1}
    return {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options}}


@pytest.fixture
def sink(settings: Settings) -> Iterator[Sink]:
    with smtp_sink() as server:
        settings.MAILERS = _mailers(server.url)
        yield server


@pytest.fixture
def sign_up(client: Client) -> Callable[[], Any]:
    return lambda: client.post("/accounts/signup/", CARLA, follow=True)


def _waiting() -> list[DBTaskResult]:
    return list(DBTaskResult.objects.filter(status="READY", run_after__gt=timezone.now(), run_after__year__lt=3000))


def _let_time_pass() -> None:
    """Wait for a mail that is to be tried again, and have that be now."""
    wait_for(lambda: bool(_waiting()), what="another try")
    DBTaskResult.objects.filter(pk=_waiting()[0].pk).update(run_after=timezone.now())


@pytest.mark.parametrize(
    ("recipients", "texts", "words"),
    [
        ([GREYLISTED], [], "451 4.7.1 <…>: greylisted, come back in five minutes"),
        (["450 4.2.0 Busy", "421 4.3.2 Going down"], [], "450 4.2.0 Busy"),
        ([], ["452 4.3.1 No room"], "452 4.3.1 No room"),
        ([""], [], "timed out"),
    ],
    ids=["greylisting", "twice", "text", "silence"],
)
def test_a_mail_arrives_at_last_where_the_server_does_not_take_it_at_once(
    recipients: list[str],
    texts: list[str],
    words: str,
    sink: Sink,
    work: Event,
    sign_up: Callable[[], Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    times = len(recipients + texts)
    sink.to_recipients, sink.to_texts = list(recipients), list(texts)

    sign_up()
    for _ in range(times):
        _let_time_pass()

    sink.mail_to("carla@example.org")
    assert len(sink.mails) == 1
    told = [each.getMessage() for each in caplog.records if each.name == "accounts.notifications.mails"]
    assert len(told) == times
    assert words in told[0]
    assert "carla" not in caplog.text
    wait_for(lambda: set(DBTaskResult.objects.values_list("status", flat=True)) == {"SUCCESSFUL"}, what="all done")


@pytest.mark.parametrize("place", ["to_recipients", "to_texts"])
def test_what_the_server_refuses_for_good_is_told_and_not_tried_again(
    place: str, sink: Sink, work: Event, sign_up: Callable[[], Any], caplog: pytest.LogCaptureFixture
) -> None:
    setattr(sink, place, ["550 5.1.1 <Carla@Example.org> Not\there"])

    sign_up()

    wait_for(lambda: "refused" in caplog.text, what="a line in the log")
    (record,) = [each for each in caplog.records if each.name == "accounts.notifications.mails"]
    assert record.levelno == logging.WARNING
    assert record.getMessage() == "A mail was refused by the mail server: 550 5.1.1 <…> Not here"
    wait_for(lambda: set(DBTaskResult.objects.values_list("status", flat=True)) == {"SUCCESSFUL"}, what="the end")
    assert not sink.mails


@pytest.mark.django_db
@pytest.mark.usefixtures("queue")
def test_a_server_may_be_away_for_a_night(settings: Settings) -> None:
    settings.MAILERS = _mailers(f"smtp://127.0.0.1:{free_port()}")
    mail = seal(json.dumps({"to": "carla@example.org", "subject": "Hello", "text": "Text", "html": "<p>Text</p>"}))
    waits: list[timedelta] = []

    for attempt in range(1, ATTEMPTS):
        asked = timezone.now()
        deliver.call(mail, attempt)
        again = DBTaskResult.objects.get(args_kwargs__args__1=attempt + 1)
        waits.append(again.run_after - asked)

    assert sum(waits, timedelta()) > timedelta(hours=20)
    assert max(waits) < timedelta(hours=2)  # greylisting forgets whoever stays away for long
    with pytest.raises(Undeliverable, match="refused"):
        deliver.call(mail, ATTEMPTS)


def test_whoever_waits_can_ask_for_the_mail_again_and_is_told(
    sink: Sink, work: Event, client: Client, sign_up: Callable[[], Any]
) -> None:
    sink.to_recipients = [GREYLISTED]
    page = sign_up().content.decode()
    assert "Manche Anbieter" in page
    wait_for(lambda: bool(_waiting()), what="another try")

    again = client.post("/accounts/confirm-email/", follow=True)

    assert "Die E-Mail ist noch einmal unterwegs." in again.content.decode()
    mail = sink.mail_to("carla@example.org")
    client.post("/" + links(mail)[0].split("/", 3)[3])
    assert User.objects.get(email="carla@example.org").is_confirmed
