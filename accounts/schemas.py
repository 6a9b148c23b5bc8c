"""Serializers that check input and describe answers."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from rest_framework import serializers

from accounts.models import Sanction, User
from accounts.names import MAX_LENGTH
from accounts.reasons import Reason
from newsroom.api.fields import MomentField

NOTE_LENGTH = 2000


class AuthorSerializer(serializers.Serializer[User]):
    """A person as everybody sees them."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    role = serializers.ChoiceField(choices=User.Role.choices)
    avatar = serializers.URLField(allow_null=True)


class SanctionSerializer(serializers.Serializer[Sanction]):
    """A sanction as the person concerned sees it."""

    id = serializers.IntegerField()
    scope = serializers.ChoiceField(choices=Sanction.Scope.choices)
    until = serializers.DateTimeField(allow_null=True, help_text="null: for good")
    reason = serializers.ChoiceField(choices=Reason.choices)


class SanctionInput(serializers.Serializer[Any]):
    scope = serializers.ChoiceField(choices=Sanction.Scope.choices)
    until = MomentField(allow_null=True, help_text="Must be given; null: for good.")
    reason = serializers.ChoiceField(choices=Reason.choices)
    note = serializers.CharField(
        max_length=NOTE_LENGTH, allow_blank=True, default="", help_text="For moderators, not for the person."
    )


class MeSerializer(serializers.Serializer[User]):
    id = serializers.IntegerField(read_only=True)
    email = serializers.EmailField(read_only=True)
    name = serializers.CharField(max_length=MAX_LENGTH)
    role = serializers.ChoiceField(choices=User.Role.choices, read_only=True)
    language = serializers.ChoiceField(choices=settings.LANGUAGES, allow_blank=True)
    confirmed = serializers.BooleanField(read_only=True)
    sanctions = SanctionSerializer(many=True, read_only=True)


class TargetSerializer(serializers.Serializer[Any]):
    """The thing that is followed now."""

    kind = serializers.CharField()
    id = serializers.CharField()
    title = serializers.CharField()
    url = serializers.CharField()
