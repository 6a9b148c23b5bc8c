"""The ways to follow streams, behind one face: whatever the way, the same frames and the same guarantees."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any, Self
from urllib.parse import quote

import httpx
from websockets.exceptions import ConnectionClosed

from .sockets import ORIGIN, Reader, Site, session_of

PATIENCE_SECONDS = 10.0


class Ended(Exception):
    """The server has ended the connection."""


class Follower:
    """Follows from `streams` (`a,b@epoch:5`) on. `frame()` gives the next frame, the answers to joining included."""

    def __init__(self, site: Site, streams: str, cookie: str = "") -> None:
        self.site, self.streams = site, streams
        self.headers = {"Cookie": cookie, "Origin": ORIGIN} if cookie else {"Origin": ORIGIN}
        self.start()

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def frame(self) -> dict[str, Any]:
        """Raises Ended, and TimeoutError."""
        raise NotImplementedError

    def events(self, count: int) -> list[tuple[int, str, Any]]:
        """(offset, kind, data.n) of the next events; their frames fit together."""
        found: list[tuple[int, str, Any]] = []
        while len(found) < count:
            frame = self.frame()
            assert frame["type"] == "events", frame
            assert not found or frame["from"] == found[-1][0]
            found += [(event["offset"], event["kind"], event["data"].get("n")) for event in frame["events"]]
            assert frame["upto"] == found[-1][0]
        assert len(found) == count
        return found

    def offsets(self, count: int) -> list[int]:
        return [offset for offset, _, _ in self.events(count)]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


class OverSocket(Follower):
    def start(self) -> None:
        extra = {"Cookie": self.headers["Cookie"]} if "Cookie" in self.headers else {}
        self._reader: Reader = self.site.open(self.streams, **extra)

    def stop(self) -> None:
        self._reader.__exit__()

    def frame(self) -> dict[str, Any]:
        try:
            return self._reader.hear(PATIENCE_SECONDS)
        except ConnectionClosed as closed:
            raise Ended from closed


class OverSse(Follower):
    last_id = ""

    def start(self) -> None:
        self._client = httpx.Client(timeout=PATIENCE_SECONDS)
        self._context = self._client.stream("GET", self.url, headers=self.headers)
        self.response = self._context.__enter__()
        self._lines: Iterator[str] = self.response.iter_lines()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.site.port}/live/sse?streams={quote(self.streams)}"

    def stop(self) -> None:
        self._context.__exit__(None, None, None)
        self._client.close()

    def frame(self) -> dict[str, Any]:
        data, place = "", None
        try:
            for line in self._lines:
                name, _, value = line.partition(": ")
                if name == "id":
                    place = value
                elif name == "data":
                    data = value
                elif not line and data:
                    self.last_id = self.last_id if place is None else place
                    return json.loads(data)  # type: ignore[no-any-return]
        except httpx.ReadTimeout as error:
            raise TimeoutError from error
        except httpx.RemoteProtocolError as error:
            raise Ended from error
        raise Ended


class OverHttp(Follower):
    """Asks again and again, as who has no sockets does."""

    def start(self) -> None:
        self._client = httpx.Client(timeout=PATIENCE_SECONDS, headers={**self.headers, "Host": "testserver"})
        self._positions: dict[str, dict[str, str]] = {}
        self._answers: list[dict[str, Any]] = []
        for each in self.streams.split(","):
            stream, at, position = each.partition("@")
            epoch, _, offset = position.rpartition(":")
            self._join(stream, {"epoch": epoch, "offset": offset} if at else {})

    def stop(self) -> None:
        self._client.close()

    def frame(self) -> dict[str, Any]:
        until = time.monotonic() + PATIENCE_SECONDS
        while not self._answers:
            if not self._positions:
                raise Ended
            if time.monotonic() > until:
                raise TimeoutError
            for stream, position in list(self._positions.items()):
                self._ask(stream, position)
        return self._answers.pop(0)

    def _join(self, stream: str, position: dict[str, str]) -> None:
        frame = self._get(stream, position)
        if frame["type"] == "events":
            self._positions[stream] = {"epoch": frame["epoch"], "offset": frame["from"]}
            told = {"type": "subscribed", "stream": stream, "epoch": frame["epoch"], "offset": frame["from"]}
            self._answers.append(told)
        else:
            self._answers.append(frame)

    def _ask(self, stream: str, position: dict[str, str]) -> None:
        frame = self._get(stream, position)
        if frame["type"] != "events":
            del self._positions[stream]
        elif not frame["events"]:
            return
        else:
            self._positions[stream] = {**position, "offset": frame["upto"]}
        self._answers.append(frame)

    def _get(self, stream: str, position: dict[str, str]) -> dict[str, Any]:
        answer = self._client.get(
            f"http://127.0.0.1:{self.site.port}/api/v1/streams/{quote(stream)}/events/", params=position
        )
        if answer.status_code == 404:
            return {"type": "error", "code": "unknown_stream", "stream": stream}
        frame: dict[str, Any] = answer.json()
        for name in ("top", "more"):
            frame.pop(name, None)
        return frame


TRANSPORTS: dict[str, tuple[type[Follower], dict[str, str]]] = {
    "socket, written to directly": (OverSocket, {}),
    "socket, over ASGI": (OverSocket, {"ws": "websockets-sansio", "http": "httptools"}),
    "SSE": (OverSse, {}),
    "SSE, any server": (OverSse, {"http": "h11"}),
    "HTTP": (OverHttp, {}),
}


class Way:
    """One of TRANSPORTS to a running site."""

    def __init__(self, name: str, site: Site) -> None:
        self.kind, self.site = TRANSPORTS[name][0], site

    def follow(self, streams: str, user: Any = None) -> Follower:
        return self.kind(self.site, streams, f"sessionid={session_of(user)}" if user else "")
