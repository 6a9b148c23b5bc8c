"""Texts that rules did not let in, for moderators."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from articles.models import Section
from comments.access import moderation_stream
from comments.models import RefusedText
from comments.reads.pages import List
from newsroom.api.paging import DEFAULT_LIMIT, keyset
from newsroom.live.outbox import position


def refused_page(
    moderator: User, *, section: Section | None = None, rule: str = "", cursor: str = "", limit: int = DEFAULT_LIMIT
) -> List:
    """What rules refused within seven days in the moderator's sections, or in one, the newest first. Its rows are
    `RefusedText`.
    """
    stream = moderation_stream(moderator, section)
    here = position(stream) if stream else None
    rows: Any = RefusedText.objects.kept().moderated_by(moderator)
    if section is not None:
        rows = rows.filter(discussion__article__section=section)
    if rule:
        rows = rows.filter(rule=rule)
    rows = rows.select_related("author", "discussion__article__section").defer("discussion__article__body")
    scope = f"refused:{section.slug if section else ''}:{rule}"
    page = keyset(rows, scope=scope, keys=["id"], limit=limit, cursor=cursor, descending=True)
    return List(page.rows, page.next, page.previous, stream, here)
