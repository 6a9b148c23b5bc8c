"""Nothing that is not known is ignored: every operation of the API refuses it, and takes what its description names."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.django_db
UNKNOWN = "x_unknown"
type Operation = tuple[str, str, dict[str, Any]]


@pytest.fixture
def operations(api) -> list[Operation]:
    document = api().get("/api/v1/schema/", {"format": "json"}).json()
    return [(method, path, op) for path, methods in document["paths"].items() for method, op in methods.items()]


@pytest.fixture
def ask(api, ada, article, discussion, comment, ticker) -> Callable[..., Any]:
    """Asks an operation as somebody who may do everything, about things that exist."""
    client = api(ada)
    values = {"slug": "newsticker", "name": "like", "kind": "article", "stream": "articles"}

    def address(path: str) -> str:
        numbered = path.replace("/discussions/{id}/", f"/discussions/{discussion.pk}/")
        numbered = numbered.replace("/people/{id}/", f"/people/{ada.pk}/")
        numbered = numbered.replace("/comments/{id}/reactions/", f"/comments/{comment.pk}/reactions/")
        return re.sub(r"{(\w+)}", lambda found: values.get(found[1], "1"), numbered)

    def send(method: str, path: str, body: str = "", **params: str) -> Any:
        query = "&".join(f"{name}={value}" for name, value in params.items())
        return client.generic(method.upper(), f"{address(path)}?{query}", body, content_type="application/json")

    return send


def named(operation: dict[str, Any]) -> dict[str, str]:
    """An operation's query parameters, each with a value that it may have, as far as the document lists them."""
    params = [each for each in operation.get("parameters", ()) if each["in"] == "query"]
    return {each["name"]: each["schema"].get("enum", ["1"])[0] for each in params}


def test_every_operation_refuses_a_parameter_that_it_does_not_know(ask, operations):
    assert len(operations) > 30
    for method, path, _ in operations:
        refused = ask(method, path, **{UNKNOWN: "1"})
        assert (refused.status_code, refused.json()["code"]) == (400, "malformed"), (method, path)
        assert list(refused.json()["errors"]) == [UNKNOWN], (method, path)

        taken = ask(method, path, utm_source="brief", fbclid="1")
        assert taken.status_code != 400, (method, path, taken.content)


def test_every_operation_takes_the_parameters_that_it_names(ask, operations):
    for method, path, operation in operations:
        for name, value in named(operation).items():
            answer = ask(method, path, **{name: value})
            if answer.streaming:  # a table, which has begun
                continue
            assert "There is no such parameter" not in answer.text, (method, path, name)
            assert (answer.status_code == 400) <= ("errors" not in answer.json()), (method, path, name)


def test_every_operation_refuses_control_characters_in_a_parameter(ask, operations):
    for method, path, operation in operations:
        for name in named(operation):
            answer = ask(method, path, **{name: "%00"})
            if name in {"cursor", "sort"}:
                assert (answer.status_code, answer.json()["code"]) == (400, f"unknown_{name}"), (method, path, name)
            else:
                assert (answer.status_code, list(answer.json()["errors"])) == (400, [name]), (method, path, name)


def test_every_operation_refuses_a_field_that_it_does_not_know(ask, operations):
    written = [(method, path) for method, path, _ in operations if method not in {"get", "head"}]
    assert len(written) > 10
    for method, path in written:
        refused = ask(method, path, f'{{"{UNKNOWN}": 1}}')
        assert (refused.status_code, refused.json()["code"]) == (422, "invalid"), (method, path, refused.content)
        assert list(refused.json()["errors"]) == [UNKNOWN], (method, path)


def test_a_draft_is_not_published_because_a_field_is_unknown(api, eddy, ticker):
    here = f"/api/v1/tickers/{ticker.slug}/items/"

    refused = api(eddy).post(here, {"headline": "Noch nicht", "stat": "draft"})
    assert (refused.status_code, list(refused.json()["errors"])) == (422, ["stat"])
    assert api().get(here).json()["results"] == []

    assert api(eddy).post(here, {"headline": "Jetzt"}).status_code == 201


@pytest.mark.parametrize("given", ["%00", "%20", "%E2%80%8B", "a%20b", "ö", "x" * 61])
def test_a_section_that_cannot_be_one_is_refused_and_never_answered_with_all(api, article, given):
    refused = api().get(f"/api/v1/articles/?section={given}")

    assert (refused.status_code, refused.json()["code"]) == (400, "malformed")
    assert len(api().get(f"/api/v1/articles/?section={article.section.slug}").json()["results"]) == 1


@pytest.mark.parametrize("scope", ["%00", "abc", "-1", "1" * 30, "%C2%B2"])
def test_a_search_in_a_discussion_that_cannot_be_one_is_not_one_in_all(client, discussion, scope):
    assert client.get(f"/search/?q=etwas&discussion={scope}").status_code == 400
    assert client.get(f"/search/?q=etwas&discussion={discussion.pk}").status_code == 200
