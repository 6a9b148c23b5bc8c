"""Whether a peer still lives is asked for all sockets together, and its answer costs next to nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from newsroom.live.hub import connections
from newsroom.live.hub.hub import hub
from tests.support.services import wait_for

from .sockets import Site
from .test_hostile_peers import Peer, nobody_but, peer
from .tools import STREAM

PING = b"\x89\x00"
PONG = b"\x8a\x80abcd"  # masked, and empty
SUBSCRIBE = f'{{"type":"subscribe","stream":"{STREAM}"}}'.encode()


@pytest.fixture
def site(transactional_db: None, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    settings.SITE_URL = "http://news.example"
    monkeypatch.setattr(connections, "BEAT_SECONDS", 1)
    with Site() as running:
        yield running


def text(content: bytes) -> bytes:
    """As a frame of a client whose mask is zero: what is sent is what is meant."""
    return bytes((0x81, 0x80 | len(content))) + bytes(4) + content


def frame_of(reader: Peer) -> bytes:
    """The next frame of text; pings that come meanwhile stay without answer."""
    while (head := reader.read(2)) == PING:
        pass
    return reader.read(head[1])


def test_who_answers_stays_and_who_does_not_is_cut(site: Site) -> None:
    with peer(site) as silent, peer(site) as alive:
        for _ in range(3):
            assert alive.read(2) == PING
            alive.send(PONG)

        assert silent.read(4) == PING + b"\x88\x18"  # and a close of 24 bytes
        assert silent.read(24)[:2] == (1011).to_bytes(2)
        nobody_but(1)
        assert alive.read(2) == PING


def test_answers_may_come_together_with_other_frames(site: Site) -> None:
    with peer(site) as busy:
        for _ in range(3):
            assert busy.read(2) == PING
            busy.send(PONG + text(b"{}") + PONG)
            assert b"malformed" in frame_of(busy)


@pytest.mark.parametrize("size", [90, 40_002], ids=["short", "long"])
def test_what_looks_like_an_answer_inside_a_message_belongs_to_the_message(site: Site, size: int) -> None:
    """The last six bytes come alone, and are masked so that they look like an empty pong."""
    mask = bytes((0x8A ^ 0x20, 0x80 ^ 0x20, 1, 2))
    content = bytes(byte ^ mask[place % 4] for place, byte in enumerate(SUBSCRIBE.ljust(size)))
    head = bytes((0x81, 0x80 | size)) if size < 126 else b"\x81\xfe" + size.to_bytes(2)
    with peer(site) as busy:
        assert busy.read(2) == PING  # an answer is waited for
        busy.send(head + mask + content[:-6])
        wait_for(lambda: all(each.wire._unparsed for each in hub.guests), what="its beginning to arrive")
        assert content[-6:].startswith(PONG[:2])
        busy.send(content[-6:])

        assert b"subscribed" in frame_of(busy)
