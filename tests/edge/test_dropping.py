"""What is kept goes the moment something changes: by the ring, else by the look of the next second."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone

from accounts import actions as account_actions
from accounts.models import LegalPage
from articles import actions as article_actions
from articles.models import Photo
from comments import actions
from newsroom.live.hub import pools
from newsroom.live.log import bell
from tests.live.sockets import session_of
from tests.support.services import wait_for

from .conftest import Reader, how


def test_authors_find_their_comment_in_the_next_answer_for_everybody(
    discussion, alice, reader: Reader, visit, settings
):
    settings.LIMITS = {**settings.LIMITS, "comments": "1000/m"}
    author = visit(X_Session_Token=session_of(alice))
    list_path = f"/api/v1/discussions/{discussion.pk}/comments/"
    counts = f"/api/v1/discussions/?article={discussion.article.slug}"
    page = f"/articles/{discussion.article.slug}/"
    for number in range(10):
        for path in (list_path, counts, page):
            reader.get(path)

        posted = author.post(list_path, json={"text": f"Nummer {number} von zehn"})

        assert posted.status_code == 201, posted.text
        assert reader.get(list_path).json()["results"][0]["id"] == posted.json()["id"]
        assert reader.get(counts).json()["results"][0]["comment_count"] == number + 1
        assert f"Nummer {number} von zehn" in reader.get(page).text


def test_what_is_taken_down_is_gone_from_the_next_answer(comment, alice, reader: Reader):
    path = f"/articles/{comment.discussion.article.slug}/"
    assert comment.text in reader.get(path).text

    actions.withdraw(comment.pk, actor=alice)

    assert comment.text not in reader.get(path).text
    assert reader.get(f"/api/v1/comments/{comment.pk}/").json()["text"] == ""


def test_articles_come_change_and_go(article, section, eddy, reader: Reader):
    paths = ("/", f"/sections/{section.slug}/", "/api/v1/articles/", "/feeds/articles.atom")
    assert all(article.headline in reader.get(path).text for path in paths)

    article_actions.correct_article(article.pk, actor=eddy, headline="Alles neu an der Elbe")
    assert all("Alles neu an der Elbe" in reader.get(path).text for path in paths)

    article_actions.retract_article(article.pk, actor=eddy)
    assert not any("Alles neu an der Elbe" in reader.get(path).text for path in paths)
    assert f"/articles/{article.slug}/" not in reader.get("/sitemap.xml").text
    assert reader.get(f"/articles/{article.slug}/").status_code == 410


def test_ticker_items_come_change_and_go(ticker, item, eddy, reader: Reader):
    paths = ("/", "/newsticker/", "/api/v1/tickers/newsticker/items/", "/feeds/tickers/newsticker.atom")
    assert all(item.headline in reader.get(path).text for path in paths)

    article_actions.correct_item(item.pk, actor=eddy, headline="Brücke wieder frei")
    assert all("Brücke wieder frei" in reader.get(path).text for path in paths)

    article_actions.retract_item(item.pk, actor=eddy)
    assert not any("Brücke wieder frei" in reader.get(path).text for path in paths)


def _new_section(data: dict[str, Any]) -> None:
    data["section"].name = "Hafen und Strom"
    article_actions.keep_section(data["section"], actor=data["eddy"])


def _new_name(data: dict[str, Any]) -> None:
    account_actions.change_profile(data["alice"].pk, name="Hafen und Strom")


def _new_ticker(data: dict[str, Any]) -> None:
    data["ticker"].title = "Hafen und Strom"
    article_actions.keep_ticker(data["ticker"], actor=data["eddy"])


def _new_legal_page(data: dict[str, Any]) -> None:
    account_actions.write_legal_page("imprint", actor=data["ada"], title="Impressum", body="Hafen und Strom")


def _new_caption(data: dict[str, Any]) -> None:
    article_actions.describe_photo(data["photo"].pk, actor=data["eddy"], caption="Hafen und Strom")


@pytest.mark.parametrize(
    ("deed", "path"),
    [
        (_new_section, "/"),
        (_new_name, "/api/v1/discussions/{discussion}/comments/"),
        (_new_ticker, "/newsticker/"),
        (_new_legal_page, "/imprint/"),
        (_new_caption, "/api/v1/articles/"),
    ],
)
def test_what_no_stream_tells_of_drops_everything(
    deed, path, section, ticker, alice, ada, eddy, comment, article, reader: Reader
):
    photo = Photo.objects.create(file="photos/a/1.jpg", width=1, height=1, widths=[])
    article_actions.correct_article(article.pk, actor=eddy, photo=photo)
    LegalPage.objects.current("imprint")
    address = path.format(discussion=comment.discussion_id)
    assert "Hafen und Strom" not in reader.get(address).text

    deed({"section": section, "alice": alice, "ticker": ticker, "ada": ada, "eddy": eddy, "photo": photo})

    assert "Hafen und Strom" in reader.get(address).text


def test_only_what_was_made_from_the_stream_goes(article, item, eddy, reader: Reader):
    for path in ("/api/v1/articles/", "/newsticker/", "/api/v1/tickers/newsticker/items/"):
        reader.get(path)

    article_actions.pin_item(item.pk, actor=eddy)

    assert [how(reader.get(path)) for path in ("/api/v1/articles/", "/newsticker/")] == ["hit", "miss"]


def test_a_lost_ring_delays_by_a_look(comment, discussion, alice, bob, reader: Reader, monkeypatch):
    path = f"/api/v1/discussions/{discussion.pk}/comments/"
    one = f"/api/v1/comments/{comment.pk}/"
    for each in (path, one, "/api/v1/discussions/"):
        reader.get(each)
    monkeypatch.setattr(bell, "ring", lambda stream: None)

    actions.post(discussion.pk, author=bob, text="Hört mich jemand?")
    actions.withdraw(comment.pk, actor=alice)

    until = time.monotonic() + 2.5  # a look is due within the second, and this machine may be busy
    wait_for(lambda: len(reader.get(path).json()["results"]) == 2, seconds=2.5, what="the look")
    assert time.monotonic() < until
    counts = reader.get("/api/v1/discussions/").json()["results"]
    assert [row["comment_count"] for row in counts] == [1]
    assert reader.get(one).json()["state"] == "withdrawn"


def test_what_nobody_can_look_for_is_kept_for_a_second_only(comment, alice, reader: Reader, monkeypatch):
    one = f"/api/v1/comments/{comment.pk}/"
    reader.get(one)
    monkeypatch.setattr(bell, "ring", lambda stream: None)

    actions.withdraw(comment.pk, actor=alice)

    wait_for(lambda: reader.get(one).json()["state"] == "withdrawn", seconds=2.5, what="the end of the second")


@pytest.fixture
def outage(monkeypatch):
    """`with outage():` looks fail, as if the database were away."""

    def fail(streams: list[str]) -> None:
        raise OperationalError("away")

    @contextmanager
    def away() -> Iterator[None]:
        with monkeypatch.context() as patch:
            patch.setattr(pools, "survey", fail)
            yield

    return away


@pytest.mark.parametrize("seconds", [0, 1])
def test_if_looks_go_on_failing_nothing_is_answered_from_memory_until_one_works(
    article, reader: Reader, outage, settings, seconds
):
    settings.EDGE_STALE_IF_ERROR = seconds
    wait_for(lambda: how(reader.get("/api/v1/articles/")) == "hit", what="an answer that is kept")

    with outage():
        wait_for(lambda: how(reader.get("/api/v1/articles/")) == "passed", seconds=8, what="the end of trust")
        assert reader.get("/api/v1/articles/").status_code == 200

    wait_for(lambda: how(reader.get("/api/v1/articles/")) != "passed", what="a look that works")
    assert how(reader.get("/api/v1/articles/")) == "hit"


def test_while_looks_fail_pages_are_readable_but_for_what_is_known_to_have_changed(
    article, comment, section, alice, eddy, reader: Reader, outage
):
    second = article_actions.draft_article(
        actor=eddy, section=section, headline="Am Kai", lead="Es regnet.", body="Ja."
    )
    article_actions.publish_article(second.pk, actor=eddy)
    mine, other = f"/articles/{article.slug}/", f"/articles/{second.slug}/"
    chats, one = "/api/v1/discussions/", f"/api/v1/comments/{comment.pk}/"
    assert comment.text in reader.get(mine).text
    assert [how(reader.get(path)) for path in ("/", other, chats, one)] == ["miss"] * 4
    tag = reader.get(other).headers["etag"]

    with outage():
        wait_for(lambda: how(reader.get(other)) == "stale", seconds=5, what="the failed look")
        assert [how(reader.get(path)) for path in ("/", mine, chats, one)] == ["stale"] * 4
        answer = reader.get(other)
        assert (answer.status_code, answer.headers["cache-status"]) == (200, "newsroom; hit; detail=stale")
        assert answer.headers["cache-control"] == "no-cache"
        assert reader.get(other, headers={"If-None-Match": tag}).status_code == 304
        assert reader.head(other).headers["cache-status"] == "newsroom; hit; detail=stale"

        actions.withdraw(comment.pk, actor=alice)  # its rings come, though looks fail

        assert [how(reader.get(path)) for path in ("/", mine, chats, one)] == ["passed"] * 4
        assert comment.text not in reader.get(mine).text
        assert how(reader.get(other)) == "stale"  # of the teasers it has numbers alone
    wait_for(lambda: how(reader.get(other)) == "hit", what="a look that works")


def test_what_changed_unheard_while_looks_failed_is_found_by_the_next_one(
    article, comment, alice, reader: Reader, outage, monkeypatch
):
    path = f"/articles/{article.slug}/"
    assert comment.text in reader.get(path).text

    with outage():
        wait_for(lambda: how(reader.get(path)) == "stale", seconds=5, what="the failed look")
        monkeypatch.setattr(bell, "ring", lambda stream: None)
        actions.withdraw(comment.pk, actor=alice)
        assert comment.text in reader.get(path).text

    wait_for(lambda: how(reader.get(path)) in {"miss", "hit"}, what="a look that works")
    assert comment.text not in reader.get(path).text


def test_an_answer_ends_when_a_discussion_closes_by_itself(mo, reader: Reader):
    chat = actions.start_chat("Kurz", actor=mo, closes_at=timezone.now() + timedelta(seconds=1.5))
    path = f"/api/v1/discussions/{chat.pk}/"
    assert reader.get(path).json()["state"] == "open"

    wait_for(lambda: timezone.now() >= chat.closes_at, what="the end")

    assert reader.get(path).json()["state"] == "closed"
