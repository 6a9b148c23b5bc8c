"""Serializers that check input and describe answers."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from accounts.actions.sanctions import NOTE_LENGTH
from accounts.models import MAX_WORDS, Notification, Sanction, User
from accounts.names import MAX_LENGTH
from accounts.notifications.preferences import Mail
from accounts.reasons import Reason
from accounts.sections import by_slug
from newsroom.api.fields import MomentField
from newsroom.api.schema import PositionSerializer
from newsroom.database.keys import LARGEST_ID

SECTION = "The slug of the section where it holds; null: everywhere."


class AuthorSerializer(serializers.Serializer[User]):
    """A person as everybody sees them."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    role = serializers.ChoiceField(choices=User.Role.choices)
    avatar = serializers.CharField(
        allow_null=True, help_text="The path of a square picture; it never shows another one."
    )
    page = serializers.CharField(allow_null=True, help_text="The path of their page; null if they hide it.")


class SanctionSerializer(serializers.Serializer[Sanction]):
    """A sanction as the person concerned sees it."""

    id = serializers.IntegerField()
    scope = serializers.ChoiceField(choices=Sanction.Scope.choices)
    section = serializers.CharField(allow_null=True, help_text=SECTION)
    until = serializers.DateTimeField(allow_null=True, help_text="null: for good")
    reason = serializers.ChoiceField(choices=Reason.choices)
    text = serializers.CharField(allow_blank=True, help_text="Words to the person.")


class SanctionInput(serializers.Serializer[Any]):
    scope = serializers.ChoiceField(choices=Sanction.Scope.choices)
    section = serializers.CharField(
        max_length=60,
        allow_null=True,
        default=None,
        help_text=SECTION,
    )
    until = MomentField(allow_null=True, help_text="Must be given; null: for good.")
    reason = serializers.ChoiceField(choices=Reason.choices)
    note = serializers.CharField(
        max_length=NOTE_LENGTH, allow_blank=True, default="", help_text="For moderators, not for the person."
    )

    text = serializers.CharField(
        max_length=MAX_WORDS, required=False, allow_blank=True, default="", help_text="Words to the person."
    )

    def validate_section(self, slug: str | None) -> int | None:
        section = None if slug is None else by_slug(slug)
        if slug is not None and section is None:
            raise serializers.ValidationError(_("There is no such section."))
        return section


class MeSerializer(serializers.Serializer[User]):
    id = serializers.IntegerField(read_only=True)
    email = serializers.EmailField(read_only=True)
    name = serializers.CharField(max_length=MAX_LENGTH)
    role = serializers.ChoiceField(choices=User.Role.choices, read_only=True)
    language = serializers.ChoiceField(choices=settings.LANGUAGES, allow_blank=True)
    time_zone = serializers.CharField(
        max_length=64, allow_blank=True, help_text="Such as Europe/Berlin; empty: the site's."
    )
    hidden = serializers.BooleanField(help_text="Whether others see no page of me.")
    avatar = serializers.CharField(read_only=True, allow_null=True, help_text="The path of my picture.")
    confirmed = serializers.BooleanField(read_only=True)
    sanctions = SanctionSerializer(many=True, read_only=True)


class AvatarInput(serializers.Serializer[Any]):
    file = serializers.FileField(help_text="JPEG, PNG, WebP, AVIF or GIF, up to 10 MB.")


class AvatarSerializer(serializers.Serializer[Any]):
    avatar = serializers.CharField(help_text="The path of my picture.")


class AvatarRemoval(serializers.Serializer[Any]):
    reason = serializers.ChoiceField(choices=Reason.choices)
    text = serializers.CharField(
        max_length=MAX_WORDS, required=False, allow_blank=True, default="", help_text="Words to the person."
    )


class WaysSerializer(serializers.Serializer[Any]):
    """How a person is told of a kind of notification."""

    web = serializers.BooleanField(required=False, help_text="On the site.")
    mail = serializers.ChoiceField(choices=Mail.choices, required=False)
    push = serializers.BooleanField(required=False, help_text="On devices that have asked for it.")


class PreferencesSerializer(serializers.Serializer[Any]):
    """Decisions are always told on the site and by mail; tasks (`queue`) are those of moderators."""

    reply = WaysSerializer(required=False)
    mention = WaysSerializer(required=False)
    article = WaysSerializer(required=False)
    discussion = WaysSerializer(required=False)
    ticker = WaysSerializer(required=False)
    decision = WaysSerializer(required=False)
    queue = WaysSerializer(required=False)


class TargetSerializer(serializers.Serializer[Any]):
    """The thing that is followed now."""

    kind = serializers.CharField()
    id = serializers.CharField()
    title = serializers.CharField()
    url = serializers.CharField()


class NotificationSerializer(serializers.Serializer[Notification]):
    """Something that I was told. Kinds that need them have more fields, with codes: `reason`, `scope`, `until` …"""

    id = serializers.IntegerField()
    kind = serializers.CharField(help_text="See `docs/telling.md`, column `kept`.")
    subject = serializers.CharField(help_text="What it is about: `comment.17`")
    title = serializers.CharField(allow_blank=True)
    url = serializers.CharField(allow_blank=True, help_text="Where it leads, on this site")
    created_at = serializers.DateTimeField()
    read_at = serializers.DateTimeField(allow_null=True)


class NotificationsSerializer(serializers.Serializer[Any]):
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = NotificationSerializer(many=True)
    stream = serializers.CharField()
    position = PositionSerializer()
    unread = serializers.IntegerField(help_text="All that are unread, on whatever page")


class ReadInput(serializers.Serializer[Any]):
    upto = serializers.IntegerField(min_value=0, max_value=LARGEST_ID, help_text="The id of the newest that was read")


class ReadSerializer(serializers.Serializer[Any]):
    upto = serializers.IntegerField()
    unread = serializers.IntegerField()


class PushKeySerializer(serializers.Serializer[Any]):
    key = serializers.CharField(help_text="`applicationServerKey`")


class PushKeys(serializers.Serializer[Any]):
    p256dh = serializers.CharField(max_length=90)
    auth = serializers.CharField(max_length=24)


class PushInput(serializers.Serializer[Any]):
    """What `PushSubscription.toJSON()` gives."""

    endpoint = serializers.URLField(max_length=600)
    expirationTime = serializers.IntegerField(allow_null=True, required=False, default=None)  # noqa: N815
    keys = PushKeys()


class PushEndInput(serializers.Serializer[Any]):
    endpoint = serializers.CharField(max_length=600)
