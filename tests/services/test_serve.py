"""`manage.py serve --workers 2` on PostgreSQL and Redis: the product as a large site runs it."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from uuid import uuid4

import httpx
import pytest

from newsroom.server import sharing
from newsroom.server.port import claim_path
from tests.support.live import follow
from tests.support.product import Process, demo, environment, manage
from tests.support.services import Postgres, Redis, free_port, wait_for
from tests.support.smtp import smtp_sink

OPEN_SOCKETS = 'newsroom_live_sockets{transport="websocket"}'


FILL = """
import json
from django.conf import settings
from newsroom.demo import accounts, content
from tests.support.pictures import small
content.load(draw=small)
print(json.dumps(accounts.ensure(settings.DATA_DIR / "accounts.json")))
"""


@dataclass
class Filled:
    """The demo's content in a database, but for its pictures."""

    accounts: dict[str, dict[str, str]]
    env: dict[str, str]


@dataclass
class Site(Filled):
    """Two workers over it."""

    url: str
    process: Process

    def as_role(self, role: str) -> httpx.Client:
        """A client that is logged in, with a connection of its own for each request: any worker may answer."""
        login = {name: self.accounts[role][name] for name in ("email", "password")}
        answer = httpx.post(f"{self.url}/_allauth/app/v1/auth/login", json=login).raise_for_status()
        headers = {"X-Session-Token": answer.json()["meta"]["session_token"], "Connection": "close"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=30)

    def metrics_folder(self) -> Path:
        files = [each.resolve() for each in Path(f"/proc/{min(self.process.workers())}/fd").iterdir()]
        return next(each for each in files if each.name.startswith(sharing.PREFIX) and each.is_dir())

    def chat(self) -> int:
        chats = httpx.get(f"{self.url}/api/v1/discussions/?mode=chat").json()["results"]
        return next(int(chat["id"]) for chat in chats if chat["state"] == "open")


@contextmanager
def serving(filled: Filled, *options: str, **settings: str) -> Iterator[Site]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    env = filled.env | {"SITE_URL": url} | settings
    with Process("serve", "--port", str(port), "--workers", "2", *options, env=env) as process:
        process.wait_until_ready(url)
        yield Site(filled.accounts, env, url, process)


@pytest.fixture(scope="module")
def filled(make_database: Callable[[], str], redis_server: Redis, tmp_path_factory: pytest.TempPathFactory) -> Filled:
    """A database with the demo's content, and the environment of a site on it."""
    folder = tmp_path_factory.mktemp("serve")
    env = environment(
        SECRET_KEY="s" * 50,
        NEWSROOM_DATA=str(folder),
        DATABASE_URL=make_database(),
        REDIS_URL=redis_server.url,
        LIMIT_COMMENTS="1000/m",
        LIMIT_LOGINS="1000/m",
    )
    filling = manage("shell", "-v0", "-c", FILL, env=env, seconds=300)
    assert filling.returncode == 0, filling.stderr
    return Filled({account["role"]: account for account in json.loads(filling.stdout)}, env)


@pytest.fixture(scope="module")
def site(filled: Filled) -> Iterator[Site]:
    with serving(filled) as started:
        yield started


def test_pages_and_api_answer(site: Site) -> None:
    with httpx.Client(base_url=site.url) as client:
        assert client.get("/health/ready").status_code == 200
        assert client.get("/").status_code == 200
        assert client.get("/api/v1/articles/").json()["results"]


def test_the_demo_runs_on_the_same_database(filled: Filled) -> None:
    folder = Path(filled.env["NEWSROOM_DATA"])
    asked = {name: filled.env[name] for name in ("DATABASE_URL", "REDIS_URL")}
    with demo(folder, **asked) as process:
        assert not list(folder.glob("*.sqlite3"))
        site = Site(filled.accounts, filled.env, process.url, process)
        assert process.accounts == filled.accounts
        chat = site.chat()

        with site.as_role("reader") as reader, follow(site.url, f"discussion.{chat}") as follower:
            posted = reader.post(f"/api/v1/discussions/{chat}/comments/", json={"text": "Auch hier"})
            assert follower.event()["data"]["id"] == posted.json()["id"]

        assert process.stop() == 0
        assert "Traceback" not in process.log()


def test_every_socket_hears_a_comment_whichever_process_took_it(site: Site) -> None:
    chat = site.chat()
    with ExitStack() as stack:
        reader = stack.enter_context(site.as_role("reader"))
        followers = [stack.enter_context(follow(site.url, f"discussion.{chat}")) for _ in range(8)]

        for number in range(4):
            posted = reader.post(f"/api/v1/discussions/{chat}/comments/", json={"text": f"Hört ihr mich? {number}"})
            assert posted.status_code == 201, posted.text

            heard = [follower.event() for follower in followers]
            assert {event["data"]["id"] for event in heard} == {posted.json()["id"]}
            assert len({event["offset"] for event in heard}) == 1


def test_a_killed_worker_is_replaced_while_the_other_serves(site: Site) -> None:
    wait_for(lambda: len(site.process.workers()) == 2, what="two workers")
    victim, deaths = min(site.process.workers()), _deaths(site)

    os.kill(victim, signal.SIGKILL)

    said = f"WARNING newsroom.server.workers: worker {victim} died (SIGKILL) and was replaced by"

    def is_told() -> bool:
        return said in site.process.log()

    wait_for(lambda: _is_replaced(site, victim), seconds=60, what="a new worker")
    site.process.wait_until_ready(site.url)
    assert httpx.get(f"{site.url}/newsticker/").status_code == 200
    wait_for(is_told, seconds=60, what="the log's line")  # written after the new worker's start
    wait_for(lambda: _deaths(site) == deaths + 1, seconds=60, what="the new worker to count that")


def test_a_worker_that_dies_while_it_is_asked_is_replaced_at_once(site: Site) -> None:
    wait_for(lambda: len(site.process.workers()) == 2, what="two workers")
    victim, deaths = min(site.process.workers()), _deaths(site)

    os.kill(victim, signal.SIGSTOP)
    Event().wait(1)  # its parent asks twice a second, and would wait a minute for the answer
    os.kill(victim, signal.SIGKILL)

    wait_for(lambda: _is_replaced(site, victim), seconds=30, what="a new worker")
    site.process.wait_until_ready(site.url)
    wait_for(lambda: _deaths(site) == deaths + 1, seconds=60, what="the new worker to count that")


def test_workers_are_replaced_one_by_one_and_nobody_is_refused(site: Site) -> None:
    wait_for(lambda: len(site.process.workers()) == 2, what="two workers")
    before, deaths = site.process.workers(), _deaths(site)

    site.process.popen.send_signal(signal.SIGHUP)

    def are_new() -> bool:
        assert httpx.get(f"{site.url}/newsticker/", timeout=30).status_code == 200
        now = site.process.workers()
        return len(now) == 2 and not now & before

    wait_for(are_new, seconds=60, what="two new workers")
    assert _deaths(site) == deaths


def test_workers_leave_when_their_parent_is_killed(filled: Filled) -> None:
    """Whoever follows is told to come back, what was begun is answered, and the port is free for the next `serve`."""
    with serving(filled) as site:
        wait_for(lambda: len(site.process.workers()) == 2, what="two workers")
        workers = site.process.workers()
        folder = site.metrics_folder()
        statuses, is_over = list[int](), Event()

        def read() -> None:
            while not is_over.is_set():
                try:
                    statuses.append(httpx.get(f"{site.url}/newsticker/", timeout=30).status_code)
                except httpx.TransportError:  # refused, or not yet accepted
                    is_over.set()

        readers = [Thread(target=read) for _ in range(4)]
        with ExitStack() as stack:
            followers = [stack.enter_context(follow(site.url, "articles")) for _ in range(6)]
            for reader in readers:
                reader.start()
            wait_for(lambda: len(statuses) > 20, what="load")

            site.process.popen.kill()

            assert {follower.close_code() for follower in followers} == {1012}
        wait_for(lambda: not any(map(_is_running, workers)), what="the end of the workers")
        for reader in readers:
            reader.join()
        assert set(statuses) == {200}
        said = site.process.log()
        assert sum(f"the parent of worker {pid} died, so it stops, too" in said for pid in workers) == 2
        assert "Traceback" not in said
        with socket.create_server(("127.0.0.1", int(site.url.rpartition(":")[2]))):
            pass

    with serving(filled) as new:
        assert not folder.exists()
        assert new.metrics_folder().exists()


def test_two_machines_are_restarted_in_turn_and_nobody_is_refused(
    filled: Filled, request: pytest.FixtureRequest
) -> None:
    """As systemd does it: the sockets stay open, and whoever comes meanwhile waits in them."""
    if not request.config.getoption("--full"):
        pytest.skip("eight processes under load: with --full. test_a_request_that_is_on_its_way… shows each case of it")
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=512)) for _ in range(2)]
        urls = [f"http://127.0.0.1:{each.getsockname()[1]}" for each in sockets]
        env = filled.env | {"SITE_URL": urls[0], "ALLOWED_HOSTS": "127.0.0.1"}

        def start(number: int) -> Process:
            fd = sockets[number].fileno()
            process = Process("serve", "--workers", "2", "--fd", str(fd), env=env, pass_fds=[fd])
            return stack.enter_context(process)

        machines = [start(0), start(1)]
        for machine, url in zip(machines, urls, strict=True):
            machine.wait_until_ready(url)
        site = Site(filled.accounts, env, urls[0], machines[0])
        articles = httpx.get(f"{urls[0]}/api/v1/articles/").json()["results"]
        thread = next(each["discussion"] for each in articles if each["discussion"])  # others write into the chat
        address, answers, is_over = f"/api/v1/discussions/{thread}/comments/", list[int](), Event()

        def work(number: int) -> None:
            with site.as_role("moderator") as person:
                while not is_over.is_set():
                    url = urls[number % 2]
                    answers.append(person.get(f"{url}/newsticker/").status_code)
                    text = {"text": f"Satz {len(answers)} von {number}"}
                    answers.append(person.post(f"{url}{address}", json=text).status_code)

        with ThreadPoolExecutor(4) as pool:
            working = [pool.submit(work, number) for number in range(4)]
            try:
                for number in (0, 1):
                    before = len(answers)
                    wait_for(lambda before=before: len(answers) > before + 20, what="answers of both")  # type: ignore[misc]
                    assert machines[number].stop(signal.SIGTERM) == 0
                    machines[number] = start(number)
                    machines[number].wait_until_ready(urls[number])
                before = len(answers)
                wait_for(lambda: len(answers) > before + 20, what="answers of both")
            finally:
                is_over.set()
                for each in working:
                    each.result()
        assert set(answers) == {200, 201}


def test_a_unix_socket_is_served_by_all_workers_and_nobody_behind_it_is_local(filled: Filled, tmp_path: Path) -> None:
    path = tmp_path / "newsroom.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    env = filled.env | {"TRUSTED_PROXIES": "1", "LIMIT_SEARCHES": "1/h", "SITE_URL": "http://news.example"}
    transport = httpx.HTTPTransport(uds=str(path))
    with (
        Process("serve", "--uds", str(path), "--workers", "2", env=env) as process,
        httpx.Client(transport=transport, base_url="http://news.example", timeout=30) as client,
    ):
        wait_for(lambda: _answers_at(path) and client.get("/health/ready").status_code == 200, what="it to be ready")
        wait_for(lambda: len(process.workers()) == 2, what="two workers")
        assert path.stat().st_mode & 0o777 == 0o660
        for headers in ({}, {"X-Forwarded-For": "127.0.0.1"}, {"X-Forwarded-For": "192.0.2.1"}):
            assert client.get("/metrics", headers=headers).status_code == 404
        asked = [
            client.get("/api/v1/search/?q=Rathaus", headers={"X-Forwarded-For": f"6.6.6.6, 192.0.2.{number}"})
            for number in (1, 2, 1)
        ]
        assert [each.status_code for each in asked] == [200, 200, 429]

        with pytest.raises(SystemExit):
            claim_path(path, 0o600)
        assert client.get("/health/live").status_code == 200

        assert process.stop(signal.SIGTERM) == 0
        assert "WARNING:" not in process.log()
    assert not path.exists()


def _is_running(pid: int) -> bool:
    """Nobody may have waited for it: a dead process without a parent of ours can stay as a zombie."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes() != b""
    except (FileNotFoundError, ProcessLookupError):
        return False


def _answers_at(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(path)) == 0


def _is_replaced(site: Site, victim: int) -> bool:
    workers = site.process.workers()
    return len(workers) == 2 and victim not in workers


def _deaths(site: Site) -> float:
    found = re.findall(r"^newsroom_worker_deaths_total (\S+)$", httpx.get(f"{site.url}/metrics").text, re.MULTILINE)
    return float(found[0]) if found else 0


def test_without_redis_people_log_in_and_events_still_arrive(site: Site, redis_server: Redis) -> None:
    chat = site.chat()
    with ExitStack() as stack:
        followers = [stack.enter_context(follow(site.url, f"discussion.{chat}")) for _ in range(4)]
        redis_server.stop()
        try:
            reader = stack.enter_context(site.as_role("reader"))
            posted = reader.post(f"/api/v1/discussions/{chat}/comments/", json={"text": "Ohne Klingel"})
            assert posted.status_code == 201, posted.text
            heard = {follower.event()["data"]["id"] for follower in followers}
            ready = httpx.get(f"{site.url}/health/ready")
        finally:
            redis_server.start()

        assert heard == {posted.json()["id"]}
        assert ready.status_code == 200
        assert ready.json() == {"status": "degraded", "reasons": {"redis": "does not answer"}}
        again = reader.post(f"/api/v1/discussions/{chat}/comments/", json={"text": "Und wieder mit"})
        assert {follower.event()["data"]["id"] for follower in followers} == {again.json()["id"]}


def test_while_the_database_is_away_everything_says_so_and_then_goes_on(site: Site, postgres_server: Postgres) -> None:
    before = len(site.process.log())
    with httpx.Client(base_url=site.url, timeout=30) as client:
        front = client.get("/")  # one connection, so one worker: it has this page in memory
        postgres_server.stop()
        try:
            wait_for(lambda: _is_stale(client.get("/")), what="a look that fails")
            readable = client.get("/")
            paths = ("/search/?q=Brücke", "/api/v1/discussions/?limit=7", "/health/ready")  # not in memory
            answers = [client.get(path) for path in paths]
            alive = client.get("/health/live")
        finally:
            postgres_server.start()

        assert (readable.status_code, readable.text) == (200, front.text)

        assert [answer.status_code for answer in answers] == [503, 503, 503]
        assert all(int(answer.headers["Retry-After"]) > 0 for answer in answers)
        assert answers[1].json()["code"] == "unavailable"
        assert alive.status_code == 200
        wait_for(lambda: not _is_stale(client.get("/")), what="a look that works")
        assert client.get("/newsticker/").status_code == 200
        assert client.get("/api/v1/discussions/").status_code == 200
    lines = site.process.log()[before:].splitlines()
    assert lines
    assert all(re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (WARNING|ERROR) ", line) for line in lines), lines
    assert sum("Service Unavailable" in line for line in lines) <= 2  # one of each worker


def _is_stale(answer: httpx.Response) -> bool:
    return answer.headers.get("Cache-Status") == "newsroom; hit; detail=stale"


def test_whoever_follows_hears_on_after_a_restart_of_the_database(site: Site, postgres_server: Postgres) -> None:
    address = f"/api/v1/discussions/{site.chat()}/comments/"
    with site.as_role("reader") as reader, follow(site.url, f"discussion.{site.chat()}") as follower:
        body = {"text": "Hört ihr mich vorher?"}
        before = reader.post(address, json=body, headers={"Idempotency-Key": str(uuid4())}).json()
        assert follower.event()["data"]["id"] == before["id"]
        postgres_server.stop()
        postgres_server.start()

        body, key = {"text": "Hört ihr mich nachher?"}, {"Idempotency-Key": str(uuid4())}
        wait_for(lambda: reader.post(address, json=body, headers=key).status_code == 201, what="a comment")

        after = reader.post(address, json=body, headers=key).json()
        assert follower.event()["data"]["id"] == after["id"]


def test_sigterm_tells_sockets_to_come_back_and_they_resume_elsewhere(filled: Filled) -> None:
    with serving(filled) as old:
        chat = old.chat()
        stream = f"discussion.{chat}"
        with ExitStack() as stack:
            followers = [stack.enter_context(follow(old.url, stream)) for _ in range(4)]
            with old.as_role("reader") as reader:
                reader.post(f"/api/v1/discussions/{chat}/comments/", json={"text": "Vor dem Neustart"})
                seen = [follower.event()["offset"] for follower in followers]
            page = httpx.get(f"{old.url}/api/v1/discussions/{chat}/comments/").json()

            assert old.process.stop(signal.SIGTERM) == 0
            assert {follower.close_code() for follower in followers} == {1012}
        assert "Traceback" not in old.process.log()

    with serving(filled) as new, new.as_role("reader") as reader:
        posted = reader.post(f"/api/v1/discussions/{chat}/comments/", json={"text": "Nach dem Neustart"})
        with follow(new.url, f"{stream}@{page['position']['epoch']}:{seen[0]}") as follower:
            assert follower.event()["data"]["id"] == posted.json()["id"]


def test_mails_leave_when_a_worker_runs(site: Site) -> None:
    with smtp_sink() as sink, httpx.Client(base_url=site.url) as client:
        email = site.accounts["journalist"]["email"]
        client.post("/_allauth/app/v1/auth/password/request", json={"email": email}).raise_for_status()
        assert sink.mails == []

        with Process("worker", env=site.env | {"EMAIL_URL": sink.url}) as worker:
            mail = sink.mail_to(email)
            assert worker.stop(signal.SIGTERM) == 0

        body = mail.get_body(("plain",))
        assert body is not None
        assert site.url in body.get_content()


def test_background_tasks_are_done_beside_the_serving_processes_whatever_becomes_of_these(filled: Filled) -> None:
    with smtp_sink() as sink, serving(filled, "--tasks", EMAIL_URL=sink.url) as site:

        def gets_mail(role: str) -> None:
            email = site.accounts[role]["email"]
            httpx.post(f"{site.url}/_allauth/app/v1/auth/password/request", json={"email": email}).raise_for_status()
            assert sink.mail_to(email)

        def are_new(known: set[int]) -> bool:
            return len(site.process.workers() - known) == 3 and not site.process.workers() & known

        gets_mail("journalist")
        before = site.process.workers()
        assert len(before) == 3
        for pid in before:
            os.kill(pid, signal.SIGKILL)
        wait_for(lambda: are_new(before), seconds=60, what="three new processes")
        site.process.wait_until_ready(site.url)
        gets_mail("moderator")

        before = site.process.workers()
        site.process.popen.send_signal(signal.SIGHUP)
        wait_for(lambda: are_new(before), seconds=60, what="three newer processes")
        gets_mail("editor")

        assert site.process.stop(signal.SIGTERM) == 0
        assert "Traceback" not in site.process.log()


def test_whichever_worker_is_asked_tells_the_figures_of_all(site: Site) -> None:
    def sockets() -> set[float]:
        """What several answers say; each may come from another worker."""
        answers = [httpx.get(f"{site.url}/metrics", headers={"Connection": "close"}).text for _ in range(8)]
        return {
            float(line.split()[1]) for each in answers for line in each.splitlines() if line.startswith(OPEN_SOCKETS)
        }

    with ExitStack() as stack:
        for _ in range(6):
            stack.enter_context(follow(site.url, "articles"))
        wait_for(lambda: sockets() == {6}, what="six open sockets, whoever is asked")
    wait_for(lambda: sockets() == {0}, what="none left")
