"""What the documents say is so."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from pkgutil import resolve_name

import pytest

from newsroom.live import registry
from tests.architecture import PACKAGES
from tests.support.product import ROOT

DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
ARCHITECTURE = ROOT / "docs" / "architecture.md"
INTERNAL = {"NEWSROOM_DEMO"}  # set by the demo alone
MOST_STEPS, MOST_WORDS = 10, 12
ROW_OF_VALUES = r"^\| `(?:[A-Z_]+|\w+\.\w+)`.*$"  # settings, and deeds: their tables have tests of their own
STREAMS = registry.streams()  # before any test opens one of its own
ENDINGS = "css|html|js|md|mo|po|py|sh|toml|txt"


def test_every_setting_is_documented_and_every_documented_one_exists() -> None:
    read = set(re.findall(r"\benv\.\w+\(\s*\"([A-Z_]+)\"", (ROOT / "newsroom" / "settings.py").read_text())) - INTERNAL
    text = "\n".join(path.read_text() for path in DOCUMENTS)
    table = (ROOT / "README.md").read_text().partition("## Configuration")[2].partition("\n## ")[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    told = {name for row in rows for name in re.findall(r"`([A-Z_]+)`", row)}

    assert {name for name in read if f"`{name}`" not in text} == set()
    assert told - read == set()


def test_every_stream_is_documented_and_every_documented_one_exists(api) -> None:
    table = (ROOT / "docs" / "live.md").read_text().partition("| stream |")[2].partition("\n\n")[0]
    told = [name for line in table.splitlines()[2:] for name in re.findall(r"`([^`]+)`", line.split("|")[1])]

    assert sorted(told) == STREAMS
    described = api().get("/api/v1/asyncapi/").json()["info"]["description"]
    assert [name for name in STREAMS if f"`{name}`" not in described] == []


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


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_file_that_is_named_exists(document: Path) -> None:
    text = re.sub(ROW_OF_VALUES, "", document.read_text(), flags=re.MULTILINE)

    assert {each for each in _paths(text) if not _is_there(each)} == set()
    assert {each for each in _dotted(text) if not _can_be_imported(each)} == set()


def test_every_test_that_is_named_exists() -> None:
    named = {each for path in DOCUMENTS for each in re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", path.read_text())}

    assert {each for each in named if f"def {each[1]}(" not in (ROOT / each[0]).read_text()} == set()


def test_the_points_of_the_standard_are_counted() -> None:
    text = (ROOT / "docs" / "asvs.md").read_text()
    points = re.findall(
        r"^\| (\d+\.\d+\.\d+) \| ([12]) \| [^|]+ \| ([^|]+) \| [^|]+ \| ([^|]+) \|$", text, re.MULTILINE
    )
    told = re.findall(r"^\| (\D+) \| (\d+) \| (\d+) \| (\d+) \|$", text, re.MULTILINE)
    found = Counter((verdict, int(level)) for _point, level, verdict, _shown in points)
    lacking = {point for point, _level, verdict, _shown in points if verdict in {"partly", "not met"}}

    assert len({point for point, *_rest in points}) == len(points) == 253
    counted = {name: (found[name, 1], found[name, 2]) for name, _level in found}
    assert {name: (int(one), int(two)) for name, one, two, _both in told if name != "all"} == counted
    assert f"{sum(each[2:] == ('met', 'no test') for each in points)} have no test" in text
    assert set(re.findall(r"\b\d+\.\d+\.\d+\b", text.partition("## What is missing")[2])) == lacking


def test_the_pages_for_those_who_begin_name_files() -> None:
    named = {document.name: len(_paths(document.read_text())) for document in DOCUMENTS}

    assert min(named["architecture.md"], named["live.md"]) > 10


@pytest.mark.parametrize(
    ("said", "paths", "dotted"),
    [
        ("`newsroom/gone.py` and `gone/`", {"newsroom/gone.py", "gone/"}, set()),
        ("`gone.py`, `tests/gone.py::test_it`", {"gone.py", "tests/gone.py"}, set()),
        ("`newsroom.gone` and `comments.actions.gone(1)`", set(), {"newsroom.gone", "comments.actions.gone"}),
        ("`/live/`, `GET /api/v1/`, `discussion.<id>`, `django.db.gone`, `manage.py gone`", set(), set()),
    ],
)
def test_a_name_that_leads_nowhere_is_seen(said: str, paths: set[str], dotted: set[str]) -> None:
    assert _paths(said) == paths
    assert _dotted(said) == dotted
    assert not any(map(_is_there, paths))
    assert not any(map(_can_be_imported, dotted))


def test_the_way_of_a_thing_has_few_steps_and_each_names_its_file() -> None:
    sections = re.findall(r"^## (The way of .+)\n\n((?:.|\n)*?)(?=\n## )", ARCHITECTURE.read_text(), re.MULTILINE)
    steps = {title: re.findall(r"^\d+\. (?:.+\n)(?: {3,}.+\n)*", body, re.MULTILINE) for title, body in sections}

    assert {title.rpartition(" ")[2] for title in steps} == {"comment", "removal", "item", "page"}
    assert {title for title, each in steps.items() if not 1 < len(each) <= MOST_STEPS} == set()
    assert [step for each in steps.values() for step in each if not _paths(step)] == []


def test_few_words_have_a_meaning_of_their_own() -> None:
    table = ARCHITECTURE.read_text().partition("| word | is |\n")[2].partition("\n\n")[0]
    words = [line.split("|")[1].strip() for line in table.splitlines()[1:]]

    assert {"stream", "offset", "epoch", "fold", "ring", "hub", "room", "edge"} <= set(words)
    assert len(words) == len(set(words)) <= MOST_WORDS


def _quoted(text: str) -> set[str]:
    """What stands in backticks, outside of blocks of code."""
    prose = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    return set(re.findall(r"`([^`\n]+)`", prose))


def _paths(text: str) -> set[str]:
    """Files and folders that are named, from the top of the project; an address begins with a slash."""
    names = {each.partition("::")[0] for each in _quoted(text)}
    return {each for each in names if re.fullmatch(rf"[\w-][\w.-]*(?:/[\w.-]+)*(?:/|/[\w.-]+|\.(?:{ENDINGS}))", each)}


def _dotted(text: str) -> set[str]:
    """Modules of ours, and what is in them."""
    names = {each.partition("(")[0] for each in _quoted(text)}
    return {each for each in names if re.fullmatch(rf"(?:{'|'.join(PACKAGES)}|tests)(?:\.\w+)+", each)}


def _is_there(path: str) -> bool:
    return (ROOT / path).is_dir() if path.endswith("/") else (ROOT / path).exists()


def _can_be_imported(name: str) -> bool:
    try:
        resolve_name(name)
    except (ImportError, AttributeError):
        return False
    return True
