from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import OperationalError, connection
from django.http import Http404
from django.test import Client

from newsroom.pages import errors
from tests.support.forms import forms_of
from tests.support.little_room import little_room, long_text

pytestmark = pytest.mark.django_db


@pytest.fixture
def no_database():
    """As if it were busy: every statement fails."""

    def fail(execute, sql, params, many, context):
        raise OperationalError("database is locked")

    with connection.execute_wrapper(fail):
        yield


@pytest.fixture
def calm():
    """A client that hands out the error page instead of raising."""
    return Client(raise_request_exception=False)


def test_a_busy_database_is_503_with_a_time_to_come_back(calm, no_database):
    page, answer = calm.get("/"), calm.get("/api/v1/articles/")

    assert page.status_code == answer.status_code == 503
    assert page["Retry-After"] == answer["Retry-After"]
    assert "<h1>" in page.text
    assert answer.json()["code"] == "unavailable"


def test_the_same_requests_succeed_once_it_is_back(calm):
    assert calm.get("/").status_code == calm.get("/api/v1/articles/").status_code == 200


def test_a_form_without_its_token_says_what_to_do(alice, discussion):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice)

    answer = strict.post(f"/discussions/{discussion.pk}/comments/", {"text": "x"})

    assert answer.status_code == 403
    assert "<h1>" in answer.text
    assert 'href="/"' in answer.text


def test_an_unknown_host_gets_a_bare_page(calm):
    answer = calm.get("/", headers={"host": "evil.example"})

    assert answer.status_code == 400
    assert "<h1>" in answer.text


def test_an_error_page_gives_back_the_connection_of_the_thread_that_django_renders_it_in(rf, section):
    request = rf.get("/nowhere/")
    request.user = AnonymousUser()

    def render() -> tuple[int, bool]:
        return errors.not_found(request, Http404()).status_code, connection.connection is None

    with ThreadPoolExecutor(1) as elsewhere:
        assert elsewhere.submit(render).result() == (404, True)
    assert connection.connection is not None


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("way", ["api", "form"])
def test_a_full_disk_is_called_so(way, api, calm, mo, discussion, settings):
    settings.LIMITS = {**settings.LIMITS, "comments": "1000/m"}
    client, address, taken = {
        "api": (api(), f"/api/v1/discussions/{discussion.pk}/comments/", 201),
        "form": (calm, f"/discussions/{discussion.pk}/comments/", 302),
    }[way]
    client.force_login(mo)
    client.raise_request_exception = False

    def post(number: int) -> Any:
        return client.post(address, {"text": long_text(number)})

    with little_room():
        assert post(0).status_code == taken
        refused = next(answer for answer in map(post, range(1, 200)) if answer.status_code != taken)

    assert refused.status_code == 503
    assert "Auf dem Server ist kein Platz mehr" in refused.text
    assert (refused["Content-Type"] == "application/problem+json") is (way == "api")
    assert int(refused["Retry-After"]) > 0


def test_a_text_that_is_far_too_long_comes_back_in_its_form(client, alice, ada, article, discussion):
    text = "ж" * 200_001  # six bytes each, as browsers send it
    client.force_login(alice)

    answer = _send(client, f"/discussions/{discussion.pk}/comments/", text=text)

    assert answer.status_code == 422
    (form,) = [each for each in forms_of(answer.text) if each.id == "composer"]
    assert form.controls["text"].holds == [text]
    assert form.controls["text"].is_invalid
    assert _send(client, f"/discussions/{discussion.pk}/comments/", text="ж").status_code == 302
    client.force_login(ada)
    fields = {"title": "Impressum", "body": text}
    assert f">\n{text}</textarea>" in _send(client, "/admin/accounts/legalpage/imprint/change/", **fields).text


@pytest.mark.parametrize("path", ["/discussions/1/comments/", "/admin/articles/article/add/", "/accounts/profile/"])
def test_more_than_any_form_holds_gets_a_page_that_leads_back_to_the_text(calm, ada, discussion, path):
    calm.force_login(ada)

    answer = _send(calm, path, text="x" * 4_000_001)

    assert answer.status_code == 413
    assert answer["Content-Type"] == "text/html; charset=utf-8"
    assert "Dort steht noch, was Sie geschrieben haben." in answer.text
    assert "data-back" in answer.text
    assert f">{ada.name}</span>" in answer.text


def test_a_program_that_sends_a_form_gets_a_code(alice):
    strict, login = Client(enforce_csrf_checks=True), "/_allauth/browser/v1/auth/login"

    without_token = _send(strict, login, text="x")
    strict.get("/accounts/login/")
    too_large = _send(strict, login, text="x" * 4_000_001)

    assert (without_token.status_code, without_token.json()["code"]) == (403, "forbidden")
    assert (too_large.status_code, too_large.json()["code"]) == (413, "too_large")


def _send(client: Client, path: str, **fields: str) -> Any:
    """As a browser sends a form without files."""
    return client.post(path, urlencode(fields), content_type="application/x-www-form-urlencoded")
