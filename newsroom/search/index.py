"""An index of the words of a table's rows, as `newsroom.search.words` defines them, on both databases.

Python code writes the words, so that one rule holds for both databases; PostgreSQL adds stems. Triggers remove rows
that are changed or hidden, in the same statement: from the commit on, what was taken down is not found.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import msgspec
from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _

from newsroom.database.batches import Batches
from newsroom.database.fit import within
from newsroom.database.statements import is_postgresql, planned_cursor, planned_rows, unnested
from newsroom.search.asking import LANGUAGES, Question, question
from newsroom.search.words import MOST_INDEXED, indexed, sought, terms, written

_ON_POSTGRESQL = """SET LOCAL work_mem = '64MB'; SET LOCAL enable_seqscan = off; SET LOCAL jit = off;
SET LOCAL max_parallel_workers_per_gather = 0"""
_STEP = 1000  # ids that are searched at once for missing rows
_STEMS = " || ".join(f"strip(to_tsvector('{each}', text))" for each in LANGUAGES)
_SPELT = "string_to_array(translate(words, '=~', ''), ' ')"
_OTHER_STEMS = f"ts_delete({_STEMS}, {_SPELT})"  # a question for a stem finds the word that is its own stem, too
_STEMS_OF_EACH = f"""SELECT text, tsvector_to_array({_OTHER_STEMS})
FROM ROWS FROM ({unnested("text")}, {unnested("text")}) AS asked (text, words)"""  # noqa: S608  constant text
_MANY = 20  # rows for which it pays to ask for the stems of words before
_SHORT = 4000  # characters of a text whose words are kept with their stems
_MOST_KEPT = 20_000  # words with their stems
_NEW_ROWS = f"ROWS FROM ({', '.join(map(unnested, ('bigint', 'text', 'text')))}) AS new (id, words, text)"


@contextmanager
def patience() -> Iterator[None]:
    """Limits the time of a search, and gives it memory for the places of a common word. Raises TookTooLong.

    With less memory PostgreSQL remembers whole blocks and compares the words of each of their rows. Its planner
    underestimates that cost, hence also `enable_seqscan = off`; the price of a scan that is left would start JIT. One
    search occupies one processor; `newsroom.search.asking` reads plans that are not shared out.
    """
    with within(settings.SEARCH_TIMEOUT, _("That is found too often. Ask for rarer words, or for more of them.")):
        if is_postgresql():
            with connection.cursor() as cursor:
                cursor.execute(_ON_POSTGRESQL)
        yield


def _only(text: str) -> str:
    return text


@dataclass(frozen=True, slots=True)
class Index:
    """The index of the text that `text` makes of some `columns` of a table. `shown` is the SQL condition of the rows
    that can be found, with {0} before each column.

    The migration that makes the index may run before the one that adds a column of `columns`: until then the column
    counts as empty. A column that is searched from now on but had texts before needs a migration with `learn_rows`.
    """

    name: str
    table: str
    columns: tuple[str, ...]
    shown: str
    text: Callable[..., str] = _only
    has_stems: bool = True  # whether PostgreSQL adds the stems of each language

    def learn(self, texts: Iterable[tuple[int, str]]) -> None:
        """Index rows, or index them again. Each is an id and its text. Call it in the transaction that makes them
        visible.
        """
        found = sorted(texts)
        if not found:
            return
        ids, left = [number for number, _text in found], [text[:MOST_INDEXED] for _id, text in found]
        has_stems = self.has_stems and is_postgresql()
        if len(found) >= _MANY:
            words, left = (_STEMMED if has_stems else _PLAIN).words_of(left)
        else:
            words = [" ".join(indexed(text)) for text in left]
        stems = f" || {_OTHER_STEMS}" if has_stems and any(left) else ""
        values: list[Any] = [ids, words, left]
        sql = f"""INSERT INTO {self.name} (id, words)
SELECT id, array_to_tsvector(string_to_array(words, ' ')){stems} FROM {_NEW_ROWS}
ON CONFLICT (id) DO UPDATE SET words = excluded.words"""  # noqa: S608  constant text
        if not is_postgresql():  # one statement, since each one adds a segment to the index
            values = [msgspec.json.encode(list(zip(*values[:2], strict=True))).decode()]
            sql = f"""INSERT OR REPLACE INTO {self.name} (rowid, words)
SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(%s)"""  # noqa: S608
        with planned_cursor() as cursor:
            cursor.execute(sql, values)

    def learn_rows(self, ids: Sequence[int]) -> None:
        """Like `learn`, with texts from the table. Skips rows that another transaction is changing, which will index
        them.
        """
        if not ids:
            return
        marks = ", ".join(["%s"] * len(ids))
        there = self._there()
        columns = ", ".join(column if column in there else "''" for column in self.columns)
        sql = f"SELECT id, {columns} FROM {self.table} WHERE id IN ({marks}) AND {self._is_shown('')}"  # noqa: S608
        if is_postgresql():
            sql += " FOR NO KEY UPDATE SKIP LOCKED"
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, ids)
            self.learn([(number, self.text(*columns)) for number, *columns in cursor.fetchall()])

    def learn_saved(self, instance: Any, update_fields: Collection[str] | None = None, **_about: Any) -> None:
        """Index a row whenever it is saved: a receiver of `post_save`, for tables all of whose rows can be found."""
        if update_fields is None or not set(self.columns).isdisjoint(update_fields):
            self.learn([(instance.pk, self.text(*(getattr(instance, name) for name in self.columns)))])

    def ask(self, query: str, *, beginnings: bool = False) -> Question | None:
        """The words of `query` as a question; with `beginnings` words match, too, that begin so. None for a query
        without a word.
        """
        words = [each._replace(is_start=each.is_start or beginnings) for each in sought(query)]
        return question(self.name, words, has_stems=self.has_stems) if words else None

    def make(self) -> None:
        """Create the missing table and triggers, then index the rows. Writers are not blocked. After an interruption
        call it again.
        """
        with transaction.atomic(), connection.cursor() as cursor:  # on SQLite, nobody writes between two triggers
            for statement in self._on_postgresql() if is_postgresql() else self._on_sqlite():
                cursor.execute(statement)
        self._fill()
        if is_postgresql() and not self._is_indexed():
            with connection.cursor() as cursor:
                cursor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {self.name}_index")
                cursor.execute(f"CREATE INDEX CONCURRENTLY {self.name}_index ON {self.name} USING gin (words)")

    def mend(self) -> None:
        """`make` for an index that exists: SQLite loses the triggers of a table that it rebuilds, and the columns may
        be others.
        """
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
        """Index the missing rows among the next ids after `after`. Returns the last id of the step; None at the end."""
        self.learn_rows(self._missing(after))
        return after + _STEP if after + _STEP < self._last() else None

    def _fill(self) -> None:
        batches = Batches()
        for after in range(0, self._last(), _STEP):
            batches.write(self._missing(after), self.learn_rows)

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

    def _there(self) -> list[str]:
        """Those of `columns` that the table has by now."""
        with connection.cursor() as cursor:
            known = {each.name for each in connection.introspection.get_table_description(cursor, self.table)}
        return [column for column in self.columns if column in known]

    def _is_shown(self, row: str) -> str:
        return f"({self.shown.format(row)})"

    def _is_over(self) -> str:
        """The SQL condition that an UPDATE has changed or hidden a row that could be found."""
        old, new = self._is_shown("old."), self._is_shown("new.")
        differs = "IS DISTINCT FROM" if is_postgresql() else "IS NOT"
        changed = " OR ".join(f"old.{column} {differs} new.{column}" for column in self._there())
        return f"{old} AND (NOT {new} OR {changed})"

    def _on_sqlite(self) -> list[str]:
        forget = f"BEGIN DELETE FROM {self.name} WHERE rowid = old.id; END"  # noqa: S608
        drop, trigger = f"DROP TRIGGER IF EXISTS {self.name}", f"CREATE TRIGGER {self.name}"
        kept = """words, detail=none, columnsize=0, tokenize="ascii tokenchars '=~'" """
        return [
            f"CREATE VIRTUAL TABLE IF NOT EXISTS {self.name} USING fts5 ({kept})",
            f"{drop}_out",
            f"{drop}_change",
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
        """Whether PostgreSQL has completely built the index of the words."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(%s)", [f"{self.name}_index"])
            return (cursor.fetchone() or [False])[0] is True


class _Words:
    """Keeps the terms of words, between spaces; with `has_stems` together with PostgreSQL's stems of them. A language
    has few words beside the number of its texts, so that of many texts most were met before.
    """

    def __init__(self, *, has_stems: bool) -> None:
        self._has_stems = has_stems
        self._kept: dict[str, str] = {}

    def words_of(self, texts: Sequence[str]) -> tuple[list[str], list[str]]:
        """The terms of each text, with its stems; and of each text what PostgreSQL still has to stem. Some terms may
        come twice.
        """
        short = [written(text) if len(text) <= _SHORT else None for text in texts]
        kept = self._of(set().union(*filter(None, short)))
        words = [
            " ".join(indexed(text) if each is None else dict.fromkeys(map(kept.__getitem__, each)))
            for text, each in zip(texts, short, strict=True)
        ]
        return words, [text if each is None else "" for text, each in zip(texts, short, strict=True)]

    def _of(self, asked: set[str]) -> dict[str, str]:
        kept = self._kept
        missing = [word for word in asked if word not in kept]
        if len(kept) + len(missing) > _MOST_KEPT:
            kept, missing = {}, list(asked)
        if missing:
            own = {word: " ".join(terms(word)) for word in missing}
            if self._has_stems:
                stems = planned_rows(_STEMS_OF_EACH, [list(own), list(own.values())])
                own |= {word: " ".join([own[word], *more]) for word, more in stems if more}
            kept |= own
        self._kept = kept
        return kept


_STEMMED, _PLAIN = _Words(has_stems=True), _Words(has_stems=False)


class Walk:
    """Goes once through a table, a step at each call. It indexes rows that processes of the former release have written
    during the migration.
    """

    def __init__(self, index: Index) -> None:
        self._index, self._after = index, 0
        self.is_over = False

    def __call__(self) -> int:
        """Do one step. Returns 0 if there is nothing left."""
        if self.is_over:
            return 0
        after = self._index.step(self._after)
        self._after, self.is_over = after or 0, after is None
        return 1
