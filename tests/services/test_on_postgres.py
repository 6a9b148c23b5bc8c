"""The tests that touch rows run a second time, on PostgreSQL and Redis, beside all others (see tests/conftest.py)."""

from __future__ import annotations

import pytest

from tests.support.on_postgres import Run
from tests.support.services import missing

SECONDS = 1500  # alone 430; each test in it has an end of its own, and all cores are busy with others


@pytest.mark.timeout(SECONDS + 100)
def test_everything_holds_on_postgresql_and_redis(postgres_run: Run | None) -> None:
    if postgres_run is None:
        missing("postgres", "PostgreSQL or Redis")
    assert postgres_run is not None

    code, output = postgres_run.finish(SECONDS)

    print(output.rstrip().rpartition("\n")[2])
    assert code == 0, output[-20_000:]
