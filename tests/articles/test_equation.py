"""A list at a position and the events after it give what a fresh list shows: articles and ticker items."""

from __future__ import annotations

import random
from typing import Any

import pytest

from articles import actions
from articles.models import Article, TickerItem
from newsroom.live.models import Event
from tests.articles.tools import events, kinds

ROUNDS = 6
SEEDS = [1, 2, 3]
ARTICLES = "/api/v1/articles/?limit=200&fields=html"
ITEMS = "/api/v1/tickers/newsticker/items/?limit=200"


def follow(body: dict[str, Any]) -> list[dict[str, Any]]:
    """What a client shows who took `body` and then heard every later event: what is newer.

    A retracted item keeps its place, a retracted article leaves.
    """
    shown = {row["id"]: row for row in body["results"]}
    for event in events(body["stream"], body["position"]["offset"]):
        data = event["data"]
        if event["kind"] != "void" and data["version"] > shown.get(data["id"], {"version": 0})["version"]:
            shown[data["id"]] = data
    return [row for row in shown.values() if row["state"] == "published" or "number" in row]


@pytest.mark.parametrize("seed", SEEDS)
def test_any_list_of_articles_and_what_came_after_is_the_list_of_now(api, eddy, section, seed):
    dice = random.Random(seed)
    public, pages = Article.objects.filter(state="published").order_by("pk"), []
    for step, deed in enumerate(shuffled(dice, "publish", "publish", "correct", "retract", "again")):
        pages.append(api().get(ARTICLES).json())
        known = list(public.values_list("pk", flat=True))
        gone = list(Article.objects.filter(state="retracted").values_list("pk", flat=True).order_by("pk"))
        if deed == "again" and gone:
            actions.publish_article(dice.choice(gone), actor=eddy)
        elif deed == "correct" and known:
            actions.correct_article(dice.choice(known), actor=eddy, headline=f"Berichtigt {step}", note="Zahl")
        elif deed == "retract" and known:
            actions.retract_article(dice.choice(known), actor=eddy)
        else:
            new = actions.draft_article(actor=eddy, headline=f"Neu {step}", slug=f"neu-{step}", section=section)
            actions.publish_article(new.pk, actor=eddy)

    now = without_teasers(api().get(ARTICLES).json()["results"])
    for page in pages:
        live = sorted(follow(page), key=lambda row: (row["published_at"], row["id"]), reverse=True)
        assert without_teasers(live) == now
    assert {"article.published", "article.corrected", "article.retracted", "void"} <= happened("articles")


def shuffled(dice: random.Random, *deeds: str) -> list[str]:
    """Each deed ROUNDS times, in an order of chance."""
    found = [*deeds] * ROUNDS
    dice.shuffle(found)
    return found


def happened(stream: str) -> set[str]:
    """All kinds so far, of what was taken out of the log since too."""
    return {*Event.objects.filter(stream=stream).values_list("kind", flat=True), *kinds(stream)}


def without_teasers(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Related articles are other articles: each has events of its own."""
    return [{key: value for key, value in row.items() if key != "related"} for row in rows]


@pytest.mark.parametrize("seed", SEEDS)
def test_any_list_of_items_and_what_came_after_is_the_list_of_now(api, eddy, ticker, seed):
    dice = random.Random(seed)
    public, pages = TickerItem.objects.filter(state="published").order_by("pk"), []
    for step, deed in enumerate(shuffled(dice, "publish", "publish", "correct", "pin", "unpin", "retract")):
        pages.append(api().get(ITEMS).json())
        rows = public.filter(pinned=deed == "unpin") if deed in {"pin", "unpin"} else public
        known = list(rows.values_list("pk", flat=True))
        match deed:
            case "correct" if known:
                actions.correct_item(dice.choice(known), actor=eddy, headline=f"Berichtigt {step}", note="Zahl")
            case "pin" if known:
                actions.pin_item(dice.choice(known), actor=eddy)
            case "unpin" if known:
                actions.unpin_item(dice.choice(known), actor=eddy)
            case "retract" if known:
                actions.retract_item(dice.choice(known), actor=eddy)
            case _:
                actions.publish_item(ticker, actor=eddy, headline=f"Meldung {step}")

    now = api().get(ITEMS).json()["results"]
    for page in pages:
        assert sorted(follow(page), key=lambda row: -row["number"]) == now
    wanted = {"published", "corrected", "pinned", "unpinned", "retracted"}
    assert {f"item.{kind}" for kind in wanted} | {"void"} <= happened(ticker.stream)
