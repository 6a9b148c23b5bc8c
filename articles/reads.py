"""Loads what an article's JSON and page need besides its own row, for many articles at once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any

import msgspec
from django.db import connection
from django.db.models import Func, QuerySet, TextField
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce

from accounts.access import STATEMENTS, Viewer, duties_of, somebody
from accounts.duties import Duties
from articles import hooks, search
from articles.access import own_articles_of
from articles.models import Article, Section, State
from articles.representations import section_json, teaser_json
from newsroom.database.statements import Prepared, each_of_many, many, prepared, shown, unlike_any
from newsroom.search.index import patience
from newsroom.search.pages import SORTS, Found
from newsroom.search.words import excerpt
from newsroom.text import summary

RELATED = 4  # teasers under an article


def sections() -> list[dict[str, Any]]:
    """All sections as JSON, in their order."""
    return [section_json(each) for each in _sections()]


def section_of(slug: str) -> Section | None:
    found = _section(slug)
    return found[0] if found else None


def shown_teaser(article: Article) -> dict[str, Any]:
    """The teaser of an article whose row is kept; only to be read."""
    return shown(article, teaser_json)


@prepared(str)
def _section(slug: str) -> QuerySet[Section]:
    return Section.objects.filter(slug=slug)


@prepared()
def _sections() -> QuerySet[Section]:
    return Section.objects.all()


def article_of(slug: str, viewer: Viewer) -> Article | None:
    """An article that `viewer` may read, complete and with what `sections_with` gives."""
    found = complete(_article(duties_of(viewer)).run(slug, *own_articles_of(viewer)))
    return found[0] if found else None


def sections_with(article: Article) -> list[dict[str, Any]]:
    """All sections as JSON, in their order, from the statement of `article_of`."""
    found: list[dict[str, Any]] = msgspec.json.decode(getattr(article, "all_sections", "") or "[]")
    return found


@lru_cache(STATEMENTS)
def _article(duties: Duties | None) -> Prepared[Article]:
    slug, person = unlike_any(str, int)
    viewer = somebody(duties, person)

    def make(slug: str, *_: int) -> QuerySet[Article]:
        rows = completable(Article.objects.visible_to(viewer).for_page()).filter(slug=slug)
        return rows.annotate(all_sections=_Sections())

    return Prepared(make, slug, *own_articles_of(viewer))


def completable(rows: QuerySet[Article]) -> QuerySet[Article]:
    """With what `complete` needs."""
    return rows.annotate(thread=hooks.discussion(), near=Coalesce(_chosen(), _newest()))


def complete(articles: Sequence[Article]) -> Sequence[Article]:
    """Set each article's `discussion_id` and `teasers`: those chosen by editors, otherwise the newest of its section.
    `articles` come from `completable` rows. One statement for all.
    """
    near = {
        article.pk: {int(pk) for pk in (getattr(article, "near", "") or "").split(",") if pk} for article in articles
    }
    known = _teasers().run(many(set().union(*near.values()))) if any(near.values()) else []
    for article in articles:
        article.discussion_id = getattr(article, "thread", None)
        article.teasers = [teaser for teaser in known if teaser.pk in near[article.pk]]
    return articles


@cache
def _teasers() -> Prepared[Article]:
    (several,) = unlike_any(str)

    def make(several: str) -> QuerySet[Article]:
        rows = Article.objects.listed().for_teaser().newest_first()
        return rows.filter(pk__in=RawSQL(each_of_many(), [several]))  # noqa: S611

    return Prepared(make, several, is_kept=True)


class _Ids(Func):
    """The ids of the newest published articles `near` that `chosen` finds, with commas."""

    output_field = TextField()
    function = "group_concat(nearest.id)"
    before = "(SELECT %(function)s FROM (SELECT near.id FROM articles_article AS near "
    after = (
        " AND near.state = '%(published)s' ORDER BY near.published_at DESC, near.id DESC LIMIT %(most)d) AS nearest)"
    )

    def __init__(self, *of: str, chosen: str, **more: Any) -> None:
        template = self.before + chosen + self.after
        super().__init__(*of, template=template, published=State.PUBLISHED, most=RELATED, **more)

    def as_postgresql(self, compiler: Any, connection: Any, **more: Any) -> Any:
        return self.as_sql(compiler, connection, function="string_agg(nearest.id::text, ',')", **more)


def _chosen() -> _Ids:
    link = "JOIN articles_article_related AS link ON link.to_article_id = near.id"
    return _Ids("pk", chosen=f"{link} WHERE link.from_article_id = %(expressions)s")


def _newest() -> _Ids:
    chosen = "WHERE near.section_id = %(expressions)s"
    return _Ids("section_id", "pk", chosen=chosen, arg_joiner=" AND near.id <> ")


class _Sections(Func):
    """All sections in their order, as JSON text."""

    output_field = TextField()
    function = "json_group_array(json_object('slug', each.slug, 'name', each.name))"
    template = "(SELECT %(function)s FROM (SELECT slug, name FROM articles_section ORDER BY position, name) AS each)"

    def as_postgresql(self, compiler: Any, connection: Any, **more: Any) -> Any:
        rows = "json_agg(json_build_object('slug', each.slug, 'name', each.name))::text"
        return self.as_sql(compiler, connection, function=rows, **more)


def search_page(query: str, *, sort: str = SORTS[0], cursor: str = "", limit: int) -> Found[Article]:
    """Published articles with all words of `query`; for `sort` see `newsroom.search.pages.found_page`. Raises
    UnknownCursor, TookTooLong.
    """
    with patience():
        page = search.found_page(query, sort=sort, cursor=cursor, limit=limit)
    known = Article.objects.listed().select_related("section", "photo").defer("body").in_bulk(page.rows)
    return page.showing([known[pk] for pk in page.rows if pk in known])


def begun_page(
    listed: QuerySet[Article], query: str, *, rows: QuerySet[Article], descending: bool, cursor: str, limit: int
) -> Found[Article]:
    """A page of `articles.search.begun_page`, as `rows` gives them. Raises UnknownCursor, TookTooLong."""
    with patience():
        page = search.begun_page(listed, query, descending=descending, cursor=cursor, limit=limit)
    known = rows.in_bulk(page.rows)
    return page.showing([known[pk] for pk in page.rows if pk in known])


def found_json(article: Article, query: str) -> dict[str, Any]:
    """A teaser with `found`: safe HTML of lead or body with the words in <mark>."""
    return {**teaser_json(article), "found": excerpt(summary(article.html, article.lead), query)}


def parts(size: int) -> list[int]:
    """The numbers of the non-empty parts of all published articles; part n has those with ids from n * `size` on.

    The statement goes from part to part by the primary key, so that it costs as much as there are parts.
    """
    least = "SELECT MIN(id) FROM articles_article WHERE state = %s"
    statement = f"""
        WITH RECURSIVE part(least) AS (
            {least}
            UNION ALL
            SELECT ({least} AND id >= (part.least / %s + 1) * %s) FROM part WHERE part.least IS NOT NULL
        )
        SELECT part.least / %s FROM part WHERE part.least IS NOT NULL
    """  # noqa: S608  nothing of it comes from outside
    with connection.cursor() as cursor:
        cursor.execute(statement, [State.PUBLISHED, State.PUBLISHED, size, size, size])
        return [number for (number,) in cursor.fetchall()]
