"""`manage.py check --deploy` names what is unsafe and how to mend it."""

from __future__ import annotations

import json

import pytest

from tests.support.product import environment, manage

PRODUCTION = {
    "SECRET_KEY": "Zq3-" + "b7Kx9" * 12,
    "SITE_URL": "https://news.example",
    "EMAIL_URL": "smtp://user:secret@mail.example:587/?tls=True",
    "DATABASE_URL": "postgres://news:secret@127.0.0.1:1/news",
    "REDIS_URL": "redis://127.0.0.1:1/0",
}


def test_a_sound_production_environment_has_nothing_to_mend() -> None:
    result = manage("check", "--deploy", "--fail-level", "WARNING", env=environment(**PRODUCTION))

    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize(
    ("change", "id_"),
    [
        ({"SECRET_KEY": ""}, "newsroom.E001"),
        ({"NEWSROOM_DEMO": "1"}, "newsroom.E002"),
        ({"SITE_URL": "http://news.example"}, "newsroom.W001"),
        ({"EMAIL_URL": "consolemail://"}, "newsroom.E003"),
        ({"DATABASE_URL": "sqlite:////tmp/nothing/news.sqlite3"}, "newsroom.W002"),
        ({"ALLOWED_HOSTS": "*"}, "newsroom.E004"),
        ({"LIVE_ORIGINS": "news.example"}, "newsroom.E005"),
        ({"LIMIT_COMMENTS": "many"}, "newsroom.E006"),
        ({"DEBUG": "1"}, "security.W018"),
    ],
    ids=json.dumps,
)
def test_what_is_unsafe_is_named(change: dict[str, str], id_: str) -> None:
    result = manage("check", "--deploy", "--fail-level", "WARNING", env=environment(**(PRODUCTION | change)))

    assert result.returncode == 1
    assert id_ in result.stderr
    assert "HINT" in result.stderr or id_.startswith("security")
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SITE_URL", "news.example"),
        ("TRUSTED_PROXIES", "two"),
        ("EMAIL_URL", "mailto:me"),
        ("DATABASE_URL", "nonsense"),
    ],
)
def test_a_malformed_value_stops_the_start_with_its_name(name: str, value: str) -> None:
    result = manage("check", env=environment(**(PRODUCTION | {name: value})))

    assert result.returncode == 1
    assert name in result.stderr
    assert "Traceback" not in result.stderr
