"""Reads an export of Comentario: version 1, which is Commento's, and version 3, which has pages of its own.

People and pages may come after the comments that name them, so the file is read twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

from articles.importers.documents import pieces
from comments.importers.fields import Fields, Odd
from comments.importers.formats import commento
from comments.importers.records import Broken, Markup, Notes, Options, Page, Record, Reply, Siteless, State, Unreadable

_NOBODY = {"", "00000000-0000-0000-0000-000000000000"}  # ids


def read(file: IO[bytes], options: Options, notes: Notes) -> Iterator[Record]:
    found = commento.version(file)
    if found == 1:
        yield from commento.records(file, options, notes)
    elif found == 3:
        if not options.is_named:
            raise Siteless
        yield from _records(file, notes)
    else:
        raise Unreadable(f"Line 1: this is an export of version {found}; only versions 1 and 3 are known.")


def _records(file: IO[bytes], notes: Notes) -> Iterator[Record]:
    people = commento.people_of(file, "id", notes)
    for piece in pieces(file, {()}):
        kind, *rest = piece.path
        if kind not in {"pages", "comments"} or (not rest and piece.value is None):
            continue
        try:
            fields = Fields.of(piece, notes)
            yield _page(fields) if kind == "pages" else _reply(fields, people)
        except Odd as odd:
            if kind == "comments":
                yield Broken(piece.place, str(odd))
            else:
                notes.add("Pages whose records cannot be understood", piece.place)


def _page(fields: Fields) -> Page:
    path = fields.text("path").strip()
    return Page(
        id=fields.id("id"),
        addresses=(path,) if path else (),
        title=fields.line("title"),
        is_closed=fields.flag("isReadonly"),
        at=fields.moment("createdTime"),
    )


def _reply(fields: Fields, people: commento.People) -> Reply:
    author, markdown = fields.id("userCreated"), fields.text("markdown")
    is_guest = author in _NOBODY
    name, email = (fields.line("authorName"), "") if is_guest else people.get(author, ("", ""))
    up, down = fields.votes("score")
    return Reply(
        id=fields.id("id"),
        page=fields.id("pageId"),
        parent="" if fields.id("parentId") in _NOBODY else fields.id("parentId"),
        at=fields.since("createdTime"),
        text=markdown or fields.text("html"),
        markup=Markup.MARKDOWN if markdown else Markup.HTML,
        place=fields.place,
        state=_state(fields),
        name=name,
        person="" if is_guest else author,
        email=email,
        up=up,
        down=down,
        edited_at=fields.moment("editedTime"),
        is_pinned=fields.flag("isSticky"),
    )


def _state(fields: Fields) -> State:
    """A comment that neither waits nor is approved was rejected."""
    if fields.flag("isDeleted"):
        return State.DELETED
    if fields.flag("isPending"):
        return State.HELD
    return State.SHOWN if fields.flag("isApproved") else State.SPAM
