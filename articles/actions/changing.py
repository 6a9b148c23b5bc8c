"""Several deeds on one ticker item at once, as a program asks for them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from articles.actions.checks import must_be_version, must_edit
from articles.actions.items import (
    correct_item,
    hold_stream_of,
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
    version: int | None = None,
    pinned: bool | None = None,
    publish_at: datetime | None = None,
    correction: str = "",
    state: str | None = None,
    now: bool = False,
    **fields: Any,
) -> TickerItem:
    """Several of these at once, all or none: correct, reschedule, publish, pin or unpin. Raises what they raise."""
    item = _seen(item_id, actor, version)
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


def _seen(item_id: int, actor: User, version: int | None) -> TickerItem:
    """The item, if it still is in that version, with everything locked that a correction locks, in its order."""
    must_edit(actor)
    hold_stream_of(item_id)
    item = locked_in_order(item_id)
    must_be_version(item, version)
    return item
