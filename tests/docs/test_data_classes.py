"""Every column has one class of protection: docs/data.md."""

from __future__ import annotations

import re
from collections import Counter

from django.apps import apps
from django.db.models import CheckConstraint

from tests.support.product import ROOT

CLASSES = ["public", "staff", "own", "secret", "technical"]
OURS = ("accounts", "articles", "comments", "live", "newsroom")
TEXT = (ROOT / "docs" / "data.md").read_text()


def rows(text: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]


def test_every_column_has_one_class() -> None:
    head, _line, *tables = rows(TEXT.partition("## The columns")[2])
    told = Counter(
        f"{table.strip('`')}.{name}" for table, *cells in tables for cell in cells for name in re.findall(r"\w+", cell)
    )
    there = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.local_fields
        if field.name != "id"
    }

    assert head == ["table", *CLASSES]
    assert {name for name, times in told.items() if times > 1} == set()
    assert there - told.keys() == set(), "give each a class in docs/data.md"
    assert told.keys() - there == set()


def test_every_rule_that_the_database_holds_is_told() -> None:
    chapter = TEXT.partition("## What belongs together")[2].partition("\n## ")[0]
    told = {name for row in rows(chapter) for name in re.findall(r"`(\w+)`", row[-1])}
    there = {
        each.name
        for app in OURS
        for model in apps.get_app_config(app).get_models()
        for each in model._meta.constraints
        if isinstance(each, CheckConstraint)
    }

    assert there == told


def test_every_class_says_who_reads_it_and_how_it_is_protected() -> None:
    parts = TEXT.split("\n\n")
    readers, protection = (rows(part) for part in parts if part.startswith("| class |"))

    assert [row[0] for row in readers[2:]] == CLASSES
    assert sorted(row[0] for row in protection[2:]) == sorted(CLASSES)
    assert all(all(row) for row in (*readers, *protection))
