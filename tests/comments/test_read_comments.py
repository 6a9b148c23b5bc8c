"""Lists: every comment once, fast, the same bytes for everybody."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from articles.models import Article
from comments import actions, reads
from comments.api import schemas
from comments.models import Comment, CommentTally, Discussion
from comments.representations import comment_json
from tests.comments.tools import looking_at, page, url, walk


@pytest.fixture
def say(alice, bob, discussion) -> Iterator[int]:
    """`next(say)` posts another comment and gives its id."""

    def speaker() -> Iterator[int]:
        number = 0
        while True:
            number += 1
            author = (alice, bob)[number % 2]
            yield actions.post(discussion.pk, author=author, text=f"Nr. {number}").comment.pk

    return speaker()


@pytest.mark.parametrize("sort", ["newest", "oldest"])
def test_a_walk_meets_every_comment_once_while_others_write(api, mo, discussion, say, sort):
    there = [next(say) for _ in range(11)]
    actions.open_discussion(discussion.pk, actor=mo, premoderated=True)
    held = next(say)
    actions.open_discussion(discussion.pk, actor=mo)
    added = []

    def meanwhile() -> None:
        added.append(next(say))
        if len(added) == 2:
            actions.approve(held, actor=mo)
            actions.remove(there[5], actor=mo, reason="spam")

    met = [
        each["id"]
        for body in walk(api(), f"{url(discussion)}?sort={sort}&limit=3", meanwhile)
        for each in body["results"]
    ]

    assert len(met) == len(set(met))
    if sort == "newest":
        assert met == there[::-1]
    else:
        assert met[: len(there)] == there
        assert met[len(there) :] == [pk for pk in [*added[:2], held, *added[2:]] if pk in met]
        assert held in met


def test_the_way_back_is_the_mirror_of_the_way_there(api, discussion, say):
    for _ in range(7):
        next(say)
    pages = list(walk(api(), f"{url(discussion)}?limit=2"))

    back, body = [], pages[-1]
    while body["previous"]:
        body = page(api(), body["previous"])
        back.append(body["results"])

    assert back[::-1] == [each["results"] for each in pages[:-1]]
    newest = [each["id"] for body in pages for each in body["results"]]
    oldest = [each["id"] for body in walk(api(), f"{url(discussion)}?sort=oldest&limit=3") for each in body["results"]]
    assert newest == oldest[::-1]


def test_the_first_replies_come_along_and_the_rest_by_parent(api, alice, bob, mo, discussion, comment):
    replies = [
        actions.post(discussion.pk, author=(alice, bob)[n % 2], text=f"Antwort {n}", parent_id=comment.pk).comment.pk
        for n in range(5)
    ]
    actions.remove(replies[1], actor=mo, reason="spam")

    (top,) = page(api(), url(discussion))["results"]

    assert (top["reply_count"], [each["id"] for each in top["replies"]]) == (4, replies[:3])
    assert top["replies"][1]["state"] == "removed"
    rest = [
        each["id"] for body in walk(api(), f"{url(discussion)}?parent={comment.pk}&limit=2") for each in body["results"]
    ]
    assert rest == replies


def test_where_all_replies_were_removed_their_places_are_still_shown(api, bob, mo, discussion, comment):
    reply = actions.post(discussion.pk, author=bob, text="Weg damit", parent_id=comment.pk).comment
    actions.remove(reply.pk, actor=mo, reason="spam")

    (top,) = page(api(), url(discussion))["results"]

    assert (top["reply_count"], [each["state"] for each in top["replies"]]) == (0, ["removed"])


def test_a_page_costs_the_same_however_much_is_on_it(api, alice, bob, discussion, comment):
    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            page(api(), url(discussion))
        return len(queries)

    for number in range(3):
        actions.post(discussion.pk, author=bob, text=f"Antwort {number}", parent_id=comment.pk)
    few = cost()
    for number in range(12):
        top = actions.post(discussion.pk, author=alice, text=f"Oben {number}").comment
        actions.post(discussion.pk, author=bob, text=f"Antwort {number}", parent_id=top.pk)

    assert (few, cost()) == (3, 3)  # position and counts; rows; first replies


def test_the_index_serves_every_list(discussion, comment):
    if connection.vendor == "postgresql":
        pytest.skip("a table this small is read whole")
    with CaptureQueriesContext(connection) as queries:
        head = reads.head_of(discussion.pk, comment.author)
        reads.comment_page(head)
        reads.comment_page(head, parent=comment.pk)
    plans = []
    for query in queries.captured_queries[1:]:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {query['sql']}")
            plans.append(" ".join(row[3] for row in cursor.fetchall()))

    assert "comment_list" in plans[0]
    assert "TEMP B-TREE" not in plans[0]
    assert "comment_below" in plans[-1]
    assert "TEMP B-TREE" not in plans[-1]


@pytest.mark.parametrize("sort", ["newest", "oldest", "best"])
def test_a_page_of_a_long_discussion_looks_at_no_more_than_it_shows(api, alice, discussion, sort):
    """PostgreSQL plans without knowing which discussion it will be, hence among many short ones."""
    if connection.vendor != "postgresql":
        pytest.skip("plans are made for each call")
    short = Discussion.objects.bulk_create([Discussion(title=f"Kurz {n}", mode="thread") for n in range(60)])
    at = timezone.now()
    said = {"author": alice, "text": "x", "html": "x", "state": "published", "published_at": at}
    places = [(discussion.pk, n) for n in range(1, 1500)] + [(each.pk, 1) for each in short]
    made = Comment.objects.bulk_create([Comment(discussion_id=pk, order=order, **said) for pk, order in places])
    CommentTally.objects.bulk_create([CommentTally(comment=each) for each in made])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE comments_comment, accounts_user, comments_commenttally")

    next_page = page(api(), f"{url(discussion)}?sort={sort}&limit=20")["next"]
    page(api(), next_page)
    with looking_at("comments_comment") as rows:
        body = page(api(), next_page)

    assert len(body["results"]) == 20
    assert 20 < rows[0] <= 2 * 21


def test_first_replies_are_found_without_a_look_at_the_rest(api, alice, discussion):
    at = timezone.now()
    said = {"discussion": discussion, "author": alice, "text": "x", "html": "x", "state": "published"}
    said["published_at"] = at
    tops = Comment.objects.bulk_create([Comment(order=1000 * n, **said) for n in range(1, 21)])
    below = [Comment(order=top.order + n, parent=top, root=top, **said) for top in tops for n in range(1, 61)]
    others = Comment.objects.bulk_create([Comment(order=10**6 + 1000 * n, **said) for n in range(3000)])
    below += [Comment(order=top.order + 1, parent=top, root=top, **said) for top in others]  # usually there is one
    Comment.objects.bulk_create(below)
    CommentTally.objects.bulk_create([CommentTally(comment=top, reply_count=60) for top in tops])
    client = api()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE comments_comment")
        with looking_at("comments_comment") as rows:
            body = page(client, f"{url(discussion)}?sort=oldest&limit=20")
        assert 21 + 60 <= rows[0] <= 3 * (21 + 60)
    else:
        with CaptureQueriesContext(connection) as queries:
            body = page(client, f"{url(discussion)}?sort=oldest&limit=20")
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {queries.captured_queries[-1]['sql']}")
            plan = " ".join(row[3] for row in cursor.fetchall())
        assert "comment_below (root_id=?" in plan

    orders = [[reply["order"] - top["order"] for reply in top["replies"]] for top in body["results"]]
    assert orders == [[1, 2, 3]] * 20


def test_whether_one_may_read_is_asked_of_one_article_not_of_all(api, alice, article, discussion, comment):
    same = {"section": article.section, "headline": "x", "state": "published", "published_at": timezone.now()}
    Article.objects.bulk_create(Article(slug=f"a-{number}", **same) for number in range(2000))
    addresses = [f"/api/v1/discussions/{discussion.pk}/", f"/api/v1/comments/{comment.pk}/"]
    client = api(alice)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE articles_article")
        with looking_at("articles_article") as rows:
            assert [client.get(each).status_code for each in addresses] == [200, 200]

        assert 2 <= rows[0] <= 6
        return
    with CaptureQueriesContext(connection) as queries:
        assert [client.get(each).status_code for each in addresses] == [200, 200]
    plans = []
    for query in queries.captured_queries:
        if "articles_article" in query["sql"]:
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN QUERY PLAN {query['sql']}")
                plans += [row[3] for row in cursor.fetchall()]

    assert len([each for each in plans if "SEARCH U0 USING INTEGER PRIMARY KEY" in each]) >= 2
    assert not [each for each in plans if each.startswith("LIST SUBQUERY")]


def test_who_says_much_elsewhere_says_the_first_thing_here_as_fast(alice, discussion):
    """Whether it repeats their last words here is looked up without a look at the others."""
    others = Discussion.objects.bulk_create([Discussion(title=f"Nebenan {n}", mode="thread") for n in range(60)])
    names = [f"person{n}" for n in range(200)]
    people = User.objects.bulk_create([User(email=f"{name}@example.com", name=name, name_key=name) for name in names])
    said = {"text": "x", "html": "x", "state": "published", "published_at": timezone.now()}
    by = [alice] * 3000 + people * 5
    places = [(others[n % len(others)], author, n) for n, author in enumerate(by, 1)]
    Comment.objects.bulk_create([Comment(discussion=at, author=who, order=n, **said) for at, who, n in places])
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE comments_comment")
        with looking_at("comments_comment") as rows:
            actions.post(discussion.pk, author=alice, text="Hier zum ersten Mal.")
        assert rows[0] <= 10
        return
    with CaptureQueriesContext(connection) as queries:
        actions.post(discussion.pk, author=alice, text="Hier zum ersten Mal.")
    (asked,) = [each["sql"] for each in queries.captured_queries if "comments_authortally AS said" in each["sql"]]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {asked}")
        plan = [step[3] for step in cursor.fetchall()]
    assert any("comment_said (author_id=? AND discussion_id=?)" in step for step in plan)
    assert any("comment_by (author_id=?)" in step for step in plan)
    assert any("comment_fingerprint (fingerprint=?)" in step for step in plan)
    assert not any(step.startswith("SCAN comments_comment") for step in plan)


def test_a_post_costs_few_statements(alice, discussion, comment):
    with CaptureQueriesContext(connection) as queries:
        actions.post(discussion.pk, author=alice, text="Und noch etwas", parent_id=comment.pk, key=uuid4())

    assert len(queries) <= 31, [query["sql"][:90] for query in queries.captured_queries]


def test_the_lean_row_and_the_described_shape_agree(api, alice, mo, discussion, comment):
    actions.post(discussion.pk, author=mo, text="Eine Antwort", parent_id=comment.pk)
    (lean,) = page(api(), url(discussion))["results"]

    form = schemas.CommentSerializer(data=lean)

    assert form.is_valid(), form.errors
    assert list(lean) == list(form.fields)
    assert list(lean["replies"][0]) == list(schemas.ReplySerializer().fields)
    whole = Comment.objects.select_related("author", "tally").get(pk=comment.pk)
    assert comment_json(whole) | {"replies": lean["replies"]} == lean


def test_everybody_gets_the_same_bytes_and_304_for_what_they_have(api, alice, discussion, comment):
    stranger, hers = api().get(url(discussion)), api(alice).get(url(discussion))

    assert (stranger.content, stranger["ETag"]) == (hers.content, hers["ETag"])
    assert stranger["Cache-Control"] == "no-cache"
    unchanged = api().get(url(discussion), headers={"If-None-Match": stranger["ETag"]})
    assert (unchanged.status_code, unchanged.content, unchanged["ETag"]) == (304, b"", stranger["ETag"])
    actions.withdraw(comment.pk, actor=alice)
    assert api().get(url(discussion), headers={"If-None-Match": stranger["ETag"]}).status_code == 200


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("sort=best2", "unknown_sort"),
        ("cursor=nonsense", "unknown_cursor"),
        ("cursor=%00", "unknown_cursor"),
        ("limit=0", "malformed"),
        ("limit=-1", "malformed"),
        ("limit=many", "malformed"),
        ("parent=x", "malformed"),
        ("parent=99999999999999999999999", "malformed"),
        ("parent=-1", "malformed"),
    ],
)
def test_a_strange_question_is_answered_by_code(api, discussion, comment, query, code):
    answer = api().get(f"{url(discussion)}?{query}")

    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_a_cursor_belongs_to_its_list_and_sort(api, alice, discussion, chat, say):
    for _ in range(3):
        next(say)
    cursor = page(api(), url(discussion), limit=1)["next"].partition("cursor=")[2]

    for address in (f"{url(discussion)}?sort=oldest", f"{url(chat)}?sort=newest", "/api/v1/discussions/?sort=newest"):
        refused = api().get(f"{address}&cursor={cursor}")
        assert (refused.status_code, refused.json()["code"]) == (400, "unknown_cursor")
    assert api().get(f"{url(discussion)}?sort=newest&cursor={cursor}").status_code == 200


def test_an_unknown_parent_or_discussion_is_not_found(api, discussion, chat, alice):
    foreign = actions.post(chat.pk, author=alice, text="Im Chat").comment

    assert api().get(f"{url(discussion)}?parent={foreign.pk}").status_code == 404
    assert api().get("/api/v1/discussions/999999/comments/").status_code == 404
    assert api().get(f"/api/v1/discussions/{10**25}/comments/").status_code == 404
