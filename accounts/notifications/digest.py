"""What stands in a mail about notifications. Apps register what they know of the things that these are about."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Mailing, Notification, User
from accounts.notifications.preferences import Mail, kind_of, preferences_of
from accounts.notifications.schedule import DIGESTS
from accounts.notifications.telling_by_mail import UNDONE
from accounts.notifications.unsubscribing import token_of
from newsroom.database.keys import key_number
from newsroom.formats.moments import zone_named

SHOWN = 20  # notifications in a mail
LOOKED_AT = 200  # the newest of those that wait; what is more is not even counted
EXCERPT = 200  # characters
_ADDRESS = re.compile(r"\w+://\S+|\bwww\.\S+", re.IGNORECASE)  # mail programs would make links of them


@dataclass(frozen=True, slots=True)
class Thing:
    """What a notification is about, as the reader may see it now. `thread` names what it belongs to ("discussion.5");
    the mail puts things of one thread together, under its title.
    """

    thread: str
    title: str
    url: str
    by: str = ""
    text: str = ""


type Find = Callable[[User, Collection[int]], Mapping[int, Thing]]
_finds: dict[str, Find] = {}


def register(name: str, find: Find) -> None:
    """`find(reader, ids)` gives the things that notifications of the subject "<name>.<id>" are about, in a statement or
    two; without those that the reader may no longer see, or does not want to.
    """
    _finds[name] = find


@dataclass(frozen=True, slots=True)
class Line:
    kind: str  # of the notification
    thing: Thing

    @property
    def sentence(self) -> str:
        by = self.thing.by or _("Somebody")
        match self.kind:
            case "comment.replied":
                return _("%(name)s has answered you") % {"name": by}
            case "comment.mentioned":
                return _("%(name)s has mentioned you") % {"name": by}
            case "discussion.active":
                return _("New comment by %(name)s") % {"name": by}
            case "article.corrected":
                return _("The article was corrected")
            case "case.handed":
                return _("A case waits for your decision")
            case "many.decided":
                return _("What you decided about many comments is done")
            case "item.published":
                return _("New in the ticker")
        return _("A new article")


def compose(mailing: Mailing) -> EmailMultiAlternatives | None:
    """The mail as it is now, in the reader's language; None if nothing is left to tell, or nobody to tell it to."""
    reader = mailing.user
    if not (reader.is_active and reader.is_confirmed):
        return None
    lines, others = _lines(mailing)
    if not lines:
        return None
    language, zone = reader.language or settings.LANGUAGE_CODE, zone_named(reader.time_zone)
    with translation.override(language), timezone.override(zone):
        return _message(mailing, lines, others)


def _lines(mailing: Mailing) -> tuple[list[Line], int]:
    """What the mail tells, the newest SHOWN of it, and how many more there are."""
    reader = mailing.user
    wishes = preferences_of(reader)
    mailed = {kind for kind, ways in wishes.items() if ways.mail != Mail.OFF}
    told = Notification.objects.filter(mail_item__mailing=mailing, read_at=None).order_by("-pk")[:LOOKED_AT]
    rows = [row for row in told if kind_of(row.kind) in mailed and not row.details.get(UNDONE)]
    ids: dict[str, set[int]] = defaultdict(set)
    for row in rows:
        name, number = _subject(row)
        if number is not None:
            ids[name].add(number)
    things = {
        (name, pk): thing
        for name, several in ids.items()
        if name in _finds
        for pk, thing in _finds[name](reader, several).items()
    }
    lines = [Line(row.kind, thing) for row in rows if (thing := things.get(_subject(row)))]  # type: ignore[arg-type]
    return lines[:SHOWN], max(0, len(lines) - SHOWN)


def _subject(row: Notification) -> tuple[str, int | None]:
    name, _dot, number = row.subject.partition(".")
    return name, key_number(number)


def _message(mailing: Mailing, lines: list[Line], others: int) -> EmailMultiAlternatives:
    unsubscribe = f"{settings.SITE_URL}{reverse('mail-unsubscribe', args=[token_of(mailing.user_id, mailing.series)])}"
    subject = _subject_line(lines, len(lines) + others)
    parts = [*_paragraphs(lines), *_foot(mailing.series, others, unsubscribe)]
    known = {"SITE_NAME": settings.SITE_NAME, "SITE_URL": settings.SITE_URL, "LANGUAGE": translation.get_language()}
    html = render_to_string("account/email/message.html", {**known, "subject": subject, "paragraphs": parts})
    text = "\n\n".join(str(part.get("url") or part["text"]) for part in parts)
    text = f"{text}\n\n-- \n{settings.SITE_NAME}\n{settings.SITE_URL}\n"
    message = EmailMultiAlternatives(subject, text, settings.DEFAULT_FROM_EMAIL, [mailing.user.email])
    message.attach_alternative(html, "text/html")
    message.extra_headers |= _headers(mailing, lines, unsubscribe)
    return message


def _subject_line(lines: list[Line], count: int) -> str:
    if count == 1:
        return f"{lines[0].sentence} – {lines[0].thing.title}"
    counted = ngettext("%(count)d notification", "%(count)d notifications", count) % {"count": count}
    return f"{counted} – {settings.SITE_NAME}"


def _paragraphs(lines: Iterable[Line]) -> list[dict[str, Any]]:
    """Of each thread its title, then what is new there; threads in the order of their newest."""
    order = list(dict.fromkeys(line.thing.thread for line in lines))
    parts: list[dict[str, Any]] = []
    for _thread, here in groupby(sorted(lines, key=lambda line: order.index(line.thing.thread)), _thread_of):
        several = list(here)
        parts.append({"text": _without_addresses(several[0].thing.title)})
        for line in several:
            said = _without_addresses(line.thing.text)[:EXCERPT]
            quoted = _("%(sentence)s: “%(text)s”") % {"sentence": line.sentence, "text": said}
            parts.append({"text": quoted if said else line.sentence})
            parts.append({"url": f"{settings.SITE_URL}{line.thing.url}"})
    return parts


def _thread_of(line: Line) -> str:
    return line.thing.thread


def _foot(series: str, others: int, unsubscribe: str) -> list[dict[str, Any]]:
    more = ngettext("And %(count)d more.", "And %(count)d more.", others) % {"count": others}
    why = _("You get this mail because you want to be told. You end mails of this kind here:")
    choice = _("All settings:")
    settings_of = f"{settings.SITE_URL}{reverse('preferences')}"
    return [
        *([{"text": more}] if others else []),
        *({"text": why}, {"url": unsubscribe}, {"text": choice}, {"url": settings_of}),
    ]


def _headers(mailing: Mailing, lines: list[Line], unsubscribe: str) -> dict[str, str]:
    """Those of RFC 8058 (one-click unsubscribing), 2919 (lists) and 3834 (automatic mails)."""
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    threads = {line.thing.thread for line in lines}
    root = f"<{threads.pop()}@{host}>" if len(threads) == 1 else ""
    return {
        "Message-ID": f"<mailing.{mailing.pk}.{mailing.made_at.timestamp():.0f}@{host}>",  # of each attempt the same
        **({"In-Reply-To": root, "References": root} if root else {}),
        "List-Id": f"<{mailing.series}.{host}>",
        "List-Unsubscribe": f"<{unsubscribe}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        **({"Precedence": "list"} if mailing.series in DIGESTS else {}),
    }


def _without_addresses(text: str) -> str:
    return _ADDRESS.sub("[…]", " ".join(text.split()))
