"""JSON is read in pieces, with the place of everything that is wrong, and never with more than a record in memory."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterator
from io import BytesIO, RawIOBase
from typing import IO, Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from articles.importers import documents
from articles.importers.documents import pieces
from articles.importers.elements import Unreadable

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**18), 10**18)
    | st.text(max_size=9)
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=60, deadline=None)
@given(st.lists(VALUES, max_size=6), st.sampled_from([None, 0, 3]), st.booleans())
def test_a_list_comes_member_by_member(values: list[Any], indent: int | None, is_ascii: bool) -> None:
    content = json.dumps(
        {"before": 1, "list": values, "other": [[]], "after": {"list": [1]}}, indent=indent, ensure_ascii=is_ascii
    )
    found = list(pieces(BytesIO(content.encode()), {()}))
    assert [(piece.path, piece.value) for piece in found] == [
        (("before",), 1),
        *((("list", number), value) for number, value in enumerate(values)),
        (("other", 0), []),
        (("after",), {"list": [1]}),
    ]
    assert not any(piece.fault for piece in found)


def test_places_are_those_of_the_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [{"n": number, "é": "ж" * (number % 97)} for number in range(300)]
    content = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode()
    for size in (7, 1000, 65_536):
        monkeypatch.setattr(documents, "_PIECE", size)
        found = list(pieces(BytesIO(content), (), are_many=True))
        assert [piece.place for piece in found] == [f"line {number + 1}" for number in range(300)]
        assert [piece.value for piece in found] == lines
    monkeypatch.setattr(documents, "_PIECE", 3)
    nested = list(
        pieces(BytesIO(b'\xef\xbb\xbf{"a": [1,\n 22, "\xc3\xa9"], "b": {"c": [{}]}}'), {(), ("a",), ("b",), ("b", "c")})
    )
    assert [(piece.path, piece.value, piece.place) for piece in nested] == [
        (("a", 0), 1, "line 1, column 8"),
        (("a", 1), 22, "line 2, column 2"),
        (("a", 2), "é", "line 2, column 6"),
        (("b", "c", 0), {}, "line 2, column 24"),
    ]


def test_other_encodings_that_windows_writes_are_read() -> None:
    for encoding in ("utf-8-sig", "utf-16"):
        content = '{"name": "Žofie"}'.encode(encoding)
        assert [piece.value for piece in pieces(BytesIO(content), ())] == [{"name": "Žofie"}]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "Line 1, column 1: the file is empty."),
        (b" \n ", "Line 2, column 2: the file is empty."),
        (b'{"list": [1, 2', "Line 1, column 15: the file ends too early."),
        (b'{"list": [1, "tw', "Line 1, column 14: the file ends before the end of what begins here."),
        (b'{"list": [\n{"a": 1, "b"', "Line 2, column 1: the file ends before the end of what begins here."),
        (b'{"list": [\n{"a": 1, b: 2}]}', "Line 2, column 10: this is no JSON (Expecting property name"),
        (b'{"list": [\n1 2]}', "Line 2, column 3: “,” is missing."),
        (b'{"list": [1,]}', "Line 1, column 13: this is no JSON (Expecting value)."),
        (b'{"list" [1]}', "Line 1, column 9: “:” is missing."),
        (b"{list: []}", "Line 1, column 2: a key is missing."),
        (b'{"list": [], "list": []}', "Line 1, column 14: the key “list” is there twice."),
        (b'{"list": ["a\nb"]}', "Line 1, column 13: this is no JSON (Invalid control character at)."),
        (b'{"list": [1]} {}', "Line 1, column 15: something follows the end of the document."),
        (b'{"list": [1]}\x00', "Line 1, column 14: something follows the end of the document."),
        (b'{"list": [\x00]}', "Line 1, column 11: this is no JSON (Expecting value)."),
        (b'{"list": [\n"\xff"]}', "Line 2, column 2: these bytes are no utf-8."),
        (b'{"list": [' + b"[" * 100_000, "Line 1, column 11: values are nested too deeply."),
        (b'{"list": [' + b'{"a":' * 100_000, "Line 1, column 11: values are nested too deeply."),
        (b"<html>", "Line 1, column 1: this is no JSON (Expecting value)."),
        (b"{" + b",".join(b'"%d": 0' % n for n in range(1200)), "Line 1, column 8892: there are too many keys."),
    ],
)
def test_what_is_no_json_is_refused_with_its_place(content: bytes, reason: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        list(pieces(BytesIO(content), {(), ("list",)}))
    assert str(refusal.value).startswith(reason)


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        (b'{"a": 1, "a": 2}', "It has a key twice."),
        (b'{"a": {"b": 1, "b": 1}}', "It has a key twice."),
        (b'{"a": ' + b"7" * 10_000 + b"}", "It has a number that is too long."),
        (b'{"a": 1e999}', "It has a number that is too large."),
        (b'{"a": NaN}', "It has NaN where JSON has a number."),
        (b'{"a": -Infinity}', "It has -Infinity where JSON has a number."),
    ],
)
def test_a_value_without_certain_meaning_is_marked_and_its_neighbours_are_not(value: bytes, fault: str) -> None:
    found = list(pieces(BytesIO(b"[1, " + value + b", 2]"), {()}))
    assert [piece.fault for piece in found] == ["", fault, ""]


def test_memory_holds_one_record_and_an_endless_one_is_refused() -> None:
    tracemalloc.start()
    try:
        file = _Endless(iter([b"[", *([b'{"text": "' + b"a" * 1000 + b'"},'] * 5_000), b"1]"]))
        assert sum(1 for _ in pieces(cast("IO[bytes]", file), {()})) == 5_001
        assert tracemalloc.get_traced_memory()[1] < 2 << 20
        with pytest.raises(Unreadable, match=r"Line 1, column 2: what begins here is longer than 4,194,304 characters"):
            list(pieces(cast("IO[bytes]", _Endless(iter([b'["', *([b"a" * 65_536] * 1000)]))), {()}))
        assert tracemalloc.get_traced_memory()[1] < 64 << 20
    finally:
        tracemalloc.stop()


class _Endless(RawIOBase):
    """A file that is made while it is read."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        self.parts, self.waiting, self.is_read = parts, b"", False

    def seek(self, offset: int, whence: int = 0) -> int:
        return 0

    def read(self, size: int = -1) -> bytes:
        while len(self.waiting) < size and (part := next(self.parts, b"")):
            self.waiting += part
        if size == 4 and not self.is_read:  # the head, after which the file is read from its beginning
            self.is_read = True
            return self.waiting[:4]
        found, self.waiting = self.waiting[:size], self.waiting[size:]
        return found
