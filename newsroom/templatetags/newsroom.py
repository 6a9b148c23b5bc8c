"""What templates say in one word: addresses to come back to, colours of people, times."""

from __future__ import annotations

from typing import Any

from django import template
from django.http import HttpRequest
from django.template.context import Context
from django.utils.http import urlencode

AVATAR_COLOURS = 12
KNOWN_PARAMETERS = ("cursor", "sort")  # others (utm_source …) must not enter the bytes of a page

register = template.Library()


@register.filter
def avatar_class(person: int | None) -> str:
    """The class that colours the initial of the person with this id: always the same."""
    return f"avatar-{(person or 0) % AVATAR_COLOURS}"


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


def _here(request: HttpRequest | Any) -> str:
    if not isinstance(request, HttpRequest):
        return "/"
    known = [(name, request.GET[name]) for name in KNOWN_PARAMETERS if request.GET.get(name)]
    return request.path + ("?" + urlencode(known) if known else "")
