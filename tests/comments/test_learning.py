"""A model learns from decisions that stand, in the background, and judges as a rule."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from threading import Event

import pytest
from django.utils import timezone

from accounts.models import User
from comments import actions, tasks
from comments.actions import rulebook
from comments.actions.learning import KEPT_VERSIONS, learn_from_decisions, lessons_by_language
from comments.models import Comment, Decision, LearnedModel, RuleHit
from comments.moderation import learning
from newsroom.models import Chore
from newsroom.server import worker
from tests.comments.tools import url
from tests.moderation.lessons import lessons
from tests.support.product import ROOT, environment
from tests.support.services import wait_for

RULES = "/api/v1/moderation/rules/"
MODELS = "/api/v1/moderation/models/"
BAD, GOOD = "Für mich seid ihr Schwachköpfe!", "Für mich seid ihr Radfahrer!"


@pytest.fixture(autouse=True)
def _few_are_enough(settings):
    settings.LEARNING_LEAST = 200


@pytest.fixture
def decided(discussion, alice, mo):
    """`decided("de", 400)`: so many comments, and a moderator's decision about each."""

    def decide(language, number, *, seed=1, **more):
        given = list(lessons(language, number, seed=seed))
        now = timezone.now()
        comments = Comment.objects.bulk_create(
            Comment(
                discussion=discussion,
                author=alice,
                text=text,
                html=text,
                state=Comment.State.REJECTED if is_bad else Comment.State.PUBLISHED,
                created_at=now,
                published_at=None if is_bad else now,
            )
            for text, is_bad in given
        )
        Decision.objects.bulk_create(
            Decision(comment=comment, moderator=mo, action="reject" if is_bad else "approve", **more)
            for comment, (_text, is_bad) in zip(comments, given, strict=True)
        )

    return decide


@pytest.fixture
def rule(api, mo):
    def make(**more):
        usual = {"name": "Gelernt", "kind": "learned", "action": "hold", "mode": "live"}
        answer = api(mo).post(RULES, usual | more, format="json")
        assert answer.status_code == 201, answer.content
        return answer.json()

    return make


@pytest.fixture
def say(api, alice, discussion):
    return lambda text: api(alice).post(url(discussion), {"text": text}, format="json")


def taught():
    return {text for found in lessons_by_language().values() for text, _is_bad in found}


def test_what_moderators_rejected_teaches_the_rule_to_hold_the_like(api, mo, decided, rule, say):
    decided("de", 600)
    rule()
    assert say(BAD).status_code == 201  # nothing is learned yet

    learn_from_decisions()

    answer = say(BAD + " Wirklich")
    assert (answer.status_code, say(GOOD).status_code) == (202, 201)
    hit = RuleHit.objects.get(comment=answer.json()["id"])
    assert (hit.kind, hit.outcome, hit.is_shadow) == ("learned", "hold", False)
    text = answer.json()["text"]
    assert "Schwachköpfe!" in [text[start:end] for start, end in hit.spans]
    assert hit.score > 0.5


def test_in_shadow_it_holds_nothing_and_shows_what_it_would_have(decided, rule, say):
    decided("de", 600)
    learn_from_decisions()
    rule(mode="shadow")

    answer = say(BAD)

    assert answer.status_code == 201
    assert RuleHit.objects.get(comment=answer.json()["id"]).is_shadow


def test_each_language_learns_from_its_own_decisions_once_it_has_enough(decided):
    decided("de", 400)
    decided("ru", 400)
    decided("en", 150)

    assert sorted(made.language for made in learn_from_decisions()) == ["de", "ru"]


def test_too_few_rejected_ones_teach_nothing(decided):
    decided("ru", 400)
    Comment.objects.filter(state="rejected").update(state="withdrawn")

    assert learn_from_decisions() == []


def test_only_decisions_that_stand_teach(discussion, alice, mo, settings):
    settings.LIMITS = settings.LIMITS | {"comments": "100/m"}

    def said(text):
        return actions.post(discussion.pk, author=alice, text=text).comment

    def removed(text):
        comment = said(text)
        actions.remove(comment.pk, actor=mo, reason="insult")
        return comment

    removed("entfernt")
    actions.restore(removed("überstimmt, also gut").pk, actor=mo)
    bulk = said("im Stapel")
    job = actions.start_bulk([(bulk.pk, bulk.public_version)], "remove", actor=mo, reason="spam")
    tasks.work_on_bulk.call(job.pk)
    actions.take_down(said("durch eine Regel").pk, rule="erasure", note="")
    said("ohne Entscheidung")
    restored = removed("später geändert")
    actions.restore(restored.pk, actor=mo)
    actions.edit(restored.pk, actor=alice, text="danach anders")
    actions.withdraw(removed_then_back(removed("zurückgezogen"), mo).pk, actor=alice)
    undone = removed("zurückgenommen")
    actions.undo_decision(undone.decisions.get().pk, actor=mo)

    found = dict(lessons_by_language()["de"])

    assert found == {"entfernt": True, "überstimmt, also gut": False}


def removed_then_back(comment, mo):
    actions.restore(comment.pk, actor=mo)
    return comment


def test_decisions_about_many_at_once_teach_nothing(decided):
    decided("de", 400, is_bulk=True)

    assert learn_from_decisions() == []
    assert taught() == set()


def test_a_new_version_is_made_of_new_decisions_alone(decided):
    decided("en", 400)
    assert [made.version for made in learn_from_decisions()] == [1]
    assert learn_from_decisions() == []  # they say what they said

    for seed in range(2, KEPT_VERSIONS + 3):
        decided("en", 60, seed=seed)
        learn_from_decisions()

    versions = LearnedModel.objects.values_list("version", flat=True).order_by("version")
    assert list(versions) == list(range(3, KEPT_VERSIONS + 3))


def test_a_process_reads_a_model_once_and_anew_when_its_version_rises(decided, rule, say, monkeypatch):
    decided("de", 400)
    rule()
    learn_from_decisions()
    say("Guten Morgen")
    first = rulebook.scorers()["de"]

    rule(name="Noch eine", kind="caps")
    say("Guten Abend")
    assert rulebook.scorers()["de"] is first

    decided("de", 100, seed=2)
    learn_from_decisions()
    say("Gute Nacht")
    assert (first.version, rulebook.scorers()["de"].version) == (1, 2)


def test_the_figures_of_each_version_are_shown_and_nothing_of_a_text(api, mo, decided):
    decided("de", 600)
    learn_from_decisions()

    answer = api(mo).get(MODELS)

    body = answer.json()
    assert body["least"] == 200
    (model,) = body["results"]
    assert (model["language"], model["version"]) == ("de", 1)
    assert 590 <= model["taught"] + model["held_out"] <= 600  # equal texts count once
    assert model["taught_bad"] > 100
    at_90 = next(each for each in model["proposals"] if each["wanted"] == 90)
    assert at_90["precision"] >= 0.9
    assert 0.5 < at_90["recall"] <= 1
    assert 0 < at_90["threshold"] < 1
    assert not any(word in answer.content.decode() for word in ("Schwachköpfe", "Nachbar", "Schufa"))


def test_a_removed_text_is_found_nowhere_in_what_is_stored_of_it(decided, discussion, alice, mo):
    token = "Xylophonbanause"
    decided("de", 400)
    for number in range(20):
        comment = Comment.objects.create(
            discussion=discussion, author=alice, text=f"{token} {number}", html="", state="rejected"
        )
        Decision.objects.create(comment=comment, moderator=mo, action="reject")
    learn_from_decisions()

    row = LearnedModel.objects.get()
    assert token[:5].encode() not in bytes(row.weights) + str(vars(row)).encode()


def test_only_those_who_lead_have_it_learn_anew_and_a_worker_does_it(api, mo, alice, decided, work: Event):
    decided("de", 400)
    assert api(alice).post(MODELS).status_code == 403
    assert api().get(MODELS).status_code in {401, 403}

    assert api(mo).post(MODELS).status_code == 202

    wait_for(LearnedModel.objects.exists, what="model")


@pytest.mark.django_db
def test_it_learns_once_a_day_by_itself(queue, decided):
    worker.begin_daily_chores()
    worker.begin_daily_chores()
    assert len(queued()) == 1

    Chore.objects.update(begun_at=timezone.now() - timedelta(days=1, seconds=1))
    worker.begin_daily_chores()
    assert len(queued()) == 2


def queued():
    from django_tasks_db.models import DBTaskResult

    return DBTaskResult.objects.filter(task_path=tasks.learn.module_path)


def test_a_text_is_tried_by_a_rule_that_nobody_has_made(api, mo, decided):
    decided("de", 600)
    learn_from_decisions()

    answer = api(mo).post(f"{RULES}try/", {"text": BAD, "rule": {"kind": "learned", "precision": 80}}, format="json")

    (verdict,) = answer.json()["verdicts"]
    assert (verdict["kind"], verdict["outcome"]) == ("learned", "flag")


def test_it_is_run_over_the_last_comments(api, mo, decided, rule):
    decided("de", 600)
    learn_from_decisions()
    address = f"{RULES}{rule(mode='shadow')['id']}/runs/"

    run = api(mo).post(address, {}, format="json").json()

    found = api(mo).get(f"{address}{run['id']}/").json()
    assert found["hits"] > 150
    assert found["states"]["rejected"] > 0.9 * found["hits"]


def test_the_model_of_another_release_is_left_alone(decided, rule, say, monkeypatch):
    decided("de", 400)
    learn_from_decisions()
    monkeypatch.setattr(learning, "_FORMAT", 2)
    rulebook._scorers = {}
    rule()

    assert say(BAD).status_code == 201


def test_who_has_no_such_rule_loads_no_numpy(tmp_path):
    code = "import django, sys; django.setup(); import newsroom.urls; print('numpy' in sys.modules)"

    env = environment(DJANGO_SETTINGS_MODULE="newsroom.settings", SECRET_KEY="x", NEWSROOM_DATA=str(tmp_path))

    assert subprocess.check_output([sys.executable, "-c", code], env=env, cwd=ROOT, text=True).strip() == "False"


def test_people_and_their_marks_are_no_part_of_it(decided, say, rule, alice):
    """The same text by anybody scores the same: nothing but the text is asked for."""
    decided("de", 400)
    learn_from_decisions()
    User.objects.filter(pk=alice.pk).update(name="Schwachkopf")
    rule(mode="shadow", threshold=1)

    answer = say(GOOD)

    score = rulebook.scorers()["de"].score(GOOD)
    assert RuleHit.objects.get(comment=answer.json()["id"]).score == round(score, 3)
