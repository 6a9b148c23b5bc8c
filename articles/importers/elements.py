"""Reads the elements of an XML file one by one, without holding the whole file in memory: those of a channel (RSS and
formats built on it), or another root's.

The file is untrusted: no DTD, no entities, no deep nesting. Errors and repairs are reported with their place.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Collection, Iterator
from html import escape
from io import IncrementalNewlineDecoder
from typing import IO, NamedTuple
from urllib.parse import unquote
from xml.etree.ElementTree import Element
from xml.parsers.expat import ErrorString, ExpatError, ParserCreate, XMLParserType

from articles.importers.mending import PREFIX, Mender, Mends, Place, meant
from newsroom.text import clean_line, plain

LONGEST = 32 << 20  # bytes of an element that is wanted, or between two
_LONGEST_TAG = 1 << 20  # bytes, also of a comment
_MOST_ELEMENTS = 100_000  # in one that is wanted
DEEPEST = 40  # nested elements; an export has six
_PIECE = 65_536  # bytes
_MOST_PREFIXES = 50
_MOST_NAMES = 1000
_VOID = frozenset({"br", "hr", "img", "wbr", "area", "col", "input", "source", "track"})  # without an end tag in HTML
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
    (re.compile(r"http://www\.w3\.org/2005/Atom"), ""),
    (re.compile(r"http://www\.w3\.org/1999/xhtml"), ""),
    (re.compile(r"https?://(?:www\.)?disqus\.com/?"), ""),
    (re.compile(r"https?://(?:www\.)?disqus\.com/disqus-internals/?"), "dsq"),
]


class Unreadable(Exception):
    """The file is not a valid export; the message names the place. What it takes over from the file is cleaned."""

    def __init__(self, message: str) -> None:
        super().__init__(clean_line(message))


class Format(NamedTuple):
    """A format of files: the root's name, how deep the elements lie that are wanted, and what another file is not.

    With `has_xhtml` the text of an element of type "xhtml" is HTML, made of all that is in it.
    """

    root: str
    depth: int
    sentence: str
    has_xhtml: bool = False


CHANNEL = Format("rss", 2, "this is not a WordPress export")


class Placed(Element):
    """An element that is wanted, with the line in which it begins."""

    line = 0


class Fields:
    """Reads the content of an element by the usual names, such as "title" or "wp:post_id"."""

    def __init__(self, element: Element) -> None:
        self.children = list(element)
        self._texts: dict[str, str] = {}
        for child in self.children:
            self._texts.setdefault(child.tag, child.text or "")

    def text(self, name: str) -> str:
        """The text of the file: HTML that still has to be cleaned."""
        return self._texts.get(name, "")

    def word(self, name: str, default: str = "") -> str:
        """A value for programs: a number, a state, a time, an address."""
        return self._texts.get(name, default).strip()

    def line(self, name: str) -> str:
        """A text for people on one line. Names and titles are HTML in the file; the result is plain text."""
        return plain(self._texts.get(name, ""))

    def slug(self, name: str) -> str:
        return unquote(self.word(name))


def children(file: IO[bytes], mends: Mends, apart: Collection[str] = (), *, of: Format = CHANNEL) -> Iterator[Placed]:
    """All elements of the channel with their contents, under their usual names.

    Those inside them that are named in `apart` come by themselves, before the element that they stand in, which is
    without them: so memory holds one at a time. Raises Unreadable, at the latest at the end of the file.
    """
    file.seek(0)
    parser = ParserCreate()
    found: list[Placed] = []
    handler = _Handler(parser, mends, found, frozenset(apart), of)
    fed = waiting = 0  # bytes, and those of them since the last wanted element
    try:
        for piece in _mended(file, mends):
            parser.Parse(piece)
            size = len(piece.encode())
            fed, waiting = fed + size, 0 if found else waiting + size
            handler.must_be_short(waiting, token=fed - parser.CurrentByteIndex)
            yield from found
            found.clear()
        parser.Parse("", True)
    except ExpatError as error:
        raise Unreadable(f"{_at(error.lineno, error.offset)}: {ErrorString(error.code)}.") from error
    finally:
        handler.let_go()
    yield from found


def _mended(file: IO[bytes], mends: Mends) -> Iterator[str]:
    mender = Mender(mends)
    for text in _decoded(file):
        yield mender.feed(text)
    yield mender.feed("", is_last=True)


def _decoded(file: IO[bytes]) -> Iterator[str]:
    """The text in pieces, with line ends as \\n. Raises Unreadable for bytes that are no text."""
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
    """The encoding by the byte order mark, otherwise by the XML declaration."""
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


def _at(line: int, column: int) -> str:
    return f"Line {line}, column {column + 1}"


class _Handler:
    """Builds the elements below the channel. Of outer elements only the names are checked."""

    def __init__(
        self, parser: XMLParserType, mends: Mends, found: list[Placed], apart: frozenset[str], of: Format
    ) -> None:
        self._parser = parser
        self._mends = mends
        self._found = found
        self._apart = apart
        self._format = of
        self._open: list[Element] = []
        self._texts: list[list[str]] = []
        self._scopes = [_Scope({"": "", "xml": "xml"})]  # one for each open element, and one around them
        self._html: list[str] = []  # of the element with XHTML
        self._html_depth = 0  # of that element, from 1; 0 outside
        self._inside = 0  # elements in the one that is wanted
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._refuse_doctype  # hence nothing declares entities
        parser.StartElementHandler = self._start
        parser.CharacterDataHandler = self._characters
        parser.EndElementHandler = self._end

    def let_go(self) -> None:
        """Break the circle between the parser and this object."""
        self._parser.StartDoctypeDeclHandler = self._parser.StartElementHandler = None
        self._parser.CharacterDataHandler = self._parser.EndElementHandler = None

    def must_be_short(self, waiting: int, token: int) -> None:
        """Bytes since the last wanted element, and of the tag or comment that has not ended."""
        if waiting > LONGEST:
            raise Unreadable(f"{self._place()}: what ends here is longer than {LONGEST:,} bytes.")
        if token > _LONGEST_TAG:
            raise Unreadable(f"{self._place()}: the tag that begins here is longer than {_LONGEST_TAG:,} bytes.")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        scope = self._scopes[-1]
        if attributes:
            attributes = {key: meant(value) for key, value in attributes.items()}
            declared = {key[6:]: value for key, value in attributes.items() if key.startswith("xmlns:")}
            if declared:
                scope = _Scope(scope.prefixes | {prefix: _usual(prefix, uri) for prefix, uri in declared.items()})
        self._scopes.append(scope)
        tag = scope.declared.get(name)
        if tag is None or attributes:
            self._must_be_declared(name, *attributes)
            tag = scope.usual(name)
            attributes = {scope.usual(key): value for key, value in attributes.items()}
        depth = len(self._open)
        if self._html_depth:
            self._open_html(tag, attributes)
            return
        if self._format.has_xhtml and attributes.get("type") == "xhtml" and depth > self._format.depth:
            self._html, self._html_depth = [], depth + 1
        element: Element
        if self._is_wanted(depth, tag):
            element = wanted = Placed(tag, attributes)
            wanted.line = self._parser.CurrentLineNumber
            self._inside = 0
        else:
            element = Element(tag, attributes)
            if depth > self._format.depth:  # inside one that is wanted
                self._inside += 1
                if self._inside > _MOST_ELEMENTS:
                    raise Unreadable(f"{self._place()}: more than {_MOST_ELEMENTS:,} elements are in one.")
                self._open[-1].append(element)
        self._open.append(element)
        self._texts.append([])
        if depth == 0 or depth >= DEEPEST:
            self._must_be_bounded()

    def _open_html(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        self._html.append(f"<{name}{''.join(f' {key}="{escape(value)}"' for key, value in attributes.items())}>")
        self._open.append(Element(name))
        self._texts.append([])
        if len(self._open) > DEEPEST:
            self._must_be_bounded()

    def _characters(self, content: str) -> None:
        if self._html_depth:
            self._html.append(escape(content, quote=False))
        elif len(self._open) > self._format.depth:
            self._texts[-1].append(content)

    def _end(self, _name: str) -> None:
        self._scopes.pop()
        element = self._open.pop()
        texts = self._texts.pop()
        if len(self._open) >= self._html_depth > 0:
            if element.tag not in _VOID:
                self._html.append(f"</{element.tag}>")
            return
        if self._html_depth:
            texts, self._html_depth = self._html, 0
        element.text = meant("".join(texts))
        if isinstance(element, Placed):
            self._found.append(element)

    def _is_wanted(self, depth: int, tag: str) -> bool:
        return depth == self._format.depth or (depth == self._format.depth + 1 and tag in self._apart)

    def _refuse_doctype(self, *_: object) -> None:
        raise Unreadable(f"{self._place()}: document type definitions are not allowed.")

    def _must_be_declared(self, *names: str) -> None:
        """Treats an undeclared prefix as its usual meaning and reports it."""
        for name in names:
            prefix = name.rpartition(":")[0]
            if prefix in self._scopes[-1].prefixes or prefix == "xmlns":
                continue
            kind = f"{PREFIX}{prefix[:20]}"
            if kind not in self._mends.counts and len(self._mends.counts) > _MOST_PREFIXES:
                raise Unreadable(f"{self._place()}: too many prefixes are not declared.")
            line, column = self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber
            self._mends.note(kind, lambda at=(line, column): Place(at[0], at[1] + 1))  # type: ignore[misc]

    def _must_be_bounded(self) -> None:
        if len(self._open) > DEEPEST:
            raise Unreadable(f"{self._place()}: elements are nested too deeply.")
        if len(self._open) == 1 and self._open[0].tag != self._format.root:
            raise Unreadable(f"{self._place()}: {self._format.sentence}.")

    def _place(self) -> str:
        return _at(self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber)


class _Scope:
    """What prefixes mean inside an element: declared → usual."""

    def __init__(self, prefixes: dict[str, str]) -> None:
        self.prefixes = prefixes
        self.declared: dict[str, str] = {}  # names that were met, with their usual ones; an export has some dozens

    def usual(self, name: str) -> str:
        prefix, _, local = name.rpartition(":")
        meant = self.prefixes.get(prefix, prefix)
        usual = f"{meant}:{local}" if meant else local
        if prefix in self.prefixes and len(self.declared) < _MOST_NAMES:
            self.declared[name] = usual
        return usual


def _usual(prefix: str, uri: str) -> str:
    """The prefix that is usual for this namespace."""
    return next((usual for pattern, usual in _NAMESPACES if pattern.fullmatch(uri)), prefix)
