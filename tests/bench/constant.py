"""The bound: the product's own server, answering every request with the bytes of a file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import uvicorn


class Constant:
    def __init__(self, body: bytes) -> None:
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        self.start = {"type": "http.response.start", "status": 200, "headers": headers}
        self.body = {"type": "http.response.body", "body": body}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await send(self.start)
        await send(self.body)


if __name__ == "__main__":
    application = Constant(Path(sys.argv[2]).read_bytes())
    uvicorn.run(application, port=int(sys.argv[1]), lifespan="off", access_log=False, log_level="warning")
