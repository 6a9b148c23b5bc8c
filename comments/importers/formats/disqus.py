"""Reads Disqus' XML exports: threads and posts. They have no votes, no edits, and nothing that waits.

Disqus' own links are undone: redirects lead where they led, a mention is the name in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html import escape, unescape
from typing import IO
from urllib.parse import parse_qs, urlsplit

from articles.importers.elements import Fields, Format, Placed, children
from articles.importers.mending import Mends, sentences
from comments.importers.fields import EARLIEST, FALSE, TRUE
from comments.importers.records import Broken, Markup, Notes, Options, Page, Record, Reply, State
from newsroom.text import plain

_EXPORT = Format(
    "disqus", 1, "this is no export of Disqus (an <rss> file, which other systems write for Disqus: say wordpress)"
)
_MENTION = re.compile(r"<a\b[^<>]*\sdata-dsq-mention\b[^<>]*>([^<]*)</a\s*>", re.IGNORECASE)
_REDIRECT = re.compile(r'(?<=["\'])https?://disq\.us/(?:url|\?url)[^"\']*', re.IGNORECASE)
_MARK = re.compile(r":[\w-]{10,40}\Z")  # after the address in a redirect


def read(file: IO[bytes], options: Options, notes: Notes) -> Iterator[Record]:
    mends, deleted = Mends(), set[str]()
    for element in children(file, mends, of=_EXPORT):
        fields = Fields(element)
        if element.tag == "thread":
            if _is(fields, "isDeleted"):
                deleted.add(element.get("dsq:id", ""))
            yield _page(element, fields)
        elif element.tag == "post":
            yield _reply(element, fields, deleted)
    for words, number, (line, column) in sentences(mends):
        for _ in range(number):
            notes.add(f"Mended: {words}", f"line {line}, column {column}")


def _page(element: Placed, fields: Fields) -> Page:
    return Page(
        id=element.get("dsq:id", ""),
        addresses=tuple(filter(None, [fields.word("link")])),
        identifier=fields.word("id"),
        title=fields.line("title"),
        is_closed=_is(fields, "isClosed"),
        at=_moment(fields),
    )


def _reply(element: Placed, fields: Fields, deleted: set[str]) -> Reply | Broken:
    at, place = _moment(fields), f"line {element.line}"
    if at is None:
        return Broken(place, "It has no time.")
    refers = {child.tag: child.get("dsq:id", "") for child in fields.children if child.tag in {"thread", "parent"}}
    author = next((Fields(child) for child in fields.children if child.tag == "author"), None)
    page = refers.get("thread", "")
    return Reply(
        id=element.get("dsq:id", ""),
        page=page,
        parent=refers.get("parent", ""),
        at=at,
        text=_unwrapped(fields.text("message")),
        markup=Markup.HTML,
        place=place,
        state=State.DELETED if page in deleted and not _is(fields, "isSpam") else _state(fields),
        name=author.line("name") if author else "",
        person=author.word("username") if author else "",
        email=author.word("email") if author else "",
    )


def _state(fields: Fields) -> State:
    if _is(fields, "isSpam"):
        return State.SPAM
    if _is(fields, "isDeleted"):
        return State.DELETED
    return State.HELD if fields.word("isApproved").lower() in FALSE - {""} else State.SHOWN


def _is(fields: Fields, name: str) -> bool:
    return fields.word(name).lower() in TRUE


def _moment(fields: Fields) -> datetime | None:
    """UTC, with or without a zone."""
    try:
        at = datetime.fromisoformat(fields.word("createdAt"))
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return at if at.year >= EARLIEST else None


def _unwrapped(html: str) -> str:
    if "dsq-mention" in html:
        html = _MENTION.sub(lambda found: escape(plain(found[1]), quote=False), html)
    return _REDIRECT.sub(_target, html) if "disq.us" in html else html


def _target(found: re.Match[str]) -> str:
    """The address that a redirect leads to: it ends in a mark of Disqus'."""
    try:
        told = parse_qs(urlsplit(unescape(found[0])).query).get("url", [""])[0]
    except ValueError:
        return found[0]
    target = _MARK.sub("", told)
    return escape(target) if target.startswith(("http://", "https://")) else found[0]
