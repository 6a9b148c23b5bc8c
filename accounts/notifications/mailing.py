"""Mails about notifications: at once, and as digests.

A notification that is wanted by mail waits (`await_mails`). Once it is due, a mailing is made of all that waits for
that mail (`begin_due_mails`): the claim, the mailing and its task are one transaction, so each notification is in one
mail, however often this runs or dies. `send_mailing` makes the text, at each attempt anew.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.tasks import task
from django.utils import timezone

from accounts.models import Mailbox, Mailing, MailItem, User
from accounts.notifications import mails
from accounts.notifications.digest import compose
from accounts.notifications.preferences import Kind, Mail, Wanted, kind_of
from accounts.notifications.schedule import due_after

logger = logging.getLogger(__name__)
CHUNK = 100  # mails a transaction
KEPT = timedelta(days=14)  # of mailings: longer than attempts may take


def await_mails(found: Sequence[Wanted]) -> None:
    """Have these notifications, just stored, wait for the mails in which their readers want them.

    Two statements, however many there are. Decisions are mailed by `accounts.notifications.telling_by_mail`.
    """
    series = {
        each.row.pk: (each.row.user_id, str(kind) if each.ways.mail == Mail.NOW else str(each.ways.mail))
        for each in found
        if (kind := kind_of(each.row.kind)) != Kind.DECISION and each.ways.mail != Mail.OFF
    }
    if not series:
        return
    people = User.objects.filter(pk__in={user for user, _series in series.values()}, is_active=True, is_confirmed=True)
    zones = dict(people.values_list("pk", "time_zone"))
    now = timezone.now()
    waiting = {
        pk: (user, name, due_after(now, name, zones[user])) for pk, (user, name) in series.items() if user in zones
    }
    if waiting:
        Mailing.objects.put_off(waiting)


def begin_due_mails() -> int:
    """Make mailings of what is due, and queue them. Returns their number."""
    now = timezone.now()
    if not MailItem.objects.due(now).exists():
        return 0
    with transaction.atomic():
        made = Mailing.objects.put_together(now, CHUNK)
        for each in made:
            send_mailing.enqueue(each.pk)
    return len(made)


def reschedule(user: User) -> None:
    """After a change of the person's time zone: have their digests come at its hours."""
    now = timezone.now()
    Mailing.objects.move(user, {series: due_after(now, series, user.time_zone) for series in ("daily", "weekly")})


@task
def send_mailing(pk: int, attempt: int = 1) -> None:
    """Send a mail, unless nothing is left to tell. After a temporary error queue another attempt. Raises Undeliverable
    after the last one.

    A worker that dies after the mail server has taken the mail sends it again with the same Message-ID.
    """
    mailing = Mailing.objects.select_related("user").filter(pk=pk, sent_at=None).first()
    if mailing is None:
        return
    message = None if Mailbox.objects.paused().filter(user=mailing.user).exists() else compose(mailing)
    if message is None:
        Mailing.objects.end(pk)
        return
    answer = mails.hand_over(message)
    if answer.is_temporary:
        mails.try_again(send_mailing, answer.words, pk, attempt=attempt)
        return
    with transaction.atomic():
        Mailing.objects.end(pk)
        if answer.refuses_recipient:
            Mailbox.objects.count_refusal(mailing.user)
        elif answer.is_taken:
            Mailbox.objects.forgive(mailing.user)


def forget_mailings() -> None:
    """Delete the mailings of former weeks; what they were about stays with the person."""
    Mailing.objects.forget(timezone.now() - KEPT)
