"""What changes discussions by itself: opening hours, the publication of their article, the rate of comments."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import available_timezones

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import acting
from accounts.audit import record, values_of
from accounts.models import User
from articles.models import Article
from comments import events, hours
from comments.actions.discussions import must_run_discussions, whole
from comments.models import Comment, Discussion, DiscussionTally, OpeningHours
from newsroom.errors import Invalid, NotFound
from newsroom.limits import parse
from newsroom.text import clean, clean_line

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOST_AT_ONCE = 50
PLANNED = ("name", "section", "zone", "rules")


@transaction.atomic
def set_hours(hours_id: int | None = None, *, actor: User, **fields: Any) -> OpeningHours:
    """Make (None) or change opening hours: name, section, zone, rules. Those who read are told within a second or so.

    Raises Forbidden, Invalid, NotFound.
    """
    actor = must_run_discussions(acting(actor))
    plan = OpeningHours() if hours_id is None else _locked(hours_id)
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
    """Raises Forbidden, NotFound."""
    actor = must_run_discussions(acting(actor))
    plan = _locked(hours_id)
    record(actor, "hours.dropped", f"hours.{plan.pk}", values_of(plan, PLANNED), {})
    _look_again(plan)
    plan.delete()


def article_corrected(article: Article) -> None:
    """Its thread closes at the same distance from a publication that was moved, and keeps its section's hours."""
    plan = OpeningHours.objects.filter(section=article.section_id).first()
    threads = Discussion.objects.select_for_update(no_key=True, of=("self",))
    for thread in whole(threads.filter(article=article, mode=Discussion.Mode.THREAD)):
        before = (thread.closes_at, thread.hours_id)
        if thread.window is not None and article.published_at is not None:
            thread.closes_at = article.published_at + thread.window
        thread.hours = plan
        if (thread.closes_at, thread.hours_id) != before:
            now = timezone.now()
            thread.next_change_at = thread.next_change(now)
            thread.save(update_fields=["closes_at", "hours", "next_change_at"])
            events.discussion_turned(thread, now)


def turn_slow_modes() -> int:
    """Slow down where many write, and speed up again where that is over; how many. A due deed, every second."""
    if not settings.SLOW_MODE_RATE:
        return 0
    most, seconds = parse(settings.SLOW_MODE_RATE)
    since = timezone.now() - timedelta(seconds=seconds)
    lively = DiscussionTally.objects.filter(last_activity__gte=since, comment_count__gt=most)
    candidates = Q(rate_slow_seconds__gt=0) | Q(pk__in=lively.values("pk"))
    wanted = {
        pk: seconds
        for pk, slow in Discussion.objects.filter(candidates).values_list("pk", "rate_slow_seconds")[:MOST_AT_ONCE]
        if (seconds := _pace(pk, slow, most, since)) != slow
    }
    return sum(_slow_down(pk, seconds) for pk, seconds in wanted.items())


def _pace(discussion_id: int, slow: int, most: int, since: datetime) -> int:
    """Seconds of slow mode by what was said since then: on above `most`, off below the half of it."""
    after = (since - _EPOCH) // timedelta(microseconds=1)
    said = Comment.objects.filter(discussion=discussion_id, order__gt=after).order_by("order")
    number = len(said.values_list("pk")[: most + 1])
    if number > most:
        return int(settings.SLOW_MODE_SECONDS)
    return 0 if number * 2 < most else slow


@transaction.atomic
def _slow_down(discussion_id: int, seconds: int) -> bool:
    """Beside those who are posting: the weak lock, so that a lively discussion is not skipped for ever."""
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
    """The due deed takes them up at once: it tells readers and finds the next change."""
    now = timezone.now()
    affected = Discussion.objects.filter(hours=plan, switch=Discussion.Switch.AUTO)
    affected.filter(Q(closes_at=None) | Q(closes_at__gt=now)).update(next_change_at=now)


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
