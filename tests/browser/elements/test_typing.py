"""Keys and lost answers where people write and react."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.browser.elements.conftest import ARTICLE, Site, said

# What browsers tell of a key that an input method takes; Safari has ended the composition by then.
COMPOSING = [{"isComposing": True}, {"isComposing": False, "keyCode": 229}]
PRESS = """(text, event) => text.dispatchEvent(
  new KeyboardEvent("keydown", { bubbles: true, cancelable: true, ...event })
)"""


def ignores(text: Locator, *keys: str, **more: bool) -> None:
    """The element leaves these keys to the input method, in every order of events."""
    for key in keys:
        for how in COMPOSING:
            is_left_alone = text.evaluate(PRESS, {"key": key, **how, **more})
            assert is_left_alone, (key, how)


def test_a_key_that_confirms_a_word_neither_sends_nor_takes_nor_closes(at: Callable[..., Page], site: Site) -> None:
    page = at(ARTICLE, "reader")
    page.fill("#composer-text", "かんじ")
    ignores(page.locator("#composer-text"), "Enter", ctrlKey=True)
    page.keyboard.press("Control+Enter")
    mine = said(page, "かんじ")
    expect(mine).to_have_count(1)

    mine.locator("> .comment-box [data-action=reply]").click()
    answer = page.locator("[data-reply-form] textarea")
    answer.press_sequentially("@")
    options = page.locator("[data-reply-form] .mentions:not([hidden]) li")
    options.first.wait_for()
    ignores(answer, "Enter", "Tab", "Escape", "ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(options).to_have_count(0)
    ignores(answer, "Escape")
    expect(answer).to_be_visible()
    page.keyboard.press("Escape")
    expect(answer).to_have_count(0)

    mine.locator("> .comment-box [data-action=edit]").click()
    text = mine.locator(".is-editing textarea")
    text.fill("漢字")
    ignores(text, "Escape")
    ignores(text, "Enter", ctrlKey=True)
    expect(text).to_have_value("漢字")
    page.keyboard.press("Control+Enter")
    expect(text).to_have_count(0)
    expect(said(page, "漢字")).to_have_count(1)

    with site.api("reader") as reader:
        chat = reader.get("/api/v1/discussions/?mode=chat").json()["results"][0]["id"]
    page.goto(f"/chats/{chat}/")
    page.fill("#composer-text", "にほんご")
    ignores(page.locator("#composer-text"), "Enter")
    expect(page.locator("#composer-text")).to_have_value("にほんご")
    page.keyboard.press("Enter")
    expect(said(page, "にほんご")).to_have_count(1)


def test_a_reaction_that_is_lost_says_so_and_not_that_a_text_is_kept(at: Callable[..., Page], site: Site) -> None:
    with site.api("reader") as reader:
        number = site.say(reader, "Wem gefällt das?")
    page = at(ARTICLE, "reader")
    mine = page.locator(f'li.comment[data-id="{number}"]')
    like = mine.locator('> .comment-box button[data-reaction="like"]')
    mine.locator("> .comment-box [data-add-reaction]").click()
    is_pressed = like.get_attribute("aria-pressed")
    page.route("**/reactions/like/", lambda route: route.abort())

    like.click()

    problem = mine.locator("> .comment-box > .composer-error")
    expect(problem).to_contain_text("Reaktion")
    expect(problem).not_to_contain_text("Text")
    expect(like).to_have_attribute("aria-pressed", is_pressed or "")
    page.unroute("**/reactions/like/")
    like.click()
    expect(like).not_to_have_attribute("aria-pressed", is_pressed or "")
    expect(problem).to_have_count(0)
