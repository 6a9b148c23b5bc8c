"""Words to authors that are kept ready: who writes them, and how decisions and warnings use them."""

from __future__ import annotations

import re
from html import unescape

import pytest

from accounts.duties import Duties
from accounts.models import AuditEntry, Notification, User
from comments import actions
from comments.models import CannedText, Case, Comment, Decision

pytestmark = pytest.mark.django_db
API, PAGE = "/api/v1/moderation/texts/", "/moderation/texts/"
SPAM = {"reason": "spam", "language": "de", "text": "Bitte keine Werbung."}


@pytest.fixture
def moderator(person) -> User:
    """Without the duty to lead."""
    user = person("Mia")
    user.give(Duties.of([("moderate", None)]))
    user.save()
    return user


@pytest.fixture
def held(discussion, alice, mo) -> Comment:
    actions.open_discussion(discussion.pk, actor=mo, premoderated=True)
    return actions.post(discussion.pk, author=alice, text="Kauft bei mir!").comment


def place(comment: Comment) -> str:
    return f"/moderation/cases/{Case.objects.get(comment=comment).pk}/"


def test_they_are_added_changed_and_dropped_over_the_api(api, mo):
    made = api(mo).post(API, SPAM)
    assert made.status_code == 201
    assert made.json() | SPAM == made.json()
    other = api(mo).post(API, SPAM | {"language": "en", "text": "No adverts, please."}).json()
    assert api(mo).get(API).json()["results"] == [made.json(), other]
    assert api(mo).get(API, {"language": "en", "reason": "spam"}).json()["results"] == [other]
    assert api(mo).get(API, {"reason": "insult"}).json()["results"] == []

    changed = api(mo).patch(f"{API}{other['id']}/", {"text": "Please do not advertise."})
    assert (changed.status_code, changed.json()["language"]) == (200, "en")
    assert api(mo).delete(f"{API}{made.json()['id']}/").status_code == 204
    (left,) = api(mo).get(API).json()["results"]
    assert (left["text"], left["changed_by"]["name"]) == ("Please do not advertise.", "Mo")
    deeds = AuditEntry.objects.filter(actor=mo, deed__startswith="text.").order_by("id")
    assert list(deeds.values_list("deed", flat=True)) == ["text.added", "text.added", "text.changed", "text.dropped"]


@pytest.mark.parametrize(
    "more", [{"reason": "x"}, {"language": "fr"}, {"text": ""}, {"text": "x" * 1001}, {"other": 1}, {"text": "\u200b"}]
)
def test_a_bad_text_is_refused(api, client, mo, more):
    kept = actions.add_text(actor=mo, **SPAM)
    assert api(mo).post(API, SPAM | more).status_code == 422
    assert api(mo).patch(f"{API}{kept.pk}/", more).status_code == 422
    if "other" not in more:
        client.force_login(mo)
        for path in (PAGE, f"{PAGE}{kept.pk}/"):
            answer = client.post(path, SPAM | more)
            assert answer.status_code == 422
            assert f"text-{next(iter(more))}-error" in answer.text
    assert list(CannedText.objects.values_list("text", flat=True)) == [SPAM["text"]]


@pytest.mark.parametrize("asked", [{"language": "fr"}, {"reason": "x"}, {"other": "x"}])
def test_a_question_that_makes_no_sense_is_refused(api, mo, asked):
    assert api(mo).get(API, asked).status_code == 400


def test_all_moderators_read_them_and_only_those_who_lead_write_them(api, client, moderator, mo, alice):
    kept = actions.add_text(actor=mo, **SPAM)
    client.force_login(moderator)

    assert api(moderator).get(API).json()["results"][0]["text"] == SPAM["text"]
    assert SPAM["text"] in client.get(PAGE).text
    assert "<textarea" not in client.get(PAGE).text
    assert "<textarea" not in client.get(f"{PAGE}{kept.pk}/").text
    for answer in (
        *(api(moderator).post(API, SPAM), api(moderator).patch(f"{API}{kept.pk}/", {"text": "x"})),
        *(api(moderator).delete(f"{API}{kept.pk}/"), client.post(PAGE, SPAM)),
        *(client.post(f"{PAGE}{kept.pk}/", SPAM), client.post(f"{PAGE}{kept.pk}/", {"deed": "drop"})),
        *(api(alice).get(API), api(alice).post(API, SPAM)),
    ):
        assert answer.status_code == 403
    client.force_login(alice)
    assert client.get(PAGE).status_code == 403
    assert CannedText.objects.get().text == SPAM["text"]


def test_they_are_written_on_the_pages(client, mo):
    client.force_login(mo)
    assert SPAM["text"] in client.post(PAGE, SPAM, follow=True).text
    path = f"{PAGE}{CannedText.objects.get().pk}/"
    assert "Anders." in client.post(path, SPAM | {"text": "Anders.", "deed": "change"}, follow=True).text
    page = client.post(path, {"deed": "drop"}, follow=True).text
    assert "Anders." not in page
    assert "Der Text ist gelöscht." in page
    assert client.get(path).status_code == 404


def test_a_decision_offers_those_in_the_authors_language_and_says_them(client, alice, mo, held):
    User.objects.filter(pk=alice.pk).update(language="en")
    actions.add_text(actor=mo, **SPAM)
    english = actions.add_text(actor=mo, reason="spam", language="en", text="No adverts, please.")
    client.force_login(mo)

    page = unescape(client.get(place(held)).text)
    assert 'label="Spam' in page
    assert "No adverts, please.</option>" in page
    assert SPAM["text"] not in page
    page = unescape(client.get(place(held), {"canned": english.pk, "next": "/moderation/queue/?kind=held"}).text)
    assert "No adverts, please.</textarea>" in page
    assert 'name="next" value="/moderation/queue/?kind=held"' in page
    words = "No adverts, please. Thank you."
    said = {"deed": "reject", "reason": "spam", "seen": held.public_version, "text": words}
    assert client.post(place(held), said).status_code == 302

    assert Decision.objects.latest("id").text == words
    assert Notification.objects.get(user=alice).details["text"] == words
    actions.change_text(english.pk, actor=mo, text="Something else.")
    assert Decision.objects.latest("id").text == words


def test_a_card_of_the_queue_leads_to_them(client, mo, held):
    kept = actions.add_text(actor=mo, **SPAM)
    client.force_login(mo)
    link = re.search(r'data-canned href="([^"]+)"', unescape(client.get("/moderation/queue/?kind=held").text))
    assert link

    page = unescape(client.get(link[1]).text)

    assert re.search(r'<details class="case-reasoned" open>', page)
    assert f"{kept.text}</option>" in page
    assert 'value="/moderation/queue/?kind=held"' in page


@pytest.mark.parametrize(("chosen", "status"), [("999", 404), ("unsinnig", 400), ("9" * 30, 400), ("²", 400)])
def test_what_cannot_be_chosen_is_refused(client, mo, alice, held, chosen, status):
    client.force_login(mo)
    for path in (place(held), f"/moderation/people/{alice.pk}/"):
        assert client.get(path, {"canned": chosen}).status_code == status


def test_a_published_comment_is_removed_with_them(client, mo, discussion, comment):
    kept = actions.add_text(actor=mo, **SPAM)
    actions.report(comment.pk, actor=mo, reason="spam")
    client.force_login(mo)

    page = client.get(place(comment), {"canned": kept.pk}).text

    assert f"{SPAM['text']}</textarea>" in page


def test_a_warning_uses_them_too(client, alice, mo):
    kept = actions.add_text(actor=mo, **SPAM)
    client.force_login(mo)
    path = f"/moderation/people/{alice.pk}/"
    assert SPAM["text"] in client.get(path).text

    assert f"{SPAM['text']}</textarea>" in client.get(path, {"canned": kept.pk}).text


def test_there_is_an_end_to_them(api, mo, monkeypatch):
    from comments.actions import texts

    monkeypatch.setattr(texts, "MOST_TEXTS", 1)
    assert api(mo).post(API, SPAM).status_code == 201
    assert api(mo).post(API, SPAM).status_code == 409


def test_what_is_not_there_is_not_found(api, client, mo):
    client.force_login(mo)
    for number in ("999", "99999999999999999999"):
        assert client.get(f"{PAGE}{number}/").status_code == 404
        assert api(mo).patch(f"{API}{number}/", {"text": "x"}).status_code == 404
        assert api(mo).delete(f"{API}{number}/").status_code == 404
