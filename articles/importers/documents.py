"""Reads JSON in pieces, so that memory holds one record of a file, not the file.

The file is untrusted: no endless records, no deep nesting, no numbers without end. Errors are reported with
their place.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Collection, Iterator
from datetime import MAXYEAR, MINYEAR, datetime
from json import JSONDecodeError, JSONDecoder
from typing import IO, Any, NamedTuple

import msgspec

from articles.importers.elements import Unreadable

LONGEST_LINE = 32 << 20  # bytes of a line of our own; a comment with all its former texts is one
LONGEST = 4 << 20  # characters of a record, or of whatever else is not taken apart
_PIECE = 65_536  # bytes
_MOST_DIGITS = 30  # of a number; a time in nanoseconds has 19
_MOST_KEYS = 1000  # of an object that is taken apart
_BLANKS = re.compile(r"[ \t\r\n]*")
_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")  # as JSON writes it
_NO_TEXT = re.compile("[\0\ud800-\udfff]")
_NEAR = 16  # characters before the end of what was read; an error there may come from a token that is cut

type Path = tuple[str | int, ...]
type Form = tuple[str, ...]  # a path with "*" for every place in a list


class Piece(NamedTuple):
    path: Path  # keys, and places in lists from 0
    value: Any
    place: str  # "line 17", or "line 1, column 20" where the piece does not begin its line
    fault: str = ""  # a sentence if the value cannot be trusted, such as one with the same key twice


def pieces(file: IO[bytes], apart: Collection[Form], *, are_many: bool = False, head: str = "") -> Iterator[Piece]:
    """The values of a JSON document in the order of the file. Objects and lists whose path is in `apart` are taken
    apart: their members come one by one. So are all lists in such an object, however long they are. Everything else
    comes whole. The document itself has the path ().

    With `are_many` the file may hold any number of documents one after another, such as JSON lines. A first line that
    begins with `head` is passed over. Raises Unreadable.
    """
    file.seek(0)
    text = _Text(file)
    forms = frozenset(apart)
    if not text.peek():
        raise Unreadable(f"{text.where()}: the file is empty.")
    if head:
        text.pass_line(head)
    while text.peek():
        yield from _walk(text, (), (), forms)
        if not are_many and text.peek():
            raise Unreadable(f"{text.where()}: something follows the end of the document.")


def lines[Record](file: IO[bytes], decode: Callable[[bytes], Record]) -> Iterator[tuple[int, bytes, Record]]:
    """The lines of a file that we have written ourselves: number, bytes and what `decode` of msgspec makes of them.
    Raises Unreadable.
    """
    file.seek(0)
    number = 0
    while line := file.readline(LONGEST_LINE):
        number += 1
        if len(line) == LONGEST_LINE:
            raise Unreadable(f"Line {number}: it is longer than {LONGEST_LINE:,} bytes.")
        if number == 1 and line.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            raise Unreadable(
                "Line 1: it begins with a byte order mark, so another program has saved it; take the file as it was."
            )
        if _NUL.search(line):
            raise Unreadable(f"Line {number}: it has the character NUL, which no text may have.")
        try:
            record = decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise Unreadable(f"Line {number}: {error}.") from error
        if _is_out_of_time(record):
            raise Unreadable(f"Line {number}: it has a time that is not between the years 2 and 9998.")
        yield number, line, record


def _is_out_of_time(value: object) -> bool:
    """Whether there is a time in it that not every zone can tell."""
    if isinstance(value, datetime):
        return not MINYEAR < value.year < MAXYEAR
    if isinstance(value, msgspec.Struct):
        return any(_is_out_of_time(getattr(value, name)) for name in value.__struct_fields__)
    return isinstance(value, list) and any(map(_is_out_of_time, value))


def storable(text: str) -> str:
    """The text without what no database takes: NUL, and halves of characters, which JSON can write."""
    if not _NO_TEXT.search(text):
        return text
    return text.replace("\0", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def first_sign(file: IO[bytes]) -> str:
    """The first character that is not blank: `{` or `[` in JSON; "" in an empty file."""
    file.seek(0)
    return _Text(file).peek()


def _walk(text: _Text, path: Path, form: Form, apart: frozenset[Form], *, is_member: bool = False) -> Iterator[Piece]:
    sign = text.peek()
    if sign not in {"{", "["} or (form not in apart and not (is_member and sign == "[")):
        place = text.place()
        value, fault = text.value()
        yield Piece(path, value, place, fault)
    elif sign == "{":
        yield from _members(text, path, form, apart)
    else:
        yield from _elements(text, path, form, apart)


def _members(text: _Text, path: Path, form: Form, apart: frozenset[Form]) -> Iterator[Piece]:
    text.take("{")
    keys: set[str] = set()
    while text.peek() != "}":
        if keys:
            text.take(",")
        if text.peek() != '"':
            raise Unreadable(f"{text.where()}: a key is missing.")
        where = text.where()
        key, _ = text.value()
        if key in keys:
            raise Unreadable(f"{where}: the key “{key[:40]}” is there twice.")
        keys.add(key)
        if len(keys) > _MOST_KEYS:
            raise Unreadable(f"{where}: there are too many keys.")
        text.peek()
        text.take(":")
        yield from _walk(text, (*path, key), (*form, key), apart, is_member=True)
    text.take("}")


def _elements(text: _Text, path: Path, form: Form, apart: frozenset[Form]) -> Iterator[Piece]:
    text.take("[")
    number = 0
    while text.peek() != "]":
        if number:
            text.take(",")
        text.peek()
        yield from _walk(text, (*path, number), (*form, "*"), apart)
        number += 1
    text.take("]")


class _Text:
    """A window on the file's characters that moves on, and knows lines and columns."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        head = file.read(4)
        name = next((found for mark, found in _MARKS.items() if head.startswith(mark)), "utf-8")
        file.seek(0)
        self._decoder = codecs.getincrementaldecoder(name)()
        self._buffer, self._at = "", 0
        self._is_whole = False
        self._line, self._column, self._counted = 1, 1, 0  # of the character at `_counted`
        self._fault = ""
        self._json = JSONDecoder(
            object_pairs_hook=self._object,
            parse_int=self._integer,
            parse_float=self._float,
            parse_constant=self._constant,
        )

    def peek(self) -> str:
        """The next character that is not blank, to which the window moves; "" at the end of the file."""
        while True:
            found = _BLANKS.match(self._buffer, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._buffer):
                return self._buffer[self._at]
            if not self._more():
                return ""

    def pass_line(self, head: str) -> None:
        """Pass the line if it begins with `head`; lines longer than a piece of the file are not passed."""
        if self._buffer.startswith(head, self._at):
            end = self._buffer.find("\n", self._at)
            self._at = end + 1 if end >= 0 else len(self._buffer)

    def take(self, sign: str) -> None:
        if self.peek() != sign:
            what = "the file ends too early" if not self.peek() else f"“{sign}” is missing"
            raise Unreadable(f"{self.where()}: {what}.")
        self._at += 1

    def value(self) -> tuple[Any, str]:
        """The value that begins here, and what is wrong with it."""
        while True:
            self._fault = ""
            try:
                value, end = self._json.raw_decode(self._buffer, self._at)
            except JSONDecodeError as error:
                is_cut = error.pos >= len(self._buffer) - _NEAR or error.msg.startswith("Unterminated")
                if is_cut and self._is_room_for_more() and self._more():
                    continue
                raise self._refusal(error, is_cut=is_cut) from error
            except RecursionError as error:
                raise Unreadable(f"{self.where()}: values are nested too deeply.") from error
            if end == len(self._buffer) and self._is_room_for_more() and self._more():  # a number may go on
                continue
            self._at = end
            return value, self._fault

    def where(self) -> str:
        """The place for an error, at the beginning of its sentence."""
        line, column = self._line_and_column(self._at)
        return f"Line {line}, column {column}"

    def place(self) -> str:
        line, column = self._line_and_column(self._at)
        return f"line {line}" if column == 1 else f"line {line}, column {column}"

    def _is_room_for_more(self) -> bool:
        return len(self._buffer) - self._at < LONGEST

    def _refusal(self, error: JSONDecodeError, *, is_cut: bool) -> Unreadable:
        if is_cut and not self._is_room_for_more():
            return Unreadable(f"{self.where()}: what begins here is longer than {LONGEST:,} characters.")
        if error.pos >= len(self._buffer) or error.msg.startswith("Unterminated"):
            return Unreadable(f"{self.where()}: the file ends before the end of what begins here.")
        self._at = error.pos
        return Unreadable(f"{self.where()}: this is no JSON ({error.msg[:60]}).")

    def _more(self) -> bool:
        """Read on, twice as much as waits at least, so that a long record is not begun again too often. False at the
        end of the file.
        """
        if self._is_whole:
            return False
        self._line, self._column = self._line_and_column(self._at)
        self._buffer, self._at, self._counted = self._buffer[self._at :], 0, 0
        piece = self._file.read(max(_PIECE, len(self._buffer)))
        try:
            self._buffer += self._decoder.decode(piece, final=not piece)
        except UnicodeDecodeError as error:
            self._buffer += error.object[: error.start].decode(error.encoding, "replace")
            self._at = len(self._buffer)
            raise Unreadable(f"{self.where()}: these bytes are no {error.encoding}.") from error
        self._is_whole = not piece
        return bool(piece) or self._at < len(self._buffer)

    def _line_and_column(self, at: int) -> tuple[int, int]:
        lines = self._buffer.count("\n", self._counted, at)
        column = at - self._buffer.rfind("\n", 0, at) if lines else self._column + at - self._counted
        self._line, self._column, self._counted = self._line + lines, column, at
        return self._line, self._column

    def _object(self, members: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(members)
        if len(found) != len(members):
            self._fault = "It has a key twice."
        return found

    def _integer(self, digits: str) -> int | None:
        if len(digits) > _MOST_DIGITS:
            self._fault = "It has a number that is too long."
            return None
        return int(digits)

    def _float(self, digits: str) -> float | None:
        found = float(digits)
        if abs(found) == float("inf"):
            self._fault = "It has a number that is too large."
            return None
        return found

    def _constant(self, name: str) -> None:
        self._fault = f"It has {name} where JSON has a number."
