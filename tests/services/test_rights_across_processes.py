"""A right that is lost is lost in every process, whoever took it away, with Redis and without."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from tests.support import services
from tests.support.product import environment, manage

from .test_live_across_processes import Pair

PREPARE = """
import json
from accounts import actions as accounts
from accounts.models import User
from articles import actions as articles
from articles.models import Section
from comments.actions import discussion_of
from tests.live.sockets import session_of
def person(name, role="reader"):
    return User.objects.create_user(f"{name.lower()}@news.example", name, "x" * 20, role=role, is_confirmed=True)
ada, eddy, mo = person("Ada", "administrator"), person("Eddy", "editor"), person("Mo", "moderator")
bea, lea, pia = person("Bea"), person("Lea"), person("Pia")
section = Section.objects.create(name="Lokales", slug="lokales")
article = articles.draft_article(actor=eddy, section=section, headline="Eine Meldung", lead="Kurz.", body="Lang.")
articles.publish_article(article.pk, actor=eddy)
secret = accounts.create_token(pia, name="Programm", scopes=["read"])[1]
as_browser = lambda user: {"Cookie": f"sessionid={session_of(user)}", "Origin": "http://news.example"}
print(json.dumps({
    "bea": [f"user.{bea.pk}", as_browser(bea)],
    "lea": [f"user.{lea.pk}", as_browser(lea)],
    "pia": [f"user.{pia.pk}", {"Authorization": f"Bearer {secret}"}],
    "mo": ["moderation", as_browser(mo)],
    "anybody": [f"discussion.{discussion_of(article).pk}", {}],
    "eddy": ["articles", as_browser(eddy)],
}))
"""
TAKE_AWAY = """
from accounts import actions as accounts
from accounts.duties import NONE
from accounts.models import User
from articles import actions as articles
from articles.models import Article
ada, eddy, bea, lea, pia, mo = [User.objects.get(name=name) for name in "Ada Eddy Bea Lea Pia Mo".split()]
accounts.impose_sanction(bea.pk, actor=ada, scope='all', until=None, reason="spam")
accounts.log_out_everywhere(lea.pk)
accounts.revoke_token(pia, pia.api_tokens.get().pk)
accounts.give_duties(mo.pk, actor=ada, duties=NONE)
articles.retract_article(Article.objects.get().pk, actor=eddy)
"""
COME_BACK, NOTHING_LEFT = 1012, 4003
ENDS = {"bea": COME_BACK, "lea": COME_BACK, "pia": COME_BACK, "mo": NOTHING_LEFT, "anybody": NOTHING_LEFT}


@pytest.fixture
def pair(make_database: Callable[[], str], tmp_path: Path) -> Iterator[tuple[Pair, ExitStack]]:
    """Two servers, and what ends their Redis."""
    with ExitStack() as stack:
        redis = stack.enter_context(ExitStack())
        env = environment(
            DATABASE_URL=make_database(),
            REDIS_URL=redis.enter_context(services.redis()).url,
            SECRET_KEY="only-for-tests-" + "x" * 50,
            SITE_URL="http://news.example",
            ALLOWED_HOSTS="127.0.0.1",
            NEWSROOM_DATA=str(tmp_path),
        )
        yield Pair(stack, env), redis


def shell(pair: Pair, text: str) -> str:
    done = manage("shell", "-v0", "-c", text, env=pair.env)
    assert done.returncode == 0, done.stderr
    return done.stdout


@contextmanager
def following(port: int, stream: str, headers: dict[str, str]) -> Iterator[Any]:
    url = f"ws://127.0.0.1:{port}/live/?streams={stream}"
    with connect(url, additional_headers=headers, proxy=None) as socket:
        yield socket


def closing(socket: Any) -> int:
    """Read to the end; the close code."""
    with suppress(ConnectionClosed):
        while True:
            socket.recv(20)
    return int(socket.close_code)


@pytest.mark.parametrize("has_redis", [True, False], ids=["with Redis", "without"])
def test_who_loses_a_right_is_cut_in_every_process(pair: tuple[Pair, ExitStack], *, has_redis: bool) -> None:
    servers, redis = pair
    people: dict[str, tuple[str, dict[str, str]]] = json.loads(shell(servers, PREPARE))
    with ExitStack() as stack:
        sockets = {
            (name, port): stack.enter_context(following(port, *person))
            for name, person in people.items()
            for port in servers.ports
        }
        assert {json.loads(each.recv(10))["type"] for each in sockets.values()} == {"subscribed"}
        if not has_redis:
            redis.close()

        shell(servers, TAKE_AWAY)

        ended = {key: closing(each) for key, each in sockets.items() if key[0] != "eddy"}
        assert ended == {(name, port): code for name, code in ENDS.items() for port in servers.ports}
        for port in servers.ports:  # whose rights are as they were
            frame = json.loads(sockets["eddy", port].recv(10))
            assert [event["kind"] for event in frame["events"]] == ["article.retracted"]

    for port in servers.ports:
        for name in ("mo", "anybody"):
            with following(port, *people[name]) as again:
                assert json.loads(again.recv(10))["code"] == "unknown_stream"
        with pytest.raises(InvalidStatus), following(port, *people["pia"]):
            pass
