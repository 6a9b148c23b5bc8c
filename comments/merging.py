"""`/api/v1/discussions/<id>/merge/`."""

from __future__ import annotations

from http import HTTPStatus

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from comments import actions, schemas
from comments.access import person
from comments.api import valid
from comments.serializers import merge_json
from newsroom.api.schema import problems
from newsroom.api.strict import APIView
from newsroom.api.views import private


class MergeView(APIView):
    token_scope = "moderate"  # noqa: S105

    @extend_schema(request=schemas.MergeInput, responses={200: schemas.MergeSerializer, **problems(409)})
    def put(self, request: Request, pk: int) -> Response:
        """Put its comments into another discussion, for moderators and editors; permalinks stay. Again: the same."""
        actor = person(request.user)
        form = valid(schemas.MergeInput(data=request.data))
        return private(merge_json(actions.merge(pk, form["into"], actor=actor)))

    @extend_schema(responses={204: None, **problems(409)})
    def delete(self, request: Request, pk: int) -> Response:
        """Take them out again, with what has been answered to them since."""
        actions.undo_merge(pk, actor=person(request.user))
        return Response(status=HTTPStatus.NO_CONTENT)
