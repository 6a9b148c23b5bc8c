"""Reads feeds whose entries are whole articles: RSS 2.0 and Atom, entry by entry."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from hashlib import blake2b
from html import escape
from typing import IO
from urllib.parse import urljoin, urlsplit
from xml.etree.ElementTree import Element

from articles.importers.elements import Fields, Format, Placed, Unreadable, children
from articles.importers.mending import Mends
from articles.importers.wordpress import Post, Reply
from articles.models import State
from newsroom.text import plain

_RSS = Format("rss", 2, "this is no RSS 2.0 feed")
_ATOM = Format("feed", 1, "this is neither an RSS 2.0 feed nor an Atom feed", has_xhtml=True)
_HEAD = 2000  # bytes in which the root stands
_LONGEST_ID = 100  # characters; longer ones are hashed


def rss_or_atom(file: IO[bytes], mends: Mends) -> Iterator[Post | Reply]:
    """All entries as published posts. What the head says of the whole feed counts wherever it stands, so the file is
    read twice. Raises Unreadable, at the latest at the end of the file.
    """
    is_rss = b"<rss" in file.read(_HEAD).replace(b"\0", b"")
    head = _Head()
    for element in children(file, Mends(), of=_RSS if is_rss else _ATOM):
        head.note(element)
    for element in children(file, mends, of=_RSS if is_rss else _ATOM):
        if element.tag == "item" and is_rss:
            yield _of_rss(element, head)
        elif element.tag == "entry" and not is_rss:
            yield _of_atom(element, head)


class _Head:
    def __init__(self) -> None:
        self.blog = self.language = self.author = ""

    def note(self, element: Placed) -> None:
        text = (element.text or "").strip()
        if element.tag == "wp:wxr_version":  # with drafts in it, which must not be published
            raise Unreadable(f"Line {element.line}: this is a WordPress export. Import it with the format wordpress.")
        if element.tag == "link" and not self.blog and element.get("rel", "alternate") == "alternate":
            self.blog = element.get("href", text).strip()
        elif element.tag == "language":
            self.language = language_of(text)
        elif element.tag == "author":
            self.author = Fields(element).line("name")
        elif not self.language and element.get("xml:lang"):
            self.language = language_of(element.get("xml:lang", ""))


def _of_rss(item: Element, head: _Head) -> Post:
    fields = Fields(item)
    whole, short, link = fields.text("content:encoded"), fields.text("description"), fields.word("link")
    return post(
        blog=head.blog or link,
        key=fields.word("guid") or link,
        title=fields.line("title"),
        body=whole or short,
        excerpt=plain(short) if whole else "",
        author=fields.line("dc:creator") or fields.line("author"),
        language=head.language,
        at=moment(fields.word("pubDate")) or moment(fields.word("dc:date")),
        address=link,
        categories=[plain(child.text or "") for child in fields.children if child.tag == "category"],
    )


def _of_atom(entry: Element, head: _Head) -> Post:
    fields = Fields(entry)
    texts = {child.tag: _html(child) for child in reversed(fields.children)}
    links = [child for child in fields.children if child.tag == "link" and child.get("rel", "alternate") == "alternate"]
    link = links[0].get("href", "") if links else ""
    authors = [Fields(child).line("name") for child in fields.children if child.tag == "author"]
    whole, short = texts.get("content", ""), texts.get("summary", "")
    return post(
        blog=head.blog or link,
        key=fields.word("id") or link,
        title=plain(texts.get("title", "")),
        body=whole or short,
        excerpt=plain(short) if whole else "",
        author=", ".join(filter(None, authors)) or head.author,
        language=language_of(entry.get("xml:lang", "")) or head.language,
        at=moment(fields.word("published")) or moment(fields.word("updated")),
        address=link,
        categories=[_category(child) for child in fields.children if child.tag == "category"],
    )


def _category(element: Element) -> str:
    return element.get("label") or element.get("term") or ""


def _html(element: Element) -> str:
    """An Atom text as HTML."""
    text = element.text or ""
    return text if element.get("type", "text") in {"html", "xhtml", "text/html"} else escape(text, quote=False)


def post(
    *,
    blog: str,
    key: str,
    title: str,
    body: str,
    excerpt: str,
    author: str,
    language: str,
    at: datetime | None,
    address: str,
    categories: list[str],
    state: State | None = State.PUBLISHED,
    kind: str = "post",
) -> Post:
    """An entry of a feed. `key` is what the feed calls it, "" if nothing; texts but `body` are plain."""
    site = site_of(blog)
    try:
        address = urljoin(blog, address.strip())
    except ValueError:
        address = ""
    return Post(
        site=site,
        id=key if len(key) <= _LONGEST_ID else blake2b(key.encode(), digest_size=16).hexdigest(),
        type=kind,
        state=state,
        title=title,
        slug="",
        body=body,
        excerpt=excerpt,
        author=author,
        language=language,
        at=at,
        comments_open=True,
        addresses=[address] if address else [],
        blog=blog,
        categories=[("", name) for name in categories],
        is_html=True,
    )


def site_of(blog: str) -> str:
    """The site's name in permanent ids."""
    try:
        return (urlsplit(blog).hostname or "").removeprefix("www.")[:60]
    except ValueError:
        return ""


def language_of(tag: str) -> str:
    return tag.replace("_", "-").partition("-")[0].strip()[:10].lower()


def moment(text: str) -> datetime | None:
    """A time of RFC 822 or ISO 8601 in UTC; one without a zone is UTC. None if it is none."""
    found: datetime | None = None
    with suppress(ValueError, TypeError, OverflowError, IndexError):
        found = parsedate_to_datetime(text)
    with suppress(ValueError):
        found = datetime.fromisoformat(text.strip())
    if found is None or not 1970 <= found.year < 9999:
        return None
    return found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC)
