"""Many at once: nothing is done twice, nothing is lost, nobody waits for ever."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from accounts.models import User
from articles import actions
from articles.due import publish_due_articles, publish_due_items
from articles.models import Article, State, TickerItem
from newsroom.errors import Conflict, Refused

from .tools import events, kinds

pytestmark = pytest.mark.django_db(transaction=True)


def together(*deeds: Callable[[], object]) -> list[object]:
    """What each gave, or the refusal that it met; every other error is raised."""

    def run(deed: Callable[[], object]) -> object:
        try:
            return deed()
        except Refused as refused:
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(run, deeds))


def test_every_process_looks_but_each_due_thing_appears_once(section, ticker, eddy: User):
    now = timezone.now()
    for n in range(4):
        later = now + timedelta(minutes=n + 1)
        draft = actions.draft_article(actor=eddy, section=section, headline=f"Später {n}")
        actions.schedule_article(draft.pk, actor=eddy, publish_at=later)
        actions.publish_item(ticker, actor=eddy, headline=f"Gleich {n}", publish_at=later)

    with time_machine.travel(now + timedelta(hours=1), tick=False):
        done = together(*[publish_due_articles, publish_due_items] * 3)
        done += [publish_due_articles(), publish_due_items()]  # what was held by another waits for the next look

    assert sum(number for number in done if isinstance(number, int)) == 8
    assert kinds("articles") == ["article.published"] * 4
    assert [event["data"]["number"] for event in events(ticker.stream)] == [1, 2, 3, 4]


def test_of_many_who_publish_the_same_article_one_does(section, eddy: User):
    draft = actions.draft_article(actor=eddy, section=section, headline="Einmal")

    answers = together(*[lambda: actions.publish_article(draft.pk, actor=eddy)] * 5)

    assert [type(answer) for answer in answers].count(Article) == 1
    assert [type(answer) for answer in answers].count(Conflict) == 4
    assert kinds("articles") == ["article.published"]


def test_of_two_corrections_of_one_version_one_wins(item: TickerItem, eddy: User):
    def correct(headline: str) -> Callable[[], object]:
        return lambda: actions.correct_item(item.pk, actor=eddy, seen={item.version}, headline=headline)

    answers = together(correct("Eins"), correct("Zwei"), correct("Drei"))

    (winner,) = [answer for answer in answers if isinstance(answer, TickerItem)]
    item.refresh_from_db()
    assert (item.headline, item.version) == (winner.headline, winner.version)


def test_an_article_comes_and_goes_while_its_items_change(article: Article, ticker, eddy: User):
    """All take their locks in one order: streams, article, ticker, item."""
    items = [actions.publish_item(ticker, actor=eddy, headline=f"Mehr {n}", article=article) for n in range(3)]
    moment = timezone.now() + timedelta(seconds=1)
    waiting = actions.publish_item(ticker, actor=eddy, headline="Bald", article=article, publish_at=moment)

    def comes_and_goes() -> None:
        for _ in range(3):
            actions.retract_article(article.pk, actor=eddy)
            actions.publish_article(article.pk, actor=eddy)

    def change(pk: int) -> Callable[[], object]:
        def run() -> None:
            for n in range(3):
                actions.correct_item(pk, actor=eddy, headline=f"Berichtigt {n}")
                actions.pin_item(pk, actor=eddy)
                actions.unpin_item(pk, actor=eddy)

        return run

    def add() -> None:
        for n in range(3):
            actions.publish_item(ticker, actor=eddy, headline=f"Neu {n}", article=article)

    answers = together(
        comes_and_goes,
        add,
        lambda: actions.publish_drafted_item(waiting.pk, actor=eddy, now=True),
        *[change(item.pk) for item in items],
    )

    assert [answer for answer in answers if isinstance(answer, Refused)] == []
    assert sorted(TickerItem.objects.values_list("number", flat=True)) == list(range(1, 8))
    assert Article.objects.get().state == State.PUBLISHED
    last = {event["data"]["id"]: event["data"] for event in events(ticker.stream) if event["kind"] != "void"}
    assert {row["article"] for row in last.values()} == {article.slug}
    assert all(TickerItem.objects.get(pk=pk).version == row["version"] for pk, row in last.items())
