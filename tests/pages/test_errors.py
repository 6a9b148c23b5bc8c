from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import OperationalError, connection
from django.http import Http404
from django.test import Client

from newsroom.pages import errors

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


@pytest.mark.skipif(connection.vendor != "sqlite", reason="a table space of PostgreSQL cannot be filled here")
def test_a_full_disk_is_called_so(api, mo, discussion):
    client = api(mo)
    client.raise_request_exception = False
    address = f"/api/v1/discussions/{discussion.pk}/comments/"

    def post(number):
        return client.post(address, {"text": f"{number} " + "Platz " * 800})

    assert post("Noch ist").status_code == 201
    database = connection.connection  # the driver's own: after a failure Django lets nothing through until the rollback
    (free,) = database.execute("PRAGMA freelist_count").fetchone()  # what earlier tests gave back would be enough
    database.execute("CREATE TABLE filler (bytes)")
    database.execute("INSERT INTO filler VALUES (zeroblob(? * 4096))", [free])
    (pages,) = database.execute("PRAGMA page_count").fetchone()
    database.execute(f"PRAGMA max_page_count = {pages}")
    try:
        refused = next(answer for answer in map(post, range(60)) if answer.status_code != 201)
    finally:
        database.execute("PRAGMA max_page_count = 1073741823")

    assert refused.status_code == 503
    assert refused.json()["detail"].startswith("Auf dem Server ist kein Platz mehr")
    assert int(refused["Retry-After"]) > 0
