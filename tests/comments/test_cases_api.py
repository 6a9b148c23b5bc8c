"""The moderators' cases and readers' reports over the API."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.actions import impose_sanction
from articles.models import Section
from comments import actions
from comments.models import Case
from tests.comments.tools import events, page, walk

CASES, COUNTS = "/api/v1/moderation/cases/", "/api/v1/moderation/counts/"
MOST_STATEMENTS = 9


@pytest.fixture
def waiting(discussion, chat, alice, bob, mo):
    """Three comments that wait: two below the article, one in the chat."""
    for each in (discussion, chat):
        actions.open_discussion(each.pk, actor=mo, premoderated=True)
    said = [(discussion, alice, "Eins"), (discussion, bob, "Zwei"), (chat, alice, "Drei")]
    return [actions.post(here.pk, author=author, text=text).comment for here, author, text in said]


def report(client, comment, reason="spam", **more):
    return client.post(f"/api/v1/comments/{comment.pk}/reports/", {"reason": reason, **more})


def ids(body) -> list[int]:
    return [case["comment"]["id"] for case in body["results"]]


def test_the_reasons_are_everybodys_and_in_the_readers_language(api):
    answer = api().get("/api/v1/report-reasons/", headers={"Accept-Language": "en"})

    assert answer.status_code == 200
    assert [each["code"] for each in answer.json()["results"]] == [
        *("spam", "insult", "hate", "violence", "illegal"),
        *("privacy", "misinformation", "off_topic", "language", "other"),
    ]


def test_a_report_is_made_once(api, comment, bob):
    first = report(api(bob), comment, text="Reklame")
    again = report(api(bob), comment, "hate")

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert first.json() | {"id": 0, "created_at": ""} == {
        "id": 0,
        "comment": comment.pk,
        "reason": "spam",
        "text": "Reklame",
        "outcome": "",
        "created_at": "",
    }


def test_who_may_report_and_what(api, comment, alice, bob, mo, unconfirmed):
    assert report(api(), comment).status_code == 401
    assert report(api(unconfirmed), comment).json()["code"] == "unconfirmed"
    assert report(api(alice), comment).status_code == 403
    assert report(api(bob), comment, "").status_code == 422
    assert report(api(bob), comment, "spam", text="x" * 1001).status_code == 422
    assert report(api(bob), comment, "spam", nonsense=1).status_code == 422
    assert api(bob).post("/api/v1/comments/999999/reports/", {"reason": "spam"}).status_code == 404
    impose_sanction(bob.pk, actor=mo, scope="report", until=None, reason="spam")
    assert report(api(bob), comment).json()["code"] == "barred"
    actions.remove(comment.pk, actor=mo, reason="spam")
    assert report(api(mo), comment).status_code == 404
    assert Case.objects.count() == 0


def test_only_moderators_see_cases(api, waiting, alice, mo):
    case = Case.objects.first()
    for path in (CASES, COUNTS, f"{CASES}{case.pk}/", f"{CASES}{case.pk}/context/"):
        assert [api(each).get(path).status_code for each in (None, alice, mo)] == [401, 403, 200], path
    assert [api(each).put(f"{CASES}{case.pk}/claim/").status_code for each in (None, alice, mo)] == [401, 403, 200]


def test_the_list_is_chosen_by_kind_section_author_discussion_and_rule(api, waiting, chat, comment_in, alice, mo):
    held = [each.pk for each in waiting]
    actions.report(comment_in.pk, actor=alice, reason="insult")

    assert ids(page(api(mo), CASES)) == [comment_in.pk, *held]
    assert ids(page(api(mo), CASES, kind="held")) == held
    assert ids(page(api(mo), CASES, kind="reported")) == [comment_in.pk]
    assert ids(page(api(mo), CASES, section="lokales", kind="held")) == held[:2]
    assert ids(page(api(mo), CASES, author=alice.pk)) == [held[0], held[2]]
    assert ids(page(api(mo), CASES, discussion=chat.pk)) == [held[2]]
    assert ids(page(api(mo), CASES, rule="premoderated")) == held
    assert ids(page(api(mo), CASES, rule="nonsense")) == []
    assert ids(page(api(mo), CASES, order="newest", kind="held")) == held[::-1]
    assert page(api(mo), COUNTS) == {"held": 3, "reported": 1, "appeals": 0, "notices": 0}


@pytest.fixture
def comment_in(discussion, mo, bob):
    """A published one, though the others wait."""
    actions.open_discussion(discussion.pk, actor=mo)
    return actions.post(discussion.pk, author=bob, text="Steht schon da").comment


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"kind": "nonsense"}, 400),
        ({"order": "nonsense"}, 400),
        ({"author": "x"}, 400),
        ({"nonsense": "1"}, 400),
        ({"cursor": "nonsense"}, 400),
        ({"section": "nirgends"}, 404),
        ({"author": "9" * 40}, 400),
    ],
)
def test_a_choice_that_makes_no_sense_is_refused(api, mo, asked, status):
    assert api(mo).get(CASES, asked).status_code == status


def test_a_list_says_where_its_stream_stands(api, waiting, mo):
    everything, section = page(api(mo), CASES), page(api(mo), CASES, section="lokales")

    assert (everything["stream"], section["stream"]) == ("moderation", "moderation.lokales")
    actions.approve(waiting[1].pk, actor=mo)
    later = events(section["stream"], section["position"])
    assert [event["kind"] for event in later] == ["queue.left", "decision.made", "case.closed"]
    assert later[-1]["data"]["counts"]["held"] == 1


@pytest.mark.parametrize("order", ["urgent", "oldest", "newest"])
def test_pages_give_each_case_once(api, waiting, mo, order):
    pages = list(walk(api(mo), f"{CASES}?limit=1&order={order}"))

    assert sorted(pk for each in pages for pk in ids(each)) == sorted(each.pk for each in waiting)
    back = page(api(mo), pages[-1]["previous"])
    assert ids(back) == ids(pages[-2])


def test_a_case_is_in_the_list_as_by_itself_and_as_in_its_event(api, waiting, mo):
    listed = page(api(mo), CASES)["results"][0]
    alone = page(api(mo), f"{CASES}{listed['id']}/")
    (told, *_) = (event["data"] for event in events("moderation") if event["kind"] == "case.opened")

    assert listed == alone
    del listed["comment"]["title"]
    assert listed == {name: value for name, value in told.items() if name != "counts"}


def test_a_claim_is_shown_and_given_back(api, waiting, mo, person):
    case = f"{CASES}{Case.objects.first().pk}/"
    mona = person("Mona", "moderator")

    assert api(mo).put(f"{case}claim/").json()["claim"]["by"]["name"] == "Mo"
    assert api(mona).put(f"{case}claim/").json()["claim"]["by"]["name"] == "Mo"
    assert api(mo).delete(f"{case}claim/").status_code == 204
    assert page(api(mo), case)["claim"] is None
    assert api(mo).put(f"{CASES}999999/claim/").status_code == 404


def test_a_reported_comment_is_kept_over_the_api(api, comment, bob, mo):
    report(api(bob), comment)

    answer = api(mo).post(f"/api/v1/comments/{comment.pk}/decisions/", {"action": "keep"})

    assert (answer.status_code, answer.json()["state"]) == (201, "published")
    assert page(api(mo), COUNTS)["reported"] == 0


def test_a_decision_names_its_case(api, discussion, comment, alice, bob, mo):
    other = actions.post(discussion.pk, author=alice, text="Etwas anderes").comment
    for each in (comment, other):
        actions.report(each.pk, actor=bob, reason="spam")
    of = {each.comment_id: each.pk for each in Case.objects.all()}
    address = f"/api/v1/comments/{comment.pk}/decisions/"

    for wrong in (of[other.pk], 999_999):
        refused = api(mo).post(address, {"action": "keep", "case": wrong})
        assert (refused.status_code, refused.json()["errors"].keys()) == (422, {"case"})
    assert api(mo).post(address, {"action": "keep", "case": of[comment.pk]}).status_code == 201
    late = api(mo).post(address, {"action": "remove", "reason": "spam", "case": of[comment.pk], "seen": 999})
    assert (late.status_code, late.json()["code"], late.json()["decision"]["action"]) == (
        409,
        "already_decided",
        "keep",
    )
    assert api(mo).post(address, {"action": "remove", "reason": "spam"}).status_code == 201


def test_the_context_has_what_stands_around_and_how_the_author_stands(api, discussion, alice, bob, mo):
    said = [actions.post(discussion.pk, author=bob, text=f"Nummer {n}").comment for n in range(7)]
    actions.post(discussion.pk, author=alice, text="Früher gesagt")
    middle = actions.post(discussion.pk, author=alice, text="Gemeint").comment
    actions.edit(middle.pk, actor=alice, text="Anders gemeint")
    after = actions.post(discussion.pk, author=bob, text="Danach").comment
    actions.report(middle.pk, actor=bob, reason="insult")
    impose_sanction(alice.pk, actor=mo, scope="chat", until=None, reason="insult")

    found = page(api(mo), f"{CASES}{Case.objects.get().pk}/context/")

    assert [each["text"] for each in found["above"]] == [*(each.text for each in said[3:]), "Früher gesagt"]
    assert [each["id"] for each in found["below"]] == [after.pk]
    assert [each["text"] for each in found["author"]["comments"]] == ["Früher gesagt"]
    assert [each["scope"] for each in found["author"]["sanctions"]] == ["chat"]
    assert [each["text"] for each in found["revisions"]] == ["Gemeint", "Anders gemeint"]


def test_a_moderator_of_one_section_sees_the_cases_there(api, waiting, alice, person, section):
    from accounts.duties import Duties

    here = person("Sina")
    here.give(Duties.of([("moderate", section.pk)]))
    here.save()
    Section.objects.create(name="Kultur", slug="kultur")

    assert ids(page(api(here), CASES)) == [each.pk for each in waiting[:2]]
    assert page(api(here), COUNTS)["held"] == 2
    assert api(here).get(CASES, {"section": "kultur"}).status_code == 404
    other = Case.objects.get(comment=waiting[2])
    assert api(here).get(f"{CASES}{other.pk}/").status_code == 404
    assert api(here).put(f"{CASES}{other.pk}/claim/").status_code == 404


def test_a_page_asks_as_often_however_many_cases_there_are(api, discussion, mo, person):
    readers = [person(f"Leser{n}") for n in range(6)]
    actions.open_discussion(discussion.pk, actor=mo, premoderated=True)
    few = [actions.post(discussion.pk, author=readers[0], text=f"Wartet {n}").comment for n in range(2)]
    client = api(mo)
    page(client, CASES, limit=50)
    with CaptureQueriesContext(connection) as before:
        page(client, CASES, limit=50)

    for number, reader in enumerate(readers):
        for n in range(4):
            actions.post(discussion.pk, author=reader, text=f"Wartet {number} {n}")
    actions.open_discussion(discussion.pk, actor=mo)
    for n in range(5):
        there = actions.post(discussion.pk, author=readers[0], text=f"Steht {n}", parent_id=None).comment
        for each in readers[1:]:
            actions.report(there.pk, actor=each, reason="insult", text="Deshalb")
    with CaptureQueriesContext(connection) as asked:
        found = page(client, CASES, limit=50)

    assert few
    assert len(found["results"]) == 31
    assert [len(case["reports"]["newest"]) for case in found["results"][:5]] == [3] * 5
    assert len(before) <= len(asked) <= MOST_STATEMENTS


@pytest.mark.skipif(connection.vendor != "sqlite", reason="plans are made for the rows that are there")
@pytest.mark.parametrize("order", ["urgent", "oldest", "newest"])
@pytest.mark.parametrize("kind", ["", "held"])
def test_an_index_gives_the_order_of_a_list(api, waiting, mo, order, kind):
    client = api(mo)
    with CaptureQueriesContext(connection) as asked:
        page(client, CASES, order=order, kind=kind)
    (listed,) = (each["sql"] for each in asked if 'FROM "comments_case"' in each["sql"])

    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {listed}")
        plan = "\n".join(row[-1] for row in cursor.fetchall())

    assert "USE TEMP B-TREE" not in plan.replace("USE TEMP B-TREE FOR LAST", "")
    assert re.search(r"comments_case USING INDEX case_", plan), plan
