"""Reads WordPress exports (WXR 1.0 to 1.2), item by item, without ever holding the whole file.

The file is foreign: no DTD, no entities, no deep nesting. What is wrong with it is said with its place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import MAXYEAR, MINYEAR, UTC, datetime
from email.utils import parsedate_to_datetime
from hashlib import blake2b
from typing import IO
from urllib.parse import unquote, urlsplit
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser, iterparse
from django.utils import timezone

from articles.models import State

VERSIONS = {"1.0", "1.1", "1.2"}
DEEPEST = 40  # elements inside each other; an export has six
_STATES = {"publish": State.PUBLISHED, "future": State.SCHEDULED}
_STATES |= dict.fromkeys(["draft", "pending", "private"], State.DRAFT)


class Unreadable(Exception):
    """The file is no export that we can read; the sentence names the place."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A comment as it stands in the file; `at` is UTC, `parent` the id of another one or "0"."""

    id: str
    parent: str
    name: str
    text: str
    at: datetime
    approved: str  # "1", "0", "spam", "trash", "post-trashed"
    type: str  # "", "comment", "pingback", "trackback" or a plugin's


@dataclass(frozen=True, slots=True)
class Post:
    """An item as it stands in the file: `type` is "post", "page", "attachment" …"""

    site: str  # where it comes from, at most 60 characters
    id: str
    type: str
    state: State | None  # None: in the bin, or not finished
    title: str
    slug: str
    body: str
    excerpt: str
    author: str
    language: str
    at: datetime | None  # UTC
    comments_open: bool
    categories: list[tuple[str, str]] = field(default_factory=list)  # slug and name
    replies: list[Reply] = field(default_factory=list)

    @property
    def source_id(self) -> str:
        """Its name for ever: the same in every export of that site."""
        return f"{self.site}:{self.id}"


def posts(file: IO[bytes]) -> Iterator[Post]:
    """All items of an export, pages and attachments too. Raises Unreadable, at the latest at the end of the file."""
    file.seek(0)
    parser = DefusedXMLParser(forbid_dtd=True)
    try:
        yield from _Reader(parser).read(file)
    except ParseError as error:
        line, column = error.position
        reason = str(error).partition(": line")[0]
        raise Unreadable(f"Line {line}, column {column + 1}: {reason}.") from error
    except DefusedXmlException as error:
        raise Unreadable(f"{_place(parser)}: document type definitions are not allowed.") from error
    except (LookupError, UnicodeError, ValueError) as error:  # an encoding that nobody knows
        raise Unreadable(f"{_place(parser)}: {error}") from error


def _place(parser: DefusedXMLParser) -> str:
    expat = parser.parser
    return f"Line {expat.CurrentLineNumber}, column {expat.CurrentColumnNumber + 1}"


class _Reader:
    def __init__(self, parser: DefusedXMLParser) -> None:
        self.parser = parser
        self.site = self.language = self.version = ""
        self.authors: dict[str, str] = {}

    def read(self, file: IO[bytes]) -> Iterator[Post]:
        path: list[Element] = []
        for event, element in iterparse(file, events=("start", "end"), parser=self.parser):
            if event == "start":
                path.append(element)
                self._must_be_bounded(path)
                continue
            path.pop()
            if len(path) == 2:  # a child of the channel is complete
                if _local(element) == "item":
                    self._must_be_known()
                    yield self._post(element)
                else:
                    self._note(element)
                del path[-1][:]  # what has been read need not be kept
        self._must_be_known()

    def _must_be_bounded(self, path: list[Element]) -> None:
        if len(path) > DEEPEST:
            raise Unreadable(f"{_place(self.parser)}: elements are nested too deeply.")
        if len(path) == 1 and _local(path[0]) != "rss":
            raise Unreadable(f"{_place(self.parser)}: this is not a WordPress export.")

    def _must_be_known(self) -> None:
        if self.version not in VERSIONS:
            found = self.version[:20] or "none"
            raise Unreadable(f"This is not a WordPress export of version 1.0, 1.1 or 1.2 (wxr_version: {found}).")

    def _note(self, element: Element) -> None:
        name, text = _local(element), (element.text or "").strip()
        if name == "wxr_version":
            self.version = text
        elif name == "language":
            self.language = text.partition("-")[0][:10].lower()
        elif name == "base_blog_url" or (name == "link" and not self.site):
            self.site = _site(text) or self.site
        elif name == "author":
            found = _fields(element)
            self.authors[found.get("author_login", "")] = found.get("author_display_name", "")

    def _post(self, item: Element) -> Post:
        found = _fields(item)
        login = found.get("creator", "")
        state = _STATES.get(found.get("status", ""))
        return Post(
            site=self.site,
            id=found.get("post_id", "")[:20],
            type=found.get("post_type", ""),
            state=State.DRAFT if found.get("post_password") and state == State.PUBLISHED else state,
            title=found.get("title", ""),
            slug=unquote(found.get("post_name", "")),
            body=found.get("content", ""),
            excerpt=found.get("excerpt", ""),
            author=self.authors.get(login) or login,
            language=self.language,
            at=_moment(found, "post_date"),
            comments_open=found.get("comment_status") == "open",
            categories=list(_categories(item)),
            replies=[_reply(child) for child in item if _local(child) == "comment"],
        )


def _reply(element: Element) -> Reply:
    found, now = _fields(element), timezone.now()
    return Reply(
        id=found.get("comment_id", "")[:20],
        parent=found.get("comment_parent", "0")[:20],
        name=found.get("comment_author", ""),
        text=found.get("comment_content", ""),
        at=min(_moment(found, "comment_date") or now, now),  # nobody has spoken in the future
        approved=found.get("comment_approved", "1"),
        type=found.get("comment_type", ""),
    )


def _categories(item: Element) -> Iterator[tuple[str, str]]:
    for child in item:
        name = (child.text or "").strip()
        if _local(child) == "category" and child.get("domain") == "category" and name:
            yield unquote(child.get("nicename", "")), name


def _fields(element: Element) -> dict[str, str]:
    """Local name → text of all children that hold text; the body is "content", the summary "excerpt"."""
    found: dict[str, str] = {}
    for child in element:
        name = _local(child)
        if name == "encoded":
            name = "excerpt" if "excerpt" in child.tag else "content"
        found.setdefault(name, child.text or "")
    return {name: text if name in {"content", "comment_content"} else text.strip() for name, text in found.items()}


def _local(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _site(url: str) -> str:
    parts = urlsplit(url)
    site = f"{parts.netloc}{parts.path}".rstrip("/").lower()
    return site if len(site) <= 60 else blake2b(site.encode(), digest_size=16).hexdigest()


def _moment(found: Mapping[str, str], name: str) -> datetime | None:
    """The time in UTC: as given, else from the local one in our zone, else that of the feed; drafts have zeros."""
    zones = ((f"{name}_gmt", UTC), (name, timezone.get_default_timezone()))
    for field_name, zone in zones:
        with suppress(ValueError, OverflowError):
            return _in_utc(datetime.fromisoformat(found.get(field_name, "")).replace(tzinfo=zone))
    with suppress(ValueError, TypeError, OverflowError):
        given = parsedate_to_datetime(found.get("pubDate", ""))
        return _in_utc(given) if given.tzinfo else None
    return None


def _in_utc(given: datetime) -> datetime:
    """Raises ValueError at both ends of the calendar: other zones could not show it."""
    if not MINYEAR < given.year < MAXYEAR:
        raise ValueError(given)
    return given.astimezone(UTC)
