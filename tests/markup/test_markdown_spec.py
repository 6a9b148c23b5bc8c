"""The examples of the CommonMark specification, from its package: what they become is clean, and stays as it is."""

from __future__ import annotations

import re
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

from newsroom.text import clean, render_article, render_comment, sanitise_article, sanitise_comment
from tests.support.services import missing

PACKAGE, VERSION = "commonmark-spec", "0.31.2"
EXAMPLE = re.compile(r"^`{32} example\n(.*?)^\.\n(.*?)^`{32}$", re.MULTILINE | re.DOTALL)
LIVELY = re.compile(
    r"<(?:script|iframe|style|form|input|svg|object|embed)\b|\bon\w+\s*=\s*[\"']|javascript:", re.IGNORECASE
)


@pytest.fixture(scope="session")
def examples(request: pytest.FixtureRequest) -> list[tuple[str, str]]:
    """Markdown and HTML of each, fetched once by npm and kept in pytest's cache."""
    folder = Path(request.config.cache.mkdir(f"{PACKAGE}-{VERSION}"))  # type: ignore[union-attr]
    archive = folder / f"{PACKAGE}-{VERSION}.tgz"
    if not archive.exists():
        npm = shutil.which("npm")
        if npm is None:
            missing("commonmark", "npm, which fetches the examples,")
        fetch = [str(npm), "pack", "--silent", "--pack-destination", str(folder), f"{PACKAGE}@{VERSION}"]
        if subprocess.run(fetch, check=False, capture_output=True, timeout=100).returncode:
            missing("commonmark", f"{PACKAGE} cannot be fetched: it")
    with tarfile.open(archive) as tar:
        spec = tar.extractfile("package/spec.txt")
        assert spec is not None
        text = spec.read().decode()
    found = [(given.replace("→", "\t"), html.replace("→", "\t")) for given, html in EXAMPLE.findall(text)]
    assert len(found) > 600
    return found


def test_what_a_comment_becomes_is_clean_already(examples: list[tuple[str, str]]):
    for given, _ in examples:
        html = render_comment(given)
        assert sanitise_comment(html) == html, given


def test_what_an_article_becomes_is_clean_already(examples: list[tuple[str, str]]):
    for given, _ in examples:
        html = render_article(given)
        assert sanitise_article(html) == html, given


def test_foreign_html_cleaned_twice_is_cleaned_once(examples: list[tuple[str, str]]):
    for _, html in examples:
        for sanitise in (sanitise_comment, sanitise_article):
            once = sanitise(html)
            assert sanitise(once) == once, html
            assert not LIVELY.search(re.sub(r">[^<]*<", "><", once)), html


def test_the_text_of_an_example_is_clean_after_cleaning(examples: list[tuple[str, str]]):
    for given, _ in examples:
        assert clean(clean(given)) == clean(given)
