"""What is kept is written without a task of its own: the same answers, in their order, whatever comes together."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from django.templatetags.static import static
from django.test import Client

from newsroom import metrics
from tests.live.sockets import Site
from tests.support.services import wait_for

from .conftest import Reader, how

KEPT, PASSED = "/robots.txt", "/api/v1/me/"
TELLING = ("content-type", "content-length", "etag", "cache-control", "vary", "content-encoding", "cache-status")


@contextmanager
def line(site: Site) -> Iterator[Any]:
    """A connection as a file; `write` and `flush` send, `answer` reads."""
    with socket.create_connection(("127.0.0.1", site.port), 20) as opened, opened.makefile("rwb") as file:
        yield file


def ask(path: str, *lines: str, method: str = "GET", version: str = "1.1") -> bytes:
    return "\r\n".join([f"{method} {path} HTTP/{version}", "Host: testserver", *lines, "", ""]).encode()


def answer(file: Any, *, has_body: bool = True) -> tuple[int, dict[str, str], bytes]:
    status = int(file.readline().split()[1])
    headers: dict[str, str] = {}
    while (text := file.readline().decode().strip()) != "":
        name, _, value = text.partition(": ")
        headers[name.lower()] = value
    return status, headers, file.read(int(headers.get("content-length", 0))) if has_body else b""


@pytest.fixture
def kept(reader: Reader) -> Reader:
    wait_for(lambda: how(reader.get(KEPT)) == "hit", what="the answer to be kept")
    return reader


def test_what_comes_together_is_answered_in_its_order(site: Site, kept: Reader) -> None:
    with line(site) as file:
        file.write(ask(KEPT) + ask(PASSED) + ask(KEPT, method="HEAD") + ask("/nowhere/") + ask(KEPT))
        file.flush()

        first, passed, head = answer(file), answer(file), answer(file, has_body=False)
        missing, last = answer(file), answer(file)

    assert [each[0] for each in (first, passed, head, missing, last)] == [200, 401, 200, 404, 200]
    assert first[2] == last[2] == kept.get(KEPT).content
    assert head[1]["content-length"] == first[1]["content-length"] == str(len(first[2]))
    assert "cache-status" not in passed[1]


def test_a_request_in_pieces_is_answered_once(site: Site, kept: Reader) -> None:
    with line(site) as file:
        for byte in ask(KEPT):
            file.write(bytes([byte]))
            file.flush()
        assert answer(file)[0] == 200
        file.write(ask(KEPT, "If-None-Match: " + kept.get(KEPT).headers["etag"]))
        file.flush()

        status, headers, _ = answer(file, has_body=False)
        assert (status, headers["cache-status"]) == (304, "newsroom; hit")
        file.write(ask(KEPT, 'If-Match: "x"'))
        file.flush()
        assert answer(file)[1]["content-length"] == "0"  # or its reader would wait for the end of the line


@pytest.mark.parametrize(("version", "lines"), [("1.1", ["Connection: close"]), ("1.0", [])], ids=["asked", "1.0"])
def test_a_line_is_closed_where_that_is_asked_for(site: Site, kept: Reader, version: str, lines: list[str]) -> None:
    with line(site) as file:
        file.write(ask(KEPT, *lines, version=version))
        file.flush()

        status, headers, body = answer(file)
        assert (status, headers["connection"], body) == (200, "close", kept.get(KEPT).content)
        assert file.read() == b""


ASKED: list[dict[str, str]] = [{}, {"Accept-Encoding": "gzip"}, {"If-None-Match": "*"}, {"If-Match": '"x"'}]


def test_any_server_answers_alike(transactional_db: None, article: Any) -> None:
    """Over plain ASGI, below uvicorn's own protocol, as from ours."""
    seen: list[list[Any]] = []
    for protocol in ({}, {"http": "httptools"}):
        with Site(**protocol) as site, httpx.Client(base_url=f"http://127.0.0.1:{site.port}", timeout=20) as client:
            client.headers = httpx.Headers({"Host": "testserver", "Accept-Encoding": "identity"})
            path = f"/articles/{article.slug}/"
            wait_for(lambda: how(client.get(path)) == "hit", what="the page to be kept")  # noqa: B023
            answers = [client.request(method, path, headers=asked) for asked in ASKED for method in ("GET", "HEAD")]
        assert all("date" in each.headers for each in answers)
        seen.append(
            [(each.status_code, each.content, {name: each.headers.get(name) for name in TELLING}) for each in answers]
        )

    ours, theirs = seen
    assert ours == theirs
    assert [each[0] for each in ours] == [200, 200, 200, 200, 304, 304, 412, 412]


def counted(series: str) -> float:
    return sum(float(each.split()[-1]) for each in metrics.text().decode().splitlines() if each.startswith(series))


def test_it_is_counted(kept: Reader) -> None:
    hits = 'newsroom_edge_requests_total{result="hit"}'
    before = counted(hits)
    kept.get(KEPT)
    assert counted(hits) == before + 1


ACCEPTED = ("identity", "gzip", "gzip, deflate, br, zstd", "*", "*;q=0", "br;q=0, *", "gzip;q=0.5")
NAMES = ("newsroom/site.css", "newsroom/site.js", "newsroom/icon.svg", "admin/img/search.svg")


@pytest.mark.parametrize("protocol", [{}, {"http": "httptools"}], ids=["ours", "uvicorn's"])
def test_a_static_file_is_answered_before_django_as_by_django(
    transactional_db: None, client: Client, protocol: dict[str, str]
) -> None:
    with Site(**protocol) as site, httpx.Client(base_url=f"http://127.0.0.1:{site.port}", timeout=20) as visitor:
        visitor.headers = httpx.Headers({"Host": "testserver"})
        every = [(static(name), each, method) for name in NAMES for each in ACCEPTED for method in ("GET", "HEAD")]
        asked: list[tuple[str, str, dict[str, str]]] = []
        for url, accepted, method in every:
            taken = {"Accept-Encoding": accepted}
            tag = visitor.request(method, url, headers=taken).headers["etag"]
            asked += [(method, url, taken), (method, url, taken | {"If-None-Match": tag})]
        for method, url, headers in asked:
            visitor.request(method, url, headers=headers)
        passed, all_of_them = "newsroom_edge_requests_total", "newsroom_http_requests_total"
        before = counted(passed), counted(all_of_them)
        raw = []
        for method, url, headers in asked:
            with visitor.stream(method, url, headers=headers) as answer:
                raw.append((answer.status_code, b"".join(answer.iter_raw()), dict(answer.headers)))
        assert (counted(passed), counted(all_of_them)) == (before[0], before[1] + len(asked))

    assert [status for status, *_ in raw] == [200, 304] * len(every)
    for (method, url, headers), (status, body, given) in zip(asked, raw, strict=True):
        known = client.generic(method, url, headers=headers)
        assert given.pop("date")
        assert (status, body) == (known.status_code, known.content)
        assert re.fullmatch("[0-9a-f]{16}", given.pop("x-request-id"))
        assert given == {name.lower(): value for name, value in known.headers.items()}
        assert "immutable" in given["cache-control"]


def test_what_is_more_than_a_whole_file_is_left_to_django(site: Site, visit: Callable[..., Reader]) -> None:
    url, reader = static("newsroom/site.js"), visit(Accept_Encoding="br")
    whole, plain = reader.get(url), visit().get(url)
    assert whole.content == plain.content == reader.get(url).content  # kept by now

    def status(method: str = "GET", address: str = url, **headers: str) -> int:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return reader.request(method, address, headers=named).status_code

    assert status(If_None_Match=whole.headers["etag"]) == 304
    assert status(If_None_Match=plain.headers["etag"]) == 200
    assert status(If_Modified_Since=whole.headers["last-modified"]) == 304
    assert status(If_Match='"x"') == 412
    assert status(If_Unmodified_Since="Sat, 01 Jan 2000 00:00:00 GMT") == 412
    assert status(Range="bytes=0-4", If_Range=plain.headers["etag"]) == 206
    assert status(Range="bytes=0-4", If_Range=whole.headers["etag"]) == 200
    assert status("POST") == 405
    assert status(address=url.replace("site.js", "sight.js")) == 404
    old = reader.get("/static/000000000000/newsroom/site.js")
    assert (old.content, old.headers["cache-control"]) == (whole.content, "no-store")
    assert (reader.get(url).status_code, reader.get(url).headers["etag"]) == (200, whole.headers["etag"])


def test_a_body_is_no_request_though_it_looks_like_one(site: Site, kept: Reader) -> None:
    known = ask(KEPT)
    with line(site) as file:
        for _ in range(3):  # known by now
            file.write(known)
            file.flush()
            assert answer(file)[0] == 200
        file.write(ask(PASSED, f"Content-Length: {len(known)}", "Expect: 100-continue", method="POST"))
        file.flush()
        assert answer(file, has_body=False)[0] == 100
        file.write(known)
        file.flush()
        assert answer(file)[0] in {401, 403, 405}
        file.write(known)
        file.flush()
        status, headers, _ = answer(file)
        assert (status, headers["cache-status"]) == (200, "newsroom; hit")


def test_what_comes_together_again_and_again_is_answered_each_time(site: Site, kept: Reader) -> None:
    with line(site) as file:
        for _ in range(4):
            file.write(ask(KEPT) + ask(KEPT, method="HEAD"))
            file.flush()
            assert answer(file)[2] == kept.get(KEPT).content
            assert answer(file, has_body=False)[0] == 200


def test_every_answer_is_counted_whoever_gives_it(site: Site, kept: Reader) -> None:
    def counted() -> dict[str, float]:
        lines = httpx.get(f"http://127.0.0.1:{site.port}/metrics").text.splitlines()
        rows = [each.rsplit(" ", 1) for each in lines if each.startswith("newsroom_http_requests_total")]
        return {name.partition("{")[2].rstrip("}"): float(value) for name, value in rows}

    before = counted()
    with line(site) as file:
        for path, method in [(KEPT, "GET"), (KEPT, "HEAD"), (PASSED, "GET"), ("/nowhere/", "GET")]:
            file.write(ask(path, method=method))
            file.flush()
            answer(file, has_body=method != "HEAD")
    after = counted()

    risen = {name: value - before.get(name, 0) for name, value in after.items() if value != before.get(name, 0)}
    assert risen['method="GET",status="200"'] == 2  # the one that is kept, and the figures themselves before
    assert risen['method="HEAD",status="200"'] == 1
    assert risen['method="GET",status="401"'] == 1
    assert risen['method="GET",status="404"'] == 1
