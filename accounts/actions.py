"""All actions that change people. Each is one transaction."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import IO, Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import avatars, events, sections
from accounts.access import NotLoggedIn, acting, hold, may_take_part, must, must_outrank, must_somewhere
from accounts.audit import record, values_of
from accounts.duties import Duties, Duty
from accounts.models import (
    MAX_WORDS,
    ApiToken,
    Consent,
    FeedKey,
    LegalPage,
    Mailbox,
    Notification,
    Preference,
    PushSubscription,
    Sanction,
    Subscription,
    User,
)
from accounts.names import checked_name, name_key
from accounts.notifications import mailing, preferences, pushing, subscriptions, webpush
from accounts.notifications.preferences import Kind, Ways
from accounts.notifications.subscriptions import Target
from accounts.reasons import Reason
from newsroom import limits, pictures
from newsroom.database.keys import LARGEST_ID
from newsroom.errors import Conflict, Forbidden, Invalid, NotFound
from newsroom.formats.moments import time_zones
from newsroom.live.outbox import site_changed
from newsroom.monitoring import security
from newsroom.text import clean, clean_line, must_show_own_pictures, render_article

TOKENS_A_PERSON = 20
SUBSCRIPTIONS_A_PERSON = 2000
NOTE_LENGTH = 2000
KEPT_AFTER_READING = timedelta(days=90)
PUSHED_TO = 20  # browsers of a person
MANY = 1000  # notifications a transaction
RESTRICTS = ("scope", "section", "until", "reason")
OF_PAGE = ("title", "body", "version")


class AlreadyLifted(Conflict):
    code = "already_decided"


class TakenMeanwhile(Conflict):
    """Another person took the name or the address between the check of a form and its saving."""


def join(user: User) -> User:
    """Save a new person, filled from a checked form. Raises TakenMeanwhile."""
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError as error:
        raise TakenMeanwhile(_("Somebody was faster by a moment. Please try again.")) from error
    return user


@transaction.atomic
def impose_sanction(
    user_id: int,
    *,
    actor: User,
    scope: str,
    until: datetime | None,
    reason: str,
    note: str = "",
    text: str = "",
    section: int | None = None,
) -> Sanction:
    """Restrict a person until a time, or for good if `until` is None; everywhere, or in one section. Their sockets are
    cut. `note` is for moderators, `text` for the person.

    An action that publishes for a person holds that person's row, so none commits after this one. Raises NotFound,
    Forbidden (not a moderator, not of higher rank, oneself), Invalid.
    """
    must("accounts.impose_sanction", actor, section)
    held = hold(actor.pk, user_id)
    actor = must("accounts.impose_sanction", _present(held.get(actor.pk)), section)
    user = held.get(user_id)
    if user is None:
        raise NotFound(_("There is no such person."))
    must_outrank(actor, user, section)
    text = clean(text)
    _check_sanction(scope, until, reason, note, text, section)
    chosen = {"scope": scope, "section": section, "until": until, "reason": reason}
    sanction = Sanction.objects.create(user=user, **chosen, note=clean(note), text=text, imposed_by=actor)
    if scope == Sanction.Scope.ALL and section is None:
        user.push_subscriptions.all().delete()
    record(actor, "sanction.imposed", f"user.{user.pk}", {}, values_of(sanction, RESTRICTS))
    events.sanction_imposed(sanction)
    return sanction


@transaction.atomic
def lift_sanction(sanction_id: int, *, actor: User) -> Sanction:
    """End a sanction before its time. Raises NotFound, Forbidden, AlreadyLifted."""
    must_somewhere("accounts.lift_sanction", actor)
    sanction = Sanction.objects.select_for_update(of=("self",)).select_related("user").filter(pk=sanction_id).first()
    actor = must_somewhere("accounts.lift_sanction", acting(actor))
    if sanction is None:
        raise NotFound(_("There is no such restriction."))
    must("accounts.lift_sanction", actor, sanction.section)
    must_outrank(actor, sanction.user, sanction.section)
    if sanction.lifted_at is not None:
        raise AlreadyLifted(_("This restriction is over already."))
    record(actor, "sanction.lifted", f"user.{sanction.user_id}", values_of(sanction, RESTRICTS), {})
    return _end(sanction, actor)


def end_sanctions() -> int:
    """End the sanctions whose time is over. Returns their number."""
    due = Sanction.over(timezone.now())
    if not due.exists():
        return 0
    with transaction.atomic():
        ended = [_end(each, None) for each in due.select_for_update(skip_locked=True).order_by("until")[:100]]
    return len(ended)


@transaction.atomic
def give_duties(user_id: int, *, actor: User, duties: Duties) -> User:
    """Give a person these duties instead of those that they have; their sockets are cut. An administrator of some
    sections gives and takes duties there only.

    Raises NotFound, Forbidden, Invalid.
    """
    must_somewhere("accounts.give_duties", actor)
    if user_id == actor.pk:  # hence there is always an administrator left
        raise Forbidden(_("You cannot change your own duties."))
    held = hold(actor.pk, user_id)
    actor = _present(held.get(actor.pk))  # of two administrators who take the duty from each other, the second fails
    must_somewhere("accounts.give_duties", actor)
    if user_id not in held:
        raise NotFound(_("There is no such person."))
    user = held[user_id]
    before = user.given
    if not all(actor.may(Duty.ADMINISTRATE, section) for _duty, section in before.given ^ duties.given):
        raise Forbidden(_("You can give and take only duties that you have yourself, and only where you have them."))
    if not sections.are_known(section for _duty, section in duties.given - before.given):
        raise Invalid(_("There is no such section."), {"given": [_("There is no such section.")]})
    _give(user, duties, actor)
    return user


def drop_section(section_id: int, *, actor: User) -> None:
    """Take the duties, and end the sanctions, that name a section which the actor deletes, in the same transaction."""
    staff = User.objects.exclude(role=User.Role.READER)
    concerned = [each.pk for each in staff if any(at == section_id for _duty, at in each.given.given)]
    for user in hold(*concerned).values():
        _give(user, Duties.of(pair for pair in user.given.given if pair[1] != section_id), actor)
    for sanction in Sanction.objects.select_for_update(of=("self",)).filter(section=section_id, lifted_at=None):
        _end(sanction, actor)


def _give(user: User, duties: Duties, actor: User) -> None:
    """The user is locked."""
    before, role = user.given, user.role
    if before == duties:
        return
    user.give(duties)
    user.save(update_fields=["duties", "role"])
    record(actor, "duties.changed", f"user.{user.pk}", before.stored(), duties.stored())
    events.duties_changed(user, role)
    site_changed()


def _present(person: User | None) -> User:
    if person is None or not person.is_active:
        raise NotLoggedIn(_("Log in first."))
    return person


@transaction.atomic
def change_profile(
    user_id: int,
    *,
    name: str | None = None,
    language: str | None = None,
    time_zone: str | None = None,
    hidden: bool | None = None,
) -> User:
    """Change a person's own name, language or time zone, or whether others see their page; None leaves it. Raises
    Invalid.
    """
    user = _present(User.objects.select_for_update(no_key=True).filter(pk=user_id).first())
    if language is not None:
        if language not in ("", *dict(settings.LANGUAGES)):
            raise Invalid(
                _("The site does not have this language."), {"language": [_("The site does not have this language.")]}
            )
        user.language = language
    if time_zone is not None:
        if time_zone not in ("", *time_zones()):
            raise Invalid(_("There is no such time zone."), {"time_zone": [_("There is no such time zone.")]})
        user.time_zone = time_zone
        mailing.reschedule(user)
    is_renamed = name is not None and name != user.name
    is_turned = hidden is not None and hidden != user.is_hidden
    user.is_hidden = user.is_hidden if hidden is None else hidden
    if name is not None and is_renamed:
        user.name = checked_name(name, is_staff=user.is_staff)
        user.name_key = name_key(user.name)
    try:
        with transaction.atomic():
            user.save(update_fields=["name", "name_key", "language", "time_zone", "is_hidden"])
    except IntegrityError as error:
        taken = _("This name is taken, or looks too much like another one.")
        raise Invalid(taken, {"name": [taken]}) from error
    if is_renamed or is_turned:
        site_changed()
    return user


def show_avatar(user: User, upload: IO[bytes]) -> User:
    """Show this picture beside the person's name, instead of one that they had. Raises Invalid, with the field `file`;
    TooManyRequests; and what `may_take_part` raises.
    """
    may_take_part(user)
    limits.hit("avatars", user.pk)
    name, files = avatars.encode(upload)
    with transaction.atomic():
        found = _present(hold(user.pk).get(user.pk))
        may_take_part(found)  # again, since encoding took some time
        pictures.keep(files)
        _show(found, name)
    return found


@transaction.atomic
def drop_avatar(user: User) -> None:
    """Show the first letter of the person's name instead of their picture; idempotent."""
    _show(_present(hold(user.pk).get(user.pk)), "")


@transaction.atomic
def remove_avatar(user_id: int, *, actor: User, reason: str, text: str = "") -> User:
    """Take down a person's picture and tell them why; `text` are words to them. They may show another one.

    Raises NotFound (no such person, or no picture), Forbidden (no moderator, not of higher rank, oneself), Invalid.
    """
    must("accounts.remove_avatar", actor, None)
    held = hold(actor.pk, user_id)
    actor = must("accounts.remove_avatar", _present(held.get(actor.pk)), None)
    user = held.get(user_id)
    if user is None or not user.avatar:
        raise NotFound(_("There is no such picture."))
    must_outrank(actor, user, None)
    text = clean(text)
    errors = _errors_of(reason, text)
    if errors:
        raise Invalid(_("Some fields need another look."), errors)
    record(actor, "avatar.removed", f"user.{user.pk}", {"avatar": user.avatar}, {"reason": reason})
    _show(user, "")
    events.avatar_removed(user, reason, text)
    return user


def _show(user: User, avatar: str) -> None:
    """The user is locked. The former picture's files go once nothing leads to them any more."""
    if user.avatar == avatar:
        return
    unused, user.avatar = avatars.files_of(user.avatar), avatar
    user.save(update_fields=["avatar"])
    transaction.on_commit(partial(pictures.delete, unused), robust=True)
    site_changed()


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
    user = _present(User.objects.select_for_update().filter(pk=user.pk).first())
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


def touch_token(token: ApiToken) -> None:
    """Record that the key was used."""
    ApiToken.objects.filter(pk=token.pk).update(last_used_at=timezone.now())


@transaction.atomic
def touch_session(key: str) -> None:
    """Record that a session was used."""
    UserSession.objects.filter(session_key=key).update(last_seen_at=timezone.now())


@transaction.atomic
def end_session(key: str) -> None:
    """End a session; the sockets of its person are cut, and those with another session come back."""
    for each in UserSession.objects.filter(session_key=key):
        each.end()


@transaction.atomic
def log_out_everywhere(user_id: int, *, revoke_tokens: bool = False) -> None:
    """After a new password: cut the person's sockets, and after a reset delete the keys. Django ends the sessions."""
    if revoke_tokens:
        ApiToken.objects.filter(user_id=user_id).delete()
    events.standing_changed(user_id)


@transaction.atomic
def end_sessions(user_id: int, *, actor: User) -> User:
    """Log a person out on all devices and end their keys, as after somebody else got into their account. They are told.

    Raises NotFound, Forbidden (no administrator of all sections, or oneself: one's profile has that).
    """
    actor = must("accounts.end_sessions", acting(actor), None)
    if user_id == actor.pk:
        raise Forbidden(_("Your own sessions are in your profile."))
    user = hold(user_id).get(user_id)
    if user is None:
        raise NotFound(_("There is no such person."))
    sessions, keys = UserSession.objects.filter(user=user), ApiToken.objects.filter(user=user)
    was = {"sessions": sessions.count(), "keys": keys.count()}
    for each in sessions:
        each.end()
    keys.delete()
    record(actor, "sessions.ended", f"user.{user.pk}", was | {"ended": ""}, {"sessions": 0, "keys": 0, "ended": "all"})
    events.sessions_ended(user)
    return user


@transaction.atomic
def second_factor_changed(user_id: int) -> None:
    """After an authenticator or a passkey came or went: duties may wait for one, so rights are asked again."""
    events.standing_changed(user_id)


@transaction.atomic
def confirm(user_id: int) -> None:
    """Record that the person has proved their e-mail address."""
    if User.objects.filter(pk=user_id, is_confirmed=False).update(is_confirmed=True):
        events.standing_changed(user_id)


def accept_terms(user: User) -> Consent:
    """Record that a person has agreed to the present terms."""
    version = LegalPage.objects.current(LegalPage.Slug.TERMS).version
    return Consent.objects.get_or_create(user=user, page=LegalPage.Slug.TERMS, version=version)[0]


@transaction.atomic
def write_legal_page(slug: str, *, actor: User, title: str, body: str) -> LegalPage:
    """Write a legal page; a changed text gets a new version. Raises Forbidden, Invalid."""
    actor = must("accounts.write_legal_page", acting(actor), None)
    page = LegalPage.objects.select_for_update().filter(slug=slug).first() or LegalPage(slug=slug, version=0)
    title, body = clean_line(title), clean(body)
    if (page.title, page.body) != (title, body):
        must_show_own_pictures("body", body)
        before = values_of(page if page.version else None, OF_PAGE)
        page.title, page.body, page.html = title, body, render_article(body)
        page.version, page.updated_at = page.version + 1, timezone.now()
        page.save()
        record(actor, "legal_page.written", f"legal_page.{slug}", before, values_of(page, OF_PAGE))
        site_changed()
    return page


def _check_sanction(scope: str, until: datetime | None, reason: str, note: str, text: str, section: int | None) -> None:
    errors = _errors_of(reason, text)
    if not sections.are_known([section]):
        errors["section"] = [_("There is no such section.")]
    if scope not in Sanction.Scope:
        errors["scope"] = [_("There is no such scope.")]
    if until is not None and until <= timezone.now():
        errors["until"] = [_("This lies in the past.")]
    if len(note) > NOTE_LENGTH:
        errors["note"] = [_("This is too long.")]
    if errors:
        raise Invalid(_("Some fields need another look."), errors)


def _errors_of(reason: str, text: str) -> dict[str, list[str]]:
    """Of what a person is told about a decision, by field."""
    errors = {}
    if reason not in Reason:
        errors["reason"] = [_("There is no such reason.")]
    if len(text) > MAX_WORDS:
        errors["text"] = [_("At most %d characters fit in here.") % MAX_WORDS]
    return errors


def _end(sanction: Sanction, actor: User | None) -> Sanction:
    sanction.lifted_at, sanction.lifted_by = timezone.now(), actor
    sanction.save(update_fields=["lifted_at", "lifted_by"])
    events.sanction_lifted(sanction)
    return sanction
