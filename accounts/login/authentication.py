"""How clients authenticate: by the session cookie with a CSRF token, a Bearer key, or allauth's session token."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from allauth.headless.contrib.rest_framework.authentication import XSessionTokenAuthentication
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.authentication import SessionAuthentication as DRFSessionAuthentication
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from accounts.access import Viewer
from accounts.actions import digest_of, touch_token
from accounts.models import ApiToken, User
from newsroom.errors import Forbidden

if TYPE_CHECKING:
    from drf_spectacular.openapi import AutoSchema

_USE_IS_NOTED_AFTER = timedelta(hours=1)


class SessionAuthentication(DRFSessionAuthentication):
    def authenticate_header(self, request: Request) -> str:
        return "Bearer"  # so that an anonymous client gets 401

    def enforce_csrf(self, request: Request) -> None:
        try:
            super().enforce_csrf(request)
        except exceptions.PermissionDenied as error:
            raise Forbidden(_("The CSRF token is missing or wrong: send it as X-CSRFToken.")) from error


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer <key>`; `request.auth` is the ApiToken."""

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        scheme, _space, secret = get_authorization_header(request).partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        digest = digest_of(secret.strip().decode("latin-1"))
        token = ApiToken.objects.select_related("user").filter(digest=digest, user__is_active=True).first()
        if token is None:
            raise exceptions.AuthenticationFailed(_("This key is not valid."))
        if token.last_used_at is None or timezone.now() - token.last_used_at > _USE_IS_NOTED_AFTER:
            touch_token(token)
        return token.user, token


class SessionTokenAuthentication(XSessionTokenAuthentication):  # type: ignore[misc]  # allauth has no types
    """`X-Session-Token: <token>` of /_allauth/app/v1/. An invalid token is refused, not ignored."""

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"

    def authenticate(self, request: Request) -> tuple[User, Any] | None:
        if not self.get_session_token(request):
            return None
        found: tuple[User, Any] | None = super().authenticate(request)
        if found is None:
            raise exceptions.AuthenticationFailed(_("This session is over."))
        return found


class TokenScope(BasePermission):
    """The default permission: a key may read. To change something it needs the scope that the view names
    (`token_scope`).
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        if request.method in SAFE_METHODS:
            return True
        return has_scope(request, getattr(view, "token_scope", None))


def require_scope(*scopes: str) -> type[BasePermission]:
    """A permission: a key needs one of these scopes, for every method. Without scopes no key is accepted."""

    class Scope(BasePermission):
        def has_permission(self, request: Request, view: Any) -> bool:
            return has_scope(request, *scopes)

    return Scope


def has_scope(request: Request, *scopes: str | None) -> bool:
    """Whether the request comes without a key, or with one that has any of these scopes."""
    return not isinstance(request.auth, ApiToken) or not set(scopes).isdisjoint(request.auth.scopes)


def viewer_within(request: Request, *scopes: str) -> Viewer:
    """The request's user. A key without any of these scopes counts as anonymous, so that it sees what is public."""
    return request.user if has_scope(request, *scopes) else AnonymousUser()


def recognise(request: HttpRequest) -> tuple[User, list[str]] | User | None:
    """The person who opens a socket with a header, and a key's scopes; None without one. Raises
    AuthenticationFailed.
    """
    asked = Request(request)
    for authentication in (TokenAuthentication(), SessionTokenAuthentication()):
        found = authentication.authenticate(asked)
        if found is not None:
            user: User = found[0]
            return (user, found[1].scopes) if isinstance(found[1], ApiToken) else user
    return None


class _SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = SessionAuthentication
    name = "session"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}


class _TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = TokenAuthentication
    name = "key"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}


class _SessionTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = SessionTokenAuthentication
    name = "session_token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {"type": "apiKey", "in": "header", "name": "X-Session-Token"}
