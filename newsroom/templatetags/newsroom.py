"""Template tags for every page: addresses to return to, colours of people, times."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import template
from django.http import HttpRequest
from django.template import Context
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from newsroom.api.renderers import iso
from newsroom.formats.moments import in_words

AVATAR_COLOURS = 12
KNOWN_PARAMETERS = ("cursor", "sort")  # others (utm_source …) must not change a page's bytes

register = template.Library()


@register.filter
def avatar_class(person: int | None) -> str:
    """The class for the colour of this person's initial: always the same."""
    return f"avatar-{(person or 0) % AVATAR_COLOURS}"


@register.simple_tag
def avatar(person: int | None, name: str, picture: str | None, size: str = "") -> SafeString:
    """A person's picture, over the first letter of their name, which stands where there is none. `picture`: its path.
    `size`: "" or "large".
    """
    image = format_html('<img src="{}" alt="">', picture) if picture else ""
    look = f"{avatar_class(person)}{' avatar-large' if size else ''}"
    return format_html('<span class="avatar {}" aria-hidden="true">{}{}</span>', look, name[:1] or "–", image)


@register.simple_tag
def moment(when: datetime | str | None, style: str = "relative", *, fresh: bool = False) -> SafeString:
    """<time> in the present zone, formatted by time.js as `style` (relative, clock, absolute). None gives an empty
    place.

    `fresh`: on a page that is not kept, today's date is left out already here, as time.js does it ("clock"): words that
    become shorter later leave a gap.
    """
    known = datetime.fromisoformat(when) if isinstance(when, str) and when else when
    if not isinstance(known, datetime):
        # The script time.js turns it into a <time>; an empty <time> would be invalid
        return format_html('<span data-time="{}"></span>', style)
    words = in_words(known)
    if style == "clock":
        local = timezone.localtime(known)
        is_today = fresh and local.date() == timezone.localdate()
        words = date_format(local, "TIME_FORMAT" if is_today else "SHORT_DATETIME_FORMAT")
    return format_html('<time datetime="{}" data-time="{}">{}</time>', iso(known.replace(microsecond=0)), style, words)


@register.filter(name="in_words")
def in_words_filter(when: datetime) -> str:
    """A time within a sentence."""
    return in_words(when)


@register.simple_tag(takes_context=True)
def here(context: Context) -> str:
    """This page's address with the known parameters."""
    return _here(context.get("request"))


@register.simple_tag(takes_context=True)
def next_here(context: Context, anchor: str = "") -> str:
    """`?next=…` that brings a reader back to this page, at `anchor`; "" on the account pages themselves."""
    address = _here(context.get("request"))
    if address.startswith("/accounts/") or (address == "/" and not anchor):
        return ""
    return "?" + urlencode({"next": f"{address}#{anchor}" if anchor else address})


def _here(request: HttpRequest | Any) -> str:
    if not isinstance(request, HttpRequest):
        return "/"
    known = [(name, request.GET[name]) for name in KNOWN_PARAMETERS if request.GET.get(name)]
    return request.path + ("?" + urlencode(known) if known else "")
