"""A standby that no commit waits for takes over: what it had not heard of is lost, and nothing else goes wrong.

Prints a line RECOVERED (`pytest -s`).
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest

from tests.services.outage import PREPARE
from tests.support import services
from tests.support.live import Follower, follow
from tests.support.product import Process, environment, manage

WORKERS = 2
TEXTS = 'SELECT text FROM comments_comment WHERE "order" IS NOT NULL'


@dataclass
class Pair:
    """A site with a server of PostgreSQL and its standby; `chat` is the number of a discussion."""

    url: str
    process: Process
    first: services.Postgres
    standby: services.Postgres
    chat: int
    client: httpx.Client  # of somebody who comments

    def say(self, text: str, key: str) -> httpx.Response:
        return self.client.post(self.path, json={"text": text}, headers={"Idempotency-Key": key})

    def insist(self, text: str, key: str) -> int:
        """Repeat it, as browsers do, until it is taken; gives the comment's number."""
        answers: list[httpx.Response] = []

        def is_taken() -> bool:
            answers.append(self.say(text, key))
            assert answers[-1].status_code in {201, 503}, answers[-1].text
            return answers[-1].status_code == 201

        services.wait_for(is_taken, seconds=60, what="a comment")
        return int(answers[-1].json()["id"])

    def listed(self) -> dict[str, Any]:
        """What everybody reads, without a login."""
        answer: dict[str, Any] = httpx.get(f"{self.url}{self.path}?sort=oldest").raise_for_status().json()
        return answer

    @property
    def path(self) -> str:
        return f"/api/v1/discussions/{self.chat}/comments/"

    @property
    def stream(self) -> str:
        return f"discussion.{self.chat}"


@pytest.fixture
def pair(cluster: Path, tmp_path: Path) -> Iterator[Pair]:
    with ExitStack() as stack:
        first = stack.enter_context(services.postgres(cluster=cluster))
        standby = stack.enter_context(services.standby_of(first))
        store, port = stack.enter_context(services.redis()), services.free_port()
        where = f"host=127.0.0.1,127.0.0.1&port={first.port},{standby.port}"
        env = environment(
            DATABASE_URL=f"postgres://newsroom@/newsroom?{where}&target_session_attrs=read-write",
            REDIS_URL=store.url,
            SECRET_KEY="only-for-tests-" + "x" * 50,
            SITE_URL="http://news.example",
            ALLOWED_HOSTS="127.0.0.1",
            NEWSROOM_DATA=str(tmp_path),
            STATEMENT_TIMEOUT="2",
        )
        done = manage("shell", "-v0", "-c", PREPARE, env=env)
        assert done.returncode == 0, done.stderr
        chats, tokens = json.loads(done.stdout)
        server = Process("serve", "--port", str(port), "--workers", str(WORKERS), env=env)
        process, url = stack.enter_context(server), f"http://127.0.0.1:{port}"
        process.wait_until_ready(url)
        headers = {"Authorization": f"Bearer {tokens[0]}"}
        client = stack.enter_context(httpx.Client(base_url=url, headers=headers, timeout=60))
        yield Pair(url, process, first, standby, chats[0], client)


def ask(server: services.Postgres, sql: str) -> list[str]:
    with psycopg.connect(f"{server.url}newsroom", autocommit=True) as connection:
        return [str(value) for (value,) in connection.execute(sql).fetchall()]


def cut_off(standby: services.Postgres) -> None:
    """From now on it hears nothing of the first server."""
    with psycopg.connect(f"{standby.url}newsroom", autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET primary_conninfo = ''")
        connection.execute("SELECT pg_reload_conf()")
    services.wait_for(lambda: ask(standby, "SELECT pid FROM pg_stat_wal_receiver") == [], what="the end of the copying")


def await_reset(follower: Follower) -> None:
    while (frame := follower.frame(60))["type"] != "reset":
        assert frame["type"] == "events", frame


def test_what_a_standby_had_not_heard_is_lost_and_can_be_said_again(pair: Pair) -> None:
    kept, lost, unanswered = (str(uuid4()) for _ in range(3))
    with follow(pair.url, pair.stream) as follower:
        first = pair.insist("Repliziert", kept)
        before = follower.event()["offset"]
        services.wait_for(lambda: "Repliziert" in ask(pair.standby, TEXTS), what="its copy")
        top = f"SELECT top FROM live_stream WHERE name = '{pair.stream}'"
        services.wait_for(lambda: ask(pair.standby, top) == [str(before)], what="the copy of its event")
        cut_off(pair.standby)
        pair.insist("Bestätigt, nicht repliziert", lost)
        assert follower.event()["offset"] == before + 1
        was = pair.listed()["position"]
        assert [each["text"] for each in pair.listed()["results"]] == ["Repliziert", "Bestätigt, nicht repliziert"]

        pair.first.process.kill()
        pair.first.process.wait()
        refused = pair.say("Ohne Antwort", unanswered)
        assert (refused.status_code, int(refused.headers["Retry-After"]) > 0) == (503, True)
        promoted = time.monotonic()
        pair.standby.promote()

        third = pair.insist("Ohne Antwort", unanswered)
        wrote = time.monotonic() - promoted
        await_reset(follower)
        heard = time.monotonic() - promoted
    # A program that comes with a position of the lost log starts anew
    with follow(pair.url, "articles") as late:
        late.socket.send(json.dumps({"type": "subscribe", "stream": pair.stream, **was}))
        assert late.frame() == {"type": "reset", "stream": pair.stream}
    assert [each["text"] for each in pair.listed()["results"]] == ["Repliziert", "Ohne Antwort"]
    assert pair.listed()["position"]["epoch"] != was["epoch"]

    again = {key: pair.insist(text, key) for text, key in (("Repliziert", kept), ("Ohne Antwort", unanswered))}
    said = [pair.insist("Bestätigt, nicht repliziert", lost) for _ in range(2)]

    assert again == {kept: first, unanswered: third}
    assert said[0] == said[1]
    texts = ["Repliziert", "Ohne Antwort", "Bestätigt, nicht repliziert"]
    services.wait_for(lambda: [each["text"] for each in pair.listed()["results"]] == texts, what="the list")
    assert sorted(ask(pair.standby, TEXTS)) == sorted(texts)
    assert "Traceback" not in pair.process.log()
    print(f"RECOVERED late standby: after its promotion write {wrote:.1f}, hear {heard:.1f}")
