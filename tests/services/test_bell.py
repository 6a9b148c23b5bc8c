"""Rings of processes that serve nobody: commands, importers, the background worker."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from newsroom.live.layer import RedisChannelLayer
from newsroom.live.log import bell
from tests.support import services
from tests.support.product import environment, manage

TWELVE = "from newsroom.live.log.bell import ring\nfor n in range(12): ring(f'articles.{n}')"
TWICE_IN_THE_FAMILY = """
import os, sys
from newsroom.live.log.bell import ring
ring("articles.0")
child = os.fork()
if not child:
    ring("articles.1")
    sys.exit()
assert os.waitpid(child, 0)[1] == 0
"""
PUBLISH = """
from django.db import transaction
from newsroom.live.outbox import Fact, publish
for n in range(60):
    with transaction.atomic():
        publish(Fact("articles", "article.published", f"article.{n}", {"n": n}))
"""
type Run = Callable[[str, str], None]


@pytest.fixture
def run(filled_folder: Callable[[], Path]) -> Run:
    """Have the product execute this text, with Redis at this address, in at most thirty seconds."""
    env = environment(SECRET_KEY="only-for-tests-" + "x" * 50, NEWSROOM_DATA=str(filled_folder()))

    def execute(text: str, redis_url: str) -> None:
        done = manage("shell", "-v0", "-c", text, env={**env, "REDIS_URL": redis_url}, seconds=30)
        assert done.returncode == 0, done.stderr

    return execute


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
@pytest.mark.parametrize(("text", "streams"), [(TWELVE, 12), (TWICE_IN_THE_FAMILY, 2)], ids=["ended", "forked"])
def test_all_that_a_process_rang_is_heard_elsewhere_though_it_has_ended(
    run: Run, redis_server: services.Redis, host: str, text: str, streams: int
) -> None:
    url = redis_server.url.replace("127.0.0.1", host)

    heard = asyncio.run(heard_while(lambda: run(text, url), redis_server.url, streams))

    assert heard == {f"articles.{n}" for n in range(streams)}


def test_a_process_does_not_wait_for_a_redis_that_does_not_answer(run: Run, redis_server: services.Redis) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        run(PUBLISH, f"redis://127.0.0.1:{deaf.getsockname()[1]}/0")

    heard = asyncio.run(heard_while(lambda: run(PUBLISH, redis_server.url), redis_server.url, 1))

    assert heard == {"articles"}


async def heard_while(deed: Callable[[], None], redis_url: str, count: int) -> set[str]:
    """What a hub in another process hears, up to so many streams."""
    layer = RedisChannelLayer(redis_url)
    channel = await layer.new_channel()
    await layer.group_add(bell.GROUP, channel)
    await asyncio.to_thread(deed)
    heard: set[str] = set()
    while len(heard) < count:
        message = await asyncio.wait_for(layer.receive(channel), 20)
        streams: Iterable[str] = message["streams"]
        heard |= set(streams)
    await layer.close()
    return heard
