"""Keys of programs, and addresses of feeds that nobody else knows."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import events
from accounts.access import acting
from accounts.models import ApiToken, FeedKey, User
from newsroom.errors import Forbidden, Invalid, NotFound
from newsroom.monitoring import security
from newsroom.text import clean_line

TOKENS_A_PERSON = 20


@transaction.atomic
def create_token(user: User, *, name: str, scopes: Collection[str]) -> tuple[ApiToken, str]:
    """Create a key for a program. Returns it with its secret, which is not stored. Raises Invalid, Forbidden."""
    user = acting(user)
    name = clean_line(name)[:80]
    if not name:
        raise Invalid(_("Give the key a name."), {"name": [_("Give the key a name.")]})
    if not scopes or not set(scopes) <= set(ApiToken.Scope):
        raise Invalid(_("Choose what the key may do."), {"scopes": [_("Choose what the key may do.")]})
    if user.api_tokens.count() >= TOKENS_A_PERSON:
        raise Forbidden(_("You have too many keys already."))
    secret = f"nr_{secrets.token_urlsafe(32)}"
    token = ApiToken.objects.create(
        user=user, name=name, scopes=sorted(set(scopes)), digest=digest_of(secret), hint=secret[:7]
    )
    security.note("key_made", user.pk, key=str(token.pk))
    return token, secret


def digest_of(secret: str) -> str:
    """The hash that is stored of a key. Its 256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


@transaction.atomic
def revoke_token(user: User, token_id: int) -> None:
    """Delete one of the person's own keys; sockets opened with it are cut. Raises NotFound."""
    user = acting(user)
    deleted, _each = user.api_tokens.filter(pk=token_id).delete()
    if not deleted:
        raise NotFound(_("There is no such key."))
    security.note("key_revoked", user.pk, key=str(token_id))
    events.standing_changed(user.pk)


def touch_token(token: ApiToken) -> None:
    """Record that the key was used."""
    ApiToken.objects.filter(pk=token.pk).update(last_used_at=timezone.now())


@transaction.atomic
def open_feed(user: User) -> str:
    """Give the person's own feed a new address, and end the former one. Returns the key in it."""
    user, key = acting(user), secrets.token_urlsafe(32)
    FeedKey.objects.update_or_create(user=user, defaults={"key": key})
    return key


@transaction.atomic
def close_feed(user: User) -> None:
    """End the address of the person's own feed; idempotent."""
    FeedKey.objects.filter(user=acting(user)).delete()
