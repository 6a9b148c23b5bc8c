"""The pages of moderators' rules, as they are without JavaScript."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.actions import give_duties
from accounts.duties import Duties, Duty
from comments import actions
from comments.actions.running import go_on_with_run
from comments.models import LearnedModel, Rule, RuleHit, RuleRun
from comments.panel.marks import marked
from newsroom.errors import Refused

RULES, NEW, BENCH = "/moderation/rules/", "/moderation/rules/new/", "/moderation/rules/bench/"
MODELS = "/moderation/models/"
WORDS = {"name": "Schimpf", "kind": "words", "action": "hold", "language": "de", "words": ["Idiot"]}
TYPED = {
    "name": "Schimpf",
    "action": "hold",
    "mode": "shadow",
    "section": "",
    "ends": "",
    "words": "Idiot\r\nWicht\r\n",
    "match": "stem",
    "language": "de",
    "exceptions": "",
}


@pytest.fixture
def rule(mo):
    return actions.make_rule(actor=mo, mode="live", **WORDS)


@pytest.fixture
def look(client, mo):
    client.force_login(mo)

    def page(path=RULES, status=200, **asked) -> str:
        answer = client.get(path, asked)
        assert answer.status_code == status
        assert answer["Cache-Control"] == "private, no-store"
        return unescape(answer.content.decode())

    return page


@pytest.fixture
def send(client, mo):
    client.force_login(mo)
    return lambda path, **sent: client.post(path, sent)


@pytest.fixture
def say(discussion, alice):
    return lambda text: actions.post(discussion.pk, author=alice, text=text).comment


def place(rule) -> str:
    return f"{RULES}{rule.pk}/"


@pytest.mark.parametrize("path", [RULES, NEW, BENCH, MODELS, f"{RULES}1/", "/moderation/runs/1/"])
def test_only_moderators_come_in(client, alice, path):
    answer = client.get(path)
    assert (answer.status_code, answer["Location"]) == (302, f"/accounts/login/?next={path}")
    client.force_login(alice)
    assert client.get(path).status_code == 403
    assert client.post(path).status_code == (405 if path == RULES else 403)


def test_the_list_says_what_each_has_found_and_how_much_of_it_was_rejected(look, rule, say, mo):
    actions.make_rule(actor=mo, **WORDS | {"name": "Leise", "words": ["Wicht"]})
    actions.reject(say("Du Idiot").pk, actor=mo, reason="insult")
    actions.approve(say("Ein Idiot ist er nicht").pk, actor=mo)
    say("Noch ein Idiot")
    say("Ein Wicht")

    actions.make_rule(actor=mo, **WORDS | {"name": "Streng", "words": ["Schuft"], "action": "refuse", "mode": "live"})
    with pytest.raises(Refused):
        say("Ein Schuft")

    page = re.sub(r"<[^>]+>|\s+", " ", look())

    assert re.search(r"Streng +Wörter +Live +Abweisen +überall +1 +0 +0 +1 ", page), page
    assert re.search(r"Schimpf +Wörter +Live +Zurückhalten +überall +1 +3 +3, 50 % +0 ", page), page
    assert re.search(r"Leise +Wörter +Im Schatten +Zurückhalten +überall +1 +1 +\(1 im Schatten\) +0 ", page), page


@pytest.mark.usefixtures("serving")
def test_the_list_costs_the_same_however_many_rules_there_are(look, rule, say, mo):
    say("Du Idiot")

    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            look()
        return len(asked)

    look()
    few = cost()
    for number in range(10):
        actions.make_rule(actor=mo, **WORDS | {"name": f"Regel {number}", "mode": "live"})
    say("Welch ein Idiot")
    assert cost() == few <= 9


def test_a_rule_is_made_in_shadow_and_opens_with_its_own_form(look, send):
    assert '<option value="shadow" selected>' in look(NEW, kind="words")

    answer = send(f"{NEW}?kind=words", **TYPED)

    rule = Rule.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, place(rule))
    assert (rule.name, rule.kind, rule.mode, rule.action, rule.section) == ("Schimpf", "words", "shadow", "hold", None)
    assert rule.settings == {"words": ["Idiot", "Wicht"], "match": "stem", "language": "de", "exceptions": []}
    page = look(place(rule))
    assert "Idiot\nWicht</textarea>" in page
    assert '<option value="stem" selected>' in page


@pytest.mark.parametrize(
    "kind", ["links", "new_account", "history", "premoderation", "flood", "copies", "caps", "learned"]
)
def test_each_kind_can_be_made_of_what_its_form_holds(look, send, client, kind):
    page = look(NEW, kind=kind)
    holds = dict(re.findall(r'<input id="rule-(\w+)" name="\w+" value="([^"]*)"', page))

    answer = send(f"{NEW}?kind={kind}", **TYPED | {"words": ""} | holds | {"name": f"Regel {kind}", "action": "hold"})

    assert answer.status_code == 302, answer.content.decode()
    made = Rule.objects.get()
    api = client.get(f"/api/v1/moderation/rules/{made.pk}/").json()
    assert {name: api[name] for name in made.settings} == made.settings


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", "", "Von 1 bis 40 Zeichen."),
        ("name", "x" * 41, "Von 1 bis 40 Zeichen."),
        ("action", "censored", "Möglich sind: flag, censor, hold, refuse."),
        ("section", "nirgends", "Dieses Ressort gibt es nicht."),
        ("ends", "morgen", "Das ist kein Zeitpunkt."),
        ("ends", "2020-01-01T00:00", "Das liegt in der Vergangenheit."),
        ("words", "", ""),
        ("match", "fuzzy", ""),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_nothing_typed_is_lost(send, field, value, sentence):
    answer = send(f"{NEW}?kind=words", **TYPED | {"exceptions": "Mit Absicht"} | {field: value})

    page = unescape(answer.content.decode())
    assert answer.status_code == 422
    (error,) = re.findall(r'<p class="composer-error" id="rule-(\w+)-error">([^<]+)', page)
    assert error[0] == field
    assert sentence in error[1]
    assert "Mit Absicht</textarea>" in page
    assert field in {"action", "section", "match"} or value in page
    assert not Rule.objects.exists()


def test_no_number_is_an_error_at_its_field(send):
    answer = send(f"{NEW}?kind=flood", **TYPED | {"most": "viele", "seconds": "300"})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert re.findall(r'id="rule-(\w+)-error"', page) == ["most"]
    assert 'value="viele"' in page


def test_what_a_live_rule_finds_is_changed_in_shadow_and_its_name_at_once(send, look, rule):
    form = {"deed": "save", "name": "Grob", "words": "Idiot", "match": "exact", "language": "de", "exceptions": ""}
    assert send(place(rule), **form, action="hold", section="", ends="").status_code == 302
    rule.refresh_from_db()
    assert (rule.name, rule.mode, rule.version) == ("Grob", "live", 2)

    send(place(rule), **form | {"words": "Idiot\r\nWicht"}, action="hold", section="", ends="")
    rule.refresh_from_db()
    assert (rule.settings["words"], rule.mode, rule.version) == (["Idiot", "Wicht"], "shadow", 3)

    send(place(rule), deed="mode", mode="live")
    rule.refresh_from_db()
    assert (rule.mode, rule.version) == ("live", 4)
    page = look(place(rule))
    assert '<ins dir="auto">Wicht</ins>' in page
    assert re.search(r'Name:</span>\s*<del dir="auto">Schimpf</del> <ins dir="auto">Grob</ins>', page)
    assert re.search(r'<del dir="auto">Im Schatten</del> <ins dir="auto">Live</ins>', page)


def test_saving_what_is_there_changes_nothing(send, rule):
    form = {"name": "Schimpf", "words": "Idiot", "match": "exact", "language": "de", "exceptions": "", "action": "hold"}
    send(place(rule), deed="save", section="", ends="", **form)
    rule.refresh_from_db()
    assert (rule.version, rule.mode) == (1, "live")


def test_a_rule_shows_what_it_would_have_done_this_week_with_ten_samples(look, mo, say):
    shadow = actions.make_rule(actor=mo, **WORDS)
    for number in range(12):
        say(f"Du Idiot {number}")

    page = look(place(shadow))

    assert page.count("Du <mark>Idiot</mark>") == 10
    assert "12 (12 im Schatten)" in page


def test_who_may_not_change_it_is_told_and_nothing_happens(client, bob, ada, section, rule):
    give_duties(bob.pk, actor=ada, duties=Duties.of([(Duty.MODERATE, section.pk)]))
    client.force_login(bob)
    assert client.get(place(rule)).status_code == 200

    for sent in ({"deed": "mode", "mode": "off"}, {"deed": "drop"}, {"deed": "run"}):
        answer = client.post(place(rule), sent)
        assert answer.status_code == 403
        assert 'role="alert"' in answer.content.decode()
    rule.refresh_from_db()
    assert rule.mode == "live"


def test_it_is_deleted_and_what_it_has_found_stays(send, rule, say):
    say("Du Idiot")
    assert send(place(rule), deed="drop")["Location"] == RULES
    assert not Rule.objects.exists()
    assert RuleHit.objects.get().name == "Schimpf"


def test_the_bench_shows_every_verdict_with_its_places_and_stores_nothing(send, rule, mo):
    actions.make_rule(actor=mo, **WORDS | {"name": "Leise", "words": ["fauler"], "action": "flag"})

    answer = send(BENCH, deed="try", text="Du fauler <b>Idiot</b>", rule="")

    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Du <mark>fauler</mark> &lt;b&gt;<mark>Idiot</mark>&lt;/b&gt;" in page
    assert re.findall(r"<li><b>(\w+)</b>: (\w+),", page) == [("Leise", "Vormerken"), ("Schimpf", "Zurückhalten")]
    assert "Du fauler &lt;b&gt;Idiot&lt;/b&gt;</textarea>" in page
    assert not RuleHit.objects.exists()


def test_the_bench_tries_one_rule_alone_and_refuses_what_it_does_not_know(send, rule, mo):
    other = actions.make_rule(actor=mo, **WORDS | {"name": "Leise", "words": ["fauler"], "mode": "off"})
    page = send(BENCH, deed="try", text="Du fauler Idiot", rule=other.pk).content.decode()
    assert "Du <mark>fauler</mark> Idiot" in page

    for sent, field in (({"text": " "}, "bench-text"), ({"text": "Gut", "rule": "x"}, "bench-rule")):
        answer = send(BENCH, deed="try", **sent)
        assert (answer.status_code, re.findall(r'id="([\w-]+)-error"', answer.content.decode())) == (422, [field])
    assert send(BENCH, deed="run", rule="17").status_code == 422


def test_a_run_shows_how_far_it_is_and_what_would_change(send, look, rule, say, queue, mo):
    held = say("Du Idiot")
    actions.approve(held.pk, actor=mo)
    say("Alles gut")

    place = send(BENCH, deed="run", rule=rule.pk)["Location"]
    run = RuleRun.objects.get()
    assert place == f"/moderation/runs/{run.pk}/"
    assert "0 von 2 Kommentaren" in (page := look(place))
    assert 'http-equiv="refresh"' in page
    go_on_with_run(run.pk)

    page = look(place)
    assert "2 von 2 Kommentaren" in page
    assert "Du <mark>Idiot</mark>" in page
    assert 'http-equiv="refresh"' not in page


def test_a_run_can_be_ended(send, client, rule, say, queue):
    say("Alles gut")
    place = send(f"{RULES}{rule.pk}/", deed="run")["Location"]
    assert send(place, deed="cancel").status_code == 302
    assert RuleRun.objects.get().state == "cancelled"
    assert client.get("/moderation/runs/999/").status_code == 404


def test_the_models_are_shown_with_what_was_measured(look, send, settings, queue, client, bob, ada, section):
    assert "Noch nichts gelernt" in look(MODELS)
    LearnedModel.objects.create(
        language="de",
        version=3,
        weights=b"",
        taught=400,
        taught_bad=90,
        held_out=100,
        held_out_bad=20,
        points={"90": [0.71, 0.92, 0.45]},
    )

    page = re.sub(r"<[^>]+>|\s+", " ", look(MODELS))

    assert re.search(r"Deutsch .*3 +gilt .*400 \(90\) +100 \(20\) +90 % +0,71 +0,92 +0,45", page), page
    assert send(MODELS, deed="learn")["Location"] == MODELS
    give_duties(bob.pk, actor=ada, duties=Duties.of([(Duty.MODERATE, section.pk)]))
    client.force_login(bob)
    assert client.post(MODELS).status_code == 403


def test_marks_neither_overlap_nor_leave_the_text():
    assert marked("Du fauler Idiot", [[[3, 9]], [[7, 15], [40, 50]]]) == [
        ("Du ", False),
        ("fauler", True),
        (" Idiot", True),
    ]
    assert marked("", [[[0, 3]]]) == []
    assert marked("Gut", []) == [("Gut", False)]
