"""Socket commands for discussions."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

import msgspec
from django.utils.translation import gettext as _

from accounts.access import Viewer, person
from comments import actions
from comments.representations import comment_json
from newsroom.api.paging import Malformed
from newsroom.client import network_of


class Comment(msgspec.Struct, tag_field="type", tag="comment", omit_defaults=True, forbid_unknown_fields=True):
    """Post a comment: the same rules, limits and idempotency as over HTTP."""

    discussion: int
    text: str
    key: UUID
    parent: int | None = None


class Accepted(msgspec.Struct, tag_field="type", tag="accepted"):
    """The comment is published; `comment` is its public form."""

    key: str
    comment: dict[str, Any]


class Held(msgspec.Struct, tag_field="type", tag="held"):
    """A moderator has to look at the comment first."""

    key: str
    comment: dict[str, Any]


def post(user: Viewer, message: dict[str, Any], client_ip: str) -> dict[str, Any]:
    """{"type": "comment", "discussion", "text", "key", "parent"?} → {"type": "accepted" | "held", "key", "comment"}.

    Raises what `actions.post` raises, and Malformed.
    """
    discussion, text, key, parent = _read(message)
    posted = actions.post(
        discussion, author=person(user), text=text, parent_id=parent, key=key, network=network_of(client_ip)
    )
    kind = "accepted" if posted.status == HTTPStatus.CREATED else "held"
    return {"type": kind, "key": message["key"], "comment": comment_json(posted.comment)}


def _read(message: dict[str, Any]) -> tuple[int, str, UUID, int | None]:
    match message:
        case {"discussion": int(discussion), "text": str(text), "key": str(key)} if not isinstance(discussion, bool):
            parent = message.get("parent")
            if parent is None or (isinstance(parent, int) and not isinstance(parent, bool)):
                return discussion, text, _uuid(key), parent
    raise Malformed(_("A comment needs discussion, text and key."))


def _uuid(key: str) -> UUID:
    try:
        return UUID(key)
    except ValueError as error:
        raise Malformed(_("key is a UUID.")) from error
