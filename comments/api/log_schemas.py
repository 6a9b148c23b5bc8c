"""Serializers of the log of decisions, for the OpenAPI document."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.schemas import AuthorSerializer
from comments.api.schemas import DecisionSerializer
from newsroom.api.schema import PositionSerializer


class _PlaceSerializer(serializers.Serializer[Any]):
    slug = serializers.CharField()
    name = serializers.CharField()


class _TalkSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    title = serializers.CharField()


class LoggedSerializer(DecisionSerializer):
    automated = serializers.BooleanField(help_text="By a rule. What it noted is left out: it may quote the text.")
    bulk = serializers.BooleanField(help_text="One of many at once.")
    section = _PlaceSerializer(allow_null=True, help_text="Where the comment stood then.")
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
