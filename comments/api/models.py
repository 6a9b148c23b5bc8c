"""`/api/v1/moderation/models/`: what the rule `learned` has learned."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.conf import settings
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import must_head
from accounts.login.authentication import require_scope
from comments import reads, tasks
from comments.api.moderation import Moderates
from newsroom.api.responses import private
from newsroom.api.schema import problems
from newsroom.api.strict import APIView, extend_schema


class ProposalSerializer(serializers.Serializer[Any]):
    wanted = serializers.IntegerField(help_text="The precision that a rule asks for, in percent.")
    threshold = serializers.FloatField(help_text="The least score that reaches it, from 0 to 1.")
    precision = serializers.FloatField(help_text="Of what it found, the share that moderators did not publish.")
    recall = serializers.FloatField(help_text="Of what moderators did not publish, the share that it found.")


class LearnedModelSerializer(serializers.Serializer[Any]):
    language = serializers.CharField()
    version = serializers.IntegerField(help_text="The highest of a language is in force.")
    taught = serializers.IntegerField(help_text="Decisions that it has learned from.")
    taught_bad = serializers.IntegerField(help_text="Of these, rejected or removed ones.")
    held_out = serializers.IntegerField(help_text="Decisions that it has not seen, to measure by.")
    held_out_bad = serializers.IntegerField()
    proposals = ProposalSerializer(many=True, help_text="Measured; what no threshold reaches is missing.")
    at = serializers.DateTimeField()


class LearnedModelsSerializer(serializers.Serializer[Any]):
    least = serializers.IntegerField(help_text="Decisions in a language that are needed.")
    results = LearnedModelSerializer(many=True)


class ModelsView(APIView):
    permission_classes = [require_scope("moderate"), Moderates]

    @extend_schema(operation_id="moderation_models", responses={200: LearnedModelsSerializer, **problems(403)})
    def get(self, request: Request) -> Response:
        """The models of the rule `learned`, by language, the newest first, with what was measured."""
        return private({"least": settings.LEARNING_LEAST, "results": reads.learned_models()})

    @extend_schema(request=None, responses={202: None, **problems(403)})
    def post(self, request: Request) -> Response:
        """Have them learn anew, in the background; it happens once a day by itself."""
        must_head(request.user)
        tasks.learn.enqueue()
        return Response(status=HTTPStatus.ACCEPTED)
