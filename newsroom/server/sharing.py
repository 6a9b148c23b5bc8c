"""The folder in which the processes of `serve` share their metrics: see `newsroom.metrics`.

prometheus-client reads its variable once, when it is imported. So `manage.py` calls `prepare` before anything else.
"""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
from argparse import ArgumentError, ArgumentParser
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import gettempdir, mkdtemp

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
PREFIX = "newsroom-metrics-"  # of such folders' names


def prepare(arguments: Sequence[str]) -> None:
    """Make the folder if these arguments of `serve` want several processes. It goes with this process; the folders of
    servers that were killed go now.
    """
    parser = ArgumentParser(add_help=False, exit_on_error=False)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--tasks", action="store_true")
    with suppress(ArgumentError):  # the command itself says what is wrong
        wanted = parser.parse_known_args(arguments)[0]
        if wanted.workers > 1 or wanted.tasks:
            _remove_abandoned()
            os.environ[VARIABLE] = folder = mkdtemp(prefix=PREFIX)
            atexit.register(shutil.rmtree, folder, ignore_errors=True)
            # Held by this process and those that it forks: other servers do not remove the folder.
            fcntl.flock(os.open(folder, os.O_RDONLY | os.O_DIRECTORY), fcntl.LOCK_SH)


def _remove_abandoned() -> None:
    for folder in Path(gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError):  # it is somebody else's, or in use
            number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
                is_ours = os.fstat(number).st_uid == os.geteuid()
                if is_ours and any(folder.iterdir()):  # an empty one has just been made
                    shutil.rmtree(folder)
            finally:
                os.close(number)
