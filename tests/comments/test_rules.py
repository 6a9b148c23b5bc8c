"""Moderators' rules: made by the API, they judge what is written from then on, in all processes."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.actions import give_duties
from accounts.duties import Duties, Duty
from accounts.models import AuditEntry, User
from articles.models import Section
from comments import actions
from comments.actions import rulebook
from comments.models import AuthorTally, Case, Comment, Rule, RuleBook, RuleHit
from newsroom.errors import Refused
from newsroom.live import registry
from newsroom.live.log import numbering
from tests.comments.tools import events, url

RULES = "/api/v1/moderation/rules/"
WORDS = {"name": "Schimpf", "kind": "words", "action": "hold", "mode": "live", "language": "de", "words": ["Idiot"]}


@pytest.fixture
def make(api, mo):
    def made(status=201, **more):
        usual = WORDS if "kind" not in more else {name: WORDS[name] for name in ("name", "action", "mode")}
        answer = api(mo).post(RULES, usual | more, format="json")
        assert answer.status_code == status, answer.content
        return answer.json()

    return made


@pytest.fixture
def say(api, alice, discussion):
    def said(text, person=None, at=None):
        return api(person or alice).post(url(at or discussion), {"text": text}, format="json")

    return said


def test_a_live_list_holds_and_the_moderator_sees_which_words_by_which_rule(api, alice, mo, make, say, discussion):
    rule = make()
    make(name="Leise", action="flag", words=["fauler"])

    answer = say("Du fauler 1d10t, du")

    assert answer.status_code == 202
    (waiting,) = api(mo).get("/api/v1/moderation/queue/").json()["results"]
    assert (waiting["rule"], waiting["note"]) == ("Schimpf", "1d10t")
    assert [
        (hit["rule"], hit["kind"], hit["version"], hit["outcome"], hit["spans"], hit["score"], hit["detail"])
        for hit in waiting["hits"]
    ] == [
        ("Leise", "words", 1, "flag", [[3, 9]], 1.0, "fauler"),
        ("Schimpf", "words", 1, "hold", [[10, 15]], 0.9, "1d10t"),
    ]
    (case,) = [event["data"] for event in events("moderation") if event["kind"] == "case.opened"]
    assert case["hits"] == waiting["hits"]
    decisive = RuleHit.objects.get(name="Schimpf")
    assert (decisive.rule_id, decisive.decision.rule, decisive.decision.comment_id) == (
        rule["id"],
        "Schimpf",
        answer.json()["id"],
    )
    assert RuleHit.objects.get(name="Leise").decision is None


def test_the_author_hears_the_kind_and_never_how_moderators_call_the_rule(api, alice, make, say, discussion):
    make(name="Nur für uns")
    answer = say("Du Idiot")

    (held,) = api(alice).get(f"/api/v1/discussions/{discussion.pk}/mine/").json()["held"]

    assert held["reason"] == "words"
    assert held["sentence"] == "Ihr Kommentar enthält Wörter, die ein Moderator ansieht, bevor sie erscheinen."
    assert "Nur für uns" not in answer.content.decode() + str(held) + str(events(f"user.{alice.pk}"))


def test_a_refused_text_is_no_comment_and_its_author_hears_why(say, make):
    make(action="refuse")

    answer = say("Du Idiot")

    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["rule"]) == (422, "refused", "words")
    assert problem["detail"] == "Ihr Kommentar enthält Wörter, die hier nicht veröffentlicht werden."
    assert not Comment.objects.exists()
    assert not RuleHit.objects.exists()


def test_censored_words_are_covered_wherever_the_text_stands(say, make):
    make(action="censor")

    answer = say("Du I d i o t, **du Idiot**")

    body = answer.json()
    assert (answer.status_code, body["text"]) == (201, "Du • • • • •, **du •••••**")
    assert "diot" not in body["html"]
    hit = RuleHit.objects.get()
    assert (hit.outcome, hit.spans, hit.detail) == ("censor", [[3, 12], [19, 24]], "I d i o t, Idiot")


def test_a_new_rule_is_in_shadow_and_shows_what_it_would_have_done(api, mo, make, say):
    rule = make(mode=None) if False else make(mode="shadow")

    answer = say("Du Idiot")

    assert answer.status_code == 201
    assert api(mo).get("/api/v1/moderation/queue/").json()["results"] == []
    detail = api(mo).get(f"{RULES}{rule['id']}/").json()
    (sample,) = detail["lately"].pop("samples")
    assert detail["lately"] == {"hits": 1, "rejected": 0, "waiting": 0}
    assert (sample["comment"], sample["outcome"], sample["shadow"], sample["text"], sample["spans"]) == (
        answer.json()["id"],
        "hold",
        True,
        "Du Idiot",
        [[3, 8]],
    )


def test_without_a_mode_a_rule_begins_in_shadow_and_a_change_puts_it_there_again(api, mo):
    made = api(mo).post(RULES, {k: v for k, v in WORDS.items() if k != "mode"}, format="json").json()
    address = f"{RULES}{made['id']}/"
    change = lambda **fields: api(mo).patch(address, fields, format="json").json()  # noqa: E731

    assert (made["mode"], made["version"]) == ("shadow", 1)
    assert (change(mode="live")["mode"], change(name="Anders")["mode"]) == ("live", "live")
    changed = change(words=["Idiot", "Trottel"])
    assert (changed["mode"], changed["version"], changed["words"]) == ("shadow", 4, ["Idiot", "Trottel"])
    assert change(words=["Trottel"], mode="live")["mode"] == "live"
    assert change(mode="live")["version"] == 5  # nothing was changed
    assert AuditEntry.objects.filter(deed="rule.set", subject=f"rule.{made['id']}").count() == 5
    assert api(mo).delete(address).status_code == 204
    assert api(mo).get(address).status_code == 404


def test_a_change_is_in_force_with_the_next_text(api, mo, make, say):
    rule = make()
    assert say("Du Idiot eins").status_code == 202
    api(mo).patch(f"{RULES}{rule['id']}/", {"mode": "off"}, format="json")
    assert say("Du Idiot zwei").status_code == 201
    api(mo).patch(f"{RULES}{rule['id']}/", {"mode": "live"}, format="json")
    assert say("Du Idiot drei").status_code == 202
    api(mo).delete(f"{RULES}{rule['id']}/")
    assert say("Du Idiot vier").status_code == 201

    assert [hit.rule for hit in RuleHit.objects.all()] == [None, None]
    assert {hit.name for hit in RuleHit.objects.all()} == {"Schimpf"}


def test_another_process_reads_the_rules_anew_as_soon_as_they_have_changed(make, say):
    make()
    other = rulebook.Book(uuid4(), ())  # what a process has read that has heard of nothing
    rulebook._kept = other

    assert say("Du Idiot").status_code == 202
    assert rulebook.kept().edition == RuleBook.objects.get().edition


def test_a_rule_ends_by_itself(api, mo, make, say):
    make(until=(timezone.now() + timedelta(hours=2)).isoformat())
    assert say("Du Idiot eins").status_code == 202

    with time_machine.travel(timezone.now() + timedelta(hours=3)):
        assert say("Du Idiot zwei").status_code == 201
    assert make(422, name="Zu spät", until="2020-01-01T00:00:00Z")["errors"].keys() == {"until"}


def test_a_rule_of_a_section_holds_there_alone(say, make, chat, section):
    Section.objects.create(name="Kultur", slug="kultur")
    make(name="Hier", section=section.slug)
    make(name="Dort", section="kultur", words=["Trottel"])

    assert [say("Du Idiot").status_code, say("Du Trottel").status_code] == [202, 201]
    assert say("Du Idiot", at=chat).status_code == 201
    assert make(422, name="Nirgends", section="nichts")["errors"].keys() == {"section"}


def test_staff_are_never_held(say, make, mo, jo, eddy):
    make(action="refuse")

    assert [say("Du Idiot", person).status_code for person in (mo, jo, eddy)] == [201] * 3
    assert not RuleHit.objects.exists()


def test_an_edit_is_judged_too_and_hits_stay_with_the_text_that_they_are_about(api, alice, mo, make, say):
    make(action="flag")
    make(name="Hart", words=["Trottel"])
    said = say("Du Idiot").json()
    change = lambda text: api(alice).patch(f"/api/v1/comments/{said['id']}/", {"text": text}, format="json")  # noqa: E731

    refused = change("Du Trottel")
    assert (refused.status_code, refused.json()["rule"]) == (422, "words")
    assert change("Ach, ein Idiot ist er").status_code == 200

    old, new = RuleHit.objects.order_by("id")
    assert (old.revision.text, old.spans) == ("Du Idiot", [[3, 8]])
    assert (new.revision, new.spans) == (None, [[9, 14]])
    assert RuleHit.objects.of([said["id"]]) == {said["id"]: [new]}


def test_first_comments_are_held_until_enough_were_published(mo, make, say):
    make(name="Neue", kind="new_account", comments=2)
    answers = [say(f"Satz {number}") for number in (1, 2)]
    assert [answer.status_code for answer in answers] == [202, 202]

    for answer in answers:
        actions.approve(answer.json()["id"], actor=mo)

    assert say("Satz 3").status_code == 201


def test_an_author_is_known_by_what_moderators_made_of_their_comments(alice, mo, make, say):
    ids = [say(f"Satz {number}").json()["id"] for number in range(4)]
    for pk in ids[:3]:
        actions.remove(pk, actor=mo, reason="spam")
    actions.restore(ids[0], actor=mo)
    say("Mit https://a.example")

    tally = AuthorTally.objects.get(pk=alice.pk)
    assert (tally.published, tally.linked, tally.removed, tally.restored, tally.rejected) == (5, 1, 3, 1, 0)
    make(name="Bekannt", kind="history", share=40, least=2)
    assert say("Satz 5").status_code == 202
    assert RuleHit.objects.get().detail == "2 of 5"


def test_the_same_text_by_several_people_is_held_from_the_third_time(person, make, say, chat):
    make(name="Kopie", kind="copies", most=2)
    text = "Kauft jetzt die billigen Uhren bei uns"
    people = [person(name) for name in ("Pia", "Paul", "Petra")]

    assert [say(text, each, at=chat).status_code for each in people[:2]] == [201, 201]
    assert say(text.upper() + "!!!", people[2]).status_code == 202
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        assert say(text, people[2]).status_code == 201


def test_many_comments_at_once_are_held(make, say, chat):
    make(name="Flut", kind="flood", most=2, seconds=60)

    assert [say("Eins").status_code, say("Zwei", at=chat).status_code, say("Drei").status_code] == [201, 201, 202]
    with time_machine.travel(timezone.now() + timedelta(seconds=70)):
        assert say("Vier").status_code == 201


def test_premoderation_of_a_section_or_of_a_person(make, say, alice, bob, section):
    make(name="Bob", kind="premoderation", people=[bob.pk])

    assert [say("Von Alice").status_code, say("Von Bob", bob).status_code] == [201, 202]
    make(name="Alle hier", kind="premoderation", section=section.slug)
    assert say("Noch einmal Alice").status_code == 202


def test_a_rule_for_links_may_allow_more_and_refuse_a_domain(make, say):
    make(name="Links", kind="links", most=5, refused=["boese.example"])

    assert say(" ".join(f"https://{name}.example" for name in "abcde")).status_code == 201
    assert say("https://www.boese.example/x").status_code == 422


def test_a_post_costs_the_same_statements_whatever_the_rules(make, say, bob, discussion, comment):
    def cost(text):
        with CaptureQueriesContext(connection) as queries:
            actions.post(discussion.pk, author=bob, text=text, parent_id=comment.pk, key=uuid4())
        return len(queries)

    cost("Was nur einmal gefragt wird, ist nun gefragt")
    before = cost("Ein erster Satz")
    for number in range(5):
        make(name=f"Liste {number}", words=["Idiot", "Trottel"])
    make(name="Flut", kind="flood")
    make(name="Kopie", kind="copies")
    cost("Nun sind die Regeln gelesen")

    assert cost("Noch ein Satz von mir") == before


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"words": []}, "words"),
        ({"words": ["(a+)+$"], "match": "regex"}, "words"),
        ({"match": "fuzzy"}, "match"),
        ({"kind": "magic"}, "kind"),
        ({"kind": "caps"}, "words"),
        ({"action": "publish"}, "action"),
        ({"kind": "premoderation", "words": None, "action": "refuse"}, "action"),
        ({"mode": "on"}, "mode"),
        ({"name": ""}, "name"),
        ({"name": "x" * 41}, "name"),
        ({"colour": "red"}, "colour"),
        ({"language": "xx"}, "language"),
        ({"kind": "links", "words": None, "held": ["kein Bereich"]}, "held"),
        ({"words": "Idiot"}, "words"),
        ({"until": "gestern"}, "until"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_by_field(api, mo, given, field):
    body = {name: value for name, value in (WORDS | given).items() if value is not None}

    answer = api(mo).post(RULES, body, format="json")

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert field in answer.json()["errors"]
    assert not Rule.objects.exists()


def test_signs_that_no_column_can_hold_stop_nothing(api, mo):
    body = json.dumps(WORDS | {"name": "Wort\0\ud800", "words": ["Idi\ud800ot", "Trottel\0"]})

    answer = api(mo).post(RULES, body, content_type="application/json")

    assert (answer.status_code, answer.json().get("words", answer.json().get("errors"))) in [
        (201, ["Idiot", "Trottel"]),
        (422, answer.json().get("errors")),
        (400, None),
    ]


def test_names_are_unique_and_the_kind_stays(api, mo, make):
    rule = make()

    assert make(422)["errors"].keys() == {"name"}
    answer = api(mo).patch(f"{RULES}{rule['id']}/", {"kind": "caps"}, format="json")
    assert (answer.status_code, answer.json()["errors"].keys()) == (422, {"kind"})


def test_rules_are_the_business_of_moderators_and_live_ones_of_those_who_lead_them(api, alice, eddy, ada, person, make):
    rule = make()
    helper = person("Hilde")
    give_duties(helper.pk, actor=ada, duties=Duties.of([(Duty.MODERATE, None)]))
    helper = User.objects.get(pk=helper.pk)
    address = f"{RULES}{rule['id']}/"

    assert [api(who).get(RULES).status_code for who in (None, alice, eddy, helper)] == [401, 403, 403, 200]
    assert [api(who).post(RULES + "try/", {"text": "x"}).status_code for who in (None, alice, eddy)] == [401, 403, 403]
    assert [api(who).patch(address, {"mode": "off"}, format="json").status_code for who in (alice, eddy, helper)] == [
        403
    ] * 3
    assert api(helper).delete(address).status_code == 403
    assert api(helper).post(RULES, WORDS | {"name": "Neu"}, format="json").status_code == 403
    draft = api(helper).post(RULES, WORDS | {"name": "Neu", "mode": "shadow"}, format="json")
    assert draft.status_code == 201
    mine = f"{RULES}{draft.json()['id']}/"
    assert api(helper).patch(mine, {"words": ["Trottel"]}, format="json").status_code == 200
    assert api(helper).patch(mine, {"mode": "live"}, format="json").status_code == 403
    assert api(helper).delete(mine).status_code == 204


def test_who_moderates_one_section_makes_rules_there_and_sees_those_of_all(api, ada, person, make, section, chat):
    everywhere = make()
    helper = person("Hilde")
    give_duties(helper.pk, actor=ada, duties=Duties.of([(Duty.MODERATE, section.pk), (Duty.HEAD, section.pk)]))
    client = api(User.objects.get(pk=helper.pk))
    here = WORDS | {"name": "Hier", "section": section.slug}

    assert client.get(f"{RULES}{everywhere['id']}/").status_code == 200
    assert client.patch(f"{RULES}{everywhere['id']}/", {"mode": "off"}, format="json").status_code == 403
    assert client.post(f"{RULES}{everywhere['id']}/runs/").status_code == 403
    assert client.post(RULES, here | {"section": None}, format="json").status_code == 403
    made = client.post(RULES, here, format="json")
    assert made.status_code == 201
    assert client.patch(f"{RULES}{made.json()['id']}/", {"section": None}, format="json").status_code == 403
    assert client.post(RULES + "try/", {"text": "Du Idiot"}, format="json").json()["outcome"] == "hold"
    asked = {"text": "Du Idiot", "discussion": chat.pk}
    assert client.post(RULES + "try/", asked, format="json").status_code == 403


def test_a_trial_answers_every_verdict_and_stores_nothing(api, mo, make, discussion):
    make()
    make(name="Schatten", mode="shadow", action="refuse", words=["fauler"])
    make(name="Aus", mode="off")
    before = Comment.objects.count(), RuleHit.objects.count()

    answer = api(mo).post(
        RULES + "try/", {"text": "  Du fauler\u202e 1d10t ", "discussion": discussion.pk}, format="json"
    )

    body = answer.json()
    assert (answer.status_code, body["text"], body["outcome"]) == (200, "Du fauler 1d10t", "hold")
    assert [(each["rule"], each["outcome"], each["spans"], each["shadow"]) for each in body["verdicts"]] == [
        ("Schatten", "refuse", [[3, 9]], True),
        ("Schimpf", "hold", [[10, 15]], False),
    ]
    assert (Comment.objects.count(), RuleHit.objects.count()) == before


def test_a_trial_of_one_rule_or_of_a_draft(api, mo, make):
    rule = make(mode="off")
    attempt = lambda **given: api(mo).post(RULES + "try/", {"text": "Du Idiot", **given}, format="json")  # noqa: E731

    assert [each["rule"] for each in attempt(rule=rule["id"]).json()["verdicts"]] == ["Schimpf"]
    drafted = attempt(rule={"kind": "words", "words": ["du"], "action": "hold"}).json()
    assert [(each["outcome"], each["spans"]) for each in drafted["verdicts"]] == [("hold", [[0, 2]])]
    assert attempt(rule={"kind": "words", "words": []}).status_code == 422
    assert attempt(rule={"words": ["du"]}).status_code == 422
    assert attempt(rule="alle").status_code == 422
    assert attempt(rule=999).status_code == 404
    assert attempt(discussion=999).status_code == 404
    assert Rule.objects.count() == 1


def test_rules_come_page_by_page(api, mo, make):
    names = [make(name=f"Regel {number}")["name"] for number in range(5)]

    first = api(mo).get(RULES, {"limit": 3}).json()
    rest = api(mo).get(first["next"]).json()

    assert [rule["name"] for rule in first["results"] + rest["results"]] == names
    assert first["stream"] == "moderation"


def test_whoever_posts_beside_a_change_is_judged_by_the_old_rules_or_the_new_ones(alice, discussion, make):
    """The edition is read in the transaction of the post, so a process never mixes two editions."""
    make()
    with pytest.raises(Refused):
        actions.change_rule(Rule.objects.get().pk, actor=alice, mode="off")
    numbering.sweep()

    assert actions.post(discussion.pk, author=alice, text="Du Idiot").status == 202
    assert Case.objects.count() == 1


def test_a_flagged_comment_is_public_and_moderators_get_a_case(api, alice, mo, make, say, discussion):
    make(action="flag")

    answer = say("Du Idiot")

    assert (answer.status_code, answer.json()["state"]) == (201, "published")
    (case,) = api(mo).get("/api/v1/moderation/cases/").json()["results"]
    assert (case["kind"], case["comment"]["id"], case["reports"]["count"]) == ("reported", answer.json()["id"], 0)
    assert [(hit["rule"], hit["outcome"], hit["spans"]) for hit in case["hits"]] == [("Schimpf", "flag", [[3, 8]])]
    opened = events("moderation")[-1]
    assert (opened["kind"], opened["data"]["counts"]["reported"]) == ("case.opened", 1)
    assert [event["kind"] for event in events(f"user.{alice.pk}")] == []

    actions.keep(answer.json()["id"], actor=mo)

    assert api(mo).get("/api/v1/moderation/cases/").json()["results"] == []


def test_a_change_that_is_flagged_opens_a_case_too_but_never_a_second_one(alice, bob, make, say):
    make(action="flag")
    comment = say("Du Schlaukopf").json()["id"]
    assert not Case.objects.exists()

    actions.edit(comment, actor=alice, text="Du Idiot")
    actions.edit(comment, actor=alice, text="Du großer Idiot")
    actions.report(comment, actor=bob, reason="insult")

    case = Case.objects.get()
    assert (case.kind, case.reports, case.is_open) == ("reported", 1, True)
    assert [event["kind"] for event in events("moderation")] == ["void", "case.changed", "case.changed"]


def test_what_a_rule_flags_in_shadow_opens_no_case(make, say):
    make(action="flag", mode="shadow")
    assert say("Du Idiot").status_code == 201
    assert not Case.objects.exists()


def test_the_list_names_a_stream_that_its_reader_may_follow(api, mo, ada, bob, section, make):
    make()
    both = [section, Section.objects.create(name="Sport", slug="sport")]
    assert api(mo).get(RULES).json()["stream"] == "moderation"
    for places, stream in ((both[:1], "moderation.lokales"), (both, None)):
        give_duties(bob.pk, actor=ada, duties=Duties.of([(Duty.MODERATE, place.pk) for place in places]))

        page = api(bob).get(RULES).json()

        assert (page["stream"], page["position"] is None) == (stream, stream is None)
        assert stream is None or registry.may_read(User.objects.get(pk=bob.pk), stream)
