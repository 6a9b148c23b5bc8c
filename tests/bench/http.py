"""How much the HTTP side costs, beside Isso and beside the same server answering a constant body. By hand:

    uv run python -m tests.bench.http [--sizes 1000 100000 1000000] [--rounds 5] [--seconds 4] [--only reads]
    uv run python -m tests.bench.http --sizes 1000 --arrival 1000000

Figures are CPU milliseconds a request of the whole process tree, the database included, medians over the rounds; the
targets of a round are asked in turn, and ratios are medians of the rounds' own. Latencies are those of 64 connections
that ask as fast as they are answered. KB is the mean body: the older a page of a large discussion, the more replies
have gathered on it.
Needs PostgreSQL's programs, gcc, uv and, for Isso, the package index.
"""

from __future__ import annotations

import sys
from pathlib import Path

if __package__ in {None, ""}:  # run as a file, this folder would hide the library's own `http`
    sys.path[0] = str(Path(__file__).resolve().parents[2])

import argparse
import random
import tempfile
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from statistics import median
from typing import Any

from tests.bench import isso, writing
from tests.bench.machine import compiled, facts
from tests.bench.servers import (
    NOTHING_FITS,
    SERVER_CPU,
    Base,
    Figures,
    Load,
    Server,
    answer_size,
    constant,
    get,
    in_turns,
    logged_in,
    on_postgresql,
    on_sqlite,
    post,
    product,
)

AS_BROWSERS = {"Accept-Encoding": "gzip"}


@dataclass(frozen=True, slots=True)
class Target:
    """`requests` are dealt in turn. `aim`: the name of another target and how many times its CPU are allowed."""

    name: str
    server: Server
    requests: Sequence[bytes] | Callable[[], Sequence[bytes]]
    aims: tuple[tuple[str, float], ...] = ()
    most: float | None = None  # CPU milliseconds
    is_read: bool = True


def main() -> None:
    options = _options()
    print(facts())
    with compiled("httpload.c") as program, ExitStack() as stack:
        load = Load(program)
        bases = [_open[name](stack, options.sizes) for name in options.databases]
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="newsroom-isso-")))
        port, pid = stack.enter_context(isso.isso(folder, options.sizes[0], cpu=SERVER_CPU))
        peer = Server(port, (pid,))
        for base in bases:
            if options.arrival and base.name == "PostgreSQL":
                _arrive(load, base, options)
            if "reads" in options.only:
                with ExitStack() as servers:
                    _compare(load, _reads(base, peer, servers, options.sizes), options)
            if "posts" in options.only:
                with product(base) as server:
                    _compare(load, _posts(base, server, peer), options)
                    print(writing.breakdown(base))
            if "invalidation" in options.only:
                with product(base) as server:
                    print(writing.invalidation(load, base, server, options.seconds * 3))
            if "import" in options.only and base.name == "SQLite":
                print(writing.beside_import(base, options.seconds * 2))


_open = {
    "postgresql": lambda stack, sizes: stack.enter_context(on_postgresql(sizes)),
    "sqlite": lambda stack, sizes: stack.enter_context(on_sqlite(sizes)),
}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 100_000, 1_000_000], help="comments; 1000 first")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--databases", nargs="+", default=list(_open), choices=list(_open))
    parser.add_argument("--arrival", type=int, default=0, help="comments that come in from elsewhere before all else")
    parts = ["reads", "posts", "invalidation", "import"]
    parser.add_argument("--only", nargs="+", default=parts, choices=parts)
    return parser.parse_args()


def _arrive(load: Load, base: Base, options: argparse.Namespace) -> None:
    """What pages cost before and after so many comments came in, with the same discussion under them."""
    for is_after in (False, True):
        with product(base, EDGE_BYTES=NOTHING_FITS) as bare:
            small = base.data["discussions"][str(options.sizes[0])]
            _compare(load, [*_misses(base, bare, options.sizes), *_people(base, bare, small)], options)
        if not is_after:
            with product(base) as server:
                print(writing.arrival(base, server, options.arrival), flush=True)


def _reads(base: Base, peer: Server, stack: ExitStack, sizes: Sequence[int]) -> list[Target]:
    """First pages from memory, and all kinds of pages past it."""
    kept = stack.enter_context(product(base))
    bare = stack.enter_context(product(base, EDGE_BYTES=NOTHING_FITS))
    small = base.data["discussions"][str(sizes[0])]
    first = f"{_list(small)}?limit=50"
    with urllib.request.urlopen(f"http://127.0.0.1:{kept.port}{first}") as answer:
        bound = stack.enter_context(constant(answer.read()))
    return [
        Target("constant body", bound, [get(first)]),
        Target("hit", kept, [get(first)], aims=(("constant body", 1.3),)),
        Target("hit, as browsers ask", kept, [get(first, **AS_BROWSERS)]),
        Target("Isso", peer, [get(f"/?uri={isso.URI}&limit=50&nested_limit=3", **AS_BROWSERS)]),
        Target("304", kept, [get(first, **{"If-None-Match": answer.headers["ETag"]})]),
        *_misses(base, bare, sizes),
        *_people(base, bare, small),
    ]


def _misses(base: Base, bare: Server, sizes: Sequence[int]) -> Iterator[Target]:
    """What is compared comes one after the other: a machine that is shared is another one a minute later."""
    for kind in ("newest", "deep", "oldest", "best"):
        for size in sizes:
            found = base.data["discussions"][str(size)]
            aims = ((f"{kind} of {sizes[0]}", 1.2),) if size != sizes[0] else ()
            requests = [get(f"{_list(found)}?limit=50&{query}") for query in found[kind]]
            yield Target(f"{kind} of {size}", bare, requests, aims, 4)


def _people(base: Base, bare: Server, small: Any) -> Iterator[Target]:
    """Counts, and pages with and without an account."""
    slugs = [random.Random(n).sample(base.data["slugs"], 20) for n in range(256)]
    counts = [get("/api/v1/discussions/?" + "&".join(f"article={slug}" for slug in some)) for some in slugs]
    lists = [f"{_list(small)}?limit=50&{query}" for query in small["newest"]]
    pages = [f"/articles/{small['slug']}/?{query}" for query in small["newest"]]
    sessions = [logged_in(key) for key in base.data["sessions"][:256]]
    yield Target("counts of 20", bare, counts, most=4)
    yield Target("list, logged in", bare, _with(lists, sessions), (("newest of 1000", 2),))
    yield Target("page", bare, [get(page) for page in pages])
    yield Target("page, logged in", bare, _with(pages, sessions), (("page", 2),))


def _with(paths: Sequence[str], sessions: Sequence[dict[str, str]]) -> list[bytes]:
    return [get(path, **session) for path, session in zip(paths, sessions, strict=False)]


def _posts(base: Base, server: Server, peer: Server) -> list[Target]:
    """Everything included beside Isso's bare post; 64 people write into one discussion at a time."""
    discussion = next(iter(base.data["discussions"].values()))
    ours = writing.letters(_list(discussion), base.data["sessions"])
    texts = writing.texts()

    def theirs() -> list[bytes]:
        return [post(f"/new?uri={isso.URI}", {"text": text, "author": "A"}) for text in islice(texts, 4000)]

    return [
        Target("Isso's post", peer, theirs, is_read=False),
        Target("post", server, lambda: list(islice(ours, 4000)), (("Isso's post", 2),), is_read=False),
    ]


def _list(discussion: Any) -> str:
    return f"/api/v1/discussions/{discussion['id']}/comments/"


def _compare(load: Load, targets: Sequence[Target], options: argparse.Namespace) -> None:
    asked = {each.name: (each.server, each.requests) for each in targets}
    found = in_turns(load, asked, options.rounds, options.seconds)
    print(f"\n{'':24}{'ms CPU':>9}{'database':>10}{'p50':>9}{'p99':>9}{'per s':>9}{'wrong':>7}{'KB':>7}")
    for each in targets:
        print(_line(each, found))
    if "Isso" in found:
        print(f"Isso / newest of 1000: {_ratio(found['Isso'], found['newest of 1000']):.0f} (aim: 25 at least)")
        for name in ("hit", "hit, as browsers ask"):
            print(f"Isso / {name}: {_ratio(found['Isso'], found[name]):.0f} (aim: 2,000 at least)")


def _of(target: Target) -> Sequence[bytes]:
    return target.requests() if callable(target.requests) else target.requests


def _line(target: Target, found: dict[str, list[Figures]]) -> str:
    figures = found[target.name]
    cpu, database, p50, p99 = (_median(figures, name) for name in ("cpu", "database", "p50", "p99"))
    rate = median(each.requests / each.seconds for each in figures)
    wrong = sum(each.wrong for each in figures)
    line = f"{target.name:24}{cpu:9.3f}{database:10.3f}{p50:9.2f}{p99:9.2f}{rate:9.0f}{wrong:7}{_size(target)}"
    for other, most in target.aims:
        line += f"   {_ratio(figures, found[other]):.2f} x {other} (at most {most})"
    return line if target.most is None else f"{line}   (at most {target.most} ms)"


def _ratio(ones: Sequence[Figures], others: Sequence[Figures]) -> float:
    """Of the CPU, round by round: what a shared machine does to both says nothing."""
    return median(one.cpu / other.cpu for one, other in zip(ones, others, strict=True))


def _size(target: Target) -> str:
    some = list(islice(_of(target), 0, 256, 16)) if target.is_read else []
    return f"{sum(answer_size(target.server, each) for each in some) / len(some) / 1000:7.1f}" if some else " " * 7


def _median(figures: Sequence[Figures], name: str) -> float:
    return median(getattr(each, name) for each in figures)


if __name__ == "__main__":
    main()
