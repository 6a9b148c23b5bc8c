"""What is counted of decisions, by day: the fold, the API, the tables and the pages."""

from __future__ import annotations

import csv
import io
import random
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.duties import Duties
from articles.models import Section
from comments import actions, waits
from comments.folds import figures
from comments.models import Case, DayTally, Decision, Discussion
from newsroom.errors import Refused
from tests.support.forms import forms_of

FIGURES, TABLE = "/api/v1/moderation/statistics/", "/api/v1/moderation/statistics.csv"
NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
STEPS = 60


@pytest.fixture
def mona(person):
    return person("Mona", "moderator")


@pytest.fixture
def wait(discussion, alice, mo):
    def hold(text, author=alice, where=discussion):
        actions.open_discussion(where.pk, actor=mo, premoderated=True)
        held = actions.post(where.pk, author=author, text=text).comment
        actions.open_discussion(where.pk, actor=mo)
        return held

    return hold


def tallied() -> Counter:
    """What the fold has counted, without zeros."""
    names = ("day", "section", "rule", "moderator", "action", "wait", "count")
    return Counter({tuple(row[:-1]): row[-1] for row in DayTally.objects.exclude(count=0).values_list(*names)})


def recounted() -> Counter:
    """The same from the decisions themselves."""
    found: Counter = Counter()
    for each in Decision.objects.filter(undone_at=None).select_related("comment"):
        day = timezone.localtime(each.created_at, timezone.get_default_timezone()).date()
        hold = Decision.objects.filter(comment=each.comment, action="hold", pk__lt=each.pk).last()
        rule = each.rule or (hold.rule if hold and each.action in {"approve", "reject"} else "")
        closed = Case.objects.filter(decision=each).order_by("opened_at").first()
        waited = waits.bucket(each.created_at - closed.opened_at) if closed else -1
        found[day, each.section_id or 0, rule, each.moderator_id or 0, each.action, waited] += 1
    return found


@pytest.mark.parametrize("seed", range(3))
def test_the_fold_equals_a_recount_after_a_walk_of_decisions_and_undos(
    discussion, chat, alice, bob, mo, mona, wait, seed
):
    chance, last = random.Random(seed), []
    comments = [
        wait(f"Nummer {n}", chance.choice([alice, bob]), chance.choice([discussion, chat])).pk for n in range(8)
    ]
    deeds = ["approve", "reject", "remove", "restore", "reopen", "keep", "report", "take_down", *["undo"] * 4]
    done: Counter = Counter()
    with time_machine.travel(NOW, tick=False) as clock:
        for _step in range(STEPS):
            clock.shift(timedelta(seconds=chance.choice([5, 5, 20, 40_000])))
            comment, actor, deed = chance.choice(comments), chance.choice([mo, mona]), chance.choice(deeds)
            try:
                if deed == "report":
                    actions.report(comment, actor=bob, reason="spam")
                elif deed == "take_down":
                    actions.take_down(comment, rule="imported", note="")
                elif deed == "undo" and last:
                    actions.undo_decision(last[-1].pk, actor=last[-1].moderator)
                elif deed != "undo":
                    last.append(actions.decide(comment, deed, actor=actor, reason="spam").ruling)
                done[deed] += 1
            except Refused:
                continue

    assert done["undo"]
    assert tallied() == recounted()
    assert all(count > 0 for count in tallied().values())


def test_what_was_undone_is_taken_out_of_the_day_it_was_counted_in(wait, mo):
    held = wait("Darf das hinein?")
    before = tallied()
    with time_machine.travel(datetime(2026, 3, 10, 22, 59, 40, tzinfo=UTC), tick=False) as clock:  # 23:59:40 in Berlin
        Case.objects.update(opened_at=timezone.now() - timedelta(minutes=5))
        decided = actions.approve(held.pk, actor=mo).ruling
        (made,) = (tallied() - before).items()
        clock.shift(timedelta(seconds=40))
        actions.undo_decision(decided.pk, actor=mo)

    day, _section, rule, moderator, action, waited = made[0]
    assert (str(day), rule, moderator, action) == ("2026-03-10", "premoderated", mo.pk, "approve")
    assert waits.median({waited: 1}) == pytest.approx(300, rel=0.1)
    assert tallied() == before


def test_nothing_counts_twice_and_what_an_earlier_release_decided_is_counted(wait, comment, mo):
    actions.reject(wait("Nein").pk, actor=mo, reason="spam")
    actions.undo_decision(actions.remove(comment.pk, actor=mo, reason="spam").ruling.pk, actor=mo)
    known = tallied()
    assert figures.catch_up() == 0

    DayTally.objects.all().delete()
    Decision.objects.update(tallied_wait=None)

    assert (figures.catch_up(), figures.catch_up()) == (2, 0)
    assert tallied() == known


@pytest.mark.parametrize("seconds", [1, 2, 59, 240, 3_600, 86_400, 2_592_000])
def test_a_median_is_true_to_a_twelfth(seconds):
    assert waits.median({waits.bucket(timedelta(seconds=seconds)): 3}) == pytest.approx(seconds, rel=1 / 12, abs=1)
    assert waits.median({}) is None


def test_the_median_is_the_one_in_the_middle():
    counts = Counter(waits.bucket(timedelta(seconds=each)) for each in (1, 60, 60, 60, 90_000))
    assert waits.median(counts) == pytest.approx(60, rel=0.1)


@pytest.fixture
def decided(discussion, chat, alice, mo, mona, wait):
    """On two days: two approvals of Mo's after 100 s, a rejection of Mona's after 1,000 s, and one in the chat."""
    with time_machine.travel(NOW - timedelta(days=1), tick=False) as clock:
        for text, actor, deed, seconds in (
            ("Eins", mo, "approve", 100),
            ("Zwei", mo, "approve", 100),
            ("Drei", mona, "reject", 1000),
        ):
            held = wait(text)
            clock.shift(timedelta(seconds=seconds))
            actions.decide(held.pk, deed, actor=actor, reason="spam")
    with time_machine.travel(NOW, tick=False):
        said = actions.post(chat.pk, author=alice, text="Vier").comment
        actions.remove(said.pk, actor=mona, reason="spam")


def ask(client, **asked):
    asked = {"from": "2026-03-08", "to": "2026-03-10"} | asked
    answer = client.get(FIGURES, asked)
    assert answer.status_code == 200, answer.content
    return answer.json()


def short(body) -> list:
    """(key, approved, rejected, removed, held) of each line."""
    by, actions_of = body["by"], [each["actions"] for each in body["results"]]
    keys = [each[by] for each in body["results"]]
    keys = [key and (key.get("slug") or key["name"]) if isinstance(key, dict) else key for key in keys]
    numbers = [[each[name] for name in ("approve", "reject", "remove", "hold")] for each in actions_of]
    return list(zip(keys, numbers, strict=True))


def test_figures_by_day_section_rule_and_moderator(api, decided, mo):
    by_day = ask(api(mo))
    assert short(by_day) == [
        ("2026-03-08", [0, 0, 0, 0]),
        ("2026-03-09", [2, 1, 0, 3]),
        ("2026-03-10", [0, 0, 1, 0]),
    ]
    assert by_day["total"]["count"] == 4
    assert by_day["results"][1]["median_seconds"] == pytest.approx(100, rel=0.1)
    assert by_day["results"][2]["median_seconds"] is None
    assert short(ask(api(mo), by="section")) == [("lokales", [2, 1, 0, 3]), (None, [0, 0, 1, 0])]
    assert short(ask(api(mo), by="rule")) == [("premoderated", [2, 1, 0, 3])]
    assert short(ask(api(mo), by="moderator")) == [("Mo", [2, 0, 0, 0]), ("Mona", [0, 1, 1, 0])]


def test_who_moderates_one_section_has_its_figures_alone_and_no_names(api, client, decided, person, section):
    sina = person("Sina")
    sina.give(Duties.of([("moderate", section.pk)]))
    sina.save()

    assert short(ask(api(sina), by="section")) == [("lokales", [2, 1, 0, 3])]
    assert ask(api(sina))["total"]["count"] == 3
    assert api(sina).get(FIGURES, {"by": "moderator"}).status_code == 403
    assert api(sina).get(TABLE, {"by": "moderator"}).status_code == 403
    client.force_login(sina)
    page = client.get("/moderation/statistics/?from=2026-03-08&to=2026-03-10").content.decode()
    assert "Mona" not in page
    assert "by-moderator" not in page


def test_who_leads_one_section_sees_its_moderators_there(api, decided, person, section):
    sina = person("Sina")
    sina.give(Duties.of([("head", section.pk)]))
    sina.save()

    assert short(ask(api(sina), by="moderator")) == [("Mo", [2, 0, 0, 0]), ("Mona", [0, 1, 0, 0])]


def test_figures_outlive_people_and_sections(api, decided, mo, mona, section):
    Decision.objects.filter(moderator=mona).update(moderator=None)
    mona.delete()

    assert short(ask(api(mo), by="moderator"))[-1] == (None, [0, 1, 1, 0])


@pytest.mark.parametrize("by", ["day", "section", "rule", "moderator"])
def test_the_table_has_the_same_numbers(api, decided, mo, by):
    answer = api(mo).get(TABLE, {"from": "2026-03-08", "to": "2026-03-10", "by": by})
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))

    assert [[int(row[name]) for name in ("approve", "reject", "remove", "hold")] for row in rows] == [
        numbers for _key, numbers in short(ask(api(mo), by=by))
    ]


@pytest.mark.parametrize(
    "asked",
    [
        {"from": "x"},
        {"by": "x"},
        {"from": "2026-03-10", "to": "2026-03-09"},
        {"from": "1950-01-01", "to": "2026-01-01"},
        {"to": "9999-12-31"},
    ],
)
@pytest.mark.parametrize("path", [FIGURES, TABLE, "/moderation/statistics/"])
def test_a_range_that_makes_no_sense_is_refused(api, client, mo, path, asked):
    client.force_login(mo)
    if path.startswith("/api") or "by" not in asked:
        assert client.get(path, asked).status_code == 400


def test_each_chart_is_named_and_has_its_table(client, decided, mo):
    client.force_login(mo)
    page = client.get("/moderation/statistics/?from=2026-03-08&to=2026-03-10").content.decode()

    charts = re.findall(r'<svg role="img" aria-labelledby="([\w-]+) ([\w-]+)"', page)
    assert [title for title, _ in charts] == [
        f"chart-{name}-title" for name in ("day", "wait", "section", "rule", "moderator")
    ]
    for title, summary in charts:
        assert f'<title id="{title}">' in page
        assert f'<desc id="{summary}">' in page
    assert len(re.findall(r"<table", page)) == 4
    assert len(re.findall(r'href="/api/v1/moderation/statistics\.csv\?[^"]+" download', page)) == 4
    assert re.search(r'<th scope="row"><bdi>Mona</bdi></th><td>0</td><td>0</td>\s*<td>2</td><td>2</td>', page)


@pytest.mark.usefixtures("serving")
def test_the_page_asks_the_same_of_the_database_however_much_was_decided(client, decided, mo, mona, wait):
    client.force_login(mo)

    def statements() -> int:
        with CaptureQueriesContext(connection) as asked:
            client.get("/moderation/statistics/?from=2026-03-01&to=2026-03-10")
        return len(asked)

    few = statements()
    with time_machine.travel(NOW, tick=False):
        for number in range(6):
            actions.approve(wait(f"Noch {number}").pk, actor=mona)

    assert statements() == few <= 13


def test_the_board_says_how_fast_it_goes_what_heats_up_and_who_is_there(
    client, discussion, chat, alice, bob, mo, mona, wait
):
    client.force_login(mo)
    quiet = unescape(client.get("/moderation/").content.decode())
    assert "niemand" in quiet
    assert "heat-title" not in quiet
    for number in range(4):
        said = actions.post(discussion.pk, author=alice if number % 2 else bob, text=f"Nummer {number}").comment
    actions.post(chat.pk, author=alice, text="Nur einer")
    actions.report(said.pk, actor=bob if said.author == alice else alice, reason="spam")
    held = wait("Darf das hinein?")
    actions.claim(Case.objects.get(comment=held).pk, actor=mona)

    page = unescape(client.get("/moderation/").content.decode())

    (row,) = re.findall(r"heat-title.*?<tbody>(.*?)</tbody>", page, re.DOTALL)
    assert re.findall(r"<bdi>(.*?)</bdi>", row) == [discussion.title]
    assert re.findall(r"<td>([\d,]+)(?:&nbsp;|\xa0| )?", row) == ["0,5", "0,1", "1", "20"]
    assert "<bdi>Mona</bdi>" in page
    actions.approve(held.pk, actor=mo)
    assert "<bdi>Mo</bdi>" in client.get("/moderation/").content.decode()


def test_the_board_shows_nobody_what_heats_up_elsewhere(client, discussion, alice, bob, person, mo):
    other = Section.objects.create(name="Sport", slug="sport")
    sina = person("Sina")
    sina.give(Duties.of([("moderate", other.pk)]))
    sina.save()
    for number in range(4):
        said = actions.post(discussion.pk, author=alice if number % 2 else bob, text=f"Nummer {number}").comment
    actions.remove(said.pk, actor=mo, reason="spam")

    client.force_login(sina)
    page = client.get("/moderation/").content.decode()

    assert discussion.title not in page
    assert "<bdi>Mo</bdi>" not in page


def test_the_board_calms_a_discussion_for_two_hours_and_takes_that_back(client, discussion, alice, bob, mo):
    for number in range(4):
        actions.post(discussion.pk, author=alice if number % 2 else bob, text=f"Nummer {number}")
    client.force_login(mo)

    def offered() -> set[str]:
        page = client.get("/moderation/").content.decode()
        return {deed for form in forms_of(page) for name, deed in form.buttons if name == "deed"}

    def press(deed: str, **other: object) -> int:
        return client.post("/moderation/", {"deed": deed, "discussion": discussion.pk} | other).status_code

    now, discussions = timezone.now(), Discussion.objects.values("switch", "slow_mode_seconds")
    assert offered() == {"slow", "premoderate"}
    assert [press("slow"), press("premoderate")] == [302, 302]
    discussion.refresh_from_db()
    assert (discussion.slow_mode_seconds, discussion.switch) == (30, "premoderated")
    for end in (discussion.slow_mode_until, discussion.until):
        assert abs(end - now - timedelta(hours=2)) < timedelta(minutes=1)
    assert offered() == {"unslow", "unpremoderate"}
    assert press("premoderate") == 409  # somebody else was faster
    assert [press("unslow"), press("unpremoderate")] == [302, 302]
    assert discussions.get(pk=discussion.pk) == {"switch": "auto", "slow_mode_seconds": 0}
    assert offered() == {"slow", "premoderate"}

    actions.close_discussion(discussion.pk, actor=mo)
    assert [press("premoderate"), press("unpremoderate"), press("tear down")] == [409, 409, 422]
    assert [press("slow", discussion=""), press("slow", discussion="9" * 30)] == [422, 422]
    assert discussions.get(pk=discussion.pk) == {"switch": "closed", "slow_mode_seconds": 0}


def test_who_moderates_elsewhere_calms_nothing_here(client, discussion, person):
    other = Section.objects.create(name="Sport", slug="sport")
    sina = person("Sina")
    sina.give(Duties.of([("moderate", other.pk)]))
    sina.save()
    client.force_login(sina)

    assert client.post("/moderation/", {"deed": "slow", "discussion": discussion.pk}).status_code == 422

    discussion.refresh_from_db()
    assert discussion.slow_mode_seconds == 0
