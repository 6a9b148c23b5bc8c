"""What every address of the API answers alike."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("query", ["?format=nothing", "?format=%00"])
def test_a_refusal_is_json_even_where_the_answer_would_not_be(db, client, query):
    answer = client.get(f"/api/v1/schema/{query}")

    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
    assert answer.json()["code"] == "not_found"


def test_a_precondition_that_does_not_hold_is_a_problem_document(db, client):
    answer = client.get("/api/v1/articles/", headers={"If-Match": '"v1"'})

    assert (answer.status_code, answer["Content-Type"]) == (412, "application/problem+json")
    assert answer.json()["code"] == "precondition_failed"
    assert client.get("/api/v1/articles/", headers={"If-Match": "*"}).status_code == 200


@pytest.mark.parametrize("method", ["options", "post", "put", "delete", "trace"])
def test_the_documentation_is_only_read(db, client, method):
    assert getattr(client, method)("/api/docs/").status_code == 405
    assert client.get("/api/docs/").status_code == 200
