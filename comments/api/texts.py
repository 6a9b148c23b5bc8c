"""`/api/v1/moderation/texts/`: words to authors that are kept ready."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import must, person
from accounts.login.authentication import require_scope
from accounts.reasons import Reason
from accounts.schemas import AuthorSerializer
from comments import actions, records
from comments.api.moderation import Moderates
from comments.models import MAX_WORDS
from comments.reads import texts as reads
from newsroom.api.paging import Malformed
from newsroom.api.responses import private
from newsroom.api.schema import problems
from newsroom.api.strict import APIView, extend_schema, valid

CHOICE = [
    OpenApiParameter("language", str, enum=[code for code, _name in settings.LANGUAGES]),
    OpenApiParameter("reason", str, enum=Reason.values),
]


class CannedTextInput(serializers.Serializer[Any]):
    reason = serializers.ChoiceField(choices=Reason.choices)
    language = serializers.ChoiceField(choices=settings.LANGUAGES)
    text = serializers.CharField(max_length=MAX_WORDS)


class CannedTextSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    reason = serializers.ChoiceField(choices=Reason.choices)
    language = serializers.ChoiceField(choices=settings.LANGUAGES)
    text = serializers.CharField()
    changed_by = AuthorSerializer(allow_null=True)
    changed_at = serializers.DateTimeField()


class CannedTextsSerializer(serializers.Serializer[Any]):
    results = CannedTextSerializer(many=True)


class TextsView(APIView):
    permission_classes = [require_scope("moderate"), Moderates]

    @extend_schema(
        operation_id="moderation_texts_list",
        parameters=CHOICE,
        responses={200: CannedTextsSerializer, **problems(400, 403)},
    )
    def get(self, request: Request) -> Response:
        """All of them, or those of a language and a reason."""
        asked = {name: request.query_params.get(name, "") for name in ("language", "reason")}
        for name, known in (("language", dict(settings.LANGUAGES)), ("reason", dict(Reason.choices))):
            if asked[name] and asked[name] not in known:
                raise Malformed(_("One of: %s.") % ", ".join(known))
        found = reads.canned_texts(person(request.user), **asked)
        return private({"results": [records.canned_json(each) for each in found]})

    @extend_schema(
        operation_id="moderation_texts_add",
        request=CannedTextInput,
        responses={201: CannedTextSerializer, **problems(403, 409)},
    )
    def post(self, request: Request) -> Response:
        """Those who lead the moderators: keep words ready for a reason and a language."""
        actor = must("comments.add_text", request.user, None)
        made = actions.add_text(actor=actor, **valid(CannedTextInput(data=request.data)))
        return Response(records.canned_json(made), status=HTTPStatus.CREATED)


class TextView(APIView):
    permission_classes = [require_scope("moderate"), Moderates]

    @extend_schema(
        operation_id="moderation_texts_change",
        request=CannedTextInput,
        responses={200: CannedTextSerializer, **problems(403)},
    )
    def patch(self, request: Request, pk: int) -> Response:
        """Change it; what was said with it stays as it was."""
        actor = must("comments.change_text", request.user, None)
        form = valid(CannedTextInput(data=request.data, partial=True))
        return private(records.canned_json(actions.change_text(pk, actor=actor, **form)))

    @extend_schema(operation_id="moderation_texts_drop", responses={204: None, **problems(403)})
    def delete(self, request: Request, pk: int) -> Response:
        """Keep it no longer."""
        actions.drop_text(pk, actor=must("comments.drop_text", request.user, None))
        return Response(status=HTTPStatus.NO_CONTENT)
