"""The order `best`: who is surely liked comes first, and a walk through it meets nothing twice."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from comments import actions, ranking
from comments.models import Comment, Discussion
from newsroom.errors import Refused
from tests.comments.tools import page, url, walk


@pytest.fixture
def people(person):
    return [person(f"Leser{number}") for number in range(6)]


@pytest.fixture
def spoken(discussion, people) -> list[Comment]:
    """Nine comments, the older ones liked by more people, the fifth disliked as well."""
    said = [actions.post(discussion.pk, author=people[n % 6], text=f"Nr. {n}").comment for n in range(9)]
    for number, comment in enumerate(said[:5]):
        for who in people[number:]:
            actions.react(comment.pk, "like", actor=who)
    actions.react(said[4].pk, "dislike", actor=people[0])
    return said


def _walked(client, address, between=lambda: None):
    return [row["id"] for body in walk(client, address, between) for row in body["results"]]


def test_the_bound_is_wilsons():
    assert [ranking.best(0, 0), ranking.best(0, 7)] == [0, 0]
    assert ranking.best(1, 0) == pytest.approx(206_543, abs=1)
    assert ranking.best(10, 0) == pytest.approx(722_460, abs=3)
    assert ranking.best(90, 10) > ranking.best(9, 1) > ranking.best(1, 0)
    with pytest.raises(ValueError, match="negative"):
        ranking.best(-1, 0)


def test_more_likes_and_fewer_dislikes_never_rank_lower():
    for dislikes in range(40):
        scores = [ranking.best(likes, dislikes) for likes in range(60)]
        assert all(a <= b for a, b in pairwise(scores))
        assert all(0 <= score <= ranking.best(likes, max(0, dislikes - 1)) for likes, score in enumerate(scores))


def test_the_best_come_first_and_among_equals_the_newest(api, discussion, spoken):
    said = [comment.pk for comment in spoken]

    assert _walked(api(), f"{url(discussion)}?sort=best&limit=2") == [*said[:5], *said[:4:-1]]


def test_the_way_back_is_the_mirror(api, discussion, spoken):
    pages = list(walk(api(), f"{url(discussion)}?sort=best&limit=2"))
    back, body = [], pages[-1]
    while body["previous"]:
        body = page(api(), body["previous"])
        back.append(body["results"])

    assert back[::-1] == [each["results"] for each in pages[:-1]]


def test_what_was_taken_down_sinks_and_comes_back(api, mo, discussion, spoken):
    actions.remove(spoken[0].pk, actor=mo, reason="spam")
    assert _walked(api(), f"{url(discussion)}?sort=best")[-1] == spoken[0].pk

    actions.restore(spoken[0].pk, actor=mo)
    assert _walked(api(), f"{url(discussion)}?sort=best")[0] == spoken[0].pk


@pytest.mark.parametrize("seed", range(4))
def test_on_a_walk_nothing_comes_twice_and_what_kept_its_rank_is_met(api, mo, people, discussion, spoken, seed):
    chance = random.Random(seed)
    before = dict(Comment.objects.values_list("pk", "score"))
    moved: set[int] = set()

    def meanwhile() -> None:
        for _ in range(4):
            comment, who = chance.choice(spoken), chance.choice(people)
            deed = chance.choice([actions.react, actions.take_back])
            deed(comment.pk, chance.choice(["like", "dislike"]), actor=who)
            moved.update(pk for pk, score in Comment.objects.values_list("pk", "score") if before.get(pk) != score)
        if chance.random() < 0.3:
            try:
                actions.remove(chance.choice(spoken).pk, actor=mo, reason="spam")
            except Refused:
                actions.post(discussion.pk, author=people[0], text=f"Neu {chance.random()}")
            moved.update(pk for pk, score in Comment.objects.values_list("pk", "score") if before.get(pk) != score)

    met = _walked(api(), f"{url(discussion)}?sort=best&limit=2", meanwhile)

    assert len(met) == len(set(met))
    assert {comment.pk for comment in spoken} - moved <= set(met)


def test_a_deep_page_starts_in_the_index(api, discussion, spoken):
    if connection.vendor == "postgresql":
        pytest.skip("plans once for all discussions: see the test below")
    second = page(api(), f"{url(discussion)}?sort=best&limit=2")["next"]
    with CaptureQueriesContext(connection) as queries:
        page(api(), second)
    rows = queries.captured_queries[1]["sql"]  # after position and counts
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {rows}")
        plan = " ".join(row[3] for row in cursor.fetchall())

    assert "comment_best (discussion_id=? AND (score,order)<(?,?))" in plan.replace('"', "")
    assert "TEMP B-TREE" not in plan


def test_a_plan_for_small_discussions_does_not_sort_a_large_one(api, discussion, spoken):
    if connection.vendor == "sqlite":
        pytest.skip("plans each statement by its own values")
    small = Discussion.objects.bulk_create(Discussion(title=f"{n}", mode="chat") for n in range(300))
    said = {"text": "Nummer", "html": "<p>Nummer</p>" * 10, "state": "published", "published_at": timezone.now()}
    Comment.objects.bulk_create(Comment(discussion=each, order=n, **said) for n in range(30) for each in small)
    second = page(api(), page(api(), f"{url(discussion)}?sort=best&limit=2")["next"])
    asked = []

    def note(execute, sql, params, many, context):
        asked.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        page(api(), second["next"])
        page(api(), second["previous"])
    ahead, back = [each for each in asked if "ranked_at" in each[0]]
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE comments_comment")
    for sql, values in (ahead, back):
        plan = _plan_of_prepared(sql, values)
        assert "using comment_best on" in plan
        assert "Sort" not in plan


def _plan_of_prepared(sql, values) -> str:
    """PostgreSQL's plan for any values. A mere EXPLAIN would show the one for these."""
    *parts, end = sql.split("%s")
    numbered = "".join(f"{part}${number}" for number, part in enumerate(parts, 1))
    with connection.cursor() as cursor:
        cursor.execute(f"PREPARE a_page AS {numbered}{end}")
        cursor.execute(f"EXPLAIN EXECUTE a_page ({', '.join(map(repr, values))})")
        plan = "\n".join(line for (line,) in cursor.fetchall())
        cursor.execute("DEALLOCATE a_page")
    return plan
