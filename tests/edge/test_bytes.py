"""Everything that the cache may keep is the same for everybody, and everything that is the same may be kept."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

import pytest
from drf_spectacular.generators import SchemaGenerator

from articles import actions as article_actions
from comments import actions
from newsroom.edge.routes import ROUTES, address
from newsroom.face.present import present
from newsroom.models import Appearance
from tests.support.services import wait_for

from .conftest import Reader, how

OTHERS = {
    "Cookie": "csrftoken=0123456789abcdef0123456789abcdef; _ga=GA1.2; language=de",
    "Accept_Language": "ru,en;q=0.5",
    "User_Agent": "Mozilla/5.0 (iPhone)",
    "Referer": "https://search.example/?q=x",
    "X_Forwarded_For": "203.0.113.9",
    "X_Forwarded_Host": "evil.example",
    "Accept": "text/html,*/*;q=0.1",
    "DNT": "1",
}
OF_MANY = {"/", "/sections/lokales/", "/chats/", "/api/v1/discussions/", "/api/v1/tickers/"}  # made once a second
PERSONAL = re.compile(
    r"""csrf|<style|\sstyle\s*=|\son[a-z]+\s*=\s*["']|javascript:"""
    r"""|<script(?![^>]*\b(?:src=|type="application/(?:ld\+)?json"))""",
    re.IGNORECASE,
)


@pytest.fixture
def addresses(article, ticker, item, comment, chat, bob, section) -> list[str]:
    """One of each route, of those with parameters one with each."""
    actions.post(comment.discussion_id, author=bob, text="Finde ich auch.", parent_id=comment.pk)
    actions.post(chat.pk, author=bob, text="Moin!")
    Appearance.objects.create(accent_light="#0a5c36")
    discussion, api = comment.discussion_id, "/api/v1"
    return [
        "/",
        f"/sections/{section.slug}/",
        f"/articles/{article.slug}/",
        f"/articles/{article.slug}/?sort=oldest",
        "/newsticker/",
        "/newsticker/newsticker/?sort=oldest",
        "/chats/",
        f"/chats/{chat.pk}/",
        f"/comments/{comment.pk}/replies/",
        "/feeds/articles.atom",
        f"/feeds/sections/{section.slug}.atom",
        "/feeds/tickers/newsticker.atom",
        "/sitemap.xml",
        "/robots.txt",
        *("/manifest.webmanifest", "/sw.js", "/offline/"),
        f"/theme-{present().sheet_name}.css",
        "/imprint/",
        "/privacy/",
        "/terms/",
        f"{api}/articles/",
        f"{api}/articles/?section={section.slug}&sort=oldest&limit=1",
        f"{api}/articles/{article.slug}/",
        f"{api}/tickers/",
        f"{api}/tickers/newsticker/items/",
        f"{api}/ticker-items/{item.pk}/",
        f"{api}/discussions/",
        f"{api}/discussions/?article={article.slug}&mode=thread&sort=newest",
        f"{api}/discussions/{discussion}/",
        f"{api}/discussions/{discussion}/comments/",
        f"{api}/discussions/{discussion}/comments/?sort=oldest&limit=1",
        f"{api}/discussions/{discussion}/comments/?parent={comment.pk}",
        f"{api}/comments/{comment.pk}/",
    ]


def test_no_public_answer_depends_on_who_reads_it(addresses: list[str], client):
    """Asked of Django itself, where nothing is taken from the request."""
    named = {name.replace("_", "-"): value for name, value in OTHERS.items()}
    for path in addresses:
        plain, other = client.get(path), client.get(path, headers=named)

        assert plain.status_code == other.status_code == 200, path
        assert plain.content == other.content, path
        assert not plain.cookies, path
        assert not other.cookies, path
        assert "html" not in plain["Content-Type"] or not PERSONAL.search(plain.text), path
        assert "unsafe-inline" not in plain["Content-Security-Policy"], path


def test_every_public_answer_is_kept_and_reaches_everybody_alike(addresses: list[str], reader: Reader, visit):
    other = visit(**OTHERS)
    for path in addresses:
        first, second = reader.get(path), other.get(path)
        if how(second) == "miss":  # an event or the end of its second came between
            second = other.get(path)

        assert first.status_code == 200, path
        assert how(second) == "hit", path
        assert first.content == second.content, path


def test_after_each_deed_every_answer_is_that_of_django(
    addresses: list[str], reader: Reader, client, article, item, comment, chat, alice, bob, mo, eddy
):
    """Whatever an answer shows, it says that it was made from that: else it would be kept for too long."""
    deeds = [
        lambda: actions.post(comment.discussion_id, author=alice, text="Und ich nicht."),
        lambda: actions.react(comment.pk, "like", actor=bob),
        lambda: actions.post(chat.pk, author=alice, text="Moin, Bob!"),
        lambda: actions.close_discussion(comment.discussion_id, actor=mo),
        lambda: article_actions.correct_item(item.pk, actor=eddy, headline="Brücke offen"),
        lambda: article_actions.correct_article(article.pk, actor=eddy, headline="Alles neu an der Elbe"),
    ]
    for number, deed in enumerate(deeds):
        for path in addresses:
            reader.get(path)
        deed()

        for path in addresses:
            # The counts of an article are those of now (test_dropping), the position of `chats` beside them is not.
            if path in OF_MANY or "/discussions/?" in path:
                wait_for(partial(_is_djangos, reader, client, path), what=f"{path} after its second, deed {number}")
            else:
                assert _is_djangos(reader, client, path), (number, path)


def _is_djangos(reader: Reader, client: Any, path: str) -> bool:
    made, kept = client.get(path).text, reader.get(path).text
    return kept in {made, client.get(path).text}  # the hub's own deeds go on meanwhile


def test_each_route_is_walked(addresses: list[str]):
    walked = {pattern for pattern in ROUTES for path in addresses if re.fullmatch(pattern, path.partition("?")[0])}

    assert walked == set(ROUTES)


def test_the_cache_knows_every_parameter_that_the_api_declares(db: None):
    schema: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    checked = 0
    for path, operations in schema["paths"].items():
        concrete = re.sub(r"\{[^}]+\}", "1", path)
        if "get" not in operations or address(concrete, b"") is None:
            continue
        known = next(known for pattern, known in ROUTES.items() if re.fullmatch(pattern, concrete))
        declared = {each["name"] for each in operations["get"].get("parameters", []) if each["in"] == "query"}
        assert declared <= set(known), path
        checked += 1

    assert checked >= 9
