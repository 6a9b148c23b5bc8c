"""The mail server's rows in the table of outages in docs/operations.md: people sign up while it is out of order.

Between two attempts lie minutes, so the worker's clock jumps (see tests.services.clock). Each outage prints a line
RECOVERED (`pytest -s`); its seconds count from the moment at which the next attempt is due. `--full`: each lasts for
20 seconds at least.
"""

from __future__ import annotations

import re
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from http import HTTPStatus
from pathlib import Path

import httpx
import pytest

from tests.services.site import Site
from tests.support import services
from tests.support.product import Process, environment
from tests.support.smtp import Sink, links, smtp_sink

SAID = re.compile(r"^\S+Z WARNING accounts\.notifications\.mails \[\w+\]: (.*)$", re.MULTILINE)
ALL = 1000  # replies: more than there are attempts
ASKS = "/accounts/confirm-email/"
HINT = "Manche Anbieter nehmen die erste E-Mail"


@dataclass
class Post:
    """A site, the worker that sends its mails, and their mail server."""

    site: Site
    worker: Process
    sink: Sink

    def told(self) -> list[str]:
        """What the worker has said about mails."""
        return SAID.findall(self.worker.log())

    def is_done(self) -> bool:
        """Whether no mail waits or is on its way."""
        left = "SELECT status FROM django_tasks_database_dbtaskresult WHERE status <> 'SUCCESSFUL'"
        return self.site.ask(left) == []


@dataclass
class Person:
    """Somebody with a browser."""

    post: Post
    email: str
    browser: httpx.Client

    def sign_up(self) -> str:
        """What the page says then."""
        name = self.email.partition("@")[0]
        fields = {"name": name, "email": self.email, "password1": "Kiefern-und-19-Boote", "consent": "on"}
        return self._send("/accounts/signup/", fields)

    def ask_again(self) -> str:
        return self._send(ASKS)

    def mails(self) -> list[EmailMessage]:
        return [mail for mail in list(self.post.sink.mails) if self.email in str(mail["To"])]

    def confirms(self) -> bool:
        """Whether the link in the mail lets the person in."""
        self._send("/" + links(self.mails()[-1])[0].split("/", 3)[3])
        return self.browser.get("/accounts/profile/", follow_redirects=False).status_code == HTTPStatus.OK

    def _send(self, path: str, fields: dict[str, str] | None = None) -> str:
        self.browser.get(path).raise_for_status()
        token = {"csrfmiddlewaretoken": self.browser.cookies["csrftoken"]}
        return self.browser.post(path, data=(fields or {}) | token).raise_for_status().text


@pytest.fixture(scope="module")
def post(filled_folder: Callable[[], Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Post]:
    data, port = tmp_path_factory.mktemp("post"), services.free_port()
    shutil.copy(filled_folder() / "newsroom.sqlite3", data)
    with smtp_sink() as sink:
        env = environment(
            DATABASE_URL=f"sqlite:///{data}/newsroom.sqlite3",
            SECRET_KEY="only-for-tests-" + "x" * 50,
            SITE_URL="http://news.example",
            ALLOWED_HOSTS="127.0.0.1",
            NEWSROOM_DATA=str(data),
            EMAIL_URL=f"{sink.url}?timeout=1",  # seconds; 10 unless somebody sets it
        )
        clock = ("-m", "tests.services.clock")
        with (
            Process("worker", env=env, program=clock) as worker,
            Process("serve", "--port", str(port), env=env) as server,
        ):
            server.wait_until_ready(f"http://127.0.0.1:{port}")
            yield Post(Site(server, env, port), worker, sink)


@pytest.fixture
def person(post: Post, request: pytest.FixtureRequest) -> Iterator[Person]:
    with httpx.Client(base_url=f"http://127.0.0.1:{post.site.port}", timeout=30, follow_redirects=True) as browser:
        yield Person(post, f"{request.node.callspec.id}@example.org", browser)


@contextmanager
def greylisting(sink: Sink) -> Iterator[None]:
    sink.to_recipients[:] = ["451 4.7.1 Greylisted, come back in five minutes"] * ALL
    yield
    sink.to_recipients.clear()


@contextmanager
def silence(sink: Sink) -> Iterator[None]:
    """It takes connections and says nothing to a recipient."""
    sink.to_recipients[:] = [""] * ALL
    yield
    sink.to_recipients.clear()


@contextmanager
def absence(sink: Sink) -> Iterator[None]:
    """It refuses connections."""
    sink.stop()
    yield
    sink.start()


@contextmanager
def refusal(sink: Sink) -> Iterator[None]:
    sink.to_recipients[:] = ["550 5.1.1 No such user here"] * ALL
    yield
    sink.to_recipients.clear()


type Outage = Callable[[Sink], AbstractContextManager[None]]


@pytest.mark.parametrize(
    ("outage", "words"),
    [
        pytest.param(greylisting, "451 4.7.1 Greylisted", id="greylisted"),
        pytest.param(silence, "timed out", id="silent"),
        pytest.param(absence, "Connection refused", id="away"),
        pytest.param(refusal, "550 5.1.1 No such user here", id="refused"),
    ],
)
def test_a_mail_of_an_outage_arrives_once(
    outage: Outage, words: str, post: Post, person: Person, request: pytest.FixtureRequest
) -> None:
    """After a refusal for good the person has to ask for it: the server's word counts, and no attempt follows."""
    told, least = len(post.told()), 20 if request.config.getoption("--full") else 0
    is_for_good = outage is refusal
    with outage(post.sink):
        begun = time.monotonic()

        assert HINT in person.sign_up()

        services.wait_for(lambda: len(post.told()) > told, what="a line in the log")
        services.wait_for(lambda: time.monotonic() - begun >= least, seconds=least + 20, what="the end of the outage")
        for path in ("/", ASKS, "/health/ready"):
            assert person.browser.get(path).status_code == HTTPStatus.OK
    assert person.mails() == []
    (line,) = post.told()[told:]
    assert words in line
    assert ("again in 1 minute" in line) is not is_for_good
    assert person.email not in post.worker.log()
    assert post.is_done() is is_for_good

    ended = time.monotonic()
    post.worker.popen.send_signal(signal.SIGUSR1)  # what waits is due
    if is_for_good:
        person.ask_again()
    services.wait_for(lambda: bool(person.mails()), what="the mail")
    took = time.monotonic() - ended
    services.wait_for(post.is_done, what="the end of all tasks")

    assert len(person.mails()) == 1
    assert len(post.told()) == told + 1
    assert person.confirms()
    print(f"RECOVERED {outage.__name__}: {took:.1f} s after the next attempt was due")
