"""Pages of long lists: cut to their limit before other tables are joined.

PostgreSQL plans a prepared statement once, for numbers of rows that it guesses. If it takes those within the limit for
all that there are, it joins and sorts a discussion of a million comments for a page of fifty.
"""

from __future__ import annotations

from copy import copy
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.db.models.sql.constants import LOUTER
from django.db.models.sql.datastructures import BaseTable, Join
from django.db.models.sql.where import WhereNode


def cut_first[Row](rows: QuerySet[Any, Row]) -> QuerySet[Any, Row]:
    """The same rows; where order and conditions know one table, and there is a limit, in that way."""
    own = _own(rows.query)
    if own is None:
        return rows
    rows = rows.all()
    query: Any = rows.query
    query.get_initial_alias()
    query.alias_map = {alias: _looked_up(table) for alias, table in query.alias_map.items()}
    query.alias_map[own.base_table], query.where = _Cut(own), WhereNode()
    query.clear_limits()
    return rows


def _own(query: Any) -> Any:
    """The query of whole rows of its table alone; None if that cannot be."""
    is_more = query.distinct or query.select_for_update or query.combinator or query.group_by is not None
    if query.high_mark is None or is_more:
        return None
    own = type(query)(query.model)
    table = own.get_initial_alias()
    own.where, own.order_by = query.where, query.order_by
    own.set_limits(query.low_mark, query.high_mark)
    if any(column.alias != table for column in own._gen_cols([query.where])):  # noqa: SLF001
        return None
    own.get_compiler(connection=connection).as_sql()  # now it has joined what its order needs
    return own if sum(map(bool, own.alias_refcount.values())) == 1 else None


def _looked_up(table: Any) -> Any:
    if type(table) is not Join or table.join_type != LOUTER or len(table.join_cols) != 1:
        return table
    changed = copy(table)
    changed.__class__ = _LookedUp
    return changed


class _Cut(BaseTable):
    """A table of which a statement sees no more than the rows of `query`."""

    def __init__(self, query: Any) -> None:
        super().__init__(query.base_table, query.base_table)
        self._query = query

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        sql, values = self._query.get_compiler(connection=connection).as_sql()
        return f"({sql}) {compiler.quote_name(self.table_alias)}", values


class _LookedUp(Join):
    """A row of another table for each row of the one it is joined to, never the whole table for all of them."""

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        name = compiler.quote_name
        ((theirs, own),) = self.join_cols
        which = f"found.{name(own)} = {name(self.parent_alias)}.{name(theirs)}"
        found = f"SELECT * FROM {name(self.table_name)} found WHERE {which} OFFSET 0"  # noqa: S608
        return f"LEFT JOIN LATERAL ({found}) {name(self.table_alias)} ON TRUE", ()
