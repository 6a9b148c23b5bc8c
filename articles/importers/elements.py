"""Reads the elements of a channel (RSS and what is built on it), one by one, without ever holding the whole file.

The file is foreign: no DTD, no entities, no deep nesting. What is wrong with it is said with its place, and so is what
could be mended.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from io import IncrementalNewlineDecoder
from typing import IO, Any
from urllib.parse import unquote
from xml.etree.ElementTree import Element
from xml.sax import SAXParseException
from xml.sax.handler import ContentHandler

from defusedxml.common import DefusedXmlException
from defusedxml.expatreader import DefusedExpatParser, create_parser

from articles.importers.mending import Mender, Mends, Place, meant
from newsroom.text import plain

DEEPEST = 40  # elements inside each other; an export has six
PREFIX = "prefix "  # of the kinds of mends, before the prefix that is not declared
_PIECE = 65_536  # bytes
_MOST_PREFIXES = 50
_HEAD = 300  # bytes in which the encoding is declared
_DECLARED = re.compile(rb"""\s*<\?xml\b[^>]*?\bencoding\s*=\s*["']([\w.-]+)["']""", re.ASCII)
_ENCODINGS = re.compile(
    r"utf-?8|utf-?16(?:-?[bl]e)?|us-ascii|iso-8859-\d+|windows-125\d|koi8-[ru]|gb2312|gbk|gb18030|big5|shift_jis"
    r"|euc-(?:jp|kr)",
    re.IGNORECASE,
)
_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_MARKS |= {b"<\0": "utf-16-le", b"\0<": "utf-16-be"}
_NAMESPACES = [
    (re.compile(r"https?://(?:www\.)?wordpress\.org/export/[\d.]+/excerpt/?"), "excerpt"),
    (re.compile(r"https?://(?:www\.)?wordpress\.org/export/[\d.]+/?"), "wp"),
    (re.compile(r"https?://purl\.org/dc/elements/1\.1/?"), "dc"),
    (re.compile(r"https?://purl\.org/rss/1\.0/modules/content/?"), "content"),
]


class Unreadable(Exception):
    """The file is no export that we can read; the sentence names the place."""


class Fields:
    """The one reader of what stands in an element: by the usual names, such as "title" or "wp:post_id"."""

    def __init__(self, element: Element) -> None:
        self.children = list(element)
        self._texts: dict[str, str] = {}
        for child in self.children:
            self._texts.setdefault(child.tag, child.text or "")

    def text(self, name: str) -> str:
        """As it stands in the file: HTML that is still to be cleaned."""
        return self._texts.get(name, "")

    def word(self, name: str, default: str = "") -> str:
        """What programs read: a number, a state, a time, an address."""
        return self._texts.get(name, default).strip()

    def line(self, name: str) -> str:
        """What people read, on one line: names and titles are HTML over there, in plain words here."""
        return plain(self._texts.get(name, ""))

    def slug(self, name: str) -> str:
        return unquote(self.word(name))


def children(file: IO[bytes], mends: Mends) -> Iterator[Element]:
    """All elements of the channel with all that is in them, under their usual names.

    Raises Unreadable, at the latest at the end of the file.
    """
    file.seek(0)
    parser = create_parser(forbid_dtd=True)
    found: list[Element] = []
    parser.setContentHandler(_Handler(parser, mends, found))
    try:
        for piece in _mended(file, mends):
            parser.feed(piece)
            yield from found
            found.clear()
        parser.close()
        yield from found
    except SAXParseException as error:
        raise Unreadable(f"{_at(error.getLineNumber(), error.getColumnNumber())}: {error.getMessage()}.") from error
    except DefusedXmlException as error:
        raise Unreadable(f"{_place(parser)}: document type definitions are not allowed.") from error


def _mended(file: IO[bytes], mends: Mends) -> Iterator[str]:
    mender = Mender(mends)
    for text in _decoded(file):
        yield mender.feed(text)
    yield mender.feed("", is_last=True)


def _decoded(file: IO[bytes]) -> Iterator[str]:
    """The text in pieces, its line ends as \\n. Raises Unreadable for bytes that are no text."""
    piece = file.read(_PIECE)
    name = _encoding(piece[:_HEAD])
    decoder = IncrementalNewlineDecoder(codecs.getincrementaldecoder(name)(), translate=True)
    line, column = 1, 1
    while True:
        try:
            text = decoder.decode(piece, final=not piece)
        except UnicodeDecodeError as error:
            before = error.object[: error.start].decode(name, "replace")
            place = _after(Place(line, column), before.replace("\r\n", "\n"))
            raise Unreadable(f"Line {place.line}, column {place.column}: these bytes are no {name}.") from error
        line, column = _after(Place(line, column), text)
        yield text
        if not piece:
            return
        piece = file.read(_PIECE)


def _encoding(head: bytes) -> str:
    """Its mark tells it, else the XML declaration."""
    for mark, name in _MARKS.items():
        if head.startswith(mark):
            return name
    declared = _DECLARED.match(head)
    found = declared[1].decode() if declared else "utf-8"
    if not _ENCODINGS.fullmatch(found):
        raise Unreadable(f"Line 1, column 1: unknown encoding “{found[:20]}”.")
    return found


def _after(place: Place, text: str) -> Place:
    lines = text.count("\n")
    return Place(place.line + lines, len(text) - text.rfind("\n") if lines else place.column + len(text))


def _place(parser: DefusedExpatParser) -> str:
    return _at(parser.getLineNumber(), parser.getColumnNumber())


def _at(line: int | None, column: int | None) -> str:
    return f"Line {line or 1}, column {(column or 0) + 1}"


class _Handler(ContentHandler):
    """Builds the elements below the channel; of the others only the names are looked at."""

    def __init__(self, parser: DefusedExpatParser, mends: Mends, found: list[Element]) -> None:
        super().__init__()
        self._parser = parser
        self._mends = mends
        self._found = found
        self._open: list[Element] = []
        self._texts: list[list[str]] = []
        self._prefixes: list[dict[str, str]] = [{"": "", "xml": "xml"}]  # declared → usual, by depth

    def startElement(self, name: str, attrs: Any) -> None:  # noqa: N802
        given = {key: meant(value) for key, value in attrs.items()}
        declared = {key[6:]: value for key, value in given.items() if key.startswith("xmlns:")}
        known = self._prefixes[-1]
        if declared:
            known = known | {prefix: _usual(prefix, uri) for prefix, uri in declared.items()}
        self._prefixes.append(known)
        self._must_be_declared(name, *given)
        prefix, _, local = name.rpartition(":")
        element = Element(f"{known.get(prefix, prefix)}:{local}" if prefix else local, given)
        if len(self._open) > 2:  # what is in a child of the channel
            self._open[-1].append(element)
        self._open.append(element)
        self._texts.append([])
        self._must_be_bounded()

    def characters(self, content: str) -> None:
        if len(self._open) > 2:
            self._texts[-1].append(content)

    def endElement(self, _name: str) -> None:  # noqa: N802
        self._prefixes.pop()
        element = self._open.pop()
        element.text = meant("".join(self._texts.pop()))
        if len(self._open) == 2:
            self._found.append(element)

    def _must_be_declared(self, *names: str) -> None:
        """A prefix is taken for what it usually means where it is not declared; that is noted."""
        for name in names:
            prefix = name.rpartition(":")[0]
            if prefix in self._prefixes[-1] or prefix == "xmlns":
                continue
            kind = f"{PREFIX}{prefix[:20]}"
            if kind not in self._mends.counts and len(self._mends.counts) > _MOST_PREFIXES:
                raise Unreadable(f"{_place(self._parser)}: too many prefixes are not declared.")
            line, column = self._parser.getLineNumber(), self._parser.getColumnNumber()
            self._mends.note(kind, lambda at=(line, column): Place(at[0] or 1, (at[1] or 0) + 1))  # type: ignore[misc]

    def _must_be_bounded(self) -> None:
        if len(self._open) > DEEPEST:
            raise Unreadable(f"{_place(self._parser)}: elements are nested too deeply.")
        if len(self._open) == 1 and self._open[0].tag != "rss":
            raise Unreadable(f"{_place(self._parser)}: this is not a WordPress export.")


def _usual(prefix: str, uri: str) -> str:
    """The prefix that everybody else gives this namespace."""
    return next((usual for pattern, usual in _NAMESPACES if pattern.fullmatch(uri)), prefix)
