"""What people follow, and how they are told of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import events
from accounts.access import acting, present
from accounts.models import Mailbox, Notification, Preference, PushSubscription, Subscription, User
from accounts.notifications import preferences, pushing, subscriptions, webpush
from accounts.notifications.preferences import Kind, Ways
from accounts.notifications.subscriptions import Target
from newsroom.database.keys import LARGEST_ID
from newsroom.errors import Forbidden, Invalid

SUBSCRIPTIONS_A_PERSON = 2000
KEPT_AFTER_READING = timedelta(days=90)
PUSHED_TO = 20  # browsers of a person
MANY = 1000  # notifications a transaction


@transaction.atomic
def subscribe(user: User, kind: str, id: str) -> Target:  # noqa: A002  its name in the interface
    """Follow something; idempotent. Raises NotFound, Gone, Forbidden (too many)."""
    user = acting(user)
    target = subscriptions.must_find(kind, user, id)
    if user.subscriptions.count() >= SUBSCRIPTIONS_A_PERSON:
        raise Forbidden(_("You follow too many things already."))
    Subscription.objects.bulk_create(
        [Subscription(user=user, kind=kind, target=target.id or id)], ignore_conflicts=True
    )
    return target


@transaction.atomic
def unsubscribe(user: User, kind: str, id: str) -> None:  # noqa: A002
    """Stop following something; idempotent, also for what no longer exists."""
    user = acting(user)
    target = subscriptions.find(kind, user, id)
    names = {id, *([target.id] if target and target.id else [])}
    Subscription.objects.filter(user=user, kind=kind, target__in=names).delete()


@transaction.atomic
def change_preferences(user: User, changes: Mapping[str, Mapping[str, Any]]) -> dict[Kind, Ways]:
    """Change how the person is told of what: {kind: {web, mail, push}}, all of it optional. Raises Invalid."""
    user = acting(user)
    for kind, ways in preferences.checked(user, changes).items():
        Preference.objects.put(user, kind, preferences.differing(kind, ways))
    return preferences.preferences_of(user)


@transaction.atomic
def read_notifications(user: User, upto: int) -> int:
    """Record that the person has read the notification `upto` and all before it; idempotent. Returns how many are
    unread.
    """
    # This waits for transactions that are telling the person something: their rows refer to this one. So the count is
    # exact at this place in the person's stream.
    user = present(User.objects.select_for_update().filter(pk=user.pk).first())
    unread = Notification.objects.filter(user=user, on_site=True, read_at=None)
    if not unread.filter(pk__lte=min(upto, LARGEST_ID)).update(read_at=timezone.now()):
        return unread.count()
    left = unread.count()
    events.notifications_read(user.pk, upto, left)
    return left


def forget_notifications() -> None:
    """Delete notifications 90 days after they were read; those that never were on the site, 90 days after they came."""
    before = timezone.now() - KEPT_AFTER_READING
    old = Notification.objects.filter(Q(read_at__lte=before) | Q(on_site=False, created_at__lte=before)).order_by("pk")
    while ids := list(old.values_list("pk", flat=True)[:MANY]):
        Notification.objects.filter(pk__in=ids).delete()


@transaction.atomic
def resume_mails(user: User) -> None:
    """Send mails to the person's address again, although mail servers have refused it."""
    Mailbox.objects.forgive(acting(user))


@transaction.atomic
def keep_push(user: User, *, session: str, endpoint: str, key: str, secret: str) -> None:
    """Push notifications to the browser of this session; idempotent. A browser that was somebody else's is the
    person's from now on. Raises Invalid.
    """
    user = acting(user)
    if not pushing.may_push_to(endpoint):
        raise Invalid(_("Some fields need another look."), {"endpoint": [_("This push service is not known here.")]})
    try:
        webpush.must_be_keys(key, secret)
    except ValueError as error:
        raise Invalid(_("Some fields need another look."), {"keys": [_("These are no keys of a browser.")]}) from error
    known = {"user": user, "session_id": session, "key": key, "secret": secret}
    PushSubscription.objects.update_or_create(endpoint=endpoint, defaults=known)
    latest = user.push_subscriptions.order_by("-pk").values_list("pk", flat=True)
    user.push_subscriptions.exclude(pk__in=list(latest[:PUSHED_TO])).delete()


@transaction.atomic
def drop_push(user: User, endpoint: str) -> None:
    """Push nothing more to this browser of the person; idempotent."""
    acting(user).push_subscriptions.filter(endpoint=endpoint).delete()
