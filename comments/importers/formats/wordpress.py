"""Reads the comments of a WordPress export (WXR 1.0 to 1.2), whatever they stand under, by the reader of articles."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

from django.utils import timezone

from articles.importers.mending import Mends, sentences
from articles.importers.wordpress import Post, items
from articles.importers.wordpress import Reply as Found
from articles.models import State as Stage
from comments.importers.fields import EARLIEST
from comments.importers.records import Broken, Markup, Notes, Options, Page, Record, Reply, State

_WRITTEN_BY_READERS = {"", "comment"}
_STATES = {"1": State.SHOWN, "0": State.HELD, "trash": State.DELETED, "post-trashed": State.DELETED}
_OTHERS = "Written by no reader (pingbacks, trackbacks, notes of editors and plugins); counted as spam"


def read(file: IO[bytes], options: Options, notes: Notes) -> Iterator[Record]:
    mends, page, number = Mends(), 1, 0
    for item in items(file, mends, options.zone):
        if isinstance(item, Post):
            notes.site = notes.site or item.blog
            yield _page(item, str(page))
            page += 1
            continue
        number += 1
        yield _reply(item, str(page), f"comment {number}", notes)
    for words, times, (line, column) in sentences(mends):
        for _ in range(times):
            notes.add(f"Mended: {words}", f"line {line}, column {column}")


def _page(post: Post, number: str) -> Page:
    return Page(
        id=number,
        addresses=() if post.state is None else tuple(filter(None, post.addresses)),
        title=post.title,
        is_closed=not post.comments_open,
        is_public=_is_public(post),
        at=post.at,
    )


def _is_public(post: Post) -> bool:
    if post.state == Stage.SCHEDULED:
        return post.at is not None and post.at <= timezone.now()
    return post.state == Stage.PUBLISHED


def _reply(found: Found, page: str, place: str, notes: Notes) -> Reply | Broken:
    instance, _, number = found.source_id.rpartition(":")
    notes.instance = notes.instance or instance  # that of import_articles: who came in with articles is known
    if found.at is None or found.at.year < EARLIEST:
        return Broken(place, "It has no time.")
    is_by_reader = found.type in _WRITTEN_BY_READERS
    if not is_by_reader:
        notes.add(_OTHERS, place)
    return Reply(
        id=number,
        page=page,
        parent=found.parent.rpartition(":")[2],
        at=found.at,
        text=found.text,
        markup=Markup.HTML,
        place=place,
        state=_STATES.get(found.approved, State.SPAM) if is_by_reader else State.SPAM,
        name=found.name,
    )
