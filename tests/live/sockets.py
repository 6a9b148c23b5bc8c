"""A running site and the sockets of its readers, for tests that speak to it as browsers and programs do."""

from __future__ import annotations

import json
import threading
from typing import Any, Self

import uvicorn
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from newsroom.server.process import OPTIONS

ORIGIN = "http://news.example"


class Site:
    """`protocol` names another than the product's own way of serving sockets, or other options of uvicorn."""

    def __init__(self, **protocol: Any) -> None:
        self._protocol = protocol

    def __enter__(self) -> Self:
        options = {**OPTIONS, **self._protocol}
        self._server = uvicorn.Server(uvicorn.Config(**options, host="127.0.0.1", port=0, lifespan="on"))
        self._thread = threading.Thread(target=self._server.run)
        self._thread.start()
        while not self._server.started:
            self._thread.join(0.01)
            assert self._thread.is_alive()
        self.port = self._server.servers[0].sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(20)
        assert not self._thread.is_alive()

    def open(self, streams: str = "", **headers: str) -> Reader:
        """A socket from our own page; `_` in a header's name stands for `-`; Origin=None sends none."""
        named = {"Origin": ORIGIN, **{name.replace("_", "-"): value for name, value in headers.items()}}
        url = f"ws://127.0.0.1:{self.port}/live/" + (f"?streams={streams}" if streams else "")
        sent = [(name, value) for name, value in named.items() if value]
        return Reader(connect(url, additional_headers=sent, compression=None, proxy=None, open_timeout=10))

    def open_as(self, user: Any, streams: str = "", **headers: str) -> Reader:
        return self.open(streams, Cookie=f"sessionid={session_of(user)}", **headers)


class Reader:
    """One end of a socket."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self.socket: ClientConnection = connection.__enter__()

    def say(self, **frame: Any) -> None:
        self.socket.send(json.dumps(frame))

    def hear(self, seconds: float = 60) -> dict[str, Any]:
        frame: dict[str, Any] = json.loads(self.socket.recv(seconds))
        return frame

    def ask(self, **frame: Any) -> dict[str, Any]:
        self.say(**frame)
        return self.hear()

    def events(self, count: int) -> list[tuple[int, Any]]:
        """The next events, (offset, data.n) each; their frames must fit together."""
        found: list[tuple[int, Any]] = []
        while len(found) < count:
            frame = self.hear()
            assert frame["type"] == "events", frame
            assert not found or frame["from"] == found[-1][0]
            found += [(event["offset"], event["data"].get("n")) for event in frame["events"]]
            assert frame["upto"] == found[-1][0]
        assert len(found) == count
        return found

    def closing(self) -> int:
        """Read to the end; the close code."""
        try:
            while True:
                self.socket.recv(10)
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 1006

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.__exit__(None, None, None)


def session_of(user: Any) -> str:
    """The key of a new session in which `user` is logged in."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return str(session.session_key)
