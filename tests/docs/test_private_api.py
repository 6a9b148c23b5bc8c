"""What we use of libraries beyond their public API stands in docs/architecture.md, and is as it was written down."""

from __future__ import annotations

import ast
import dis
import importlib
import inspect
import re
import textwrap
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from typing import Any, NamedTuple

import pytest
from packaging.requirements import Requirement

from tests.architecture import PACKAGES, ROOT, sources

HOMES = ("newsroom/server/", "newsroom/database/", "accounts/login/")
MOST = 25
# Modules whose names are public and whose contents no documentation promises.
UNDOCUMENTED = re.compile(
    r".*\.internal\b.*|allauth\.account\.stages|django_tasks_db\.management\b.*"
    r"|django\.(core\.handlers|db\.backends|db\.migrations\.executor|db\.models\.(base|query|sql)|http\.request)\b.*"
    r"|django\.db\.models\.(expressions\.Col|fields\.tuple_lookups\b.*)|uvicorn\.(protocols|supervisors|server)\b.*"
)
DOCUMENTED = {"django.http.request.RawPostDataException"}
# Names with an underscore that documentation explains: of models and managers, of named tuples.
PROMISED = {"_meta", "_default_manager", "_db", "_replace", "_fields", "_asdict"}


class Row(NamedTuple):
    files: list[str]
    inside: list[str]
    tests: list[str]


def rows() -> list[Row]:
    text = (ROOT / "docs/architecture.md").read_text()
    table = re.findall(r"^\|(.+)\|$", text.partition("\n## Private API\n")[2].partition("\n## ")[0], re.MULTILINE)
    cells = [[re.findall(r"`([^`]+)`", cell) for cell in line.split("|")] for line in table[2:]]
    return [Row(files, inside, tests) for files, inside, _why, tests in cells]


def things(row: Row) -> Iterator[tuple[str, str]]:
    """(owner, member with its parameters) of all that a row names: members follow what was named in full."""
    owner = ""
    for each in row.inside:
        if "." in each.partition("(")[0]:
            owner = each
            yield each, ""
        else:
            yield owner.partition("(")[0], each


def found(path: str) -> Any:
    """What has this dotted name. Raises AttributeError, ImportError."""
    parts = path.split(".")
    for length in range(len(parts), 0, -1):
        try:
            thing: Any = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for name in parts[length:]:
            thing = getattr(thing, name)
        return thing
    raise ImportError(path)


def is_made(owner: type, name: str) -> bool:
    """Whether a class declares an attribute of this name, or its objects get one from a method."""
    return any(name in getattr(each, "__annotations__", {}) or name in _stored(each) for each in owner.__mro__)


@cache
def _stored(kind: type) -> set[str]:
    """The attributes that the methods of a class set."""
    methods = [each for each in vars(kind).values() if hasattr(each, "__code__")]
    return {step.argval for each in methods for step in dis.get_instructions(each) if step.opname == "STORE_ATTR"}


def parameters_of(owner: Any, name: str) -> list[str]:
    """As they are written in the library, since we put functions of our own into the place of some."""
    for place in owner.__mro__ if isinstance(owner, type) else [owner]:
        if place is object:
            continue
        tree = ast.parse(textwrap.dedent(inspect.getsource(place)))
        body = getattr(tree.body[0], "body", []) if isinstance(place, type) else tree.body
        for node in body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name:
                given = node.args
                more = [each for each in (given.vararg, given.kwarg) if each]
                named = [each.arg for each in (*given.posonlyargs, *given.args, *given.kwonlyargs, *more)]
                return [each for each in named if each not in {"self", "cls"}]
    thing = getattr(owner, name)
    assert not thing.__module__.startswith(PACKAGES), f"{name} is only ours"
    return list(inspect.signature(thing).parameters)


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.inside[0].partition("(")[0])
def test_what_we_know_of_the_inside_is_still_so(row: Row) -> None:
    for path, member in things(row):
        name, *given = (member or path).removesuffix(")").split("(")
        place, _, name = (f"{path}.{name}" if member else name).rpartition(".")
        owner = found(place)
        if not member:
            assert found(f"{place}.{name}")
        if not hasattr(owner, name):
            assert isinstance(owner, type), f"{place} has no {name}"
            assert is_made(owner, name), f"{place} has no {name}"
        elif given:
            assert parameters_of(owner, name) == re.findall(r"\w+", given[0]), f"{place}.{name}"


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.inside[0].partition("(")[0])
def test_each_lies_where_it_belongs_and_a_test_notices(row: Row) -> None:
    assert row.files
    assert row.tests
    for file in row.files:
        assert file.startswith(HOMES)
        assert (ROOT / file).is_file()
    for each in row.tests:
        file, _, name = each.partition("::")
        assert f"def {name}(" in (ROOT / file).read_text(), each


def test_there_are_few() -> None:
    assert 0 < len(rows()) <= MOST


def test_every_library_whose_inside_we_know_has_an_upper_bound() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = [*project["dependencies"], *(each for extra in project["optional-dependencies"].values() for each in extra)]
    bounds = {each.name: each.specifier for each in map(Requirement, asked)}
    owners = packages_distributions()
    used = {owners[path.partition(".")[0]][0].lower() for row in rows() for path, _ in things(row)}

    assert "django" in used
    assert sorted(name for name in used if not any(each.operator == "<" for each in bounds.get(name, ()))) == []


def test_nothing_else_is_used() -> None:
    """Names with an underscore and undocumented modules, wherever our code asks for them."""
    told = {
        (file, (member or path).partition("(")[0].rpartition(".")[2])
        for row in rows()
        for path, member in things(row)
        for file in row.files
    }

    assert sorted({each for each in used_inside() if each not in told}) == []


def used_inside() -> Iterator[tuple[str, str]]:
    """(file, name)"""
    for module, text in sources().items():
        file = module.replace(".", "/") + ".py"
        file = file if (ROOT / file).is_file() else module.replace(".", "/") + "/__init__.py"
        tree = ast.parse(text)
        for name in {*_imported(tree), *_asked(tree), *_overridden(module, tree)} - PROMISED:
            yield file, name


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and not node.module.startswith(PACKAGES):
            for each in node.names:
                path = f"{node.module}.{each.name}"
                if (UNDOCUMENTED.fullmatch(path) and path not in DOCUMENTED) or _is_private(each.name):
                    yield each.name


def _asked(tree: ast.Module) -> Iterator[str]:
    """`thing._name`, where the thing is not an object of ours that says so of itself or of its kind."""
    own = {node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)} | {"self", "cls"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and _is_private(node.attr):
            is_own = isinstance(node.value, ast.Name) and node.value.id in own
            if not is_own and not (isinstance(node.value, ast.Call) and getattr(node.value.func, "id", "") == "super"):
                yield node.attr
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"getattr", "setattr", "hasattr"}:
            name = node.args[1]
            if isinstance(name, ast.Constant) and _is_private(str(name.value)):
                yield str(name.value)


def _overridden(module: str, tree: ast.Module) -> Iterator[str]:
    """`_name` of a library's class that a class of ours replaces, or asks itself for."""
    kinds = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    for name, node in kinds.items():
        kind = getattr(importlib.import_module(module), name, None)
        if not isinstance(kind, type) or kind.__module__ != module:
            continue
        foreign = [each for each in kind.__mro__ if each.__module__.partition(".")[0] in _LIBRARIES]
        written = {each.name for each in node.body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)}
        asked = {each.attr for each in ast.walk(node) if isinstance(each, ast.Attribute)}
        for each in filter(_is_private, written | asked):
            if any(each in vars(base) or each in _stored(base) for base in foreign):
                yield each


_LIBRARIES = (
    "allauth",
    "channels",
    "django",
    "django_tasks_db",
    "drf_spectacular",
    "psycopg",
    "rest_framework",
    "unfold",
)
_LIBRARIES += ("uvicorn", "websockets")


def _is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")
