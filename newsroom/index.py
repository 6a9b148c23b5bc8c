"""An index of the words of a table's rows, as `newsroom.words` sees them, on both databases.

Words are written from here, so that one rule holds for both; PostgreSQL adds their stems. Triggers forget what has
changed or is no longer shown, in the statement that does it: what was taken down is not found from the commit on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import msgspec
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Case, IntegerField, Value, When
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _

from newsroom.batches import Batches
from newsroom.database import within
from newsroom.prepared import is_postgresql, planned_cursor, unnested
from newsroom.words import MOST_INDEXED, Sought, indexed, sought

_LANGUAGES = ("german", "english", "russian")
_STEP = 1000  # ids that are looked through at once for what is missing
_STEMS = " || ".join(f"strip(to_tsvector('{each}', text))" for each in _LANGUAGES)
_NEW_ROWS = f"ROWS FROM ({', '.join(map(unnested, ('bigint', 'text', 'text')))}) AS new (id, words, text)"
_ANY_STEM = " || ".join(f"plainto_tsquery('{each}', word)" for each in _LANGUAGES)
_ALL_ASKED = f"""(SELECT string_agg('(' || ({_ANY_STEM} || spelt::tsquery)::text || ')', ' & ')::tsquery
FROM unnest(%s::text[], %s::text[]) AS asked (word, spelt))"""  # noqa: S608  constant text


@contextmanager
def patience() -> Iterator[None]:
    """Around a search: with the memory to keep every place of a common word, and an end. Raises TookTooLong.

    Where that memory is missing, PostgreSQL keeps whole blocks instead and looks at the words of each row in them.
    By its reckoning that costs as little as to ask the index.
    """
    with within(settings.SEARCH_TIMEOUT, _("That is found too often. Ask for rarer words, or for more of them.")):
        if is_postgresql():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL work_mem = '64MB'")
                cursor.execute("SET LOCAL enable_seqscan = off")
        yield


def _only(text: str) -> str:
    return text


@dataclass(frozen=True, slots=True)
class Index:
    """Of some `columns` of a table, of which `text` makes one; `shown` says in SQL which rows can be found, with {0}
    before each column.
    """

    name: str
    table: str
    columns: tuple[str, ...]
    shown: str
    text: Callable[..., str] = _only

    def learn(self, texts: Iterable[tuple[int, str]]) -> None:
        """Index rows, each an id and its text, or index them anew: in the transaction that shows them."""
        found = sorted(texts)
        if not found:
            return
        ids = [number for number, _text in found]
        words = [" ".join(indexed(text)) for _id, text in found]
        values: list[Any] = [ids, words, [text[:MOST_INDEXED] for _id, text in found]]
        sql = f"""INSERT INTO {self.name} (id, words)
SELECT id, array_to_tsvector(string_to_array(words, ' ')) || {_STEMS} FROM {_NEW_ROWS}
ON CONFLICT (id) DO UPDATE SET words = excluded.words"""  # noqa: S608  constant text
        if not is_postgresql():  # one statement: of several, each would make a part of the index by itself
            values = [msgspec.json.encode(list(zip(ids, words, strict=True))).decode()]
            sql = f"""INSERT OR REPLACE INTO {self.name} (rowid, words)
SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(%s)"""  # noqa: S608
        with planned_cursor() as cursor:
            cursor.execute(sql, values)

    def matches(self, query: str, *, beginnings: bool = False) -> RawSQL | None:
        """The ids of rows with all words of `query`, each in one of its forms, or with words that begin so; None for a
        query without a word.
        """
        found = [each._replace(is_start=each.is_start or beginnings) for each in sought(query)]
        if not found:
            return None
        if is_postgresql():
            return self._those(_ALL_ASKED, [each.word for each in found], [_loosely(each) for each in found])
        return self._those("%s", _and(f"({_loosely(each)})" for each in found))

    def is_exact(self, query: str) -> Case:
        """1 for rows with all words of `query` as they were asked for, 0 for others."""
        asked = _and(map(_exactly, sought(query)))
        exact = self._those("%s::tsquery" if is_postgresql() else "%s", asked)
        return Case(When(pk__in=exact, then=Value(1)), default=Value(0), output_field=IntegerField())

    def _those(self, asked: str, *values: Any) -> RawSQL:
        if not is_postgresql():
            return RawSQL(f"SELECT rowid FROM {self.name} WHERE {self.name} MATCH {asked}", values)  # noqa: S608, S611
        # Apart from the rest: to walk through the rows and look at the words of each can take for ever.
        matches = f"SELECT id FROM {self.name} WHERE words @@ {asked}"  # noqa: S608
        return RawSQL(f"WITH matches AS MATERIALIZED ({matches}) SELECT id FROM matches", values)  # noqa: S608, S611

    def make(self) -> None:
        """What is missing of table and triggers, then the rows; writers go on meanwhile, and a second try goes on."""
        with connection.cursor() as cursor:
            for statement in self._on_postgresql() if is_postgresql() else self._on_sqlite():
                cursor.execute(statement)
        self._fill()
        if is_postgresql() and not self._is_indexed():
            with connection.cursor() as cursor:
                cursor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {self.name}_index")
                cursor.execute(f"CREATE INDEX CONCURRENTLY {self.name}_index ON {self.name} USING gin (words)")

    def mend(self) -> None:
        """`make` where it was made before: a table that SQLite has rebuilt has lost its triggers."""
        if self.name in connection.introspection.table_names():
            self.make()

    def drop(self) -> None:
        with connection.cursor() as cursor:
            if is_postgresql():
                cursor.execute(f"DROP FUNCTION IF EXISTS {self.name}_forget CASCADE")
            else:
                cursor.execute(f"DROP TRIGGER IF EXISTS {self.name}_out")
                cursor.execute(f"DROP TRIGGER IF EXISTS {self.name}_change")
            cursor.execute(f"DROP TABLE IF EXISTS {self.name}")

    def step(self, after: int) -> int | None:
        """Learn what is missing among the ids that follow; from where to go on, None at the end."""
        self._learn_some(self._missing(after))
        return after + _STEP if after + _STEP < self._last() else None

    def _fill(self) -> None:
        batches = Batches()
        for after in range(0, self._last(), _STEP):
            batches.write(self._missing(after), self._learn_some)

    def _learn_some(self, ids: Sequence[int]) -> None:
        """A row that somebody is changing is left to them."""
        if not ids:
            return
        marks = ", ".join(["%s"] * len(ids))
        sql = f"SELECT id, {', '.join(self.columns)} FROM {self.table} WHERE id IN ({marks}) AND {self._is_shown('')}"  # noqa: S608
        if is_postgresql():
            sql += " FOR NO KEY UPDATE SKIP LOCKED"
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, ids)
            self.learn([(number, self.text(*columns)) for number, *columns in cursor.fetchall()])

    def _missing(self, after: int) -> list[int]:
        known = f"SELECT id FROM {self.name if is_postgresql() else f'{self.name}_content'}"  # noqa: S608
        sql = f"""SELECT id FROM {self.table} WHERE id > %s AND id <= %s AND {self._is_shown("")}
AND NOT EXISTS ({known} AS known WHERE known.id = {self.table}.id) ORDER BY id"""  # noqa: S608
        with connection.cursor() as cursor:
            cursor.execute(sql, [after, after + _STEP])
            return [number for (number,) in cursor.fetchall()]

    def _last(self) -> int:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT coalesce(max(id), 0) FROM {self.table}")  # noqa: S608
            return int(cursor.fetchone()[0])

    def _is_shown(self, row: str) -> str:
        return f"({self.shown.format(row)})"

    def _is_over(self) -> str:
        """Whether an UPDATE has changed a row that could be found."""
        old, new = self._is_shown("old."), self._is_shown("new.")
        differs = "IS DISTINCT FROM" if is_postgresql() else "IS NOT"
        changed = " OR ".join(f"old.{column} {differs} new.{column}" for column in self.columns)
        return f"{old} AND (NOT {new} OR {changed})"

    def _on_sqlite(self) -> list[str]:
        forget = f"BEGIN DELETE FROM {self.name} WHERE rowid = old.id; END"  # noqa: S608
        trigger = f"CREATE TRIGGER IF NOT EXISTS {self.name}"
        kept = """words, detail=none, columnsize=0, tokenize="ascii tokenchars '=~'" """
        return [
            f"CREATE VIRTUAL TABLE IF NOT EXISTS {self.name} USING fts5 ({kept})",
            f"{trigger}_out AFTER DELETE ON {self.table} {forget}",
            f"{trigger}_change AFTER UPDATE ON {self.table} WHEN {self._is_over()} {forget}",
        ]

    def _on_postgresql(self) -> list[str]:
        trigger = f"CREATE OR REPLACE TRIGGER {self.name}"
        forget = f"FOR EACH ROW {{}}EXECUTE FUNCTION {self.name}_forget()"
        return [
            f"CREATE TABLE IF NOT EXISTS {self.name} (id bigint PRIMARY KEY, words tsvector NOT NULL)",
            f"""CREATE OR REPLACE FUNCTION {self.name}_forget() RETURNS trigger LANGUAGE plpgsql AS
$$BEGIN DELETE FROM {self.name} WHERE id = OLD.id; RETURN NULL; END$$""",  # noqa: S608
            f"{trigger}_out AFTER DELETE ON {self.table} {forget.format('')}",
            f"{trigger}_change AFTER UPDATE ON {self.table} {forget.format(f'WHEN ({self._is_over()}) ')}",
        ]

    def _is_indexed(self) -> bool:
        """Whether PostgreSQL has made the index of the words to its end."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(%s)", [f"{self.name}_index"])
            return (cursor.fetchone() or [False])[0] is True


class Walk:
    """Once through a table, a step at each call: what processes of an earlier release have written beside a migration
    is learnt after they have ended.
    """

    def __init__(self, index: Index) -> None:
        self._index, self._after = index, 0
        self.is_over = False

    def __call__(self) -> int:
        """Whether there was something to do."""
        if self.is_over:
            return 0
        after = self._index.step(self._after)
        self._after, self.is_over = after or 0, after is None
        return 1


def _exactly(asked: Sought) -> str:
    return _and(_marked(each, asked) for each in asked.exactly)


def _loosely(asked: Sought) -> str:
    either = " | " if is_postgresql() else " OR "
    return either.join(_marked(each, asked) for each in asked.loosely) or _exactly(asked)


def _and(conditions: Iterable[str]) -> str:
    return (" & " if is_postgresql() else " AND ").join(conditions)


def _marked(piece: str, asked: Sought) -> str:
    """As both languages of questions quote it; words hold no quotes."""
    if is_postgresql():
        return f"'{piece}'{':*' if asked.is_start else ''}"
    return f'"{piece}"{"*" if asked.is_start else ""}'
