"""Reads the CSV files of Coral's importer, which have no header: users (6 columns), stories (7) and comments (8), all
in one file. The number of columns says what a row is.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import TextIOWrapper
from typing import IO

from articles.importers.documents import LONGEST
from comments.importers.fields import Fields, Odd, moment
from comments.importers.records import Broken, Markup, Notes, Page, Record, Reply, State, Unreadable

_USER = ("id", "email", "username", "role", "banned", "created_at")
_STORY = ("id", "url", "title", "author", "published_at", "closed_at", "mode")
_COMMENT = ("id", "author_id", "story_id", "created_at", "body", "parent_id", "status", "rating")
_COLUMNS = {len(names): names for names in (_USER, _STORY, _COMMENT)}
_STATES = {"REJECTED": State.SPAM, "PREMOD": State.HELD, "SYSTEM_WITHHELD": State.HELD}
_SHOWN = {"", "NONE", "APPROVED"}


def read(file: IO[bytes], notes: Notes) -> Iterator[Record]:
    people: dict[str, tuple[str, str]] = {}  # name and address by id
    is_known = False
    for place, row in _rows(file):
        is_known = is_known or len(row) in _COLUMNS
        if len(row) == len(_USER):
            user = Fields(dict(zip(_USER, row, strict=True)), place, Notes())
            people[user.values["id"]] = user.line("username"), user.text("email").strip()
    if not is_known:
        raise Unreadable("Row 1: no row has the columns of Coral's users (6), stories (7) or comments (8).")
    for place, row in _rows(file):
        try:
            if (record := _record(row, place, people, notes)) is not None:
                yield record
        except Odd as odd:
            if len(row) == len(_STORY):
                notes.add(f"Stories that cannot be understood: {odd}", place)
            else:
                yield Broken(place, str(odd))


def _rows(file: IO[bytes]) -> Iterator[tuple[str, list[str]]]:
    """Rows with their places, without headers and empty ones."""
    file.seek(0)
    text = TextIOWrapper(file, "utf-8-sig", newline="")
    lines, number = _Lines(text), 0
    csv.field_size_limit(LONGEST)
    try:
        for number, row in enumerate(csv.reader(lines, strict=True), 1):
            lines.length = 0
            if row and tuple(row) != _COLUMNS.get(len(row)):
                yield f"row {number}", row
    except UnicodeDecodeError as error:
        raise Unreadable(f"Row {number + 1}: these bytes, or some behind them, are no utf-8.") from error
    except csv.Error as error:
        raise Unreadable(f"Row {number + 1}: this is no CSV ({error}).") from error
    finally:
        text.detach()


class _Lines:
    """The lines of a text; `length` of them in characters may not exceed that of a record."""

    def __init__(self, text: TextIOWrapper) -> None:
        self._text = text
        self.length = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._text.readline(LONGEST)
        self.length += len(line)
        if self.length >= LONGEST:
            raise csv.Error(f"the row is longer than {LONGEST:,} characters")
        if not line:
            raise StopIteration
        return line


def _record(row: list[str], place: str, people: dict[str, tuple[str, str]], notes: Notes) -> Page | Reply | None:
    names = _COLUMNS.get(len(row))
    if names is None:
        raise Odd(f"It has {len(row)} columns; users have 6, stories 7 and comments 8.")
    fields = Fields(dict(zip(names, row, strict=True)), place, notes)
    if names == _STORY:
        return _page(fields)
    return _reply(fields, people) if names == _COMMENT else None


def _page(fields: Fields) -> Page:
    url, closed = fields.text("url").strip(), fields.text("closed_at").strip()
    return Page(
        id=fields.id("id"),
        addresses=(url,) if url else (),
        title=fields.line("title"),
        is_closed=bool(closed) and moment(closed, None) is not None,
        at=fields.moment("published_at"),
    )


def _reply(fields: Fields, people: dict[str, tuple[str, str]]) -> Reply:
    status, person = fields.text("status").strip().upper(), fields.id("author_id")
    at = fields.since("created_at")
    if status not in _STATES and status not in _SHOWN:
        fields.notes.add("Comments with another status than Coral's, which Coral publishes, too", fields.place)
    if fields.text("rating").strip():
        fields.notes.add("Ratings in stars, which are left out", fields.place)
    name, email = people.get(fields.values["author_id"], ("", ""))
    return Reply(
        id=fields.id("id"),
        page=fields.id("story_id"),
        parent=fields.id("parent_id"),
        at=at,
        text=fields.text("body"),
        markup=Markup.HTML,
        place=fields.place,
        state=_STATES.get(status, State.SHOWN),
        name=name,
        person=person,
        email=email,
    )
