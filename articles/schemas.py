"""Serializers that check requests and describe answers for the OpenAPI document."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from articles.models import NOTE_LENGTH, TEXT_LENGTH, Coverage, State, TickerItem
from newsroom.api.fields import MomentField

LARGEST_NUMBER = 2**31 - 1


class SourceSerializer(serializers.Serializer[object]):
    type = serializers.CharField()
    srcset = serializers.CharField()


class PhotoSerializer(serializers.Serializer[object]):
    url = serializers.CharField()
    srcset = serializers.CharField()
    sources = SourceSerializer(many=True)
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    caption = serializers.CharField()
    alt = serializers.CharField()
    credit = serializers.CharField()
    credit_url = serializers.CharField()
    year = serializers.IntegerField(allow_null=True)


class TeaserSerializer(serializers.Serializer[object]):
    id = serializers.IntegerField()
    slug = serializers.CharField()
    url = serializers.CharField()
    section = serializers.CharField()
    section_name = serializers.CharField()
    kicker = serializers.CharField()
    headline = serializers.CharField()
    lead = serializers.CharField()
    author = serializers.CharField()
    language = serializers.CharField()
    state = serializers.ChoiceField(State.choices)
    version = serializers.IntegerField()
    published_at = serializers.DateTimeField(allow_null=True)
    updated_at = serializers.DateTimeField(allow_null=True)
    photo = PhotoSerializer(allow_null=True)


class ArticleSerializer(TeaserSerializer):
    html = serializers.CharField()
    correction = serializers.CharField()
    retraction = serializers.CharField(help_text="Why it was retracted, where that was said.")
    related = TeaserSerializer(many=True)
    discussion = serializers.IntegerField(allow_null=True)
    ticker = serializers.CharField(allow_null=True)


class ListedArticleSerializer(ArticleSerializer):
    html = serializers.CharField(required=False, help_text="Only with `?fields=html`.")


class TickerSerializer(serializers.Serializer[object]):
    id = serializers.IntegerField()
    slug = serializers.CharField()
    url = serializers.CharField()
    title = serializers.CharField()
    description = serializers.CharField()
    article = serializers.CharField(allow_null=True)
    language = serializers.CharField(allow_null=True, help_text="Of the article; null without one.")
    last_number = serializers.IntegerField()
    state = serializers.ChoiceField(
        Coverage.choices, help_text="Of a live blog: its first item begins it, editors end it."
    )
    began_at = serializers.DateTimeField(allow_null=True, help_text="When its first item was published.")
    ended_at = serializers.DateTimeField(allow_null=True, help_text="When an editor ended it.")
    summary = serializers.CharField(help_text="What has happened so far, as Markdown.")
    summary_html = serializers.CharField()
    version = serializers.IntegerField()
    stream = serializers.CharField()


class TickerItemSerializer(serializers.Serializer[object]):
    id = serializers.IntegerField()
    ticker = serializers.CharField()
    number = serializers.IntegerField(allow_null=True)
    version = serializers.IntegerField()
    headline = serializers.CharField()
    text = serializers.CharField()
    html = serializers.CharField()
    level = serializers.ChoiceField(TickerItem.Level.choices)
    state = serializers.ChoiceField(State.choices)
    article = serializers.CharField(allow_null=True)
    pinned = serializers.BooleanField()
    key_event = serializers.BooleanField()
    publish_at = serializers.DateTimeField(allow_null=True)
    published_at = serializers.DateTimeField(allow_null=True)
    corrected_at = serializers.DateTimeField(allow_null=True)
    correction = serializers.CharField()
    retraction = serializers.CharField(help_text="Why it was retracted, where that was said.")


class NewItemSerializer(serializers.Serializer[object]):
    """A ticker item to publish, now or at `publish_at`."""

    headline = serializers.CharField(max_length=200)
    text = serializers.CharField(max_length=TEXT_LENGTH, required=False, allow_blank=True)
    level = serializers.ChoiceField(TickerItem.Level.choices, required=False)
    article = serializers.SlugField(max_length=200, required=False, allow_null=True)
    publish_at = MomentField(required=False, allow_null=True)
    pinned = serializers.BooleanField(required=False)
    key_event = serializers.BooleanField(required=False)
    state = serializers.ChoiceField(
        ["draft", "published"],
        required=False,
        help_text="`draft` keeps it for the newsroom; published by default, at `publish_at` where that is given.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs.get("state") == "draft" and attrs.get("publish_at") is not None:
            raise serializers.ValidationError({"publish_at": [_("A draft has no time: it is published by hand.")]})
        return attrs


class ItemChangeSerializer(NewItemSerializer):
    """The fields to change. `correction` tells readers why; `publish_at` moves an item that is not published yet.

    `state` publishes an item, or makes a scheduled one a draft again.
    """

    headline = serializers.CharField(max_length=200, required=False)
    publish_at = MomentField(required=False)
    correction = serializers.CharField(max_length=NOTE_LENGTH, required=False, allow_blank=True)
    now = serializers.BooleanField(
        required=False, help_text="With `state: published`: publish it though it is planned for later."
    )


class SeenSerializer(serializers.Serializer[object]):
    number = serializers.IntegerField(min_value=0, max_value=LARGEST_NUMBER)
