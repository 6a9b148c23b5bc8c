"""Serializers of cases and reports: input, and output for the OpenAPI document."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.models import Sanction
from accounts.names import MAX_LENGTH
from accounts.reasons import Reason
from accounts.schemas import AuthorSerializer
from comments.api.schemas import HistorySerializer, ReplySerializer, RulingSerializer, VerdictSerializer
from comments.models import MAX_NOTE, MAX_REPORT, Case, Report
from newsroom.api.schema import PositionSerializer


class ReasonSerializer(serializers.Serializer[Any]):
    code = serializers.ChoiceField(choices=Reason.choices)
    label = serializers.CharField(help_text="In the reader's language.")  # type: ignore[assignment]


class ReasonsSerializer(serializers.Serializer[Any]):
    results = ReasonSerializer(many=True)


class ReportInput(serializers.Serializer[Any]):
    reason = serializers.ChoiceField(choices=Reason.choices)
    text = serializers.CharField(required=False, allow_blank=True, default="", max_length=MAX_REPORT)


class OwnReportSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    comment = serializers.IntegerField()
    reason = serializers.ChoiceField(choices=Reason.choices)
    text = serializers.CharField(allow_blank=True)
    outcome = serializers.ChoiceField(
        choices=Report.Outcome.choices, allow_blank=True, help_text="Empty until a moderator has decided."
    )
    created_at = serializers.DateTimeField()


class CaseCountsSerializer(serializers.Serializer[Any]):
    held = serializers.IntegerField()
    reported = serializers.IntegerField()
    appeals = serializers.IntegerField()
    notices = serializers.IntegerField()


class _SectionSerializer(serializers.Serializer[Any]):
    slug = serializers.CharField()
    name = serializers.CharField()


class CaseCommentSerializer(ReplySerializer):
    title = serializers.CharField(help_text="Of the discussion.")
    article = serializers.CharField(allow_null=True, help_text="Its slug.")
    permalink = serializers.CharField()


class _HitRateSerializer(serializers.Serializer[Any]):
    made = serializers.IntegerField()
    upheld = serializers.IntegerField()
    dismissed = serializers.IntegerField()


class ReporterSerializer(AuthorSerializer):
    reports = _HitRateSerializer()


class ReportSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    reason = serializers.ChoiceField(choices=Reason.choices)
    text = serializers.CharField(allow_blank=True)
    version = serializers.IntegerField(help_text="Of the comment, when it was reported.")
    outcome = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()
    reporter = ReporterSerializer(allow_null=True)


class ReportsSerializer(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    reasons = serializers.DictField(child=serializers.IntegerField())
    newest = ReportSerializer(many=True, help_text="The last three.")


class ClaimSerializer(serializers.Serializer[Any]):
    by = AuthorSerializer()
    until = serializers.DateTimeField()


class HandedSerializer(serializers.Serializer[Any]):
    by = AuthorSerializer(allow_null=True)
    to = AuthorSerializer(allow_null=True)
    note = serializers.CharField(allow_blank=True)
    at = serializers.DateTimeField()


class HandOverInput(serializers.Serializer[Any]):
    to = serializers.CharField(max_length=MAX_LENGTH, help_text="The whole name of another moderator of the section.")
    note = serializers.CharField(max_length=MAX_NOTE, required=False, default="", allow_blank=True)


class CaseSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=Case.Kind.choices)
    comment = CaseCommentSerializer()
    section = _SectionSerializer(allow_null=True)
    author = AuthorSerializer()
    hits = VerdictSerializer(many=True)
    reports = ReportsSerializer()
    weight = serializers.IntegerField(help_text="The heaviest comes first.")
    opened_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    claim = ClaimSerializer(allow_null=True, help_text="Who reads it now. It warns, and keeps nobody from anything.")
    handed = HandedSerializer(allow_null=True, help_text="Who has asked whom to decide. It keeps nobody from deciding.")
    decision = RulingSerializer(allow_null=True)


class CasePageSerializer(serializers.Serializer[Any]):
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    stream = serializers.CharField(
        allow_null=True, help_text="That of the section, if one was chosen; null: no single stream tells of all these."
    )
    position = PositionSerializer(allow_null=True)
    results = CaseSerializer(many=True)


class _RestrictionSerializer(serializers.Serializer[Any]):
    scope = serializers.ChoiceField(choices=Sanction.Scope.choices)
    reason = serializers.ChoiceField(choices=Reason.choices)
    until = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()


class StandingOfAuthorSerializer(serializers.Serializer[Any]):
    since = serializers.DateTimeField()
    comments = ReplySerializer(many=True, help_text="The last ten others, in whatever state.")
    sanctions = _RestrictionSerializer(many=True, help_text="In force.")


class ContextSerializer(HistorySerializer):
    above = ReplySerializer(many=True, help_text="The five before it in the discussion.")
    below = ReplySerializer(many=True, help_text="The five after it.")
    author = StandingOfAuthorSerializer(allow_null=True)
