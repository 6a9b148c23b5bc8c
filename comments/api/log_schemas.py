"""Serializers of the log of decisions and of figures, for the OpenAPI document."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.schemas import AuthorSerializer
from comments.api.schemas import DecisionSerializer
from comments.models import Decision
from newsroom.api.schema import PositionSerializer


class PlaceSerializer(serializers.Serializer[Any]):
    slug = serializers.CharField()
    name = serializers.CharField()


class _TalkSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    title = serializers.CharField()


class LoggedSerializer(DecisionSerializer):
    automated = serializers.BooleanField(help_text="By a rule. What it noted is left out: it may quote the text.")
    bulk = serializers.BooleanField(help_text="One of many at once.")
    job = serializers.IntegerField(allow_null=True, help_text="The bulk job that it is a part of.")
    section = PlaceSerializer(allow_null=True, help_text="Where the comment stood then.")
    discussion = _TalkSerializer(allow_null=True)
    case = serializers.IntegerField(allow_null=True, help_text="The one that it closed, or the comment's last one.")
    permalink = serializers.CharField()
    author = AuthorSerializer(help_text="Of the comment.")


class LogPageSerializer(serializers.Serializer[Any]):
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    stream = serializers.CharField(help_text="That of the section, if one was chosen.")
    position = PositionSerializer()
    results = LoggedSerializer(many=True)


class _ActionsSerializer(serializers.Serializer[Any]):
    """How often each action was taken."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {action: serializers.IntegerField() for action in Decision.Action.values}


class _FiguresOfSerializer(serializers.Serializer[Any]):
    actions = _ActionsSerializer()
    count = serializers.IntegerField(help_text="Of the decisions, without those of rules that hold a comment.")
    median_seconds = serializers.IntegerField(
        allow_null=True, help_text="From the opening of a case to its decision; true to a twelfth."
    )


class _ModeratorSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()


class FiguresLineSerializer(_FiguresOfSerializer):
    day = serializers.DateField(required=False)
    section = PlaceSerializer(required=False, allow_null=True, help_text="null: none, or one that is gone.")
    rule = serializers.CharField(required=False)
    moderator = _ModeratorSerializer(required=False, allow_null=True, help_text="null: whose account is gone.")


class FiguresSerializer(serializers.Serializer[Any]):
    by = serializers.CharField()
    results = FiguresLineSerializer(many=True)
    total = _FiguresOfSerializer()

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """`from` is no name that Python allows."""
        days = {name: serializers.DateField() for name in ("from", "to")}
        return {**days, **super().get_fields()}
