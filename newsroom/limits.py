"""Atomic limits that hold exactly under concurrency and over several processes.

A limit "10/m" is a leaky bucket of ten that empties evenly within a minute (generic cell rate algorithm,
ITU-T I.371): one stored number a key, the theoretical arrival time, moved on in one atomic step.
Redis counts where it is configured, else, or while it is away, the database.
"""

from __future__ import annotations

import logging
import math
import time
from functools import cache
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.utils.translation import ngettext

from newsroom.errors import TooManyRequests

logger = logging.getLogger(__name__)

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_STEP = """
local now, interval, burst = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local tat = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now)
local over = tat + interval - burst - now
if over > 0 then return over end
redis.call('SET', KEYS[1], tat + interval, 'PX', math.ceil((tat + interval - now) / 1000) + 1000)
return 0
"""


def hit(name: str, key: object, *, factor: int = 1) -> None:
    """Count one deed of `key` (a person's id, an address) under the limit `settings.LIMITS[name]`.

    `factor` widens the limit (moderators comment tenfold). Raises TooManyRequests with `retry_after` in seconds,
    at least 1; a refused deed is not counted.
    """
    amount, seconds = parse(settings.LIMITS[name])
    interval = seconds * 1_000_000 // (amount * factor)  # microseconds
    over = _take(f"{name}:{key}", interval, seconds * 1_000_000)
    if over > 0:
        wait = max(1, math.ceil(over / 1_000_000))
        sentence = ngettext("Too fast: try again in %d second.", "Too fast: try again in %d seconds.", wait) % wait
        raise TooManyRequests(sentence, retry_after=wait)


@cache
def parse(limit: str) -> tuple[int, int]:
    """ "10/m" as (10, 60). Raises ImproperlyConfigured."""
    amount, _, unit = limit.partition("/")
    if not amount.isdigit() or not int(amount) or unit not in UNITS:
        raise ImproperlyConfigured(f"A limit looks like 10/m (s, m, h, d), not {limit!r}.")
    return int(amount), UNITS[unit]


def _take(key: str, interval: int, burst: int) -> int:
    """Microseconds until the deed would be allowed; 0 took a place."""
    now = time.time_ns() // 1000
    if settings.REDIS_URL:
        import redis

        try:
            return int(_script()(keys=[f"limit:{key}"], args=[now, interval, burst]))
        except redis.RedisError:
            logger.warning("Redis is away: limits are counted in the database")
    return _take_in_database(key, now, interval, burst)


def _take_in_database(key: str, now: int, interval: int, burst: int) -> int:
    """One statement: on both databases the row is locked while it is judged and moved on."""
    greatest = "GREATEST" if connection.vendor == "postgresql" else "MAX"
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO newsroom_limit (key, tat) VALUES (%s, %s) "  # noqa: S608
            f"ON CONFLICT (key) DO UPDATE SET tat = {greatest}(newsroom_limit.tat, %s) + %s "
            f"WHERE {greatest}(newsroom_limit.tat, %s) + %s <= %s RETURNING tat",
            [key, now + interval, now, interval, now, interval, now + burst],
        )
        if cursor.fetchone():
            return 0
        cursor.execute("SELECT tat FROM newsroom_limit WHERE key = %s", [key])
        row = cursor.fetchone()
    return max(1, row[0] + interval - burst - now) if row else 1


@cache
def _script() -> Any:
    import redis

    client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1)
    return client.register_script(_STEP)
