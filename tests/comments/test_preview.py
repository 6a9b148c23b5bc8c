"""How a comment will look, before it is sent: by the API, and by the composer's form."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from comments.models import Comment, Discussion

pytestmark = pytest.mark.django_db
TEXT = "**Fett** und https://example.org\n\n<script>alert(1)</script>"


def test_a_preview_is_what_the_comment_becomes_and_nothing_is_stored(
    alice: User, discussion: Discussion, api: Callable[..., APIClient]
) -> None:
    there = f"/api/v1/discussions/{discussion.pk}"
    answer = api(alice).post(f"{there}/preview/", {"text": TEXT})

    assert answer.status_code == 200
    assert "<strong>Fett</strong>" in answer.json()["html"]
    assert "<script" not in answer.json()["html"]
    assert not Comment.objects.exists()
    posted = api(alice).post(f"{there}/comments/", {"text": TEXT}).json()
    assert posted["html"] == answer.json()["html"]


def test_a_preview_is_for_people_with_an_account_and_for_texts_that_fit(
    alice: User, discussion: Discussion, api: Callable[..., APIClient]
) -> None:
    path = f"/api/v1/discussions/{discussion.pk}/preview/"
    assert api().post(path, {"text": TEXT}).json()["code"] == "not_authenticated"
    for text in ("x" * 5001, "x" * 100_000):
        refused = api(alice).post(path, {"text": text})
        assert (refused.status_code, list(refused.json()["errors"])) == (422, ["text"])
    assert api(alice).post(path, {"text": " \n"}).json() == {"html": ""}


def test_the_form_shows_a_preview_and_keeps_the_text(alice: User, discussion: Discussion, client: Client) -> None:
    client.force_login(alice)
    path = f"/discussions/{discussion.pk}/comments/"

    shown = client.post(path, {"text": TEXT, "preview": "1"})
    page = shown.content.decode()
    assert shown.status_code == 200
    assert "So wird es aussehen" in page
    assert "<strong>Fett</strong>" in page
    assert "**Fett** und https://example.org" in page  # still to be changed
    assert "<script>alert" not in page
    assert not Comment.objects.exists()

    refused = client.post(path, {"text": "x" * 5001, "preview": "1"})
    assert refused.status_code == 422
    assert "x" * 5001 in refused.content.decode()
    assert client.post(path, {"text": TEXT}).status_code == 302
    assert Comment.objects.count() == 1
