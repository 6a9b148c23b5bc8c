"""Texts that a rule refuses: for a week moderators can read them, and nobody else ever."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.actions import give_duties
from accounts.duties import Duties, Duty
from articles.models import Section
from comments import actions
from comments.actions import upkeep
from comments.actions.refusing import MOST_OF_A_PERSON
from comments.models import Comment, Decision, RefusedText, RuleHit
from newsroom.errors import Refused
from newsroom.live import registry
from newsroom.live.models import Event
from tests.comments.tools import url

REFUSED = "/api/v1/moderation/refused/"


@pytest.fixture
def rule(mo):
    words = {"kind": "words", "words": ["Idiot"], "language": "de"}
    return actions.make_rule(actor=mo, name="Schimpf", action="refuse", mode="live", **words)


@pytest.fixture
def refuse(api, alice, discussion, rule):
    def refused(text="Du Idiot", author=alice):
        answer = api(author).post(url(discussion), {"text": text}, format="json")
        assert (answer.status_code, answer.json()["code"]) == (422, "refused")
        return answer

    return refused


def test_a_moderator_reads_what_was_refused_by_which_rule_and_where(api, alice, mo, discussion, refuse):
    refuse("Du **Idiot**")

    page = api(mo).get(REFUSED)

    assert page["Cache-Control"] == "private, no-store"
    (row,) = page.json()["results"]
    (hit,) = row.pop("hits")
    at = row.pop("at")
    assert row == {
        "id": RefusedText.objects.get().pk,
        "author": {"id": alice.pk, "name": "Alice", "role": "reader", "avatar": None, "page": f"/people/{alice.pk}/"},
        "discussion": discussion.pk,
        "title": discussion.title,
        "comment": None,
        "text": "Du **Idiot**",
        "rule": "Schimpf",
        "kind": "words",
    }
    assert (hit["rule"], hit["outcome"], hit["spans"], hit["shadow"]) == ("Schimpf", "refuse", [[5, 10]], False)
    assert at.startswith(timezone.now().strftime("%Y-%m-"))
    assert api(mo).get(REFUSED, {"rule": "Andere"}).json()["results"] == []
    assert api(mo).get(REFUSED, {"section": "lokales"}).json()["results"][0]["text"] == "Du **Idiot**"
    assert not Comment.objects.exists()


def test_a_change_that_was_refused_names_its_comment(api, alice, mo, comment, rule):
    with pytest.raises(Refused):
        actions.edit(comment.pk, actor=alice, text="Ihr Idioten, du Idiot")

    (row,) = api(mo).get(REFUSED).json()["results"]

    assert (row["comment"], row["text"]) == (comment.pk, "Ihr Idioten, du Idiot")
    comment.refresh_from_db()
    assert comment.text == "Endlich eine Fähre!"


def test_what_a_rule_would_hold_is_refused_as_a_change_and_kept_too(api, alice, mo, comment, rule):
    actions.change_rule(rule.pk, actor=mo, action="hold", mode="live")
    with pytest.raises(Refused):
        actions.edit(comment.pk, actor=alice, text="Du Idiot")

    assert [row["rule"] for row in api(mo).get(REFUSED).json()["results"]] == ["Schimpf"]


def test_an_empty_or_repeated_text_is_no_business_of_moderators(api, alice, discussion, comment, rule):
    for text in ("", "Endlich eine Fähre!"):
        assert api(alice).post(url(discussion), {"text": text}, format="json").status_code == 422
    assert not RefusedText.objects.exists()


def test_nobody_else_reads_or_hears_of_it(api, alice, bob, eddy, ada, mo, section, person, refuse, discussion):
    other = Section.objects.create(name="Sport", slug="sport")
    give_duties(bob.pk, actor=ada, duties=Duties.of([(Duty.MODERATE, other.pk)]))
    carla = person("Carla")
    give_duties(carla.pk, actor=ada, duties=Duties.of([(Duty.MODERATE, section.pk)]))
    refuse("Du Idiot namens Quaxibert")

    assert api().get(REFUSED).status_code == 401
    assert api(alice).get(REFUSED).status_code == api(eddy).get(REFUSED).status_code == 403
    assert api(bob).get(REFUSED).json()["results"] == []
    assert api(bob).get(REFUSED, {"section": "lokales"}).status_code == 403
    here = api(carla).get(REFUSED).json()
    assert (len(here["results"]), here["stream"]) == (1, "moderation.lokales")
    assert "Quaxibert" not in str(list(Event.objects.values_list("data", flat=True)))
    assert "Quaxibert" not in api(alice).get(f"/api/v1/discussions/{discussion.pk}/mine/").content.decode()


def test_after_seven_days_nobody_reads_it_and_at_night_it_is_deleted(api, mo, refuse):
    assert "comments.refused" in registry.chores()
    refuse("Du Idiot, früher")
    with time_machine.travel(timezone.now() + timedelta(days=6), tick=False):
        refuse("Du Idiot, später")
    with time_machine.travel(timezone.now() + timedelta(days=7, minutes=1), tick=False):
        assert [row["text"] for row in api(mo).get(REFUSED).json()["results"]] == ["Du Idiot, später"]

        upkeep.forget_refused()

    assert [row.text for row in RefusedText.objects.all()] == ["Du Idiot, später"]


def test_a_person_fills_the_table_with_no_more_than_fifty(alice, discussion, rule):
    for number in range(MOST_OF_A_PERSON + 2):
        with pytest.raises(Refused):
            actions.post(discussion.pk, author=alice, text=f"Idiot Nummer {number}")
    with pytest.raises(Refused):
        actions.post(discussion.pk, author=alice, text="Idiot Nummer 51")

    kept = list(RefusedText.objects.order_by("id").values_list("text", flat=True))

    assert (len(kept), kept[0], kept[-1]) == (50, "Idiot Nummer 2", "Idiot Nummer 51")


def test_it_goes_with_its_authors_account_and_so_do_the_words_that_rules_have_quoted(alice, bob, mo, discussion, rule):
    with pytest.raises(Refused):
        actions.post(discussion.pk, author=alice, text="Du Idiot")
    actions.change_rule(rule.pk, actor=mo, action="hold", mode="live")
    held = actions.post(discussion.pk, author=alice, text="Du Idiot").comment
    others = actions.post(discussion.pk, author=bob, text="Du I-d-i-o-t").comment
    actions.reject(held.pk, actor=mo, reason="insult", note="Klarer Fall")

    alice.delete()

    assert not RefusedText.objects.exists()
    hit = RuleHit.objects.get(comment=held)
    assert (hit.name, hit.outcome, hit.detail, hit.spans) == ("Schimpf", "hold", "", [])
    assert [each.note for each in Decision.objects.filter(comment=held).order_by("id")] == ["", "Klarer Fall"]
    assert RuleHit.objects.get(comment=others).detail != ""


def test_the_page_marks_what_was_found(client, mo, bob, refuse):
    refuse("Du **Idiot** & Co.")
    assert client.get("/moderation/refused/").status_code == 302
    client.force_login(bob)
    assert client.get("/moderation/refused/").status_code == 403
    client.force_login(mo)

    answer = client.get("/moderation/refused/")

    assert answer["Cache-Control"] == "private, no-store"
    page = answer.content.decode()
    assert "Du **<mark>Idiot</mark>** &amp; Co." in page
    assert "Schimpf" in page
    assert "Alice" in page
    empty = client.get("/moderation/refused/", {"rule": "Andere", "section": "lokales"}).content.decode()
    assert "Idiot" not in empty
    assert "keine Regel" in empty
    assert client.get("/moderation/refused/", {"section": "nirgends"}).status_code == 404
