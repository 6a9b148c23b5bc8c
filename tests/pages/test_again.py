"""Nothing that was typed is lost: not with an old token, not after the session's end, not when an action says no."""

from __future__ import annotations

import re
from typing import Any

import html5lib
import pytest
from django.test import Client
from django.urls import reverse

from articles.models import Article
from comments.models import Comment
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
OWN, FOREIGN = {"Origin": "http://testserver"}, {"Origin": "https://evil.example"}
LONG = "Ein Absatz, an dem lange geschrieben wurde.\n\nUnd noch einer <mit Zeichen> & allem."


def enter(user: Any, *, strict: bool = False) -> Client:
    client = Client(enforce_csrf_checks=strict)
    client.force_login(user)
    return client


def form_of(page: str) -> tuple[str, dict[str, list[str]]]:
    """The address of the form that sends again, and what it holds."""
    tree = html5lib.parse(page, namespaceHTMLElements=False)
    (form,) = tree.findall(".//form[@data-again]")
    held: dict[str, list[str]] = {}
    for each in form.findall(".//input"):
        held.setdefault(each.get("name"), []).append(each.get("value"))
    return form.get("action"), held


def test_a_form_with_an_old_token_can_be_sent_again(alice, discussion):
    browser = enter(alice, strict=True)

    answer = browser.post(f"/discussions/{discussion.pk}/comments/", {"text": LONG, "parent": ""}, headers=OWN)

    assert answer.status_code == 403
    address, held = form_of(answer.text)
    assert held["text"] == [LONG]
    assert browser.post(address, held, headers=OWN).status_code == 302
    assert Comment.objects.get().text == LONG


def test_what_others_have_made_up_is_neither_shown_nor_offered(alice, discussion):
    for headers in (FOREIGN, {}):
        answer = enter(alice, strict=True).post(
            f"/discussions/{discussion.pk}/comments/", {"text": "Untergeschoben"}, headers=headers
        )

        assert answer.status_code == 403
        assert "Untergeschoben" not in answer.text
        assert "data-again" not in answer.text


def test_passwords_are_shown_to_nobody_and_the_form_is_opened_again(db):
    login = {"login": "alice@example.org", "password": PASSWORD}
    answer = Client(enforce_csrf_checks=True).post("/accounts/login/", login, headers=OWN)

    assert answer.status_code == 403
    assert PASSWORD not in answer.text
    assert "data-again" not in answer.text
    assert 'href="/accounts/login/"' in answer.text


@pytest.mark.parametrize("where", ["post", "edit", "moderate", "profile", "key", "article"])
def test_after_the_end_of_a_session_it_is_sent_again(where, alice, mo, eddy, comment, discussion, section, client):
    who, path, sent = {
        "post": (alice, f"/discussions/{discussion.pk}/comments/", {"text": LONG}),
        "edit": (alice, f"/comments/{comment.pk}/edit/", {"text": LONG, "save": ""}),
        "moderate": (mo, f"/comments/{comment.pk}/moderate/", _removal(comment)),
        "profile": (alice, "/accounts/profile/", {"name": "Alice Neu", "language": "de"}),
        "key": (alice, "/accounts/profile/keys/", {"key-name": "Mein Programm", "key-scopes": ["read", "comment"]}),
        "article": (eddy, reverse("admin:articles_article_add"), _draft(section)),
    }[where]

    answer = client.post(path, sent)

    assert answer.status_code == 403
    address, held = form_of(answer.text)
    assert held == {"csrfmiddlewaretoken": held["csrfmiddlewaretoken"]} | {
        name: list(value) if isinstance(value, list) else [str(value)] for name, value in sent.items()
    }
    (login,) = re.findall(r'href="(/(?:accounts|admin)/login/\?next=[^"]+)" target="_blank"', answer.text)
    assert client.get(login).status_code in {200, 302}
    browser = enter(who)
    again = browser.post(address, held)
    assert again.status_code in {200, 302}
    if where == "key":  # the password is asked for once more
        browser.post(again["Location"], {"password": PASSWORD, "next": path})
    assert _done(where, comment)


def test_a_press_without_words_leads_to_the_login_as_before(client, comment):
    answer = client.post(f"/comments/{comment.pk}/reactions/like/", {"deed": "put"})

    assert answer.url.startswith("/accounts/login/")


def test_whoever_edits_too_late_has_the_text_to_copy(alice, comment):
    Comment.objects.filter(pk=comment.pk).update(created_at="2020-01-01T00:00:00Z")

    answer = enter(alice).post(f"/comments/{comment.pk}/edit/", {"text": LONG, "save": ""})

    assert answer.status_code == 422
    assert "an dem lange geschrieben wurde" in answer.text


def test_a_list_action_that_is_refused_keeps_reason_note_and_ticks(mo, comment, discussion, say):
    other = say(discussion, "Bleibt, wie es ist")
    address = reverse("admin:comments_comment_changelist")
    sent = {"action": "remove", "reason": "", "note": "Regel 3, wie besprochen", "_selected_action": [comment.pk]}

    answer = enter(mo).post(address, sent | {f"seen-{comment.pk}": comment.public_version, "index": "0"})

    tree = html5lib.parse(answer.text, namespaceHTMLElements=False)
    boxes = tree.findall(".//input[@name='_selected_action']")
    assert tree.find(".//input[@name='note']").get("value") == "Regel 3, wie besprochen"
    assert tree.find(".//select[@name='action']/option[@selected]").get("value") == "remove"
    assert tree.find(".//select[@name='reason']").get("aria-invalid") == "true"
    assert {each.get("value"): "checked" in each.attrib for each in boxes} == {
        f"{comment.pk}": True,
        f"{other.pk}": False,
    }
    assert "Wählen Sie einen Grund" in answer.text
    kept = enter(mo).post(address, sent | {f"seen-{comment.pk}": comment.public_version, "reason": "spam"})
    assert kept.status_code == 302
    comment.refresh_from_db()
    assert comment.state == "removed"


def _removal(comment: Comment) -> dict[str, Any]:
    return {"deed": "remove", "seen": comment.public_version, "reason": "spam", "note": "Mit einer langen Begründung"}


def _draft(section: Any) -> dict[str, Any]:
    return {
        "headline": "Ein Entwurf",
        "kicker": "",
        "lead": "",
        "body": LONG,
        "section": section.pk,
        "author_line": "",
        "language": "de",
        "slug": "",
        "appear_at_0": "",
        "appear_at_1": "",
        "_save": "",
    }


def _done(where: str, comment: Comment) -> bool:
    comment.refresh_from_db()
    return {
        "post": lambda: Comment.objects.filter(text=LONG).exists(),
        "edit": lambda: comment.text == LONG,
        "moderate": lambda: comment.state == "removed",
        "profile": lambda: comment.author.name == "Alice Neu",
        "key": lambda: comment.author.api_tokens.filter(name="Mein Programm").exists(),
        "article": lambda: Article.objects.filter(body=LONG, headline="Ein Entwurf").exists(),
    }[where]()
