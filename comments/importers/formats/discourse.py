"""Reads topics of Discourse: the JSON lines of the query in docs/moving.md, the JSON of its script json_generic, or the
SQLite database between its converters and importers.

The opening post of a topic that belongs to an article only points at the article; it is no comment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO

from articles.importers.documents import Piece, pieces
from comments.importers.fields import Fields, Odd, markup_of
from comments.importers.formats import discourse_sqlite
from comments.importers.records import Broken, Markup, Notes, Options, Page, Record, Reply, State, Unreadable

_GENERIC = {(), ("topics", "*")}
_POINTER = re.compile(
    r"<hr ?/?>\s*<small>[^<]*<a href=[\"'](https?://[^\"'<>\s]+)[\"'][^>]*>[^<]*</a>[^<]*</small>\s*\Z"
)
_POINTERS = "Opening posts that only point at their article, which are no comments"
_FARTHEST = 3000  # characters from the end of an opening post in which its pointer stands
_QUOTE = re.compile(
    r"\[quote(?:=\"?(?:(?P<name>[\w.-]{1,60})(?=[\",\]]))?[^\]\n]{0,200})?\]|(?P<end>\[/quote\])", re.IGNORECASE
)
_DEEPEST = 8  # quotes within quotes


def read(file: IO[bytes], options: Options, notes: Notes) -> Iterator[Record]:
    if discourse_sqlite.is_database(file):
        topics, posts = discourse_sqlite.tables(file, notes)
        yield from _topics_and_posts(file, topics, posts, notes)
        return
    first = next(pieces(file, _GENERIC, are_many=True), None)
    if first is not None and first.path == ("kind",):
        yield from _lines(file, notes)
    else:
        yield from _generic(file, options, notes)


def pointed_at(opening: str) -> str:
    """The article's address in the opening post of its topic, with its capitals; "" if it points at none."""
    found = _POINTER.search(opening, max(0, len(opening) - _FARTHEST))
    return found[1] if found else ""


def _lines(file: IO[bytes], notes: Notes) -> Iterator[Record]:
    for piece in pieces(file, (), are_many=True):
        try:
            fields = Fields.of(piece, notes)
            kind = fields.text("kind")
            if kind == "topic":
                yield from _topic(fields, notes)
            elif kind == "post":
                yield _reply(fields)
            else:
                yield Broken(piece.place, "It is neither a topic nor a post of the query.")
        except Odd as odd:
            yield Broken(piece.place, str(odd))


def _topics_and_posts(
    file: IO[bytes], topics: Iterator[Fields], posts: Iterator[Fields], notes: Notes
) -> Iterator[Record]:
    pointers: set[str] = set()  # ids of opening posts
    for fields in topics:
        try:
            if pointed_at(fields.text("opening")):
                pointers.add(fields.id("opening_id"))
                notes.add(_POINTERS, fields.place)
            yield _page(fields)
        except Odd as odd:
            notes.add(f"Topics that cannot be understood: {odd}", fields.place)
    for fields in posts:
        try:
            if fields.id("id") not in pointers:
                yield _reply(fields, pointers)
        except Odd as odd:
            yield Broken(fields.place, str(odd))


def _topic(fields: Fields, notes: Notes) -> Iterator[Page]:
    try:
        yield _page(fields)
    except Odd as odd:
        notes.add(f"Topics that cannot be understood: {odd}", fields.place)


def _page(fields: Fields) -> Page:
    urls = (pointed_at(fields.text("opening")), fields.text("url").strip())
    number = fields.id("id")
    return Page(
        id=number,
        addresses=tuple(dict.fromkeys(filter(None, urls))),
        identifier="" if any(urls) else f"t/{number}",
        title=fields.line("title"),
        is_closed=fields.flag("closed"),
        at=fields.moment("created_at"),
    )


def _reply(fields: Fields, pointers: set[str] | frozenset[str] = frozenset()) -> Reply:
    person, parent = fields.id("user_id"), fields.id("reply_to")
    return Reply(
        id=fields.id("id"),
        page=fields.id("topic_id"),
        parent="" if parent in pointers else parent,
        at=fields.since("created_at"),
        text=unquoted(fields.text("raw")),
        markup=Markup.MARKDOWN,
        place=fields.place,
        state=State.DELETED if fields.flag("deleted") or fields.flag("hidden") else State.SHOWN,
        name=fields.line("username"),
        person="" if person.startswith("-") else person,  # -1 and -2 are programs
        email=fields.text("email").strip(),
        up=fields.votes("likes")[0],
        edited_at=fields.moment("edited_at"),
    )


def _generic(file: IO[bytes], options: Options, notes: Notes) -> Iterator[Record]:
    """A document with topics, each of which has its posts. A topic's id may come after them, so its place names it."""
    topic: dict[str, object] = {}
    number, is_known = -1, False
    for piece in pieces(file, _GENERIC):
        if piece.path[:1] != ("topics",):
            continue
        is_known = True
        if len(piece.path) < 3:
            yield Broken(piece.place, "It is no topic.")
            continue
        if piece.path[1] != number:
            yield from _generic_page(topic, number, notes)
            number, topic = int(piece.path[1]), {"place": piece.place}
        if len(piece.path) == 3:
            topic[str(piece.path[2])] = piece.value
        elif piece.path[2] == "posts":
            yield from _generic_post(piece, topic, options, notes)
    if not is_known:
        raise Unreadable("Line 1: this is no export of Discourse: its topics are missing.")
    yield from _generic_page(topic, number, notes)


def _generic_page(topic: dict[str, object], number: int, notes: Notes) -> Iterator[Page]:
    if number < 0:
        return
    fields = Fields(topic, str(topic["place"]), notes)
    url = str(topic.get("pointer", ""))
    try:
        key, title = fields.id("id"), fields.line("title")
    except Odd as odd:
        notes.add(f"Topics that cannot be understood: {odd}", fields.place)
        key = title = ""
    yield Page(
        id=f"topic {number}",
        addresses=(url,) if url else (),
        identifier=f"t/{key}" if key and not url else "",
        title=title,
    )


def _generic_post(piece: Piece, topic: dict[str, object], options: Options, notes: Notes) -> Iterator[Reply | Broken]:
    try:
        fields = Fields.of(piece, notes)
        body = fields.text("body")
        if piece.path[3] == 0 and (url := pointed_at(body)):
            topic["pointer"] = url
            notes.add(_POINTERS, piece.place)
            return
        yield Reply(
            id=fields.id("id"),
            page=f"topic {piece.path[1]}",
            parent="",
            at=fields.since("date", options.zone),
            text=unquoted(body),
            markup=markup_of(body),
            place=piece.place,
            name=fields.line("author"),
        )
    except Odd as odd:
        yield Broken(piece.place, str(odd))


def unquoted(raw: str) -> str:
    """Discourse's Markdown with its quotes as everybody's. Brackets that open or close nothing stay."""
    opened: list[re.Match[str]] = []
    signs: list[re.Match[str]] = []
    for sign in _QUOTE.finditer(raw):
        if not sign["end"]:
            opened.append(sign)
        elif opened:
            signs += [opened.pop(), sign]
    if not signs:
        return raw
    parts: list[str] = []
    at, depth, said = 0, 0, ""
    for sign in sorted(signs, key=lambda sign: sign.start()):
        parts.append(_in_quotes(said + raw[at : sign.start()].lstrip("\n"), depth))
        depth += -1 if sign["end"] else 1
        said = f"@{sign['name']}:\n\n" if sign["name"] else ""
        at = sign.end()
    parts.append(_in_quotes(raw[at:], depth))
    return "\n\n".join(filter(None, parts))


def _in_quotes(text: str, depth: int) -> str:
    mark = "> " * min(depth, _DEEPEST)
    return "\n".join(f"{mark}{line}".rstrip() for line in text.strip("\n").split("\n")) if text.strip() else ""
