"""What a moderator decides in the page, and what its author sees of that without a reload."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visitor
from tests.browser.elements.conftest import ARTICLE, Site, expect_live, open_as, said

# Where one's own comments can be changed, without JavaScript, too.
TO_CHANGE = """() => [...document.querySelectorAll("[data-own-list] > li")].map(
  (row) => row.querySelector("[data-field=edit]").getAttribute("href"))"""


def own(page: Page, words: str) -> Locator:
    return page.locator("[data-own-list] > li", has_text=words)


def test_a_held_comment_stands_for_its_author_until_it_is_decided(at: Callable[..., Page], site: Site) -> None:
    reader, visitor = at(ARTICLE, "reader"), at(ARTICLE)
    discussion = reader.locator("newsroom-discussion").get_attribute("discussion")
    with site.api("moderator") as moderator:
        address = f"/api/v1/discussions/{discussion}/"
        switch = {"switch": "premoderated", "reason": "Es ging hoch her."}
        assert moderator.patch(address, json=switch).is_success
        expect(reader.locator("[data-premoderated]")).to_contain_text("Es ging hoch her.")
        for words in ("Erste Frage", "Zweite Frage"):
            reader.fill("#composer-text", words)
            reader.keyboard.press("Control+Enter")
            expect(own(reader, words)).to_have_count(1)
        places = reader.evaluate(TO_CHANGE)
        reader.reload()
        expect_live(reader)
        assert len(set(places)) == 2
        assert reader.evaluate(TO_CHANGE) == places
        expect(own(reader, "Hier liest ein Moderator jeden Kommentar")).to_have_count(2)
        expect(visitor.locator("body")).not_to_contain_text("Erste Frage")

        queue = {each["text"]: each for each in moderator.get("/api/v1/moderation/queue/").json()["results"]}

        def decide(words: str, action: str, **more: str) -> None:
            wish = {"action": action, "seen": queue[words]["version"], **more}
            answer = moderator.post(f"/api/v1/comments/{queue[words]['id']}/decisions/", json=wish)
            assert answer.is_success, answer.text

        decide("Erste Frage", "reject", reason="off_topic")
        expect(own(reader, "Grund: Am Thema vorbei")).to_have_count(1)
        expect(reader.locator(".toast", has_text="nicht veröffentlicht")).to_have_count(1)
        decide("Zweite Frage", "approve")
        expect(said(reader, "Zweite Frage")).to_have_count(1)
        expect(said(visitor, "Zweite Frage")).to_have_count(1)
        expect(own(reader, "Zweite Frage")).to_have_count(0)
        expect(own(reader, "Erste Frage")).to_have_count(1)

        decided = queue["Zweite Frage"]["id"]
        taken = {"action": "remove", "reason": "insult"}
        assert moderator.post(f"/api/v1/comments/{decided}/decisions/", json=taken).is_success
        expect(reader.locator(".toast", has_text="Ihr Kommentar wurde entfernt. Grund: Beleidigung")).to_have_count(1)
        assert moderator.patch(address, json={"switch": "auto"}).is_success


def test_the_dialog_decides_about_what_it_shows(
    at: Callable[..., Page], site: Site, visit: Callable[..., Visitor]
) -> None:
    visitor = visit(site.process.url)
    reader, moderator = at(ARTICLE, "reader"), open_as(site, visitor, ARTICLE, "moderator")
    reader.fill("#composer-text", "Harmlos")
    reader.keyboard.press("Control+Enter")
    theirs = said(moderator, "Harmlos")
    theirs.locator("> .comment-box [data-action=moderate]").click()
    dialog = moderator.locator("dialog[open]")
    remove = dialog.locator("form[data-deed=remove]")

    remove.locator("button").click()  # no reason is chosen by itself
    expect(dialog).to_be_visible()
    remove.locator("[name=reason]").select_option("insult")
    said(reader, "Harmlos").locator("> .comment-box [data-action=edit]").click()
    reader.locator(".is-editing textarea").fill("Nicht mehr so harmlos")
    reader.keyboard.press("Control+Enter")
    expect(said(moderator, "Nicht mehr so harmlos")).to_have_count(1)
    remove.locator("button").click()

    expect(dialog.locator("[data-answer]")).to_contain_text("inzwischen geändert")
    expect(dialog.locator("[data-quote]")).to_have_text("Nicht mehr so harmlos")
    (complaint,) = visitor.complaints
    assert "412" in complaint
    visitor.complaints.clear()
    remove.locator("button").click()
    expect(dialog).to_have_count(0)
    expect(reader.locator("body")).not_to_contain_text("Nicht mehr so harmlos")

    moderator.locator(".comment-box > button", has_text="Rückgängig").click()  # for a minute
    expect(said(reader, "Nicht mehr so harmlos")).to_have_count(1)
    expect(said(moderator, "Nicht mehr so harmlos")).to_have_count(1)


@pytest.fixture
def waits(site: Site) -> Iterator[int]:
    """A comment that is held below the article until the test ends."""
    with site.api("reader") as reader, site.api("moderator") as moderator:
        place = f"/api/v1/discussions/{reader.get(f'/api/v1{ARTICLE}').json()['discussion']}/"
        assert moderator.patch(place, json={"switch": "premoderated", "reason": ""}).is_success
        made = reader.post(f"{place}comments/", json={"text": "Das wartet noch."}).json()["id"]
        assert moderator.patch(place, json={"switch": "auto"}).is_success
        yield made
        approval = {"action": "approve"}
        assert moderator.post(f"/api/v1/comments/{made}/decisions/", json=approval).is_success


def test_replies_are_closed_below_a_comment_while_somebody_writes_one(
    at: Callable[..., Page], site: Site, visit: Callable[..., Visitor], waits: int
) -> None:
    with site.api("reader") as reader, site.api("editor") as editor:
        top = site.say(reader, "Hier beginnt ein Streit.")
        answer = site.say(editor, "Das ist keine Antwort.", top)
        deeper = site.say(reader, "Doch, ist es.", answer)
    visitor = visit(site.process.url)
    page, desk, phone = open_as(site, visitor, ARTICLE, "reader"), at(ARTICLE, "moderator"), at(ARTICLE, "editor")
    expect(desk.locator(f"li.is-held[data-comment='{waits}']")).to_be_visible()  # it has no buttons for readers
    phone.set_viewport_size({"width": 390, "height": 900})

    def box(shown: Page, comment: int) -> Locator:
        return shown.locator(f"#comment-{comment} > .comment-box")

    def expect_closed(is_closed: bool) -> None:
        for shown in (page, desk, phone):
            for comment in (top, answer, deeper):
                for deed in ("reply", "quote"):
                    expect(box(shown, comment).locator(f"[data-action={deed}]")).to_be_visible(visible=not is_closed)
            expect(box(shown, top).locator(".comment-locked")).to_be_visible(visible=is_closed)
            expect(box(shown, answer).locator(".comment-locked")).to_be_hidden()

    expect_closed(False)
    box(page, answer).locator("[data-action=reply]").click()
    composer = page.locator(f"#comment-{answer} textarea")
    composer.fill("Was ich noch sagen wollte")

    box(desk, top).locator("[data-action=moderate]").click()
    form = desk.locator("dialog form[data-deed=lock]")
    form.get_by_text("Antworten schließen").first.click()
    form.locator("[name=note]").fill("Es wird persönlich")
    form.locator("button").click()
    expect_closed(True)

    composer.press("Control+Enter")
    complaint = page.locator(f"#comment-{answer} .composer-error")
    expect(complaint).to_have_text("Die Moderation hat die Antworten hier geschlossen.")
    expect(composer).to_have_value("Was ich noch sagen wollte")
    (refused,) = visitor.complaints
    assert "403" in refused
    visitor.complaints.clear()
    desk.get_by_role("button", name="Rückgängig").click()
    expect_closed(False)
    composer.press("Control+Enter")
    expect(said(phone, "Was ich noch sagen wollte")).to_have_count(1)
