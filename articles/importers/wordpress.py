"""Reads WordPress exports (WXR 1.0 to 1.2), item by item."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import MAXYEAR, MINYEAR, UTC, datetime, tzinfo
from email.utils import parsedate_to_datetime
from hashlib import blake2b
from typing import IO
from urllib.parse import unquote, urlsplit
from xml.etree.ElementTree import Element

from django.utils import timezone

from articles.importers.elements import Fields, Unreadable, children
from articles.importers.mending import Mends
from articles.models import State
from articles.old_addresses import NUMBER
from newsroom.text import plain

VERSIONS = {"1.0", "1.1", "1.2"}
_COMMENT = "wp:comment"
_STATES = {"publish": State.PUBLISHED, "future": State.SCHEDULED}
_STATES |= dict.fromkeys(["draft", "pending", "private"], State.DRAFT)


@dataclass(frozen=True, slots=True)
class Reply:
    """A comment of the file."""

    source_id: str  # its permanent id, like a post's; "" if it has none
    parent: str  # another comment's permanent id, or ""
    name: str  # plain text
    text: str  # HTML
    at: datetime | None  # UTC; None if the file has no time for it
    approved: str  # "1", "0", "spam", "trash", "post-trashed" or a plugin's
    type: str  # "", "comment", "pingback", "trackback", "note" or a plugin's


@dataclass(frozen=True, slots=True)
class Post:
    """An item of the file: `type` is "post", "page", "attachment" …"""

    site: str  # the exporting site, at most 60 characters
    id: str
    type: str
    state: State | None  # None: in the bin, or not finished
    title: str  # plain text, like excerpt, author and the names of categories
    slug: str
    body: str  # HTML
    excerpt: str
    author: str
    language: str
    at: datetime | None  # UTC
    comments_open: bool
    addresses: list[str] = field(default_factory=list)  # its addresses on the site `blog`
    blog: str = ""  # the site's address
    categories: list[tuple[str, str]] = field(default_factory=list)  # slug and name
    is_html: bool = False  # the body has its paragraphs, and no shortcodes of WordPress

    @property
    def source_id(self) -> str:
        """Its permanent id: the same in every export of that site."""
        return f"{self.site}:{self.id}"


def items(file: IO[bytes], mends: Mends, zone: tzinfo | None = None) -> Iterator[Post | Reply]:
    """All items of an export, pages and attachments too, each after its comments. Raises Unreadable, at the latest at
    the end of the file. `zone`: that of the blog, for what has no time in UTC; None: this site's.
    """
    reader = _Reader(zone or timezone.get_default_timezone())
    for element in children(file, mends, apart={_COMMENT}):
        if element.tag == "item":
            reader.must_be_known()
            yield reader.post(element)
        elif element.tag == _COMMENT:
            reader.must_be_known()
            yield reader.reply(element)
        else:
            reader.note(element)
    reader.must_be_known()


class _Reader:
    def __init__(self, zone: tzinfo) -> None:
        self.zone = zone
        self.site = self.language = self.version = self.blog = ""
        self.authors: dict[str, str] = {}

    def must_be_known(self) -> None:
        if self.version not in VERSIONS:
            found = self.version[:20] or "none"
            raise Unreadable(f"This is not a WordPress export of version 1.0, 1.1 or 1.2 (wxr_version: {found}).")

    def note(self, element: Element) -> None:
        """Read data in the head of the file that applies to all items."""
        text = (element.text or "").strip()
        if element.tag == "wp:wxr_version":
            self.version = text
        elif element.tag == "language":
            self.language = text.partition("-")[0][:10].lower()
        elif element.tag == "wp:base_blog_url" or (element.tag == "link" and not self.site):
            if site := _site(text):
                self.site, self.blog = site, text
        elif element.tag == "wp:author":
            fields = Fields(element)
            self.authors[fields.word("wp:author_login")] = fields.line("wp:author_display_name")

    def post(self, item: Element) -> Post:
        fields = Fields(item)
        state, number = _STATES.get(fields.word("wp:status")), fields.word("wp:post_id")[:20]
        return Post(
            site=self.site,
            id=number,
            type=fields.word("wp:post_type"),
            state=State.DRAFT if fields.word("wp:post_password") and state == State.PUBLISHED else state,
            title=fields.line("title"),
            slug=fields.slug("wp:post_name"),
            body=fields.text("content:encoded"),
            excerpt=fields.line("excerpt:encoded"),
            author=self.authors.get(fields.word("dc:creator")) or fields.line("dc:creator"),
            language=self.language,
            at=_moment(fields, "wp:post_date", self.zone),
            comments_open=fields.word("wp:comment_status") == "open",
            addresses=[fields.word("link"), f"{self.blog.rstrip('/')}/?{NUMBER}={number}"],
            blog=self.blog,
            categories=list(_categories(fields)),
        )

    def reply(self, element: Element) -> Reply:
        fields = Fields(element)
        number, parent = fields.word("wp:comment_id")[:20], fields.word("wp:comment_parent", "0")[:20]
        return Reply(
            source_id=f"{self.site}:{number}" if number else "",
            parent=f"{self.site}:{parent}" if parent not in {"", "0"} else "",
            name=fields.line("wp:comment_author"),
            text=fields.text("wp:comment_content"),
            at=_moment(fields, "wp:comment_date", self.zone),
            approved=fields.word("wp:comment_approved"),
            type=fields.word("wp:comment_type"),
        )


def _categories(fields: Fields) -> Iterator[tuple[str, str]]:
    for child in fields.children:
        name = plain(child.text or "")
        if child.tag == "category" and child.get("domain") == "category" and name:
            yield unquote(child.get("nicename", "")), name


def _site(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    site = f"{parts.netloc}{parts.path}".rstrip("/").lower()
    return site if len(site) <= 60 else blake2b(site.encode(), digest_size=16).hexdigest()


def _moment(fields: Fields, name: str, zone: tzinfo) -> datetime | None:
    """The time in UTC: as given, otherwise from the local time in the blog's zone, otherwise from the feed. Drafts have
    zeros.
    """
    for field_name, its_zone in ((f"{name}_gmt", UTC), (name, zone)):
        with suppress(ValueError, OverflowError):
            return _in_utc(datetime.fromisoformat(fields.word(field_name)).replace(tzinfo=its_zone))
    with suppress(ValueError, TypeError, OverflowError):
        given = parsedate_to_datetime(fields.word("pubDate"))
        return _in_utc(given) if given.tzinfo else None
    return None


def _in_utc(given: datetime) -> datetime:
    """The time in UTC. Raises ValueError near both ends of the calendar, where other time zones could not represent
    it.
    """
    if not MINYEAR < given.year < MAXYEAR:
        raise ValueError(given)
    return given.astimezone(UTC)
