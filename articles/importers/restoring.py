"""Brings in what `export_articles` has written: sections, articles with their states, versions and old addresses.

The file is read twice: first every line is checked, then it is written. An article that has its slug or its source
here already stays as it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from itertools import batched
from os import fstat
from typing import IO, Annotated, Any, Literal

import msgspec
from django.conf import settings
from django.db.models import Q
from msgspec import Meta, Struct

from articles.exporting import VERSION
from articles.importers.documents import lines
from articles.importers.elements import Unreadable
from articles.importers.loader import led_by, remember
from articles.importers.loader import section as section_of
from articles.models import BODY_LENGTH, LEAD_LENGTH, NOTE_LENGTH, Article, Photo, Section
from newsroom.database.batches import Batches
from newsroom.live.outbox import site_changed
from newsroom.text import clean, clean_line, render_article, sanitise_article

AT_ONCE = 50  # articles

type Moment = Annotated[datetime, Meta(tz=True)]
type Slug = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"^[-\w]+$")]
type Note = Annotated[str, Meta(max_length=NOTE_LENGTH)]
type Pixels = Annotated[int, Meta(ge=1, le=100_000)]
type Progress = Callable[[float, int], None]


class Head(Struct, forbid_unknown_fields=True, tag_field="kind", tag="newsroom-articles"):
    version: int


class Place(Struct, forbid_unknown_fields=True, tag_field="kind", tag="section"):
    name: Annotated[str, Meta(min_length=1, max_length=60)]
    slug: Annotated[str, Meta(min_length=1, max_length=60, pattern=r"^[-\w]+$")]
    position: Annotated[int, Meta(ge=0, le=32767)]


class Picture(Struct, forbid_unknown_fields=True):
    file: Annotated[str, Meta(max_length=100, pattern=r"^photos/[\w-]+/\d+\.jpg$")]
    width: Pixels
    height: Pixels
    widths: list[Pixels]
    caption: Annotated[str, Meta(max_length=500)]
    alt: Annotated[str, Meta(max_length=300)]
    credit: Annotated[str, Meta(max_length=200)]
    credit_url: Annotated[str, Meta(max_length=500, pattern=r"^(https?://.*)?$")]
    year: Annotated[int, Meta(ge=0, le=2200)] | None
    created_at: Moment


class Told(Struct, forbid_unknown_fields=True, tag_field="kind", tag="article"):
    slug: Slug
    section: str
    kicker: Annotated[str, Meta(max_length=80)]
    headline: Annotated[str, Meta(min_length=1, max_length=300)]
    lead: Annotated[str, Meta(max_length=LEAD_LENGTH)]
    body: Annotated[str, Meta(max_length=BODY_LENGTH)]
    body_format: Literal["markdown", "html"]
    author_line: Annotated[str, Meta(max_length=200)]
    language: Annotated[str, Meta(max_length=10)]
    state: Literal["draft", "scheduled", "published", "retracted"]
    version: Annotated[int, Meta(ge=1, le=2**31 - 1)]
    created_at: Moment
    publish_at: Moment | None
    published_at: Moment | None
    updated_at: Moment | None
    correction: Note
    retraction: Note
    source: Annotated[str, Meta(max_length=40)]
    source_id: Annotated[str, Meta(max_length=200)]
    photo: Picture | None
    related: list[Slug]
    addresses: list[Annotated[str, Meta(min_length=1, max_length=500)]]


_decode = msgspec.json.Decoder(Head | Place | Told).decode
_WORDS = ("kicker", "headline", "author_line", "correction", "retraction", "source_id")
_AS_THEY_ARE = (
    *("slug", "body_format", "language", "state", "version", "created_at", "publish_at", "published_at", "updated_at"),
    "source",
)


def run(file: IO[bytes], *, dry_run: bool, progress: Progress) -> Counter[str]:
    """Check the whole file, then write it. Raises Unreadable with the line, before anything is written.

    The counts have the names of the command's other formats. Idempotent.
    """
    places = _checked(file)
    walk = _Walk(places, dry_run=dry_run)
    length, done = max(1, fstat(file.fileno()).st_size), 0
    for some in batched(_told(file), AT_ONCE):
        walk.take(some)
        done += len(some)
        progress(min(1.0, file.tell() / length), done)
    if not dry_run:
        for some in batched(_told(file), AT_ONCE):
            walk.relate(some)
        walk.end()
    return walk.counts


def _told(file: IO[bytes]) -> Iterator[Told]:
    return (record for _number, _line, record in lines(file, _decode) if isinstance(record, Told))


def _checked(file: IO[bytes]) -> dict[str, Place]:
    """The sections by slug. Raises Unreadable for what does not fit together."""
    places: dict[str, Place] = {}
    slugs: set[str] = set()
    number = 0
    for number, _line, record in lines(file, _decode):
        fault = ""
        if (number == 1) != isinstance(record, Head):
            fault = "the first line, and no other one, says “newsroom-articles” and its version"
        elif isinstance(record, Head):
            fault = "" if record.version == VERSION else f"version {record.version}; this release reads {VERSION}"
        elif isinstance(record, Place):
            places[record.slug] = record
        else:
            fault = _fault(record, places, slugs)
            slugs.add(record.slug)
        if fault:
            raise Unreadable(f"Line {number}: {fault}.")
    if not number:
        raise Unreadable("Line 1: the file is empty.")
    return places


def _fault(told: Told, places: dict[str, Place], slugs: set[str]) -> str:
    """What the database would not take, although each field is of the right kind."""
    is_out = told.state in {"published", "retracted"}
    faults = {
        f"section “{told.section}” does not come before it": told.section not in places,
        f"“{told.slug}” came before": told.slug in slugs,
        "it has no headline": not clean_line(told.headline),
        "its state and its times do not fit": is_out != (told.published_at is not None),
        "it is scheduled without a time": told.state == "scheduled" and told.publish_at is None,
    }
    return next((fault for fault, is_so in faults.items() if is_so), "")


class _Walk:
    def __init__(self, places: dict[str, Place], *, dry_run: bool) -> None:
        self.counts: Counter[str] = Counter()
        self._places, self._dry_run = places, dry_run
        self._batches = Batches(smallest=AT_ONCE)
        self._made: set[str] = set()  # slugs of articles
        self._count_sections()

    def _count_sections(self) -> None:
        there = {each.casefold() for row in Section.objects.values_list("slug", "name") for each in row}
        new = [each for each in self._places.values() if not {each.slug, each.name.casefold()} & there]
        self.counts["new.sections"] = len(new)
        if not self._dry_run:
            self._batches.write(new, _add_sections)

    def take(self, some: Sequence[Told]) -> None:
        """Write those that are new."""
        slugs = Q(slug__in=[each.slug for each in some])
        ids = Q(source_id__in=[each.source_id for each in some if each.source])
        here = Article.objects.filter(slugs | ids & ~Q(source="")).values_list("slug", "source", "source_id")
        known = {slug for slug, _source, _id in here} | {(source, number) for _slug, source, number in here if source}
        new = [each for each in some if each.slug not in known and (each.source, each.source_id) not in known]
        self.counts["known.articles"] += len(some) - len(new)
        for each in new:
            self.counts[f"articles.{each.state}"] += 1
        taken = led_by(address for each in new for address in each.addresses)
        self.counts["new.addresses"] += sum(address not in taken for each in new for address in each.addresses)
        self._made |= {each.slug for each in new}
        missing = {each.photo.file for each in new if each.photo} - self._files(new)
        self.counts["left.photo"] += sum(each.photo is not None and each.photo.file in missing for each in new)
        if not self._dry_run:
            self._batches.write(new, lambda batch: self._write(batch, taken))

    def _files(self, new: Sequence[Told]) -> set[str]:
        """The pictures that lie in the folder of media."""
        return {each.photo.file for each in new if each.photo and (settings.MEDIA_ROOT / each.photo.file).is_file()}

    def _write(self, batch: Sequence[Told], taken: dict[str, int]) -> None:
        files = self._files(batch)
        for each in batch:
            photo = each.photo if each.photo and each.photo.file in files else None
            body = clean(each.body)
            html = render_article(body) if each.body_format == "markdown" else sanitise_article(each.body)
            article = Article.objects.create(
                section=section_of(each.section, self._places[each.section].name),
                photo=_photo(photo) if photo else None,
                lead=clean(each.lead),
                body=body if each.body_format == "markdown" else html,
                html=html,
                **{name: clean_line(getattr(each, name)) for name in _WORDS},
                **{name: getattr(each, name) for name in _AS_THEY_ARE},
            )
            remember(article, [address for address in each.addresses if address not in taken])

    def relate(self, some: Sequence[Told]) -> None:
        """Lead from the new ones to those that are related, now that all are here."""
        new = {each.slug: each for each in some if each.slug in self._made and each.related}
        rows = Article.objects.filter(slug__in={*new, *(other for each in new.values() for other in each.related)})
        here = {row.slug: row for row in rows.only("id", "slug")}
        for slug, each in new.items():
            others = [here[other] for other in each.related if other in here]
            self._batches.run(partial(_relate, here[slug], others))

    def end(self) -> None:
        if self._made or self.counts["new.sections"]:
            self._batches.run(site_changed)


def _add_sections(new: Sequence[Place]) -> None:
    for each in new:
        Section.objects.create(slug=each.slug, name=clean_line(each.name), position=each.position)


def _relate(article: Article, others: Sequence[Article]) -> None:
    article.related.set(others)


def _photo(told: Picture) -> Photo:
    words = {name: clean_line(getattr(told, name)) for name in ("caption", "alt", "credit", "credit_url")}
    sizes: dict[str, Any] = {name: getattr(told, name) for name in ("width", "height", "widths", "year")}
    found = Photo.objects.filter(file=told.file, created_at=told.created_at).first()
    return found or Photo.objects.create(file=told.file, created_at=told.created_at, **words, **sizes)
