"""`manage.py serve` and `worker` on SQLite, as a small site runs them."""

from __future__ import annotations

import json
import re
import signal
import socket
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest
from django.core.management import CommandError, call_command

from newsroom.database.sqlite3.privacy import keep_folder_private
from newsroom.server.port import claim_path, inherit, release_path
from tests.support.product import Process, environment, manage
from tests.support.services import free_port, wait_for


class Served(NamedTuple):
    """A site that is running."""

    folder: Path
    port: int
    env: dict[str, str]


@pytest.fixture
def site(filled_folder: Callable[[], Path]) -> dict[str, str]:
    """The environment of a site with a filled database."""
    return environment(SECRET_KEY="s" * 50, NEWSROOM_DATA=str(filled_folder()), SITE_URL="http://127.0.0.1")


@pytest.fixture(scope="module")
def served(filled_folder: Callable[[], Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A site in a folder that an earlier version has left open to others."""
    folder, port = filled_folder(), free_port()
    folder.chmod(0o755)
    (folder / "newsroom.sqlite3").chmod(0o644)
    env = environment(
        SECRET_KEY="s" * 50,
        NEWSROOM_DATA=str(folder),
        SITE_URL="http://127.0.0.1",
        EMAIL_URL=f"filemail://{tmp_path_factory.mktemp('mail')}",
        STATEMENT_TIMEOUT="2",
    )
    with Process("serve", "--port", str(port), env=env) as process:
        process.wait_until_ready(f"http://127.0.0.1:{port}")
        yield Served(folder, port, env)


@pytest.mark.parametrize(
    ("number", "program", "arguments"),
    [
        (signal.SIGTERM, ["manage.py"], ["serve"]),
        (signal.SIGINT, ["manage.py"], ["serve"]),
        (signal.SIGTERM, ["-m", "uvicorn"], ["newsroom.asgi:application"]),
    ],
    ids=["serve", "serve, interrupted", "uvicorn by itself"],
)
def test_it_serves_until_it_is_told_to_stop_and_whoever_listens_to_events_is_sent_away(
    site: dict[str, str], number: int, program: list[str], arguments: list[str]
) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with Process(*arguments, "--port", str(port), env=site, program=program) as process:
        process.wait_until_ready(url)
        assert httpx.get(f"{url}/health/live").json() == {"status": "ok"}
        with httpx.stream("GET", f"{url}/live/sse?streams=articles", timeout=30) as response:
            lines = response.iter_lines()
            wait_for(lambda: "subscribed" in next(lines), what="a stream of events")

            code = process.stop(number)  # uvicorn itself would wait for readers without an end

            assert not any("data" in line for line in lines)  # and it has come to its end
        assert "Traceback" not in process.log()
        if program == ["manage.py"]:  # uvicorn by itself ends by the signal
            assert code == 0
            assert "WARNING" not in process.log()


def test_several_workers_need_redis(site: dict[str, str]) -> None:
    result = manage("serve", "--workers", "2", "--port", str(free_port()), env=site)

    assert result.returncode == 2
    assert "REDIS_URL" in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_database_without_migrations_is_refused(tmp_path: Path) -> None:
    env = environment(SECRET_KEY="s" * 50, NEWSROOM_DATA=str(tmp_path))

    result = manage("serve", "--port", str(free_port()), env=env)

    assert result.returncode == 2
    assert "manage.py migrate" in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("change", [{"SECRET_KEY": "four"}, {"SECRET_KEY_FALLBACKS": "short"}], ids=str)
def test_a_secret_that_can_be_guessed_is_refused(site: dict[str, str], change: dict[str, str]) -> None:
    result = manage("serve", "--port", str(free_port()), env=site | change)

    assert result.returncode == 2
    assert next(iter(change)) in result.stderr
    assert not set(change.values()) & set(result.stderr.split())
    assert result.stderr.count("\n") == 1


def test_dangerous_settings_are_named_at_the_start(site: dict[str, str]) -> None:
    port = free_port()
    with Process("serve", "--port", str(port), env=site | {"DEBUG": "1", "ALLOWED_HOSTS": "*"}) as process:
        process.wait_until_ready(f"http://127.0.0.1:{port}")

        assert "WARNING: DEBUG is on" in process.log()
        assert "WARNING: ALLOWED_HOSTS admits every name" in process.log()
        assert "redirects to itself" not in process.log()


def test_a_redirect_without_an_end_is_named_at_the_start(site: dict[str, str]) -> None:
    port = free_port()
    behind_tls = site | {"SITE_URL": "https://news.example"}
    with Process("serve", "--port", str(port), env=behind_tls) as process:
        process.wait_until_ready(f"http://127.0.0.1:{port}")

        assert "WARNING: Every page redirects to itself for ever with TRUSTED_PROXIES=0" in process.log()
        asked = {"Host": "news.example", "X-Forwarded-Proto": "https"}
        answer = httpx.get(f"http://127.0.0.1:{port}/x", headers=asked)
        assert answer.headers["Location"] == "https://news.example/x"  # where it came from

    with Process("serve", "--port", str(port), env=behind_tls | {"TRUSTED_PROXIES": "1"}) as process:
        process.wait_until_ready(f"http://127.0.0.1:{port}")

        assert "WARNING" not in process.log()
        page = httpx.get(f"http://127.0.0.1:{port}/", headers=asked)
        assert page.status_code == 200
        script = re.findall(r'src="([^"]+/site\.js)"', page.text)[0]
        for _ in range(2):  # the second one is answered from memory
            answer = httpx.get(f"http://127.0.0.1:{port}{script}", headers=asked)
            assert answer.status_code == 200
            assert answer.headers["Strict-Transport-Security"] == page.headers["Strict-Transport-Security"]
            answer = httpx.get(f"http://127.0.0.1:{port}{script}", headers={"Host": "news.example"})
            assert answer.headers["Location"] == f"https://news.example{script}"


def test_only_its_owner_reads_the_files_of_a_site(served: Served) -> None:
    modes = {path.name: path.stat().st_mode & 0o777 for path in served.folder.glob("newsroom.sqlite3*")}

    assert served.folder.stat().st_mode & 0o777 == 0o700
    assert set(modes) >= {"newsroom.sqlite3", "newsroom.sqlite3-wal", "newsroom.sqlite3-shm"}
    assert set(modes.values()) == {0o600}


def test_a_new_database_is_private_from_its_first_moment(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    env = environment(SECRET_KEY="s" * 50, NEWSROOM_DATA=str(folder))

    assert manage("showmigrations", env=env).returncode == 0

    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "newsroom.sqlite3").stat().st_mode & 0o777 == 0o600


def test_a_folder_that_the_site_shares_with_others_stays_as_it_is(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    env = environment(SECRET_KEY="s" * 50, DATABASE_URL=f"sqlite:///{tmp_path / 'news.sqlite3'}")

    assert manage("showmigrations", env=env).returncode == 0

    assert tmp_path.stat().st_mode & 0o777 == 0o755
    tmp_path.chmod(0o1777)  # as /tmp is: no other program could work any more
    keep_folder_private(tmp_path)
    assert tmp_path.stat().st_mode & 0o7777 == 0o1777
    assert (tmp_path / "news.sqlite3").stat().st_mode & 0o777 == 0o600


def test_a_port_in_use_is_refused(served: Served) -> None:
    result = manage("serve", "--port", str(served.port), env=served.env)

    assert result.returncode == 2
    assert result.stderr.count("\n") == 1
    assert str(served.port) in result.stderr


ACTIVATE = """
import os, socket, sys
port, path, *command = sys.argv[1:]
sockets = [socket.create_server(("127.0.0.1", int(port))), socket.socket(socket.AF_UNIX)]
sockets[1].bind(path)
sockets[1].listen()
for number, each in enumerate(sockets, 3):
    os.dup2(os.dup(each.fileno()), 100 + number)
for number in (3, 4):
    os.dup2(100 + number, number)
os.environ |= {"LISTEN_FDS": "2", "LISTEN_PID": str(os.getpid())}
os.execv(sys.executable, [sys.executable, *command])
"""


def test_sockets_that_systemd_has_opened_are_served(site: dict[str, str], tmp_path: Path) -> None:
    port, path = free_port(), tmp_path / "socket"
    given = (str(port), str(path), "manage.py", "serve")
    with Process(*given, env=site, program=("-c", ACTIVATE)) as process:
        process.wait_until_ready(f"http://127.0.0.1:{port}")
        with httpx.Client(transport=httpx.HTTPTransport(uds=str(path)), base_url="http://127.0.0.1") as client:
            assert client.get("/health/live").status_code == 200

        assert process.stop(signal.SIGTERM) == 0
        assert "WARNING: a Unix socket tells no addresses" in process.log()
    assert path.exists()  # it is systemd's


def test_a_socket_of_ones_own_is_served(site: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        command = ("serve", "--fd", str(listening.fileno()))
        with Process(*command, env=site, pass_fds=[listening.fileno()]) as process:
            process.wait_until_ready(f"http://127.0.0.1:{listening.getsockname()[1]}")
            assert process.stop(signal.SIGTERM) == 0
            assert "WARNING" not in process.log()


def test_a_request_that_is_on_its_way_at_a_shutdown_is_answered(site: dict[str, str]) -> None:
    request = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = listening.getsockname()
        command = ("serve", "--fd", str(listening.fileno()))
        with Process(*command, env=site, pass_fds=[listening.fileno()]) as process:
            process.wait_until_ready(f"http://127.0.0.1:{address[1]}")
            with ExitStack() as stack:
                new, begun, used = [
                    stack.enter_context(socket.create_connection(address, timeout=20)) for _ in range(3)
                ]
                begun.sendall(request[:20])
                used.sendall(request)
                assert used.recv(10_000).startswith(b"HTTP/1.1 200 ")  # so the server has the others by now

                process.popen.send_signal(signal.SIGTERM)
                assert b"HTTP/" not in used.makefile("rb").read()  # it is idle, and closed
                new.sendall(request)
                begun.sendall(request[20:])

                for each in (new, begun):
                    answer = each.makefile("rb").read()  # until the server closes it
                    assert answer.startswith(b"HTTP/1.1 200 ")
                    assert b"\r\nconnection: close\r\n" in answer
            assert process.stop(signal.SIGTERM) == 0


def test_a_socket_that_cannot_be_served_is_refused_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(call: Callable[[], object]) -> str:
        with pytest.raises(SystemExit) as ended:
            call()
        assert ended.value.code == 2
        said = capsys.readouterr().err
        assert said.count("\n") == 1
        return said

    file, path = tmp_path / "file", tmp_path / "socket"
    file.write_text("kept")
    assert "something else than a socket" in refused(lambda: claim_path(file, 0o660))
    assert file.read_text() == "kept"
    assert "No such file" in refused(lambda: claim_path(tmp_path / "gone" / "socket", 0o660))
    assert "too long" in refused(lambda: claim_path(tmp_path / ("x" * 200), 0o660))

    first = claim_path(path, 0o600)
    assert path.stat().st_mode & 0o777 == 0o600
    assert "a server listens there already" in refused(lambda: claim_path(path, 0o660))
    first.close()  # killed: its file stays
    second = claim_path(path, 0o660)
    release_path(path, first)  # of a server that leaves late
    assert path.exists()
    release_path(path, second)
    assert not path.exists()

    with file.open() as opened:
        assert "Pass a listening socket" in refused(lambda: inherit(opened.fileno()))
    assert "Bad file descriptor" in refused(lambda: inherit(9999))


@pytest.mark.parametrize(
    "given",
    [
        ["--port", "1", "--uds", "/x"],
        ["--host", "::1", "--fd", "3"],
        ["--uds", "/x", "--fd", "3"],
        ["--uds-mode", "660"],
    ],
    ids=" ".join,
)
def test_what_it_listens_on_is_told_once(given: list[str]) -> None:
    with pytest.raises(CommandError) as refused:
        call_command("serve", *given)

    assert refused.value.returncode == 2


def test_mails_of_a_real_site_cannot_be_read_over_http(served: Served) -> None:
    assert httpx.get(f"http://127.0.0.1:{served.port}/demo/mail/").status_code == 404


ENDLESS = "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n)"
RUNAWAY = {
    "reading": (
        f"""PRAGMA legacy_alter_table = ON;
ALTER TABLE articles_section RENAME TO kept;
CREATE VIEW articles_section AS SELECT * FROM kept WHERE {ENDLESS} > 0""",
        """PRAGMA legacy_alter_table = ON;
DROP VIEW articles_section;
ALTER TABLE kept RENAME TO articles_section""",
    ),
    "writing": (
        f"CREATE TRIGGER runaway AFTER INSERT ON comments_comment BEGIN SELECT {ENDLESS}; END",
        "DROP TRIGGER runaway",
    ),
}


@pytest.mark.parametrize("way", RUNAWAY)
def test_a_statement_that_does_not_come_to_an_end_is_ended(served: Served, way: str) -> None:
    def meddle(script: str) -> None:
        with closing(sqlite3.connect(served.folder / "newsroom.sqlite3")) as file:
            file.executescript(script)

    with httpx.Client(base_url=f"http://127.0.0.1:{served.port}", timeout=60) as client:
        reader = next(
            each for each in json.loads((served.folder / "accounts.json").read_text()) if each["role"] == "reader"
        )
        login = {name: reader[name] for name in ("email", "password")}
        entered = client.post("/_allauth/app/v1/auth/login", json=login).raise_for_status().json()
        client.headers["X-Session-Token"] = entered["meta"]["session_token"]
        chat = client.get("/api/v1/discussions/?mode=chat").raise_for_status().json()["results"][0]["id"]
        comments, text = f"/api/v1/discussions/{chat}/comments/", f"Einmal gesagt, {way}"

        def ask() -> httpx.Response:
            if way == "reading":
                return client.get("/api/v1/articles/?limit=7")
            return client.post(comments, json={"text": text})

        begun, undone = RUNAWAY[way]
        meddle(begun)
        try:
            refused = ask()
        finally:
            meddle(undone)
        answered = ask()
        said = [each["text"] for each in client.get(comments).json()["results"]]

    assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
    assert answered.is_success
    assert said.count(text) == (way == "writing")
    assert int(refused.headers["Retry-After"]) > 0


def test_the_worker_stops_when_told(site: dict[str, str]) -> None:
    with Process("worker", env=site) as process:
        wait_for(lambda: "Waiting" in process.out(), what="worker")

        assert process.stop(signal.SIGTERM) == 0
