"""What operators read: one line an outage, in UTC."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import pytest
import time_machine
from django.db import OperationalError

from newsroom.server.logs import Formatter, OneLineAnOutage


class Clock:
    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def out(clock: Clock) -> Iterator[io.StringIO]:
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(Formatter("{asctime} {levelname}: {message}", style="{"))
    handler.addFilter(OneLineAnOutage(clock))
    logger = logging.getLogger("tests.logs")
    logger.addHandler(handler)
    yield written
    logger.removeHandler(handler)


def away() -> None:
    error = OperationalError("connection refused\nIs the server running?")
    logging.getLogger("tests.logs").error("cannot read", exc_info=error)


@time_machine.travel("2026-07-01T12:00:00+02:00", tick=False)
def test_times_are_utc(out: io.StringIO) -> None:
    logging.getLogger("tests.logs").warning("something")

    assert out.getvalue() == "2026-07-01T10:00:00.000Z WARNING: something\n"


def test_an_outage_is_told_once_in_one_line(out: io.StringIO) -> None:
    for _ in range(100):
        away()

    assert out.getvalue().endswith("Z ERROR: cannot read: connection refused\n")
    assert out.getvalue().count("\n") == 1


def test_one_that_comes_again_is_told_again_with_how_many_were_left_out(out: io.StringIO, clock: Clock) -> None:
    away()
    away()
    clock.seconds += 61
    away()

    assert out.getvalue().splitlines()[1].endswith("ERROR: cannot read: connection refused (and 1 more like it)")


def test_one_that_goes_on_is_recalled_every_ten_minutes(out: io.StringIO, clock: Clock) -> None:
    for _ in range(25):
        away()
        clock.seconds += 30

    assert len(out.getvalue().splitlines()) == 2


def test_a_fault_of_ours_is_told_each_time_with_its_traceback(out: io.StringIO) -> None:
    for _ in range(2):
        logging.getLogger("tests.logs").error("a bug", exc_info=ZeroDivisionError("ours"))

    assert out.getvalue().count("ZeroDivisionError: ours") == 2


def test_what_somebody_has_sent_makes_no_line_of_its_own(out: io.StringIO) -> None:
    logging.getLogger("tests.logs").warning("cannot follow %s", "a\nZ ERROR: all is lost\r\u2028\u202eb\x1b[2J")

    assert out.getvalue().endswith("Z WARNING: cannot follow a\\nZ ERROR: all is lost\\r\\u2028\\u202eb\\x1b[2J\n")
    assert out.getvalue().count("\n") == 1
