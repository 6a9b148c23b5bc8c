from __future__ import annotations

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.templatetags.static import static
from django.test import Client, override_settings

from tests.support.services import free_port


def test_a_living_process_says_so_without_asking_the_database(client: Client) -> None:
    answer = client.get("/health/live")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.django_db
def test_it_is_ready_when_its_database_is_current(client: Client) -> None:
    answer = client.get("/health/ready")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.django_db
def test_it_is_not_ready_while_migrations_wait() -> None:
    last = MigrationLoader(connection).graph.leaf_nodes("newsroom")[0]
    MigrationRecorder(connection).record_unapplied(*last)

    try:
        answer = Client().get("/health/ready")
    finally:
        MigrationRecorder(connection).record_applied(*last)

    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert answer.json() == {"status": "unavailable", "reasons": {"database": "migrations are behind"}}


@pytest.mark.django_db
def test_it_stays_ready_once_another_machine_has_migrated_to_a_newer_version() -> None:
    """Whoever upgrades one machine after the other leaves the old ones in service meanwhile."""
    MigrationRecorder(connection).record_applied("newsroom", "9999_of_a_newer_version")

    try:
        answer = Client().get("/health/ready")
    finally:
        MigrationRecorder(connection).record_unapplied("newsroom", "9999_of_a_newer_version")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.django_db
def test_without_redis_it_is_degraded_but_ready() -> None:
    """The site goes on without; taken out of a balancer for that, all machines would be gone at once."""
    with override_settings(REDIS_URL=f"redis://user:secret@127.0.0.1:{free_port()}/0"):
        answer = Client().get("/health/ready")

    assert answer.status_code == 200
    assert answer.json() == {"status": "degraded", "reasons": {"redis": "does not answer"}}
    assert "Retry-After" not in answer
    assert "secret" not in answer.text


def test_probes_need_neither_the_sites_name_nor_https() -> None:
    with override_settings(SECURE_SSL_REDIRECT=True):
        assert Client().get("/health/live", headers={"host": "10.0.0.7:8000"}).status_code == 200
        assert Client().get("/", headers={"host": "testserver"}).status_code == 301


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/health/live", "/health/ready", "/metrics"])
def test_what_is_asked_by_https_says_that_it_shall_be_asked_so(path: str) -> None:
    with override_settings(SECURE_SSL_REDIRECT=True, SECURE_HSTS_SECONDS=31_536_000):
        plain, secure = Client().get(path), Client().get(path, secure=True)

    assert (plain.status_code, secure.status_code) == (200, 200)
    assert "Strict-Transport-Security" not in plain
    assert secure["Strict-Transport-Security"] == "max-age=31536000"


@pytest.mark.parametrize("path", ["/api/v1/articles/", "/api/v1/me/", "/_allauth/app/v1/auth/login"])
def test_a_program_that_comes_by_plain_http_is_not_redirected(path: str) -> None:
    """Nobody asks the database who it is: the key is not even looked at."""
    headers = {"authorization": "Bearer nr_secret"}
    with override_settings(SECURE_SSL_REDIRECT=True):
        for answer in (Client().get(path, headers=headers), Client().post(path, {}, headers=headers)):
            assert (answer.status_code, answer.json()["code"]) == (403, "https_required")
            assert answer["Content-Type"] == "application/problem+json"
            assert (answer["Cache-Control"], answer["X-Content-Type-Options"]) == ("no-store", "nosniff")
        assert Client().get("/api/docs/").status_code == 301


@pytest.mark.django_db
def test_what_is_no_document_may_load_nothing_and_be_framed_by_nobody() -> None:
    for path in ("/health/live", "/metrics", static("newsroom/live.js")):
        answer = Client().get(path)
        assert answer.status_code == 200
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
