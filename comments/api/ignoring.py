"""`/api/v1/me/ignored/`: whose comments I do not want to see."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import person
from accounts.login.authentication import require_scope
from comments import actions
from comments.reads.people import ignored_by
from newsroom.api.responses import private
from newsroom.api.schema import problems
from newsroom.api.strict import APIView, extend_schema


class IgnoredSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()


class IgnoredListSerializer(serializers.Serializer[Any]):
    results = IgnoredSerializer(many=True, help_text="The latest first; 500 at most.")


class IgnoredListView(APIView):
    permission_classes = [require_scope("comment")]

    @extend_schema(
        operation_id="me_ignored_list", request=None, responses={200: IgnoredListSerializer, **problems(401, 403)}
    )
    def get(self, request: Request) -> Response:
        """Whom I ignore. Nobody else is told."""
        return private({"results": ignored_by(person(request.user))})


class IgnoredView(APIView):
    permission_classes = [require_scope("comment")]

    @extend_schema(
        operation_id="me_ignored_add", request=None, responses={200: IgnoredSerializer, **problems(401, 403, 404)}
    )
    def put(self, request: Request, pk: int) -> Response:
        """Ignore the author of comments: they are folded on my pages, and I am not told of them; idempotent."""
        ignored = actions.ignore(pk, reader=person(request.user))
        return private({"id": ignored.pk, "name": ignored.name})

    @extend_schema(operation_id="me_ignored_remove", request=None, responses={204: None, **problems(401, 403)})
    def delete(self, request: Request, pk: int) -> Response:
        """No longer ignore somebody; idempotent."""
        actions.stop_ignoring(pk, reader=person(request.user))
        return Response(status=HTTPStatus.NO_CONTENT)
