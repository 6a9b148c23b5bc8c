"""Serializers of second looks: input, and output for the OpenAPI document."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.reasons import Reason
from comments.api.log_schemas import PlaceSerializer
from comments.models import SecondLook


class VerdictInput(serializers.Serializer[Any]):
    verdict = serializers.ChoiceField(choices=SecondLook.Verdict.choices)
    reason = serializers.ChoiceField(
        choices=Reason.choices, required=False, allow_blank=True, default="", help_text="To take it down."
    )


class JudgedSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    verdict = serializers.ChoiceField(choices=SecondLook.Verdict.choices)
    reason = serializers.CharField(allow_blank=True)


class LookSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    text = serializers.CharField()
    html = serializers.CharField()
    title = serializers.CharField(help_text="Of the discussion.")
    section = PlaceSerializer(allow_null=True)
    answers = serializers.CharField(allow_null=True, help_text="The text that it answers.")


class LookPageSerializer(serializers.Serializer[Any]):
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    stream = serializers.CharField(allow_null=True, help_text="null: no stream tells of these")
    position = serializers.JSONField(allow_null=True)
    results = LookSerializer(many=True)


class _AgreedSerializer(serializers.Serializer[Any]):
    looked = serializers.IntegerField()
    agreed = serializers.IntegerField()


class AgreedOnReasonSerializer(_AgreedSerializer):
    reason = serializers.CharField(allow_blank=True, help_text="Empty: decisions that let a comment stand.")


class AgreedOnRuleSerializer(_AgreedSerializer):
    rule = serializers.CharField()


class AgreementSerializer(serializers.Serializer[Any]):
    by_reason = AgreedOnReasonSerializer(many=True)
    by_rule = AgreedOnRuleSerializer(many=True)


class FirstJudgementSerializer(serializers.Serializer[Any]):
    by = serializers.CharField(allow_null=True)
    action = serializers.CharField()
    reason = serializers.CharField(allow_blank=True)


class SecondJudgementSerializer(serializers.Serializer[Any]):
    by = serializers.CharField(allow_null=True)
    verdict = serializers.CharField()
    reason = serializers.CharField(allow_blank=True)


class DisagreementSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    decision = serializers.IntegerField()
    comment = serializers.IntegerField()
    rule = serializers.CharField(allow_blank=True)
    first = FirstJudgementSerializer()
    second = SecondJudgementSerializer()


class DisagreementsSerializer(serializers.Serializer[Any]):
    results = DisagreementSerializer(many=True)
