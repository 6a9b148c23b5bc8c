"""The files that operators copy: units, container files, the installer."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.support.product import ROOT
from tests.support.services import missing

DEPLOY = ROOT / "docs" / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("newsroom*"))
EXPOSURE = 15  # at most, in tenths: systemd-analyze rates what a service may do from 0 to 100
COMPOSE = ROOT / "compose.yaml"


@pytest.fixture
def analyze() -> str:
    found = shutil.which("systemd-analyze")
    if found is None:
        missing("systemd", "systemd-analyze")
    return str(found)


def test_units_are_sound_and_may_do_little(analyze: str, tmp_path: Path) -> None:
    """In a copy that names programs of this machine, since `verify` looks for them."""
    for unit in UNITS:
        (tmp_path / unit.name).write_text(re.sub(r"^User=.*\n", "", unit.read_text(), flags=re.MULTILINE))
    services = [unit.name for unit in UNITS if unit.suffix == ".service"]
    assert {unit.suffix for unit in UNITS} == {".service", ".socket", ".timer"}

    verified = subprocess.run(
        [analyze, "verify", "--man=no", *(str(tmp_path / unit.name) for unit in UNITS)],
        capture_output=True,
        text=True,
        check=False,
    )
    said = [line for line in verified.stderr.splitlines() if any(unit.name in line for unit in UNITS)]
    assert [line for line in said if "redis-server" not in line and "postgresql" not in line] == []

    for unit in services:
        rated = subprocess.run(
            [analyze, "security", "--offline=true", f"--threshold={EXPOSURE}", str(DEPLOY / "systemd" / unit)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert rated.returncode == 0, rated.stdout[-400:]


def test_all_services_are_confined_alike() -> None:
    def confined(unit: Path) -> str:
        return unit.read_text().partition("UMask=")[2].partition("\n\n[Install]")[0].strip()

    services = [unit for unit in UNITS if unit.suffix == ".service"]
    assert len(services) == 4
    assert len({confined(unit) for unit in services}) == 1


def test_compose_asks_for_what_the_example_of_its_settings_names() -> None:
    given = COMPOSE.read_text()
    asked = set(re.findall(r"\$\{([A-Z_]+)", given))
    told = set(re.findall(r"^#([A-Z_]+)=", (DEPLOY / "compose.env").read_text(), re.MULTILINE))
    settings = (ROOT / "README.md").read_text()

    assert {name for name in asked - told if f"`{name}`" not in settings} == set()
    assert {name for name in told - asked if f"`{name}`" not in settings} == {"COMPOSE_PROFILES"}

    services = yaml.safe_load(given)["services"]
    assert set(services) == {"secrets", "db", "redis", "migrate", "web", "worker", "proxy"}
    for name in ("secrets", "migrate", "web", "worker"):
        assert services[name]["read_only"]
        assert services[name]["cap_drop"] == ["ALL"]


def test_the_image_holds_all_packages_and_nothing_else() -> None:
    recipe = (ROOT / "Dockerfile").read_text()
    copied = {name for line in re.findall(r"^COPY (?!--)(.+) \S+$", recipe, re.MULTILINE) for name in line.split()}
    let_in = set(re.findall(r"^!(.+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE))
    packages = {path.parent.name for path in ROOT.glob("*/apps.py")}

    assert copied == let_in
    assert packages <= copied
    final = recipe.rpartition("\nFROM ")[2]
    assert "USER 10001:10001" in final
    assert "uv" not in re.findall(r"\w+", final)


def test_the_installer_says_where_it_does_not_run(tmp_path: Path) -> None:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = ["bash", str(DEPLOY / "install.sh"), *arguments]
        return subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)

    assert run("--help").stdout.startswith("Usage: install.sh")
    refused = run("--site-url", "news.example")
    assert refused.returncode == 2
    assert refused.stderr.count("\n") == 1
    assert run("--wrong").returncode == 2
