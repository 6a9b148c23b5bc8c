"""What a moderator decides in the page, and what its author sees of that without a reload."""

from __future__ import annotations

from collections.abc import Callable

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
