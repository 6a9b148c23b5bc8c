"""What the demo shows: enough of it, in order, and loaded but once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from importlib import import_module

import pytest
from django.apps import apps
from django.db import transaction
from django.db.models import Count, F
from django.test import override_settings
from django.utils import timezone

from accounts.models import LegalPage, User
from articles.models import Article, Photo, Ticker, TickerItem
from comments import ranking
from comments.models import AuthorTally, Comment, CommentTally, Discussion, Reaction
from newsroom.demo import content, files, pictures
from tests.comments.tools import url, walk
from tests.support.pictures import small

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def loaded_once(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[None]:
    """The content for all tests of this file, each of which takes back what it changed."""
    with (
        django_db_blocker.unblock(),
        override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("media")),
        transaction.atomic(),
    ):
        assert content.load(draw=small)
        yield
        transaction.set_rollback(True)


@pytest.fixture
def loaded(loaded_once, db) -> None:
    """In a transaction within that one."""


def test_it_is_as_much_as_promised(loaded):
    said = Comment.objects.filter(state="published")

    assert Article.objects.listed().count() >= 12
    assert Ticker.objects.get(slug="newsticker").article is None
    assert Ticker.objects.filter(article__isnull=False).count() == 2
    assert said.count() >= 300
    assert said.values("author").distinct().count() == 20
    assert Discussion.objects.filter(mode="chat").count() == 2
    assert not Article.objects.filter(discussions=None).exists()


def test_people_are_known_by_what_they_have_said(loaded):
    said = Comment.objects.filter(state="published").values("author").annotate(n=Count("pk"))

    assert dict(AuthorTally.objects.values_list("author", "published")) == dict(said.values_list("author", "n"))


def test_the_legal_pages_are_filled_in(loaded):
    assert set(LegalPage.objects.values_list("slug", "version")) == {("imprint", 1), ("privacy", 1), ("terms", 1)}
    assert all("<p dir" in page.html for page in LegalPage.objects.all())


def test_it_is_loaded_once(loaded):
    before = _counts()

    assert content.load() is False
    assert _counts() == before


def test_no_discussion_closes(loaded):
    assert {each.state_at(timezone.now()) for each in Discussion.objects.all()} == {"open"}
    assert not Discussion.objects.exclude(closes_at=None).exists()


def test_times_have_passed_and_answers_come_later(loaded):
    now = timezone.now()

    for comment in Comment.objects.select_related("parent", "discussion"):
        assert comment.discussion.created_at <= comment.created_at < now
        assert comment.parent is None or comment.parent.created_at < comment.created_at


def test_items_are_numbered_in_the_order_of_their_times(loaded):
    for ticker in Ticker.objects.all():
        items = list(ticker.items.order_by("published_at"))
        assert [item.number for item in items] == list(range(1, ticker.last_number + 1))
        assert any(item.level == TickerItem.Level.BREAKING for item in items)
        assert any(item.pinned for item in items)
        assert any(item.key_event for item in items)
        assert any(item.correction for item in items)


def test_tallies_are_what_counting_gives(loaded):
    answers: Counter[int] = Counter()
    for parent, root in Comment.objects.values_list("parent", "root"):
        answers.update({parent, root} - {None})

    counted = dict(CommentTally.objects.values_list("pk", "reply_count"))
    assert counted == {pk: answers[pk] for pk in counted}
    assert answers.keys() <= counted.keys()
    for discussion in Discussion.objects.annotate(said=Count("comments")).select_related("tally__last_comment"):
        assert discussion.tally.comment_count == discussion.said
        assert discussion.tally.last_comment == discussion.comments.latest("order")


def test_people_react_to_what_others_say(loaded):
    counts: dict[int, Counter[str]] = {}
    for comment, name in Reaction.objects.values_list("comment", "name"):
        counts.setdefault(comment, Counter())[name] += 1

    assert 200 < sum(each.total() for each in counts.values()) < 2000
    assert dict(CommentTally.objects.exclude(reactions={}).values_list("pk", "reactions")) == counts
    assert not Reaction.objects.filter(comment__author=F("person")).exists()


def test_the_best_come_first(loaded, api):
    """Nobody has counted these reactions one by one, but the order is the one that counting gives; what an earlier
    version has imported gets it by migrating.
    """
    thread = Discussion.objects.filter(mode="thread").order_by("-tally__comment_count").first()
    scores = dict(Comment.objects.values_list("pk", "score"))
    Comment.objects.update(score=0)
    import_module("comments.migrations.0012_scores").rank(apps, None)
    rows = [row for body in walk(api(), f"{url(thread)}?sort=best&limit=10") for row in body["results"]]
    ranks = [ranking.best(row["reactions"].get("like", 0), row["reactions"].get("dislike", 0)) for row in rows]

    assert ranks[0] > 0
    assert ranks == sorted(ranks, reverse=True)
    assert scores == dict(Comment.objects.values_list("pk", "score"))


def test_nobody_can_log_in_as_one_of_the_readers(loaded):
    readers = User.objects.filter(email__endswith="@leser.example")

    assert readers.count() == 20
    assert not any(reader.has_usable_password() for reader in readers)


def test_people_do_not_repeat_themselves():
    said = Counter(line.text for talk in files.talks() for line in talk.lines)

    assert [text for text, times in said.items() if times > 1] == []


def test_every_article_is_complete():
    for each in files.articles():
        assert 250 <= len(each["body"].split()) <= 500, each["slug"]
        assert each["body"].count("\n## ") >= 2
        assert all(each[name] for name in ("kicker", "headline", "lead", "author", "caption", "alt"))
        assert each["picture"] in pictures.SCENES


@pytest.mark.parametrize("name", pictures.SCENES)
def test_every_picture_is_drawn_in_its_size(name):
    assert pictures.SCENES[name]().finished().size == (1600, 900)


def test_a_picture_is_the_same_at_every_drawing():
    assert pictures.png("library") == pictures.png("library")


def _counts() -> list[int]:
    return [model.objects.count() for model in (Article, Photo, TickerItem, User, Comment, Discussion)]
