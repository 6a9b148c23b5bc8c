"""Who may read and follow articles, sections and tickers, and what a reader is told of retracted ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _

from accounts.access import Viewer
from accounts.duties import EVERYWHERE, Duty
from accounts.models import User
from accounts.notifications.subscriptions import NOTHING_TO_FOLLOW, Target
from accounts.permissions import DEEDS
from accounts.sections import Known
from articles.models import Article, Section, State, Ticker, TickerItem
from newsroom.database.keys import key_number
from newsroom.database.statements import each_of_many, many, prepared
from newsroom.errors import Gone, NotFound, Refused


def own_articles_of(viewer: Viewer) -> list[int]:
    """For statements about articles that `viewer` may read: the person whose own articles they name. Empty for
    strangers, who have none, and for people who may read all.
    """
    reads_all = isinstance(viewer, User) and viewer.sections(Duty.WRITE) == EVERYWHERE
    return [viewer.pk or 0] if viewer.is_authenticated and not reads_all else []


def may_do(deed: str, viewer: Viewer, article: Article) -> bool:
    """Whether the viewer's duties allow the deed ("publish_article") to that article."""
    return isinstance(viewer, User) and DEEDS[f"articles.{deed}"].met_by(
        viewer.in_force, article.section_id, is_own=article.created_by_id == viewer.pk
    )


def may_edit_words(viewer: Viewer, article: Article) -> bool:
    """Whether `viewer` may change it before its publication. A time that was set for it is up to its editors."""
    return may_do("schedule_article" if article.state == State.SCHEDULED else "edit_article", viewer, article)


def may_read_articles(viewer: Viewer, key: str) -> bool:
    return key == ""


def may_read_ticker(viewer: Viewer, key: str) -> bool:
    """Whether the ticker is public: it exists and its article, if it has one, is published."""
    return Ticker.objects.visible_to(viewer).filter(slug=key).exists()


def missing(sentence: str, **article: Any) -> Refused:
    """The exception for something that was not found. It is Gone, with the editors' note, if it is a retracted article
    or belonged to one; otherwise NotFound with `sentence`. `article` is a filter for that article: its slug, or what
    readers saw of it.
    """
    found = Article.objects.taken_back().filter(**article).only("retraction").first()
    return NotFound(sentence) if found is None else _gone(_("This article has been retracted."), found.retraction)


def missing_ticker(key: str) -> Refused:
    """The exception for the stream with that key."""
    return missing(_("There is no such ticker."), ticker__slug=key)


def find_item(viewer: Viewer, pk: int) -> TickerItem:
    """The item, loaded for its JSON. Raises NotFound; Gone if it, or its live blog's article, was retracted."""
    return _item_at(viewer, Q(pk=pk))


def find_numbered_item(viewer: Viewer, ticker: str, number: int) -> TickerItem:
    """The published item that has this number in the ticker with this slug, loaded for its JSON. Raises NotFound; Gone
    for a retracted one, whoever asks.
    """
    item = _item_at(viewer, Q(ticker__slug=ticker, number=number))
    if item.state != State.PUBLISHED:
        raise _gone(_("This item was retracted."), item.retraction)
    return item


def _item_at(viewer: Viewer, place: Q) -> TickerItem:
    item = TickerItem.objects.visible_to(viewer).for_list().filter(place).first()
    if item is not None:
        return item
    placed = TickerItem.objects.placed().filter(place)
    public = placed.filter(ticker__in=Ticker.objects.listed()).only("retraction").first()
    if public is not None:
        raise _gone(_("This item was retracted."), public.retraction)
    raise missing(_("There is no such item."), ticker__items__in=placed)


def find_article(viewer: Viewer, key: str) -> Target:
    article = Article.objects.listed().filter(**_by(key)).only("pk", "headline", "slug").first()
    if article is None:
        raise missing(str(NOTHING_TO_FOLLOW), **_by(key))
    return _target_of(article, article.headline)


def find_articles(viewer: Viewer, ids: Sequence[int]) -> dict[int, Target]:
    return {article.pk: _target_of(article, article.headline) for article in _articles(many(ids))}


@prepared(str, is_kept=True)
def _articles(several: str) -> QuerySet[Article]:
    return Article.objects.listed().filter(pk__in=RawSQL(each_of_many(), [several])).only("headline", "slug")  # noqa: S611


def every_section() -> list[Known]:
    return [Known(*row) for row in Section.objects.values_list("pk", "slug", "name")]


def find_section(viewer: Viewer, key: str) -> Target | None:
    section = Section.objects.filter(**_by(key)).first()
    return _target_of(section, section.name) if section else None


def find_sections(viewer: Viewer, ids: Sequence[int]) -> dict[int, Target]:
    return {section.pk: _target_of(section, section.name) for section in _sections(many(ids))}


@prepared(str, is_kept=True)
def _sections(several: str) -> QuerySet[Section]:
    return Section.objects.filter(pk__in=RawSQL(each_of_many(), [several]))  # noqa: S611


def find_ticker(viewer: Viewer, key: str) -> Target:
    ticker = Ticker.objects.listed().filter(**_by(key)).first()
    if ticker is None:
        raise missing(str(NOTHING_TO_FOLLOW), **{f"ticker__{name}": value for name, value in _by(key).items()})
    return _target_of(ticker, ticker.title)


def find_tickers(viewer: Viewer, ids: Sequence[int]) -> dict[int, Target]:
    return {ticker.pk: _target_of(ticker, ticker.title) for ticker in _tickers(many(ids))}


@prepared(str, is_kept=True)
def _tickers(several: str) -> QuerySet[Ticker]:
    return Ticker.objects.listed().filter(pk__in=RawSQL(each_of_many(), [several])).only("title", "slug")  # noqa: S611


def _target_of(row: Article | Section | Ticker, title: str) -> Target:
    return Target(title, row.get_absolute_url(), str(row.pk))


def _gone(sentence: str, note: str) -> Gone:
    return Gone(sentence, **({"note": note} if note else {}))


def _by(key: str) -> dict[str, int | str]:
    """A filter by id if `key` is a number, otherwise by slug."""
    number = key_number(key)
    if number is not None:
        return {"pk": number}
    return {"slug": key if key.isascii() and key.isprintable() else ""}
