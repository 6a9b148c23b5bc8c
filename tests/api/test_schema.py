"""The OpenAPI document says what really comes back."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest

from tests.support.product import ROOT

pytestmark = pytest.mark.django_db
COMMENTS = "/api/v1/discussions/{id}/comments/"


@pytest.fixture
def document(api) -> dict[str, Any]:
    found: dict[str, Any] = api().get("/api/v1/schema/", {"format": "json"}).json()
    return found


def test_whatever_goes_wrong_is_described_and_a_problem(api, alice, discussion, document):
    here = COMMENTS.replace("{id}", str(discussion.pk))
    answers = [
        api().post(here, {"text": "x"}),
        api(alice).post(here, b"{", content_type="application/json"),
        api(alice).post(here, b"x", content_type="text/plain"),
        api(alice).post(here, {"text": ""}),
        api(alice).post("/api/v1/discussions/999/comments/", {"text": "x"}),
        api(alice).post(here, {"text": "x"}, headers={"accept": "text/html"}),
        api().post(here, {"text": "x"}, headers={"authorization": "Bearer nichts"}),
    ]

    described = document["paths"][COMMENTS]["post"]["responses"]
    assert [answer.status_code for answer in answers] == [401, 400, 415, 422, 404, 406, 401]
    for answer in answers:
        assert list(described[str(answer.status_code)]["content"]) == [answer["Content-Type"]]


def test_public_answers_say_that_they_are_tagged(api, discussion, document):
    here = COMMENTS.replace("{id}", str(discussion.pk))
    answer = api().get(here)
    again = api().get(here, headers={"if-none-match": answer["ETag"]})

    operation = document["paths"][COMMENTS]["get"]
    assert again.status_code == 304
    assert {"200", "304"} <= operation["responses"].keys()
    assert all("ETag" in operation["responses"][status]["headers"] for status in ("200", "304"))
    assert {} in operation["security"]


def test_what_needs_an_account_says_so(document):
    for path, method in ((COMMENTS, "post"), ("/api/v1/me/", "get"), ("/api/v1/discussions/{id}/mine/", "get")):
        assert {} not in document["paths"][path][method]["security"]


def test_every_refusal_is_a_problem_document(document):
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            refusals = {status: each for status, each in operation["responses"].items() if status >= "400"}
            assert refusals, (path, method)
            for each in refusals.values():
                assert list(each["content"]) == ["application/problem+json"], (path, method)


def test_the_first_requests_may_come_all_at_once():
    """In a process that has made none yet, as after a start."""
    script = """
import threading, django
django.setup()
from django.test import Client
barrier, answers = threading.Barrier(8), []
def ask():
    barrier.wait()
    answers.append(Client(raise_request_exception=False).get("/api/v1/schema/?format=json").status_code)
threads = [threading.Thread(target=ask) for _ in range(8)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(answers)
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )

    assert done.stdout.strip() == str([200] * 8), done.stderr


def test_visitors_of_the_description_get_no_cookie_and_people_a_token(client, alice):
    for path in ("/api/docs/", "/api/docs/?script="):
        assert client.get(path).status_code == 200
        assert not client.cookies

    client.force_login(alice)
    script = client.get("/api/docs/?script=")

    assert client.cookies["csrftoken"].value
    assert '"X-CSRFTOKEN"] = ""' not in script.content.decode()
