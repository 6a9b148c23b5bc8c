"""The bound: the product's own server, answering with the bytes of files: the first of them, or that at /1, /2 …"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import uvicorn


class Constant:
    def __init__(self, bodies: list[bytes]) -> None:
        self.first, *_ = answers = [(_start(body), {"type": "http.response.body", "body": body}) for body in bodies]
        self.answers = {f"/{number}": each for number, each in enumerate(answers)}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        start, body = self.answers.get(scope["path"], self.first)
        await send(start)
        await send(body)


def _start(body: bytes) -> dict[str, Any]:
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    return {"type": "http.response.start", "status": 200, "headers": headers}


if __name__ == "__main__":
    application = Constant([Path(each).read_bytes() for each in sys.argv[2:]])
    uvicorn.run(application, port=int(sys.argv[1]), lifespan="off", access_log=False, log_level="warning")
