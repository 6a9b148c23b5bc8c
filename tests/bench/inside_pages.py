"""Asks addresses inside a process of the product, without server and cache: `python -m tests.bench.inside_pages`.

Reads a line of JSON for each question and answers with another one; see `Asker`. Its figures are exact to microseconds,
and statements are counted.
"""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import django

from tests.bench.machine import cpu_seconds, run_seconds, tree
from tests.bench.servers import Base, environment_of
from tests.support.product import ROOT

AS_IT_IS = {
    "SITE_URL": "http://127.0.0.1",
    "ALLOWED_HOSTS": "127.0.0.1,testserver",
    "LIMIT_SEARCHES": "1000000/s",
    "LIMIT_COMMENTS": "1000000/s",
    "SEARCH_TIMEOUT": "60",
    "STATEMENT_TIMEOUT": "60",
    "LOG_LEVEL": "CRITICAL",
}
MANY = 1000  # rows: more than any page shows
ENOUGH, AT_LEAST, AT_MOST = 0.04, 2, 25  # CPU seconds of a question, and how often it is asked


class Asker:
    """A process of the product on a world."""

    def __init__(self, base: Base) -> None:
        command = [sys.executable, "-m", "tests.bench.inside_pages", *map(str, base.roots)]
        env = environment_of(base.url, **AS_IT_IS)
        self._process = subprocess.Popen(
            command, cwd=ROOT, env=env, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=1
        )

    def ask(self, path: str, session: str = "", **more: Any) -> dict[str, Any]:
        """{"own", "database": CPU ms of the cheapest of some requests, "statements", "status", "kb": thousand bytes of
        its body, "packed": the same as gzip; with `blocks` of PostgreSQL also "blocks": what it reads, and "wide":
        parts of plans that look at many rows}.
        """
        found: dict[str, Any] = self._said({"path": path, "session": session, **more})
        return found

    def addresses(self, words: Mapping[str, str]) -> list[tuple[str, str, str]]:
        """Name, role and path of all that `tests.bench.addresses` lists."""
        return [(name, role, path) for name, role, path in self._said({"words": words})]

    def prune(self) -> dict[str, Any]:
        """The log, once: "count" events were deleted, for "own" and "database" CPU ms."""
        found: dict[str, Any] = self._said({"prune": True})
        return found

    def close(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(60)

    def _said(self, asked: Mapping[str, Any]) -> Any:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(asked) + "\n")
        line = self._process.stdout.readline()
        assert line, f"the asker ended with {self._process.wait()}"
        return json.loads(line)


@contextmanager
def asking(base: Base) -> Iterator[Asker]:
    asker = Asker(base)
    try:
        yield asker
    finally:
        asker.close()


# --- inside


class Clock:
    """CPU seconds of this process, and of PostgreSQL's. SQLite works in ours."""

    def __init__(self, roots: list[int]) -> None:
        self._roots = roots
        self._own, (self._exact, self._ended) = time.process_time(), self._database()

    def seconds(self) -> tuple[float, float]:
        """Since it was made. Exact for processes that live; those that have ended meanwhile are counted in ticks."""
        own, (exact, ticks) = time.process_time() - self._own, self._database()
        exact, ticks = exact - self._exact, ticks - self._ended
        return own, ticks if ticks - exact > 0.05 else max(0.0, exact)

    def _database(self) -> tuple[float, float]:
        pids = [pid for root in self._roots for pid in tree(root)]
        return sum(map(run_seconds, pids)), cpu_seconds(pids)


def _asked(asked: dict[str, Any], roots: list[int]) -> dict[str, Any]:
    from django.db import connection
    from django.test import Client

    client = Client(headers={"host": "127.0.0.1"}, raise_request_exception=False)
    if asked["session"]:
        client.cookies["sessionid"] = asked["session"]
    statements: list[tuple[str, Any]] = []

    def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        statements.append((sql, params))
        return execute(sql, params, many, context)

    costs: list[tuple[float, float]] = []
    while len(costs) < asked.get("most", AT_MOST) and (len(costs) < AT_LEAST or sum(map(sum, costs)) < ENOUGH):
        statements.clear()
        clock = Clock(roots)
        with connection.execute_wrapper(note):
            answer = client.get(asked["path"])
        costs.append(clock.seconds())
    own, database = min(costs, key=sum)
    told = {"own": own * 1000, "database": database * 1000, "statements": len(statements)}
    plans = [_plan(*each) for each in statements] if asked.get("blocks") else []
    read = sum(plan.get("Shared Hit Blocks", 0) + plan.get("Shared Read Blocks", 0) for plan in plans)
    wide = [each for plan in plans for each in _wide(plan)]
    size = {"kb": len(answer.content) / 1000, "packed": len(gzip.compress(answer.content, 4)) / 1000}
    return told | size | {"status": answer.status_code, "blocks": read, "wide": wide}


def _plan(sql: str, params: Any) -> dict[str, Any]:
    """How PostgreSQL has done it; nothing of what writes."""
    from django.db import connection

    if connection.vendor != "postgresql" or not sql.lstrip().startswith(("SELECT", "WITH")):
        return {}
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}", params)
        plan = cursor.fetchone()[0]
    found: dict[str, Any] = (json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]
    return found


def _wide(plan: dict[str, Any]) -> Iterator[str]:
    """Its parts that look at more than MANY rows."""
    times = plan.get("Actual Loops", 1)
    dropped = sum(plan.get(f"Rows Removed by {by}", 0) for by in ("Filter", "Index Recheck", "Join Filter"))
    rows = round((plan.get("Actual Rows", 0) + dropped) * times)
    if rows > MANY:
        where = plan.get("Index Name") or plan.get("Relation Name") or ""
        yield f"{plan['Node Type']} {where}: {rows}".replace(" :", ":")
    for each in plan.get("Plans", ()):
        yield from _wide(each)


def _addresses(words: dict[str, str]) -> list[tuple[str, str, str]]:
    from tests.bench.addresses import Words, addresses

    return [(f"{each.part} {each.role}: {each.name}", each.role, each.path) for each in addresses(Words(**words))]


def _pruned(roots: list[int]) -> dict[str, Any]:
    from newsroom.live.log.pruning import prune

    clock = Clock(roots)
    count = prune(48)
    own, database = clock.seconds()
    return {"own": own * 1000, "database": database * 1000, "count": count}


def main() -> None:
    roots = [int(each) for each in sys.argv[1:]]
    for line in sys.stdin:
        asked = json.loads(line)
        if "prune" in asked:
            answer: Any = _pruned(roots)
        else:
            answer = _addresses(asked["words"]) if "words" in asked else _asked(asked, roots)
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "newsroom.settings"
    django.setup()
    main()
