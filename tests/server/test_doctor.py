"""`manage.py doctor` names what is wrong with a running site, and what to do."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from newsroom import __version__
from newsroom.doctor import findings, services, site
from newsroom.doctor.findings import Finding
from newsroom.doctor.seen import HEADER, question
from newsroom.models import Chore
from newsroom.server.worker import tidy_if_due
from tests.support.product import Process, environment, manage
from tests.support.services import free_port
from tests.support.smtp import smtp_sink


def test_of_a_running_site_it_knows_what_arrives(filled_folder: Callable[[], Path], tmp_path: Path) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    folder = filled_folder()
    with smtp_sink() as sink:
        env = environment(
            SECRET_KEY="s" * 50, NEWSROOM_DATA=str(folder), SITE_URL=url, EMAIL_URL=sink.url, TRUSTED_PROXIES="1"
        )
        with Process("serve", "--port", str(port), env=env) as process:
            process.wait_until_ready(url)

            result = manage("doctor", "--json", "--url", url, env=env)

        assert sink.mails == []
    told = json.loads(result.stdout)
    found = {level: [each for each in told["findings"] if each["level"] == level] for level in ("ok", "error")}
    assert (result.returncode, told["status"], result.stderr) == (1, "error", "")
    (wrong,) = [each for each in found["error"] if each["what"] != "worker"]  # none runs here
    assert (wrong["what"], wrong["remedy"]) == ("proxies", "Set TRUSTED_PROXIES=0 and restart.")
    assert "readers can invent their address" in wrong["said"]
    well = {f"{each['what']}: {each['said']}" for each in found["ok"]}
    for begin in (
        f"versions: Newsroom {__version__}, ",
        "database: SQLite ",
        "database: has all migrations of this release",
        "redis: none is set",
        "mail: 127.0.0.1:",
        "folders: MEDIA_ROOT",
        "disk: ",
        "site: is ready",
        "site: the front page answers 200",
        "sockets: pass",
    ):
        assert any(each.startswith(begin) for each in well), (begin, well)


def test_of_a_broken_one_it_names_everything_at_once(tmp_path: Path) -> None:
    (tmp_path / "media").touch()
    env = environment(
        SECRET_KEY="",
        DATABASE_URL="postgres://news:secret@127.0.0.1:1/news",
        REDIS_URL="redis://127.0.0.1:1/0",
        EMAIL_URL="smtp://127.0.0.1:1",
        NEWSROOM_DATA=str(tmp_path / "data"),
        MEDIA_ROOT=str(tmp_path / "media"),
        SITE_ULR="https://news.example",
    )

    result = manage("doctor", "--url", "http://127.0.0.1:1", env=env)

    assert (result.returncode, "Traceback" in result.stdout + result.stderr) == (1, False)
    lines = result.stdout.splitlines()
    assert all(line.split()[0] in {"ok", "warning", "error"} for line in lines)
    assert all(" – " in line for line in lines if not line.startswith("ok"))
    for what in ("SITE_ULR is no setting. Is SITE_URL meant", "SITE_URL is not https", "is not SITE_URL"):
        assert [line for line in lines if line.startswith("warning") and what in line], what
    for what in (
        "E001",
        "database: does not answer",
        "redis: does not answer",
        "mail: ",
        "folders: MEDIA_ROOT",
        "site: ",
    ):
        assert [line for line in lines if line.startswith("error") and what in line], what
    assert "secret" not in result.stdout


@pytest.mark.parametrize(
    ("trusted", "hops", "level", "client"),
    [
        (1, ["203.0.113.9"], "ok", "203.0.113.9"),
        (2, ["203.0.113.9", "10.0.0.1"], "ok", "203.0.113.9"),
        (0, ["203.0.113.9"], "error", "127.0.0.1"),
        (1, ["203.0.113.9", "10.0.0.1"], "error", "10.0.0.1"),
        (2, ["203.0.113.9"], "error", site.FORGED),
        (0, [], "ok", "127.0.0.1"),
    ],
)
@pytest.mark.django_db
def test_it_counts_the_proxies(trusted: int, hops: list[str], level: str, client: str, settings: Any) -> None:
    settings.TRUSTED_PROXIES = trusted
    headers = {HEADER: question(), "X-Forwarded-For": ", ".join([site.FORGED, *hops])}

    told = Client().get("/health/ready", headers=headers).json()["seen"]
    found = site.proxies(told)

    assert (told["client"], told["trusted"], told["version"]) == (client, trusted, __version__)
    assert found.level == level
    assert level == "ok" or f"TRUSTED_PROXIES={len(hops)}" in found.remedy


@pytest.mark.django_db
def test_nobody_else_is_told(settings: Any) -> None:
    asked = question()
    assert "seen" in Client().get("/health/ready", headers={HEADER: asked}).json()

    for other in ("", "x", asked[:-1], asked.partition(":")[0]):
        assert Client().get("/health/ready", headers={HEADER: other}).json() == {"status": "ok"}
    settings.SECRET_KEY = "another" * 8
    assert Client().get("/health/ready", headers={HEADER: asked}).json() == {"status": "ok"}


def test_a_redirect_without_an_end_is_found() -> None:
    with answering(301, {"Location": "/"}) as url:
        found = site.redirects(url)

    assert (found.level, "for ever" in found.said) == ("error", True)
    with answering(200, {}) as url:
        assert site.redirects(url).level == "ok"
        assert site.sockets(url).level == "error"  # this server knows no sockets


def test_why_no_reader_can_connect_decides_what_to_do() -> None:
    with answering(200, {}) as url:
        no_certificate = url.replace("http:", "https:")
        remedies = {
            no_certificate: "Look at the proxy's certificate",
            f"https://127.0.0.1:{free_port()}": "Look whether the proxy runs",
            "https://news.invalid": "Give the name an address (DNS)",
        }
        for asked, remedy in remedies.items():
            (found,) = [each for each in site.examine(asked) if each.what == "tls"]
            assert (found.level, found.remedy.startswith(remedy)) == ("error", True), found


@contextmanager
def answering(status: int, headers: dict[str, str]) -> Iterator[str]:
    """A web server that gives one answer to everything."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.mark.django_db
def test_tasks_that_wait_need_a_worker() -> None:
    (never,) = services.worker()
    assert (never.level, "no worker has ever run" in never.said) == ("error", True)
    tidy_if_due(threading.Event())
    assert [each.level for each in services.worker()] == ["ok"]
    Chore.objects.update(begun_at=timezone.now() - timedelta(hours=2))
    assert [each.level for each in services.worker()] == ["error"]
    Chore.objects.update(begun_at=timezone.now())
    task = DBTaskResult.objects.create(
        task_path="x", args_kwargs={}, backend_name="default", run_after=timezone.now(), return_value=None
    )
    assert [each.level for each in services.worker()] == ["ok"]  # it has only just come

    DBTaskResult.objects.filter(pk=task.pk).update(enqueued_at=timezone.now() - timedelta(hours=1))
    (late,) = services.worker()
    assert (late.level, "1 tasks wait" in late.said, "manage.py worker" in late.remedy) == ("error", True, True)

    DBTaskResult.objects.filter(pk=task.pk).update(status="FAILED")
    assert [each.level for each in services.worker()] == ["ok", "warning"]


def test_what_fails_or_hangs_does_not_stop_the_others() -> None:
    released = threading.Event()

    def fails() -> Iterator[Finding]:
        yield findings.ok("first", "was found before")
        raise ValueError("broken\nin two lines")

    def hangs() -> Iterator[Finding]:
        released.wait()
        yield findings.ok("second", "too late")

    found = list(
        findings.run({"first": fails, "second": hangs, "third": lambda: [findings.ok("third", "fine")]}, seconds=0.2)
    )
    released.set()

    assert [(each.what, each.level) for each in found] == [
        ("first", "ok"),
        ("first", "error"),
        ("second", "error"),
        ("third", "ok"),
    ]
    assert "ValueError: broken in two lines" in found[1].said
