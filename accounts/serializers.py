"""How people look in the API and in events."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.models import Sanction, User
from newsroom.api.renderers import iso


def author_json(user: User) -> dict[str, Any]:
    """A person as everybody sees them: {id, name, role, avatar}; avatar is a URL or null."""
    return {"id": user.pk, "name": user.name, "role": user.role, "avatar": None}


def sanction_json(sanction: Sanction) -> dict[str, Any]:
    """A sanction as the person concerned sees it."""
    return {
        "id": sanction.pk,
        "scope": sanction.scope,
        "until": iso(sanction.until),
        "reason": sanction.reason,
    }


class AuthorSerializer(serializers.Serializer[User]):
    """A person as everybody sees them."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    role = serializers.ChoiceField(choices=User.Role.choices)
    avatar = serializers.URLField(allow_null=True)
