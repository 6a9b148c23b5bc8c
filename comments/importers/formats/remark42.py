"""Reads a backup of Remark42: JSON lines, the first of which is about the whole site."""

from __future__ import annotations

from collections.abc import Iterator
from html import unescape
from typing import IO

from articles.importers.documents import Piece, pieces
from comments.importers.fields import Fields, Odd
from comments.importers.records import Broken, Markup, Notes, Options, Page, Record, Reply, State, Unreadable
from newsroom.text import clean_line

_VERSIONS = {0, 1}  # 0 where an early backup names none
_DELETED = "deleted"  # what a comment that is gone for good has as its author's id and name


def read(file: IO[bytes], options: Options, notes: Notes) -> Iterator[Record]:
    lines = pieces(file, (), are_many=True)
    head = _Head(next(lines), notes)
    pages = dict.fromkeys(head.closed, "")  # address → title
    yield from (_page(url, "", is_closed=True) for url in head.closed)
    for piece in lines:
        try:
            fields = Fields.of(piece, notes)
            url, title = fields.within("locator").text("url").strip(), clean_line(unescape(fields.text("title")))
            reply = _reply(fields, url, head)
            notes.instance = notes.instance or fields.within("locator").line("site")[:60]
        except Odd as odd:
            yield Broken(piece.place, str(odd))
            continue
        if url and (url not in pages or (title and not pages[url])):
            pages[url] = title
            yield _page(url, title, is_closed=url in head.closed)
        yield reply


class _Head:
    """What the first line says: pages that are closed, and addresses of people."""

    def __init__(self, piece: Piece, notes: Notes) -> None:
        self.closed: dict[str, None] = {}
        self.emails: dict[str, str] = {}
        self.notes, self.place = notes, piece.place
        try:
            self._take(Fields.of(piece, notes))
        except Odd as odd:
            raise Unreadable(f"{piece.place.capitalize()}: {odd}") from odd

    def _take(self, fields: Fields) -> None:
        if "locator" in fields.values or not {"version", "users", "posts"} & set(fields.values):
            raise Odd("A backup of Remark42 begins with a line about its version, which is missing.")
        version = fields.number("version")
        if version not in _VERSIONS:
            raise Odd(f"This is version {version} of the backup; only version 1 is known.")
        for take, name in ((self._take_post, "posts"), (self._take_user, "users")):
            for each in fields.members(name):
                try:
                    take(Fields.of(Piece((), each, self.place), self.notes))
                except Odd as odd:
                    self.notes.add(
                        f"Entries of “{name}” in the first line that cannot be understood: {odd}", self.place
                    )

    def _take_post(self, post: Fields) -> None:
        if post.flag("read_only") and (url := post.text("url").strip()):
            self.closed[url] = None

    def _take_user(self, user: Fields) -> None:
        if user.within("blocked").flag("status"):
            self.notes.add("People who were blocked are not blocked here", self.place)
        if email := user.within("details").text("email").strip():
            self.emails[user.id("id")] = email


def _page(url: str, title: str, *, is_closed: bool) -> Page:
    return Page(id=url, addresses=(url,), title=title, is_closed=is_closed)


def _reply(fields: Fields, url: str, head: _Head) -> Reply:
    user, html = fields.within("user"), fields.text("text")
    person = user.id("id")
    is_deleted = fields.flag("delete")
    up, down = _votes(fields)
    return Reply(
        id=fields.id("id"),
        page=url,
        parent=fields.id("pid"),
        at=fields.since("time"),
        text=html or fields.text("orig"),
        markup=Markup.HTML if html else Markup.MARKDOWN,
        place=fields.place,
        state=State.DELETED if is_deleted else State.SHOWN,
        name="" if person == _DELETED else clean_line(unescape(user.text("name"))),
        person="" if person == _DELETED else person,
        email=head.emails.get(person, ""),
        up=up,
        down=down,
        edited_at=fields.within("edit").moment("time"),
        is_pinned=fields.flag("pin"),
    )


def _votes(fields: Fields) -> tuple[int, int]:
    """Votes for and against, counted if what is known of them explains the score."""
    named, unnamed = fields.within("votes"), fields.within("voted_ips")
    by_person = [named.flag(voter) for voter in named.values]
    by_address = [unnamed.within(voter).flag("Value") for voter in unnamed.values]
    score = fields.number("score")
    for known in (by_person, by_address, by_person + by_address):
        if 2 * sum(known) - len(known) == score and known:
            return sum(known), len(known) - sum(known)
    return fields.votes("score")
