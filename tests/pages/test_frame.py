import pytest

pytestmark = pytest.mark.django_db


def test_the_page_is_german_until_another_language_is_chosen(client):
    assert '<html lang="de"' in client.get("/", headers={"accept-language": "ru"}).text

    answer = client.post("/language/", {"language": "en", "next": "/"})

    assert (answer.status_code, answer.url) == (302, "/")
    assert '<html lang="en"' in client.get("/").text


@pytest.mark.parametrize("foreign", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_choosing_a_language_never_leads_to_a_foreign_site(client, foreign):
    assert client.post("/language/", {"language": "en", "next": foreign}).url == "/"


def test_an_unknown_language_is_not_remembered(client):
    assert not client.post("/language/", {"language": "xx"}).cookies


def test_an_anonymous_page_carries_no_byte_of_its_reader(client):
    first, second = client.get("/?utm_source=a"), client.get("/?utm_source=b")

    assert first.content == second.content
    assert "csrf" not in first.text
    assert not first.cookies
    assert "<script>" not in first.text
    assert "style=" not in first.text


def test_what_is_not_there_is_a_page_for_people_and_a_problem_for_programs(client):
    page, problem = client.get("/nowhere/"), client.get("/api/v1/nowhere/")

    assert page.status_code == problem.status_code == 404
    assert 'href="/"' in page.text
    assert problem.json()["code"] == "not_found"
