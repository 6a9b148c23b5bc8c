"""Rows written past Django's models are the rows that these would have written."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from comments.models import Comment, IdempotencyKey
from newsroom.database.writes import Json, add, alter, change
from newsroom.live.models import Event


def stored(row: Any) -> dict[str, Any]:
    """All values as the database has them, without the key and the time of writing."""
    return {
        name: value for name, value in vars(type(row).objects.get(pk=row.pk)).items() if name not in {"_state", "id"}
    }


@pytest.fixture
def said(discussion, alice) -> dict[str, Any]:
    at = datetime(2026, 3, 1, 12, 30, 15, 250, UTC)
    mine = {"discussion_id": discussion.pk, "author_id": alice.pk, "text": "Ä\n𝄞", "html": "<p>Ä</p>", "key": uuid4()}
    return mine | {"state": Comment.State.PUBLISHED, "created_at": at, "published_at": at}


def test_a_new_row_is_the_one_that_its_model_would_have_saved(said):
    theirs, ours = Comment(**said), Comment(**said)
    theirs.save(force_insert=True)
    ours.pk = add(Comment, vars(ours))
    added = Comment.objects.get(pk=add(Comment, said))

    assert stored(theirs) == stored(ours) == stored(added)
    ours.text = "Neu"
    ours.save()
    assert Comment.objects.filter(text="Neu").count() == 1  # it is known to be there


def test_a_default_that_is_made_is_made_at_each_time(alice):
    def key() -> IdempotencyKey:
        values = {"author_id": alice.pk, "key": uuid4(), "body_hash": b"\x00\xff", "status": 201}
        return IdempotencyKey.objects.get(pk=add(IdempotencyKey, values))

    before = timezone.now()
    first, second = key(), key()

    assert before <= first.created_at < second.created_at <= timezone.now()
    assert bytes(first.body_hash) == b"\x00\xff"


@pytest.mark.parametrize("data", [{"a": ["ä", None, 1.5]}, None])
def test_json_is_stored_whether_it_is_encoded_or_not(db, data):
    said = {"stream": "s", "kind": "k", "subject": "x.1", "created_at": timezone.now()}
    encoded = {"data": Json('{"a":["ä",null,1.5]}')} if data else {"data": None}

    for values in (said | {"data": data}, said | encoded):
        assert Event.objects.get(pk=add(Event, values)).data == data


def test_a_change_writes_the_values_that_it_names_alone(said):
    row = Comment.objects.get(pk=add(Comment, said))
    row.text, row.edited_at, row.version = "anders", timezone.now(), 9
    assert change(row, "text", "edited_at")
    assert alter(Comment, row.pk, {"state": Comment.State.REMOVED})

    now = Comment.objects.get(pk=row.pk)
    assert (now.text, now.edited_at, now.version, now.state) == ("anders", row.edited_at, 1, "removed")
    assert not alter(Comment, row.pk + 1, {"version": 2})
