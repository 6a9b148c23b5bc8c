"""Reads the collections of Coral or Talk 4 as mongoexport writes them, or the CSV files of Coral's own importer: all of
them one after another in one file.

People and reactions may come after the comments, so the file is read twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import IO, Any

from articles.importers.documents import first_sign, pieces
from comments.importers.fields import MOST_VOTES, Fields, Odd
from comments.importers.formats import coral_csv
from comments.importers.records import Broken, Markup, Notes, Options, Page, Record, Reply, State, Unreadable

_NO_REACTIONS = ("flag", "dontagree", "dont_agree", "illegal")  # how the names of other actions begin
_STATES = {
    **dict.fromkeys(("NONE", "ACCEPTED", "APPROVED"), State.SHOWN),  # NONE: nobody has looked at it, readers see it
    **dict.fromkeys(("PREMOD", "SYSTEM_WITHHELD"), State.HELD),
    "REJECTED": State.SPAM,
}


class _Document(Fields):
    """A document of MongoDB in Extended JSON, relaxed or canonical."""

    def value(self, name: str) -> Any:
        return _plain(self.values.get(name), name)


@dataclass
class _Known:
    people: dict[str, tuple[str, str]] = field(default_factory=dict)  # name and address by id
    reactions: Counter[str] = field(default_factory=Counter)  # by the comment's id
    has_actions: bool = False  # without them the counts in the comments are taken


def read(file: IO[bytes], options: Options, notes: Notes) -> Iterator[Record]:
    if first_sign(file) not in {"{", "["}:
        yield from coral_csv.read(file, notes)
        return
    known = _Known()
    for _place, document in _documents(file, notes):
        if isinstance(document, _Document):
            _learn(document, known)
    for place, document in _documents(file, notes):
        try:
            if isinstance(document, Odd):
                raise document
            if _kind(document) == "page":
                yield from _page(document, notes)
            elif (record := _record(document, known)) is not None:
                yield record
        except Odd as odd:
            yield Broken(place, str(odd))


def _documents(file: IO[bytes], notes: Notes) -> Iterator[tuple[str, _Document | Odd]]:
    """The documents with their places; Odd for what is none. Arrays are those of mongoexport --jsonArray."""
    are_lists = first_sign(file) == "["
    for piece in pieces(file, {()} if are_lists else (), are_many=True):
        if piece.path and not isinstance(piece.path[0], int):
            raise Unreadable(f"{piece.place.capitalize()}: lists and documents follow each other in one file.")
        try:
            document: _Document | Odd = _Document.of(piece, notes)
        except Odd as odd:
            document = odd
        yield piece.place, document


def _kind(document: _Document) -> str:
    keys = document.values.keys()
    if keys & {"actionType", "action_type"}:
        return "action"
    if keys & {"storyID", "asset_id"}:
        return "comment"
    if "url" in keys:
        return "page"
    if keys & {"username", "profiles", "role", "roles"}:
        return "person"
    raise Odd("It is no story, comment, user or action of Coral.")


def _learn(document: _Document, known: _Known) -> None:
    """What comments need to know of other documents. Those that make no sense are named when they are read again."""
    try:
        kind = _kind(document)
        if kind == "person":
            known.people[document.id("id")] = document.line("username"), _email(document)
        elif kind == "action":
            known.has_actions = True
            action = (document.text("actionType") or document.text("action_type")).lower()
            if not action.startswith(_NO_REACTIONS) and document.text("item_type").upper() in {"", "COMMENTS"}:
                known.reactions[document.id("commentID") or document.id("item_id")] += 1
    except Odd:
        return


def _email(document: _Document) -> str:
    """Talk 4 has it as the id of a profile."""
    if email := document.text("email").strip():
        return email
    own = (profile for profile in document.each("profiles") if profile.text("provider") == "local")
    return next((profile.text("id").strip() for profile in own), "")


def _record(document: _Document, known: _Known) -> Reply | None:
    if _kind(document) != "comment":
        return None
    return _reply(document, known) if "storyID" in document.values else _old_reply(document, known)


def _page(document: _Document, notes: Notes) -> Iterator[Page]:
    try:
        yield _story(document)
    except Odd as odd:
        notes.add(f"Stories that cannot be understood: {odd}", document.place)


def _story(document: _Document) -> Page:
    url, closed = document.text("url").strip(), document.value("closedAt")
    closed_at = document.moment("closedAt") if closed and closed is not True else None
    return Page(
        id=document.id("id"),
        addresses=(url,) if url else (),
        title=document.within("metadata").line("title") or document.line("title"),
        is_closed=closed is True or (closed_at is not None and closed_at <= datetime.now(UTC)),
        at=document.moment("createdAt") or document.moment("created_at"),
    )


def _reply(document: _Document, known: _Known) -> Reply:
    revisions = document.each("revisions")
    is_deleted = document.value("deletedAt") is not None or not revisions
    person = document.id("authorID")
    name, email = known.people.get(person, ("", ""))
    return Reply(
        id=document.id("id"),
        page=document.id("storyID"),
        parent=document.id("parentID"),
        at=document.since("createdAt"),
        text=revisions[-1].text("body") if revisions else "",
        markup=Markup.HTML,
        place=document.place,
        state=State.DELETED if is_deleted else _state(document),
        name=name,
        person=person,
        email=email,
        up=_reactions(document, "actionCounts", known),
        edited_at=revisions[-1].moment("createdAt") if len(revisions) > 1 else None,
        is_pinned=any(tag.text("type") == "FEATURED" for tag in document.each("tags")),
    )


def _old_reply(document: _Document, known: _Known) -> Reply:
    """A comment of Talk 4, whose texts are plain unless a plugin has made them rich."""
    person, history = document.id("author_id"), document.each("body_history")
    rich = document.within("metadata").text("richTextBody")
    name, email = known.people.get(person, ("", ""))
    return Reply(
        id=document.id("id"),
        page=document.id("asset_id"),
        parent=document.id("parent_id"),
        at=document.since("created_at"),
        text=rich or document.text("body"),
        markup=Markup.HTML if rich else Markup.PLAIN,
        place=document.place,
        state=State.DELETED if document.value("deleted_at") is not None else _state(document),
        name=name,
        person=person,
        email=email,
        up=_reactions(document, "action_counts", known),
        edited_at=history[-1].moment("created_at") if len(history) > 1 else None,
        is_pinned=any(tag.within("tag").text("name") == "FEATURED" for tag in document.each("tags")),
    )


def _state(document: _Document) -> State:
    state = _STATES.get(document.text("status") or "NONE")
    if state is None:
        raise Odd(f"The status “{document.line('status')[:40]}” is unknown.")
    return state


def _reactions(document: _Document, name: str, known: _Known) -> int:
    """Votes for it: counted if the file has the actions, otherwise as the document says."""
    if known.has_actions:
        return known.reactions[document.id("id")]
    counts = document.within(name)
    found = sum(counts.votes(key)[0] for key in counts.values if not key.lower().startswith(_NO_REACTIONS))
    if found > MOST_VOTES:
        raise Odd(f"“{name}” is too large.")
    return found


def _plain(value: Any, name: str) -> Any:
    """A value without MongoDB's types: times as ISO 8601, ids as text, numbers as numbers or text."""
    if not isinstance(value, dict) or len(value) != 1:
        return value
    key, inner = next(iter(value.items()))
    if key != "$date":
        return inner if key in {"$oid", "$numberLong", "$numberInt", "$numberDouble", "$numberDecimal"} else value
    if isinstance(inner, dict):
        inner = inner.get("$numberLong")
    if isinstance(inner, str) and not inner.lstrip("-").isdigit():
        return inner
    try:
        return datetime.fromtimestamp(int(inner) / 1000, UTC).isoformat()
    except (TypeError, ValueError, OverflowError, OSError) as error:
        raise Odd(f"“{name}” is no time.") from error
