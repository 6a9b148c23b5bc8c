"""What is drawn once for many shows nobody what is another's."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from comments import actions

pytestmark = pytest.mark.django_db


def box(viewer, article, comment, language="de") -> str:
    """The comment as it stands on the article's page for `viewer`."""
    client = Client()
    client.cookies["language"] = language
    if viewer is not None:
        client.force_login(viewer)
    html = client.get(f"/articles/{article.slug}/").content.decode()
    return re.search(rf'<li class="comment[^>]*id="comment-{comment.pk}".*?</article>', html, re.DOTALL)[0]


def actions_in(html: str) -> set[str]:
    """The actions that are shown."""
    return set(re.findall(r'data-action="(\w+)"[^>]*?(?<! hidden)>', html))


def test_each_reader_is_offered_what_they_may_do(article, alice, bob, mo, comment):
    for _ in range(2):  # the second time from what was kept
        assert actions_in(box(alice, article, comment)) == {"reply", "quote", "edit", "withdraw"}
        assert actions_in(box(bob, article, comment)) == {"reply", "quote"}
        assert actions_in(box(mo, article, comment)) == {"reply", "quote", "moderate"}
        assert actions_in(box(None, article, comment)) == set()
        assert 'aria-pressed="true"' not in box(bob, article, comment)


def test_ones_own_reaction_is_pressed_for_oneself_alone(article, alice, bob, comment):
    assert 'aria-pressed="true"' not in box(bob, article, comment)

    actions.react(comment.pk, "like", actor=bob)

    mine, hers = box(bob, article, comment), box(alice, article, comment)
    assert (mine.count('aria-pressed="true"'), hers.count('aria-pressed="true"')) == (1, 0)
    assert re.findall(r"<span data-n>(\d+)</span>", hers) == ["1"]


def test_a_box_speaks_its_readers_language(article, bob, comment):
    words = {language: box(bob, article, comment, language) for language in ("de", "en", "ru", "de")}

    assert "Antworten" in words["de"]
    assert "Reply" in words["en"]
    assert "Ответить" in words["ru"]


def test_what_was_removed_is_not_shown_from_what_was_kept(article, alice, mo, comment):
    assert comment.text in box(alice, article, comment)

    actions.remove(comment.pk, actor=mo, reason="spam")

    assert comment.text not in box(alice, article, comment)
