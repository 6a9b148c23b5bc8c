"""The log of decisions: over the API, as a page, and as a table."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime
from html import unescape

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.duties import Duties
from articles.models import Article, Section
from comments import actions
from comments.actions.bulk import go_on_with_bulk
from comments.actions.upkeep import place_decisions
from comments.models import Comment, Decision
from tests.comments.tools import page, walk

LOG, TABLE, PAGE = "/api/v1/moderation/decisions/", "/api/v1/moderation/decisions.csv", "/moderation/decisions/"
SECRET = "Geheimwortlaut"


@pytest.fixture
def mona(person):
    return person("Mona", "moderator")


@pytest.fixture
def sina(person, section):
    """Moderates this section alone."""
    made = person("Sina")
    made.give(Duties.of([("moderate", section.pk)]))
    made.save()
    return made


@pytest.fixture
def decided(discussion, chat, alice, bob, mo, mona):
    """By name, from the oldest: two of Mo's, one of Mona's in the chat, one of a rule."""

    def say(author, text, where=discussion):
        return actions.post(where.pk, author=author, text=text).comment.pk

    removed = actions.remove(say(alice, "Eins"), actor=mo, reason="insult", note="Zum dritten Mal").ruling
    kept = say(bob, "Zwei")
    actions.report(kept, actor=alice, reason="spam")
    kept = actions.keep(kept, actor=mo).ruling
    chatted = actions.remove(say(alice, "Drei", chat), actor=mona, reason="spam").ruling
    actions.open_discussion(discussion.pk, actor=mo, premoderated=True)
    say(bob, "Vier")
    return {"removed": removed, "kept": kept, "chatted": chatted, "held": Decision.objects.latest("id")}


def names(decided, body) -> list[str]:
    of = {each.pk: name for name, each in decided.items()}
    return [of[each["id"]] for each in body["results"]]


def rows(client, **asked):
    answer = client.get(TABLE, asked)
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/csv; charset=utf-8")
    assert answer.streaming
    return list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, ["held", "chatted", "kept", "removed"]),
        ({"by": "mo"}, ["kept", "removed"]),
        ({"action": "remove"}, ["chatted", "removed"]),
        ({"reason": "insult"}, ["removed"]),
        ({"rule": "premoderated"}, ["held"]),
        ({"section": "lokales"}, ["held", "kept", "removed"]),
        ({"author": "alice"}, ["chatted", "removed"]),
        ({"discussion": "chat"}, ["chatted"]),
        ({"automated": "true"}, ["held"]),
        ({"automated": "false"}, ["chatted", "kept", "removed"]),
        ({"by": "mo", "reason": "spam"}, []),
    ],
)
def test_every_filter_finds_what_it_names_in_the_api_the_page_and_the_table(
    api, client, decided, mo, alice, chat, asked, found
):
    known = {"mo": mo.pk, "alice": alice.pk, "chat": chat.pk}
    asked = {name: known.get(value, value) for name, value in asked.items()}
    client.force_login(mo)

    assert names(decided, page(api(mo), LOG, **asked)) == found
    shown = client.get(PAGE, asked).content.decode()
    assert re.findall(r'id="decision-(\d+)"', shown) == [str(decided[name].pk) for name in found]
    assert [row["id"] for row in rows(api(mo), **asked)] == [str(decided[name].pk) for name in found]
    if not found:
        return
    table = unescape(re.search(r'href="([^"]+)" download', shown)[1])
    assert client.get(table).getvalue().count(b"\r\n") == 1 + len(found)


def test_a_decision_says_what_was_decided_where_by_whom_and_about_whom(api, decided, mo, alice, section, discussion):
    removed = decided["removed"]

    one = page(api(mo), f"{LOG}{removed.pk}/")

    assert one | {"created_at": ""} == {
        "id": removed.pk,
        "comment": removed.comment_id,
        "moderator": {"id": mo.pk, "name": "Mo", "role": "moderator", "avatar": None, "page": f"/people/{mo.pk}/"},
        "action": "remove",
        "reason": "insult",
        **dict.fromkeys(["ground", "norm", "text", "rule", "created_at"], ""),
        "note": "Zum dritten Mal",
        "undone_at": None,
        "automated": False,
        "bulk": False,
        "job": None,
        "section": {"slug": "lokales", "name": "Lokales"},
        "discussion": {"id": discussion.pk, "title": discussion.title},
        "case": None,
        "permalink": f"/comments/{removed.comment_id}/",
        "author": {"id": alice.pk, "name": "Alice", "role": "reader", "avatar": None, "page": f"/people/{alice.pk}/"},
    }
    assert one == page(api(mo), LOG, reason="insult")["results"][0]
    assert page(api(mo), f"{LOG}{decided['kept'].pk}/")["case"] == decided["kept"].cases.get().pk


def test_days_are_those_of_the_site(api, discussion, alice, mo):
    said = [actions.post(discussion.pk, author=alice, text=text).comment.pk for text in ("Eins", "Zwei")]
    for pk, hour in zip(said, (22, 23), strict=True):  # in Berlin that is 23:30, and 0:30 of the next day
        with time_machine.travel(datetime(2026, 1, 10, hour, 30, tzinfo=UTC), tick=False):
            actions.remove(pk, actor=mo, reason="spam")

    def found(**days):
        return [each["comment"] for each in page(api(mo), LOG, **days)["results"]]

    assert found(**{"from": "2026-01-10", "to": "2026-01-10"}) == [said[0]]
    assert found(**{"from": "2026-01-11"}) == [said[1]]
    assert found(to="2026-01-09") == []


def test_who_moderates_one_section_sees_nothing_of_another(api, client, decided, sina):
    assert names(decided, page(api(sina), LOG)) == ["held", "kept", "removed"]
    assert len(rows(api(sina))) == 3
    assert api(sina).get(f"{LOG}{decided['chatted'].pk}/").status_code == 404
    client.force_login(sina)
    assert f"decision-{decided['chatted'].pk}" not in client.get(PAGE).content.decode()
    Section.objects.create(name="Sport", slug="sport")
    assert api(sina).get(LOG, {"section": "sport"}).status_code == 404
    assert api(sina).get(TABLE, {"section": "sport"}).status_code == 404


def test_a_decision_stays_where_it_was_taken(api, decided, article, sina):
    Article.objects.filter(pk=article.pk).update(section=Section.objects.create(name="Sport", slug="sport"))

    assert names(decided, page(api(sina), LOG)) == ["held", "kept", "removed"]


def test_what_an_earlier_release_decided_is_placed(api, decided, sina):
    before = list(Decision.objects.order_by("pk").values("discussion", "section"))
    Decision.objects.update(discussion=None, section=None)

    assert (place_decisions(), place_decisions()) == (4, 0)

    assert list(Decision.objects.order_by("pk").values("discussion", "section")) == before
    assert names(decided, page(api(sina), LOG)) == ["held", "kept", "removed"]


@pytest.mark.parametrize("asked", [{"by": "x"}, {"action": "x"}, {"reason": "x"}, {"from": "x"}, {"to": "2026-13-01"}])
@pytest.mark.parametrize("path", [LOG, TABLE, PAGE])
def test_a_filter_that_makes_no_sense_is_refused(client, mo, path, asked):
    client.force_login(mo)
    assert client.get(path, asked).status_code == 400


@pytest.mark.parametrize("asked", [{"from": "9999-12-31", "to": "9999-12-31"}, {"from": "0001-01-01"}, {"rule": "\0"}])
def test_a_filter_at_the_end_of_the_world_is_no_fault_of_ours(client, mo, asked):
    client.force_login(mo)
    assert client.get(PAGE, asked).status_code in {200, 400}


def test_a_walk_meets_every_decision_once(api, discussion, alice, mo):
    with time_machine.travel(datetime(2026, 1, 10, tzinfo=UTC), tick=False):  # all at the same moment
        for number in range(7):
            said = actions.post(discussion.pk, author=alice, text=f"Nummer {number}").comment
            Comment.objects.filter(pk=said.pk).update(created_at=datetime(2026, 1, 9, tzinfo=UTC))
            actions.remove(said.pk, actor=mo, reason="spam")

    found = [each["id"] for body in walk(api(mo), f"{LOG}?limit=3") for each in body["results"]]

    assert found == sorted(Decision.objects.values_list("pk", flat=True), reverse=True)


def test_the_table_has_no_word_of_a_comment_and_no_address(api, discussion, alice, mo):
    actions.open_discussion(discussion.pk, actor=mo, premoderated=True)
    rule = actions.make_rule(
        actor=mo, name="Wörter", kind="words", words=[SECRET.lower()], action="hold", mode="live", language="de"
    )
    actions.open_discussion(discussion.pk, actor=mo)
    held = actions.post(discussion.pk, author=alice, text=f"Ein {SECRET} hier").comment
    assert held.state == "held"
    actions.reject(held.pk, actor=mo, reason="insult", note=f"Wegen {SECRET}")

    table = b"".join(api(mo).get(TABLE).streaming_content).decode()
    log = api(mo).get(LOG, {"automated": "true"}).content.decode()

    assert rule.name in table
    for client_words in (SECRET, SECRET.lower(), "@example.org"):
        assert client_words not in table
        assert client_words not in log


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+49 40", "'+49 40"),
        ("-Fähre-", "'-Fähre-"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("Titel;=1+1", "Titel;'=1+1"),
        ("＝1+1", "'＝1+1"),
        ('"Zitat", Rest', '"Zitat", Rest'),
    ],
)
def test_a_cell_is_never_a_formula(api, decided, discussion, mo, name, cell):
    type(discussion).objects.filter(pk=discussion.pk).update(title=name)

    assert {row["title"] for row in rows(api(mo), section="lokales")} == {cell}


def test_a_table_is_had_by_whoever_asks_for_csv_and_a_refusal_is_json(api, mo):
    asked = {"HTTP_ACCEPT": "text/csv"}
    assert api(mo).get(TABLE, **asked)["Content-Type"] == "text/csv; charset=utf-8"
    assert api(mo).get(TABLE, {"by": "x"}, **asked).json()["code"] == "malformed"


def test_a_long_table_comes_in_parts(api, decided, mo, monkeypatch):
    monkeypatch.setattr("comments.reads.decisions.AT_ONCE", 1)

    parts = list(api(mo).get(TABLE).streaming_content)

    assert len(parts) == 1 + len(decided)


def test_a_page_costs_the_same_however_much_was_decided(client, discussion, alice, mo):
    client.force_login(mo)

    def statements() -> int:
        client.get(PAGE)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(PAGE).status_code == 200
        return len(asked)

    for number in range(3):
        actions.remove(
            actions.post(discussion.pk, author=alice, text=f"Nummer {number}").comment.pk, actor=mo, reason="spam"
        )
    few = statements()
    actions.open_discussion(discussion.pk, actor=mo, premoderated=True)
    for number in range(9):
        held = actions.post(discussion.pk, author=mo if number % 2 else alice, text=f"Wort {number}").comment
        if held.state == "held":
            actions.approve(held.pk, actor=mo)

    assert statements() == few <= 8


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL reads an empty table whole")
@pytest.mark.parametrize(
    ("asked", "index"),
    [
        ({}, "decision_when"),
        ({"by": 1}, "decision_by"),
        ({"action": "reopen"}, "decision_action"),
        ({"reason": "hate"}, "decision_reason"),
        ({"rule": "links"}, "decision_rule"),
        ({"discussion": 1}, "decision_where"),
        ({"section": "lokales"}, "decision_section"),
    ],
)
def test_each_filter_has_an_index_in_the_order_of_the_log(section, mo, asked, index):
    from comments.reads import decisions as reads

    rows = reads._shown(reads._chosen(mo, reads.Filters.of({name: str(value) for name, value in asked.items()})))
    plan = rows.order_by("-created_at", "-id")[:50].explain()

    assert index in plan, plan
    assert "TEMP B-TREE" not in plan


def test_the_log_shows_what_one_job_has_decided(api, client, alice, mo, discussion):
    said = [actions.post(discussion.pk, author=alice, text=f"Nummer {n}").comment for n in range(3)]
    chosen = [(each.pk, each.public_version) for each in said]
    jobs = [actions.start_bulk(some, "remove", actor=mo, reason="spam") for some in (chosen[:2], chosen[2:])]
    for job in jobs:
        go_on_with_bulk(job.pk)
    client.force_login(mo)

    found = page(api(mo), LOG, job=jobs[0].pk)["results"]

    assert {(each["comment"], each["job"], each["bulk"]) for each in found} == {
        (each.pk, jobs[0].pk, True) for each in said[:2]
    }
    rows = list(csv.DictReader(io.StringIO(api(mo).get(f"{TABLE}?job={jobs[1].pk}").getvalue().decode())))
    assert [(row["comment"], row["job"]) for row in rows] == [(str(said[2].pk), str(jobs[1].pk))]
    shown = client.get(PAGE, {"job": jobs[0].pk}).content.decode()
    assert shown.count('<li id="decision-') == 2
    assert f'name="job" value="{jobs[0].pk}"' in shown
    assert f"{PAGE}?job={jobs[1].pk}" in client.get(PAGE).content.decode()
    assert f"{PAGE}?job={jobs[1].pk}" in client.get(f"/moderation/bulk/{jobs[1].pk}/").content.decode()
    assert api(mo).get(LOG, {"job": "x"}).status_code == 400
