"""`/api/v1/me/` with notifications, subscriptions and sanctions: each view checks the form, calls one action, and
answers.
"""

from __future__ import annotations

from http import HTTPStatus

from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import actions
from accounts.access import must_moderate, must_moderate_somewhere, person
from accounts.avatars import address_of
from accounts.login.authentication import require_scope
from accounts.models import Sanction, User
from accounts.notifications import centre, webpush
from accounts.notifications.preferences import preferences_of
from accounts.notifications.pushing import is_offered
from accounts.representations import me_json, notification_json, preferences_json, sanction_json
from accounts.schemas import (
    AvatarInput,
    AvatarRemoval,
    AvatarSerializer,
    MeSerializer,
    NotificationsSerializer,
    PreferencesSerializer,
    PushEndInput,
    PushInput,
    PushKeySerializer,
    ReadInput,
    ReadSerializer,
    SanctionInput,
    SanctionSerializer,
    TargetSerializer,
)
from newsroom.api.paging import answer, limit_of
from newsroom.api.parsers import JSONParser
from newsroom.api.responses import private
from newsroom.api.schema import PAGING, problems
from newsroom.api.strict import APIView, extend_schema, valid
from newsroom.errors import Forbidden, NotFound
from newsroom.live.outbox import position


class MeView(APIView):
    def get_permissions(self) -> list[BasePermission]:
        """A key may read the profile and never change it."""
        return [(require_scope("read") if self.request.method in SAFE_METHODS else require_scope())()]

    @extend_schema(responses={200: MeSerializer, **problems(401, 403)})
    def get(self, request: Request) -> Response:
        """My profile, my rights, and the sanctions in force."""
        return private(me_json(person(request.user), Sanction.objects.barring(person(request.user))))

    @extend_schema(request=MeSerializer, responses={200: MeSerializer, **problems(401, 403, 422)})
    def patch(self, request: Request) -> Response:
        """Change name, language or time zone."""
        form = MeSerializer(data=request.data, partial=True)
        form.is_valid(raise_exception=True)
        user = actions.change_profile(person(request.user).pk, **form.validated_data)
        return private(me_json(user, Sanction.objects.barring(user)))


class AvatarView(APIView):
    permission_classes = [require_scope()]
    parser_classes = [MultiPartParser, JSONParser]

    @extend_schema(
        operation_id="me_avatar_show",
        request={"multipart/form-data": AvatarInput},
        responses={200: AvatarSerializer, **problems(401, 403, 413, 422, 429)},
    )
    def put(self, request: Request) -> Response:
        """Show this picture beside my name. It is cut to a square, made smaller and encoded anew."""
        user = person(request.user)
        form = valid(AvatarInput(data=request.data))
        return private({"avatar": address_of(actions.show_avatar(user, form["file"]).avatar)})

    @extend_schema(operation_id="me_avatar_drop", request=None, responses={204: None, **problems(401, 403)})
    def delete(self, request: Request) -> Response:
        """Show the first letter of my name instead; idempotent."""
        actions.drop_avatar(person(request.user))
        return Response(status=HTTPStatus.NO_CONTENT)


class PersonAvatarView(APIView):
    token_scope = "moderate"  # noqa: S105

    @extend_schema(
        operation_id="users_avatar_remove",
        request=AvatarRemoval,
        responses={204: None, **problems(401, 403, 404, 422)},
    )
    def delete(self, request: Request, pk: int) -> Response:
        """Moderators of everything: take down a person's picture. They are told why, and may show another one."""
        actor = must_moderate(request.user)
        actions.remove_avatar(pk, actor=actor, **valid(AvatarRemoval(data=request.data)))
        return Response(status=HTTPStatus.NO_CONTENT)


class PreferencesView(APIView):
    def get_permissions(self) -> list[BasePermission]:
        """A key may read the preferences and never change them."""
        return [(require_scope("read") if self.request.method in SAFE_METHODS else require_scope())()]

    @extend_schema(responses={200: PreferencesSerializer, **problems(401, 403)})
    def get(self, request: Request) -> Response:
        """How I am told of what."""
        return private(preferences_json(preferences_of(person(request.user))))

    @extend_schema(request=PreferencesSerializer, responses={200: PreferencesSerializer, **problems(401, 403, 422)})
    def patch(self, request: Request) -> Response:
        """Change some of it; what is not named stays."""
        changes = valid(PreferencesSerializer(data=request.data, partial=True))
        return private(preferences_json(actions.change_preferences(person(request.user), changes)))


class NotificationsView(APIView):
    permission_classes = [require_scope("read")]

    @extend_schema(
        operation_id="me_notifications_list",
        parameters=PAGING,
        responses={200: NotificationsSerializer, **problems(401, 403)},
    )
    def get(self, request: Request) -> Response:
        """What I have been told, the newest first."""
        reader, limit = person(request.user), limit_of(request.query_params)
        stream = f"user.{reader.pk}"
        here = position(stream)
        page = centre.told(reader, limit=limit, cursor=request.query_params.get("cursor", ""))
        rows = [notification_json(each) for each in page.rows]
        said = answer(request, page, rows, stream=stream, position=here)
        return private(said | {"unread": centre.unread(reader)})


class NotificationsReadView(APIView):
    permission_classes = [require_scope("read")]  # like `tickers/<slug>/seen/`

    @extend_schema(
        operation_id="me_notifications_read",
        request=ReadInput,
        responses={200: ReadSerializer, **problems(401, 403, 422)},
    )
    def put(self, request: Request) -> Response:
        """I have read this one and all before it; idempotent. My other devices hear of it."""
        reader = person(request.user)
        upto = valid(ReadInput(data=request.data))["upto"]
        return private({"upto": upto, "unread": actions.read_notifications(reader, upto)})


class PushView(APIView):
    permission_classes = [require_scope()]

    @extend_schema(operation_id="me_push_key", responses={200: PushKeySerializer, **problems(401, 403, 404)})
    def get(self, request: Request) -> Response:
        """The site's key for Web Push; 404 where push is not offered."""
        person(request.user)
        _must_push()
        return private({"key": webpush.public_key(settings.VAPID_PRIVATE_KEY)})

    @extend_schema(
        operation_id="me_push_keep", request=PushInput, responses={204: None, **problems(401, 403, 404, 422)}
    )
    def put(self, request: Request) -> Response:
        """Push my notifications to this browser until its session ends; idempotent. For browsers alone."""
        user, session = person(request.user), request.session.session_key
        _must_push()
        form = valid(PushInput(data=request.data))
        if not session or request.auth is not None:
            raise Forbidden(_("Only a browser that is logged in can be pushed to."))
        keys = form["keys"]
        actions.keep_push(user, session=session, endpoint=form["endpoint"], key=keys["p256dh"], secret=keys["auth"])
        return Response(status=HTTPStatus.NO_CONTENT)

    @extend_schema(operation_id="me_push_end", request=PushEndInput, responses={204: None, **problems(401, 403, 422)})
    def delete(self, request: Request) -> Response:
        """Push nothing more to this browser; idempotent."""
        user = person(request.user)
        actions.drop_push(user, valid(PushEndInput(data=request.data))["endpoint"])
        return Response(status=HTTPStatus.NO_CONTENT)


def _must_push() -> None:
    if not is_offered():
        raise NotFound(_("This site pushes nothing."))


class SubscriptionView(APIView):
    token_scope = "comment"  # noqa: S105

    @extend_schema(request=None, responses={200: TargetSerializer, **problems(401, 403, 404)})
    def put(self, request: Request, kind: str, pk: str) -> Response:
        """Follow an article, discussion, section or ticker; idempotent."""
        target = actions.subscribe(person(request.user), kind, pk)
        return private({"kind": kind, "id": target.id or pk, "title": target.title, "url": target.url})

    @extend_schema(responses={204: None, **problems(401, 403)})
    def delete(self, request: Request, kind: str, pk: str) -> Response:
        """Stop following it; idempotent."""
        actions.unsubscribe(person(request.user), kind, pk)
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


def _moderator(request: Request) -> User:
    """The moderator, checked before the input. Raises NotLoggedIn, Forbidden."""
    return must_moderate_somewhere(request.user)
