"""Who may follow what: streams and subscriptions of articles, sections and tickers."""

from __future__ import annotations

from django.utils.translation import gettext as _

from accounts.access import Viewer
from accounts.subscriptions import Target
from articles.models import Article, Section, Ticker
from newsroom.errors import Gone

LARGEST_ID = 2**63 - 1


def may_read_articles(viewer: Viewer, key: str) -> bool:
    return key == ""


def may_read_ticker(viewer: Viewer, key: str) -> bool:
    """Public where the ticker exists and its article, if it has one, is published."""
    return Ticker.objects.visible_to(viewer).filter(slug=key).exists()


def must_not_be_taken_back(slug: str) -> None:
    """Raises Gone, with the editors' note, where readers once found this article."""
    article = Article.objects.taken_back().filter(slug=slug).only("published_at", "retraction").first()
    if article is not None:
        raise Gone(
            _("This article has been retracted."), **({"note": article.retraction} if article.retraction else {})
        )


def find_article(viewer: Viewer, key: str) -> Target | None:
    article = Article.objects.listed().filter(**_by(key)).only("pk", "headline", "slug").first()
    return Target(article.headline, article.get_absolute_url(), str(article.pk)) if article else None


def find_section(viewer: Viewer, key: str) -> Target | None:
    section = Section.objects.filter(**_by(key)).first()
    return Target(section.name, section.get_absolute_url(), str(section.pk)) if section else None


def find_ticker(viewer: Viewer, key: str) -> Target | None:
    ticker = Ticker.objects.listed().filter(**_by(key)).first()
    return Target(ticker.title, ticker.get_absolute_url(), str(ticker.pk)) if ticker else None


def _by(key: str) -> dict[str, int | str]:
    """A number is an id, everything else a slug."""
    if key.isascii() and key.isdigit() and len(key) <= 19 and int(key) <= LARGEST_ID:
        return {"pk": int(key)}
    return {"slug": key if key.isascii() and key.isprintable() else ""}
