"""How far a person has read a discussion: on all their devices, and nobody else's business."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from comments import actions
from comments.models import ReadMark
from tests.comments.tools import events, in_parallel


def place(discussion) -> str:
    return f"/api/v1/discussions/{discussion.pk}/read/"


@pytest.mark.django_db
def test_it_rises_to_the_last_comment_and_never_falls(api, client, alice, bob, discussion, comment):
    first = comment.order
    last = actions.post(discussion.pk, author=bob, text="Und noch eins").comment
    last.refresh_from_db()
    client.force_login(alice)
    here = place(discussion)

    assert api(alice).get(here).json() == {"order": 0}
    assert 'read="0"' in client.get(discussion.page).text
    for given, kept in ((first, first), (5, first), (2**62, last.order), (first, last.order), (0, last.order)):
        assert api(alice).put(here, {"order": given}).json() == {"order": kept}
    assert api(alice).get(here).json() == {"order": last.order}
    assert f'read="{last.order}"' in client.get(discussion.page).text

    assert api(bob).get(here).json() == {"order": 0}
    assert re.search(r"<newsroom-discussion[^>]* read=", api().get(discussion.page).content.decode()) is None
    assert events(f"user.{alice.pk}") == []
    for wrong in (-1, "x", None, 2**63):
        assert api(alice).put(here, {"order": wrong}).json()["code"] == "invalid"
    assert api().put(here, {"order": 1}).status_code == 401
    assert api(alice).put("/api/v1/discussions/999999/read/", {"order": 1}).status_code == 404
    assert ReadMark.objects.get().person == alice


@pytest.mark.django_db
def test_it_is_kept_by_one_statement(alice, discussion, comment):
    with CaptureQueriesContext(connection) as asked:
        actions.mark_read(discussion, reader=alice, place=comment.order)

    assert sum("readmark" in each["sql"] for each in asked.captured_queries) == 1


def test_of_several_devices_at_once_the_farthest_counts(alice, discussion, comment, many_connections):
    places = [comment.order - number for number in range(16)]

    in_parallel(16, lambda number: actions.mark_read(discussion, reader=alice, place=places[number]))

    assert ReadMark.objects.get().place == comment.order
