from __future__ import annotations

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
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
