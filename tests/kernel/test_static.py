"""Static files come from the apps themselves, under a name that changes with their content."""

from __future__ import annotations

import re

from django.templatetags.static import static


def read(response) -> bytes:
    return b"".join(response.streaming_content)


def test_a_hashed_name_may_be_kept_for_ever(client):
    url = static("admin/css/base.css")

    response = client.get(url)

    assert re.fullmatch(r"/static/[0-9a-f]{12}/admin/css/base\.css", url)
    assert response.status_code == 200
    assert "immutable" in response["Cache-Control"]
    assert b"{" in read(response)


def test_another_release_gets_the_file_but_may_not_keep_it(client):
    response = client.get("/static/000000000000/admin/css/base.css")

    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"
    assert read(response) == read(client.get(static("admin/css/base.css")))


def test_nothing_else_is_served(client):
    for name in ("nothing.css", "../settings.py", "%2e%2e/settings.py", "admin/"):
        assert client.get(static("") + name).status_code == 404
