"""Programs speak and decide with keys, as far as a key's scopes go."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from accounts.actions import create_token
from comments import actions
from tests.comments.tools import url


def program(user, *scopes: str) -> APIClient:
    _token, secret = create_token(user, name="robot", scopes=scopes)
    return APIClient(headers={"Authorization": f"Bearer {secret}"})


@pytest.mark.parametrize(("scope", "status"), [("comment", 201), ("read", 403), ("ticker", 403), ("moderate", 403)])
def test_a_key_comments_with_its_scope_only(alice, discussion, scope, status):
    answer = program(alice, scope).post(url(discussion), {"text": "Vom Automaten"})

    assert answer.status_code == status, answer.content


@pytest.mark.parametrize(("scope", "status"), [("moderate", 201), ("read", 403), ("comment", 403)])
def test_a_key_decides_with_its_scope_only(mo, comment, scope, status):
    body = {"action": "remove", "reason": "spam"}

    answer = program(mo, scope).post(f"/api/v1/comments/{comment.pk}/decisions/", body)

    assert answer.status_code == status, answer.content


@pytest.mark.parametrize(("scope", "status"), [("moderate", 200), ("read", 403)])
def test_a_key_sees_the_queue_with_its_scope_only(mo, scope, status):
    assert program(mo, scope).get("/api/v1/moderation/queue/").status_code == status


def test_a_moderators_scope_makes_nobody_a_moderator(alice, comment):
    body = {"action": "remove", "reason": "spam"}

    assert program(alice, "moderate").post(f"/api/v1/comments/{comment.pk}/decisions/", body).status_code == 403
    assert program(alice, "moderate").get("/api/v1/moderation/queue/").status_code == 403


@pytest.mark.parametrize(("scope", "status"), [("moderate", 200), ("read", 404), ("comment", 404), ("ticker", 404)])
def test_a_key_hears_the_moderators_with_its_scope_only(mo, scope, status):
    assert program(mo, scope).get("/api/v1/streams/moderation/events/").status_code == status
    assert program(mo, scope).get("/api/v1/streams/articles/events/").status_code == 200


@pytest.mark.parametrize(("scope", "status"), [("read", 200), ("moderate", 404), ("comment", 404), ("ticker", 404)])
def test_a_key_hears_its_owner_with_its_scope_only(alice, scope, status):
    assert program(alice, scope).get(f"/api/v1/streams/user.{alice.pk}/events/").status_code == status


@pytest.mark.parametrize(
    ("scope", "hers", "his"), [("comment", 200, 404), ("moderate", 200, 200), ("ticker", 404, 404)]
)
def test_a_key_sees_what_waits_with_its_scope_only(alice, mo, discussion, comment, scope, hers, his):
    actions.open_discussion(discussion.pk, actor=mo, premoderated=True)
    held = actions.post(discussion.pk, author=alice, text="Darf das hinein?").comment

    assert program(alice, scope).get(f"/api/v1/comments/{held.pk}/").status_code == hers
    assert program(mo, scope).get(f"/api/v1/comments/{held.pk}/").status_code == his
    assert program(mo, scope).get(f"/api/v1/comments/{comment.pk}/").status_code == 200


@pytest.mark.parametrize(("scope", "status"), [("read", 200), ("comment", 200), ("ticker", 403), ("moderate", 403)])
def test_a_key_learns_what_is_mine_with_its_scope_only(alice, discussion, scope, status):
    assert program(alice, scope).get(f"/api/v1/discussions/{discussion.pk}/mine/").status_code == status


def test_a_browser_needs_its_csrf_token(alice, discussion):
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(alice)

    assert client.post(url(discussion), {"text": "Untergeschoben"}).status_code == 403
