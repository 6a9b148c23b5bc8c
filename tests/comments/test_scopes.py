"""Which scope opens what: whatever the API does not do for strangers stands in this table, and nothing else does."""

from __future__ import annotations

import re

import pytest
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

from accounts.models import ApiToken
from comments import actions
from comments.models import Case, FormalWarning, SecondLook
from tests.comments.test_programs import program

OPENS = {
    "GET discussions/{id}/draft/": {"read", "comment"},
    "GET discussions/{id}/mine/": {"read", "comment"},
    "GET discussions/{id}/participants/": {"read", "comment"},
    "POST discussions/{id}/preview/": {"comment"},
    "GET comments/{id}/history/": {"moderate"},
    "GET me/": {"read"},
    "GET me/preferences/": {"read"},
    "GET moderation/queue/": {"moderate"},
    "GET tickers/{slug}/seen/": {"read"},
    "POST moderation/bulk/": {"moderate"},
    "GET moderation/bulk/{id}/": {"moderate"},
    "DELETE moderation/bulk/{id}/": {"moderate"},
    "POST moderation/bulk/{id}/undo/": {"moderate"},
    "GET moderation/cases/": {"moderate"},
    "GET moderation/cases/{id}/": {"moderate"},
    "GET moderation/cases/{id}/context/": {"moderate"},
    "GET moderation/counts/": {"moderate"},
    "GET moderation/decisions/": {"moderate"},
    "GET moderation/decisions.csv": {"moderate"},
    "GET moderation/decisions/{id}/": {"moderate"},
    "GET moderation/second/": {"moderate"},
    "GET moderation/second/agreement/": {"moderate"},
    "GET moderation/second/disagreements/": {"moderate"},
    "POST moderation/second/{id}/": {"moderate"},
    "GET moderation/statistics/": {"moderate"},
    "GET moderation/statistics.csv": {"moderate"},
    "GET moderation/models/": {"moderate"},
    "POST moderation/models/": {"moderate"},
    "GET moderation/people/": {"moderate"},
    "GET moderation/people/{id}/": {"moderate"},
    "GET moderation/people/{id}/comments/": {"moderate"},
    "GET moderation/people/{id}/notes/": {"moderate"},
    "POST moderation/people/{id}/notes/": {"moderate"},
    "GET moderation/people/{id}/sanctions/": {"moderate"},
    "GET moderation/refused/": {"moderate"},
    "GET moderation/people/{id}/warnings/": {"moderate"},
    "POST moderation/people/{id}/warnings/": {"moderate"},
    "DELETE moderation/warnings/{id}/": {"moderate"},
    "GET me/ignored/": {"comment"},
    "PUT me/ignored/{id}/": {"comment"},
    "DELETE me/ignored/{id}/": {"comment"},
    "GET me/notifications/": {"read"},
    "PUT me/notifications/read/": {"read"},
    "PUT me/avatar/": set(),
    "DELETE me/avatar/": set(),
    "GET me/push/": set(),
    "PUT me/push/": set(),
    "DELETE me/push/": set(),
    "GET me/warnings/": {"comment"},
    "POST me/warnings/{id}/acknowledge/": {"comment"},
    "POST moderation/cases/{id}/hand-over/": {"moderate"},
    "GET moderation/texts/": {"moderate"},
    "POST moderation/texts/": {"moderate"},
    "PATCH moderation/texts/{id}/": {"moderate"},
    "DELETE moderation/texts/{id}/": {"moderate"},
    "GET moderation/rules/": {"moderate"},
    "GET moderation/rules/{id}/": {"moderate"},
    "GET moderation/rules/{id}/runs/{run}/": {"moderate"},
    "PATCH discussions/{id}/": {"moderate"},
    "PATCH moderation/rules/{id}/": {"moderate"},
    "POST moderation/rules/": {"moderate"},
    "POST moderation/rules/try/": {"moderate"},
    "POST moderation/rules/{id}/runs/": {"moderate"},
    "DELETE moderation/rules/{id}/": {"moderate"},
    "DELETE moderation/rules/{id}/runs/{run}/": {"moderate"},
    "PUT moderation/cases/{id}/claim/": {"moderate"},
    "DELETE moderation/cases/{id}/claim/": {"moderate"},
    "POST comments/{id}/reports/": {"comment"},
    "POST comments/{id}/decisions/": {"moderate"},
    "POST decisions/{id}/undo/": {"moderate"},
    "POST comments/{id}/undo/": {"comment"},
    "POST discussions/{id}/comments/": {"comment"},
    "POST tickers/{slug}/items/": {"ticker"},
    "POST users/{id}/sanctions/": {"moderate"},
    "GET comments/{id}/reactions/": {"read", "comment"},
    "PUT comments/{id}/reactions/{name}/": {"comment"},
    "PUT discussions/by-url/": {"moderate"},
    "GET discussions/{id}/read/": {"read"},
    "PUT discussions/{id}/read/": {"read"},
    "PUT discussions/{id}/draft/": {"comment"},
    "PUT discussions/{id}/merge/": {"moderate"},
    "PUT subscriptions/{kind}/{id}/": {"comment"},
    "PUT tickers/{slug}/seen/": {"read"},
    "PATCH comments/{id}/": {"comment"},
    "PATCH me/": set(),
    "PATCH me/preferences/": set(),
    "PATCH ticker-items/{id}/": {"ticker"},
    "DELETE comments/{id}/": {"comment"},
    "DELETE comments/{id}/reactions/{name}/": {"comment"},
    "DELETE discussions/{id}/draft/": {"comment"},
    "DELETE discussions/{id}/merge/": {"moderate"},
    "DELETE sanctions/{id}/": {"moderate"},
    "DELETE users/{id}/avatar/": {"moderate"},
    "DELETE subscriptions/{kind}/{id}/": {"comment"},
    "DELETE ticker-items/{id}/": {"ticker"},
}


def _operations() -> list[str]:
    """ "GET me/" and so on, as the schema tells it."""
    paths = SchemaGenerator().get_schema(request=None, public=True)["paths"]
    return [f"{method.upper()} {path.removeprefix('/api/v1/')}" for path, each in paths.items() for method in each]


def _ask(client: APIClient, operation: str, ids: dict[str, object]) -> int:
    method, _, path = operation.partition(" ")
    for part, value in ids.items():
        path = re.sub(part, str(value), path)
    return client.generic(method, f"/api/v1/{path}", b"{}", content_type="application/json").status_code


@pytest.fixture
def ids(ada, alice, mo, discussion, ticker, item) -> dict[str, object]:
    """What stands for what in the schema's paths."""
    own = actions.post(discussion.pk, author=ada, text="Von mir").comment
    actions.report(own.pk, actor=alice, reason="spam")
    rule = actions.make_rule(actor=ada, name="Schimpf", kind="words", action="hold", words=["Idiot"])
    theirs = actions.post(discussion.pk, author=alice, text="Von ihr").comment
    decided = actions.remove(theirs.pk, actor=ada, reason="spam").ruling
    look = _look(actions.post(discussion.pk, author=alice, text="Noch eins").comment, mo)
    return {
        r"(?<=decisions/)\{\w+\}": decided.pk,
        r"(?<=comments/)\{\w+\}": own.pk,
        r"(?<=discussions/)\{\w+\}(?=/merge/)": _merged(ada),
        r"(?<=discussions/)\{\w+\}": discussion.pk,
        r"(?<=tickers/)\{\w+\}": ticker.slug,
        r"(?<=ticker-items/)\{\w+\}": item.pk,
        r"(?<=users/)\{\w+\}": alice.pk,
        r"(?<=texts/)\{\w+\}": actions.add_text(actor=ada, reason="spam", language="de", text="Bitte").pk,
        r"(?<=people/)\{\w+\}": alice.pk,
        r"(?<=moderation/warnings/)\{\w+\}": FormalWarning.objects.create(person=alice, reason="spam").pk,
        r"(?<=warnings/)\{\w+\}": FormalWarning.objects.create(person=ada, reason="spam").pk,
        r"(?<=sanctions/)\{\w+\}": _sanction(alice, ada),
        r"(?<=ignored/)\{\w+\}": alice.pk,
        r"\{kind\}/\{\w+\}": f"discussion/{discussion.pk}",
        r"(?<=reactions/)\{\w+\}": "like",
        r"(?<=second/)\{\w+\}": look,
        r"(?<=cases/)\{\w+\}": Case.objects.get().pk,
        r"(?<=bulk/)\{\w+\}": actions.start_bulk([(theirs.pk, 1)], "restore", actor=ada).pk,
        r"(?<=rules/)\{\w+\}": rule.pk,
        r"\{run\}": actions.start_run(rule.pk, actor=ada).pk,
    }


def _look(comment, actor) -> int:
    decided = actions.remove(comment.pk, actor=actor, reason="spam").ruling
    return SecondLook.objects.create(decision=decided, opens_at=decided.created_at).pk


def _merged(actor) -> int:
    source, target = (actions.start_chat(title, actor=actor) for title in ("Hier", "Dort"))
    actions.merge(source.pk, target.pk, actor=actor)
    return source.pk


def _sanction(person, actor) -> int:
    from accounts.actions import impose_sanction

    return impose_sanction(person.pk, actor=actor, scope="comment", until=None, reason="spam").pk


def test_every_private_operation_is_in_the_table(api, ids):
    asked = [each for each in _operations() if "articles/{" not in each and "streams/" not in each]

    assert sorted(each for each in asked if _ask(api(), each, ids) == 401) == sorted(OPENS)


@pytest.mark.parametrize("operation", sorted(OPENS))
def test_a_key_does_what_its_scope_opens(ada, ids, operation):
    passed = {
        scope for scope in ApiToken.Scope.values if _ask(program(ada, scope), operation, ids) not in (401, 403, 404)
    }

    assert passed == OPENS[operation]
