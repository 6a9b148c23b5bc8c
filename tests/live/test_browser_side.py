"""The browser's side of the bus, tested by node's own test runner."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest


def test_live_js_keeps_its_promises() -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node: not installed")

    run = subprocess.run(
        [node, "--test", str(Path(__file__).with_name("live.test.mjs"))], capture_output=True, text=True, check=False
    )

    assert run.returncode == 0, run.stdout + run.stderr
