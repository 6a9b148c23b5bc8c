"""A live chat in a real browser."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

LOG = "document.querySelector('[data-log]')"


def test_a_chat_sticks_to_its_end_and_counts_what_comes_while_one_reads_up(at: Callable[..., Page]) -> None:
    listed = at("/chats/")
    address = listed.locator(".chat-row", has=listed.locator("[data-field=chat]:visible")).first.locator("a")
    path = str(address.get_attribute("href"))
    reader, visitor = at(path, "reader"), at(path)
    assert visitor.evaluate(f"{LOG}.scrollTop") == 0

    visitor.evaluate(f"{LOG}.scrollTop = -600")
    visitor.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    place = visitor.evaluate("document.querySelector('[data-list]').getBoundingClientRect().top")
    for number in range(3):
        reader.fill("#composer-text", f"Zeile {number}")
        reader.keyboard.press("Enter")
        expect(reader.locator("li:not(.is-pending)", has_text=f"Zeile {number}")).to_have_count(1)

    expect(visitor.locator("[data-jump]")).to_contain_text("3")
    assert abs(visitor.evaluate("document.querySelector('[data-list]').getBoundingClientRect().top") - place) < 2
    visitor.locator("[data-jump]").click()
    expect(visitor.locator("[data-jump]")).to_be_hidden()
    assert visitor.evaluate(f"{LOG}.scrollTop") == reader.evaluate(f"{LOG}.scrollTop") == 0
    expect(listed.locator(".chat-row").first).to_contain_text("Zeile 2")
