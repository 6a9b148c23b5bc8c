"""Reads an export of Commento, Commento++ or Comentario up to version 2: one JSON document of version 1.

People come after the comments that name them, so the file is read twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

from articles.importers.documents import pieces
from comments.importers.fields import Fields, Odd, is_absolute, on, site_of
from comments.importers.records import Broken, Markup, Notes, Options, Page, Record, Reply, State, Unreadable

_TOP = "root"  # the parent of comments without one
_ANONYMOUS = "anonymous"
_DELETED = {"", "[deleted]"}  # texts; the export knows no other sign
_STATES = {"approved": State.SHOWN, "unapproved": State.HELD, "flagged": State.HELD}

type People = dict[str, tuple[str, str]]  # name and address by the person's id


def read(file: IO[bytes], options: Options, notes: Notes) -> Iterator[Record]:
    if (found := version(file)) != 1:
        hint = " Import it with the format comentario." if found == 3 else ""
        raise Unreadable(f"Line 1: this is an export of version {found}; only version 1 is known.{hint}")
    yield from records(file, options, notes)


def version(file: IO[bytes]) -> int:
    """Raises Unreadable if there is none."""
    for piece in pieces(file, {()}):
        if piece.path == ():
            raise Unreadable(f"{piece.place.capitalize()}: the document is no object.")
        if piece.path == ("version",):
            try:
                return Fields({"version": piece.value}, piece.place, Notes()).number("version")
            except Odd as odd:
                raise Unreadable(f"{piece.place.capitalize()}: {odd}") from odd
    raise Unreadable("Line 1: an export of Commento or Comentario names its version, which is missing.")


def records(file: IO[bytes], options: Options, notes: Notes) -> Iterator[Record]:
    people = people_of(file, "commenterHex", notes)
    pages: set[str] = set()
    for piece in pieces(file, {()}):
        if piece.path[:1] != ("comments",) or (piece.value is None and len(piece.path) == 1):
            continue
        try:
            fields = Fields.of(piece, notes)
            host = fields.text("domain") or fields.text("host")
            address = _address(host, fields.text("path") or fields.text("url"), options)
            reply = _reply(fields, address, people)
        except Odd as odd:
            yield Broken(piece.place, str(odd))
            continue
        if not notes.instance and (site := site_of(host, options.sites)):
            notes.instance, notes.site = host.strip().lower()[:60], site
        if address and address not in pages:
            pages.add(address)
            yield Page(id=address, addresses=(address,))
        yield reply


def people_of(file: IO[bytes], key: str, notes: Notes) -> People:
    """Name and address by the id that stands under `key`. The same person may come once for each comment."""
    people: People = {}
    for piece in pieces(file, {()}):
        if piece.path[:1] != ("commenters",) or piece.value is None:
            continue
        try:
            fields = Fields.of(piece, notes)
            people[fields.id(key)] = fields.line("name"), fields.text("email").strip()
            if fields.flag("isModerator"):
                notes.add("People who were moderators are not moderators here", piece.place)
        except Odd:
            notes.add("People whose records cannot be understood: their comments come without a name", piece.place)
    people.pop("", None)
    return people


def _address(host: str, path: str, options: Options) -> str:
    """The page's address: a URL, or a path if the file names no host. "" if it names no page."""
    path = path.strip()
    if is_absolute(path):
        return on("", path)
    if not path and not host.strip():
        return ""
    return on(site_of(host, options.sites), f"/{path.lstrip('/')}")


def _reply(fields: Fields, address: str, people: People) -> Reply:
    author, text, parent = fields.id("commenterHex"), fields.text("markdown"), fields.id("parentHex")
    state = _STATES.get(fields.text("state"))
    if state is None:
        raise Odd(f"The state “{fields.line('state')[:40]}” is unknown.")
    is_guest = author in {"", _ANONYMOUS} or not author.strip("0")
    if fields.flag("deleted") or (is_guest and text.strip() in _DELETED):
        state, text = State.DELETED, ""
    html = fields.text("html")
    up, down = fields.votes("score")
    name, email = people.get(author, ("", ""))
    return Reply(
        id=fields.id("commentHex"),
        page=address,
        parent="" if parent == _TOP else parent,
        at=fields.since("creationDate"),
        text=text if text or state == State.DELETED else html,
        markup=Markup.HTML if html and not text else Markup.MARKDOWN,
        place=fields.place,
        state=state,
        name="" if is_guest else name,
        person="" if is_guest else author,
        email="" if is_guest else email,
        up=up,
        down=down,
    )
