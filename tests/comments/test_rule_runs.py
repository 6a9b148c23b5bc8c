"""A rule is run over the last comments in the background: what it would have done, and no comment is changed."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from comments import actions
from comments.actions import running
from comments.models import AuthorTally, Comment, RuleHit, RuleRun
from newsroom.server import worker
from tests.support.services import wait_for

RULES = "/api/v1/moderation/rules/"


@pytest.fixture
def rule(mo):
    return actions.make_rule(actor=mo, name="Schimpf", kind="words", action="hold", words=["Idiot"])


@pytest.fixture
def said(alice, bob, mo, discussion):
    texts = ["Du Idiot", "Ein Satz", "Ihr 1d10t dort", "Noch ein Satz"]
    comments = [actions.post(discussion.pk, author=alice, text=text).comment for text in texts]
    actions.post(discussion.pk, author=mo, text="Wer hier Idiot sagt")
    actions.remove(comments[0].pk, actor=mo, reason="insult")
    return comments


def test_a_run_says_what_a_rule_would_have_found_and_how_that_stands(api, mo, rule, said, monkeypatch):
    monkeypatch.setattr(running, "AT_ONCE", 2)
    before = list(Comment.objects.order_by("id").values()), RuleHit.objects.count()

    started = api(mo).post(f"{RULES}{rule.pk}/runs/")

    address = f"{RULES}{rule.pk}/runs/{started.json()['id']}/"
    run = api(mo).get(address).json()
    assert started.status_code == 202
    assert (run["state"], run["count"], run["done"], run["hits"]) == ("done", 5, 5, 2)
    assert run["states"] == {"removed": 1, "published": 1}
    assert [(each["comment"], each["text"], each["spans"]) for each in run["samples"]] == [
        (said[2].pk, "Ihr 1d10t dort", [[4, 9]])
    ]
    assert (list(Comment.objects.order_by("id").values()), RuleHit.objects.count()) == before


def test_a_run_that_was_cut_goes_on_where_it_was_and_looks_at_nothing_twice(mo, rule, said, monkeypatch):
    monkeypatch.setattr(running, "AT_ONCE", 2)
    run = actions.start_run(rule.pk, actor=mo)
    judge = next(iter(running.rulebook.read([rule])))[0]
    running._noted(run.pk, running._comments(run), judge)

    running.go_on_with_run(run.pk)
    running.go_on_with_run(run.pk)

    run.refresh_from_db()
    assert (run.state, run.done, run.hits) == ("done", 5, 2)


def test_a_run_that_was_cancelled_looks_no_further(api, mo, rule, said):
    run = actions.start_run(rule.pk, actor=mo)
    address = f"{RULES}{rule.pk}/runs/{run.pk}/"
    assert api(mo).post(f"{RULES}{rule.pk}/runs/").json()["code"] == "conflict"

    assert api(mo).delete(address).json()["state"] == "cancelled"
    running.go_on_with_run(run.pk)

    assert (api(mo).get(address).json()["state"], RuleRun.objects.get().done) == ("cancelled", 0)
    assert api(mo).post(f"{RULES}{rule.pk}/runs/").status_code == 202


def test_only_moderators_run_rules_and_only_those_about_texts(api, alice, mo, rule):
    new = actions.make_rule(actor=mo, name="Neue", kind="new_account", action="hold")

    assert [api(who).post(f"{RULES}{rule.pk}/runs/").status_code for who in (None, alice)] == [401, 403]
    assert api(mo).post(f"{RULES}{new.pk}/runs/").status_code == 422
    assert api(mo).post(f"{RULES}999/runs/").status_code == 404
    assert api(mo).get(f"{RULES}{rule.pk}/runs/999/").status_code == 404
    run = actions.start_run(rule.pk, actor=mo)
    assert api(mo).get(f"{RULES}{new.pk}/runs/{run.pk}/").status_code == 404
    assert api(mo).delete(f"{RULES}{new.pk}/runs/{run.pk}/").status_code == 404


def test_a_worker_runs_it(api, mo, rule, said, work):
    started = api(mo).post(f"{RULES}{rule.pk}/runs/").json()

    wait_for(lambda: RuleRun.objects.get(pk=started["id"]).state == "done")
    assert RuleRun.objects.get().hits == 2


def test_a_run_over_which_the_workers_died_ends_and_another_can_begin(api, mo, rule, said, queue, client):
    started = api(mo).post(f"{RULES}{rule.pk}/runs/").json()
    DBTaskResult.objects.update(
        status="RUNNING", started_at=timezone.now() - timedelta(minutes=2), worker_ids=["one", "two", "gone"]
    )

    worker.sweep()

    assert api(mo).get(f"{RULES}{rule.pk}/runs/{started['id']}/").json()["state"] == "stopped"
    client.force_login(mo)
    shown = client.get(f"/moderation/runs/{started['id']}/").content.decode()
    assert "Die Regel kann noch einmal laufen" in shown
    assert "http-equiv" not in shown
    assert api(mo).post(f"{RULES}{rule.pk}/runs/").status_code == 202


def test_the_migration_counts_for_authors_what_the_folds_would_have_counted(alice, said, discussion):
    actions.post(discussion.pk, author=alice, text="Mit https://a.example")
    counted = list(AuthorTally.objects.order_by("pk").values())
    AuthorTally.objects.all().delete()

    for _ in range(2):  # cut off, it begins anew
        import_module("comments.migrations.0029_authors").count(apps, connection.schema_editor())

    assert list(AuthorTally.objects.order_by("pk").values()) == counted
