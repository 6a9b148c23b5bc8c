"""Real PostgreSQL and Redis, started once, only for those who ask."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest

from tests.support import services
from tests.support.once import once
from tests.support.product import environment, manage


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of a server with a migrated database "newsroom": migrating takes ten seconds and is done once."""

    def migrate(folder: Path) -> None:
        with services.postgres() as server:
            with psycopg.connect(f"{server.url}postgres", autocommit=True) as connection:
                connection.execute("CREATE DATABASE newsroom")
            secret, data = "only-for-tests-" + "x" * 50, str(tmp_path_factory.mktemp("migrating"))
            env = environment(DATABASE_URL=f"{server.url}newsroom", SECRET_KEY=secret, NEWSROOM_DATA=data)
            migrated = manage("migrate", "-v0", env=env, seconds=300)
            assert migrated.returncode == 0, migrated.stderr
            services.stop(server.process)
            shutil.copytree(server.folder / "data", folder)

    return once(tmp_path_factory, "cluster", migrate)


@pytest.fixture(scope="session")
def postgres_server(cluster: Path) -> Iterator[services.Postgres]:
    with services.postgres(cluster=cluster) as server:
        yield server


@pytest.fixture(scope="session")
def redis_server() -> Iterator[services.Redis]:
    with services.redis() as server:
        yield server


@pytest.fixture(scope="module")
def server(cluster: Path) -> Iterator[services.Postgres]:
    """A PostgreSQL of a file's own, to be stopped and killed, with a migrated database "newsroom"."""
    with services.postgres(cluster=cluster) as running:
        yield running


_numbers = count(1)


@pytest.fixture(scope="session")
def make_database(postgres_server: services.Postgres) -> Callable[[], str]:
    """Each call gives the URL of a new, migrated database."""

    def make() -> str:
        name = f"newsroom_{next(_numbers)}"
        with psycopg.connect(f"{postgres_server.url}postgres", autocommit=True) as server:
            server.execute(f"CREATE DATABASE {name} TEMPLATE newsroom")
        return postgres_server.url + name

    return make
