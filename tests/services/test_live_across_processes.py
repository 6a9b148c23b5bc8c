"""Two serving processes, PostgreSQL and Redis: what happens in one is heard in the other, with Redis or without."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from newsroom.live.protocol import Close
from tests.support import services
from tests.support.product import Process, environment, manage

PUBLISH = """
from django.db import transaction
from newsroom.live.outbox import Fact, publish
with transaction.atomic():
    publish(*[Fact("articles", "article.published", f"article.{n}", {"n": n}) for n in range(%d, %d)])
"""


class Pair:
    """Two servers of one site."""

    def __init__(self, stack: ExitStack, env: dict[str, str]) -> None:
        self.env = env
        self.ports = [services.free_port(), services.free_port()]
        self.processes = [stack.enter_context(Process("serve", "--port", str(port), env=env)) for port in self.ports]
        for port, process in zip(self.ports, self.processes, strict=True):
            process.wait_until_ready(f"http://127.0.0.1:{port}")

    def publish(self, first: int, last: int) -> None:
        done = manage("shell", "-v0", "-c", PUBLISH % (first, last + 1), env=self.env)
        assert done.returncode == 0, done.stderr

    @contextmanager
    def readers(self) -> Iterator[list[Any]]:
        with ExitStack() as stack:
            sockets = [
                stack.enter_context(connect(f"ws://127.0.0.1:{port}/live/?streams=articles", proxy=None))
                for port in self.ports
            ]
            assert all(json.loads(each.recv(10))["type"] == "subscribed" for each in sockets)
            yield sockets


def heard(socket: Any, count: int, seconds: float = 10) -> list[int]:
    found: list[int] = []
    while len(found) < count:
        found += [event["data"]["n"] for event in json.loads(socket.recv(seconds))["events"]]
    return found


@pytest.fixture
def site(make_database: Callable[[], str], tmp_path: Path) -> Callable[[ExitStack, str], Pair]:
    def start(stack: ExitStack, redis_url: str, **more: str) -> Pair:
        env = environment(
            **more,
            DATABASE_URL=make_database(),
            REDIS_URL=redis_url,
            SECRET_KEY="only-for-tests-" + "x" * 50,
            SITE_URL="http://news.example",
            ALLOWED_HOSTS="127.0.0.1",
            NEWSROOM_DATA=str(tmp_path),
        )
        return Pair(stack, env)

    return start


def test_what_one_process_numbers_all_processes_tell_with_redis_and_without(site: Any) -> None:
    with ExitStack() as stack:
        redis = ExitStack()
        pair = site(stack, redis.enter_context(services.redis()).url)
        with pair.readers() as sockets:
            pair.publish(1, 3)
            assert [heard(each, 3) for each in sockets] == [[1, 2, 3]] * 2

            redis.close()  # from now on the hubs have their look alone
            pair.publish(4, 5)
            assert [heard(each, 2) for each in sockets] == [[4, 5]] * 2


def test_a_stopping_process_sends_its_readers_to_the_other(site: Any, redis_server: services.Redis) -> None:
    with ExitStack() as stack:
        pair = site(stack, redis_server.url)
        with pair.readers() as sockets:
            pair.publish(1, 1)
            assert [heard(each, 1) for each in sockets] == [[1]] * 2

            assert pair.processes[0].stop() == 0

            with pytest.raises(ConnectionClosed) as closed:
                sockets[0].recv(10)
            assert closed.value.rcvd.code in (1001, 1012)
            pair.publish(2, 2)
            assert heard(sockets[1], 1) == [2]


def test_an_address_has_as_many_sockets_as_it_may_in_all_processes_together(site: Any) -> None:
    def is_refused(port: int) -> bool:
        with connect(f"ws://127.0.0.1:{port}/live/?streams=articles", proxy=None) as socket:
            try:
                return json.loads(socket.recv(10))["type"] != "subscribed"
            except ConnectionClosed as closed:
                return closed.rcvd is not None and closed.rcvd.code == Close.TOO_MANY

    with ExitStack() as stack, services.redis() as redis:
        first, second = site(stack, redis.url, LIMIT_SOCKETS_ADDRESS="8").ports
        with ExitStack() as opened:
            for _ in range(8):
                url = f"ws://127.0.0.1:{first}/live/?streams=articles"
                assert json.loads(opened.enter_context(connect(url, proxy=None)).recv(10))["type"] == "subscribed"
            services.wait_for(lambda: is_refused(second), what="the other process to hear of them")
        services.wait_for(lambda: not is_refused(second), what="room again")
