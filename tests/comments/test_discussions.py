"""The life of a discussion, and the list of them."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.actions import publish_article, retract_article
from articles.models import Article
from comments import actions
from comments.actions.discussions import turn_due_discussions
from comments.actions.upkeep import announce_activity
from comments.models import Discussion, DiscussionTally
from newsroom.database.sqlite3.statistics import renew
from newsroom.errors import Forbidden, Invalid, Refused
from newsroom.live import registry
from tests.comments.tools import effort_of, events, in_parallel, kinds, page, url

LIST = "/api/v1/discussions/"


def test_closing_and_opening_reach_open_pages(api, mo, discussion):
    actions.close_discussion(discussion.pk, actor=mo, reason="Nachtruhe")
    closed = page(api(), f"{LIST}{discussion.pk}/")
    actions.open_discussion(discussion.pk, actor=mo)

    assert (closed["state"], closed["reason"]) == ("closed", "Nachtruhe")
    assert kinds(discussion.stream) == ["discussion.closed", "discussion.opened"]
    assert events(discussion.stream)[0]["data"]["state"] == "closed"
    assert page(api(), f"{LIST}{discussion.pk}/")["state"] == "open"


def test_times_turn_it_at_the_moment_once(api, mo, discussion):
    now = timezone.now()
    minute = timedelta(minutes=1)
    actions.change_discussion(discussion.pk, actor=mo, opens_at=now + minute, closes_at=now + 2 * minute)
    before = len(kinds(discussion.stream))

    assert turn_due_discussions() == 0
    with time_machine.travel(now + minute, tick=False):
        assert [turn_due_discussions(), turn_due_discussions()] == [1, 0]
        detail = page(api(), f"{LIST}{discussion.pk}/")
        assert (detail["state"], detail["next_change"]) == ("open", detail["closes_at"])
    with time_machine.travel(now + 3 * minute, tick=False):
        assert [turn_due_discussions(), turn_due_discussions()] == [1, 0]
        assert page(api(), f"{LIST}{discussion.pk}/")["reason"] == "over"
    assert kinds(discussion.stream)[before:] == ["discussion.opened", "discussion.closed"]


def test_the_switch_is_stronger_than_the_times(mo, discussion):
    past = timezone.now() - timedelta(days=1)
    actions.change_discussion(discussion.pk, actor=mo, closes_at=past, switch=Discussion.Switch.OPEN)

    discussion.refresh_from_db()
    assert discussion.state_at(timezone.now()) == "open"
    assert discussion.next_change(timezone.now()) is None


@pytest.mark.parametrize(("mode", "window"), [("thread", timedelta(days=14)), ("chat", timedelta(hours=24))])
def test_discussions_close_after_their_usual_time(discussion, chat, mode, window):
    here = {"thread": discussion, "chat": chat}[mode]
    start = discussion.article.published_at if mode == "thread" else chat.created_at

    assert here.closes_at == start + window


def test_nothing_commits_after_the_moderators_answer(alice, mo, discussion, many_connections):
    def deed(number: int) -> tuple[str, object]:
        if number == 3:
            actions.close_discussion(discussion.pk, actor=mo)
            return "closed", timezone.now()
        try:
            return "posted", actions.post(discussion.pk, author=alice, text=f"Nr. {number}").comment.order
        except Refused as refused:
            return refused.code, None

    done = in_parallel(8, deed)

    posted = sum(what == "posted" for what, _ in done)
    log = kinds(discussion.stream)
    assert log == ["comment.posted"] * posted + ["discussion.closed"]
    assert posted + sum(what == "discussion_closed" for what, _ in done) == 7


def test_only_those_who_run_it_change_a_discussion(alice, jo, eddy, mo, discussion):
    for who in (alice, jo):
        with pytest.raises(Forbidden):
            actions.close_discussion(discussion.pk, actor=who)
        with pytest.raises(Forbidden):
            actions.start_chat("Mein Chat", actor=who)
    assert actions.close_discussion(discussion.pk, actor=eddy).switch == "closed"
    assert actions.start_chat("Unser Chat", actor=mo).mode == "chat"


def test_impossible_settings_are_refused(mo, discussion):
    now = timezone.now()
    for changes in (
        {"opens_at": now, "closes_at": now},
        {"slow_mode_seconds": 100_000},
        {"title": " \n"},
        {"switch": "ajar"},
        {"reason": "x" * 300},
    ):
        with pytest.raises(Invalid):
            actions.change_discussion(discussion.pk, actor=mo, **changes)
    assert actions.change_discussion(discussion.pk, actor=mo, slow_mode_seconds=30).slow_mode_seconds == 30
    assert kinds(discussion.stream) == ["discussion.slow"]


def test_the_list_is_ordered_by_last_activity_or_by_age(api, alice, mo, discussion, chat):
    actions.post(discussion.pk, author=alice, text="Hier zuletzt")

    active = page(api(), LIST)
    newest = page(api(), LIST, sort="newest")

    assert [each["id"] for each in active["results"]] == [discussion.pk, chat.pk]
    assert [each["id"] for each in newest["results"]] == [chat.pk, discussion.pk]
    assert active["results"][0]["last_comment"]["text"] == "Hier zuletzt"
    assert active["stream"] == "chats"
    first = page(api(), LIST, limit=1)
    assert [each["id"] for each in first["results"] + page(api(), first["next"])["results"]] == [discussion.pk, chat.pk]


def test_the_list_is_narrowed_by_mode_and_articles(api, article, discussion, chat):
    assert [each["id"] for each in page(api(), LIST, mode="chat")["results"]] == [chat.pk]
    assert [each["id"] for each in page(api(), LIST, article=[article.slug, "gibt-es-nicht"])["results"]] == [
        discussion.pk
    ]
    assert api().get(LIST, {"mode": "war"}).status_code == 400
    assert api().get(LIST, {"sort": "oldest"}).json()["code"] == "unknown_sort"
    assert page(api(), LIST, article=["\ud83d".encode("utf-8", "replace").decode(), "x" * 9000])["results"] == []
    assert api().get(LIST, {"article": "a\0b"}).json()["code"] == "malformed"


@pytest.mark.parametrize("mode", ["", "thread", "chat"])
@pytest.mark.parametrize("sort", ["active", "newest"])
def test_the_list_comes_in_the_order_of_an_index_without_statistics(api, discussion, chat, sort, mode):
    if connection.vendor == "postgresql":
        pytest.skip("always has statistics")
    with CaptureQueriesContext(connection) as queries:
        page(api(), LIST, sort=sort, mode=mode)
    (asked,) = [each["sql"] for each in queries.captured_queries if "comments_discussiontally" in each["sql"]]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {asked}")
        plan = [row[3] for row in cursor.fetchall()]

    assert [step for step in plan if "comments_discussiontally USING" in step]
    assert [step for step in plan if "TEMP B-TREE" in step] == []


def test_activity_is_told_at_most_once_a_second(alice, chat):
    start = timezone.now() + timedelta(seconds=5)
    with time_machine.travel(start, tick=False) as clock:
        announce_activity()
        before = len(kinds("chats"))
        for number in range(3):
            actions.post(chat.pk, author=alice, text=f"Nr. {number}")
            announce_activity()
        assert len(kinds("chats")) == before
        clock.shift(timedelta(seconds=1))
        assert [announce_activity(), announce_activity()] == [1, 0]
    assert len(kinds("chats")) == before + 1
    data = events("chats")[-1]["data"]
    assert (data["comment_count"], data["last_comment"]["text"]) == (3, "Nr. 2")


def test_a_thread_is_told_of_when_its_article_comes_and_when_it_comes_again(api, eddy, article, discussion):
    announce_activity()
    assert [event["data"] for event in events("chats")] == page(api(), LIST)["results"]

    with time_machine.travel(timezone.now() + timedelta(seconds=5), tick=False):
        retract_article(article.pk, actor=eddy)
        announce_activity()
        assert page(api(), LIST)["results"] == []
        publish_article(article.pk, actor=eddy)
        announce_activity()

        assert [event["data"] for event in events("chats")[-1:]] == page(api(), LIST)["results"]
    assert kinds("chats") == ["void", "discussion.active"]


def test_who_may_listen(alice, mo, eddy, article, discussion):
    streams = ["chats", discussion.stream, "moderation", f"{discussion.stream}0", "discussion.x", "discussion.-1"]

    assert [registry.may_read(alice, stream) for stream in streams] == [True, True, False, False, False, False]
    assert registry.may_read(mo, "moderation")
    retract_article(article.pk, actor=eddy)
    assert not registry.may_read(alice, discussion.stream)
    assert registry.may_read(eddy, discussion.stream)


def test_the_thread_of_a_retracted_article_leaves_the_list(api, eddy, article, discussion):
    retract_article(article.pk, actor=eddy)

    assert page(api(), LIST)["results"] == []
    assert page(api(eddy), LIST)["results"] == []  # the same bytes for everybody


def test_the_activity_of_chats_forgets_a_retracted_article(api, alice, eddy, article, discussion, chat):
    for each in (discussion, chat):
        actions.post(each.pk, author=alice, text="Gut gesagt")
    actions.upkeep.announce_activity()
    assert {event["data"]["id"] for event in events("chats")} == {discussion.pk, chat.pk}

    retract_article(article.pk, actor=eddy)

    told = [event["data"] for event in events("chats") if event["kind"] != "void"]
    assert [(each["id"], each["last_comment"]["text"]) for each in told] == [(chat.pk, "Gut gesagt")]


def test_a_discussion_names_its_place_in_the_log(api, alice, discussion):
    actions.post(discussion.pk, author=alice, text="Eins")

    detail = page(api(), f"{LIST}{discussion.pk}/")

    assert detail["position"]["offset"] == 1
    assert (detail["comment_count"], detail["max_length"]) == (1, 5000)
    assert page(api(), url(discussion))["position"] == detail["position"]


@pytest.mark.parametrize("sort", ["active", "newest"])
def test_discussions_of_some_articles_are_listed_without_a_look_at_others(api, section, sort):
    if connection.vendor == "postgresql":
        pytest.skip("reads tables this small whole")

    def add(count):
        there = Article.objects.count()
        told = {"section": section, "headline": "x", "state": "published", "published_at": timezone.now()}
        written = Article.objects.bulk_create(Article(slug=f"a-{there + n}", **told) for n in range(count))
        threads = [Discussion(article=each, mode="thread", title="x") for each in written]
        chats = [Discussion(mode="chat", title="x") for _ in range(500)]
        made = Discussion.objects.bulk_create([*threads, *chats])
        tallies = (DiscussionTally(discussion=each, last_activity=each.created_at) for each in made)
        DiscussionTally.objects.bulk_create(tallies)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        renew()  # as on a site: by the first thousand entries of each index, here those of chats

    slugs = [f"a-{n}" for n in range(1, 21)]

    def listed():
        return [each["id"] for each in page(api(), LIST, sort=sort, article=slugs)["results"]]

    add(100)
    few, rows = effort_of(listed), listed()
    add(2000)

    assert effort_of(listed) <= 1.1 * few
    assert listed() == rows
    assert len(rows) == 20


def test_right_after_an_import_discussions_of_some_articles_are_found_as_before(api, section):
    """The database has not counted its tables anew yet."""
    told = {"section": section, "headline": "x", "state": "published", "published_at": timezone.now()}
    written = Article.objects.bulk_create(Article(slug=f"a-{n}", **told) for n in range(300))

    def add(discussions):
        made = Discussion.objects.bulk_create(discussions)
        DiscussionTally.objects.bulk_create(
            DiscussionTally(discussion=each, last_activity=each.created_at) for each in made
        )

    def listed():
        return [each["id"] for each in page(api(), LIST, article=[f"a-{n}" for n in range(20)])["results"]]

    add([Discussion(article=each, mode="thread", title="x") for each in written])
    few, rows = effort_of(listed), listed()
    add([Discussion(mode="thread", title="x", url=f"https://old.example/{n}/") for n in range(5000)])

    assert effort_of(listed) <= 1.1 * few
    assert listed() == rows
    assert len(rows) == 20
