"""Isso, a peer: from its package index into an environment of its own, behind gunicorn as its documentation advises.

Its database is made by Isso itself and then filled with the same discussion as ours.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from tests.bench.discussions import said
from tests.bench.machine import pinned
from tests.support.services import answers, free_port, stop, wait_for

URI = "/discussion/"
CONFIG = """[general]
dbpath = {folder}/comments.db
host = http://news.example/
log-file = {folder}/isso.log
[moderation]
enabled = false
[guard]
enabled = false
[server]
listen = http://127.0.0.1:{port}/
"""


@contextmanager
def isso(folder: Path, size: int, *, cpu: int) -> Iterator[tuple[int, int]]:
    """Port and process of a server with one discussion of `size` comments."""
    environment = folder / "environment"
    subprocess.run(["uv", "venv", "-q", "--python", sys.executable, environment], check=True)
    subprocess.run(
        ["uv", "pip", "install", "-q", "--python", environment / "bin" / "python", "isso", "gunicorn"], check=True
    )
    port = free_port()
    config = folder / "isso.cfg"
    config.write_text(CONFIG.format(folder=folder, port=port))
    command = [environment / "bin" / "gunicorn", "-b", f"127.0.0.1:{port}", "-w", "4", "--preload", "isso.run"]
    with pinned(cpu), (folder / "gunicorn.log").open("w") as log:
        process = subprocess.Popen(
            command, env=os.environ | {"ISSO_SETTINGS": str(config)}, cwd=folder, stdout=log, stderr=log
        )
    try:
        wait_for(lambda: answers(port), what="Isso")
        _fill(folder / "comments.db", size)
        yield port, process.pid
    finally:
        stop(process)


def _fill(database: Path, size: int) -> None:
    nothing = (0, 0, b"\0" * 256, 0)
    columns = "tid, id, parent, created, mode, remote_addr, text, author, likes, dislikes, voters, notification"
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("INSERT INTO threads (id, uri, title) VALUES (1, ?, 'Discussion')", [URI])
        rows = [
            (1, each.pk, each.root, each.at.timestamp(), 1, "127.0.0.0", each.text, f"Person {each.author}", *nothing)
            for each in said(size)
        ]
        marks = ", ".join("?" * 12)
        connection.executemany(f"INSERT INTO comments ({columns}) VALUES ({marks})", rows)
