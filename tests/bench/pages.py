"""What people open, measured beside its goals: docs/benchmarks-pages.md says how to read it. By hand:

    uv run python -m tests.bench.pages [--only account growth] [--sizes S M L] [--databases sqlite]
        [--rounds 3] [--seconds 1.5] [--folder WHERE_THE_WORLDS_ARE_KEPT]

Figures are CPU milliseconds a request of the whole process tree, the database included, medians over rounds in which
the targets are asked in turn. Needs PostgreSQL's programs and gcc.
"""

from __future__ import annotations

import argparse
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from tests.bench import breaking, growth, keeping, worlds
from tests.bench.goals import Sheet
from tests.bench.inside_pages import asking
from tests.bench.machine import compiled, facts, open_many_files, pinned
from tests.bench.run import BOUND, PACKED, Run, cpu, database, ratio, wrong
from tests.bench.servers import (
    NOTHING_FITS,
    SERVER_CPU,
    Base,
    Figures,
    Load,
    Server,
    Target,
    answer_to,
    get,
    logged_in,
    product,
)
from tests.support import services
from tests.support.product import Process, environment

LINKED = re.compile(r'(?:href|src)="(/static/[^"]+\.(?:css|js))"')


def main() -> None:
    options = _options()
    open_many_files()
    print(facts())
    with compiled("httpload.c") as load, compiled("readers.c") as readers:
        sheets = [_on(database, Load(load), readers, options) for database in options.databases]
    for sheet in sheets:
        print(sheet)


def _on(name: str, load: Load, readers: Path, options: argparse.Namespace) -> Sheet:
    with worlds.opened(name, options.folder, options.sizes) as found:
        middle = found.get("M", found[options.sizes[-1]])
        sheet = Sheet(middle.name)
        run = Run(load, readers, middle, found, sheet, options.rounds, options.seconds, options.match)
        run.in_turns({})  # sets the scale, for the parts that ask no server
        for part in options.only:
            print(f"\n{part}, {middle.name}, load {facts().rpartition(' ')[2]}", flush=True)
            PARTS[part](run)
    return sheet


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", nargs="+", default=list(PARTS), choices=list(PARTS))
    parser.add_argument("--sizes", nargs="+", default=list(worlds.SIZES), choices=list(worlds.SIZES))
    parser.add_argument("--databases", nargs="+", default=list(worlds.DATABASES), choices=list(worlds.DATABASES))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=1.5)
    parser.add_argument("--match", default="", help="regular expression of the addresses whose growth is measured")
    folder = Path(tempfile.gettempdir()) / "newsroom-worlds"
    parser.add_argument("--folder", type=Path, default=folder, help="PostgreSQL's user must be able to reach it")
    return parser.parse_args()


# --- people with an account


def account(run: Run) -> None:
    """Pages with an account beside constant bodies as large, lists of the API of the same rows, and a plain page."""
    data = run.base.data
    pages = _pages(data)
    with ExitStack() as stack:
        server = stack.enter_context(product(run.base))
        naive = stack.enter_context(_naive(run.base))
        firsts = {name: get(path, **logged_in(sessions[0])) for name, (path, sessions, _api) in pages.items()}
        bodies = [answer_to(server, first)[1] for first in firsts.values()]
        targets: dict[str, Target] = {}
        for name, (path, sessions, api) in pages.items():
            targets[name] = server, _by(sessions, path)
            if api:
                targets[f"{name}: API"] = server, _by(sessions, api)
        targets["plain Django"] = naive, _by(data["naive"], pages["article"][0])
        found = run.in_turns(targets, bodies)
        wire = {
            name: len(answer_to(server, get(path, **PACKED, **logged_in(s[0])))[1])
            for name, (path, s, _) in pages.items()
        }
    _tell_account(run, found, pages, wire, [len(body) for body in bodies])


def _pages(data: Any) -> dict[str, tuple[str, list[str], str]]:
    """Path, sessions that ask for it, and the API's list of the same rows."""
    hot, many = data["hot"], data["sessions"]
    comments = f"/api/v1/discussions/{hot['id']}/comments/?limit=25"
    pages = {
        "article": (f"/articles/{hot['slug']}/", many, comments),
        "article with a live blog": (f"/articles/{data['blog']['article']}/", many, ""),
        "front": ("/", many, "/api/v1/articles/?limit=20"),
        "section": ("/sections/lokales/", many, "/api/v1/articles/?section=lokales&limit=20"),
        "ticker": ("/newsticker/", many, "/api/v1/tickers/newsticker/items/?limit=30"),
        "chat": (f"/chats/{data['chat']}/", many, f"/api/v1/discussions/{data['chat']}/comments/?limit=50"),
        "chats": ("/chats/", many, "/api/v1/discussions/?limit=25"),
    }
    profiles = {f"profile, {n} follows": ("/accounts/profile/", [key], "") for n, key in data["follows"].items()}
    return pages | profiles


def _by(sessions: Sequence[str], path: str) -> list[bytes]:
    return [get(path, **PACKED, **logged_in(each)) for each in sessions]


@contextmanager
def _naive(base: Base) -> Iterator[Server]:
    port = services.free_port()
    env = environment(DATABASE_URL=base.url)
    with pinned(SERVER_CPU):
        process = Process(str(port), env=env, program=("-m", "tests.bench.naive.serve"))
    with process:
        services.wait_for(lambda: services.answers(port), what="the plain page")
        yield Server(port, (process.popen.pid,), base.roots)


def _tell_account(
    run: Run, found: Mapping[str, list[Figures]], pages: Any, wire: Mapping[str, int], sizes: Sequence[int]
) -> None:
    with asking(run.base) as asker:
        counts = {name: asker.ask(path, keys[0], most=2)["statements"] for name, (path, keys, _api) in pages.items()}
    print(
        f"{'':26}{'ms CPU':>9}{'database':>10}{'statements':>11}{'KB':>7}{'on wire':>8}{'/ constant':>11}{'/ API':>7}"
    )
    for number, (name, size) in enumerate(zip(pages, sizes, strict=True), start=1):
        figures = found[name]
        api = f"{ratio(figures, found[f'{name}: API']):7.1f}" if f"{name}: API" in found else ""
        sent, bound = wire[name] / 1000, ratio(figures, found[f"constant {number}"])
        line = f"{name:26}{cpu(figures):9.2f}{database(figures):10.2f}{counts[name]:11}{size / 1000:7.1f}{sent:8.1f}"
        print(f"{line}{bound:11.0f}{api}{wrong(figures)}")
    for name in (BOUND, "article: API", "plain Django"):
        print(f"{name:26}{cpu(found[name]):9.3f}{database(found[name]):10.3f}{wrong(found[name])}")
    sheet = run.sheet
    sheet.note("article / API list of the same rows", ratio(found["article"], found["article: API"]))
    sheet.note("article / plain Django page", ratio(found["article"], found["plain Django"]))
    for name in ("article", "front", "ticker", "chat"):
        sheet.note(f"{name}, logged in", cpu(found[name]))
    sheet.note("profile, 200 follows", cpu(found["profile, 200 follows"]))
    sheet.note("article, statements", counts["article"])
    sheet.note("profile, 200 follows, statements", counts["profile, 200 follows"])


# --- without an account


def anonymous(run: Run) -> None:
    """Answers that are computed, one at a time, and an answer from memory."""
    data = run.base.data
    paths = {
        "article": f"/articles/{data['hot']['slug']}/",
        "article with a live blog": f"/articles/{data['blog']['article']}/",
        "front": "/",
        "section": "/sections/lokales/",
        "ticker": "/newsticker/",
        "chats": "/chats/",
        "chat": f"/chats/{data['chat']}/",
        "Atom feed": "/feeds/articles.atom",
        "JSON feed of a ticker": "/feeds/tickers/newsticker.json",
        "sitemap": "/sitemap.xml",
    }
    with ExitStack() as stack:
        kept = stack.enter_context(product(run.base))
        bare = stack.enter_context(product(run.base, EDGE_BYTES=NOTHING_FITS))
        hit = get("/", **PACKED)
        answer_to(kept, hit)
        targets: dict[str, Target] = {"hit, front": (kept, [hit])}
        targets |= {name: (bare, [get(path)]) for name, path in paths.items()}
        found = run.in_turns(targets, [answer_to(kept, hit)[1]], connections=1)
    print(f"{'one connection':26}{'ms CPU':>9}{'database':>10}{'/ constant':>11}")
    for name, figures in found.items():
        bound = ratio(figures, found[BOUND])
        print(f"{name:26}{cpu(figures):9.3f}{database(figures):10.3f}{bound:11.1f}{wrong(figures)}")
    for name in ("article", "front", "sitemap"):
        run.sheet.note(f"{name}, missed", cpu(found[name]))
    run.sheet.note("hit / constant", ratio(found["hit, front"], found["constant 1"]))


# --- static files


def static(run: Run) -> None:
    """Files one by one beside a constant body as large, and all that a first visit of the article asks for."""
    with product(run.base) as server:
        page = get(f"/articles/{run.base.data['hot']['slug']}/", **PACKED)
        text = answer_to(server, get(f"/articles/{run.base.data['hot']['slug']}/"))[1].decode()
        linked = list(dict.fromkeys(LINKED.findall(text)))
        files = {path: answer_to(server, get(path, **PACKED)) for path in linked}
        sheet = max((path for path in linked if path.endswith(".css")), key=lambda path: len(files[path][1]))
        script = max((path for path in linked if path.endswith(".js")), key=lambda path: len(files[path][1]))
        visit = [page, *(get(path, **PACKED) for path in linked)]
        targets: dict[str, Target] = {
            "style sheet": (server, [get(sheet, **PACKED)]),
            "script": (server, [get(script, **PACKED)]),
            "304": (server, [get(sheet, **PACKED, **{"If-None-Match": files[sheet][0]["ETag"]})]),
            "a request of a first visit": (server, visit),
        }
        found = run.in_turns(targets, [files[sheet][1], files[script][1], b""])
    for name, figures in found.items():
        print(f"{name:28}{cpu(figures):9.3f}{wrong(figures)}")
    sizes = sum(len(body) for _headers, body in files.values()) / 1000
    print(f"a first visit: the page and {len(linked)} files of {sizes:.1f} KB on the wire")
    worst = max(ratio(found["style sheet"], found["constant 1"]), ratio(found["script"], found["constant 2"]))
    run.sheet.note("static file / constant", worst)
    run.sheet.note("304 / constant", ratio(found["304"], found["constant 3"]))
    run.sheet.note("first visit", cpu(found["a request of a first visit"]) * len(visit))
    run.sheet.note("first visit, CSS and JS on the wire", sizes)
    run.sheet.note("first visit, requests beside pictures", len(visit))


PARTS: dict[str, Callable[[Run], None]] = {
    "account": account,
    "anonymous": anonymous,
    "static": static,
    "breaking": breaking.breaking,
    "growth": growth.growth,
    "search": growth.search,
    "keeping": keeping.keeping,
}

if __name__ == "__main__":
    main()
