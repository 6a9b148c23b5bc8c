"""One request decides about a comment and about its author: both or neither."""

from __future__ import annotations

from accounts.models import Notification, Sanction
from comments.models import Comment

SANCTION = {"scope": "comment", "until": None, "reason": "insult"}


def remove(client, comment, **sanction):
    asked = {"action": "remove", "reason": "insult", "also": {"sanction": SANCTION | sanction}}
    return client.post(f"/api/v1/comments/{comment.pk}/decisions/", asked)


def test_the_comment_goes_and_its_author_is_restricted(api, alice, mo, comment):
    answer = remove(api(mo), comment)

    assert (answer.status_code, answer.json()["state"]) == (201, "removed"), answer.json()
    sanction = Sanction.objects.get()
    assert (sanction.user, sanction.imposed_by, sanction.scope) == (alice, mo, "comment")
    told = Notification.objects.filter(user=alice).values_list("kind", flat=True)
    assert set(told) == {"sanction.imposed", "comment.removed"}


def test_if_one_is_refused_neither_is_done(api, ada, mo, comment):
    unknown = remove(api(mo), comment, scope="thoughts")
    late = remove(api(mo), comment, until="2020-01-01T00:00:00Z")
    assert (unknown.status_code, late.status_code) == (422, 422)
    assert Comment.objects.get(pk=comment.pk).state == "published"

    api(ada).post(f"/api/v1/comments/{comment.pk}/decisions/", {"action": "remove", "reason": "spam"})
    second = remove(api(mo), comment)

    assert (second.status_code, second.json()["code"]) == (409, "already_decided")
    assert not Sanction.objects.exists()


def test_an_imported_comment_has_nobody_to_restrict(api, mo, comment):
    Comment.objects.filter(pk=comment.pk).update(author=None, author_name="Fremde")

    refused = remove(api(mo), comment)

    assert (refused.status_code, list(refused.json()["errors"])) == (422, ["also"])
    assert Comment.objects.get(pk=comment.pk).state == "published"
