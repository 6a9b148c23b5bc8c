"""The mails that the demo would have sent: only for people at this machine, since mails hold password links."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import wraps
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.csp import CSP
from django.views.decorators.cache import never_cache
from django.views.decorators.csp import csp_override

from newsroom.client import is_at_this_machine

BETWEEN = re.compile(rb"^-{79}\n", re.MULTILINE)  # Django's file backend writes this after each message
type View = Callable[..., HttpResponse]


@dataclass(frozen=True)
class Mail:
    id: str
    to: str
    subject: str
    date: datetime | None
    text: str
    html: str


def at_this_machine(view: View) -> View:
    """Answers 404 outside the demo, and to requests that may come from another machine."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not settings.DEMO or not is_at_this_machine(request):
            raise Http404
        return view(request, *args, **kwargs)

    return never_cache(guarded)


@at_this_machine
def mails(request: HttpRequest) -> HttpResponse:
    return render(request, "demo/mails.html", {"mails": sorted(_read(), key=lambda mail: mail.id, reverse=True)})


@at_this_machine
def mail(request: HttpRequest, pk: str) -> HttpResponse:
    return render(request, "demo/mail.html", {"mail": _find(pk)})


@at_this_machine
@csp_override({"default-src": [CSP.NONE], "style-src": [CSP.UNSAFE_INLINE], "img-src": ["data:"]})
def mail_html(request: HttpRequest, pk: str) -> HttpResponse:
    """The mail as a mail program shows it: its own styles, no scripts, nothing loaded."""
    found = _find(pk)
    if not found.html:
        raise Http404
    return HttpResponse(found.html)


def _find(pk: str) -> Mail:
    for each in _read():
        if each.id == pk:
            return each
    raise Http404


def _read() -> Iterator[Mail]:
    address = urlsplit(settings.EMAIL_URL)
    folder = Path(unquote(address.path)) if address.scheme == "filemail" else None
    for file in folder.glob("*.log") if folder else ():
        parts = [part for part in BETWEEN.split(file.read_bytes()) if part.strip()]
        for number, raw in enumerate(parts):
            yield _parse(f"{file.stem}-{number}", raw)


def _parse(pk: str, raw: bytes) -> Mail:
    message: EmailMessage = message_from_bytes(raw, policy=policy.default)
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    date = message["Date"].datetime if message["Date"] else None
    return Mail(
        id=pk,
        to=str(message["To"]),
        subject=str(message["Subject"]),
        date=date,
        text=text.get_content() if text else "",
        html=html.get_content() if html else "",
    )
