"""What writing leaves behind and what keeping costs: the log and its pruning, the size of rows, idling, imports."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

import django

from tests.bench.inside_pages import asking
from tests.bench.machine import run_seconds, tree
from tests.bench.run import Run
from tests.bench.servers import Base, Server, constant, environment_of, product
from tests.bench.worlds import copied
from tests.support.product import ROOT

EVENTS, STREAMS = 50_000, 1_000
POSTS = 100
WORDS = "comments_words"  # the search's table; on SQLite one of several
START_SECONDS = 10.0  # until the walk through the smallest world has ended
IDLE_SECONDS = 8.0
IMPORTED = re.compile(r" first .*\(\s*([\d,]+)\)")


def keeping(run: Run) -> None:
    with copied(run.base) as base:
        sizes = _inside(base, "fill")
        print(f"bytes an event: {sizes['event']:.0f} with its indexes, {sizes['data']:.0f} of it JSON")
        print(f"bytes a comment: {sizes['comment']:.0f} with its indexes, its tally and reactions, and the search")
        with asking(base) as asker:
            # The second passes the places of the rows that the first has deleted; no later one does.
            pruned, _second, nothing = asker.prune(), asker.prune(), asker.prune()
    each = (pruned["own"] + pruned["database"]) * 1000 / max(1, pruned["count"])
    share = pruned["database"] * 1000 / max(1, pruned["count"])
    print(f"pruning {pruned['count']} events of {STREAMS} streams: {each:.1f} µs an event, the database {share:.1f}")
    print(f"pruning nothing: {nothing['own'] + nothing['database']:.2f} ms, the database {nothing['database']:.2f}")
    run.sheet.note("pruning an event", each)
    run.sheet.note("pruning nothing", nothing["own"] + nothing["database"])
    run.sheet.note("bytes an event", sizes["event"])
    _idle(run)
    _import(run)


def _idle(run: Run) -> None:
    """CPU milliseconds a second while nobody asks, beside the same server without a product. In the smallest world: a
    process begins with a walk through all rows, a thousand a second, and is not idle before that has ended.
    """
    ours: list[float] = []
    theirs: list[float] = []
    smallest = next(iter(run.worlds.values()))
    with product(smallest) as server, constant(b"") as bare:
        time.sleep(START_SECONDS)
        server.settle()
        for _ in range(run.rounds):
            for into, each in ((ours, server), (theirs, bare)):
                into.append(_idled(each))
    print(f"idle: {median(ours):.1f} ms a second, the bare server {median(theirs):.1f}")
    run.sheet.note("idle / bare server", median(a / b for a, b in zip(ours, theirs, strict=True)))


def _idled(server: Server) -> float:
    pids = [pid for root in (*server.own, *server.database) for pid in tree(root)]
    before = sum(map(run_seconds, pids))
    time.sleep(IDLE_SECONDS)
    return (sum(map(run_seconds, pids)) - before) / IDLE_SECONDS * 1000


def _import(run: Run) -> None:
    """The first run of `tests.bench.imports`, without what starting the command takes."""
    asked = ["20000", "--database", run.base.name.lower(), "--only", "first", "again"]
    command = [sys.executable, "-m", "tests.bench.imports", *asked]
    told = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    print(told.strip())
    found = IMPORTED.search(told)
    assert found, told
    run.sheet.note(f"import, comments a CPU second, {run.base.name}", float(found[1].replace(",", "")))


def _inside(base: Base, *arguments: str) -> Any:
    command = [sys.executable, "-m", "tests.bench.keeping", *arguments]
    env = environment_of(base.url, LIMIT_COMMENTS="1000000/s")
    return json.loads(subprocess.run(command, cwd=ROOT, env=env, check=True, stdout=subprocess.PIPE).stdout)


# --- inside the product


def fill() -> dict[str, float]:
    """Old events as posts leave them, in many streams; gives what an event and a comment take, in bytes."""
    from comments.models import Comment

    taken = _bytes_of("comments_comment", "comments_commenttally", "comments_reaction", WORDS)
    sample = _posted()
    before = _bytes_of("live_event")
    _write(sample)
    events = _bytes_of("live_event") - before
    size = median(len(json.dumps(each.data, ensure_ascii=False, separators=(",", ":")).encode()) for each in sample)
    return {"comment": taken / Comment.objects.count(), "event": events / EVENTS, "data": size}


def _posted() -> Sequence[Any]:
    """The events of real posts, numbered and folded."""
    from accounts.models import User
    from comments import actions
    from comments.models import Discussion
    from newsroom.live.models import Event
    from tests.bench.writing import texts

    newest = Event.objects.latest("pk").pk
    thread = Discussion.objects.filter(mode="thread").earliest("pk")
    people = list(User.objects.filter(role="reader").order_by("pk")[:POSTS])
    for person, text in zip(people, texts(), strict=False):
        actions.post(thread.pk, author=person, text=f"{text} {'Das war schon immer so. ' * 4}")
    return list(Event.objects.filter(pk__gt=newest, stream=thread.stream, kind__startswith="comment"))


def _write(sample: Sequence[Any]) -> None:
    """Copies of them, older than all others, as the log has them: by time, streams in turn."""
    from django.db import connection
    from django.db.models import Max, Min

    from newsroom.live.models import Event, Stream
    from tests.bench.discussions import copy

    fields = [field for field in Event._meta.concrete_fields if field.name not in ("offset", "created_at", "stream")]
    columns = [field.column for field in fields] + ["offset", "created_at", "stream"]
    known = Event.objects.aggregate(first=Min("pk"), last=Max("pk"))
    Event.objects.filter(pk__gte=known["first"]).delete()
    old = datetime.now(UTC) - timedelta(days=3)

    def rows() -> Iterator[tuple[Any, ...]]:
        for number in range(EVENTS):
            one = sample[number % len(sample)]
            own = [_stored(field, getattr(one, field.attname)) for field in fields]
            own[0] = known["last"] + number + 1
            at = old + timedelta(milliseconds=number)
            yield (*own, number // STREAMS + 1, at, f"discussion.{10_000_000 + number % STREAMS}")

    copy(Event, columns, rows())
    names = [f"discussion.{10_000_000 + number}" for number in range(STREAMS)]
    Stream.objects.bulk_create(Stream(name=name, top=EVENTS // STREAMS) for name in names)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE live_event")  # as a site that runs has it


def _stored(field: Any, value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if field.name == "data" and value is not None else value


def _bytes_of(*tables: str) -> int:
    """With their indexes; on SQLite without what is free on their pages."""
    from django.db import connection

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT sum(pg_total_relation_size(each::regclass)) FROM unnest(%s::text[]) AS each", [list(tables)]
            )
            return int(cursor.fetchone()[0])
        cursor.execute("SELECT name, tbl_name FROM sqlite_schema")
        known = cursor.fetchall()
        wanted = {name for name, table in known if table in tables or (table.startswith(WORDS) and WORDS in tables)}
        cursor.execute("SELECT name, pgsize - unused FROM dbstat WHERE aggregate = TRUE")
        return sum(size for name, size in cursor.fetchall() if name in wanted)


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "newsroom.settings"
    django.setup()
    print(json.dumps({"fill": fill}[sys.argv[1]]()))
