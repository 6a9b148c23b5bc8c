"""Addresses of articles: nothing of a headline is lost without a word, in no script."""

from __future__ import annotations

import sys
from unicodedata import category, normalize

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from articles import actions
from articles.models import Article
from articles.slugs import LENGTH, free_slug, slug_of
from tests.comments.tools import steps_of

HEADLINES = [
    ("Müßiggang & Höhe – 5 % mehr", "muessiggang-hoehe-5-mehr"),
    ("Большая щука ёжика, подъезд", "bolshaya-shchuka-yozhika-podezd"),
    ("Київ і Європа: її юність", "kyiv-i-yevropa-yii-yunist"),
    ("Łódź i Øresund: ıssız şehir", "lodz-i-oresund-issiz-sehir"),
    ("Ειδήσεις από την Αθήνα", "eidiseis-apo-tin-athina"),
    ("上海的展览", "shanghaidezhanlan"),
    ("北京的新闻", "beijingdexinwen"),
    ("التعليقات مفتوحة", "altalyqat-mftwhh"),
    ("העיר העתיקה", "hayr-hatykh"),
    ("한국어 뉴스", "hangugeo-nyuseu"),
    ("1½ Jahre für 5€", "1-1-2-jahre-fuer-5-eur"),
    ("İstanbul", "istanbul"),
    ("!!!", "article"),
]
LETTERS = st.characters(categories=["Lu", "Ll", "Lo", "Nd"])


@pytest.mark.django_db
@pytest.mark.parametrize(("headline", "slug"), HEADLINES)
def test_a_headline_becomes_an_address_that_can_be_read(headline, slug, eddy, section, client):
    article = actions.draft_article(actor=eddy, section=section, headline=headline, body="Text")
    actions.publish_article(article.pk, actor=eddy)

    assert article.slug == slug
    assert client.get(f"/articles/{slug}/").status_code == 200


@given(st.lists(LETTERS, min_size=1, max_size=8))
def test_every_letter_leaves_something(letters):
    """But for the signs that say how the letter before them sounds."""
    heard = [each for each in letters if each not in "ъьЪЬ"]
    slug = slug_of(" ".join(heard))

    if heard:
        assert len(slug.split("-")) >= len(normalize("NFC", " ".join(heard)).split())
    assert slug.isascii()


def test_every_letter_that_there_is_has_a_way_to_be_written():
    lost = [
        sign
        for sign in map(chr, range(sys.maxunicode + 1))
        if category(sign) in {"Lu", "Ll", "Lo", "Nd"} and sign not in "ъьЪЬ" and slug_of(f"{sign} q") == "q"
    ]

    assert not lost


def test_a_long_headline_is_cut_at_a_word():
    assert slug_of("Wort " * 40) == "-".join(["wort"] * 16)
    assert len(slug_of("展" * 200)) == LENGTH


def test_a_number_behind_an_address_is_the_first_free_one(section):
    for taken in ("hafen", "hafen-2", "hafen-4", *(f"markt{'' if n == 1 else f'-{n}'}" for n in range(1, 31))):
        Article.objects.create(slug=taken, section=section, headline="x", html="x")

    assert [free_slug(each) for each in ("Hafen", "hafen-2", "markt", "haf")] == [
        "hafen-3",
        "hafen-2-2",
        "markt-31",
        "haf",
    ]


def test_a_free_address_costs_the_same_among_many_articles(section):
    if connection.vendor == "postgresql":
        pytest.skip("a table this small is read whole")

    def add(count):
        there = Article.objects.count()
        Article.objects.bulk_create(
            Article(slug=f"hafen-am-{n}", section=section, headline="x", html="x") for n in range(there, there + count)
        )

    add(20)
    few = steps_of(lambda: free_slug("hafen"))
    add(400)

    assert steps_of(lambda: free_slug("hafen")) <= few + 10
