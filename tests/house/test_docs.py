"""What the documents say is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.product import ROOT

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
