"""Reporting a comment without JavaScript, and the ways there."""

from __future__ import annotations

import pytest

from accounts.actions import impose_sanction
from comments import actions
from comments.models import Report

pytestmark = pytest.mark.django_db


@pytest.fixture
def address(comment) -> str:
    return f"/comments/{comment.pk}/report/"


def test_a_link_to_it_stands_at_every_comment_but_ones_own(client, alice, bob, comment, address):
    place = comment.discussion.article.get_absolute_url()
    for person, is_offered in ((None, True), (bob, True), (alice, False)):
        if person:
            client.force_login(person)
        page = client.get(place).content.decode()
        link = page[page.index('data-action="report"') :].partition("</a>")[0]
        assert address in link
        assert ("hidden" not in link) is is_offered


def test_strangers_log_in_and_come_back(client, comment, address):
    answer = client.get(address)

    assert (answer.status_code, answer["Location"]) == (302, f"/accounts/login/?next={address}")


def test_a_report_is_sent_by_the_form_and_known_afterwards(client, bob, comment, address):
    client.force_login(bob)
    assert b"<select" in client.get(address).content

    answer = client.post(address, {"reason": "insult", "text": "Das geht nicht"}, follow=True)

    assert "Danke." in answer.content.decode()
    assert Report.objects.get().text == "Das geht nicht"
    page = client.get(address).content.decode()
    assert "Sie haben diesen Kommentar schon gemeldet." in page
    assert "<select" not in page


def test_without_a_reason_the_form_comes_back_with_what_was_written(client, bob, comment, address):
    client.force_login(bob)

    answer = client.post(address, {"reason": "", "text": "Das geht nicht"})

    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Das geht nicht</textarea>" in page
    assert 'aria-describedby="report-reason-error"' in page


def test_who_may_not_report_reads_why(client, alice, bob, mo, comment, address):
    client.force_login(alice)
    assert "Das ist Ihr eigener Kommentar" in client.get(address).content.decode()
    assert client.post(address, {"reason": "spam"}).status_code == 422
    client.force_login(bob)
    sanction = impose_sanction(bob.pk, actor=mo, scope="report", until=None, reason="spam")
    assert str(sanction.get_scope_display()) in client.get(address).content.decode()
    assert client.post(address, {"reason": "spam"}).status_code == 422
    actions.remove(comment.pk, actor=mo, reason="spam")
    assert "gibt es nicht mehr" in client.get(address).content.decode()
    assert not Report.objects.exists()


def test_too_many_are_told_to_wait(client, settings, bob, comment, address):
    settings.LIMITS = {**settings.LIMITS, "reports": "1/h"}
    second = actions.post(comment.discussion_id, author=comment.author, text="Noch einer").comment
    client.force_login(bob)
    client.post(address, {"reason": "spam"})

    answer = client.post(f"/comments/{second.pk}/report/", {"reason": "spam"})

    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
