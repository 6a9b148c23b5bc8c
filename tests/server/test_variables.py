"""Variables of the environment: their files, those that nobody reads, and the version."""

from __future__ import annotations

import runpy
import tomllib
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core import checks
from django.core.management import call_command
from environs import EnvError

import newsroom
from newsroom.variables import LARGEST
from tests.support.product import ROOT, environment, manage

SETTINGS = ROOT / "newsroom" / "settings.py"

# What shells, terminals, Debian, systemd, Docker, Kubernetes, CI, Python, uv, Node and PostgreSQL's clients set.
OF_OTHERS = (
    "PATH HOME LANG LANGUAGE LC_ALL LC_CTYPE TZ TERM COLORTERM SHELL SHLVL PWD OLDPWD USER LOGNAME USERNAME "
    "HOSTNAME EDITOR VISUAL PAGER LESS MAIL TMPDIR DISPLAY DEBIAN_FRONTEND DEBUGINFOD_URLS DEBUG_COLORS LS_COLORS "
    "SSH_AUTH_SOCK SSH_CLIENT SSH_CONNECTION SSH_TTY SUDO_USER SUDO_COMMAND SUDO_UID XDG_RUNTIME_DIR "
    "XDG_SESSION_ID XDG_DATA_DIRS DBUS_SESSION_BUS_ADDRESS INVOCATION_ID JOURNAL_STREAM SYSTEMD_EXEC_PID "
    "SYSTEMD_LOG_LEVEL MEMORY_PRESSURE_WATCH MAINPID NOTIFY_SOCKET WATCHDOG_USEC LISTEN_FDS LISTEN_PID "
    "LISTEN_FDNAMES CREDENTIALS_DIRECTORY STATE_DIRECTORY RUNTIME_DIRECTORY CACHE_DIRECTORY LOGS_DIRECTORY "
    "PYTHONPATH PYTHONUNBUFFERED PYTHONDONTWRITEBYTECODE PYTHON_VERSION PYTHON_SHA256 PYTHONUTF8 VIRTUAL_ENV "
    "UV_LOG_LEVEL UV_PYTHON_INSTALL_DIR UV_COMPILE_BYTECODE UV_LINK_MODE UV_NO_CACHE PIP_INDEX_URL "
    "PIP_NO_CACHE_DIR GPG_KEY RUST_LOG DJANGO_SETTINGS_MODULE DJANGO_SECRET_KEY DJANGO_LOG_LEVEL "
    "PROMETHEUS_MULTIPROC_DIR SENTRY_DSN SENTRY_ENVIRONMENT OTEL_SERVICE_NAME OTEL_EXPORTER_OTLP_ENDPOINT "
    "SSL_CERT_FILE SSL_CERT_DIR REQUESTS_CA_BUNDLE CURL_CA_BUNDLE HTTP_PROXY HTTPS_PROXY NO_PROXY http_proxy "
    "https_proxy no_proxy PGHOST PGPORT PGUSER PGDATABASE PGPASSFILE PGSSLMODE PGSERVICEFILE POSTGRES_USER "
    "POSTGRES_PASSWORD POSTGRES_DB POSTGRES_PASSWORD_FILE POSTGRES_INITDB_ARGS REDIS_PASSWORD REDIS_ARGS "
    "KUBERNETES_SERVICE_HOST KUBERNETES_SERVICE_PORT KUBERNETES_SERVICE_PORT_HTTPS KUBERNETES_PORT "
    "KUBERNETES_PORT_443_TCP KUBERNETES_PORT_443_TCP_ADDR NEWSROOM_SERVICE_HOST NEWSROOM_SERVICE_PORT "
    "NEWSROOM_SERVICE_PORT_HTTP NEWSROOM_PORT NEWSROOM_PORT_8000_TCP NEWSROOM_PORT_8000_TCP_PROTO "
    "NEWSROOM_WEB_PORT_8000_TCP_ADDR NEWSROOM_WEB_SERVICE_HOST LIVE_PORT_8000_TCP EDGE_SERVICE_HOST EDGE_PORT "
    "REDIS_SERVICE_HOST REDIS_PORT REDIS_PORT_6379_TCP DATABASE_SERVICE_HOST DATABASE_PORT DATABASE_PORT_5432_TCP "
    "DATABASE_HOST DATABASE_NAME DATABASE_USER DATABASE_PASSWORD POD_NAME POD_IP NODE_NAME CI CI_COMMIT_SHA "
    "CI_JOB_TOKEN CI_SERVER_URL CI_PROJECT_URL GITHUB_ACTIONS GITHUB_TOKEN GITHUB_SERVER_URL GITHUB_REF_NAME "
    "GITLAB_CI GITLAB_USER_EMAIL RUNNER_OS RUNNER_TEMP BUILD_NUMBER JENKINS_URL NODE_ENV NPM_CONFIG_LOGLEVEL "
    "NODE_VERSION NEWSROOM_TEST_REQUIRE PATH_TO_NOTHING BASE_URL API_URL MAIL_FROM SMTP_HOST "
    "MEDIA_URL COMPOSE_PROJECT_NAME COMPOSE_FILE DOCKER_HOST DOCKER_BUILDKIT COLUMNS LINES HISTFILE PS1 _ "
)


def read(monkeypatch: pytest.MonkeyPatch, **variables: str) -> dict[str, Any]:
    """The settings under these variables."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return runpy.run_path(str(SETTINGS))


def test_the_version_is_ours_and_stands_in_one_place(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    locked = tomllib.loads((ROOT / "uv.lock").read_text())["package"]

    assert project["version"] == newsroom.__version__
    assert [each["version"] for each in locked if each["name"] == project["name"]] == [newsroom.__version__]
    for arguments in (["--version"], ["version"], ["serve", "--version"]):
        monkeypatch.setattr("sys.argv", ["manage.py", *arguments])
        runpy.run_path(str(ROOT / "manage.py"), run_name="__main__")
        assert capsys.readouterr().out == f"{newsroom.__version__}\n"


def test_any_variable_may_come_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    given = {
        "SECRET_KEY": "ein Geheimnis, länger\n",
        "DATABASE_URL": "postgres://news:word@host/news\r\n",
        "LIVE_ORIGINS": "https://a.example, https://b.example\n\n",
        "TRUSTED_PROXIES": "2",
        "DEBUG": "1\n",
        "CLOSE_CHATS_AFTER": "3h",
    }
    for name, value in given.items():
        monkeypatch.delenv(name, raising=False)
        path = tmp_path / name
        path.write_text(value, newline="")
        monkeypatch.setenv(f"{name}_FILE", str(path))

    settings = read(monkeypatch)

    assert settings["SECRET_KEY"] == "ein Geheimnis, länger"
    assert (settings["DATABASES"]["default"]["HOST"], settings["DATABASES"]["default"]["NAME"]) == ("host", "news")
    assert settings["LIVE_ORIGINS"] == ["https://a.example", "https://b.example"]
    assert (settings["TRUSTED_PROXIES"], settings["DEBUG"]) == (2, True)
    assert settings["DISCUSSION_WINDOWS"]["chat"].total_seconds() == 3 * 3600
    assert settings["UNKNOWN_VARIABLES"] == {}
    assert settings["env"].dump()["TRUSTED_PROXIES"] == 2
    assert read(monkeypatch)["TRUSTED_PROXIES"] == 2  # another process reads the files anew


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "there is no file"),
        (b"", "is empty"),
        (b"\n", "is empty"),
        (b"\xff\xfe", "no text"),
        (b"x\0y", "no text"),
        (b"x" * (LARGEST + 1), "larger than 65,536 bytes"),
    ],
    ids=str,
)
def test_a_file_that_gives_no_value_stops_the_start(
    content: bytes | None, reason: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "token"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(EnvError, match=f"^METRICS_TOKEN_FILE: .*{reason}"):
        read(monkeypatch, METRICS_TOKEN_FILE=str(path))


def test_a_value_and_its_file_are_one_too_many(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("k" * 50)

    result = manage("check", env=environment(SECRET_KEY="s" * 50, SECRET_KEY_FILE=str(tmp_path / "key")))

    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == "SECRET_KEY and SECRET_KEY_FILE are both set: set one of them.\n"


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("ALOWED_HOSTS", "ALLOWED_HOSTS"),
        ("SITE_ULR", "SITE_URL"),
        ("SECRETKEY", "SECRET_KEY"),
        ("EMAIL_URLS", "EMAIL_URL"),
        ("DATABASE_URI", "DATABASE_URL"),
        ("DATABASE_URL_FIL", "DATABASE_URL_FILE"),
        ("STATEMENT_TIMOUT", "STATEMENT_TIMEOUT"),
        ("NEWSROOM_DATEN", "NEWSROOM_DATA"),
        ("NEWSROOM_COLOUR", ""),
    ],
)
def test_a_variable_that_looks_like_ours_is_named(name: str, meant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = read(monkeypatch, **{name: "2"})["UNKNOWN_VARIABLES"]

    assert found == {name: meant}


def test_variables_of_others_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read(monkeypatch, **dict.fromkeys(OF_OTHERS.split(), "1"))["UNKNOWN_VARIABLES"] == {}


def test_what_has_no_effect_is_named_by_the_check_and_at_the_start(settings: Any) -> None:
    settings.UNKNOWN_VARIABLES = {"SITE_ULR": "SITE_URL", "NEWSROOM_COLOUR": ""}
    said = StringIO()

    call_command("check", deploy=True, tags=[checks.Tags.security], stdout=said, stderr=said)

    assert "(newsroom.W004) SITE_ULR is no setting. Is SITE_URL meant?" in said.getvalue()
    assert "(newsroom.W004) NEWSROOM_COLOUR is no setting.\n" in said.getvalue()
