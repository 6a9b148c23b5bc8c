"""What we promise about keys and dependencies is said of each of them."""

from __future__ import annotations

import re

from tests.support.product import ROOT

SECRETS = re.compile(r"\b[A-Z_]*(?:KEY|KEYS|SECRETS?|TOKEN)\b")


def test_every_secret_has_a_keeper_a_time_and_a_plan_after_a_leak() -> None:
    settings = re.findall(r"^\| (`[A-Z`, _]+`) \|", (ROOT / "README.md").read_text(), re.MULTILINE)
    chapter = (ROOT / "docs" / "operations.md").read_text().partition("\n## Keys\n")[2].partition("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in chapter.splitlines() if line.startswith("| ")]

    secrets = {name for each in settings for name in SECRETS.findall(each)}
    assert secrets >= {"SECRET_KEY", "HOOK_SECRETS", "VAPID_PRIVATE_KEY", "METRICS_TOKEN"}
    assert secrets - {name for row in rows for name in SECRETS.findall(row[0])} == set()
    assert all(len(row) == 4 and all(row) for row in rows)


def test_weaknesses_of_dependencies_have_times_by_severity_and_are_looked_for() -> None:
    text = (ROOT / "docs" / "SECURITY.md").read_text()
    times = re.findall(r"^\| (critical|high|medium|low)\b[^|]* \| (\d+) days \| ", text, re.MULTILINE)

    assert [severity for severity, _days in times] == ["critical", "high", "medium", "low"]
    days = [int(each) for _severity, each in times]
    assert days == sorted(days)
    steps = (ROOT / ".ci" / "run").read_text()
    assert "uv audit" in steps
    assert "docs/SECURITY.md" in steps
