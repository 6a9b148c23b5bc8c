"""Saying something, through the API."""

from __future__ import annotations


def test_what_a_reader_says_is_on_the_page(api, alice, discussion):
    answer = api(alice).post(f"/api/v1/discussions/{discussion.pk}/comments/", {"text": "Gut, **sehr** gut."})

    assert answer.status_code == 201, answer.content
    listed = api().get(f"/api/v1/discussions/{discussion.pk}/comments/").json()
    assert [each["html"] for each in listed["results"]] == ["<p>Gut, <strong>sehr</strong> gut.</p>"]
    assert listed["results"][0] == answer.json() | {"replies": []}
    assert listed["comment_count"] == 1
