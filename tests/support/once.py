"""What takes seconds to make is made once, for all processes that test."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

import pytest


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """The folder of this name, which `make(folder)` has made. The folder above that of a process is everybody's."""
    is_one_of_many = "PYTEST_XDIST_WORKER" in os.environ
    above = factory.getbasetemp().parent if is_one_of_many else factory.getbasetemp()
    made = above / f"{name}.done"
    with (above / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            make(above / name)
            made.touch()
    return above / name
