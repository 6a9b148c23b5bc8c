"""Real PostgreSQL and Redis, started once, only for those who ask."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count

import psycopg
import pytest

from tests.support import services


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[services.Postgres]:
    with services.postgres() as server:
        yield server


@pytest.fixture(scope="session")
def redis_server() -> Iterator[services.Redis]:
    with services.redis() as server:
        yield server


@pytest.fixture
def server() -> Iterator[services.Postgres]:
    """A PostgreSQL of one's own, to be stopped and killed, with an empty database "newsroom"."""
    with services.postgres() as running:
        with psycopg.connect(f"{running.url}postgres", autocommit=True) as connection:
            connection.execute("CREATE DATABASE newsroom")
        yield running


_numbers = count(1)


@pytest.fixture(scope="session")
def make_database(postgres_server: services.Postgres) -> Callable[[], str]:
    """Each call gives the URL of a new, empty database."""

    def make() -> str:
        name = f"newsroom_{next(_numbers)}"
        with psycopg.connect(f"{postgres_server.url}postgres", autocommit=True) as server:
            server.execute(f"CREATE DATABASE {name}")
        return postgres_server.url + name

    return make
