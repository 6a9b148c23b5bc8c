"""`/api/v1/discussions/<id>/anchor/`: for links to comments of other systems, whose anchors are theirs."""

from __future__ import annotations

from typing import Any

from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request

from comments import reads
from newsroom.api.responses import public
from newsroom.api.schema import problems
from newsroom.api.strict import APIView, extend_schema
from newsroom.errors import NotFound

_NAME = OpenApiParameter(
    "name", description="Without its sign: isso-17, comment-17, remark42__comment-…, commentID=….", required=True
)


class AnchoredSerializer(serializers.Serializer[Any]):
    comment = serializers.IntegerField(help_text="Its id here.")


class AnchorView(APIView):
    is_tagged = True

    @extend_schema(
        operation_id="discussions_anchor",
        parameters=[_NAME],
        responses={200: AnchoredSerializer, **problems(404)},
    )
    def get(self, request: Request, pk: int) -> HttpResponseBase:
        """The comment that an anchor led to where the discussion was imported from."""
        discussion = reads.head_of(pk, request.user)
        found = reads.comment_at(discussion, request.query_params.get("name", ""))
        if found is None:
            raise NotFound(_("There is no such comment."))
        return public(request, {"comment": found})
