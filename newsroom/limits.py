"""Rate limits that are exact under concurrency and across processes.

"10/m" means: never more than ten hits within any sixty seconds. The times of a key's recent hits are stored together,
and checked and updated in one atomic step: by a script in Redis, or without Redis under the lock of a database row.

A clock may be put back. Then hits of the future do not count, else somebody would be refused until the clock is there
again.
"""

from __future__ import annotations

import logging
import math
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.utils.translation import ngettext

from newsroom.database.statements import here
from newsroom.errors import TooManyRequests
from newsroom.metrics import counter
from newsroom.models import Limit

logger = logging.getLogger(__name__)

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_SECOND = 1_000_000  # microseconds
_AHEAD = 60 * _SECOND  # hits as far ahead of a process's clock still count: others were faster, or have another clock
_REDIS_REST_SECONDS = 5  # after an error Redis is not used for this time
_TAKE = """
local clock = redis.call('TIME')
local now, window, most = clock[1] * 1000000 + clock[2], tonumber(ARGV[1]), tonumber(ARGV[2])
local newest = tonumber(redis.call('LINDEX', KEYS[1], 0))
while newest and newest > now do
  redis.call('LPOP', KEYS[1])
  newest = tonumber(redis.call('LINDEX', KEYS[1], 0))
end
local oldest = tonumber(redis.call('LINDEX', KEYS[1], -1))
while oldest and oldest <= now - window do
  redis.call('RPOP', KEYS[1])
  oldest = tonumber(redis.call('LINDEX', KEYS[1], -1))
end
local over = redis.call('LINDEX', KEYS[1], most - 1)
if over then return {0, string.format('%.0f', tonumber(over) + window - now)} end
for _ = 1, tonumber(ARGV[3]) do redis.call('LPUSH', KEYS[1], string.format('%.0f', now)) end
redis.call('PEXPIRE', KEYS[1], math.ceil(window / 1000))
return {1, string.format('%.0f', now)}
"""


# Values: key, `now` as often as it counts, until; twice the first and last time that count; the maximum of hits.
_TAKE_ROW = """
INSERT INTO newsroom_limit AS old (key, hits, until) VALUES (%s, %s, %s) ON CONFLICT (key) DO UPDATE
SET hits = {counted}, until = excluded.until
WHERE (SELECT count(*) FROM {hits} WHERE CAST(value AS bigint) BETWEEN %s AND %s) < %s RETURNING 1"""
_TAKE_IN = {
    "postgresql": _TAKE_ROW.format(
        hits="jsonb_array_elements(old.hits)",
        counted="COALESCE((SELECT jsonb_agg(value) FROM jsonb_array_elements(old.hits)"
        " WHERE CAST(value AS bigint) BETWEEN %s AND %s), '[]') || excluded.hits",
    ),
    "sqlite": _TAKE_ROW.format(
        hits="json_each(old.hits)",
        counted="(SELECT json_group_array(value) FROM (SELECT value FROM json_each(old.hits)"
        " WHERE value BETWEEN %s AND %s UNION ALL SELECT value FROM json_each(excluded.hits)))",
    ),
}


@dataclass(frozen=True, slots=True)
class Place:
    """A counted hit: taken at `at`, microseconds since 1970."""

    key: str
    at: int


def hit(name: str, key: object, *, factor: int = 1) -> Place | None:
    """Count a hit of `key` (a person's id, an address) under the limit `settings.LIMITS[name]`. Returns None without a
    limit.

    `factor` widens the limit (moderators comment tenfold). Raises TooManyRequests with `retry_after` in seconds, at
    least 1; a refused hit is not counted. Call it before a transaction, since a rollback would undo the count.
    """
    if not settings.LIMITS[name]:
        return None
    amount, seconds = parse(settings.LIMITS[name])
    return take(f"{name}:{key}", amount * factor, seconds)


def charge(name: str, key: object, hits: int) -> None:
    """Count more hits, even beyond the limit, after a `hit` that turned out to cost as much as these beside it."""
    if settings.LIMITS[name] and hits:
        amount, seconds = parse(settings.LIMITS[name])
        with suppress(TooManyRequests):  # others have reached the limit meanwhile
            take(f"{name}:{key}", amount + 1, seconds, hits=hits)


def take(key: str, amount: int, seconds: float, *, hits: int = 1) -> Place:
    """Count one of the `amount` hits that `key` ("limit:whose") has within any `seconds`; as several `hits` if one is
    left. Raises TooManyRequests.
    """
    window = int(seconds * _SECOND)
    try:
        place = _take_in_redis(key, amount, window, hits) if settings.REDIS_URL else None
        return place or _take_in_database(key, amount, window, hits)
    except TooManyRequests:
        refuse(key.partition(":")[0])
        raise


def refuse(name: str) -> None:
    """Count for `/metrics` that somebody has reached a limit."""
    counter("newsroom_limited_total", "What was refused, by the limit that it had reached.", limit=name).inc()


def give_back(place: Place) -> None:
    """Undo a counted hit."""
    if settings.REDIS_URL and _redis_is_there():
        import redis

        try:
            _redis().lrem(_redis_key(place.key), 1, str(place.at))
        except redis.RedisError as error:
            _leave_redis_alone(error)
    with transaction.atomic():
        row = Limit.objects.select_for_update().filter(pk=place.key).first()
        if row and place.at in row.hits:
            row.hits.remove(place.at)
            row.save(update_fields=["hits"])


def forget(key: str) -> None:
    """Undo all hits of `key` (as given to `take`)."""
    if settings.REDIS_URL and _redis_is_there():
        import redis

        try:
            _redis().delete(_redis_key(key))
        except redis.RedisError as error:
            _leave_redis_alone(error)
    Limit.objects.filter(pk=key).delete()


def prune() -> int:
    """Delete counters without current hits. Returns their number."""
    return Limit.objects.filter(until__lt=_now()).delete()[0]


@cache
def parse(limit: str) -> tuple[int, int]:
    """ "10/m" as (10, 60). Raises ImproperlyConfigured."""
    amount, _, unit = limit.partition("/")
    if not amount.isdigit() or not int(amount) or unit not in UNITS:
        raise ImproperlyConfigured(f"A limit looks like 10/m (s, m, h, d), not {limit!r}.")
    return int(amount), UNITS[unit]


def _take_in_database(key: str, amount: int, window: int, count: int) -> Place:
    """Count the hit in one statement. If two meet at a row, the second one sees the first one's hit.

    On SQLite it waits for its turn among the writers, unless its transaction has the turn already.
    """
    now = _now()
    first, last = now - window + 1, now + _AHEAD
    values: list[str | int] = [key, str([now] * count), now + window, first, last, first, last, amount]
    database = here()
    take = transaction.atomic(_count) if database.vendor == "sqlite" and not database.in_atomic_block else _count
    if take(values):
        return Place(key, now)
    row = Limit.objects.filter(pk=key).first()
    hits = [each for each in row.hits if first <= each <= last] if row else []
    over = sorted(hits)[-amount] + window - now if len(hits) >= amount else 0
    raise _refusal(min(over, window))  # other hits may have been counted after `now`


def _count(values: list[str | int]) -> bool:
    """Whether the hit was within the limit."""
    database = here()
    return bool(database.planned_rows(_TAKE_IN[database.vendor], values))


def _take_in_redis(key: str, amount: int, window: int, count: int) -> Place | None:
    """None if Redis is down."""
    if not _redis_is_there():
        return None
    import redis

    try:
        taken, figure = _script()(keys=[_redis_key(key)], args=[window, amount, count])
    except redis.RedisError as error:
        _leave_redis_alone(error)
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


def _leave_redis_alone(error: Exception) -> None:
    global _redis_rests_until  # noqa: PLW0603  one switch a process
    _redis_rests_until = time.monotonic() + _REDIS_REST_SECONDS
    logger.warning("Redis is away: limits are counted in the database: %s", error)


def _redis_key(key: str) -> str:
    return f"limit:{key}"


@cache
def _redis() -> Any:
    import redis

    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1)


@cache
def _script() -> Any:
    return _redis().register_script(_TAKE)
