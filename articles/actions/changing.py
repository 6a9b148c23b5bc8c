"""Several changes to one ticker item at once, for the API."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from articles import events
from articles.actions.guards import begin, must_be_version
from articles.actions.items import (
    correct_item,
    locked_in_order,
    pin_item,
    publish_drafted_item,
    schedule_item,
    unpin_item,
    unschedule_item,
)
from articles.models import State, TickerItem


@transaction.atomic
def change_item(
    item_id: int,
    *,
    actor: User,
    seen: Collection[int] | None = None,
    pinned: bool | None = None,
    publish_at: datetime | None = None,
    correction: str = "",
    state: str | None = None,
    now: bool = False,
    **fields: Any,
) -> TickerItem:
    """Correct, reschedule, publish, pin or unpin in one transaction. Raises what these actions raise."""
    item = _seen(item_id, actor, seen)
    if fields or correction:
        item = correct_item(item_id, actor=actor, note=correction, **fields)
    if publish_at is not None:
        item = schedule_item(item_id, actor=actor, publish_at=publish_at)
    if state == State.DRAFT and item.state != State.DRAFT:
        item = unschedule_item(item_id, actor=actor)
    if state == State.PUBLISHED and item.state != State.PUBLISHED and publish_at is None:
        item = publish_drafted_item(item_id, actor=actor, now=now)
    if pinned is not None:
        item = (pin_item if pinned else unpin_item)(item_id, actor=actor)
    return item


def _seen(item_id: int, actor: User, seen: Collection[int] | None) -> TickerItem:
    """The item, if its version is among `seen`. Locks all that a correction locks, in the same order."""
    actor = begin("change_item", actor)
    events.hold_stream_of_item(item_id)
    item = locked_in_order("change_item", item_id, actor)
    must_be_version(item, seen)
    return item
