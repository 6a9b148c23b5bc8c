"""`manage.py demo`, started as a newcomer starts it."""

from __future__ import annotations

import json
import signal
import socket
import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from tests.support.live import follow
from tests.support.product import ROOT, Demo, demo, environment, manage
from tests.support.services import wait_for


@pytest.fixture(scope="module")
def folder(filled_folder: Callable[[], Path]) -> Path:
    return filled_folder()


@pytest.fixture(scope="module")
def running(folder: Path) -> Iterator[Demo]:
    with demo(folder) as process:
        yield process


def test_it_prints_one_line_of_json(running: Demo) -> None:
    said = json.loads(running.out())

    assert running.out().count("\n") == 1
    assert [account["role"] for account in said["accounts"]] == [
        "reader",
        "journalist",
        "moderator",
        "editor",
        "administrator",
    ]
    assert said["url"].startswith("http://localhost:")  # where passkeys work, too


def test_passwords_and_secrets_are_for_the_owner_alone(running: Demo, folder: Path) -> None:
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for name in ("accounts.json", "secret_key"):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600
    assert json.loads((folder / "accounts.json").read_text()) == list(running.accounts.values())


def test_its_database_is_sqlite_with_a_write_ahead_log(running: Demo, folder: Path) -> None:
    with sqlite3.connect(folder / "newsroom.sqlite3") as database:
        assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    database.close()


@pytest.mark.parametrize("role", ["reader", "journalist", "moderator", "editor", "administrator"])
def test_every_account_can_log_in(running: Demo, role: str) -> None:
    account = running.accounts[role]
    with httpx.Client(base_url=running.url) as client:
        login = "/_allauth/app/v1/auth/login"

        refused = client.post(login, json={"email": account["email"], "password": "wrong"})
        answer = client.post(login, json={"email": account["email"], "password": account["password"]})

    assert refused.status_code == 400
    assert answer.status_code == 200, answer.text
    assert answer.json()["data"]["user"]["email"] == account["email"]


def test_a_mail_can_be_read_here(running: Demo) -> None:
    with httpx.Client(base_url=running.url) as client:
        data = {"email": running.accounts["reader"]["email"]}
        client.post("/_allauth/app/v1/auth/password/request", json=data).raise_for_status()
        wait_for(lambda: data["email"] in client.get("/demo/mail/").text, what="mail")
        page = client.get("/demo/mail/")
        link = page.text.split('href="/demo/mail/')[1].split('"')[0]
        mail = client.get(f"/demo/mail/{link}")

    assert running.url in mail.text


def test_a_scheduled_item_appears_at_its_time_by_itself(running: Demo) -> None:
    editor = {name: running.accounts["editor"][name] for name in ("email", "password")}
    with httpx.Client(base_url=running.url) as client, follow(running.url, "ticker.newsticker") as follower:
        login = client.post("/_allauth/app/v1/auth/login", json=editor).raise_for_status()
        soon = (datetime.now(UTC) + timedelta(seconds=3)).isoformat()
        answer = client.post(
            "/api/v1/tickers/newsticker/items/",
            json={"headline": "Gleich ist es so weit", "publish_at": soon},
            headers={"X-Session-Token": login.json()["meta"]["session_token"]},
        )
        assert answer.status_code == 201, answer.text
        assert answer.json()["state"] == "scheduled"
        assert "Gleich" not in client.get("/newsticker/").text

        assert follower.event(seconds=20)["data"]["headline"] == "Gleich ist es so weit"
        assert "Gleich ist es so weit" in client.get("/newsticker/").text


def test_mails_are_for_clients_on_this_machine(running: Demo) -> None:
    direct = httpx.get(f"{running.url}/demo/mail/")
    proxied = httpx.get(f"{running.url}/demo/mail/", headers={"X-Forwarded-For": "203.0.113.9"})
    foreign = httpx.get(f"{running.url}/demo/mail/", headers={"Host": "rebound.example"})

    assert direct.status_code == 200
    assert direct.headers["Cache-Control"].endswith("private")
    assert proxied.status_code == 404
    assert foreign.status_code == 400


def test_a_second_one_on_the_same_port_says_so_in_one_line(running: Demo, tmp_path: Path) -> None:
    port = running.url.rpartition(":")[2]

    result = manage("demo", "--port", port, "--data", str(tmp_path / "other"), env=environment())

    assert result.returncode == 2
    assert result.stderr.count("\n") == 1
    assert f"127.0.0.1:{port}" in result.stderr
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize("where", [("--port", "65536"), ("--port", "-1"), ("--host", "no-such-host.invalid")])
def test_an_address_that_cannot_be_is_named_in_one_line(where: tuple[str, str], tmp_path: Path) -> None:
    options = {"--port": "0", "--data": str(tmp_path / "data")} | dict([where])

    result = manage("demo", *(part for option in options.items() for part in option), env=environment())

    assert result.returncode == 2
    assert result.stderr.count("\n") == 1
    assert where[1] in result.stderr
    assert f"another {where[0]}" in result.stderr
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("name", ["newsroom.sqlite3", "accounts.json"])
def test_a_damaged_file_is_told_in_one_line(name: str, filled_folder: Callable[[], Path]) -> None:
    folder = filled_folder()
    (folder / name).write_text("{damaged " * 2_000)

    result = manage("demo", "--port", "0", "--data", str(folder), env=environment())

    assert result.returncode == 2
    assert result.stderr.count("\n") == 1
    assert name in result.stderr or "not a database" in result.stderr


def test_what_a_full_disk_left_empty_is_made_anew(filled_folder: Callable[[], Path]) -> None:
    folder = filled_folder()
    for name in ("accounts.json", "secret_key"):
        (folder / name).write_text("")

    with demo(folder) as process:
        account = process.accounts["reader"]
        login = httpx.post(
            f"{process.url}/_allauth/app/v1/auth/login",
            json={"email": account["email"], "password": account["password"]},
        )

    assert login.status_code == 200, login.text
    assert len((folder / "secret_key").read_text()) >= 50


def test_a_folder_that_cannot_be_used_is_named_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    result = manage("demo", "--port", "0", "--data", str(tmp_path / "file" / "data"), env=environment())

    assert result.returncode == 2
    assert result.stderr.count("\n") == 1
    assert str(tmp_path / "file" / "data") in result.stderr


def test_a_database_of_a_newer_version_is_refused_in_one_line(filled_folder: Callable[[], Path]) -> None:
    folder = filled_folder()
    with sqlite3.connect(folder / "newsroom.sqlite3") as database:
        database.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('accounts', '9999_tomorrow', '2099-01-01')"
        )
    database.close()

    result = manage("demo", "--port", "0", "--data", str(folder), env=environment())

    assert result.returncode == 2
    assert result.stderr.count("\n") == 1
    assert "newer version" in result.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_cleanly_and_comes_back_the_same(filled_folder: Callable[[], Path], number: int) -> None:
    folder = filled_folder()
    with demo(folder) as process, follow(process.url, "ticker.newsticker") as follower:
        before, articles = process.accounts, _count(process)
        assert process.stop(number) == 0
        assert follower.close_code() == 1012
        assert "Traceback" not in process.log()

    with demo(folder) as process:
        assert process.accounts == before
        assert _count(process) == articles >= 12


def test_articles_are_moved_into_its_folder_without_knowing_its_secret(filled_folder: Callable[[], Path]) -> None:
    move = ("import_articles", "wordpress", str(ROOT / "tests" / "importers" / "blog.xml"))
    folder = filled_folder()

    moved = manage(*move, env=environment(NEWSROOM_DATA=str(folder)))

    assert moved.returncode == 0, moved.stderr
    assert "Articles published: 3" in moved.stdout
    with demo(folder) as process:
        assert httpx.get(f"{process.url}/articles/ein-steg/").status_code == 200


def test_an_import_into_a_database_that_waits_for_migrations_says_so(tmp_path: Path) -> None:
    refused = manage("import_articles", "wordpress", "any.xml", env=environment(NEWSROOM_DATA=str(tmp_path)))

    assert refused.returncode == 2
    assert refused.stderr.count("\n") == 1
    assert "migrate" in refused.stderr


def test_the_environment_wins(filled_folder: Callable[[], Path]) -> None:
    with demo(filled_folder(), SITE_URL="http://news.example:81", ALLOWED_HOSTS="news.example") as process:
        port = _port_of(process)

        assert process.url == "http://news.example:81"
        assert httpx.get(f"http://127.0.0.1:{port}/accounts/login/").status_code == 400
        known = httpx.get(f"http://127.0.0.1:{port}/accounts/login/", headers={"Host": "news.example"})
        assert known.status_code == 200


def _count(process: Demo) -> int:
    return len(httpx.get(f"{process.url}/api/v1/articles/?limit=200").json()["results"])


def _port_of(process: Demo) -> int:
    """The port that a process listens on, whatever address it tells."""
    inodes = set()
    for link in Path(f"/proc/{process.popen.pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # it opens and closes files while we look
            inodes.add(link.readlink().name.removeprefix("socket:[").removesuffix("]"))
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if fields[3] == "0A" and fields[9] in inodes:
            return int(fields[1].rpartition(":")[2], 16)
    raise AssertionError(f"listens nowhere ({socket.gethostname()})")
