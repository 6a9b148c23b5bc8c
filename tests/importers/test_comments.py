"""What becomes of the comments of a WordPress export."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from articles.models import Article
from comments.models import Comment, CommentTally, Decision, Discussion
from tests.comments.tools import events, kinds
from tests.importers.conftest import BLOG
from tests.support.directions import directed

pytestmark = pytest.mark.django_db
SITE = "hafen.example/blog"


_UTC, _ZEROS = "<wp:comment_date_gmt>2019-03-02 12:00:00", "<wp:comment_date_gmt>0000-00-00 00:00:00"


def _comment(number: int) -> Comment:
    return Comment.objects.get(source="wordpress", source_id=f"{SITE}:{number}")


def _thread() -> Discussion:
    return Discussion.objects.get(article__source_id=f"{SITE}:11")


def test_comments_keep_text_time_and_tree(imported):
    first, second, third = _comment(101), _comment(102), _comment(103)

    assert (first.text, first.html) == (
        "Schön!\n\nSehr schön.",
        directed("<p>Schön!</p>\n<p><strong>Sehr</strong> schön. </p>"),
    )
    assert first.created_at == first.published_at == datetime(2019, 3, 2, 12, tzinfo=UTC)
    assert (second.parent, second.root) == (first, first)
    assert (third.parent, third.root) == (second, first)


def test_authors_are_names_and_nobody_can_log_in_as_them(imported):
    assert _comment(101).author_name == "Ada & Söhne"
    assert _comment(104).author_name
    assert not Comment.objects.exclude(author=None).exists()
    assert not User.objects.exists()


def test_places_are_unique_and_rise_with_time(imported):
    said = list(Comment.objects.exclude(order=None).order_by("order"))

    assert [each.created_at for each in said] == sorted(each.created_at for each in said)
    assert len({each.order for each in said}) == len(said)
    assert said[0].order == 1_551_528_000_000_000


def test_what_waits_is_held_for_a_moderator(imported, api, mo):
    held = _comment(105)

    assert (held.state, held.order, held.published_at) == ("held", None, None)
    assert Decision.objects.get(comment=held).rule == "imported"
    waiting = api(mo).get("/api/v1/moderation/queue/").json()["results"]
    assert held.pk in [each["id"] for each in waiting]
    assert kinds("moderation") == ["queue.entered", "case.opened"] * len(waiting)
    untitled = [{name: value for name, value in each.items() if name != "title"} for each in waiting]
    assert [event["data"] for event in events("moderation") if event["kind"] == "queue.entered"] == untitled


def test_an_answer_to_what_readers_do_not_see_moves_up(imported):
    assert _comment(106).parent == _comment(101)  # its parent waits
    assert _comment(111).parent == _comment(102)  # its parent was spam


def test_an_answer_to_nothing_stands_at_the_top(imported):
    assert _comment(107).parent is None


def test_comments_that_answer_each_other_do_not_go_round_in_circles(imported):
    assert _comment(108).parent is None
    assert _comment(109).parent == _comment(108)


@pytest.mark.parametrize("number", [110, 112, 113, 114, 115])
def test_echoes_spam_and_waste_are_left_out(imported, number):
    assert not Comment.objects.filter(source_id=f"{SITE}:{number}").exists()


_OF_102 = "<wp:comment_approved>{}</wp:comment_approved><wp:comment_type>{}</wp:comment_type><wp:comment_parent>101"


@pytest.mark.parametrize(
    ("approved", "kind", "counted"),
    [
        ("1", "note", "1 comments of type “note”"),
        ("0", "note", "1 comments of type “note”"),
        ("1", "order_note", "1 comments of type “order_note”"),
        ("0", "Comment", "1 comments of type “Comment”"),
        ("post-trashed", "comment", "2 comments in the bin"),
        ("", "comment", "1 comments in state “”"),
        ("hold", "comment", "1 comments in state “hold”"),
        ("2", "", "1 comments in state “2”"),
    ],
)
def test_only_what_readers_wrote_and_may_be_read_comes_in(db, run, blog, approved, kind, counted):
    """An editor's private note is one of the comments of an export."""
    said = run(blog(_OF_102.format("1", "comment"), _OF_102.format(approved, kind)))

    assert not Comment.objects.filter(source_id=f"{SITE}:102").exists()
    assert Decision.objects.count() == 1
    assert "Comments published: 8" in said
    assert counted in " ".join(said)
    assert _comment(103).parent == _comment(101)


def test_nothing_runs(imported):
    assert not Comment.objects.filter(html__contains="script").exists()
    assert not Comment.objects.filter(html__contains="alert").exists()


def test_tallies_are_what_counting_gives(imported):
    said = Comment.objects.exclude(order=None)
    answers: Counter[int] = Counter()
    for parent, root in said.values_list("parent", "root"):
        answers.update({parent, root} - {None})

    assert _thread().tally.comment_count == said.count() == 9
    assert _thread().tally.last_comment == said.latest("order")
    assert _thread().tally.last_activity == _comment(111).created_at
    assert dict(CommentTally.objects.values_list("pk", "reply_count")) == dict(answers)


def test_readers_see_them(imported, api):
    page = api().get(f"/api/v1/discussions/{_thread().pk}/comments/?sort=oldest").json()

    assert page["results"][0]["author"]["name"] == "Ada & Söhne"
    assert page["results"][0]["reply_count"] == 4
    assert "Dora" not in str(page)


def test_every_published_article_has_a_discussion_old_ones_closed(imported):
    assert _thread().state_at(timezone.now()) == "closed"
    assert _thread().state_at(datetime(2019, 3, 3, tzinfo=UTC)) == "open"
    assert Discussion.objects.get(article__source_id=f"{SITE}:12").switch == "closed"


def test_a_comment_is_approved_like_any_other(imported, mo):
    from comments.actions import approve

    approve(_comment(105).pk, actor=mo)

    assert _comment(105).order is not None
    assert _thread().tally.comment_count == 10


@pytest.mark.parametrize("told", ["9999-12-31 23:59:59", "2999-01-01 00:00:00", "0001-01-01 00:00:00", "gestern"])
def test_a_comment_at_an_impossible_time_spoils_no_page(db, client, run, blog, told):
    run(blog("<wp:comment_date_gmt>2019-03-02 12:00:00", f"<wp:comment_date_gmt>{told}"))

    assert _comment(101).created_at <= timezone.now()
    assert client.get(f"/articles/{_thread().article.slug}/").status_code == 200
    assert client.get("/chats/").status_code == 200


def test_a_time_that_is_only_local_is_of_our_zone(db, run, blog, settings):
    settings.TIME_ZONE = "Asia/Shanghai"
    run(blog(_UTC, _ZEROS))

    assert _comment(101).created_at == datetime(2019, 3, 2, 5, tzinfo=UTC)


@pytest.mark.parametrize(("options", "hour"), [(("--zone", "America/New_York"), 18), ((), 5)])
def test_a_time_that_is_only_local_is_of_the_zone_that_is_named(db, move, blog, options, hour, settings):
    settings.TIME_ZONE = "Asia/Shanghai"
    move("wordpress", blog(_UTC, _ZEROS), *options)

    assert _comment(101).created_at == datetime(2019, 3, 2, hour, tzinfo=UTC)


def test_a_comment_without_a_time_is_left_out_and_said(db, run, move, blog):
    """Nothing is invented, such as the time of the import."""
    path = blog(_UTC, _ZEROS, "<wp:comment_date>2019-03-02 13:00:00", "<wp:comment_date>0000-00-00 00:00:00")
    counted = move("wordpress", path)
    told = run(path)

    assert counted["left"]["broken"] == 2
    assert "1 comments without a time" in " ".join(told)  # the other stands under a page, which is left out itself
    assert not Comment.objects.filter(source_id=f"{SITE}:101").exists()
    assert _comment(102).parent is None


@pytest.mark.parametrize(
    "private",
    ["<wp:status>draft", "<wp:status>private", "<wp:post_password>geheim</wp:post_password><wp:status>publish"],
)
def test_what_the_public_could_not_read_becomes_no_discussion(db, run, move, blog, client, private):
    """Its comments come in with it, where editors alone see it; without it they stay out, and so does its title."""
    path = blog("<wp:post_password></wp:post_password>", "", "<wp:status>publish", private)
    counted = move("wordpress", BLOG, "--dry-run")

    alone = move("wordpress", path)

    assert counted["new"] > 0
    assert (alone["new"], alone["held"]) == (0, 0)
    assert alone["left"]["no_thread"] >= counted["new"] + counted["held"]
    assert not Comment.objects.exists()
    assert not Discussion.objects.exists()

    run(path)
    again = move("wordpress", path)
    assert (again["known"], again["new"]) == (Comment.objects.count(), 0)
    assert Comment.objects.exists()
    assert client.get(f"/articles/{_thread().article.slug}/").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_a_post_with_few_comments_comes_in_one_transaction(run):
    with CaptureQueriesContext(connection) as asked:
        run()
    transactions = "\n".join(each["sql"] for each in asked).split("COMMIT")
    with_posts = [each for each in transactions if 'INSERT INTO "articles_article"' in each]
    with_held = [each for each in transactions if 'INSERT INTO "comments_decision"' in each]

    assert len(with_posts) == Article.objects.count() > 1
    assert with_held
    assert all(each in with_posts for each in with_held)
