"""A decision is about the text that was read, and nothing in it was chosen by anybody but the moderator."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from comments import actions
from comments.models import Comment, Decision
from tests.comments.test_admin import COMMENTS, enter, tick
from tests.comments.tools import page, url

SELECT = r'<select\s+id="(\w+)-(?:reason|scope|until)"\s+name="\w+"\s+required[^>]*>\s*(.*?)</select>'
OLD, NEW = "Darf das hinein?", "Und das auch, ungelesen?"


@pytest.fixture
def held(alice, mo, discussion) -> Comment:
    actions.open_discussion(discussion.pk, actor=mo, premoderated=True)
    return actions.post(discussion.pk, author=alice, text=OLD).comment


def address(comment: Comment) -> str:
    return f"/api/v1/comments/{comment.pk}/decisions/"


@pytest.mark.parametrize("action", ["approve", "reject"])
@pytest.mark.parametrize("how", ["seen", "If-Match"])
def test_a_held_text_that_was_changed_since_is_not_decided_unread(api, alice, mo, discussion, held, action, how):
    def decide(version: int):
        wish = {"action": action, "reason": "spam" if action == "reject" else ""}
        if how == "seen":
            return api(mo).post(address(held), wish | {"seen": version})
        return api(mo).post(address(held), wish, headers={"If-Match": f'"v{version}"'})

    (read,) = page(api(mo), "/api/v1/moderation/queue/")["results"]
    actions.edit(held.pk, actor=alice, text=NEW)

    late = decide(read["version"])

    assert (late.status_code, late.json()["code"], late.json()["text"]) == (412, "precondition_failed", NEW)
    assert NEW in late.json()["html"]
    assert Comment.objects.get(pk=held.pk).state == "held"
    assert page(api(), url(discussion))["results"] == []
    assert decide(late.json()["version"]).status_code == 201


def test_without_a_version_nothing_that_was_changed_is_published(api, alice, mo, discussion, held):
    other = actions.post(discussion.pk, author=alice, text="Unverändert.").comment
    actions.edit(held.pk, actor=alice, text=NEW)

    refused = api(mo).post(address(held), {"action": "approve"})

    assert (refused.status_code, refused.json()["code"], refused.json()["text"]) == (412, "precondition_failed", NEW)
    assert api(mo).post(address(held), {"action": "approve", "seen": refused.json()["version"]}).status_code == 201
    assert api(mo).post(address(other), {"action": "approve"}).status_code == 201


def test_who_decided_first_is_said_before_that_the_text_changed(api, alice, mo, ada, held):
    actions.edit(held.pk, actor=alice, text=NEW)
    first = api(ada).post(address(held), {"action": "reject", "reason": "insult"}).json()["decision"]

    late = api(mo).post(address(held), {"action": "approve", "seen": held.version})

    assert (late.status_code, late.json()["code"]) == (409, "already_decided")
    assert late.json()["decision"] == first | {"by": ada.name}
    assert (first["action"], first["reason"]) == ("reject", "insult")


def test_a_reaction_does_not_make_a_text_another_one(api, bob, mo, comment):
    seen = api(mo).get(f"/api/v1/comments/{comment.pk}/").json()["version"]
    actions.react(comment.pk, "like", actor=bob)

    answer = api(mo).post(address(comment), {"action": "remove", "reason": "spam", "seen": seen})

    assert answer.status_code == 201


def test_the_form_shows_the_new_text_before_it_decides(client, alice, mo, held):
    client.force_login(mo)
    form = f"/comments/{held.pk}/moderate/"

    def seen() -> str:
        (version,) = set(re.findall(r'name="seen" value="(\d+)"', client.get(form).text))
        return version

    before = seen()
    actions.edit(held.pk, actor=alice, text=NEW)

    late = client.post(form, {"deed": "approve", "seen": before})
    blind = client.post(form, {"deed": "approve"})

    assert (late.status_code, blind.status_code) == (412, 412)
    assert NEW in late.text
    assert "notice-error" in late.text
    assert Comment.objects.get(pk=held.pk).state == "held"
    client.post(form, {"deed": "approve", "seen": seen()})
    assert Comment.objects.get(pk=held.pk).state == "published"


def test_ticked_rows_are_decided_as_they_were_shown(alice, mo, held):
    client = enter(mo)
    (shown,) = re.findall(rf'name="seen-{held.pk}" value="(\d+)"', client.get(COMMENTS).text)
    actions.edit(held.pk, actor=alice, text=NEW)

    for seen in (shown, ""):
        (said,) = tick(client, COMMENTS, "approve", held.pk, **{f"seen-{held.pk}": seen})
        assert "inzwischen geändert" in said
    assert Comment.objects.get(pk=held.pk).state == "held"

    (shown,) = re.findall(rf'name="seen-{held.pk}" value="(\d+)"', client.get(COMMENTS).text)
    tick(client, COMMENTS, "approve", held.pk, **{f"seen-{held.pk}": shown})
    assert Comment.objects.get(pk=held.pk).state == "published"


def test_the_line_below_a_comment_decides_what_its_page_showed(alice, mo, held):
    client, form = enter(mo), reverse("admin:comments_comment_change", args=[held.pk])
    empty = {f"{name}-{count}_FORMS": 0 for name in ("decisions-2", "revisions") for count in ("TOTAL", "INITIAL")}
    lines = empty | {"decisions-TOTAL_FORMS": 1, "decisions-INITIAL_FORMS": 0, "decisions-0-action": "approve"}

    def seen() -> str:
        found = re.search(r'name="decisions-0-seen"\s+value="(\d+)"', client.get(form).text)
        assert found
        return found[1]

    before = seen()
    actions.edit(held.pk, actor=alice, text=NEW)
    client.post(form, lines | {"decisions-0-seen": before})
    client.post(form, lines)
    assert Comment.objects.get(pk=held.pk).state == "held"

    client.post(form, lines | {"decisions-0-seen": seen()})
    assert Comment.objects.get(pk=held.pk).state == "published"


def test_a_decision_has_a_reason_where_the_author_is_told_one_and_nowhere_else(api, mo, alice, discussion, held):
    def decide(action: str, **more: str) -> int:
        return int(api(mo).post(address(held), {"action": action, **more}).status_code)

    assert decide("reject") == decide("reject", reason="") == 422
    assert decide("reject", reason="insult") == 201
    assert decide("restore", reason="spam") == 201
    assert decide("remove") == decide("remove", reason="") == 422
    assert decide("remove", reason="hate") == 201
    assert decide("restore") == 201

    made = Decision.objects.exclude(moderator=None).order_by("id").values_list("action", "reason")
    assert list(made) == [("reject", "insult"), ("restore", ""), ("remove", "hate"), ("restore", "")]


@pytest.mark.parametrize("state", ["held", "published", "removed"])
def test_no_form_chooses_for_the_moderator(client, mo, comment, discussion, state):
    client.force_login(mo)
    Comment.objects.filter(pk=comment.pk).update(state=state)
    pages = [client.get(f"/comments/{comment.pk}/moderate/").text, client.get(discussion.get_absolute_url()).text]

    for text in pages:
        lists = re.findall(SELECT, text, re.DOTALL)
        assert "bar" in {deed for deed, _options in lists}
        assert all(options.startswith('<option value="">') for _deed, options in lists)
        assert not any("selected" in options for _deed, options in lists)
    asked = set(re.findall(r'id="(\w+)-reason"', pages[0]))
    assert asked == {"bar"} | {"held": {"reject", "edit"}, "published": {"remove", "edit"}, "removed": set()}[state]


def test_a_form_without_a_choice_is_refused_and_keeps_what_was_typed(client, mo, alice, comment):
    client.force_login(mo)
    form = f"/comments/{comment.pk}/moderate/"
    whole = {"deed": "bar", "scope": "comment", "reason": "insult", "until": "good", "note": "dritte Mahnung"}

    for name in ("scope", "reason", "until"):
        answer = client.post(form, whole | {name: ""})
        assert answer.status_code == 422
        assert "dritte Mahnung</textarea>" in answer.text
        assert not alice.sanctions.exists()

    client.post(form, whole)
    assert list(alice.sanctions.values_list("scope", "reason", "until")) == [("comment", "insult", None)]
