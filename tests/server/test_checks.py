"""`manage.py check --deploy` names what is unsafe and how to mend it."""

from __future__ import annotations

import re
import runpy
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.test import override_settings
from environs import EnvError
from redis import ConnectionPool

from newsroom.env import REDIS_OPTIONS, REDIS_TLS_OPTIONS
from tests.support.product import ROOT, environment, manage

SETTINGS = ROOT / "newsroom" / "settings.py"

PRODUCTION = {
    "SECRET_KEY": "Zq3-" + "b7Kx9" * 12,
    "SITE_URL": "https://news.example",
    "EMAIL_URL": "smtp://user:secret@mail.example:587/?tls=True",
    "DATABASE_URL": "postgres://news:secret@127.0.0.1:1/news",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "TRUSTED_PROXIES": "1",
}

MALFORMED = [
    "TIME_ZONE=Mars/City",
    "LANGUAGE_CODE=xx",
    "LOG_LEVEL=LOUD",
    "DEBUG=perhaps",
    "DATABASE_POOL=0",
    "DATABASE_POOL=many",
    "DATABASE_URL=mysql://a/b",
    "DATABASE_URL=nonsense",
    "DATABASE_URL=postgres://a:b@host:port/d",
    "DATABASE_URL=postgres://news:word@host/news?sslmod=require",
    "DATABASE_URL=postgres://news:word@host/news?sslmode=require&sslmode=disable",
    "DATABASE_URL=postgres://news:wo#rd@host/news",
    "DATABASE_URL=sqlite:////srv/news.sqlite3?mode=ro",
    "REDIS_URL=redis://:wo#rd@host/0",
    "EMAIL_URL=smtp://user:wo#rd@host:587/?tls=True",
    "EMAIL_URL=smtps://user:word@host/?starttls=yes",
    "REDIS_URL=http://host",
    "REDIS_URL=redis://host:port",
    "REDIS_URL=redis://host/0?timeuot=3",
    "REDIS_URL=redis://host/0?ssl_cert_reqs=none",
    "REDIS_URL=redis://user:12/3@host/0",
    "DATABASE_URL=postgres://news:12/3@host/news",
    "EMAIL_URL=smtp://user:12/3@host:587",
    "EMAIL_URL=mailto:me",
    "EMAIL_URL=smtp://",
    "EMAIL_URL=smtp://host:port",
    "EMAIL_URL=filemail://folder",
    "SITE_URL=news.example",
    "SITE_URL=https://",
    "SITE_URL=https://news.example/path",
    "SITE_URL=https://news.example?x",
    "SITE_URL=https://news.example:99999",
    "SITE_URL=https://user:word@news.example",
    "TRUSTED_PROXIES=two",
    "TRUSTED_PROXIES=-1",
    "EDGE_BYTES=1MB",
    "EDGE_BYTES=-1",
    "EDGE_S_MAXAGE=-1",
    "LIMIT_COMMENTS=many",
    "LIMIT_LOGINS=0/m",
    "LIMIT_MAILS=5/hour",
    "LIMIT_STREAMS=0",
    "LEAKED_PASSWORDS=/nowhere/leaked",
    f"LEAKED_PASSWORDS={__file__}",
    "CLOSE_THREADS_AFTER=soon",
    "CLOSE_CHATS_AFTER=-1d",
    "SLOW_MODE_RATE=fast",
    "REPLY_DEPTH=6",
    "SLOW_MODE_SECONDS=-1",
    "REACTIONS=like",
    "REACTIONS=LIKE=x",
    "REACTIONS=like=",
    "LIVE_ORIGINS=news.example",
    "LIVE_ORIGINS=https://news.example/",
    "ALLOWED_HOSTS=https://news.example",
    "SECURE_HSTS_SECONDS=year",
    "SECURE_SSL_REDIRECT=perhaps",
]
WELL_FORMED = [
    "DATABASE_URL=postgres://news:word@host:5432/news",
    "DATABASE_URL=sqlite:////srv/news.sqlite3",
    "DATABASE_URL=postgres://news:wo%23rd@host/news?sslmode=require",
    "DATABASE_URL=postgres:///news?host=/var/run/postgresql",
    "DATABASE_URL=sqlite:////srv/news.sqlite3?timeout=5",
    "REDIS_URL=rediss://host/0",
    "REDIS_URL=rediss://user:12%2F3@host/0?ssl_cert_reqs=required&socket_timeout=2",
    "REDIS_URL=unix:///run/a@b.sock?db=1",
    "REDIS_URL=",
    "EMAIL_URL=consolemail://",
    "EMAIL_URL=filemail:///srv/mail",
    "EMAIL_URL=smtp://user:word@host:587/?tls=True",
    "SITE_URL=https://news.example/",
    "SITE_URL=http://[::1]:8000",
    "EDGE_BYTES=0",
    "LEAKED_PASSWORDS=",
    "LIMIT_MAILS=5/h",
    "CLOSE_CHATS_AFTER=0",
    "SLOW_MODE_RATE=",
    "REACTIONS=like=+,dislike=-",
    "LIVE_ORIGINS=*",
    "ALLOWED_HOSTS=news.example,.news.example,[::1]",
    "TRUSTED_PROXIES=2",
]


def test_a_sound_production_environment_has_nothing_to_mend() -> None:
    result = manage("check", "--deploy", "--fail-level", "WARNING", env=environment(**PRODUCTION))

    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize(
    ("unsafe", "named"),
    [
        (
            {
                "NEWSROOM_DEMO": "1",
                "EMAIL_URL": "consolemail://",
                "DATABASE_URL": "sqlite:////tmp/nothing/news.sqlite3",
                "ALLOWED_HOSTS": "*",
                "TRUSTED_PROXIES": "0",
                "DEBUG": "1",
            },
            {"newsroom.E002", "newsroom.E003", "newsroom.W002", "newsroom.E004", "newsroom.E005"},
        ),
        ({"SECRET_KEY": "", "SITE_URL": "http://news.example"}, {"newsroom.E001", "newsroom.W001"}),
    ],
)
def test_what_is_unsafe_is_named_with_its_remedy(unsafe: dict[str, str], named: set[str]) -> None:
    result = manage("check", "--deploy", "--fail-level", "WARNING", env=environment(**(PRODUCTION | unsafe)))

    assert result.returncode == 1
    assert set(re.findall(r"\((newsroom\..*)\) .*\n\tHINT: ", result.stderr)) == named
    assert ("security.W018" in result.stderr) == ("DEBUG" in unsafe)
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("unsafe", "named"),
    [
        ({"SECRET_KEY": ""}, "newsroom.E001"),
        ({"NEWSROOM_DEMO": "1"}, "newsroom.E002"),
        ({"SITE_URL": "http://news.example"}, "newsroom.W001"),
        ({"EMAIL_URL": "consolemail://"}, "newsroom.E003"),
        ({"DATABASE_URL": "sqlite:////tmp/nothing/news.sqlite3"}, "newsroom.W002"),
        ({"ALLOWED_HOSTS": "*"}, "newsroom.E004"),
        ({"TRUSTED_PROXIES": "0"}, "newsroom.E005"),
        ({"DEBUG": "1"}, "security.W018"),
    ],
)
@pytest.mark.django_db  # Django asks whether it can store JSON
@pytest.mark.filterwarnings("ignore:Overriding setting DATABASES")
def test_a_single_unsafe_value_is_enough_for_exit_code_1(
    unsafe: dict[str, str], named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def check(**environ: str) -> None:
        found = {name: value for name, value in read(monkeypatch, **environ).items() if name.isupper()}
        others = {name: value for name, value in found.items() if getattr(settings, name, ...) != value}
        with override_settings(**others):
            call_command("check", deploy=True, fail_level="WARNING", stdout=StringIO(), stderr=StringIO())

    check(**PRODUCTION)

    with pytest.raises(SystemCheckError) as refused:
        check(**(PRODUCTION | unsafe))

    assert refused.value.returncode == 1
    assert f"({named})" in str(refused.value)


@pytest.mark.parametrize("setting", MALFORMED)
def test_a_malformed_value_stops_the_start_with_its_name(setting: str, monkeypatch: pytest.MonkeyPatch) -> None:
    name, _, value = setting.partition("=")
    monkeypatch.setenv(name, value)

    with pytest.raises(EnvError, match=f'"{name}"'):
        runpy.run_path(str(SETTINGS))


@pytest.mark.parametrize("setting", WELL_FORMED)
def test_a_sound_value_is_read(setting: str, monkeypatch: pytest.MonkeyPatch) -> None:
    name, _, value = setting.partition("=")
    monkeypatch.setenv(name, value)

    assert runpy.run_path(str(SETTINGS))["ROOT_URLCONF"]


@pytest.mark.parametrize("command", [["check"], ["demo", "--port", "0"], ["import_articles", "wordpress", "no.xml"]])
def test_any_command_says_so_in_one_line(command: list[str], tmp_path: Path) -> None:
    result = manage(*command, env=environment(**PRODUCTION, NEWSROOM_DATA=str(tmp_path), LIMIT_COMMENTS="many"))

    assert result.returncode == 2
    assert result.stderr.count("\n") == 1
    assert "LIMIT_COMMENTS" in result.stderr
    assert "10/m" in result.stderr


def test_lists_may_have_spaces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVE_ORIGINS", "https://a.example, https://b.example")

    assert runpy.run_path(str(SETTINGS))["LIVE_ORIGINS"] == ["https://a.example", "https://b.example"]


def read(monkeypatch: pytest.MonkeyPatch, **variables: str) -> dict[str, Any]:
    """The settings under these variables."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return runpy.run_path(str(SETTINGS))


def test_what_the_address_of_a_database_asks_for_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    url = "postgres://news:word@host/news?sslmode=verify-full&sslrootcert=/etc/ca.pem&application_name=bote"

    options = read(monkeypatch, DATABASE_URL=url)["DATABASES"]["default"]["OPTIONS"]

    assert (options["sslmode"], options["sslrootcert"]) == ("verify-full", "/etc/ca.pem")
    assert options["application_name"] == "bote"
    assert options["pool"]["max_size"] == 20


def test_what_the_address_of_a_sqlite_database_asks_for_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    options = read(monkeypatch, DATABASE_URL="sqlite:////srv/news.sqlite3?timeout=5")["DATABASES"]["default"]["OPTIONS"]

    assert options["timeout"] == 5
    assert options["transaction_mode"] == "IMMEDIATE"


@pytest.mark.parametrize(
    ("url", "port", "tls", "ssl"),
    [
        ("smtps://user:word@host", 465, False, True),
        ("smtps://user:word@host:2465/?tls=True", 2465, False, True),
        ("smtp://user:word@host/?ssl=True", 465, False, True),
        ("smtp://user:word@host:587/?tls=True", 587, True, False),
        ("submission://user:word@host", 587, True, False),
        ("smtp://host", 25, False, False),
    ],
)
def test_the_scheme_of_the_mail_server_says_how_it_is_encrypted(
    url: str, port: int, tls: bool, ssl: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = read(monkeypatch, EMAIL_URL=url)["MAILERS"]["default"]["OPTIONS"]

    assert (options["port"], options["use_tls"], options["use_ssl"]) == (port, tls, ssl)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("TRUSTED_PROXYS", "TRUSTED_PROXIES"),
        ("LIMIT_COMENTS", "LIMIT_COMMENTS"),
        ("SECURE_HSTS_SECOND", "SECURE_HSTS_SECONDS"),
        ("EDGE_SMAXAGE", "EDGE_S_MAXAGE"),
        ("METRICS_TOKENS", "METRICS_TOKEN"),
    ],
)
def test_a_misspelt_variable_stops_the_start_with_its_name(
    name: str, meant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(EnvError, match=f"^{name} is no setting. Is {meant} meant"):
        read(monkeypatch, **{name: "2"})


def test_variables_of_others_stop_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    others = {"LIVE_PORT_8000_TCP": "tcp://10.0.0.1:8000", "EDGE_SERVICE_HOST": "10.0.0.1", "PATH_TO_NOTHING": "x"}

    assert read(monkeypatch, **others)["ROOT_URLCONF"]


def test_redis_takes_the_options_that_its_address_may_have() -> None:
    """An unknown one would fail at the first use, not at the start."""
    for scheme, names in (("redis", REDIS_OPTIONS), ("rediss", REDIS_OPTIONS | REDIS_TLS_OPTIONS)):
        values = {"protocol": "3", "ssl_cert_reqs": "none", "ssl_check_hostname": "no"}
        query = "&".join(f"{name}={values.get(name, '1')}" for name in sorted(names))
        pool = ConnectionPool.from_url(f"{scheme}://host?{query}")

        assert pool.make_connection()


@pytest.mark.parametrize(
    ("url", "name"), [("https://news.example", "__Host-sessionid"), ("http://localhost:8000", "sessionid")]
)
def test_over_https_no_neighbour_can_set_the_session_cookie(
    url: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = read(monkeypatch, SITE_URL=url)

    assert settings["SESSION_COOKIE_NAME"] == name
    assert settings["SESSION_COOKIE_SECURE"] == name.startswith("__Host-")
