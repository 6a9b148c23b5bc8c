"""Static files come from the apps themselves, under a name that changes with their content."""

from __future__ import annotations

import gzip
import re

import brotli
import pytest
from asgiref.sync import async_to_sync
from django.templatetags.static import static


def test_a_hashed_name_may_be_kept_for_ever(client):
    url = static("admin/css/base.css")

    response = client.get(url)

    assert re.fullmatch(r"/static/[0-9a-f]{12}/admin/css/base\.css", url)
    assert response.status_code == 200
    assert "immutable" in response["Cache-Control"]
    assert b"{" in response.content


def test_another_release_gets_the_file_but_may_not_keep_it(client):
    response = client.get("/static/000000000000/admin/css/base.css")

    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"
    assert response.content == client.get(static("admin/css/base.css")).content


def test_nothing_else_is_served(client):
    for name in ("nothing.css", "../settings.py", "%2e%2e/settings.py", "admin/"):
        assert client.get(static("") + name).status_code == 404


async def _get(async_client, url):
    return await async_client.get(url)


def test_an_asynchronous_server_gets_it_without_a_warning(async_client):
    response = async_to_sync(_get)(async_client, static("newsroom/base.css"))

    assert response.content.startswith(b"/*")
    assert not response.streaming


def test_a_part_of_a_file_is_that_part(client):
    url = static("newsroom/base.css")

    part = client.get(url, headers={"range": "bytes=0-9"})

    assert part.status_code == 206
    assert part.content == client.get(url).content[:10]
    assert client.get(url, headers={"if-none-match": client.get(url)["ETag"]}).status_code == 304


UNPACK = {"br": brotli.decompress, "gzip": gzip.decompress}


@pytest.mark.parametrize(
    ("accepted", "coding"), [("gzip, deflate, br", "br"), ("gzip", "gzip"), ("br;q=0, gzip", "gzip")]
)
@pytest.mark.parametrize("name", ["newsroom/base.css", "newsroom/live.js", "admin/img/search.svg"])
def test_text_comes_packed_as_it_is_taken(client, name, accepted, coding):
    url = static(name)
    plain = client.get(url)

    small = client.get(url, headers={"accept-encoding": accepted})

    assert small["Content-Encoding"] == coding
    assert small["Vary"] == plain["Vary"] == "Accept-Encoding"
    assert UNPACK[coding](small.content) == plain.content
    assert len(small.content) == int(small["Content-Length"]) < len(plain.content) * 0.7
    assert small["Cache-Control"] == plain["Cache-Control"]


def test_whoever_takes_nothing_packed_gets_the_plain_file(client):
    for accepted in ("", "identity", "gzip;q=0", "br;q=0.0, gzip;q=0", "zstd"):
        response = client.get(static("newsroom/base.css"), headers={"accept-encoding": accepted})
        assert "Content-Encoding" not in response
        assert response.content.startswith(b"/*")


def test_each_encoding_has_a_tag_of_its_own_and_is_confirmed_by_it(client):
    url = static("newsroom/base.css")
    tags = {each: client.get(url, headers={"accept-encoding": each})["ETag"] for each in ("identity", "gzip", "br")}
    assert len(set(tags.values())) == 3

    for taken, expected in tags.items():
        for other, tag in tags.items():
            answer = client.get(url, headers={"accept-encoding": taken, "if-none-match": f'"x", W/{tag}'})
            assert answer.status_code == (304 if other == taken else 200)
            assert answer["ETag"] == expected
            assert answer["Vary"] == "Accept-Encoding"


def test_the_head_of_a_packed_file_is_that_of_the_file_without_its_body(client):
    url, packed = static("newsroom/base.css"), {"accept-encoding": "br"}

    head, whole = client.head(url, headers=packed), client.get(url, headers=packed)

    assert dict(head.headers) == dict(whole.headers)
    assert head.content == b""


def test_a_part_is_never_one_of_a_packed_file_nor_of_another_encoding(client):
    url = static("newsroom/base.css")
    plain, small = client.get(url), client.get(url, headers={"accept-encoding": "br"})
    part = {"accept-encoding": "br", "range": "bytes=5-14"}

    answer = client.get(url, headers={**part, "if-range": plain["ETag"]})
    assert (answer.status_code, answer.content) == (206, plain.content[5:15])
    assert "Content-Encoding" not in answer

    whole = client.get(url, headers={**part, "if-range": small["ETag"]})
    assert (whole.status_code, whole.content) == (200, small.content)
