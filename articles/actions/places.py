"""Sections and tickers: where things stand."""

from __future__ import annotations

from django.db import transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from accounts.models import User
from articles.actions.checks import check, must_edit
from articles.models import Section, Ticker
from newsroom.errors import Conflict
from newsroom.live.outbox import site_changed, stream_closed


@transaction.atomic
def keep_section(section: Section, *, actor: User) -> Section:
    """Store a new or changed section. Raises Forbidden, Invalid."""
    must_edit(actor)
    check(section)
    section.save()
    site_changed()
    return section


@transaction.atomic
def keep_ticker(ticker: Ticker, *, actor: User) -> Ticker:
    """Store a new or changed ticker; its slug names its stream and never changes. Raises Forbidden, Invalid.

    Whoever listens to a ticker that goes to an article which is not public is turned out.
    """
    must_edit(actor)
    check(ticker)
    ticker.save(update_fields=["title", "description", "article"] if ticker.pk else None)
    if not Ticker.objects.listed().filter(pk=ticker.pk).exists():
        stream_closed(ticker.stream)
    site_changed()
    return ticker


@transaction.atomic
def delete_place(place: Section | Ticker, *, actor: User) -> None:
    """Delete an empty section or ticker. Raises Forbidden; Conflict while something stands in it."""
    must_edit(actor)
    if isinstance(place, Ticker):
        stream_closed(place.stream)
    try:
        place.delete()
    except ProtectedError as error:
        raise Conflict(_("It is not empty.")) from error
    site_changed()
