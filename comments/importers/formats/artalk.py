"""Reads Artalk's Artrans: a JSON list of comments, each of which names its page and its site."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

from articles.importers.documents import Piece, first_sign, pieces
from comments.importers.fields import Fields, Odd, host_of, is_absolute, markup_of, on
from comments.importers.records import Broken, Notes, Options, Page, Record, Reply, State, Unreadable

_NOBODY = "anonymous@example.org"  # what Artalk makes of a missing address: all these people are not one
_COMMENT = {"content", "page_key"}  # of these one at least is in every record


def read(file: IO[bytes], options: Options, notes: Notes) -> Iterator[Record]:
    if first_sign(file) not in {"[", ""}:
        raise Unreadable("Line 1: an Artrans file is a list of comments, which begins with “[”.")
    is_named = _names_own_site(file, options)
    told: set[tuple[str, tuple[str, ...], bool]] = set()  # pages by id and addresses, and whether with a title
    for piece in pieces(file, {()}):
        try:
            fields = _fields(piece, notes)
            page = _page(fields, options, is_named=is_named)
            reply = _reply(fields, page, options)
        except Odd as odd:
            yield Broken(piece.place, str(odd))
            continue
        if not notes.site:
            notes.site = next(iter(_sites(fields)), "")
        if page.id and not {(page.id, page.addresses, bool(page.title)), (page.id, page.addresses, True)} & told:
            told.add((page.id, page.addresses, bool(page.title)))
            yield page
        yield reply


def _names_own_site(file: IO[bytes], options: Options) -> bool:
    """Whether any site of the file is one of our own. If so, paths of the others are not paths on our site."""
    own = {host_of(site) for site in options.sites}
    found = (Fields(piece.value, piece.place, Notes()) for piece in pieces(file, {()}) if isinstance(piece.value, dict))
    return any(host_of(site) in own for fields in found for site in _sites(fields))


def _sites(fields: Fields) -> list[str]:
    found = fields.value("site_urls")
    return [site for each in found.split(",") if is_absolute(site := each.strip())] if isinstance(found, str) else []


def _fields(piece: Piece, notes: Notes) -> Fields:
    fields = Fields.of(piece, notes)
    if not _COMMENT & set(fields.values):
        raise Odd("It is no comment of Artalk.")
    return fields


def _page(fields: Fields, options: Options, *, is_named: bool) -> Page:
    """The page of a comment, which may be named by a path as well as by its whole address. A path is one on our own
    address of its site; on our site, if the file names it nowhere.
    """
    key, sites = fields.text("page_key").strip(), _sites(fields)
    if is_absolute(key):
        addresses: tuple[str, ...] = (on("", key),)
    elif sites and is_named:
        own = {host_of(site) for site in options.sites}
        addresses = tuple(dict.fromkeys(on(site, key) for site in [s for s in sites if host_of(s) in own] or sites))
    else:
        addresses = (on("", key),)
    title = fields.line("page_title")
    return Page(
        id=on(sites[0] if sites else "", addresses[0]) if key else "",
        addresses=addresses if key else (),
        title="" if is_absolute(title) else title,
        is_closed=fields.flag("page_admin_only"),
    )


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
