"""`manage.py backup` and `restore` on both databases: everything comes back, or nothing is changed."""

from __future__ import annotations

import re
import shutil
import signal
import sqlite3
import tarfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest
from django.core.management.base import CommandError
from django.db import connection

from newsroom import __version__
from newsroom.backup.archive import FORMAT, MANIFEST, SUMS, Manifest, Writer, checked
from newsroom.backup.restoring import must_fit
from tests.support.product import Process, environment, manage
from tests.support.services import Postgres, wait_for

FILL = """
from django.core.management import call_command
from django.db import transaction
from accounts.models import User
from newsroom.live.epoch import ensure_epoch
from newsroom.live.outbox import Fact, publish
def fill(start):
    for number in range(start, start + 3):
        User.objects.create(email=f"reader{number}@news.example", name=f"Leserin {number}", name_key=f"{number}")
        with transaction.atomic():
            publish(Fact("articles", "article.published", f"article.{number}", {"id": number}))
"""
STATE = {
    "people": "SELECT id, name FROM accounts_user ORDER BY id",
    "events": 'SELECT id, stream, "offset", subject FROM live_event ORDER BY id',
    "streams": "SELECT name, top FROM live_stream ORDER BY name",
    "epoch": "SELECT value FROM live_epoch",
}


@dataclass
class Site:
    """A site with three people and events, and two pictures."""

    env: dict[str, str]
    media: Path
    ask: Callable[[str], list[Any]]

    def run(self, code: str) -> str:
        done = manage("shell", "-v0", "-c", FILL + code, env=self.env)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def state(self) -> dict[str, list[Any]]:
        return {what: self.ask(sql) for what, sql in STATE.items()}


@pytest.fixture(params=["sqlite", "postgresql"])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Site:
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    env = environment(SECRET_KEY="s" * 50, NEWSROOM_DATA=str(data), SITE_URL="http://127.0.0.1")
    if request.param == "postgresql":
        url = env["DATABASE_URL"] = request.getfixturevalue("make_database")()

        def ask(sql: str) -> list[Any]:
            with psycopg.connect(url) as database:
                return database.execute(sql).fetchall()
    else:
        request.getfixturevalue("make_file")(data / "newsroom.sqlite3")

        def ask(sql: str) -> list[Any]:
            with closing(sqlite3.connect(data / "newsroom.sqlite3")) as database:
                return database.execute(sql).fetchall()

    (data / "media" / "avatars").mkdir(parents=True)
    (data / "media" / "avatars" / "ä.avif").write_bytes(b"picture" * 1000)
    (data / "media" / "logo.png").write_bytes(b"logo")
    return Site(env, data / "media", ask)


@pytest.fixture
def make_file() -> Callable[[Path], None]:
    """Each call makes a migrated, empty SQLite database: a copy of the tests' own."""

    def make(path: Path) -> None:
        source = str(connection.settings_dict["NAME"])
        with closing(sqlite3.connect(source)) as database, closing(sqlite3.connect(path)) as copy:
            database.backup(copy)

    return make


@pytest.mark.django_db  # for an empty database to copy
def test_everything_comes_back_or_nothing_is_changed(
    site: Site, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    file = tmp_path / "site.backup"
    copied = site.state()["epoch"]
    site.run(f"ensure_epoch()\nfill(1)\ncall_command('backup', {str(file)!r})\nfill(4)")  # it has its database open
    later = site.state()
    assert later["epoch"] != copied  # this database was made as a copy of another
    before = {what: rows[:3] if what in {"people", "events"} else rows for what, rows in later.items()}
    before["streams"] = [(name, top - 3 if name == "articles" else top) for name, top in later["streams"]]

    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
    with tarfile.open(file) as archive:
        names = archive.getnames()
    assert (names[0], names[-1]) == (MANIFEST, SUMS)
    assert {"media/avatars/ä.avif", "media/logo.png"} < set(names)
    rows = checked(file).rows
    assert (rows["accounts_user"], rows["live_event"]) == (3, 3)

    # Refused: the database holds something, and its part of the backup is broken though its sum is right.
    full = manage("restore", str(file), env=site.env)
    assert (full.returncode, full.stderr.count("\n"), "--replace" in full.stderr) == (2, 1, True)
    (tmp_path / "twisted").write_bytes(repacked(file, lambda name, it: it if name == MANIFEST else twisted(it)))
    broken = manage("restore", str(tmp_path / "twisted"), "--replace", "--no-media", env=site.env)
    assert (broken.returncode, broken.stderr.count("\n")) == (1, 1), broken.stderr
    assert re.search("is damaged|pg_restore failed", broken.stderr), broken.stderr
    assert site.state() == later

    # Killed on the way: the database is as it was.
    kill_amid(site, file, request)
    assert site.state() == later

    shutil.rmtree(site.media)
    restored = manage("restore", str(file), "--replace", env=site.env)

    assert (restored.returncode, restored.stderr) == (0, "")
    found = site.state()
    (epoch,) = found.pop("epoch")[0]
    ((old,),) = before.pop("epoch")
    assert found == before
    assert epoch != old
    assert f"epoch is now {epoch}" in restored.stdout
    assert (site.media / "avatars" / "ä.avif").read_bytes() == b"picture" * 1000
    assert (site.media / "logo.png").stat().st_mode & 0o777 == 0o644

    # Who was further on before has to load anew; keys and offsets go on.
    said = site.run(f"""
from newsroom.live.outbox import Position, read
print(read("articles", Position({old!r}, 6)), read("articles", Position({old!r}, 3)))
print(read("articles", Position({epoch!r}, 3)).head.position.offset)
fill(7)
""")
    assert said.split() == ["None", "None", "3"]
    assert [offset for _, _, offset, _ in site.state()["events"]] == [1, 2, 3, 4, 5, 6]


def kill_amid(site: Site, file: Path, request: pytest.FixtureRequest) -> None:
    """Kill a restore: on PostgreSQL when it waits inside its transaction, on SQLite when the database lies ready."""
    if "DATABASE_URL" not in site.env:
        many = repacked(file, as_it_is, more={f"media/{number}.avif": b"x" * 10_000 for number in range(3000)})
        (file.parent / "many").write_bytes(many)
        with Process("restore", str(file.parent / "many"), "--replace", env=site.env) as process:
            wait_for((site.media / "5.avif").exists, what="a picture")
            assert process.stop(signal.SIGKILL) == -signal.SIGKILL
        return
    server: Postgres = request.getfixturevalue("postgres_server")
    name = site.env["DATABASE_URL"].rpartition("/")[2]
    with psycopg.connect(f"{server.url}{name}") as reader:
        reader.execute("CREATE ROLE another SUPERUSER LOGIN")  # is no session of the site's role
        reader.commit()
    waiting = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    others = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND usename <> 'another'"
    with (
        psycopg.connect(f"{server.url}{name}", user="another", autocommit=True) as watcher,
        psycopg.connect(f"{server.url}{name}", user="another") as reader,
    ):
        reader.execute("SELECT count(*) FROM live_stream")  # its lock lasts as long as its transaction
        with Process("restore", str(file), "--replace", "--no-media", env=site.env) as process:
            wait_for(lambda: watcher.execute(waiting).fetchone() is not None, what="a lock")
            assert process.stop(signal.SIGKILL) == -signal.SIGKILL
        reader.rollback()
        wait_for(lambda: watcher.execute(others).fetchone() is None, what="the end of psql")


def twisted(content: bytes) -> bytes:
    """The content of a database, wiped but for its head; a sum or a picture stays readable.

    Less than that may hit nothing but SQLite's free pages.
    """
    head = 4096
    return content if len(content) < 40_000 else content[:head] + b"\0" * (len(content) - head)


def as_it_is(name: str, content: bytes) -> bytes:
    return content


def repacked(file: Path, change: Callable[[str, bytes], bytes], more: dict[str, bytes] | None = None) -> bytes:
    """The archive with other members, and with their sums."""
    made, sums = BytesIO(), ""
    with tarfile.open(file) as source, tarfile.open(fileobj=made, mode="w") as target:
        members = [(member.name, source.extractfile(member).read()) for member in source]  # type: ignore[union-attr]
        for name, content in [*members[:-1], *(more or {}).items(), (SUMS, b"")]:
            wanted = sums.encode() if name == SUMS else change(name, content)
            member = tarfile.TarInfo(name)
            member.size = len(wanted)
            target.addfile(member, BytesIO(wanted))
            sums += f"{sha256(wanted).hexdigest()}  {name}\n"
    return made.getvalue()


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A backup of something that is no database."""
    content, path = tmp_path / "content", tmp_path / "small.tar.gz"
    content.write_bytes(bytes(range(256)) * 500)
    with Writer(path, compressed=True) as archive:
        archive.add_manifest(MADE)
        archive.add(MADE.database, content)
        archive.add("media/a/b.avif", content)
    return path


MADE = Manifest(
    format=FORMAT,
    version=__version__,
    engine="sqlite",
    database="database.sqlite3",
    made_at=datetime(2026, 11, 30, tzinfo=UTC),
    migrations=["live.0001_initial"],
    rows={"live_event": 3},
    has_media=True,
)


def test_only_a_whole_backup_is_taken(small: Path) -> None:
    assert checked(small) == MADE
    content = small.read_bytes()
    plain = repacked(small, as_it_is)
    lies = {
        "cut": content[: len(content) // 2],
        "cut at its end": content[:-60],
        "flipped": content[:900] + bytes([content[900] ^ 0xFF]) + content[901:],
        "plain and cut": plain[:130_000],
        "plain and flipped": plain[:30_000] + b"\xff" + plain[30_001:],
        "empty": b"",
        "another file": b"SQLite format 3\0" * 2000,
        "without its manifest": repacked(small, lambda name, it: b"{}" if name == MANIFEST else it),
        "leading out": repacked(small, as_it_is, {"media/../../escaped": b"x"}),
        "leading elsewhere": repacked(small, as_it_is, {"/etc/escaped": b"x"}),
    }
    for how, lie in lies.items():
        small.write_bytes(lie)
        with pytest.raises(CommandError, match="damaged, or no backup") as refused:
            checked(small)
        assert refused.value.returncode == 1, how


@pytest.mark.parametrize(
    ("lie", "said"),
    [
        ({"format": FORMAT + 1}, "install a newer one"),
        ({"version": "99.0"}, "install that one or a newer"),
        ({"migrations": ["comments.9999_from_the_future"]}, "install that one or a newer"),
        ({"engine": "oracle"}, "one cannot be restored into the other"),
    ],
)
def test_a_backup_of_another_kind_is_refused(lie: dict[str, Any], said: str, small: Path) -> None:
    made = msgspec.json.encode(msgspec.to_builtins(MADE) | {"engine": connection.vendor} | lie)
    small.write_bytes(repacked(small, lambda name, it: made if name == MANIFEST else it))

    with pytest.raises(CommandError, match=said) as refused:
        must_fit(checked(small))

    assert refused.value.returncode == 2
