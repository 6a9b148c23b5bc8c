"""What the moderators' panel costs in a small and a large world on PostgreSQL, see docs/benchmarks-moderation.md. By
hand:

    uv run python -m tests.bench.moderation [--only pages decisions first] [--sizes S L] [--match queue]
        [--folder WHERE_THE_WORLDS_ARE_KEPT]

Needs PostgreSQL's programs. Every figure is of the moderator who may see all sections.
"""

from __future__ import annotations

import argparse
import re
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any

import httpx
import psycopg

from tests.bench import inside_decisions, worlds
from tests.bench.growth import Walked
from tests.bench.inside_pages import asking
from tests.bench.machine import facts
from tests.bench.servers import Base, product

ROUNDS = 3
CEILINGS = {"the queue": 9, "context of a case": 9}  # with the three that know the moderator
FIRST_BYTES = 40  # requests
MOST_PACKED = 40  # KB of a page
IDS = {
    "case": "SELECT max(id) FROM comments_case WHERE closed_at IS NULL AND kind = 'reported'",
    "person": "SELECT author_id FROM comments_authortally ORDER BY published DESC LIMIT 1",
    "discussion": "SELECT discussion_id FROM comments_discussiontally ORDER BY comment_count DESC LIMIT 1",
    "author": "SELECT min(author_id) FROM comments_case WHERE closed_at IS NULL AND kind = 'held'",
    "rule": "SELECT max(id) FROM comments_rule",
}


def addresses(base: Base) -> dict[str, str]:
    """Name → path of everything a moderator opens."""
    with psycopg.connect(base.url.replace("postgres://", "postgresql://")) as connection:
        ids = {name: connection.execute(sql).fetchone()[0] for name, sql in IDS.items()}  # type: ignore[index, arg-type]
    panel = "/moderation/"
    found = {
        "the board": panel,
        "the queue": f"{panel}queue/",
        "the queue, one kind": f"{panel}queue/?kind=reported",
        "the queue, a section": f"{panel}queue/?section=lokales&kind=held",
        "the queue, a section, the newest": f"{panel}queue/?section=lokales&order=newest",
        "the queue, the oldest": f"{panel}queue/?order=oldest",
        "the queue, an author": f"{panel}queue/?author={ids['author']}",
        "the queue, a discussion": f"{panel}queue/?discussion={ids['discussion']}",
        "the queue, a rule": f"{panel}queue/?rule=Werbung 3",
        "a case": f"{panel}cases/{ids['case']}/",
        "context of a case": f"{panel}cases/{ids['case']}/context/",
        "bulk, all": f"{panel}bulk/?kind=held",
        "people, a first name": f"{panel}people/?q=Anna",
        "people, a whole name": f"{panel}people/?q=Paul Peters 3",
        "people, an address": f"{panel}people/?q=p77@example.org",
        "a person": f"{panel}people/{ids['person']}/",
        "the log": f"{panel}decisions/",
        "the log, a reason": f"{panel}decisions/?reason=insult",
        "the log, an action": f"{panel}decisions/?action=remove",
        "the log, a section": f"{panel}decisions/?section=lokales",
        "discussions": f"{panel}discussions/",
        "discussions, a word": f"{panel}discussions/?q=Stadtrat",
        "a discussion": f"{panel}discussions/{ids['discussion']}/",
        "rules": f"{panel}rules/",
        "a rule": f"{panel}rules/{ids['rule']}/",
        "refused texts": f"{panel}refused/",
        "second looks": f"{panel}second/",
        "statistics": f"{panel}statistics/",
        "statistics, 90 days": f"{panel}statistics/?days=90",
        "models": f"{panel}models/",
    }
    api = "/api/v1/moderation/"
    lists = ("cases/", "counts/", "queue/", "decisions/", "people/?q=Anna", f"people/{ids['person']}/comments/")
    return found | {f"API {each.partition('/')[0]} {number}": f"{api}{each}" for number, each in enumerate(lists)}


def pages(found: Mapping[str, Base], match: str) -> None:
    """CPU of our process and of the database, statements, size, and how all that grows."""
    print(f"\n{'':34}{'statements':>11}{'CPU ms':>8}{'database':>9}{'KB':>7}{'gzip':>6}{'blocks':>8}  grows by")
    walked = {size: walk(base, match) for size, base in found.items()}
    smallest, largest = next(iter(walked.values())), list(walked.values())[-1]
    for name, each in largest.items():
        last, own = each.last, median(each.cpu)
        grown = own / median(smallest[name].cpu) if name in smallest else 1
        wrong = [f"status {last['status']}"] if last["status"] != 200 else []
        wrong += [f"more than {CEILINGS[name]} statements"] if last["statements"] > CEILINGS.get(name, 99) else []
        wrong += [f"more than {MOST_PACKED} KB"] if last["packed"] > MOST_PACKED else []
        figures = f"{last['statements']:11}{own:8.1f}{last['database']:9.1f}{last['kb']:7.0f}{last['packed']:6.1f}"
        print(f"{name:34}{figures}{last['blocks']:8}{grown:8.1f}  {'; '.join([*wrong, *last['wide']])}", flush=True)


def walk(base: Base, match: str) -> dict[str, Walked]:
    found = {name: path for name, path in addresses(base).items() if re.search(match, name)}
    walked = {name: Walked() for name in found}
    with asking(base) as asker:
        for number in range(ROUNDS):
            for name, path in found.items():
                session = base.data["staff"]["moderator"]
                walked[name].ask(asker, path, session, most=6, blocks=number == ROUNDS - 1)
    return walked


def decisions(found: Mapping[str, Base], match: str) -> None:
    """In a copy of the largest world: statements of the transaction, of all of it, and CPU."""
    print(f"\n{'':34}{'transaction':>12}{'statements':>11}{'CPU ms':>8}{'database':>9}")
    with worlds.copied(list(found.values())[-1]) as base:
        for name, told in inside_decisions.told(base).items():
            figures = f"{told['transaction']:12}{told['statements']:11}{told['own'] + told['database']:8.1f}"
            print(
                f"{name:34}{figures}{told['database']:9.1f}{'  status ' + str(told['status']) if told['odd'] else ''}"
            )


def first(found: Mapping[str, Base], match: str) -> None:
    """Wall time to the first byte of the queue, over HTTP; the machine must be quiet."""
    base = list(found.values())[-1]
    cookie = {"Cookie": f"sessionid={base.data['staff']['moderator']}", "Accept-Encoding": "gzip"}
    times = []
    with product(base) as server, httpx.Client(base_url=f"http://127.0.0.1:{server.port}", headers=cookie) as client:
        for _ in range(FIRST_BYTES):
            began = time.perf_counter()
            with client.stream("GET", "/moderation/queue/") as answer:
                assert answer.status_code == 200
                parts = answer.iter_raw()
                next(parts)
                times.append((time.perf_counter() - began) * 1000)
                for _rest in parts:
                    pass
    print(f"\nfirst byte of the queue, ms: least {min(times):.0f}, median {median(times):.0f} of {len(times)}")


PARTS: dict[str, Callable[[Mapping[str, Base], str], None]] = {"pages": pages, "decisions": decisions, "first": first}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", nargs="+", default=list(PARTS), choices=list(PARTS))
    parser.add_argument("--sizes", nargs="+", default=["S", "L"], choices=list(worlds.SIZES))
    parser.add_argument("--match", default="", help="regular expression of the pages' names")
    folder = Path(tempfile.gettempdir()) / "newsroom-worlds"
    parser.add_argument("--folder", type=Path, default=folder, help="PostgreSQL's user must be able to reach it")
    options = parser.parse_args()
    print(facts())
    with ExitStack() as stack:
        found: dict[str, Any] = stack.enter_context(worlds.opened("postgresql", options.folder, options.sizes))
        for part in options.only:
            PARTS[part](found, options.match)


if __name__ == "__main__":
    main()
