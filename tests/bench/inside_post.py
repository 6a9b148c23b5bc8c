"""Posting inside a process of the product, without HTTP. `python -m tests.bench.inside_post WHAT DISCUSSION …`"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import uuid4

import django

THREADS = 64
TIMES = 300
LETTER = (
    "Das sehe ich **anders**: die Brücke ist seit Jahren gesperrt, und niemand weiß, warum. https://news.example/{}"
)


_texts = count(time.time_ns())  # no two are the same


def breakdown(discussion: int) -> list[tuple[str, float, float]]:
    """(part, CPU milliseconds of this process, statements), each part run by itself."""
    from accounts.models import User
    from comments import actions
    from comments.actions.guards import Said
    from comments.actions.judging import facts_of, judged
    from comments.models import Discussion
    from newsroom import limits

    people = list(User.objects.filter(email__startswith="person").order_by("-pk")[: 3 * TIMES])
    here = Discussion.objects.select_related("hours").get(pk=discussion)
    said = Said.of(LETTER.format(0))
    now = datetime.now(UTC)
    each = iter(people)

    def post() -> None:
        actions.post(discussion, author=next(each), text=LETTER.format(uuid4()), key=uuid4())

    parts: list[tuple[str, Callable[[], object]]] = [
        ("cleaning and Markdown", lambda: Said.of(LETTER.format(uuid4()))),
        ("our rules", lambda: judged(said, here, people[0], facts_of(said, here, people[0], now), now, {})),
        ("the limit", lambda: limits.hit("comments", next(each).pk)),
        ("numbering and folding", _numbering(discussion)),
        ("actions.post, all of these", post),
    ]
    return [(name, *_cost(call)) for name, call in parts]


def _numbering(discussion: int) -> Callable[[], None]:
    """A fact that says nothing new, published, numbered and folded like a post's."""
    from django.db import transaction

    from newsroom.live.outbox import Fact, publish

    def run() -> None:
        with transaction.atomic():
            publish(Fact(f"discussion.{discussion}", "discussion.slow", f"discussion.{discussion}", {"version": 0}))

    return run


def _cost(call: Callable[[], object]) -> tuple[float, float]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    call()
    start = time.thread_time()
    for _ in range(TIMES - 20):
        call()
    used = (time.thread_time() - start) / (TIMES - 20)
    with CaptureQueriesContext(connection) as seen:
        call()
    return used * 1000, float(len(seen))


def post(discussion: int, seconds: float) -> dict[str, Any]:
    """{posts, seconds, times, errors}: as many as 64 threads manage, each its own people."""
    from accounts.models import User

    people = list(User.objects.filter(email__startswith="person").order_by("-pk"))
    until = time.monotonic() + seconds
    times: list[float] = []
    errors: list[str] = []
    threads = [
        threading.Thread(target=_post_on, args=(discussion, people[number::THREADS], until, times, errors))
        for number in range(THREADS)
    ]
    start = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for error in sorted(set(errors)):
        print(error, file=sys.stderr)
    return {"posts": len(times), "seconds": time.monotonic() - start, "times": times, "errors": len(errors)}


def _post_on(discussion: int, people: list[Any], until: float, times: list[float], errors: list[str]) -> None:
    from django.db import connection

    from comments import actions

    number = 0
    while time.monotonic() < until:
        text = LETTER.format(next(_texts))
        start = time.monotonic()
        try:
            actions.post(discussion, author=people[number % len(people)], text=text, key=uuid4())
            times.append(time.monotonic() - start)
        except Exception as error:  # noqa: BLE001  counted and named
            errors.append(repr(error))
        number += 1
    connection.close()


def import_until_stopped(discussion: int) -> int:
    """How many comments were imported until SIGTERM, in batches as every import writes them."""
    from comments.importers.loader import Import, load
    from comments.models import Discussion
    from newsroom.database.batches import Batches

    stopped: list[int] = []
    signal.signal(signal.SIGTERM, lambda *_: stopped.append(1))
    there, numbers, batches, done = Discussion.objects.get(pk=discussion), _numbers(), Batches(), 0
    while not stopped:
        some = [
            Import(f"n{n}", None, datetime(2025, 1, 1, tzinfo=UTC) + timedelta(seconds=n), "Text", "<p>Text</p>", "Eva")
            for n in (next(numbers) for _ in range(200))
        ]
        load(there, some, source=f"bench{os.getpid()}", batches=batches)
        done += len(some)
    return done


def _numbers() -> Iterator[int]:
    return count()


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "newsroom.settings"
    django.setup()
    from newsroom.server.process import settle

    settle()  # as a process that serves does
    match sys.argv[1:]:
        case ["breakdown", number]:
            print(json.dumps(breakdown(int(number))))
        case ["post", number, seconds]:
            print(json.dumps(post(int(number), float(seconds))))
        case ["import", number]:
            print(import_until_stopped(int(number)))
