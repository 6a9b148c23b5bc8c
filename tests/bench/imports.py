"""What an import costs: files of WordPress of any size, first into an empty database, then once more. By hand:

    uv run python -m tests.bench.imports 20000 100000 --database sqlite postgresql
    uv run python -m tests.bench.imports 20000 --one-post 100000 300000    # all comments under one post
    uv run python -m tests.bench.imports 100000 --format disqus isso newsroom --database postgresql

With `--format` (`all` for each) it is `import_comments` with an archive of that system (tests/importers/large.py):
circles, deep trees, equal times, parents that come later or stand elsewhere. It ends with 1 if a dry run does not count
what comes in, if a second run finds anything new, or if the import's own memory grows beyond 256 MiB.

For each file: comments a second of CPU, the database's CPU included, with and without what starting the command takes;
the peak of its own memory; wall time beside CPU time, which on an idle machine tells how long it slept. One post of a
file holds 10,000 comments if there are as many. `--program FOLDER` measures another working copy, for a before and
after in turns.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Any

import django
import psycopg

from tests.bench.machine import cpu_seconds, facts, tree
from tests.support import services
from tests.support.product import ROOT, environment

LARGEST_POST = 10_000  # comments
MOST_MEMORY = 256  # MiB
OWN = "newsroom"  # the format of our own exports
SITE = "https://hafen.example"
SAID = (
    "die der Brücke Stadt Rat Geld niemand gesperrt Straße Jahre weiß warum und nicht für über große kleine Prüfung "
    "Leserinnen sagen finde auch wieder heute gestern Fähre Hafen öffnen später natürlich sehr wenig mehr Öl Straßen"
)
SYLLABLES = "ba che der fen gü hal ig jo kro len mä nis or pfle quel rö sta tu ung ver wei xe yp zen".split()  # noqa: SIM905
MADE = 20_000  # words beside these; the first ones are frequent, as in a language
HEAD = """<?xml version="1.0" encoding="UTF-8" ?>
<rss version="2.0"
	xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/"
	xmlns:content="http://purl.org/rss/1.0/modules/content/"
	xmlns:dc="http://purl.org/dc/elements/1.1/"
	xmlns:wp="http://wordpress.org/export/1.2/">
<channel>
	<title>Hafenblog</title>
	<link>https://hafen.example</link>
	<language>de-DE</language>
	<wp:wxr_version>1.2</wp:wxr_version>
	<wp:base_site_url>https://hafen.example</wp:base_site_url>
	<wp:base_blog_url>https://hafen.example</wp:base_blog_url>
"""
ITEM = """	<item>
		<title><![CDATA[Der Stadtrat streitet zum {id}. Mal]]></title>
		<link>https://hafen.example/2019/03/streit-{id}/</link>
		<pubDate>Sat, 02 Mar 2019 10:00:00 +0000</pubDate>
		<dc:creator><![CDATA[greta]]></dc:creator>
		<content:encoded><![CDATA[{body}]]></content:encoded>
		<excerpt:encoded><![CDATA[]]></excerpt:encoded>
		<wp:post_id>{id}</wp:post_id>
		<wp:post_date><![CDATA[2019-03-02 11:00:00]]></wp:post_date>
		<wp:post_date_gmt><![CDATA[2019-03-02 10:00:00]]></wp:post_date_gmt>
		<wp:comment_status><![CDATA[open]]></wp:comment_status>
		<wp:post_name><![CDATA[streit-{id}]]></wp:post_name>
		<wp:status><![CDATA[publish]]></wp:status>
		<wp:post_type><![CDATA[post]]></wp:post_type>
		<category domain="category" nicename="lokales"><![CDATA[Lokales]]></category>
"""
COMMENT = """		<wp:comment>
			<wp:comment_id>{id}</wp:comment_id>
			<wp:comment_author><![CDATA[{name}]]></wp:comment_author>
			<wp:comment_author_email><![CDATA[{id}@leser.example]]></wp:comment_author_email>
			<wp:comment_author_url></wp:comment_author_url>
			<wp:comment_author_IP><![CDATA[203.0.113.7]]></wp:comment_author_IP>
			<wp:comment_date><![CDATA[{at}]]></wp:comment_date>
			<wp:comment_date_gmt><![CDATA[{at}]]></wp:comment_date_gmt>
			<wp:comment_content><![CDATA[{text}]]></wp:comment_content>
			<wp:comment_approved><![CDATA[{approved}]]></wp:comment_approved>
			<wp:comment_type><![CDATA[comment]]></wp:comment_type>
			<wp:comment_parent>{parent}</wp:comment_parent>
			<wp:comment_user_id>0</wp:comment_user_id>
		</wp:comment>
"""


def export(path: Path, comments: int, *, one_post: bool = False) -> None:
    """Write an export with so many comments. Half of them answer another; every eighth has markup or an address, every
    twentieth is spam, one of two hundred waits.
    """
    chance = random.Random(comments)
    with path.open("w", encoding="utf-8") as file:
        file.write(HEAD)
        first = 1
        for number, size in enumerate(_sizes(comments, chance, one_post=one_post), 1):
            body = "Am Morgen begann die Sitzung, am Abend war sie nicht zu Ende.\n\n" * 30
            file.write(ITEM.format(id=number, body=body))
            file.writelines(_comments(first, size, chance))
            file.write("\t</item>\n")
            first += size
        file.write("</channel>\n</rss>\n")


def _words() -> list[str]:
    chance = random.Random(1)
    return SAID.split() + ["".join(chance.choices(SYLLABLES, k=chance.randint(2, 5))) for _ in range(MADE)]


WORDS = _words()


def _word(chance: random.Random) -> str:
    return WORDS[int(len(WORDS) ** chance.random()) - 1]


def _sizes(comments: int, chance: random.Random, *, one_post: bool) -> Iterator[int]:
    """How many comments each post has."""
    largest = comments if one_post else min(LARGEST_POST, comments // 2)
    yield largest
    left = comments - largest
    while left:
        size = min(left, chance.randint(20, 200))
        yield size
        left -= size


def _comments(first: int, size: int, chance: random.Random) -> Iterator[str]:
    at = datetime(2019, 3, 2, 10)
    for number in range(first, first + size):
        at += timedelta(seconds=chance.randint(0, 100))
        parent = chance.randrange(max(first, number - 300), number) if number > first and chance.random() < 0.5 else 0
        state = chance.random()
        yield COMMENT.format(
            id=number,
            name=f"{_word(chance).capitalize()} {number % 997}",
            at=at,
            text=_text(number, chance),
            approved="spam" if state < 0.05 else "0" if state < 0.055 else "1",
            parent=parent,
        )


def _text(number: int, chance: random.Random) -> str:
    words = [_word(chance) for _ in range(min(100, max(6, int(chance.lognormvariate(5.1, 0.7)) // 7)))]
    if number % 8 == 0:
        markup = ["<b>{}</b>", "<blockquote>{}</blockquote>", "<em>{}</em>", "{} https://news.example/"]
        words[0] = chance.choice(markup).format(words[0])
    if number % 5 == 0:
        words[len(words) // 2] += "." + chance.choice(["\n", "\n\n"])
    return " ".join(words) + "."


@dataclass(frozen=True, slots=True)
class Run:
    own: float  # seconds of CPU
    database: float
    wall: float
    peak: int  # KiB
    said: str

    @property
    def cpu(self) -> float:
        return self.own + self.database


class Place:
    """An empty database that is told in `url`; `roots` are the server's processes."""

    def __init__(self, name: str, url: str, roots: Sequence[int], program: Path) -> None:
        self.name, self._roots, self._program = name, roots, program
        self._env = environment(SECRET_KEY="b" * 50, DATABASE_URL=url)
        self.run("migrate", "-v0")

    def run(self, *arguments: str) -> Run:
        command = [sys.executable, "manage.py", *arguments]
        database, start = self._database(), time.monotonic()
        out = tempfile.TemporaryFile("w+")  # noqa: SIM115
        process = subprocess.Popen(command, cwd=self._program, env=self._env, stdout=out)
        peak, pid = 0, 0
        while not pid:
            time.sleep(0.1)
            peak = max(peak, _own_memory(process.pid))
            pid, status, used = os.wait4(process.pid, os.WNOHANG)
        if status:
            sys.exit(f"{' '.join(arguments)}: failed")
        own, wall = used.ru_utime + used.ru_stime, time.monotonic() - start
        out.seek(0)
        with out:
            return Run(own, self._database() - database, wall, peak, out.read())

    def _database(self) -> float:
        return cpu_seconds(pid for root in self._roots for pid in tree(root))


def _own_memory(pid: int) -> int:
    """KiB, without files that are mapped: SQLite maps its database, and the system takes that memory back at will."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("RssAnon:"))


@contextmanager
def place(database: str, program: Path) -> Iterator[Place]:
    if database == "sqlite":
        with tempfile.TemporaryDirectory(prefix="newsroom-bench-") as folder:
            yield Place("SQLite", f"sqlite:///{folder}/newsroom.sqlite3", (), program)
        return
    with services.postgres("fsync=on", "synchronous_commit=on", "full_page_writes=on") as server:
        with psycopg.connect(f"{server.url}postgres", autocommit=True) as connection:
            connection.execute("CREATE DATABASE newsroom")
        yield Place("PostgreSQL", f"{server.url}newsroom", (server.process.pid,), program)


def _by_format(options: argparse.Namespace) -> bool:
    """Whether each archive came in as it should."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    from tests.importers import large  # its readers and states need Django

    names = [*large.SYSTEMS, OWN] if options.format == ["all"] else options.format
    is_well = True
    print("database    format      comments  run     wall s  comments/s  CPU s (database)  peak MiB")
    for size in options.sizes:
        for database in options.database:
            for name in names:
                with tempfile.TemporaryDirectory(prefix="newsroom-bench-") as folder:
                    file = Path(folder, "archive")
                    source = "disqus" if name == OWN else name
                    told = large.write(source, file, size, _text)
                    if name == OWN:
                        with place(database, options.program.resolve()) as there:
                            there.run("import_comments", source, str(file), *told)
                            file = Path(folder, "comments.jsonl.gz")
                            there.run("export_comments", str(file))
                    with place(database, options.program.resolve()) as here:
                        is_well &= _one_format(here, name, file, told, size)
    return is_well


def _one_format(here: Place, name: str, file: Path, told: Sequence[str], size: int) -> bool:
    command = ("import_comments", name, str(file), *told, "--json")
    runs = {"dry": here.run(*command, "--dry-run"), "first": here.run(*command), "again": here.run(*command)}
    said: dict[str, dict[str, Any]] = {run: json.loads(done.said) for run, done in runs.items()}
    read = said["first"]["read"]["comments"]
    came = sum(said["first"][kind] for kind in ("new", "held", "tombstone"))
    faults = [
        *(["the dry run counted something else"] if said["dry"] != said["first"] else []),
        *(["a second run is not all known"] if said["again"]["known"] != came or said["again"]["new"] else []),
        *([f"{read} read"] if name != OWN and read != size else []),
        *(["too much memory"] if max(done.peak for done in runs.values()) >> 10 > MOST_MEMORY else []),
    ]
    for run, done in runs.items():
        print(
            f"{here.name:11} {name:11} {read:8,}  {run:6} {done.wall:7.1f}  {read / done.wall:10,.0f}  "
            f"{done.cpu:6.1f} ({done.database:5.1f})    {done.peak >> 10:5}",
            flush=True,
        )
    print(f"            of these {came:,} came in{'; '.join(['', *faults])}", flush=True)
    return not faults


def main() -> None:
    options = _options()
    print(facts())
    if options.format:
        sys.exit(not _by_format(options))
    print("database    comments           run   CPU s (database)  a CPU s (without start)  wall s  peak MiB")
    sizes = chain(((size, False) for size in options.sizes), ((size, True) for size in options.one_post))
    with tempfile.TemporaryDirectory(prefix="newsroom-bench-") as folder:
        nothing = Path(folder, "nothing.xml")
        nothing.write_text(f"{HEAD}</channel></rss>", encoding="utf-8")
        for size, one_post in sizes:
            file = Path(folder, "export.xml")
            export(file, size, one_post=one_post)
            title = f"{size:9,}{' in one' if one_post else ''} ({file.stat().st_size >> 20} MiB)"
            for database in options.database:
                with place(database, options.program.resolve()) as here:
                    start = here.run("import_articles", "wordpress", str(nothing))
                    for name, extra in (("dry", ["--dry-run"]), ("first", []), ("again", [])):
                        if name in options.only:
                            done = here.run("import_articles", "wordpress", str(file), *extra)
                            print(f"{here.name:11} {title:22} {name:6} {_figures(size, done, start)}", flush=True)
    print(f"peak of this program: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10} MiB")


def _figures(comments: int, done: Run, start: Run) -> str:
    net = max(0.01, done.cpu - start.cpu)
    return (
        f"{done.cpu:6.1f} ({done.database:4.1f})  {comments / done.cpu:8,.0f} ({comments / net:8,.0f})  "
        f"{done.wall:7.1f}  {done.peak >> 10:5}"
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", type=int, nargs="*", default=[])
    parser.add_argument("--one-post", type=int, nargs="*", default=[])
    parser.add_argument("--database", nargs="+", choices=["sqlite", "postgresql"], default=["sqlite", "postgresql"])
    parser.add_argument("--only", nargs="+", choices=["dry", "first", "again"], default=["dry", "first", "again"])
    parser.add_argument("--format", nargs="+", default=[], metavar="FORMAT", help="Of import_comments, or `all`.")
    parser.add_argument("--program", type=Path, default=ROOT)
    return parser.parse_args()


if __name__ == "__main__":
    main()
