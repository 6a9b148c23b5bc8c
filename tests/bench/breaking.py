"""A breaking story: readers ask as fast as they are answered while a discussion and the newsticker move."""

from __future__ import annotations

import json
import random
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from contextlib import ExitStack
from itertools import cycle
from statistics import median
from typing import Any, Self
from uuid import uuid4

from tests.bench.readers import reading
from tests.bench.run import Run
from tests.bench.servers import CLIENT_CPU, Base, Server, get, logged_in, product
from tests.bench.worlds import copied
from tests.bench.writing import texts

COMMENTS_A_SECOND, ITEM_EVERY = 5, 10.0
SOCKETS = 1000
ASKED = 2000  # requests that are dealt in turn
LONGER = 4  # times the seconds of other parts: the ticker has to move
AS_BROWSERS = {"Accept-Encoding": "gzip"}
WITHOUT_LIMITS = {"LIMIT_COMMENTS": "1000000/s", "LIMIT_SOCKETS_ADDRESS": "100000", "LIMIT_HANDSHAKES_ADDRESS": "2000"}


def breaking(run: Run) -> None:
    """Reads a second of CPU: nothing moves, a story breaks, and a fifth of those who read pages are logged in."""
    plain, mixed = (_requests(run.base.data, share) for share in (0.0, 0.2))
    found: dict[str, list[dict[str, float]]] = {"reads only": [], "breaking": [], "breaking, a fifth logged in": []}
    wrong = 0
    with copied(run.base) as base, product(base, **WITHOUT_LIMITS) as server:
        run.load.put(server, plain, count=ASKED)
        for _ in range(max(1, run.rounds - 1)):
            found["reads only"].append(_reads(run, server, plain))
            with _Story(run, base, server) as story:
                found["breaking"].append(_reads(run, server, plain))
                found["breaking, a fifth logged in"].append(_reads(run, server, mixed))
            wrong += story.wrong
    print(f"{'':30}{'reads/CPU s':>12}{'cores':>8}{'database':>10}{'p50 ms':>9}{'p99 ms':>9}{'wrong':>7}")
    for name, rounds in found.items():
        told = {key: median(each[key] for each in rounds) for key in rounds[0]}
        line = f"{name:30}{told['reads']:12.0f}{told['cores']:8.2f}{told['database']:10.2f}"
        print(f"{line}{told['p50']:9.1f}{told['p99']:9.1f}{told['wrong']:7.0f}")
        wrong += int(sum(each["wrong"] for each in rounds))
    print(f"wrong answers, failed posts, gaps on sockets: {wrong}")
    run.sheet.note("reads a CPU second, a fifth logged in", median(each["reads"] for each in found[name]))
    run.sheet.note("wrong answers, failed posts", wrong)


def _requests(data: Any, share: float) -> list[bytes]:
    """Four of five are pages: the front page (40 of 100), the hot article (35), 200 others; the rest is the API."""
    chance, people = random.Random(7), cycle(data["sessions"])
    hot = data["hot"]
    others = [f"/articles/{slug}/" for slug in data["slugs"]]
    lists = [f"/api/v1/discussions/{hot['id']}/comments/?limit=25", "/api/v1/articles/?limit=20"]
    lists.append(f"/api/v1/discussions/?article={hot['slug']}")
    made = []
    for _ in range(ASKED):
        headers = dict(AS_BROWSERS)
        if chance.random() < 0.2:
            path = chance.choice(lists)
        else:
            [kind] = chance.choices(["/", f"/articles/{hot['slug']}/", ""], [40, 35, 25])
            path = kind or chance.choice(others)
            if chance.random() < share:
                headers |= logged_in(next(people))
        made.append(get(path, **headers))
    return made


def _reads(run: Run, server: Server, requests: list[bytes]) -> dict[str, float]:
    """Not `put`: while a story breaks the server never settles, and what writing costs counts."""
    before, began = server.cpu(), time.monotonic()
    said = run.load.start(server, requests, seconds=run.seconds * LONGER)()
    own, database = (after - at for after, at in zip(server.cpu(), before, strict=True))
    seconds = time.monotonic() - began
    wrong = said["broken"] + sum(n for status, n in said["statuses"].items() if status not in {"200", "304"})
    reads = said["requests"] / (own + database)
    told = {"reads": reads, "cores": (own + database) / seconds, "database": database / seconds, "wrong": wrong}
    return told | {"p50": said["p50"], "p99": said["p99"]}


class _Story:
    """Comments into the hot discussion, items of the newsticker, and sockets that follow the discussion."""

    def __init__(self, run: Run, base: Base, server: Server) -> None:
        self.answers: Counter[int] = Counter()
        self.wrong = 0
        self._data, self._server = base.data, server
        self._people = cycle(base.data["sessions"])
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=each) for each in (self._comment, self._report)]
        self._stack = ExitStack()
        self._arguments = ["-u", f"/live/?streams=discussion.{base.data['hot']['id']}"]
        self._program, self._seconds = run.readers, 2 * run.seconds * LONGER

    def __enter__(self) -> Self:
        sockets = reading(self._program, self._server.port, SOCKETS, self._arguments, cpu=CLIENT_CPU)
        self._readers = self._stack.enter_context(sockets)
        self._readers.send(f"watch {self._seconds}")
        for each in self._threads:
            each.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stop.set()
        for each in self._threads:
            each.join()
        seen = self._readers.answer()
        self._stack.close()
        failed = sum(n for status, n in self.answers.items() if status != 201)
        closed = SOCKETS - seen["open"]
        self.wrong = failed + closed + seen["gaps"] + seen["failed_5xx"]
        print(f"  {self.answers[201]} posts, {failed} failed; {closed} sockets closed, {seen['gaps']} gaps")

    def _comment(self) -> None:
        path = f"/api/v1/discussions/{self._data['hot']['id']}/comments/"
        written = texts()
        while not self._stop.wait(1 / COMMENTS_A_SECOND):
            self._post(path, {"text": next(written)}, next(self._people))

    def _report(self) -> None:
        editor = self._data["staff"]["editor"]
        while not self._stop.wait(ITEM_EVERY / 4):
            item = {"headline": "Die Brücke ist wieder offen", "text": "Das sagt die Polizei.", "state": "published"}
            self._post("/api/v1/tickers/newsticker/items/", item, editor)
            self._stop.wait(ITEM_EVERY * 3 / 4)

    def _post(self, path: str, body: dict[str, Any], session: str) -> None:
        headers = {"Content-Type": "application/json", "Idempotency-Key": str(uuid4()), **logged_in(session)}
        asked = urllib.request.Request(
            f"http://127.0.0.1:{self._server.port}{path}", json.dumps(body).encode(), headers
        )
        try:
            with urllib.request.urlopen(asked, timeout=60) as answer:
                self.answers[answer.status] += 1
        except urllib.error.HTTPError as refused:
            self.answers[refused.code] += 1
        except OSError:
            self.answers[0] += 1
