"""Mails to people, sent in the background: the answer takes as long whether or not there is an account."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from smtplib import SMTPException, SMTPRecipientsRefused
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.tasks import task
from django.template.loader import render_to_string
from django.utils import timezone, translation

from accounts.models import User
from accounts.vault import seal, unseal

logger = logging.getLogger(__name__)
ATTEMPTS = 8  # waiting 1, 2, 4, … minutes: about two hours in all


def send(template: str, email: str, context: dict[str, Any]) -> None:
    """Render "<template>_subject.txt" and "<template>_message.txt" in the reader's language; hand them over.

    The HTML part is made from the text: a paragraph that is nothing but a URL becomes a link.
    """
    user = context.get("user") or User.objects.filter(email=email).only("language").first()
    language = getattr(user, "language", "") or translation.get_language() or settings.LANGUAGE_CODE
    known = {"email": email, "SITE_NAME": settings.SITE_NAME, "SITE_URL": settings.SITE_URL, "LANGUAGE": language}
    with translation.override(language):
        context = {**_on_our_site(context), **known}
        subject = " ".join(render_to_string(f"{template}_subject.txt", context).split())
        text = render_to_string(f"{template}_message.txt", context).strip()
        paragraphs = [_paragraph(each) for each in text.split("\n\n") if each.strip()]
        shown = {**known, "subject": subject, "paragraphs": paragraphs}
        html = render_to_string("account/email/message.html", shown)
    text = f"{text}\n\n-- \n{settings.SITE_NAME}\n{settings.SITE_URL}\n"
    deliver.enqueue(seal(json.dumps({"to": email, "subject": subject, "text": text, "html": html})))


@task
def deliver(sealed: str, attempt: int = 1) -> None:
    """Send one mail; try again later if the server is away or has no time."""
    parts = json.loads(unseal(sealed))
    message = EmailMultiAlternatives(parts["subject"], parts["text"], settings.DEFAULT_FROM_EMAIL, [parts["to"]])
    message.extra_headers["Auto-Submitted"] = "auto-generated"
    message.attach_alternative(parts["html"], "text/html")
    try:
        message.send()
    except SMTPRecipientsRefused:
        logger.warning("A mail's recipient was refused")
    except (SMTPException, OSError):
        if attempt >= ATTEMPTS or not deliver.get_backend().supports_defer:
            raise
        logger.warning("A mail could not be sent, attempt %d", attempt)
        later = timezone.now() + timedelta(minutes=2 ** (attempt - 1))
        deliver.using(run_after=later).enqueue(sealed, attempt + 1)


def _paragraph(text: str) -> dict[str, str]:
    text = text.strip()
    is_link = text.startswith(("http://", "https://")) and not any(sign.isspace() for sign in text)
    return {"url": text} if is_link else {"text": text}


def _on_our_site(context: dict[str, Any]) -> dict[str, Any]:
    """Links lead to SITE_URL, whatever Host header the request came with; the request itself stays outside."""
    return {
        key: f"{settings.SITE_URL}{urlsplit(value)._replace(scheme='', netloc='').geturl()}"
        if key.endswith("_url") and isinstance(value, str)
        else value
        for key, value in context.items()
        if key not in {"request", "current_site"}
    }
