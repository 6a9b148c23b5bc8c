"""A theme folder, made from the example in docs/theming.md, in a process of its own."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from tests.support.product import ROOT, environment, manage

PAGE = ROOT / "docs" / "theming.md"
ASK = """
import json, sys
from newsroom.asgi import application
from django.test import Client
from newsroom.files.store import file, version
client = Client(headers={"host": "localhost"})
print(json.dumps({
    "pages": {path: client.get(path).content.decode() for path in sys.argv[1:]},
    "files": {
        name: file(name).bodies[""].decode()
        for name in ("theme/look.css", "newsroom/icon.svg", "newsroom/site.css")
        if file(name)
    },
    "version": version(),
}))
"""


@pytest.fixture
def theme(tmp_path: Path) -> Path:
    folder = tmp_path / "theme"
    files = re.findall(r"^`/srv/theme/(\S+)`:\n\n```\w+\n(.*?)^```", PAGE.read_text(), re.DOTALL | re.MULTILINE)
    for name, text in files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    assert len(files) == 5
    return folder


@pytest.mark.django_db(transaction=True)
def test_a_theme_overrides_templates_blocks_and_files(theme, tmp_path, article, discussion):
    data = tmp_path / "data"
    data.mkdir()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(data / "newsroom.sqlite3")])
    (theme / "static" / "newsroom" / "rows.css").write_text(".rows { gap: 0.123rem; }\n")  # a part of site.css
    env = environment(SECRET_KEY="x" * 60, NEWSROOM_DATA=str(data), SITE_URL="http://localhost")

    def ask(**more: str) -> dict[str, dict[str, str]]:
        command = [sys.executable, "-c", ASK, f"/articles/{article.slug}/", "/"]
        done = subprocess.run(
            command, cwd=ROOT, env=env | more, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stderr
        found: dict[str, dict[str, str]] = json.loads(done.stdout)
        return found

    themed, plain = ask(THEME_DIR=str(theme)), ask()

    page, front = themed["pages"].values()
    assert f'<link rel="stylesheet" href="/static/{themed["version"]}/theme/look.css">\n</head>' in page
    line, rest = page.split('<p class="theme-line">Seit 1848 am Fluss</p>')
    assert '<header class="masthead">' not in line
    assert '<header class="masthead">' in rest
    story, talk = rest.split('<p class="theme-note">Bleiben Sie <b>freundlich</b>.</p>')
    assert article.headline in story
    assert "<newsroom-discussion" in talk
    assert '<a href="/imprint/">Leserbriefe</a></nav>' in page
    assert "theme-line" in front
    assert "theme-note" not in front
    assert "<circle" in themed["files"]["newsroom/icon.svg"]
    assert ".theme-line" in themed["files"]["theme/look.css"]
    assert "0.123rem" in themed["files"]["newsroom/site.css"]
    assert themed["version"] != plain["version"]  # so no browser shows former files
    assert "theme-line" not in "".join(plain["pages"].values())


def test_each_block_that_is_promised_is_there():
    rows = re.findall(r"^\| `newsroom/templates/(\S+\.html)`[^|]*\| (.*?) \|$", PAGE.read_text(), re.MULTILINE)
    assert len(rows) == 5
    for name, blocks in rows:
        text = (ROOT / "newsroom" / "templates" / name).read_text()
        named = re.findall(r"`(\w+)`", blocks)
        assert named
        assert [each for each in named if f"{{% block {each} %}}" not in text] == [], name


@pytest.mark.parametrize(
    ("folder", "words"),
    [("theme", "whole path"), ("{tmp}/nowhere", "There is no folder"), ("{tmp}", "neither of the folders")],
)
def test_a_folder_that_is_no_theme_stops_the_start(tmp_path, folder, words):
    env = environment(SECRET_KEY="x" * 60, NEWSROOM_DATA=str(tmp_path / "data"))

    done = manage("check", env=env | {"THEME_DIR": folder.format(tmp=tmp_path)})

    assert done.returncode != 0
    assert "THEME_DIR" in done.stderr
    assert words in done.stderr
