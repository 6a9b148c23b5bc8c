"""Reads Artalk's Artrans: a JSON list of comments, each of which names its page and its site."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO
from urllib.parse import urlsplit

from articles.importers.documents import Piece, first_sign, pieces
from comments.importers.fields import Fields, Odd, is_absolute, markup_of, on
from comments.importers.records import Broken, Notes, Options, Page, Record, Reply, State, Unreadable

_NOBODY = "anonymous@example.org"  # what Artalk makes of a missing address: all these people are not one
_COMMENT = {"content", "page_key"}  # of these one at least is in every record


def read(file: IO[bytes], options: Options, notes: Notes) -> Iterator[Record]:
    if first_sign(file) not in {"[", ""}:
        raise Unreadable("Line 1: an Artrans file is a list of comments, which begins with “[”.")
    pages: dict[str, str] = {}  # id → title
    for piece in pieces(file, {()}):
        try:
            fields = _fields(piece, notes)
            page = _page(fields, options)
            reply = _reply(fields, page, options)
        except Odd as odd:
            yield Broken(piece.place, str(odd))
            continue
        if page.id and (page.id not in pages or (page.title and not pages[page.id])):
            pages[page.id] = page.title
            yield page
        if not notes.instance:
            notes.instance = fields.line("site_name")[:60]
        yield reply


def _fields(piece: Piece, notes: Notes) -> Fields:
    fields = Fields.of(piece, notes)
    if not _COMMENT & set(fields.values):
        raise Odd("It is no comment of Artalk.")
    return fields


def _page(fields: Fields, options: Options) -> Page:
    """The page of a comment, on those of its site's addresses that are our own, or else on all of them. One page may be
    named by a path as well as by its whole address.
    """
    key = fields.text("page_key").strip()
    if is_absolute(key):
        addresses: tuple[str, ...] = (on("", key),)
    else:
        sites = [site.strip() for site in fields.text("site_urls").split(",") if is_absolute(site.strip())]
        own = {urlsplit(site).netloc.lower() for site in options.sites}
        addresses = tuple(dict.fromkeys(on(site, key) for site in [s for s in sites if _host(s) in own] or sites))
        addresses = (addresses or (on("", key),)) if key else ()
    title = fields.line("page_title")
    return Page(
        id=addresses[0] if addresses else "",
        addresses=addresses,
        title="" if is_absolute(title) else title,
        is_closed=fields.flag("page_admin_only"),
    )


def _host(site: str) -> str:
    try:
        return urlsplit(site).netloc.lower()
    except ValueError:
        return ""


def _reply(fields: Fields, page: Page, options: Options) -> Reply:
    text, email, parent = fields.text("content"), fields.text("email").strip(), fields.id("rid")
    at, edited = fields.since("created_at", options.zone), fields.moment("updated_at", options.zone)
    if fields.flag("is_collapsed"):
        fields.notes.add("Comments that were folded up are open here", fields.place)
    return Reply(
        id=fields.id("id"),
        page=page.id,
        parent="" if parent == "0" else parent,
        at=at,
        text=text,
        markup=markup_of(text),
        place=fields.place,
        state=State.HELD if fields.flag("is_pending") else State.SHOWN,
        name=fields.line("nick"),
        email="" if email.lower() == _NOBODY else email,
        up=fields.votes("vote_up")[0],
        down=fields.votes("vote_down")[0],
        edited_at=None if edited == at else edited,
        is_pinned=fields.flag("is_pinned"),
    )
