from __future__ import annotations

import pytest

from accounts.actions import subscribe, unsubscribe
from accounts.models import User
from articles import actions, tasks
from articles.models import Article, Section, TickerItem
from newsroom.errors import NotFound

from .tools import events

pytestmark = pytest.mark.django_db(transaction=True)


def news_of(reader: User) -> list[tuple[str, str, str]]:
    heard = [event["data"] for event in events(f"user.{reader.pk}") if event["kind"] == "notification.created"]
    return [(data["kind"], data["title"], data["url"]) for data in heard]


def test_followers_of_a_section_hear_of_new_articles_and_others_do_not(section, eddy, alice, bob):
    elsewhere = Section.objects.create(name="Sport", slug="sport")
    subscribe(alice, "section", "lokales")
    subscribe(bob, "section", str(elsewhere.pk))

    drafted = actions.draft_article(actor=eddy, section=section, headline="Neu")
    actions.publish_article(drafted.pk, actor=eddy)

    assert news_of(alice) == [("article.published", "Neu", "/articles/neu/")]
    assert news_of(bob) == []


def test_followers_of_an_article_hear_of_corrections_but_not_of_slips_of_the_pen(article: Article, eddy, alice):
    subscribe(alice, "article", article.slug)

    actions.correct_article(article.pk, actor=eddy, lead="Ein Komma mehr,")
    assert news_of(alice) == []
    actions.correct_article(article.pk, actor=eddy, lead="Anders.", note="Das Datum war falsch.")

    assert news_of(alice) == [("article.corrected", article.headline, f"/articles/{article.slug}/")]


def test_followers_of_a_ticker_hear_of_its_items_until_they_stop(item: TickerItem, ticker, eddy, alice):
    subscribe(alice, "ticker", "newsticker")
    actions.publish_item(ticker, actor=eddy, headline="Eins")
    unsubscribe(alice, "ticker", "newsticker")
    actions.publish_item(ticker, actor=eddy, headline="Zwei")

    assert news_of(alice) == [("item.published", "Eins", "/newsticker/")]


def test_what_is_not_public_cannot_be_followed(section, article, eddy, alice):
    draft = actions.draft_article(actor=eddy, section=section, headline="Entwurf")
    for key in (str(draft.pk), draft.slug, "4711", "9" * 30, "\x00", "ü"):
        with pytest.raises(NotFound):
            subscribe(alice, "article", key)

    assert subscribe(alice, "article", str(article.pk)).title == article.headline


def test_more_followers_than_a_chunk_are_told_once_each(section, eddy, person, monkeypatch):
    monkeypatch.setattr(tasks, "CHUNK", 2)
    readers = [person(f"Leser{n}") for n in range(5)]
    for reader in readers:
        subscribe(reader, "section", "lokales")

    drafted = actions.draft_article(actor=eddy, section=section, headline="Für alle")
    actions.publish_article(drafted.pk, actor=eddy)

    assert [len(news_of(reader)) for reader in readers] == [1] * 5


def test_what_is_retracted_before_it_is_announced_is_not_announced(section, eddy, alice):
    subscribe(alice, "section", "lokales")
    drafted = actions.draft_article(actor=eddy, section=section, headline="Zu früh")

    tasks.announce.call("article.published", "section", str(section.pk), drafted.pk)

    assert news_of(alice) == []


def test_the_words_of_a_retracted_article_leave_its_followers_streams_too(section, eddy, alice):
    subscribe(alice, "section", "lokales")
    drafted = actions.draft_article(actor=eddy, section=section, headline="Verleumdung")
    actions.publish_article(drafted.pk, actor=eddy)

    actions.retract_article(drafted.pk, actor=eddy)

    assert [event["kind"] for event in events(f"user.{alice.pk}")] == ["void"]
