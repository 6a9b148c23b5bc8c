"""Atomic limits that hold exactly under concurrency and over several processes.

"10/m" means: never more than ten within any sixty seconds. The times of the last deeds of a key are kept together
and judged and moved on in one atomic step: by a script in Redis where it is configured, else, or while it is away,
under the lock of a row of the database.
"""

from __future__ import annotations

import logging
import math
import time
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.utils.translation import ngettext

from newsroom.errors import TooManyRequests
from newsroom.models import Limit
from newsroom.prepared import here
from newsroom.transactions import short

logger = logging.getLogger(__name__)

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_SECOND = 1_000_000  # microseconds
_REDIS_REST_SECONDS = 5  # how long a Redis that failed is left alone
_TAKE = """
local clock = redis.call('TIME')
local now, window, most = clock[1] * 1000000 + clock[2], tonumber(ARGV[1]), tonumber(ARGV[2])
local oldest = tonumber(redis.call('LINDEX', KEYS[1], -1))
while oldest and oldest <= now - window do
  redis.call('RPOP', KEYS[1])
  oldest = tonumber(redis.call('LINDEX', KEYS[1], -1))
end
if redis.call('LLEN', KEYS[1]) >= most then return {0, string.format('%.0f', oldest + window - now)} end
redis.call('LPUSH', KEYS[1], string.format('%.0f', now))
redis.call('PEXPIRE', KEYS[1], math.ceil(window / 1000))
return {1, string.format('%.0f', now)}
"""


# Values: key, [now], until; the time before which nothing counts any more, twice; how many may be counted.
_TAKE_ROW = """
INSERT INTO newsroom_limit AS old (key, hits, until) VALUES (%s, %s, %s) ON CONFLICT (key) DO UPDATE
SET hits = {counted}, until = excluded.until
WHERE (SELECT count(*) FROM {hits} WHERE CAST(value AS bigint) > %s) < %s RETURNING 1"""
_TAKE_IN = {
    "postgresql": _TAKE_ROW.format(
        hits="jsonb_array_elements(old.hits)",
        counted="COALESCE((SELECT jsonb_agg(value) FROM jsonb_array_elements(old.hits)"
        " WHERE CAST(value AS bigint) > %s), '[]') || excluded.hits",
    ),
    "sqlite": _TAKE_ROW.format(
        hits="json_each(old.hits)",
        counted="json_insert((SELECT json_group_array(value) FROM json_each(old.hits) WHERE value > %s),"
        " '$[#]', json_extract(excluded.hits, '$[0]'))",
    ),
}


@dataclass(frozen=True, slots=True)
class Place:
    """One of the places that a limit has: taken at `at`, microseconds since 1970."""

    key: str
    at: int


def hit(name: str, key: object, *, factor: int = 1) -> Place | None:
    """Count one deed of `key` (a person's id, an address) under the limit `settings.LIMITS[name]`; None: there is none.

    `factor` widens the limit (moderators comment tenfold). Raises TooManyRequests with `retry_after` in seconds,
    at least 1; a refused deed is not counted. Call it before a transaction: what is rolled back was not counted.
    """
    if not settings.LIMITS[name]:
        return None
    amount, seconds = parse(settings.LIMITS[name])
    return take(f"{name}:{key}", amount * factor, seconds)


def take(key: str, amount: int, seconds: float) -> Place:
    """Take one of the `amount` places that `key` has within any `seconds`. Raises TooManyRequests."""
    window = int(seconds * _SECOND)
    place = _take_in_redis(key, amount, window) if settings.REDIS_URL else None
    return place or _take_in_database(key, amount, window)


def give_back(place: Place) -> None:
    """Make room again for a deed that was counted but shall not be."""
    if settings.REDIS_URL and _redis_is_there():
        import redis

        try:
            _redis().lrem(_redis_key(place.key), 1, str(place.at))
        except redis.RedisError:
            _leave_redis_alone()
    with transaction.atomic():
        row = Limit.objects.select_for_update().filter(pk=place.key).first()
        if row and place.at in row.hits:
            row.hits.remove(place.at)
            row.save(update_fields=["hits"])


def forget(key: str) -> None:
    """Make room for all that `key` (of `take`) was counted for."""
    if settings.REDIS_URL and _redis_is_there():
        import redis

        try:
            _redis().delete(_redis_key(key))
        except redis.RedisError:
            _leave_redis_alone()
    Limit.objects.filter(pk=key).delete()


def prune() -> int:
    """Delete counters that mean nothing any more; how many."""
    return Limit.objects.filter(until__lt=_now()).delete()[0]


_pruned_at = time.monotonic()


def prune_hourly() -> int:
    """A due deed: prune once an hour and process."""
    global _pruned_at  # noqa: PLW0603
    if time.monotonic() - _pruned_at < UNITS["h"]:
        return 0
    _pruned_at = time.monotonic()
    return prune()


@cache
def parse(limit: str) -> tuple[int, int]:
    """ "10/m" as (10, 60). Raises ImproperlyConfigured."""
    amount, _, unit = limit.partition("/")
    if not amount.isdigit() or not int(amount) or unit not in UNITS:
        raise ImproperlyConfigured(f"A limit looks like 10/m (s, m, h, d), not {limit!r}.")
    return int(amount), UNITS[unit]


def _take_in_database(key: str, amount: int, window: int) -> Place:
    """One statement: whoever meets another one at the row goes on from what that one left.

    On SQLite it takes its turn with those who write, unless it is among them already.
    """
    now = _now()
    values: list[str | int] = [key, f"[{now}]", now + window, now - window, now - window, amount]
    database = here()
    count = short(_count) if database.vendor == "sqlite" and not database.in_atomic_block else _count
    if count(values):
        return Place(key, now)
    row = Limit.objects.filter(pk=key).first()
    hits = [each for each in row.hits if each > now - window] if row else []
    over = sorted(hits)[-amount] + window - now if len(hits) >= amount else 0
    raise _refusal(min(over, window))  # others have been counted since we looked at the clock


def _count(values: list[str | int]) -> bool:
    """Whether there was a place left."""
    database = here()
    return bool(database.planned_rows(_TAKE_IN[database.vendor], values))


def _take_in_redis(key: str, amount: int, window: int) -> Place | None:
    """None if Redis is away."""
    if not _redis_is_there():
        return None
    import redis

    try:
        taken, figure = _script()(keys=[_redis_key(key)], args=[window, amount])
    except redis.RedisError:
        _leave_redis_alone()
        return None
    if not taken:
        raise _refusal(int(figure))
    return Place(key, int(figure))


def _refusal(over: int) -> TooManyRequests:
    wait = max(1, math.ceil(over / _SECOND))
    sentence = ngettext("Too fast: try again in %d second.", "Too fast: try again in %d seconds.", wait) % wait
    return TooManyRequests(sentence, retry_after=wait)


def _now() -> int:
    return time.time_ns() // 1000


_redis_rests_until = 0.0


def _redis_is_there() -> bool:
    return time.monotonic() >= _redis_rests_until


def _leave_redis_alone() -> None:
    global _redis_rests_until  # noqa: PLW0603  one switch a process
    _redis_rests_until = time.monotonic() + _REDIS_REST_SECONDS
    logger.warning("Redis is away: limits are counted in the database")


def _redis_key(key: str) -> str:
    return f"limit:{key}"


@cache
def _redis() -> Any:
    import redis

    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1)


@cache
def _script() -> Any:
    return _redis().register_script(_TAKE)
