"""What a page needs to show a discussion: rows, position, and whether this viewer may write."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Viewer, may_take_part
from accounts.models import User
from accounts.reasons import Reason
from comments import reads
from comments.actions.own import EDIT_WINDOW, UNDO_WINDOW
from comments.models import Comment, Discussion, Draft, Reaction
from newsroom.errors import Refused
from newsroom.pages.links import page_links

COMMENTS_A_PAGE = 25
LINES_A_PAGE = 50  # of a chat
SENTENCES = {
    "not_open_yet": lambda: _("It has not opened yet."),
    "over": lambda: _("Its time is over."),
    "hours": lambda: _("It keeps opening hours."),
}


def discussion_context(request: HttpRequest, discussion: Discussion, **composer: Any) -> dict[str, Any]:
    """For comments/discussion.html and comments/chat.html; `discussion` comes from `reads.head_of`.

    Raises UnknownSort, UnknownCursor.
    """
    is_chat = discussion.mode == Discussion.Mode.CHAT
    sort = "newest" if is_chat else request.GET.get("sort") or "newest"
    page = reads.comment_page(
        discussion,
        sort=sort,
        cursor=request.GET.get("cursor", ""),
        limit=LINES_A_PAGE if is_chat else COMMENTS_A_PAGE,
    )
    rows = page.rows[::-1] if is_chat else page.rows
    for row in rows:
        row["more_replies"] = more_replies(row)
    return {
        "rows": rows,
        "mine": mine_among(request.user, rows),
        "sort": sort,
        "page": page_links(request, page),
        "position": page.position,
        "discussion": sayable(page.discussion or {}),
        **standing(request.user, discussion, **composer),
    }


def standing(viewer: Viewer, discussion: Discussion, **composer: Any) -> dict[str, Any]:
    """Whether `viewer` may write here, and why not; the composer's first state."""
    barred = ""
    if isinstance(viewer, User):
        try:
            may_take_part(viewer)
        except Refused as refused:
            barred = refused.detail
    may_post = isinstance(viewer, User) and not barred
    if may_post and not composer.get("parent"):
        composer = {"text": _draft(viewer, discussion), **composer}
    return {
        "may_post": may_post,
        "barred": barred,
        "max_length": discussion.max_length,
        "edit_seconds": int(EDIT_WINDOW.total_seconds()),
        "reasons": Reason.choices,
        "composer": {"key": str(uuid.uuid4()) if may_post else "", **composer},
    }


def _draft(viewer: Viewer, discussion: Discussion) -> str:
    if not isinstance(viewer, User):
        return ""
    draft = Draft.objects.filter(discussion=discussion, person=viewer, parent=None).first()
    return draft.text if draft else ""


def is_undoable(comment: Comment, viewer: Viewer) -> bool:
    """Whether `viewer` has just withdrawn it and may still bring it back."""
    mine = isinstance(viewer, User) and comment.author_id == viewer.pk
    return mine and comment.withdrawn_at is not None and timezone.now() <= comment.withdrawn_at + UNDO_WINDOW


def mine_among(viewer: Viewer, rows: Iterable[dict[str, Any]]) -> dict[str, list[str]]:
    """Comment id → the names of the viewer's own reactions, among these comments and the replies with them."""
    if not isinstance(viewer, User):
        return {}
    ids = [each["id"] for row in rows for each in (row, *row.get("replies", ()))]
    return reads.reactions_of(viewer, Reaction.objects.filter(comment__in=ids))


def more_replies(row: dict[str, Any]) -> int:
    """How many replies stand behind those that the list brought along."""
    shown = len([reply for reply in row.get("replies", ()) if reply["state"] == Comment.State.PUBLISHED])
    return max(0, int(row["reply_count"]) - shown)


def sayable(row: dict[str, Any]) -> dict[str, Any]:
    """A discussion as JSON with its reason as a sentence."""
    sentence = SENTENCES.get(row["reason"])
    opens = row["opens_at"] if row["state"] == Discussion.State.CLOSED and row["next_change"] else None
    return row | {"reason": sentence() if sentence else row["reason"], "opens_next": opens}


def follows(viewer: Viewer, kind: str, target: object) -> bool:
    return isinstance(viewer, User) and viewer.subscriptions.filter(kind=kind, target=str(target)).exists()


def is_editable(comment: Comment, viewer: Viewer) -> bool:
    """Whether `viewer` may still change its text; for showing the button, the action decides."""
    mine = isinstance(viewer, User) and comment.author_id == viewer.pk
    return mine and timezone.now() <= comment.created_at + EDIT_WINDOW
