"""Every action that changes articles, photos and tickers. No other code writes them."""

from articles.actions.appearance import change_appearance
from articles.actions.articles import (
    correct_article,
    discard_article,
    draft_article,
    edit_article,
    publish_article,
    publish_due_article,
    retract_article,
    schedule_article,
    unschedule_article,
)
from articles.actions.changing import change_item
from articles.actions.items import (
    correct_item,
    draft_item,
    mark_seen,
    pin_item,
    publish_drafted_item,
    publish_due_item,
    publish_item,
    retract_item,
    schedule_item,
    unpin_item,
    unschedule_item,
)
from articles.actions.photos import add_photo, delete_photo, describe_photo
from articles.actions.sections import delete_place, keep_section, keep_ticker

__all__ = [
    "add_photo",
    "change_appearance",
    "change_item",
    "correct_article",
    "correct_item",
    "delete_photo",
    "delete_place",
    "describe_photo",
    "discard_article",
    "draft_article",
    "draft_item",
    "edit_article",
    "keep_section",
    "keep_ticker",
    "mark_seen",
    "pin_item",
    "publish_article",
    "publish_drafted_item",
    "publish_due_article",
    "publish_due_item",
    "publish_item",
    "retract_article",
    "retract_item",
    "schedule_article",
    "schedule_item",
    "unpin_item",
    "unschedule_article",
    "unschedule_item",
]
