"""Whatever HTML is stored, an update makes it anew of its text: as if it were written today."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test.utils import CaptureQueriesContext

from accounts.models import LegalPage
from articles import actions as article_actions
from articles.models import Article, TickerItem
from comments import actions
from comments.models import Comment, CommentRevision
from newsroom.database.rewriting import Stored, made_again
from newsroom.live.models import Event
from newsroom.text import render_comment
from tests.comments.tools import page
from tests.support.directions import directed

TEXT = "Liebe Leser*innen und Kolleg*innen, heute 5~8 Grad, morgen 10~12."
RIGHT = directed(f"<p>{TEXT}</p>")
WRONG = directed("<p>Liebe Leser<em>innen und Kolleg</em>innen, heute 5<s>8 Grad, morgen 10</s>12.</p>")
MODELS = (Article, TickerItem, Comment, CommentRevision, LegalPage)
MIGRATIONS = [("accounts", "0008_signs"), ("articles", "0008_signs"), ("comments", "0019_signs")]


@pytest.fixture
def stored(transactional_db, article, item, discussion, alice, eddy):
    """One row of each kind, as an earlier release left it."""
    article_actions.correct_article(article.pk, actor=eddy, body=TEXT)
    article_actions.correct_item(item.pk, actor=eddy, text=TEXT)
    said = actions.post(discussion.pk, author=alice, text=TEXT).comment
    actions.edit(said.pk, actor=alice, text=f"{TEXT} Mehr nicht.")
    Comment.objects.filter(pk=said.pk).update(html=WRONG.replace("12.", "12. Mehr nicht."))
    LegalPage.objects.update_or_create(slug="privacy", defaults={"body": TEXT})
    article_actions.publish_item(item.ticker, actor=eddy, headline="Fähre kehrt um")
    for model in (Article, TickerItem, CommentRevision, LegalPage):
        model.objects.exclude(html="").update(html=WRONG)
    TickerItem.objects.filter(text="").update(html=directed("<p></p>"))
    LegalPage.objects.filter(slug="privacy").update(html=WRONG)
    yield said
    LegalPage.objects.filter(slug="privacy").update(body="", html="")


def update(*migrations):
    """Back over these migrations and forward again; what `migrate` does after them is left out."""
    executor = MigrationExecutor(connection)
    for name in migrations:
        migration = executor.loader.get_migration(*name)
        executor.unapply_migration(executor.loader.project_state(name, at_end=False), migration)
        executor.apply_migration(executor.loader.project_state(name, at_end=False), migration)


def rewrite(*stored):
    made_again("comments", *stored).code(apps, None)


def html_of(*models):
    """All that is not empty."""
    return {html for model in models for html in model.objects.exclude(html="").values_list("html", flat=True)}


def rows():
    return [[{**row, "html": None} for row in model.objects.order_by("pk").values()] for model in MODELS]


def test_every_stored_html_shows_its_text_and_nothing_else_changes(stored, api):
    before, told = rows(), list(Event.objects.order_by("pk").values())
    assert "Leser*innen" not in "".join(html_of(*MODELS))

    update(*MIGRATIONS)

    assert html_of(Article, TickerItem, CommentRevision) == {RIGHT}
    assert LegalPage.objects.get(slug="privacy").html == RIGHT
    assert html_of(Comment) == {RIGHT.replace("12.", "12. Mehr nicht.")}
    assert page(api(), f"/api/v1/comments/{stored.pk}/")["html"] == RIGHT.replace("12.", "12. Mehr nicht.")
    assert rows() == before
    assert list(Event.objects.order_by("pk").values()) == told


def test_an_article_whose_html_changes_is_found_all_the_time(stored, api, article):
    update(("articles", "0008_signs"))

    assert [row["slug"] for row in page(api(), "/api/v1/articles/", q="kolleg")["results"]] == [article.slug]


def test_what_is_right_is_not_written(stored):
    def written():
        with CaptureQueriesContext(connection) as asked:
            update(*MIGRATIONS)
        return [each["sql"] for each in asked if each["sql"].startswith("UPDATE")]

    assert len(written()) == len(MODELS)
    assert written() == []


def test_what_was_html_where_it_comes_from_stays(stored):
    foreign = directed("<p>Leser<em>innen</em></p>")
    Comment.objects.update(html=foreign, source="wordpress", source_id="x:1")
    CommentRevision.objects.update(html=foreign)
    Article.objects.update(html=foreign, body_format="html")
    TickerItem.objects.update(html=foreign)

    update(*MIGRATIONS)

    assert html_of(Article, Comment, CommentRevision) == {foreign}
    assert html_of(TickerItem) == {RIGHT}


def test_a_row_of_which_no_html_can_be_made_is_left_and_counted(discussion, alice, caplog):
    for text in ("eins", "zwei", "drei"):
        actions.post(discussion.pk, author=alice, text=text)
    Comment.objects.update(html="alt")

    def make(text):
        return render_comment(text) if text != "zwei" else text[9]

    rewrite(Stored("Comment", "text", make))

    assert list(Comment.objects.order_by("pk").values_list("html", flat=True)) == [
        directed("<p>eins</p>"),
        "alt",
        directed("<p>drei</p>"),
    ]
    assert "1 rows of comments.Comment keep the HTML that they had" in caplog.messages


def test_cut_off_it_goes_on_later(discussion, alice):
    for text in ("eins", "zwei", "drei"):
        actions.post(discussion.pk, author=alice, text=text)
    Comment.objects.update(html="alt")
    left = [4]

    def cut(text):
        left[0] -= 1
        if not left[0]:
            raise KeyboardInterrupt
        return render_comment(text)

    with pytest.raises(KeyboardInterrupt):
        rewrite(Stored("Comment", "text", cut))
    rewrite(Stored("Comment", "text", render_comment))

    assert html_of(Comment) == {directed(f"<p>{text}</p>") for text in ("eins", "zwei", "drei")}


def test_a_text_that_is_changed_meanwhile_keeps_its_own_html(comment, alice):
    Comment.objects.update(html="alt")
    calls = []

    def make(text):
        if not calls:
            actions.edit(comment.pk, actor=alice, text="Neu")
        calls.append(text)
        return render_comment(text)

    rewrite(Stored("Comment", "text", make))

    assert html_of(Comment) == {directed("<p>Neu</p>")}
    assert calls == ["Endlich eine Fähre!", "Neu"]
