"""Reads the database of Isso (SQLite, of any version). It names no host, and holds votes without voters.

E-mail addresses of deleted comments, networks and voters stay where they are, like tables that others have added.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from articles.importers.documents import storable
from comments.importers.databases import is_table, look_beside, must_be_sound, must_be_whole, opened
from comments.importers.fields import EARLIEST
from comments.importers.records import Broken, Markup, Notes, Options, Page, Record, Reply, State, Unreadable

_EVERY = 500  # rows between two steps of the progress
_STATES = {1: State.SHOWN, 2: State.HELD, 4: State.DELETED}
_PAGES = "SELECT id, uri, title FROM threads ORDER BY id"
_COLUMNS = ("tid", "id", "parent", "created", "modified", "mode", "text", "author", "email", "likes", "dislikes")
_HTML = re.compile(r"\s*<\w|.*<(?:p|br|a\s[^>]*href|blockquote|pre)\b[^>]*>", re.IGNORECASE | re.DOTALL)


def read(file: IO[bytes], options: Options, notes: Notes) -> Iterator[Record]:
    size = must_be_whole(file)
    look_beside(Path(file.name), notes, "Isso")
    with closing(opened(Path(file.name))) as base:
        place = "Byte 0"
        try:
            _must_be_isso(base)
            for number, row in enumerate(base.execute(_PAGES), 1):
                place = f"Row {number} of threads"
                yield _page(*row)
            (rows,) = base.execute("SELECT count(*) FROM comments").fetchone()
            found = base.execute(f"SELECT {', '.join(_COLUMNS)} FROM comments ORDER BY id")  # noqa: S608
            for number, row in enumerate(found, 1):
                place = f"Row {number} of comments"
                if number % _EVERY == 0:
                    file.seek(size * number // rows)  # shows how far it is: the database reads by itself
                yield _reply(dict(zip(_COLUMNS, row, strict=True)), f"row {number} of comments")
        except (sqlite3.Error, UnicodeDecodeError) as error:  # the second: in SQLite's own sentence about the file
            raise Unreadable(f"{place}: the database is damaged, or no database of Isso ({error}).") from error


def _must_be_isso(base: sqlite3.Connection) -> None:
    if not (is_table(base, "threads") and is_table(base, "comments")):
        raise Unreadable("Byte 0: this is no database of Isso: it has no tables threads and comments.")
    must_be_sound(base)


def _page(number: Any, uri: Any, title: Any) -> Page:
    """The uri is a path, or any id that the site has given."""
    name = _text(uri).strip()
    is_address = name.startswith(("/", "http://", "https://"))
    return Page(
        id=_text(number),
        addresses=(name,) if is_address else (),
        identifier="" if is_address else name,
        title=_text(title),
    )


def _reply(row: dict[str, Any], place: str) -> Reply | Broken:
    at, state = _moment(row["created"]), _STATES.get(row["mode"])
    if at is None:
        return Broken(place, "It has no time.")
    if state is None:
        return Broken(place, f"Its mode is unknown: {_text(row['mode'])[:20]}.")
    text = _text(row["text"])
    return Reply(
        id=_text(row["id"]),
        page=_text(row["tid"]),
        parent=_text(row["parent"]),
        at=at,
        text=text,
        markup=_markup(text, row["created"]),
        place=place,
        state=state,
        name=_text(row["author"]).strip(),
        email="" if state == State.DELETED else _text(row["email"]).strip(),
        up=_number(row["likes"]),
        down=_number(row["dislikes"]),
        edited_at=_moment(row["modified"]),
    )


def _markup(text: str, created: float) -> Markup:
    """What Isso's own importers have written is HTML, though the column is Markdown: its times are whole seconds."""
    return Markup.HTML if created == int(created) and _HTML.match(text) else Markup.MARKDOWN


def _moment(value: Any) -> datetime | None:
    try:
        at = datetime.fromtimestamp(value, UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None
    return at if at.year >= EARLIEST else None


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        value = value.decode(errors="replace")
    return "" if value is None else storable(str(value))


def _number(value: Any) -> int:
    return value if isinstance(value, int) and 0 < value < 2**31 else 0
