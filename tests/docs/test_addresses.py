"""The page of addresses tells the truth: what is there answers, what is to come does not."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.urls import Resolver404, resolve

from tests.support.product import ROOT

pytestmark = pytest.mark.django_db
ROW = re.compile(r"^\| ([A-Z, ]+) \| `(/[^`]*)` \|", re.MULTILINE)
VALUES = {"slug": "newsticker", "name": "like", "kind": "article", "stream": "articles", "year": "2026"}


def listed(heading: str) -> list[tuple[str, str]]:
    section = (ROOT / "docs" / "addresses.md").read_text().split(f"## {heading}\n")[1].split("\n## ")[0]
    return [(method, path) for methods, path in ROW.findall(section) for method in methods.split(", ")]


def address(path: str) -> str:
    return re.sub(r"<(\w+)>", lambda found: VALUES.get(found[1], "1"), path)


def is_known(method: str, path: str) -> bool:
    """Whether anything of ours answers there, whatever it finds."""
    try:
        view: Any = resolve(address(path)).func
    except Resolver404:
        return False
    methods = getattr(view, "cls", getattr(view, "view_class", None))
    return methods is None or hasattr(methods, method.lower())


def test_what_is_listed_as_there_answers(client, ticker):
    for method, path in listed("There"):
        if method == "GET" and "<" not in path:
            assert client.get(path).status_code not in {404, 405}, path
        else:
            assert is_known(method, path), (method, path)


def test_what_is_listed_as_to_come_does_not_answer(api, ada):
    for method, path in listed("To come"):
        assert api(ada).generic(method, address(path)).status_code in {404, 405}, (method, path)
        assert not is_known(method, path), (method, path)


def test_what_is_listed_of_the_api_is_described(api):
    document = api().get("/api/v1/schema/", {"format": "json"}).json()
    there = {(method, re.sub("<[^>]+>", "{}", path)) for method, path in listed("There") if path.startswith("/api/v1/")}
    known = {
        (method.upper(), re.sub("{[^}]+}", "{}", path))
        for path, methods in document["paths"].items()
        for method in methods
    }

    assert there - known == {("GET", "/api/v1/schema/")}
