"""`/api/v1/moderation/refused/`: texts that rules did not let in."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import person
from accounts.login.authentication import require_scope
from accounts.schemas import AuthorSerializer
from comments import reads
from comments.access import find_moderated_section
from comments.api.lists import as_list
from comments.api.moderation import Moderates
from comments.api.rules import TrialVerdictSerializer
from comments.api.schemas import PageSerializer
from comments.verdicts import refused_json
from newsroom.api.paging import limit_of
from newsroom.api.responses import private
from newsroom.api.schema import PAGING, problems
from newsroom.api.strict import APIView, extend_schema


class RefusedTextSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    author = AuthorSerializer()
    discussion = serializers.IntegerField()
    title = serializers.CharField(help_text="Of the discussion.")
    comment = serializers.IntegerField(allow_null=True, help_text="The comment that it would have changed.")
    text = serializers.CharField()
    rule = serializers.CharField(help_text="The rule that decided, by its name then.")
    kind = serializers.CharField()
    hits = TrialVerdictSerializer(many=True, help_text="All verdicts, in characters of this text.")
    at = serializers.DateTimeField()


class RefusedPageSerializer(PageSerializer):
    stream = serializers.CharField(allow_null=True, help_text="null: no single stream tells of all these sections.")
    results = RefusedTextSerializer(many=True)


class RefusedView(APIView):
    permission_classes = [require_scope("moderate"), Moderates]

    @extend_schema(
        operation_id="moderation_refused_list",
        parameters=[
            OpenApiParameter("section", str, description="Slug of one of the moderator's sections"),
            OpenApiParameter("rule", str, description="The name of the rule that decided"),
            *PAGING,
        ],
        responses={200: RefusedPageSerializer, **problems(400, 403)},
    )
    def get(self, request: Request) -> Response:
        """What rules have refused in my sections within seven days, the newest first. Nobody else can read it."""
        moderator, asked = person(request.user), request.query_params
        section = find_moderated_section(moderator, asked["section"]) if "section" in asked else None
        page = reads.refused_page(
            moderator,
            section=section,
            rule=asked.get("rule", ""),
            cursor=asked.get("cursor", ""),
            limit=limit_of(asked),
        )
        return private(as_list(request, page) | {"results": [refused_json(each) for each in page.rows]})
