"""Lists of the admin whose cost does not grow with their table: bounded counts and pages, sorts with an index, searches
in an index.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import cached_property, reduce
from operator import or_
from typing import Any

from django.contrib import messages
from django.contrib.admin import AllValuesFieldListFilter, ShowFacets
from django.core.paginator import Paginator
from django.db import connection
from django.db.models import Model, Q, QuerySet
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.views import ChangeList

from newsroom.database.fit import TookTooLong
from newsroom.database.statements import is_postgresql
from newsroom.search.asking import Question
from newsroom.search.index import patience
from newsroom.search.pages import Line, found_page

MOST = 5000  # rows that a list counts, and that its pages lead to
MOST_FOUND = 500  # rows that a search finds, the newest
MOST_OFFERED = 100  # rows that the completion of a name finds, the newest
GLANCE = 2 * MOST_OFFERED  # rows that it looks at first: a word that half of them have is enough to fill it
# The order of ids, which no index has: so the database takes an index of what is asked for, and sorts what it found.
UNINDEXED = Coalesce("pk", "pk")


class BoundedPaginator(Paginator[Any]):
    """Counts MOST rows at most. If there are more, `is_cut` is true, and no page leads to them."""

    template_name = "admin/pages.html"

    @cached_property
    def count(self) -> int:
        return min(self._counted, MOST)

    @property
    def is_cut(self) -> bool:
        return self._counted > MOST

    @cached_property
    def _counted(self) -> int:
        rows: Any = self.object_list
        return int(rows.order_by().values("pk")[: MOST + 1].count())


class BoundedList(ChangeList):  # type: ignore[misc]  # unfold has no types
    """Sorts only by the columns that offer it, whatever the address says. Where there are more rows than are counted,
    actions are offered for the rows shown only.
    """

    def get_ordering_field(self, field_name: Any) -> Any:
        return super().get_ordering_field(field_name) if field_name in self.sortable_by else None

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        if self.paginator.is_cut:
            self.result_count = len(self.result_list)


class IndexedValuesFilter(AllValuesFieldListFilter):
    """Offers the values that rows have. An index of all rows has to begin with the field: the database goes from value
    to value, not from row to row.
    """

    def __init__(
        self, field: Any, request: HttpRequest, params: Any, model: type[Model], model_admin: Any, field_path: str
    ) -> None:
        super().__init__(field, request, params, model, model_admin, field_path)
        values = _values(model, field)
        if field.null and model._default_manager.filter(**{field.name: None}).exists():  # noqa: SLF001
            values.append(None)
        self.lookup_choices = values  # type: ignore[assignment]  # a list does as well


def _values(model: type[Model], field: Any) -> list[Any]:
    """The values of a column except NULL, rising."""
    name = connection.ops.quote_name
    column, table = name(field.column), name(model._meta.db_table)  # noqa: SLF001
    least = f"SELECT MIN({column}) FROM {table}"  # noqa: S608  names of our own
    statement = f"""
        WITH RECURSIVE found(value) AS (
            {least}
            UNION ALL
            SELECT ({least} WHERE {column} > found.value) FROM found WHERE found.value IS NOT NULL
        )
        SELECT value FROM found WHERE value IS NOT NULL
    """  # noqa: S608  as above
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return [value for (value,) in cursor.fetchall()]


class ListAdmin(ModelAdmin):  # type: ignore[misc]  # unfold has no types
    """Its list offers a sort only where an index has the order, and is searched by `found`."""

    paginator = BoundedPaginator
    show_full_result_count = False
    show_facets = ShowFacets.NEVER  # they count the rows of each filter

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return BoundedList

    def get_sortable_by(self, request: HttpRequest) -> list[Any]:
        return [name for name in self.get_list_display(request) if _is_indexed(self.model, self._order_of(name))]

    def found(self, request: HttpRequest, words: str) -> Collection[int] | None:
        """The ids of the rows that a search finds, of each kind the newest MOST_FOUND. None: all rows are looked
        through, which is for tables that stay small.
        """
        return None

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        words = search_term.strip()
        try:
            ids = self.found(request, words) if words and self.search_fields else None
        except TookTooLong as late:
            self.message_user(request, str(late), messages.ERROR)
            return queryset.none(), False
        if ids is not None:
            return queryset.filter(pk__in=ids), False
        return self.looked_through(request, queryset, search_term)

    def looked_through(self, request: HttpRequest, queryset: QuerySet[Any], words: str) -> tuple[QuerySet[Any], bool]:
        """Those with all words in some search field, in either case, on SQLite, too."""
        found, may_repeat = super().get_search_results(request, queryset, words)
        if connection.vendor == "sqlite" and not words.isascii() and self.search_fields:
            found |= _in_either_case(queryset, self.search_fields, words)
        return found, may_repeat

    def _order_of(self, name: Any) -> str:
        """The field by which a column sorts."""
        shown = name if callable(name) else getattr(self, name, None)
        return str(getattr(shown, "admin_order_field", "") or (name if shown is None else ""))


def _is_indexed(model: type[Model], name: str) -> bool:
    """Whether an index of all rows begins with this field. A relation is sorted by rows of another table."""
    field: Any = next((each for each in model._meta.concrete_fields if each.name == name), None)  # noqa: SLF001
    if field is None or field.is_relation:
        return False
    whole = [each for each in model._meta.indexes if each.condition is None and each.fields_orders]  # noqa: SLF001
    return bool(field.unique or field.db_index) or name in {each.fields_orders[0][0] for each in whole}


def most_found(request: HttpRequest) -> int:
    """How many rows the search of a request finds at most."""
    is_completion = request.resolver_match is not None and request.resolver_match.view_name == "admin:autocomplete"
    return MOST_OFFERED if is_completion else MOST_FOUND


def newest_found(
    rows: QuerySet[Any, Any], moment: str, question: Question | None, most: int | None = None
) -> list[int]:
    """The ids of the newest of `rows` that have the words, `most` of them, MOST_FOUND by default; `moment` is the
    column of their time. Raises TookTooLong.
    """
    most = most or MOST_FOUND
    with patience():
        glance = GLANCE if is_postgresql() and most <= MOST_OFFERED else 0  # SQLite's index stops where it has enough
        line = Line(rows=rows, seen=rows, keys=("id",), moment=moment, glance=glance)
        return found_page(line, question, scope="desk", sort="newest", limit=most).rows


def _in_either_case(queryset: QuerySet[Any], fields: Sequence[str], words: str) -> QuerySet[Any]:
    """SQLite's LIKE knows the cases of ASCII letters alone."""
    for word in words.split():
        pattern = re.escape(word)
        queryset = queryset.filter(reduce(or_, (Q(**{f"{name}__iregex": pattern}) for name in fields)))
    return queryset
