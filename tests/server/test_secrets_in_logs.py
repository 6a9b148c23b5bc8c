"""What the log never shows: keys in paths, query strings, mail addresses. And whose lines belong together."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from threading import Event
from typing import Any

import httpx
import pytest
from django.db import IntegrityError
from django.middleware.common import CommonMiddleware
from django.tasks import task
from django.urls import NoReverseMatch, URLPattern, get_resolver, reverse

from newsroom.live.transports import conversation
from newsroom.monitoring.masking import CONVERTERS, NAMES, masked
from newsroom.monitoring.requests import on_behalf_of
from newsroom.server.logs import Formatter, JSONFormatter
from tests.live.sockets import ORIGIN, Site
from tests.support.services import wait_for

SECRET = "Zq7-secret-Zq7"
ADDRESS = "carla.neu@example.org"
LINE = "{asctime} {levelname} {name}{asked}: {message}"


class Log(logging.Handler):
    def __init__(self, formatter: logging.Formatter) -> None:
        super().__init__(logging.WARNING)
        self.setFormatter(formatter)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture
def log(request: pytest.FixtureRequest) -> Iterator[Log]:
    made = Log(getattr(request, "param", None) or Formatter(LINE, style="{"))
    logging.getLogger().addHandler(made)
    yield made
    logging.getLogger().removeHandler(made)


@pytest.fixture
def site(transactional_db: None, settings: Any) -> Iterator[Site]:
    settings.SITE_URL = ORIGIN
    with Site() as running:
        yield running


def secret_addresses(resolver: Any = None, spaces: str = "") -> Iterator[str]:
    """Each address of the site that has anything but numbers and slugs in its path, with secrets there."""
    for each in (resolver or get_resolver()).url_patterns:
        if not isinstance(each, URLPattern):
            yield from secret_addresses(each, f"{spaces}{each.namespace}:" if each.namespace else spaces)
        elif each.name:
            pattern = each.pattern
            names = getattr(pattern, "converters", None) or dict.fromkeys(pattern.regex.groupindex, "")
            public = {name for kind, name in re.findall(r"<(\w+):(\w+)>", str(pattern)) if kind in CONVERTERS}
            values = {name: ("7" if name in public else "articles" if name in NAMES else SECRET) for name in names}
            if SECRET in values.values():
                try:
                    yield reverse(f"{spaces}{each.name}", kwargs=values)
                except NoReverseMatch:
                    values = {name: value.replace("-", "") for name, value in values.items()}
                    yield reverse(f"{spaces}{each.name}", kwargs=values)


def broken(self: Any, request: Any) -> None:
    if "X-Break" in request.headers:
        raise IntegrityError(f"({ADDRESS}) at {request.get_full_path()} of {request.path!r}")


def test_no_key_of_an_address_comes_into_the_log(site: Site, log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CommonMiddleware, "process_request", broken)
    paths = list(secret_addresses())
    assert {"/unsubscribe/", "/accounts/confirm-email/", "/accounts/password/reset/key/", "/feeds/replies/"} <= {
        path.partition("Zq7")[0].removesuffix("7-") for path in paths
    }
    seen: set[int] = set()
    with httpx.Client(base_url=f"http://127.0.0.1:{site.port}", headers={"Host": "testserver"}, timeout=20) as client:
        for path in paths:
            query = f"?email={ADDRESS}&token={SECRET}"
            asked = [
                client.get(path + query),
                client.post(path + query, data={"email": ADDRESS}),  # without a token against forgery
                client.request("PROPFIND", path),
                client.get(f"{path.removesuffix('/')}/more/{SECRET}/" + query),
                client.get(path + query, headers={"X-Break": "1"}),
            ]
            seen |= {each.status_code for each in asked}

    text = "\n".join(log.lines)
    assert {403, 404, 405, 500} <= seen
    assert len(log.lines) >= 2 * len(paths)
    assert "/unsubscribe/…/" in text
    assert "Zq7" not in text
    assert "carla" not in text.lower()
    assert "token=" not in text


def test_a_request_has_one_id_in_its_answer_and_its_lines(
    site: Site, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask(path: str = "/nowhere/", **headers: str) -> str:
        return httpx.get(f"http://127.0.0.1:{site.port}{path}", headers={"Host": "testserver", **headers}).headers[
            "x-request-id"
        ]

    first, second = ask(), ask()

    assert re.fullmatch("[0-9a-f]{16}", first)
    assert first != second
    assert [re.findall(r"\[(.*?)\]", line) for line in log.lines] == [[first], [second]]
    assert ask(**{"X-Request-ID": "mine.7_A-z"}) == "mine.7_A-z"
    for bad in ("two words", "x" * 65, "a/b", ""):
        assert re.fullmatch("[0-9a-f]{16}", ask(**{"X-Request-ID": bad}))
    assert ask("/robots.txt") != ask("/robots.txt")  # the second one from memory
    assert ask("/robots.txt", **{"X-Request-ID": "mine"}) == "mine"


@task
def complain(*, again: bool = False) -> None:
    logging.getLogger("tests.logs").warning("a task")
    if not again:
        complain.enqueue(again=True)


def test_the_id_goes_with_tasks(log: Log, work: Event) -> None:
    with on_behalf_of("abc"):
        complain.enqueue()

    wait_for(lambda: len(log.lines) >= 2, what="the task and the one that it has queued")
    assert all(line.endswith(" WARNING tests.logs [abc]: a task") for line in log.lines)


def test_a_socket_has_one_id_for_all_its_commands(site: Site, log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise ValueError("broken")

    monkeypatch.setattr(conversation, "viewer_of", fail)
    with site.open(X_Request_ID="mine") as socket:
        assert socket.socket.response is not None
        assert socket.socket.response.headers["X-Request-ID"] == "mine"
        for _ in range(2):
            assert socket.ask(type="comment", key="1")["code"] == "unavailable"

    assert [line.splitlines()[0].partition("ERROR ")[2] for line in log.lines] == [
        "newsroom.live.transports.conversation [mine]: a command failed"
    ] * 2


@pytest.mark.parametrize("log", [JSONFormatter()], indirect=True)
def test_programs_read_a_line_as_json(log: Log) -> None:
    with on_behalf_of("7"):
        error = ValueError(f"for {ADDRESS}\nand more")
        logging.getLogger("tests.logs").error("no “%s” of %s", "thing", ADDRESS, exc_info=error)
    logging.getLogger("tests.logs").warning("plain")

    first, second = map(json.loads, log.lines)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", first.pop("time"))
    trace = first.pop("traceback")
    assert trace == "ValueError: for …\nand more"
    assert first == {"level": "ERROR", "logger": "tests.logs", "message": "no “thing” of …", "request_id": "7"}
    assert (second["message"], second["request_id"], "traceback" in second) == ("plain", None, False)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Not Found: /unsubscribe/abc:def/", "Not Found: /unsubscribe/…/"),
        (
            "Referer checking failed - https://news.example/unsubscribe/abc/?x=1 does",
            "Referer checking failed - https://news.example/unsubscribe/…/?… does",
        ),
        ("see https://else.example/p/123456/abc", "see https://else.example/…/123456/…"),
        ("GET /search/?q=my+words HTTP", "GET /search/?… HTTP"),
        ("/articles/die-neue-faehre/ of /comments/7/", "/articles/die-neue-faehre/ of /comments/7/"),
        (
            'File "/opt/newsroom/newsroom/urls.py", line 3, in <module>',
            'File "/opt/newsroom/newsroom/urls.py", line 3, in <module>',
        ),
        ("Key (email)=(carla@example.org) already exists", "Key (email)=(…) already exists"),
        ("redis://user:pass@cache.example:6379/0", "redis://user:…:6379/0"),
    ],
)
def test_what_is_public_stays_readable(text: str, shown: str) -> None:
    assert masked(text) == shown
