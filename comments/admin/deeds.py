"""What the pages of the desk share: a deed for each chosen row, and its refusals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import ngettext

from accounts.models import User
from newsroom.errors import Refused


class ReadOnly:
    """Rows that cannot be changed in the admin."""

    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def actor_of(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def do[M: Model](
    where: Any, request: HttpRequest, chosen: QuerySet[M], deed: Callable[[M], object]
) -> dict[int, Refused]:
    """Run `deed` for each row. Shows the refusals and the number of successes. Returns row id → refusal."""
    left: dict[int, Refused] = {}
    done = 0
    for each in chosen:
        try:
            deed(each)
            done += 1
        except Refused as refused:
            left[each.pk] = refused
            where.message_user(request, f"{each}: {sentences(refused)}", messages.ERROR)
    if done:
        where.message_user(request, ngettext("%d is done.", "%d are done.", done) % done, messages.SUCCESS)
    return left


def sentences(refused: Refused) -> str:
    """The refusal's messages, with those of its fields."""
    of_fields: dict[str, list[str]] = refused.extra.get("errors", {})
    return " ".join([refused.detail, *(sentence for each in of_fields.values() for sentence in each)])
