"""What readers have said lately, and no moderator has read."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef

from accounts.duties import within
from accounts.models import User
from comments.access import sections_moderated
from comments.models import Case, Comment
from newsroom.api.paging import Page, keyset

LATEST = 1000  # comments of the whole site, among which it looks


def newest_page(viewer: User, *, cursor: str = "", limit: int) -> Page[Comment]:
    """The published ones among the latest, of the viewer's sections, about which there never was a case; the newest
    first. One statement. Raises UnknownCursor.
    """
    latest = Comment.objects.order_by("-id").values("id")[:LATEST]
    mine = within(sections_moderated(viewer), "discussion__article__section")
    known = Case.objects.filter(comment=OuterRef("pk"))
    rows: Any = Comment.objects.filter(mine, ~Exists(known), pk__in=latest, state=Comment.State.PUBLISHED)
    rows = rows.select_related("author", "discussion__article__section").defer("discussion__article__body")
    return keyset(rows, scope="newest", keys=("id",), limit=limit, cursor=cursor, descending=True)
