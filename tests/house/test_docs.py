"""What the documents say is so."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.support.product import ROOT, demo
from tests.support.services import wait_for

DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
INTERNAL = {"NEWSROOM_DEMO"}  # set by the demo alone


def test_every_setting_is_documented_and_every_documented_one_exists() -> None:
    read = set(re.findall(r"\benv\.\w+\(\s*\"([A-Z_]+)\"", (ROOT / "newsroom" / "settings.py").read_text())) - INTERNAL
    text = "\n".join(path.read_text() for path in DOCUMENTS)
    table = (ROOT / "README.md").read_text().partition("## Configuration")[2].partition("\n## ")[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    told = {name for row in rows for name in re.findall(r"`([A-Z_]+)`", row)}

    assert {name for name in read if f"`{name}`" not in text} == set()
    assert told - read == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_between_documents_lead_somewhere(document: Path) -> None:
    targets = re.findall(r"\]\((?!https?:)([^)#]+)", document.read_text())

    assert [target for target in targets if not (document.parent / target).exists()] == []


def test_every_command_in_the_documents_exists() -> None:
    text = "\n".join(path.read_text() for path in DOCUMENTS)
    told = set(re.findall(r"manage\.py ([a-z_]+)", text))
    own = {path.stem for path in ROOT.glob("*/**/management/commands/*.py")}
    django = {"migrate", "createsuperuser", "check", "compilemessages"}

    assert told - own - django == set()


def test_the_client_of_the_live_protocol_works(filled_folder: Callable[[], Path], tmp_path: Path) -> None:
    code = (ROOT / "docs" / "live.md").read_text().rpartition("```python\n")[2].partition("```")[0]
    with demo(filled_folder()) as site:
        (tmp_path / "client.py").write_text(code.replace("http://127.0.0.1:8000", site.url))
        editor = {name: site.accounts["editor"][name] for name in ("email", "password")}
        login = httpx.post(f"{site.url}/_allauth/app/v1/auth/login", json=editor).raise_for_status()
        headers = {"X-Session-Token": login.json()["meta"]["session_token"]}

        with (tmp_path / "out").open("wb") as out:
            client = subprocess.Popen([sys.executable, "-u", tmp_path / "client.py"], stdout=out)
        try:
            said = 0

            def heard() -> bool:
                nonlocal said
                said += 1
                item = {"headline": f"Gehört {said}"}
                httpx.post(f"{site.url}/api/v1/tickers/newsticker/items/", json=item, headers=headers)
                return "Gehört" in (tmp_path / "out").read_text()

            wait_for(heard, what="the client to print an item")
        finally:
            client.kill()
            client.wait()

    lines = (tmp_path / "out").read_text().splitlines()
    assert len(lines) == len(set(lines))
