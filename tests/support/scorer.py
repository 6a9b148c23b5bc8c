"""A program that scores texts, as somebody else might run it: a real HTTP server on this machine."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

SECRET = "whsec_" + base64.b64encode(b"a secret of thirty-two bytes....").decode()


class Scorer:
    """`asked` is what it was asked, each question with whether its signature is right. `answer` may be changed."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.status = 200
        self.headers: dict[str, str] = {}
        self.body: bytes = json.dumps({"score": 0.9, "spans": [[0, 2]], "detail": "toxic"}).encode()
        self.may_answer = Event()
        self.may_answer.set()
        self.meanwhile: Callable[[], object] = lambda: None
        self.url = ""

    def says(self, **reply: Any) -> None:
        self.body = json.dumps(reply).encode()


@contextmanager
def serving() -> Iterator[Scorer]:
    scorer = Scorer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            scorer.asked.append(json.loads(body) | {"path": self.path, "is_signed": _is_signed(self.headers, body)})
            scorer.meanwhile()
            scorer.may_answer.wait(30)
            try:
                self.send_response(scorer.status)
                for name, value in {"Content-Length": str(len(scorer.body)), **scorer.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(scorer.body)
            except OSError:
                self.close_connection = True  # whoever asked has gone

        def log_message(self, *_args: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    scorer.url = f"http://127.0.0.1:{server.server_port}/texts?of=news"
    thread = Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield scorer
    scorer.may_answer.set()
    server.shutdown()
    thread.join()
    server.server_close()


def _is_signed(headers: Any, body: bytes) -> bool:
    """As https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md says."""
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    code = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return f"v1,{code}" in headers["webhook-signature"].split(" ")
