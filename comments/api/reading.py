"""`/api/v1/discussions/<id>/read/`: how far I have read."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import person
from accounts.login.authentication import require_scope
from comments import actions, reads
from newsroom.api.responses import private
from newsroom.api.schema import problems
from newsroom.api.strict import APIView, extend_schema, valid
from newsroom.database.keys import LARGEST_ID


class ReadMarkSerializer(serializers.Serializer[Any]):
    order = serializers.IntegerField(
        min_value=0, max_value=LARGEST_ID, help_text="Of the last comment that I have read; 0: of none."
    )


class ReadMarkView(APIView):
    permission_classes = [require_scope("read")]  # like `tickers/<slug>/seen/`

    @extend_schema(operation_id="discussions_read", responses={200: ReadMarkSerializer, **problems(401, 403, 404)})
    def get(self, request: Request, pk: int) -> Response:
        """How far I have read here, on whatever device."""
        reader = person(request.user)
        return private({"order": reads.read_by(reader, reads.head_of(pk, reader))})

    @extend_schema(
        operation_id="discussions_mark_read",
        request=ReadMarkSerializer,
        responses={200: ReadMarkSerializer, **problems(401, 403, 404, 422)},
    )
    def put(self, request: Request, pk: int) -> Response:
        """Store how far I have read. It never falls, and is at most the last comment's `order`; nobody is told."""
        reader = person(request.user)
        discussion = reads.head_of(pk, reader)
        place = valid(ReadMarkSerializer(data=request.data))["order"]
        return private({"order": actions.mark_read(discussion, reader=reader, place=place)})
