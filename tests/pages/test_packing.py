"""What one reader alone gets is packed, too, and its length tells nobody anything."""

from __future__ import annotations

import gzip

import pytest
from django.test import Client

from accounts.models import User
from articles.models import Article
from comments.models import Comment

pytestmark = pytest.mark.django_db
PACKED = {"accept-encoding": "gzip, deflate, br"}


def test_a_page_of_somebody_who_is_logged_in_is_packed(
    client: Client, alice: User, article: Article, comment: Comment
) -> None:
    client.force_login(alice)
    address = f"/articles/{article.slug}/"

    plain, small = client.get(address), client.get(address, headers=PACKED)

    assert small["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in small["Vary"]
    assert len(small.content) < len(plain.content) / 3
    assert comment.text in gzip.decompress(small.content).decode()
    assert "Content-Encoding" not in client.get(address, headers={"accept-encoding": "gzip;q=0"})


def test_the_same_page_has_many_lengths_so_that_none_of_them_says_what_stands_in_it(
    client: Client, alice: User
) -> None:
    client.force_login(alice)

    lengths = {len(client.get("/search/?q=F%C3%A4hre", headers=PACKED).content) for _ in range(12)}

    assert len(lengths) > 4


def test_what_programs_change_things_by_keeps_its_strong_tag(client: Client, comment: Comment) -> None:
    answer = client.get(f"/api/v1/comments/{comment.pk}/", headers=PACKED)

    assert "Content-Encoding" not in answer
    assert answer["ETag"].startswith('"')
