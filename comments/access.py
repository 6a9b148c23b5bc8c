"""Who may read which discussion and comment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from comments.models import Comment, Discussion
from newsroom.errors import NotFound

if TYPE_CHECKING:
    from accounts.access import Viewer

LARGEST_ID = 2**63 - 1


def may_read_stream(viewer: Viewer, key: str) -> bool:
    """Whether `viewer` may follow `discussion.<key>`."""
    number = key_number(key)
    return number is not None and Discussion.objects.visible_to(viewer).filter(pk=number).exists()


def find_discussion(viewer: Viewer, pk: int) -> Discussion:
    """Raises NotFound, also where `viewer` may not know of it."""
    found = Discussion.objects.visible_to(viewer).select_related("article", "tally").filter(pk=pk).first()
    if found is None:
        raise NotFound(_("There is no such discussion."))
    return found


def find_comment(viewer: Viewer, pk: int) -> Comment:
    """With discussion, author and tally. Raises NotFound, also where `viewer` may not know of it."""
    found = Comment.objects.visible_to(viewer).select_related("discussion", "author", "tally").filter(pk=pk).first()
    if found is None:
        raise NotFound(_("There is no such comment."))
    return found


def key_number(key: str) -> int | None:
    """A row's number written as a decimal without leading zeros, else None."""
    if not (key.isascii() and key.isdigit() and len(key) <= 19) or key.startswith("0"):
        return None
    number = int(key)
    return number if number <= LARGEST_ID else None
