"""Whole sites of three sizes for benchmarks of pages: made set-wise, kept in a folder from one run to the next.

`python -m tests.bench.worlds M` in an environment of the product: fills its migrated, empty database and prints one
line of JSON, see `fill`. A kept world is migrated at each start; where its rows shall be others, raise EDITION.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import django
import psycopg

from tests.bench import discussions, history
from tests.bench.machine import pinned
from tests.bench.servers import DURABLE, SERVER_CPU, Base, environment_of
from tests.support import services
from tests.support.product import ROOT, manage

EDITION = 4
DATABASES = ("sqlite", "postgresql")
FULL = 220  # of everything that lists show: two pages of a small world are as full as those of a large one
RARE, COMMON = "Quastenflosser", ("stadtrat", "haushalt")
RARE_COMMENTS = 20
READERS = 64
FOLLOWS = (0, 20, 200)
FIRST = "Anna Bruno Carla David Elif Fatma Georg Hanna Igor Jana Karim Lea Mehmet Nora Olga Paul Rosa Sven Tanja Uwe"
LAST = "Ackermann Bauer Celik Dietrich Engel Fischer Graf Hoffmann Ivanov Jansen Krause Lang Meyer Novak Otto Peters"


@dataclass(frozen=True, slots=True)
class Size:
    comments: int
    articles: int
    people: int


SIZES = {"S": Size(1_000, 100, 1_000), "M": Size(100_000, 1_000, 10_000), "L": Size(1_000_000, 10_000, 100_000)}


@contextmanager
def opened(database: str, folder: Path, names: Sequence[str]) -> Iterator[dict[str, Base]]:
    """These worlds, by name; made first where `folder` has them not yet, or in another edition."""
    folder.mkdir(parents=True, exist_ok=True)
    if database == "sqlite":
        yield {name: _world("SQLite", f"sqlite:///{folder}/{name}.sqlite3", folder, name) for name in names}
        return
    with pinned(SERVER_CPU):
        running = services.postgres(*DURABLE, folder=folder / "postgresql")
    with running as server:
        roots = (server.process.pid,)
        yield {
            name: replace(_world("PostgreSQL", f"{server.url}world_{name.lower()}", folder, name), roots=roots)
            for name in names
        }


@contextmanager
def copied(base: Base) -> Iterator[Base]:
    """The same world to be written into. Nothing may be connected to the one that is copied."""
    if base.name == "SQLite":
        there = f"{base.url}-copy"
        _drop(there)  # a run that was killed may have left its journal, which belongs to another copy
        shutil.copyfile(base.url.removeprefix("sqlite:///"), there.removeprefix("sqlite:///"))
    else:
        there = f"{base.url}_copy"
        _on_server(base.url, f"DROP DATABASE IF EXISTS {_name(there)}")
        _on_server(base.url, f"CREATE DATABASE {_name(there)} TEMPLATE {_name(base.url)}")
    try:
        yield replace(base, url=there)
    finally:
        _drop(there)


def _world(database: str, url: str, folder: Path, name: str) -> Base:
    note = folder / f"{name}-{database}.json"
    data = json.loads(note.read_text()) if note.exists() else {}
    is_there = data.get("edition") == EDITION
    if not is_there:
        note.unlink(missing_ok=True)
        _drop(url)
        if database == "PostgreSQL":
            _on_server(url, f"CREATE DATABASE {_name(url)}")
    done = manage("migrate", "-v0", env=environment_of(url), seconds=600)
    assert done.returncode == 0, done.stderr
    if not is_there:
        began = time.monotonic()
        command = [sys.executable, "-m", "tests.bench.worlds", name]
        made = subprocess.run(command, cwd=ROOT, env=environment_of(url), check=True, stdout=subprocess.PIPE).stdout
        data = json.loads(made)
        note.write_text(json.dumps(data))
        print(f"world {name} on {database} made in {time.monotonic() - began:.0f} s", flush=True)
    return Base(database, url, data)


def _drop(url: str) -> None:
    if url.startswith("sqlite"):
        for end in ("", "-wal", "-shm"):
            Path(url.removeprefix("sqlite:///") + end).unlink(missing_ok=True)
    else:
        _on_server(url, f"DROP DATABASE IF EXISTS {_name(url)} WITH (FORCE)")


def _name(url: str) -> str:
    return url.rpartition("/")[2]


def _on_server(url: str, statement: str) -> None:
    with psycopg.connect(f"{url.rpartition('/')[0]}/postgres", autocommit=True) as connection:
        connection.execute(statement)


# --- inside the product


def fill(name: str) -> dict[str, Any]:
    """What tests ask of it: {"edition", "sessions": readers', "naive": the same for `naive_page`, "staff": {role:
    session}, "follows": {number: session}, "hot": {id, slug}, "chat", "slugs", "sections", "blog", and ids}.
    """
    size, chance = SIZES[name], random.Random(7)
    people, staff = _people(size.people), _staff()
    articles = _articles(size.articles, staff["editor"].pk)
    threads, chats = _discussions(articles, max(FULL, size.articles // 10))
    blog = _tickers(articles)
    with discussions.unindexed():
        _comments(size, threads, chats, people, chance)
    history.write(max(FULL, size.comments // 100), people, staff, threads[0])
    _index()
    newest = articles[-1]
    readers = people[-READERS:]
    return {
        "edition": EDITION,
        "size": name,
        "sessions": discussions.sessions_of(readers),
        "naive": discussions.sessions_of(readers, prefix="naive", backend="django.contrib.auth.backends.ModelBackend"),
        "staff": dict(zip(staff, discussions.sessions_of(staff.values()), strict=True)),
        "follows": _follows(people[: len(FOLLOWS)], articles),
        "hot": {"id": threads[0].pk, "slug": newest.slug, "article": newest.pk},
        "chat": chats[0].pk,
        "slugs": [each.slug for each in articles[-201:-1]],
        "blog": blog,
        **history.some(threads[0]),
    }


def _people(count: int) -> list[Any]:
    from allauth.account.models import EmailAddress

    from accounts.models import User
    from accounts.names import name_key

    firsts, lasts = FIRST.split(), LAST.split()
    many = len(firsts) * len(lasts)
    names = [
        f"{firsts[n % len(firsts)]} {lasts[n // len(firsts) % len(lasts)]} {n // many + 1}".removesuffix(" 1")
        for n in range(count)
    ]
    made = [
        User(email=f"p{n}@example.org", name=name, name_key=name_key(name), password="!", is_confirmed=True)
        for n, name in enumerate(names)
    ]
    people = User.objects.bulk_create(made, batch_size=5000)
    addresses = (EmailAddress(user=each, email=each.email, primary=True, verified=True) for each in people)
    EmailAddress.objects.bulk_create(addresses, batch_size=5000)
    return people


def _staff() -> dict[str, Any]:
    from accounts.models import User

    roles = ("journalist", "moderator", "editor", "administrator")
    return {
        role: User.objects.create_user(f"{role}@example.org", role.capitalize(), role=role, is_confirmed=True)
        for role in roles
    }


def _articles(count: int, editor: int) -> list[Any]:
    """Published an hour apart, the newest an hour ago; every third has a photo, the newest tell related ones."""
    from articles.models import Article, Photo, Section
    from newsroom.text import render_article

    kinds = ["Lokales", "Politik", "Wirtschaft", "Kultur", "Sport"]
    sections = [Section.objects.create(name=each, slug=each.lower(), position=n) for n, each in enumerate(kinds)]
    photo = {"width": 1600, "height": 900, "widths": [480, 960, 1600], "alt": "Die Brücke", "credit": "Archiv"}
    photos = Photo.objects.bulk_create(
        Photo(file=f"photos/{n:032x}/1600.jpg", caption=f"Die Brücke, Bild {n}", **photo) for n in range(FULL)
    )
    body = "## Der Anlass\n\n" + "Am Morgen begann die Sitzung, am Abend war sie nicht zu Ende. " * 30
    html, now = render_article(body), datetime.now(UTC)
    made = [
        Article(
            slug=f"der-stadtrat-streitet-{n}",
            section=sections[n % len(sections)],
            kicker="Rathaus",
            headline=f"Der Stadtrat streitet zum {n}. Mal",
            lead="Es geht um die Brücke." + (f" Und um den {RARE}." if n < RARE_COMMENTS else ""),
            body=body,
            html=html,
            author_line="Anna Bauer",
            photo=photos[n % len(photos)] if n % 3 == 0 else None,
            state="published",
            version=2,
            published_at=now - timedelta(hours=count - n),
            created_at=now - timedelta(hours=count - n + 1),
            created_by_id=editor,
        )
        for n in range(count)
    ]
    articles = Article.objects.bulk_create(made, batch_size=1000)
    for each in articles[-FULL:]:
        each.related.set(articles[:4])
    return articles


def _discussions(articles: Sequence[Any], chats: int) -> tuple[list[Any], list[Any]]:
    """A thread an article, the newest's first, half of them with opening hours; and chats."""
    from comments.models import Discussion, OpeningHours

    hours = OpeningHours.objects.create(name="Nachts zu", rules="sun 03:00-03:01 closed")
    newest = list(reversed(articles))
    made = [
        Discussion(title=each.headline, article=each, hours=None if n % 2 else hours) for n, each in enumerate(newest)
    ]
    threads = Discussion.objects.bulk_create(made, batch_size=1000)
    talks = [Discussion(mode="chat", title=f"Treffpunkt {n}") for n in range(chats)]
    return threads, Discussion.objects.bulk_create(talks, batch_size=1000)


def _comments(
    size: Size, threads: Sequence[Any], chats: Sequence[Any], people: Sequence[Any], chance: random.Random
) -> None:
    """Two of five under the newest article, one of five in the first chat, the others everywhere."""
    from comments.models import DiscussionTally

    speakers = [each.pk for each in people]
    texts = discussions.texts_of(chance)
    others = [*threads[1:], *chats[1:]]
    shares = [size.comments * 2 // 5, size.comments // 5, *[size.comments * 2 // 5 // len(others) or 1] * len(others)]
    rows, first = discussions.Rows(), 1
    for discussion, count in zip([threads[0], chats[0], *others], shares, strict=True):
        made = discussions.comments_of(first, count, speakers, texts, chance)
        rows.add(discussion.pk, _rarely(made), is_chat=discussion.mode == "chat")
        first += count
    rows.finish()
    tallies = [DiscussionTally(discussion=each, **_head(rows, each.pk)) for each in [*threads, *chats]]
    DiscussionTally.objects.bulk_create(tallies, batch_size=1000)


def _rarely(comments: Iterator[discussions.Made]) -> Iterator[discussions.Made]:
    for each in comments:
        if each.pk <= RARE_COMMENTS:
            each.text, each.html = f"{each.text} {RARE}", f"{each.html}<p>{RARE}</p>"
        yield each


def _head(rows: discussions.Rows, discussion: int) -> dict[str, Any]:
    told = discussions.head(*rows.heads[discussion])
    return {**told, "announced": told["version"]}


def _tickers(articles: Sequence[Any]) -> dict[str, Any]:
    """The site's ticker with as many items as articles, and live blogs with twenty each."""
    from articles.models import Ticker, TickerItem

    now = datetime.now(UTC)
    blogs = [
        Ticker(slug=f"blog-{n}", title=f"Liveblog {n}", article=each, last_number=20)
        for n, each in enumerate(articles[-max(FULL // 2, len(articles) // 100) - 1 : -1])
    ]
    site = Ticker(slug="newsticker", title="Newsticker", last_number=len(articles))
    tickers = Ticker.objects.bulk_create([site, *blogs])
    items = (
        TickerItem(
            ticker=ticker,
            number=n,
            headline=f"Der Stadtrat unterbricht zum {n}. Mal",
            text="Die Sitzung ruht.",
            html="<p>Die Sitzung ruht.</p>",
            state="published",
            published_at=now - timedelta(minutes=10 * (ticker.last_number - n)),
        )
        for ticker in tickers
        for n in range(1, ticker.last_number + 1)
    )
    TickerItem.objects.bulk_create(items, batch_size=2000)
    return {"slug": tickers[-1].slug, "article": blogs[-1].article.slug, "item": TickerItem.objects.latest("pk").pk}


def _follows(people: Sequence[Any], articles: Sequence[Any]) -> dict[int, str]:
    """Sessions of people who follow so much: articles and discussions, in turn."""
    from accounts.models import Subscription
    from comments.models import Discussion

    threads = list(Discussion.objects.filter(mode="thread").values_list("pk", flat=True)[:100])
    wished = [("article", articles[n // 2].pk) if n % 2 else ("discussion", threads[n // 2]) for n in range(200)]
    for person, count in zip(people, FOLLOWS, strict=True):
        mine = wished[:count]
        Subscription.objects.bulk_create(Subscription(user=person, kind=kind, target=str(to)) for kind, to in mine)
    return dict(zip(FOLLOWS, discussions.sessions_of(people), strict=True))


def _index() -> None:
    """What the searches of people and articles know; that of comments was made when they were written."""
    from django.db import connection

    from accounts import search as names
    from accounts.models import User
    from articles import search
    from articles.models import Article, Photo, TickerItem
    from comments.models import Discussion
    from comments.search import TITLES

    discussions.learn(names.INDEX, User.objects.all())
    discussions.learn(names.ADDRESSES, User.objects.all())
    discussions.learn(search.INDEX, Article.objects.listed())
    discussions.learn(search.ITEMS, TickerItem.objects.all())
    discussions.learn(search.PHOTOS, Photo.objects.all())
    discussions.learn(TITLES, Discussion.objects.all())
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "newsroom.settings"
    django.setup()
    print(json.dumps(fill(sys.argv[1])))
