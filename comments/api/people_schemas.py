"""Serializers of people's records: input, and output for the OpenAPI document."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.models import Sanction
from accounts.reasons import Reason
from accounts.schemas import AuthorSerializer
from comments.api.schemas import ReplySerializer
from comments.models import MAX_PERSON_NOTE


class _NumbersOfCommentsSerializer(serializers.Serializer[Any]):
    """How many became public, and what moderators decided about them."""

    published = serializers.IntegerField()
    rejected = serializers.IntegerField()
    removed = serializers.IntegerField()
    restored = serializers.IntegerField()


class _NumbersOfReportsSerializer(serializers.Serializer[Any]):
    made = serializers.IntegerField()
    upheld = serializers.IntegerField()
    dismissed = serializers.IntegerField()


class KnownSerializer(AuthorSerializer):
    email = serializers.CharField(help_text="Masked.")
    confirmed = serializers.BooleanField()
    active = serializers.BooleanField()
    since = serializers.DateTimeField()
    comments = _NumbersOfCommentsSerializer()
    reports = _NumbersOfReportsSerializer()


class FoundPeopleSerializer(serializers.Serializer[Any]):
    results = KnownSerializer(many=True, help_text="At most 50, the best first.")


class RecordedSanctionSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    scope = serializers.ChoiceField(choices=Sanction.Scope.choices)
    section = serializers.CharField(allow_null=True, help_text="The slug of the section; null: everywhere.")
    until = serializers.DateTimeField(allow_null=True, help_text="null: for good")
    reason = serializers.ChoiceField(choices=Reason.choices)
    note = serializers.CharField(allow_blank=True)
    imposed_by = AuthorSerializer(allow_null=True)
    created_at = serializers.DateTimeField()
    lifted_by = AuthorSerializer(allow_null=True, help_text="null: its time was over")
    lifted_at = serializers.DateTimeField(allow_null=True)


class PersonNoteInput(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=MAX_PERSON_NOTE)


class PersonNoteSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    text = serializers.CharField()
    by = AuthorSerializer(allow_null=True)
    created_at = serializers.DateTimeField()


class RecordSerializer(KnownSerializer):
    email = serializers.CharField(
        help_text="Whole for those who administrate everywhere, and each such look is on record; masked for others."
    )
    sanctions = RecordedSanctionSerializer(many=True, help_text="The newest 20.")
    notes = PersonNoteSerializer(many=True, help_text="The newest 20; none about oneself.")


class _ListSerializer(serializers.Serializer[Any]):
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)


class SaidPageSerializer(_ListSerializer):
    results = ReplySerializer(many=True)


class SanctionPageSerializer(_ListSerializer):
    results = RecordedSanctionSerializer(many=True)


class PersonNotePageSerializer(_ListSerializer):
    results = PersonNoteSerializer(many=True)
