"""`/api/v1/me/`, subscriptions and sanctions: form in, one action, shape out."""

from __future__ import annotations

from http import HTTPStatus

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import actions
from accounts.access import NotLoggedIn
from accounts.authentication import require_scope
from accounts.models import Sanction, User
from accounts.schemas import MeSerializer, SanctionInput, SanctionSerializer, TargetSerializer
from accounts.serializers import me_json, sanction_json
from newsroom.api.schema import problems
from newsroom.api.strict import APIView
from newsroom.api.views import private


class MeView(APIView):
    def get_permissions(self) -> list[BasePermission]:
        """Keys read; who somebody is they never change."""
        return [(require_scope("read") if self.request.method in SAFE_METHODS else require_scope())()]

    @extend_schema(responses={200: MeSerializer, **problems(401, 403)})
    def get(self, request: Request) -> Response:
        """Who I am and how I stand."""
        return private(me_json(_person(request), Sanction.objects.barring(_person(request))))

    @extend_schema(request=MeSerializer, responses={200: MeSerializer, **problems(401, 403, 422)})
    def patch(self, request: Request) -> Response:
        """Change name or language."""
        form = MeSerializer(data=request.data, partial=True)
        form.is_valid(raise_exception=True)
        user = actions.change_profile(_person(request).pk, **form.validated_data)
        return private(me_json(user, Sanction.objects.barring(user)))


class SubscriptionView(APIView):
    token_scope = "comment"  # noqa: S105

    @extend_schema(request=None, responses={200: TargetSerializer, **problems(401, 403, 404)})
    def put(self, request: Request, kind: str, pk: str) -> Response:
        """Follow an article, discussion, section or ticker; idempotent."""
        target = actions.subscribe(_person(request), kind, pk)
        return private({"kind": kind, "id": target.id or pk, "title": target.title, "url": target.url})

    @extend_schema(responses={204: None, **problems(401, 403)})
    def delete(self, request: Request, kind: str, pk: str) -> Response:
        """Follow no longer; idempotent."""
        actions.unsubscribe(_person(request), kind, pk)
        return Response(status=HTTPStatus.NO_CONTENT)


class SanctionsView(APIView):
    token_scope = "moderate"  # noqa: S105

    @extend_schema(request=SanctionInput, responses={201: SanctionSerializer, **problems(401, 403, 404, 422)})
    def post(self, request: Request, pk: int) -> Response:
        """Moderators: restrict a person, until a time or for good."""
        actor = _moderator(request)
        form = SanctionInput(data=request.data)
        form.is_valid(raise_exception=True)
        sanction = actions.impose_sanction(pk, actor=actor, **form.validated_data)
        return Response(sanction_json(sanction), status=HTTPStatus.CREATED)


class SanctionView(APIView):
    token_scope = "moderate"  # noqa: S105

    @extend_schema(responses={204: None, **problems(401, 403, 404, 409)})
    def delete(self, request: Request, pk: int) -> Response:
        """Moderators: lift a sanction before its time."""
        actions.lift_sanction(pk, actor=_moderator(request))
        return Response(status=HTTPStatus.NO_CONTENT)


def _person(request: Request) -> User:
    """Whoever asks. Raises NotLoggedIn."""
    if not isinstance(request.user, User):
        raise NotLoggedIn(_("Log in first."))
    return request.user


def _moderator(request: Request) -> User:
    """Raises NotLoggedIn, Forbidden: before the input is looked at."""
    return actions.checked_moderator(_person(request))
