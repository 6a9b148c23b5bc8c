"""`uv run python -m tests.services.snapshot`: keeps the databases of the present version, made by its own code.

It fills the demo on SQLite and on PostgreSQL and backs up both, without pictures, into `snapshots/`. Each version gets
them once, when it is released; tests/services/test_upgrade.py brings them to the present version for ever after.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import psycopg

from newsroom import __version__
from tests.support import services
from tests.support.product import demo, environment, manage

SNAPSHOTS = Path(__file__).parent / "snapshots"
SECRET = "of-a-snapshot-that-everybody-may-read-" + "x" * 20


def main() -> None:
    SNAPSHOTS.mkdir(exist_ok=True)
    with services.postgres() as server:
        with psycopg.connect(f"{server.url}postgres", autocommit=True) as connection:
            connection.execute("CREATE DATABASE newsroom")
        _keep("sqlite")
        _keep("postgresql", DATABASE_URL=f"{server.url}newsroom")


def _keep(engine: str, **database: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        with demo(Path(folder), SECRET_KEY=SECRET, **database) as site:
            reader = site.accounts["reader"]
        into = SNAPSHOTS / f"{__version__}-{engine}.tar.gz"
        into.unlink(missing_ok=True)
        env = environment(SECRET_KEY=SECRET, NEWSROOM_DATA=folder, **database)
        made = manage("backup", str(into), "--no-media", env=env)
        assert made.returncode == 0, made.stderr
    known = {"email": reader["email"], "password": reader["password"]}
    into.with_name(f"{__version__}-{engine}.json").write_text(json.dumps(known) + "\n")
    print(f"{into.name}: {into.stat().st_size / 1000:.0f} KB")


if __name__ == "__main__":
    main()
