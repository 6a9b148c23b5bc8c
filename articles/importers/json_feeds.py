"""Reads articles out of JSON: JSON Feed 1 and 1.1, NINJS of the IPTC. A value of a wrong type counts as missing."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import IO, Any

from articles.importers.documents import Piece, first_sign, pieces, storable
from articles.importers.elements import Unreadable
from articles.importers.feeds import language_of, moment, post
from articles.importers.mending import Mends
from articles.importers.wordpress import Post, Reply
from articles.models import State
from newsroom.text import clean_line, plain

_JSON_FEED = "https://jsonfeed.org/version/1"
_STATES = {"usable": State.PUBLISHED, "": State.PUBLISHED, "withheld": State.DRAFT}  # others are gone
_NINJS = {"uri", "headline", "headlines", "body_html", "body_xhtml", "body_text", "bodies", "pubstatus"}


def json_feed(file: IO[bytes], mends: Mends) -> Iterator[Post | Reply]:
    """All items as published posts. Its head may come after them, so the file is read twice. Raises Unreadable."""
    head: dict[str, Any] = {}
    for piece in pieces(file, {()}):
        if len(piece.path) == 1:
            head[str(piece.path[0])] = piece.value
        elif piece.path[:1] == ("authors",):
            head.setdefault("authors", []).append(piece.value)
    if not _text(head.get("version")).startswith(_JSON_FEED):
        raise Unreadable("Line 1: this is no JSON Feed of version 1 or 1.1.")
    blog = _text(head.get("home_page_url")) or _text(head.get("feed_url"))
    for piece in pieces(file, {()}):
        if piece.path[0] != "items" or len(piece.path) != 2:
            continue
        item = _object(piece)
        address = _text(item.get("url"))
        whole, short = _text(item.get("content_html")) or _paragraphs(item.get("content_text")), item.get("summary")
        yield post(
            blog=blog or address,
            key=_text(item.get("id")) or address,
            title=plain(_text(item.get("title"))),
            body=whole or _paragraphs(short),
            excerpt=clean_line(_text(short)) if whole else "",
            author=_names(item) or _names(head),
            language=language_of(_text(item.get("language")) or _text(head.get("language"))),
            at=moment(_text(item.get("date_published"))) or moment(_text(item.get("date_modified"))),
            address=address,
            categories=[_text(tag) for tag in _list(item.get("tags"))],
        )


def ninjs(file: IO[bytes], mends: Mends) -> Iterator[Post | Reply]:
    """All items of type text: one, one a line, a list, or a list named `_items`. Raises Unreadable."""
    sign, is_known = first_sign(file), False
    is_wrapped = sign == "{" and any(piece.path[:1] == ("_items",) for piece in pieces(file, {()}, are_many=True))
    for piece in pieces(file, {()} if sign == "[" or is_wrapped else (), are_many=not is_wrapped):
        if is_wrapped and (piece.path[0] != "_items" or len(piece.path) != 2):
            continue
        item = _object(piece)
        is_known = is_known or bool(_NINJS & item.keys())
        yield _of_ninjs(item)
    if not is_known:
        raise Unreadable("Line 1: this is no NINJS: no item has a headline, a body or a uri.")


def _of_ninjs(item: dict[str, Any]) -> Post:
    """Of 1.x, and of 2 and 3, where texts are lists of objects."""
    body = _text(item.get("body_html")) or _text(item.get("body_xhtml")) or _paragraphs(item.get("body_text"))
    for each in _objects(item.get("bodies")):
        kind, value = _text(each.get("contenttype")), _text(each.get("value"))
        body = body or (_paragraphs(value) if kind == "text/plain" else value)
    short = _text(item.get("description_text")) or plain(_text(item.get("description_html")))
    short = short or next((_text(each.get("value")) for each in _objects(item.get("descriptions"))), "")
    title = _text(item.get("headline")) or _text(item.get("title"))
    title = title or next((_text(each.get("value")) for each in _objects(item.get("headlines"))), "")
    uri, kind = _text(item.get("uri")), _text(item.get("type")) or "text"
    times = ("embargoed", "firstcreated", "contentcreated", "versioncreated")
    return post(
        blog=uri if uri.startswith("http") else "",
        key=uri,
        title=plain(title),
        body=body or _paragraphs(short),
        excerpt=clean_line(short) if body else "",
        author=_text(item.get("byline")) or _text(item.get("by")),
        language=language_of(_text(item.get("language"))),
        at=next((at for name in times if (at := moment(_text(item.get(name))))), None),
        address=uri if uri.startswith("http") else "",
        categories=[_text(each.get("name")) for each in _objects(item.get("subject") or item.get("subjects"))],
        state=_STATES.get(_text(item.get("pubstatus"))),
        kind="post" if kind == "text" else kind,
    )


def _object(piece: Piece) -> dict[str, Any]:
    if piece.fault or not isinstance(piece.value, dict):
        raise Unreadable(f"{piece.place.capitalize()}: {piece.fault or 'this is no object.'}")
    return piece.value


def _text(value: object) -> str:
    return storable(str(value)) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _objects(value: object) -> list[dict[str, Any]]:
    return [each for each in _list(value) if isinstance(each, dict)]


def _names(value: dict[str, Any]) -> str:
    """Of authors, as version 1.1 has them; version 1 has one author."""
    authors = _objects(value.get("authors")) or _objects([value.get("author")])
    return ", ".join(name for each in authors if (name := clean_line(_text(each.get("name")))))


def _paragraphs(value: object) -> str:
    """Plain text as HTML."""
    parts = _text(value).replace("\r\n", "\n").split("\n\n")
    return "".join(f"<p>{escape(part.strip(), quote=False)}</p>" for part in parts if part.strip())
