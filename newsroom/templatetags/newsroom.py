"""What templates say in one word: addresses to come back to, colours of people, times."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import template
from django.http import HttpRequest
from django.template.context import Context
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from newsroom.api.renderers import iso
from newsroom.modules import needed_by
from newsroom.times import in_words

AVATAR_COLOURS = 12
KNOWN_PARAMETERS = ("cursor", "sort")  # others (utm_source …) must not enter the bytes of a page

register = template.Library()


@register.filter
def avatar_class(person: int | None) -> str:
    """The class that colours the initial of the person with this id: always the same."""
    return f"avatar-{(person or 0) % AVATAR_COLOURS}"


@register.simple_tag
def moment(when: datetime | str | None, style: str = "relative") -> SafeString:
    """<time> in the site's zone, worded by time.js as `style` (relative, clock, absolute); a place for one without."""
    known = datetime.fromisoformat(when) if isinstance(when, str) and when else when
    if not isinstance(known, datetime):
        return format_html('<span data-time="{}"></span>', style)  # time.js makes a <time> of it; an empty one is none
    words = date_format(timezone.localtime(known), "SHORT_DATETIME_FORMAT") if style == "clock" else in_words(known)
    return format_html('<time datetime="{}" data-time="{}">{}</time>', iso(known.replace(microsecond=0)), style, words)


@register.filter(name="in_words")
def in_words_filter(when: datetime) -> str:
    """A moment within a sentence."""
    return in_words(when)


@register.simple_tag(takes_context=True)
def here(context: Context) -> str:
    """This page's address with the parameters that we know."""
    return _here(context.get("request"))


@register.simple_tag(takes_context=True)
def next_here(context: Context, anchor: str = "") -> str:
    """`?next=…` that brings a reader back to this page, at `anchor`; nothing on the account pages themselves."""
    address = _here(context.get("request"))
    if address.startswith("/accounts/") or (address == "/" and not anchor):
        return ""
    return "?" + urlencode({"next": f"{address}#{anchor}" if anchor else address})


@register.simple_tag(takes_context=True)
def module(context: Context, *names: str) -> SafeString:
    """<script type="module"> for each name, before them what they import, so that all come in one round trip."""
    known: dict[Any, Any] = context.render_context.dicts[-1]  # of this page alone
    seen: dict[str, None] = known.setdefault("modules", {})
    ahead = [each for name in names for each in needed_by(name) if each not in names]
    fresh = [each for each in dict.fromkeys(ahead) if each not in seen]
    own = [each for each in names if each not in seen]
    seen |= dict.fromkeys([*fresh, *own])
    links = format_html_join("\n", '<link rel="modulepreload" href="{}">', ((static(each),) for each in fresh))
    scripts = format_html_join("\n", '<script type="module" src="{}"></script>', ((static(each),) for each in names))
    return format_html("{}\n{}", links, scripts) if links else scripts


def _here(request: HttpRequest | Any) -> str:
    if not isinstance(request, HttpRequest):
        return "/"
    known = [(name, request.GET[name]) for name in KNOWN_PARAMETERS if request.GET.get(name)]
    return request.path + ("?" + urlencode(known) if known else "")
