"""Automatic changes to discussions: by opening hours, by their article's publication, and by the rate of comments."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import available_timezones

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import acting, must, must_somewhere
from accounts.audit import record, values_of
from accounts.models import User
from articles.models import Article
from comments import events, hours
from comments.actions import cases
from comments.actions.authorship import mark_authors
from comments.actions.discussions import title_from, whole
from comments.models import Comment, Discussion, DiscussionTally, OpeningHours
from newsroom.errors import Invalid, NotFound
from newsroom.limits import parse
from newsroom.text import clean, clean_line

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOST_AT_ONCE = 50
PLANNED = ("name", "section", "zone", "rules")


@transaction.atomic
def set_hours(hours_id: int | None = None, *, actor: User, **fields: Any) -> OpeningHours:
    """Create (None) or change opening hours: name, section, zone, rules. Readers get the change within about a second.

    Raises Forbidden, Invalid, NotFound.
    """
    actor = must_somewhere("comments.set_hours", acting(actor))
    plan = OpeningHours() if hours_id is None else _locked(hours_id)
    for section in {plan.section_id if plan.pk else _wanted(plan, fields), _wanted(plan, fields)}:
        must("comments.set_hours", actor, section)
    before, was = plan.section_id, values_of(plan, PLANNED) if plan.pk else {}
    for name in PLANNED:
        if name in fields:
            setattr(plan, name, fields[name])
    plan.name, plan.rules = clean_line(plan.name)[:80], clean(plan.rules)
    _check(plan)
    plan.save()
    record(actor, "hours.set", f"hours.{plan.pk}", was, values_of(plan, PLANNED))
    if plan.section_id != before:
        threads = Discussion.objects.filter(mode=Discussion.Mode.THREAD)
        threads.filter(hours=plan, article__section=before).update(hours=None, next_change_at=timezone.now())
        threads.filter(article__section=plan.section_id).exclude(article=None).update(hours=plan)
    _look_again(plan)
    return plan


@transaction.atomic
def drop_hours(hours_id: int, *, actor: User) -> None:
    """Delete opening hours. Raises Forbidden, NotFound."""
    actor = must_somewhere("comments.drop_hours", acting(actor))
    plan = _locked(hours_id)
    must("comments.drop_hours", actor, plan.section_id)
    record(actor, "hours.dropped", f"hours.{plan.pk}", values_of(plan, PLANNED), {})
    _look_again(plan)
    plan.delete()


def article_corrected(article: Article) -> None:
    """If the publication was moved, the thread's closing moves as well. The thread gets its section's hours, and the
    new headline unless it has a title of its own. Comments of the author are marked if the article names another one.
    """
    fields = article.revisions.get(version=article.version - 1).fields
    former = fields["headline"]
    title = title_from(article.headline)
    here = Discussion.objects.filter(article=article, mode=Discussion.Mode.THREAD)
    if title != title_from(former):
        for thread in here.filter(title=title_from(former)):
            events.title_hidden(thread)  # before a row is locked: who withdraws a comment holds `chats` first
    plan = OpeningHours.objects.filter(section=article.section_id).first()
    for thread in whole(here.select_for_update(no_key=True, of=("self",))):
        before = (thread.closes_at, thread.hours_id, thread.title)
        if thread.window is not None and article.published_at is not None:
            thread.closes_at = article.published_at + thread.window
        if thread.title == title_from(former):
            thread.title = title
        thread.hours = plan
        cases.follow(thread, thread)
        if (thread.closes_at, thread.hours_id, thread.title) != before:
            now = timezone.now()
            thread.next_change_at = thread.next_change(now)
            thread.save(update_fields=["title", "closes_at", "hours", "next_change_at"])
            events.discussion_turned(thread, now)
            if thread.title != before[-1]:
                DiscussionTally.objects.filter(pk=thread.pk).update(version=F("version") + 1)  # lists show it
                # One that asked to load it anew may be among the hidden events, unheard by somebody.
                events.discussion_rebuilt(thread)
    if fields.get("writer", "") != str(article.writer or ""):
        mark_authors(article)


def slow_modes_over(now: datetime) -> QuerySet[Discussion]:
    """Those whose slow mode by hand ends by now."""
    return Discussion.objects.filter(slow_mode_until__lte=now)


def end_slow_modes() -> int:
    """End slow mode where its time is over. Returns the number of discussions."""
    with transaction.atomic():
        rows = slow_modes_over(timezone.now()).select_for_update(skip_locked=True, no_key=True, of=("self",))
        found = list(whole(rows)[:MOST_AT_ONCE])
        for discussion in found:
            discussion.slow_mode_seconds, discussion.slow_mode_until = 0, None
            discussion.save(update_fields=["slow_mode_seconds", "slow_mode_until"])
            events.discussion_changed(discussion, "discussion.slow")
    return len(found)


def slowed(now: datetime) -> QuerySet[Discussion]:
    """Those in slow mode by the rate of their comments."""
    return Discussion.objects.filter(rate_slow_seconds__gt=0) if settings.SLOW_MODE_RATE else Discussion.objects.none()


def lively(now: datetime) -> QuerySet[DiscussionTally]:
    """Those that may have got enough comments for slow mode."""
    if not settings.SLOW_MODE_RATE:
        return DiscussionTally.objects.none()
    most, seconds = parse(settings.SLOW_MODE_RATE)
    return DiscussionTally.objects.filter(last_activity__gte=now - timedelta(seconds=seconds), comment_count__gt=most)


def turn_slow_modes() -> int:
    """Begin slow mode in discussions with many comments, and end it later. Returns the number of changes."""
    if not settings.SLOW_MODE_RATE:
        return 0
    now = timezone.now()
    most, seconds = parse(settings.SLOW_MODE_RATE)
    since = now - timedelta(seconds=seconds)
    found: dict[int, int] = {}
    for rows in (slowed(now), Discussion.objects.filter(pk__in=lively(now).values("pk"))):  # one by one, by an index
        found |= dict(rows.values_list("pk", "rate_slow_seconds")[:MOST_AT_ONCE])
    wanted = {pk: seconds for pk, slow in found.items() if (seconds := _pace(pk, slow, most, since)) != slow}
    return sum(_slow_down(pk, seconds) for pk, seconds in wanted.items())


def _pace(discussion_id: int, slow: int, most: int, since: datetime) -> int:
    """Seconds of slow mode for the comments since then: on above `most`, off below half of it, otherwise unchanged."""
    after = (since - _EPOCH) // timedelta(microseconds=1)
    said = Comment.objects.filter(discussion=discussion_id, order__gt=after).order_by("order")
    number = len(said.values_list("pk")[: most + 1])
    if number > most:
        return int(settings.SLOW_MODE_SECONDS)
    return 0 if number * 2 < most else slow


@transaction.atomic
def _slow_down(discussion_id: int, seconds: int) -> bool:
    """Uses the weak lock, which works beside posts in progress: otherwise a busy discussion would always be skipped."""
    rows = Discussion.objects.select_for_update(skip_locked=True, no_key=True, of=("self",))
    discussion = whole(rows.filter(pk=discussion_id)).first()
    if discussion is None or discussion.rate_slow_seconds == seconds:
        return False
    before, discussion.rate_slow_seconds = discussion.slow_seconds, seconds
    discussion.save(update_fields=["rate_slow_seconds"])
    if discussion.slow_seconds != before:
        events.discussion_changed(discussion, "discussion.slow")
    return True


def _look_again(plan: OpeningHours) -> None:
    """Have the affected discussions checked within a second, which tells readers and finds the next change."""
    now = timezone.now()
    affected = Discussion.objects.filter(hours=plan, switch=Discussion.Switch.AUTO)
    affected.filter(Q(closes_at=None) | Q(closes_at__gt=now)).update(next_change_at=now)


def _wanted(plan: OpeningHours, fields: Mapping[str, Any]) -> int | None:
    """The section for which the hours are going to be; None: for none, until discussions are given them."""
    section = fields.get("section", plan.section)
    return section.pk if section else None


def _locked(hours_id: int) -> OpeningHours:
    found = OpeningHours.objects.select_for_update(of=("self",)).filter(pk=hours_id).first()
    if found is None:
        raise NotFound(_("There are no such opening hours."))
    return found


def _check(plan: OpeningHours) -> None:
    errors: dict[str, list[str]] = {}
    if not plan.name:
        errors["name"] = [_("Write something first.")]
    if plan.zone not in available_timezones():
        errors["zone"] = [_("There is no such time zone.")]
    try:
        if not hours.parse(plan.rules):
            errors["rules"] = [_("Write something first.")]
    except hours.BadHours as bad:
        errors["rules"] = [_("Line %d is no rule, such as: daily 23:00-07:00 closed") % bad.line]
    if len(plan.rules) > 2000:
        errors["rules"] = [_("At most %d characters fit in here.") % 2000]
    others = OpeningHours.objects.filter(section=plan.section_id, section__isnull=False).exclude(pk=plan.pk)
    if others.exists():
        errors["section"] = [_("This section has opening hours already.")]
    if errors:
        raise Invalid(_("Some fields need another look."), errors=errors)
