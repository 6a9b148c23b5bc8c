"""Whatever a file holds, its reader reads it, or refuses it with a place."""

from __future__ import annotations

import json
import random
from datetime import UTC
from typing import Any

import pytest

from comments.importers.records import Unreadable
from tests.importers.archives import read
from tests.importers.test_systems import SITE, SYSTEMS

FILES = 150  # of each system
_TIMES = ["2020-01-01", "0001-01-01T00:00:00+23:59", {"$date": {"$numberLong": "x"}}, {"$date": -1e300}]
_TEXTS = ["", "x", "\ud800", "\0", "http://[", "//[x", "9" * 400]
_ODD: list[Any] = [None, True, -1, 1.5, 10**25, [], {}, [1], {"a": []}, *_TIMES, *_TEXTS]
_SIGNS = [b'"', b"{", b"[", b"}", b"]", b",", b"\0", b"\xff", b"\\", b"\\ud800", b"1e999", b"NaN", b"\n"]


def _with_odd_values(value: Any, chance: random.Random) -> Any:
    if chance.random() < 0.03:
        return chance.choice(_ODD)
    if isinstance(value, dict):
        return {key: _with_odd_values(each, chance) for key, each in value.items() if chance.random() > 0.01}
    return [_with_odd_values(each, chance) for each in value] if isinstance(value, list) else value


def _spoiled(content: bytes, chance: random.Random) -> bytes:
    """With values that nobody expects there, or with bytes that are added, gone or others."""
    if chance.random() < 0.6 and content.startswith((b"{", b"[")):
        parts = content.splitlines()
        return b"\n".join(json.dumps(_with_odd_values(json.loads(part), chance)).encode() for part in parts)
    spoiled = bytearray(content)
    for _ in range(chance.randint(1, 5)):
        at, length = chance.randrange(len(spoiled) + 1), chance.randint(0, 30)
        spoiled[at : at + length] = chance.choice([*_SIGNS, b"", spoiled[at : at + 90] * 2])
    return bytes(spoiled)


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_spoiled_file_is_read_or_refused_with_a_place(system: str) -> None:
    """What is read is text that databases take, and times and numbers in their ranges."""
    name, content, _ = SYSTEMS[system]
    data = content()
    whole = data if isinstance(data, bytes) else json.dumps(data).encode()
    chance = random.Random(system)
    refusals: list[str] = []
    for _ in range(FILES):
        try:
            found = read(name, _spoiled(whole, chance), sites=(SITE,))
        except Unreadable as refusal:
            refusals.append(str(refusal))
            continue
        for page in (page for some in found.pages.values() for page in some):
            _must_be_storable(page.id, page.title, page.identifier, *page.addresses)
        for each in found.replies:
            _must_be_storable(each.id, each.page, each.parent, each.text, each.name, each.person, each.email)
            assert each.at.tzinfo is UTC
            assert 0 <= min(each.up, each.down) <= max(each.up, each.down) < 2**31
    assert 0 < len(refusals) < FILES
    assert all(refusal.startswith(("Line ", "Row ")) for refusal in refusals)


def _must_be_storable(*texts: str) -> None:
    assert b"\0" not in "".join(texts).encode()
