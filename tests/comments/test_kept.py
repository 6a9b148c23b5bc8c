"""Decisions and cases outlive what they are about: no relation takes one along."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import models, transaction
from django.db.models import ForeignKey, ProtectedError

from comments import actions
from comments.models import Case, Decision, Report, RuleHit

# What may become empty, and where the fact stands all the same.
EMPTIED = {
    "Case.author": "of the comment, which may not be deleted, and is empty there, too",
    "Case.section": "an article keeps its section: sections with articles cannot be deleted",
    "Decision.section": "as for cases",
    "Case.claimed_by": "a claim is no decision",
    "Case.handed_by": "the record of deeds has the deed, with the role",
    "Case.handed_to": "the record of deeds has the deed",
    "Decision.moderator": "the record of deeds has the deed, with the role",
    "RuleHit.decision": "a decision is never deleted",
}


def relations() -> Iterator[tuple[str, Any]]:
    """All keys from cases and decisions, and all to them, by their names: what happens to them when the other goes."""
    for model in (Case, Decision):
        for field in model._meta.get_fields():
            if isinstance(field, ForeignKey):
                yield f"{model.__name__}.{field.name}", field.remote_field.on_delete
            elif isinstance(field, models.ManyToOneRel):
                yield f"{field.related_model.__name__}.{field.field.name}", field.on_delete


@pytest.mark.parametrize(
    ("name", "on_delete"), [pytest.param(*each, id=each[0]) for each in sorted(dict(relations()).items())]
)
def test_whatever_is_deleted_a_decision_or_case_stays(name, on_delete):
    allowed = (models.PROTECT, models.SET_NULL) if name in EMPTIED else (models.PROTECT,)
    assert on_delete in allowed, f"{name}: use PROTECT, or copy the fact and say in EMPTIED where it stands"


def test_the_table_names_no_relation_that_is_gone():
    assert set(EMPTIED) <= {name for name, _on_delete in relations()}


@pytest.fixture
def decided(discussion, comment, alice, bob, mo):
    """A comment with a decided case of each kind, and what belongs to it."""
    actions.make_rule(actor=mo, name="Schimpf", kind="words", action="hold", mode="live", words=["Idiot"])
    held = actions.post(discussion.pk, author=alice, text="Du Idiot").comment
    actions.approve(held.pk, actor=mo)
    actions.report(held.pk, actor=bob, reason="insult")
    actions.remove(held.pk, actor=mo, reason="insult", note="Klar")
    actions.report(comment.pk, actor=bob, reason="spam")
    return held


def kept() -> list[Any]:
    cases = Case.objects.order_by("id").values_list(
        "kind", "comment", "discussion", "decision", "closed_at", "opened_at"
    )
    rulings = Decision.objects.order_by("id").values_list("comment", "action", "reason", "rule", "created_at")
    notes = Decision.objects.exclude(action="hold").order_by("id").values_list("note")  # a rule's quotes the author
    hits = RuleHit.objects.order_by("id").values_list("comment", "decision", "name", "version", "outcome")
    return [*cases, *rulings, *notes, *hits, *Report.objects.order_by("id").values_list("case", "outcome", "reason")]


def test_what_was_decided_about_cannot_be_deleted(decided, discussion, article, section):
    before = kept()
    for thing in (decided, discussion, article, section):
        with pytest.raises(ProtectedError), transaction.atomic():
            thing.delete()
    assert kept() == before


def test_people_may_go_and_all_that_was_decided_stays(decided, alice, bob, mo):
    before = kept()
    for person in (alice, bob, mo):
        person.delete()
    assert kept() == before
    assert set(Decision.objects.exclude(action="hold").values_list("moderator", flat=True)) == {None}
