"""What the server refuses, or never hears, in the forms that scripts send: the text stays, and the sentence at it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import Visitor
from tests.browser.elements.conftest import ARTICLE, Site, open_as, said

AWAY = "Die Website ist nicht erreichbar."
OF_A_PROXY = "<html><head><title>413 Request Entity Too Large</title></head></html>"
type Open = Callable[[str, str], Page]


@pytest.fixture
def opened(site: Site, visit: Callable[..., Visitor]) -> Iterator[Open]:
    """Pages on which answers of 4xx are what is looked for; the browser's console names each of them."""
    visitors: list[Visitor] = []

    def open_page(path: str, role: str) -> Page:
        visitors.append(visit(site.process.url))
        return open_as(site, visitors[-1], path, role)

    yield open_page
    for visitor in visitors:
        visitor.complaints[:] = [
            each for each in visitor.complaints if "the server responded with a status of 4" not in each
        ]


@contextmanager
def failing(page: Page, path: str, deed: Callable[[Route], None]) -> Iterator[None]:
    page.route(path, lambda route: route.fallback() if route.request.method == "GET" else deed(route))
    yield
    page.unroute(path)


def stands(form: Locator, text: str, sentence: str) -> None:
    """The text is as it was typed, marked and focused, and the sentence belongs to it."""
    field, alert = form.locator("textarea"), form.locator("[role=alert]")
    expect(alert).to_contain_text(sentence)
    expect(field).to_have_value(text)
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_be_focused()
    expect(field).to_be_editable()
    assert (alert.get_attribute("id") or "?") in (field.get_attribute("aria-describedby") or "").split()


def send(form: Locator, text: str) -> None:
    form.locator("textarea").fill(text)
    form.locator("textarea").press("Control+Enter")


def test_a_comment_a_reply_and_a_line_that_are_refused_stay_where_they_were_typed(opened: Open, site: Site) -> None:
    page = opened(ARTICLE, "reader")
    composer = page.locator("#composer")
    send(composer, "Zum ersten Mal gesagt")
    expect(said(page, "Zum ersten Mal gesagt")).to_have_count(1)
    said(page, "Zum ersten Mal gesagt").locator("[data-action=reply]").first.click()
    reply = page.locator("[data-list] form[data-composer]")
    chats = "/api/v1/discussions/?mode=chat"
    with site.api("reader") as reader:
        chat = opened(f"/chats/{reader.get(chats).json()['results'][0]['id']}/", "reader")
    line = chat.locator("#composer")
    send(line, "Eine Zeile")
    expect(said(chat, "Eine Zeile")).to_have_count(1)

    for where, form, once in ((page, composer, "Zum ersten Mal gesagt"), (page, reply, ""), (chat, line, "Eine Zeile")):
        path = "**/api/v1/discussions/*/comments/"
        if once:
            send(form, once)
            stands(form, once, "Das haben Sie bereits gesagt.")
        with failing(where, path, lambda route: route.fulfill(status=413, content_type="text/html", body=OF_A_PROXY)):
            send(form, "Zu viel")
            stands(form, "Zu viel", "mehr, als die Website auf einmal annimmt")
        send(form, f"Doch noch {where.url}"[:60])
        expect(form.locator("textarea") if form is not reply else composer.locator("textarea")).to_have_value("")


def test_what_comes_too_early_waits_in_its_form(opened: Open, site: Site) -> None:
    page = opened(ARTICLE, "reader")
    discussion = page.locator("newsroom-discussion").get_attribute("discussion")
    address = f"/api/v1/discussions/{discussion}/"
    composer = page.locator("#composer")
    with site.api("moderator") as moderator:
        send(composer, "Eben erst gesprochen")
        expect(said(page, "Eben erst gesprochen")).to_have_count(1)
        assert moderator.patch(address, json={"slow_mode_seconds": 30}).is_success
        try:
            expect(page.locator("[data-slow-note]")).to_be_visible()
            send(composer, "Und gleich noch etwas")
            stands(composer, "Und gleich noch etwas", "Sekunde")
            expect(composer.locator("[data-submit]")).to_be_disabled()
        finally:
            assert moderator.patch(address, json={"slow_mode_seconds": 0}).is_success
    page.reload()
    expect(composer.locator("textarea")).to_have_value("Und gleich noch etwas")
    page.context.clear_cookies()
    send(composer, "Nach dem Ende der Sitzung")
    stands(composer, "Nach dem Ende der Sitzung", "")
    expect(composer.locator("[role=alert]")).not_to_be_empty()


def test_a_changed_text_that_is_refused_stays_in_its_place(opened: Open, site: Site) -> None:
    page = opened(ARTICLE, "reader")
    send(page.locator("#composer"), "Wird geändert")
    own = said(page, "Wird geändert")
    number = own.get_attribute("data-id")
    own.locator("> .comment-box [data-action=edit]").click()
    form = page.locator("form.is-editing")

    send(form, "")
    stands(form, "", "schreiben Sie zuerst etwas")
    send(form, "x" * 20_001)
    stands(form, "x" * 20_001, "Zeichen")
    with failing(page, f"**/api/v1/comments/{number}/", lambda route: route.abort()):
        send(form, "Ungehört")
        stands(form, "Ungehört", AWAY)
    with site.api("reader") as reader:
        address = f"/api/v1/comments/{number}/"
        seen = {"If-Match": f'"v{reader.get(address).json()["version"]}"'}
        assert reader.patch(address, json={"text": "Anderswo"}, headers=seen).is_success
    send(form, "Hier geändert")
    stands(form, "Hier geändert", "geändert")


def test_a_decision_that_is_refused_keeps_its_note(opened: Open, site: Site) -> None:
    page, reader = opened(ARTICLE, "moderator"), opened(ARTICLE, "reader")
    send(reader.locator("#composer"), "Darüber wird entschieden")
    comment = said(page, "Darüber wird entschieden")
    number = comment.get_attribute("data-id")
    comment.locator("> .comment-box [data-action=moderate]").click()
    dialog = page.locator("dialog[open]")
    answer, remove = dialog.locator("[data-answer]"), dialog.locator("form[data-deed=remove]")
    note, button = remove.locator("[name=note]"), remove.locator("button")
    remove.locator("[name=reason]").select_option("insult")

    note.evaluate("(field) => field.removeAttribute('maxlength')")
    note.fill("x" * 1001)
    button.click()
    expect(note).to_be_focused()
    expect(note).to_have_attribute("aria-invalid", "true")
    expect(answer).to_contain_text("Zeichen")
    note.fill("Mit Begründung")
    with failing(page, f"**/api/v1/comments/{number}/decisions/", lambda route: route.abort()):
        button.click()
        expect(answer).to_contain_text(AWAY)
        expect(note).to_have_value("Mit Begründung")
    bar = dialog.locator("form[data-deed=bar]")
    for name in ("scope", "until", "reason"):
        bar.locator(f"[name={name}]").select_option(index=1)
    bar.locator("[name=text]").fill("An die Person")
    bar.locator("[name=note]").fill("Auch begründet")
    with failing(page, "**/api/v1/users/*/sanctions/", lambda route: route.abort()):
        bar.locator("button").click()
        expect(answer).to_contain_text(AWAY)
        expect(bar.locator("[name=text]")).to_have_value("An die Person")
        expect(bar.locator("[name=note]")).to_have_value("Auch begründet")
    with site.api("administrator") as other:
        seen = other.get(f"/api/v1/comments/{number}/").json()["version"]
        wish = {"action": "remove", "reason": "spam", "seen": seen}
        assert other.post(f"/api/v1/comments/{number}/decisions/", json=wish).is_success
    expect(page.locator(f'li.comment[data-id="{number}"]')).to_have_attribute("data-state", "removed")
    button.click()
    expect(answer).not_to_contain_text(AWAY)
    expect(dialog).to_be_visible()
    expect(note).to_have_value("Mit Begründung")
    assert answer.text_content()
