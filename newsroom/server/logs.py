"""The formats of log lines, and a filter against many lines about one outage."""

from __future__ import annotations

import json
import logging
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.db import DatabaseError, InterfaceError, OperationalError

from newsroom.monitoring.masking import masked
from newsroom.monitoring.requests import current

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_DRIVERS = ("redis", "psycopg", "psycopg_pool")
QUIET_SECONDS = 60.0  # an outage is over after this time without a record
REMINDER_SECONDS = 600.0  # between two lines about the same outage


class Formatter(logging.Formatter):
    """A line for people: time, level, logger, the request's id if there is one, message; then the traceback.

    Times are UTC, ISO 8601: local ones are ambiguous for an hour each autumn. Control characters in a message are
    escaped: what somebody has sent could otherwise look like a line of its own.
    """

    converter = staticmethod(time.gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def format(self, record: logging.LogRecord) -> str:
        request_id = current().id
        record.asked = f" [{request_id}]" if request_id else ""
        return masked(super().format(record))

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  logging's own name
        return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), super().formatMessage(record))


class JSONFormatter(Formatter):
    """One JSON object a line, for programs."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": self.formatTime(record),
            "level": record.levelname,
            "logger": record.name,
            "message": masked(record.getMessage()),
            "request_id": current().id or None,
        }
        trace = [self.formatException(record.exc_info)] if record.exc_info else []
        trace += [self.formatStack(record.stack_info)] if record.stack_info else []
        if trace:
            line["traceback"] = masked("\n".join(trace))
        return json.dumps(line, ensure_ascii=False)


@dataclass
class _Outage:
    told: float
    seen: float
    more: int = 0


class OneLineAnOutage(logging.Filter):
    """Of records about a database or Redis that is busy or down, passes one of a kind, without its traceback.

    Records within a minute of the last one are counted and reported with the next line: after the outage, or every ten
    minutes while it lasts.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._lock = threading.Lock()
        self._outages: dict[tuple[str, object], _Outage] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if not is_of_an_outage(record):
            return True
        record.is_of_an_outage = True  # for others that get it after this, without its error
        error = _error(record)
        more = self._more(record)
        if more is None:
            return False
        line = record.getMessage()
        if error is not None and str(error) not in line:
            line = f"{line}: {error}"
        record.msg = line.partition("\n")[0].strip() + (f" (and {more} more like it)" if more else "")
        record.args = record.exc_info = record.exc_text = None
        return True

    def _more(self, record: logging.LogRecord) -> int | None:
        """The number of records dropped since the last line of this kind; None if this one is dropped, too."""
        now = self._clock()
        with self._lock:
            outage = self._outages.setdefault((record.name, record.msg), _Outage(told=-REMINDER_SECONDS, seen=now))
            is_going_on = now - outage.seen < QUIET_SECONDS and now - outage.told < REMINDER_SECONDS
            outage.seen = now
            if is_going_on:
                outage.more += 1
                return None
            more, outage.more, outage.told = outage.more, 0, now
            return more


def _error(record: logging.LogRecord) -> BaseException | None:
    if record.exc_info and record.exc_info[1]:
        return record.exc_info[1]
    arguments = record.args if isinstance(record.args, tuple) else ()
    return next((each for each in arguments if isinstance(each, BaseException)), None)


def is_of_an_outage(record: logging.LogRecord) -> bool:
    """Whether it says that a database or Redis is busy or down."""
    error = _error(record)
    if getattr(record, "is_of_an_outage", False) or getattr(record, "status_code", 0) == 503:  # Django's of an answer
        return True
    said_by = record.name if error is None else type(error).__module__  # a pool gives up without an error
    is_of_a_driver = said_by.partition(".")[0] in _DRIVERS
    return is_of_a_driver or isinstance(error, OperationalError | InterfaceError) or type(error) is DatabaseError
