"""Static files come from the apps themselves, under a name that changes with their content."""

from __future__ import annotations

import re

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
