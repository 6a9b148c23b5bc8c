"""A question for the words of a table's rows: put to the index as a whole, or to one row after another.

The index finds rare words among any number of rows. For common ones it would list a large part of the table before the
first row is known: then it is cheaper to look at rows until enough of them match.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from itertools import chain
from typing import Any

from django.db import connection
from django.db.models import BooleanField
from django.db.models.expressions import RawSQL

from newsroom.database.statements import is_postgresql, planned_rows
from newsroom.search.words import Sought

LANGUAGES = ("german", "english", "russian")
MOST_LISTED = 10_000  # rows that the index may list for one question, to be joined and sorted
MOST_SORTED = 50_000  # rows that it may list by their ids alone, of which only the first are joined
MOST_COMPARED = 200_000  # of the rarest word, on PostgreSQL: places in the index that are compared with other words'
_NO_WORD = "'='"  # no text has it
_STEMS = ", ".join(f"plainto_tsquery('{each}', word)::text" for each in LANGUAGES)
_STEMS_OF_EACH = f"SELECT {_STEMS} FROM unnest(%s::text[]) WITH ORDINALITY AS asked (word, place) ORDER BY place"  # noqa: S608
_STEM = re.compile("'([^']+)'")  # of a word, which holds no quotes


class Match(IntEnum):
    """How a row has to have the words."""

    OTHERWISE = 0  # all of them, but not all as asked for
    EXACT = 1  # all as asked for
    ANY = 2  # all, each in one of its forms


@dataclass(frozen=True, slots=True)
class Question:
    """`words` for the index `table`. `forms`: for each word its forms, in the language of the database's index."""

    table: str
    words: list[Sought]
    forms: list[str]

    def listed(self, match: Match = Match.ANY) -> RawSQL:
        """The ids of rows that match, from the index."""
        asked = self._asked(match)
        if not is_postgresql():
            return RawSQL(f"SELECT rowid FROM {self.table} WHERE {self.table} MATCH %s", [asked])  # noqa: S608, S611
        # Materialized: otherwise PostgreSQL may scan all rows and compare the words of each, which can take for ever.
        matches = f"SELECT id FROM {self.table} WHERE words @@ %s::tsquery"  # noqa: S608
        return RawSQL(f"WITH matches AS MATERIALIZED ({matches}) SELECT id FROM matches", [asked])  # noqa: S608, S611

    def first_listed(
        self, match: Match, after: int | None, until: int | None, most: int, *, is_downwards: bool
    ) -> list[int]:
        """The first ids of `listed` between the ids `after` and `until`, in order. SQLite stops at the last of them,
        PostgreSQL lists all.
        """
        key = "id" if is_postgresql() else "rowid"
        condition = "words @@ %s::tsquery" if is_postgresql() else f"{self.table} MATCH %s"
        values: list[Any] = [self._asked(match), most]
        for bound, is_below in ((after, is_downwards), (until, not is_downwards)):
            if bound is not None:
                condition += f" AND {key} {'<' if is_below else '>'} %s"
                values.insert(-1, bound)
        place = f"{key} + 0" if is_postgresql() else key  # otherwise PostgreSQL may go through all rows by their ids
        order = f"{place} {'DESC' if is_downwards else 'ASC'}"
        sql = f"SELECT {key} FROM {self.table} WHERE {condition} ORDER BY {order} LIMIT %s"  # noqa: S608
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            return [number for (number,) in cursor.fetchall()]

    def holds_for(self, column: str, match: Match) -> RawSQL:
        """The condition that the row whose id is in `column` matches. It costs about the same for each row."""
        if is_postgresql():
            sql = f"(SELECT words @@ %s::tsquery FROM {self.table} WHERE id = {column})"  # noqa: S608
            return RawSQL(sql, [self._asked(match)], BooleanField())  # noqa: S611
        holds, values = self._in_text(match)
        text = f"SELECT ' ' || words || ' ' AS text FROM {self.table} WHERE rowid = {column}"  # noqa: S608
        return RawSQL(f"(SELECT {holds} FROM ({text}))", values, BooleanField())  # noqa: S608, S611

    def is_met(self) -> bool:
        """Whether any row has the words."""
        condition = "words @@ %s::tsquery" if is_postgresql() else f"{self.table} MATCH %s"
        return bool(planned_rows(f"SELECT 1 FROM {self.table} WHERE {condition} LIMIT 1", [self._asked(Match.ANY)]))  # noqa: S608

    def is_rare(self, match: Match, most: int) -> bool:
        """Whether the index has to list about `most` rows at most: PostgreSQL estimates that, SQLite counts. Never if
        `most` is 0.
        """
        if not most:
            return False
        return self._is_estimated_rare(match, most) if is_postgresql() else self._is_counted_rare(match, most)

    def _is_estimated_rare(self, match: Match, most: int) -> bool:
        """PostgreSQL knows how common the commonest words are. Of each other word it assumes the same, which is a lot
        in a large table.
        """
        asked = [_NO_WORD, *self._each(match), self._asked(match)]
        sql = " UNION ALL ".join([f"SELECT FROM {self.table} WHERE words @@ %s::tsquery"] * len(asked))
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", asked)
            (told,) = cursor.fetchone()
        unknown, *each, together = (part["Plan Rows"] for part in told[0]["Plan"]["Plans"])
        is_unknown = any(rows <= unknown * _forms_in(word) for rows, word in zip(each, asked[1:-1], strict=True))
        return bool(min(each) <= MOST_COMPARED and (is_unknown or together <= most))

    def _is_counted_rare(self, match: Match, most: int) -> bool:
        """Whether one of the words is rare: SQLite then skips the places of the others."""
        sql = f"SELECT 1 FROM {self.table} WHERE {self.table} MATCH %s ORDER BY rowid DESC LIMIT 1 OFFSET %s"  # noqa: S608
        longest_first = sorted(zip(self.words, self._each(match), strict=True), key=lambda each: -len(each[0].word))
        return any(not planned_rows(sql, [asked, most]) for _word, asked in longest_first)

    def _each(self, match: Match) -> list[str]:
        return [_exactly(word) for word in self.words] if match is Match.EXACT else self.forms

    def _asked(self, match: Match) -> str:
        exact, any_form = _and(map(_exactly, self.words)), _and(f"({each})" for each in self.forms)
        if match is Match.OTHERWISE:
            return f"({any_form}) {'& !' if is_postgresql() else 'NOT '}({exact})"
        return exact if match is Match.EXACT else any_form

    def _in_text(self, match: Match) -> tuple[str, list[str]]:
        """The same for a text of words between spaces, on SQLite: a condition and its values."""
        exact = [[place] for word in self.words for place in _places(word.exactly, word)]
        forms = [group for word in self.words for group in _groups(word)]
        if match is Match.OTHERWISE:
            return f"{_found(forms)} AND NOT ({_found(exact)})", [*chain(*forms, *exact)]
        groups = exact if match is Match.EXACT else forms
        return _found(groups), [*chain(*groups)]


def question(table: str, words: list[Sought], *, has_stems: bool) -> Question:
    """`has_stems`: whether the index holds stems on PostgreSQL."""
    forms = [_loosely(each) for each in words]
    if has_stems and is_postgresql():
        stems = planned_rows(_STEMS_OF_EACH, [[each.word for each in words]])
        forms = [_with_stems(each, its) for each, its in zip(forms, stems, strict=True)]
    return Question(table, words, forms)


def _with_stems(spelt: str, stems: Iterable[str]) -> str:
    """The forms of a word with its stem in each language, as PostgreSQL's queries; "" where a language has none.

    The index does not repeat a word as its own stem, so that each stem is sought as a word and as a spelling, too.
    """
    either = dict.fromkeys(spelt.split(" | "))
    for stem in stems:
        if _STEM.fullmatch(stem):
            either |= dict.fromkeys(_as_word(stem))
        elif stem:
            either[f"({_STEM.sub(lambda one: f'({" | ".join(_as_word(one[0]))})', stem)})"] = None
    return " | ".join(either)


def _as_word(stem: str) -> list[str]:
    return [f"'{mark}{stem[1:-1]}'" for mark in ("", "=", "~")]


def _forms_in(asked: str) -> int:
    return asked.count("'") // 2


def _found(groups: Iterable[list[str]]) -> str:
    return " AND ".join(f"({' OR '.join(['instr(text, %s) > 0'] * len(group))})" for group in groups)


def _groups(asked: Sought) -> list[list[str]]:
    """Of each group one place is enough."""
    return [_places(asked.loosely, asked)] if asked.loosely else [[each] for each in _places(asked.exactly, asked)]


def _places(pieces: Iterable[str], asked: Sought) -> list[str]:
    return [f" {piece}{'' if asked.is_start else ' '}" for piece in pieces]


def _exactly(asked: Sought) -> str:
    return _and(_marked(each, asked) for each in asked.exactly)


def _loosely(asked: Sought) -> str:
    either = " | " if is_postgresql() else " OR "
    return either.join(_marked(each, asked) for each in asked.loosely) or _exactly(asked)


def _and(conditions: Iterable[str]) -> str:
    return (" & " if is_postgresql() else " AND ").join(conditions)


def _marked(piece: str, asked: Sought) -> str:
    """Quoted as in both query languages. Words hold no quotes."""
    if is_postgresql():
        return f"'{piece}'{':*' if asked.is_start else ''}"
    return f'"{piece}"{"*" if asked.is_start else ""}'
