"""Mails to people, sent in the background, so that the time of an answer does not reveal whether there is an
account.
"""

from __future__ import annotations

import json
import logging
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from email.utils import formataddr, parseaddr
from smtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused, SMTPResponseException
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import DatabaseError
from django.tasks import Task, task
from django.template.loader import render_to_string
from django.utils import timezone, translation

from accounts.login.vault import seal, unseal
from accounts.models import User
from newsroom.face.present import site_name
from newsroom.formats.moments import zone_named
from newsroom.models import Figure
from newsroom.monitoring.stored import counted

logger = logging.getLogger(__name__)
ATTEMPTS = 30  # after 1, 2, 4, … minutes, then every hour: a day in all, since servers may be down for a night
LONGEST_WAIT = 60  # minutes
FOR_GOOD = 500  # replies from here on are final (RFC 5321, 4.2.1); greylisting says 450 or 451
WORDS_LENGTH = 300
FAMILY = "mails"
told = counted(
    "newsroom_mails_total",
    "Mails by what came of an attempt to send them.",
    "result",
    FAMILY,
    ("sent", "retried", "refused", "given_up"),
)


class Undeliverable(Exception):
    """All attempts to send a mail have failed; holds the mail server's last reply."""


def send(template: str, email: str, context: dict[str, Any]) -> None:
    """Render "<template>_subject.txt" and "<template>_message.txt" in the reader's language; queue the mail.

    The HTML part is made from the text: a paragraph that is only a URL becomes a link.
    """
    user = context.get("user") or User.objects.filter(email=email).only("language", "time_zone").first()
    language = getattr(user, "language", "") or translation.get_language() or settings.LANGUAGE_CODE
    known = {"email": email, "SITE_NAME": site_name(), "SITE_URL": settings.SITE_URL, "LANGUAGE": language}
    zone = zone_named(getattr(user, "time_zone", ""))
    with translation.override(language), timezone.override(zone):
        context = {**_on_our_site(context), **known}
        subject = " ".join(render_to_string(f"{template}_subject.txt", context).split())
        text = render_to_string(f"{template}_message.txt", context).strip()
        paragraphs = [_paragraph(each) for each in text.split("\n\n") if each.strip()]
        shown = {**known, "subject": subject, "paragraphs": paragraphs}
        html = render_to_string("account/email/message.html", shown)
    text = f"{text}\n\n-- \n{known['SITE_NAME']}\n{settings.SITE_URL}\n"
    deliver.enqueue(seal(json.dumps({"to": email, "subject": subject, "text": text, "html": html})))


@dataclass(frozen=True, slots=True)
class Answer:
    """What the mail server says to a mail; `words` without the recipient's address."""

    words: str = ""
    is_temporary: bool = False
    refuses_recipient: bool = False  # for good

    @property
    def is_taken(self) -> bool:
        return not self.words


def hand_over(message: EmailMultiAlternatives) -> Answer:
    """Send a mail to its one recipient. A refusal for good is logged."""
    try:
        message.send()
    except (SMTPException, OSError) as error:
        words = _words(error, message.to[0])
        if not _is_for_good(error):
            return Answer(words, is_temporary=True)
        _count("refused")
        logger.warning("A mail was refused by the mail server: %s", words)
        return Answer(words, refuses_recipient=isinstance(error, SMTPRecipientsRefused))
    _count("sent")
    return Answer()


def try_again(task: Task[..., None], words: str, *values: Any, attempt: int) -> None:
    """Queue another attempt after a temporary error. Raises Undeliverable after the last one."""
    if attempt >= ATTEMPTS or not task.get_backend().supports_defer:
        _count("given_up")
        raise Undeliverable(words)
    _count("retried")
    minutes = min(2 ** (attempt - 1), LONGEST_WAIT)
    logger.warning("A mail could not be sent, attempt %d, again in %d minutes: %s", attempt, minutes, words)
    task.using(run_after=timezone.now() + timedelta(minutes=minutes)).enqueue(*values, attempt + 1)


@task
def deliver(sealed: str, attempt: int = 1) -> None:
    """Send one mail. After a temporary error queue another attempt. Raises Undeliverable after the last one."""
    parts = json.loads(unseal(sealed))
    message = EmailMultiAlternatives(parts["subject"], parts["text"], _sender(), [parts["to"]])
    message.extra_headers["Auto-Submitted"] = "auto-generated"
    message.attach_alternative(parts["html"], "text/html")
    answer = hand_over(message)
    if answer.is_temporary:
        try_again(deliver, answer.words, sealed, attempt=attempt)


def _count(result: str) -> None:
    """The figure must not end a task whose mail is sent: it would be sent again."""
    with suppress(DatabaseError):
        Figure.objects.rise(FAMILY, result)


def _sender() -> str:
    """The address in DEFAULT_FROM_EMAIL. Where the site's former name stands before it, the present one does."""
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return formataddr((site_name(), address)) if name == settings.SITE_NAME else settings.DEFAULT_FROM_EMAIL


def _is_for_good(error: Exception) -> bool:
    """Whether the server refuses this recipient or this text. A refusal of our server is temporary: it can be
    repaired.
    """
    if isinstance(error, SMTPRecipientsRefused):
        return all(code >= FOR_GOOD for code, _text in error.recipients.values())
    return isinstance(error, SMTPDataError) and error.smtp_code >= FOR_GOOD


def _words(error: Exception, recipient: str) -> str:
    """The error on one line, without the recipient's address, which servers like to repeat."""
    if isinstance(error, SMTPRecipientsRefused):
        replies: list[tuple[int, bytes | str]] = list(error.recipients.values())
    else:
        replies = [(error.smtp_code, error.smtp_error)] if isinstance(error, SMTPResponseException) else []
    said = "; ".join(f"{code} {_text(text)}" for code, text in replies) or f"{type(error).__name__}: {error}"
    masked = re.sub(re.escape(recipient), "…", said, flags=re.IGNORECASE)
    return " ".join("".join(sign if sign.isprintable() else " " for sign in masked).split())[:WORDS_LENGTH]


def _text(reply: bytes | str) -> str:
    return reply.decode(errors="replace") if isinstance(reply, bytes) else reply


def _paragraph(text: str) -> dict[str, str]:
    text = text.strip()
    is_link = text.startswith(("http://", "https://")) and not any(sign.isspace() for sign in text)
    return {"url": text} if is_link else {"text": text}


def _on_our_site(context: dict[str, Any]) -> dict[str, Any]:
    """The context with links to SITE_URL, whatever the request's Host header, and without the request."""
    return {
        key: f"{settings.SITE_URL}{urlsplit(value)._replace(scheme='', netloc='').geturl()}"
        if key.endswith("_url") and isinstance(value, str)
        else value
        for key, value in context.items()
        if key not in {"request", "current_site"}
    }
