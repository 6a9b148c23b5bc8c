"""Serializers of people's records: input, and output for the OpenAPI document."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from accounts.models import Sanction
from accounts.reasons import Reason
from accounts.schemas import AuthorSerializer
from accounts.sections import by_slug
from comments.api.schemas import ReplySerializer, WarningInput
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
    text = serializers.CharField(allow_blank=True, help_text="Words to the person.")
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


class PersonWarningInput(WarningInput):
    section = serializers.CharField(
        max_length=60, allow_null=True, default=None, help_text="The slug of the section for which I speak; null: all."
    )

    def validate_section(self, slug: str | None) -> int | None:
        section = None if slug is None else by_slug(slug)
        if slug is not None and section is None:
            raise serializers.ValidationError(_("There is no such section."))
        return section


class PersonWarningSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    reason = serializers.ChoiceField(choices=Reason.choices)
    text = serializers.CharField(allow_blank=True)
    section = serializers.CharField(allow_null=True)
    decision = serializers.IntegerField(allow_null=True, help_text="With which it came, and is taken back.")
    issued_by = AuthorSerializer(allow_null=True)
    created_at = serializers.DateTimeField()
    acknowledged_at = serializers.DateTimeField(allow_null=True)
    withdrawn_at = serializers.DateTimeField(allow_null=True)


class OwnWarningSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    reason = serializers.ChoiceField(choices=Reason.choices)
    text = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()
    acknowledged_at = serializers.DateTimeField(allow_null=True)
    url = serializers.CharField()


class OwnWarningsSerializer(serializers.Serializer[Any]):
    results = OwnWarningSerializer(many=True)


class MeasureSerializer(serializers.Serializer[Any]):
    """What the ladder proposes for the offences of one reason within 90 days."""

    reason = serializers.ChoiceField(choices=Reason.choices)
    count = serializers.IntegerField(help_text="Rejected and removed comments.")
    overturned = serializers.IntegerField(help_text="Beside these; they do not count.")
    measure = serializers.ChoiceField(choices=[(each, each) for each in ("warning", "days", "for_good")])
    days = serializers.IntegerField(allow_null=True)


class RecordSerializer(KnownSerializer):
    email = serializers.CharField(
        help_text="Whole for those who administrate everywhere, and each such look is on record; masked for others."
    )
    sanctions = RecordedSanctionSerializer(many=True, help_text="The newest 20.")
    proposals = MeasureSerializer(many=True)
    warnings = PersonWarningSerializer(many=True, help_text="The newest 20.")
    notes = PersonNoteSerializer(many=True, help_text="The newest 20; none about oneself.")


class _ListSerializer(serializers.Serializer[Any]):
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)


class SaidPageSerializer(_ListSerializer):
    results = ReplySerializer(many=True)


class SanctionPageSerializer(_ListSerializer):
    results = RecordedSanctionSerializer(many=True)


class PersonWarningPageSerializer(_ListSerializer):
    results = PersonWarningSerializer(many=True)


class PersonNotePageSerializer(_ListSerializer):
    results = PersonNoteSerializer(many=True)
