"""A program that follows streams over a WebSocket."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect


class Follower:
    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    def frame(self, seconds: float = 10) -> dict[str, Any]:
        """The next frame. Raises TimeoutError, ConnectionClosed."""
        return json.loads(self.socket.recv(timeout=seconds))  # type: ignore[no-any-return]

    def event(self, seconds: float = 10) -> dict[str, Any]:
        """The next event, whatever frames stand before it."""
        while True:
            frame = self.frame(seconds)
            if frame["type"] == "events":
                assert len(frame["events"]) == 1, frame
                return frame["events"][0]  # type: ignore[no-any-return]

    def close_code(self) -> int:
        """Reads on until the server closes."""
        with suppress(ConnectionClosed):
            for _ in self.socket:
                pass
        assert self.socket.close_code is not None
        return self.socket.close_code


@contextmanager
def follow(url: str, stream: str, **headers: str) -> Iterator[Follower]:
    address = f"{url.replace('http', 'ws', 1)}/live/?streams={stream}"
    with connect(address, additional_headers=headers, open_timeout=20) as socket:
        follower = Follower(socket)
        assert follower.frame()["type"] == "subscribed"
        yield follower
