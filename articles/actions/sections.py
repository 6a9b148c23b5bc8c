"""Sections and tickers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import ProtectedError
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import acting, must
from accounts.actions import drop_section
from accounts.audit import record, values_of
from accounts.models import User
from articles import events
from articles.actions.guards import check
from articles.models import Section, Ticker
from newsroom.errors import Conflict
from newsroom.live.outbox import hold, redact, site_changed, stream_closed
from newsroom.text import must_show_own_pictures, render_article

OF_SECTION = ("name", "slug", "position")
WRITTEN = ("title", "description", "article", "summary")  # of a ticker, later too
OF_TICKER = ("slug", "title", "description", "article", "summary", "ended_at")


@transaction.atomic
def keep_section(section: Section, *, actor: User) -> Section:
    """Store a new or changed section. Raises Forbidden, Invalid."""
    actor, before = must("articles.keep_section", acting(actor), None), _as_stored(section, OF_SECTION)
    check(section)
    section.save()
    record(actor, "section.kept", f"section.{section.pk}", before, values_of(section, OF_SECTION))
    site_changed()
    return section


@transaction.atomic
def keep_ticker(ticker: Ticker, *, actor: User, is_over: bool | None = None) -> Ticker:
    """Store a new or changed ticker; its slug names its stream and never changes. Raises Forbidden, Invalid.

    `is_over` ends a live blog or lets it go on; None leaves that. An earlier summary is redacted in the log. If the
    ticker moves to an article that is not public, its listeners are removed.
    """
    if ticker.pk:
        hold(ticker.stream)
    stored = Ticker.objects.select_for_update(of=("self",), no_key=True).filter(pk=ticker.pk).first()
    for each in (ticker, stored or ticker):  # where it goes, and where it has been
        actor = must("articles.keep_ticker", acting(actor), each.section_id)
    before = values_of(stored, OF_TICKER)
    check(ticker)
    must_show_own_pictures("summary", ticker.summary)
    ticker.summary_html = render_article(ticker.summary)
    if stored is not None:
        ticker.ended_at, ticker.last_number, ticker.began_at = stored.ended_at, stored.last_number, stored.began_at
        ticker.version = stored.version + 1
    if is_over is not None and is_over != (ticker.ended_at is not None):
        ticker.ended_at = timezone.now() if is_over else None
    ticker.save(update_fields=[*WRITTEN, "summary_html", "ended_at", "version"] if ticker.pk else None)
    record(actor, "ticker.kept", f"ticker.{ticker.pk}", before, values_of(ticker, OF_TICKER))
    redact(events.subject_of_ticker(ticker.pk))
    if Ticker.objects.listed().filter(pk=ticker.pk).exists():
        events.ticker_changed(ticker)
    else:
        stream_closed(ticker.stream)
    site_changed()
    return ticker


@transaction.atomic
def delete_place(place: Section | Ticker, *, actor: User) -> None:
    """Delete an empty section or ticker. Raises Forbidden; Conflict if it is not empty."""
    kind = "ticker" if isinstance(place, Ticker) else "section"
    actor = must("articles.delete_place", acting(actor), place.section_id if isinstance(place, Ticker) else None)
    names = OF_TICKER if isinstance(place, Ticker) else OF_SECTION
    record(actor, f"{kind}.deleted", f"{kind}.{place.pk}", values_of(place, names), {})
    if isinstance(place, Ticker):
        stream_closed(place.stream)
    else:
        drop_section(place.pk, actor=actor)
    try:
        place.delete()
    except ProtectedError as error:
        raise Conflict(_("It is not empty.")) from error
    site_changed()


def _as_stored(place: Section | Ticker, names: Iterable[str]) -> dict[str, Any]:
    """The stored values before the change; {} for a new row."""
    return values_of(type(place)._default_manager.filter(pk=place.pk).first(), names)  # noqa: SLF001  Django's own name
