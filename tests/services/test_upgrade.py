"""The database of each version, made by its own code, becomes one of the present version, with everything in it."""

from __future__ import annotations

import json
import socket
import sqlite3
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from newsroom import __version__
from newsroom.backup.archive import checked
from tests.services.snapshot import SECRET, SNAPSHOTS
from tests.support.product import Process, environment, manage

# What a restore, `migrate` and a start may change themselves.
OWN = {
    *("auth_permission", "django_content_type", "django_migrations", "django_session"),
    *("live_epoch", "newsroom_chore", "newsroom_limit", "newsroom_worker"),
}
KEPT = sorted(SNAPSHOTS.glob("*.tar.gz"))


def test_the_present_version_has_its_snapshots() -> None:
    assert {f"{__version__}-sqlite.tar.gz", f"{__version__}-postgresql.tar.gz"} <= {each.name for each in KEPT}


@pytest.mark.parametrize("snapshot", KEPT, ids=lambda path: path.name.removesuffix(".tar.gz"))
def test_a_database_of_that_version_is_migrated_and_goes_on(
    snapshot: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    manifest = checked(snapshot)
    env = environment(SECRET_KEY=SECRET, NEWSROOM_DATA=str(tmp_path), SITE_URL="http://localhost")
    ask = _sqlite(tmp_path / "newsroom.sqlite3")
    if manifest.engine == "postgresql":
        env["DATABASE_URL"] = request.getfixturevalue("make_database")()
        ask = _postgresql(env["DATABASE_URL"])

    for command in (["restore", str(snapshot), "--no-media"], ["migrate", "-v0"], ["check"]):
        done = manage(*command, env=env)
        assert done.returncode == 0, done.stderr

    tables = {name for (name,) in ask(TABLES[manifest.engine])}
    told = {name: count for name, count in manifest.rows.items() if name in tables - OWN}
    assert told["comments_comment"] > 300
    assert {name: ask(f'SELECT count(*) FROM "{name}"')[0][0] for name in told} == told
    _goes_on(snapshot, env)


def _goes_on(snapshot: Path, env: dict[str, str]) -> None:
    """Somebody who had an account logs in, and comments."""
    login = json.loads(snapshot.with_name(f"{_name(snapshot)}.json").read_text())
    with ExitStack() as stack:
        listening = stack.enter_context(socket.create_server(("127.0.0.1", 0)))  # so that the port is this site's alone
        url, fd = f"http://localhost:{listening.getsockname()[1]}", listening.fileno()
        command = ("serve", "--fd", str(fd))
        process = stack.enter_context(Process(*command, env=env | {"SITE_URL": url}, pass_fds=[fd]))
        process.wait_until_ready(url)
        answer = httpx.post(f"{url}/_allauth/app/v1/auth/login", json=login, timeout=30).raise_for_status()
        session = {"X-Session-Token": answer.json()["meta"]["session_token"]}
        with httpx.Client(base_url=url, headers=session, timeout=30) as reader:
            talk = reader.get("/api/v1/discussions/?mode=chat").json()["results"][0]
            assert talk["last_comment"]["text"] in reader.get(f"/chats/{talk['id']}/").text
            reader.post(f"/api/v1/discussions/{talk['id']}/comments/", json={"text": "Alles noch da?"})
            after = reader.get(f"/api/v1/discussions/{talk['id']}/").json()
    assert (after["last_comment"]["text"], after["comment_count"]) == ("Alles noch da?", talk["comment_count"] + 1)


TABLES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table'",
    "postgresql": "SELECT tablename FROM pg_tables WHERE schemaname = 'public'",
}
type Ask = Callable[[str], list[Any]]


def _sqlite(path: Path) -> Ask:
    def ask(sql: str) -> list[Any]:
        with closing(sqlite3.connect(path)) as database:
            return database.execute(sql).fetchall()

    return ask


def _postgresql(url: str) -> Ask:
    def ask(sql: str) -> list[Any]:
        with psycopg.connect(url) as database:
            return database.execute(sql).fetchall()

    return ask


def _name(snapshot: Path) -> str:
    return snapshot.name.removesuffix(".tar.gz")
