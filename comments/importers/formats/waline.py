"""Reads an export of Waline, and one of Valine out of LeanCloud: JSON lines, a list, or an object with results.

People come after the comments that name them, so the file is read twice.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import IO

from articles.importers.documents import Form, Piece, first_sign, pieces
from comments.importers.fields import Fields, Odd, markup_of, on
from comments.importers.records import Broken, Notes, Options, Page, Record, Reply, State, Unreadable

_MARK = b"#filetype:JSON-streaming"
_LONGEST_HEAD = 1000  # bytes of the line that begins with the mark
_APART: set[Form] = {(), ("data",)}
_STATES = {"": State.SHOWN, "approved": State.SHOWN, "waiting": State.HELD, "spam": State.SPAM}
_MENTION = re.compile(
    r"(?P<before>\s*(?:<p>\s*)?)(?:\[@[^\]\n]{0,200}\]\(#[\w-]{0,99}\)|<a\b[^>]{0,300}\bhref=[\"']#[\w-]{0,99}[\"'][^>]{0,300}>\s*@[^<]{0,200}</a>)"
    r"[ \t]*[:,\N{FULLWIDTH COLON}\N{FULLWIDTH COMMA}]?[ \t]*"
)


def read(file: IO[bytes], options: Options, notes: Notes) -> Iterator[Record]:
    people: dict[str, tuple[str, str]] = {}  # name and address by the person's id
    for piece in _pieces(file):
        if piece.path[:2] == ("data", "Users") and len(piece.path) == 3:
            _meet(piece, people, notes)
    pages: set[str] = set()
    for piece in _pieces(file):
        if not _is_comment(piece.path):
            continue
        try:
            fields = Fields.of(piece, notes)
            address = on("", fields.text("url").strip())
            reply = _reply(fields, address, people, options)
        except Odd as odd:
            yield Broken(piece.place, str(odd))
            continue
        if address and address not in pages:
            pages.add(address)
            yield Page(id=address, addresses=(address,))
        yield reply


def _is_comment(path: tuple[str | int, ...]) -> bool:
    return path == (0,) or path[:-1] in {("data", "Comment"), ("results",)}


def _pieces(file: IO[bytes]) -> Iterator[Piece]:
    """The pieces of the file, where comments have the path (0,) in lists and JSON lines. Raises Unreadable if it is
    nothing that Waline or Valine have written.
    """
    file.seek(0)
    line = file.readline(_LONGEST_HEAD)
    if line.startswith(_MARK):
        yield from _stream(file, line)
        return
    if first_sign(file) == "[":
        for piece in pieces(file, {()}):
            yield piece._replace(path=(0,))
        return
    is_waline, has_comments = False, False
    for piece in pieces(file, _APART):
        if piece.path == ():
            raise Unreadable(f"{piece.place.capitalize()}: the document is neither an object nor a list.")
        if piece.path == ("type",):
            if piece.value != "waline":
                raise Unreadable(f"{piece.place.capitalize()}: the type of this export is not “waline”.")
            is_waline = True
        if piece.path == ("version",) and str(piece.value) != "1":
            version = str(piece.value)[:20]
            raise Unreadable(f"{piece.place.capitalize()}: this is version {version}; only version 1 is known.")
        has_comments = has_comments or _is_comment(piece.path)
        yield piece
    if not is_waline and not has_comments:
        raise Unreadable("Line 1: this is no export of Waline, and no list of comments of Valine.")


def _stream(file: IO[bytes], line: bytes) -> Iterator[Piece]:
    kind: object = "Comment"
    if told := line.removeprefix(_MARK).strip():
        try:
            kind = json.loads(told)["class"]
        except (ValueError, LookupError, TypeError, RecursionError) as error:
            raise Unreadable("Line 1: what stands behind “#filetype:JSON-streaming” cannot be understood.") from error
    if kind != "Comment":
        raise Unreadable(f"Line 1: this file holds the class “{str(kind)[:40]}”, not “Comment”.")
    for piece in pieces(file, (), are_many=True, head=_MARK.decode()):
        yield piece._replace(path=(0,))


def _meet(piece: Piece, people: dict[str, tuple[str, str]], notes: Notes) -> None:
    try:
        fields = Fields.of(piece, notes)
        people[fields.id("objectId")] = fields.line("display_name"), fields.text("email").strip()
    except Odd:
        notes.add("People whose records cannot be understood: their comments keep the name that they have", piece.place)


def _reply(fields: Fields, address: str, people: dict[str, tuple[str, str]], options: Options) -> Reply:
    state = _STATES.get(fields.text("status").strip())
    if state is None:
        raise Odd(f"The status “{fields.line('status')[:40]}” is unknown.")
    text = fields.text("comment")
    parent = next((each for name in ("pid", "rid") if (each := fields.id(name)) not in {"", "0"}), "")
    if parent and (mention := _MENTION.match(text)):
        text = mention["before"] + text[mention.end() :]
    up, down = fields.votes("like")
    person = fields.id("user_id")
    name, email = people.get(person, ("", "")) if person else ("", "")
    return Reply(
        id=fields.id("objectId"),
        page=address,
        parent=parent,
        at=_at(fields, options),
        text=text,
        markup=markup_of(text),
        place=fields.place,
        state=State.SPAM if fields.flag("isSpam") else state,
        name=name or fields.line("nick"),
        person=person,
        email=email or fields.text("mail").strip(),
        up=up,
        down=down,
        is_pinned=fields.flag("sticky"),
    )


def _at(fields: Fields, options: Options) -> datetime:
    """When it was written. LeanCloud has an object there."""
    name = "insertedAt" if fields.value("insertedAt") else "createdAt"
    if isinstance(fields.value(name), dict):
        return fields.within(name).since("iso")
    return fields.since(name, options.zone)
