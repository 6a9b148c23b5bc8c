"""`/api/v1/discussions/<id>/merge/`."""

from __future__ import annotations

from http import HTTPStatus

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import person
from comments import actions
from comments.api import schemas
from comments.representations import merge_json
from newsroom.api.responses import private
from newsroom.api.schema import problems
from newsroom.api.strict import APIView, extend_schema, valid


class MergeView(APIView):
    token_scope = "moderate"  # noqa: S105

    @extend_schema(request=schemas.MergeInput, responses={200: schemas.MergeSerializer, **problems(409)})
    def put(self, request: Request, pk: int) -> Response:
        """Move its comments into another discussion; permalinks stay. For moderators and editors; idempotent."""
        actor = person(request.user)
        form = valid(schemas.MergeInput(data=request.data))
        return private(merge_json(actions.merge(pk, form["into"], actor=actor)))

    @extend_schema(responses={204: None, **problems(409)})
    def delete(self, request: Request, pk: int) -> Response:
        """Move them back, with the replies to them since the merge."""
        actions.undo_merge(pk, actor=person(request.user))
        return Response(status=HTTPStatus.NO_CONTENT)
