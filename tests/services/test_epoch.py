"""The log's epoch survives a restart of the database, and not its crash: then offsets may be given twice."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from websockets.sync.client import connect

from tests.support import services
from tests.support.product import Process, environment, manage

PUBLISH = """
from django.db import transaction
from newsroom.live.outbox import Fact, publish
with transaction.atomic():
    publish(Fact("articles", "article.published", "article.1", {}))
"""


def test_a_crash_gives_a_new_epoch_and_a_restart_does_not(server: services.Postgres, tmp_path: Path) -> None:
    port = services.free_port()
    env = environment(
        DATABASE_URL=f"{server.url}newsroom",
        SECRET_KEY="only-for-tests-" + "x" * 50,
        ALLOWED_HOSTS="127.0.0.1",
        NEWSROOM_DATA=str(tmp_path),
    )
    with Process("serve", "--port", str(port), env=env) as process:
        process.wait_until_ready(f"http://127.0.0.1:{port}")
        with connect(f"ws://127.0.0.1:{port}/live/?streams=articles", proxy=None) as socket:

            def hear() -> dict[str, Any]:
                return json.loads(socket.recv(30))  # type: ignore[no-any-return]

            epoch = hear()["epoch"]
            server.stop()
            server.start()
            assert manage("shell", "-v0", "-c", PUBLISH, env=env).returncode == 0
            frame = hear()
            assert (frame["epoch"], frame["from"], frame["upto"]) == (epoch, 0, 1)

            server.crash()
            server.start()

            assert hear() == {"type": "reset", "stream": "articles"}
            socket.send(json.dumps({"type": "subscribe", "stream": "articles", "epoch": epoch, "offset": 1}))
            assert hear() == {"type": "reset", "stream": "articles"}
            socket.send(json.dumps({"type": "subscribe", "stream": "articles"}))
            again = hear()
            assert (again["type"], again["offset"]) == ("subscribed", 1)
            assert again["epoch"] != epoch
