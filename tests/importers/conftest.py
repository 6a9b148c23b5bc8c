from __future__ import annotations

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

BLOG = Path(__file__).parent / "blog.xml"


@pytest.fixture
def run() -> Callable[..., list[str]]:
    """`run(path, "--dry-run")` gives the lines that the command prints."""

    def run(path: Path = BLOG, *options: str) -> list[str]:
        out = StringIO()
        call_command("import_articles", "wordpress", str(path), *options, stdout=out, stderr=StringIO())
        return out.getvalue().splitlines()

    return run


@pytest.fixture
def blog(tmp_path: Path) -> Callable[..., Path]:
    """`blog(old, new, …)` is the path of a copy of the export with these texts replaced."""

    def blog(*changes: str) -> Path:
        text = BLOG.read_text(encoding="utf-8")
        for old, new in zip(changes[::2], changes[1::2], strict=True):
            assert old in text
            text = text.replace(old, new)
        path = tmp_path / "blog.xml"
        path.write_text(text, encoding="utf-8")
        return path

    return blog


@pytest.fixture
def imported(db: None, run: Callable[..., list[str]]) -> list[str]:
    return run()


@pytest.fixture
def move() -> Callable[..., dict[str, Any]]:
    """`move("disqus", path, "--dry-run")` gives the numbers that `import_comments` prints."""

    def move(kind: str, path: Path, *options: str) -> dict[str, Any]:
        out = StringIO()
        call_command("import_comments", kind, str(path), "--json", *options, stdout=out, stderr=StringIO())
        (line,) = out.getvalue().splitlines()
        return json.loads(line)

    return move


@pytest.fixture
def export(tmp_path: Path) -> Callable[..., Path]:
    """`export("x.jsonl")` is the path of the file that the command has written."""

    def run(name: str = "comments.jsonl") -> Path:
        call_command("export_comments", str(tmp_path / name), stdout=StringIO())
        return tmp_path / name

    return run
