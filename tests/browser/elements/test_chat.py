"""A live chat in a real browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.elements.conftest import ARTICLE, Site, expect_live

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
    row = listed.locator(".chat-row", has=listed.locator(f"a[href='{path}']"))
    expect(row).to_contain_text("Zeile 2")  # it says so at once, and moves up when it is asked to
    listed.reload()
    expect(listed.locator(".chat-row").first).to_contain_text("Zeile 2")


def test_a_chat_fills_a_phone_upright_and_across(
    at: Callable[..., Page], site: Site, editor: Callable[..., int]
) -> None:
    item = editor("POST", headline="Sturmflut am Sonntag", level="breaking")
    with site.api("reader") as reader:
        chat = reader.get("/api/v1/discussions/?mode=chat").json()["results"][0]["id"]
        for number in range(14):
            path = f"/api/v1/discussions/{chat}/comments/"
            assert reader.post(path, json={"text": f"Kurz {number}"}).status_code == 201
    page = at(f"/chats/{chat}/", "reader")
    page.reload()  # without the notice of the login
    expect_live(page)

    _fits(page)
    page.locator(".breaking-bar button").click()
    expect(page.locator(".breaking-bar")).to_be_hidden()
    _fits(page)
    editor("DELETE", item)
    page.set_viewport_size({"width": 390, "height": 844})
    lines = page.evaluate(f"""() => {{
      const box = {LOG}.getBoundingClientRect();
      const isShown = ({{ top, bottom }}) => top >= box.top && bottom <= box.bottom;
      const rows = [...document.querySelectorAll("main [data-list] > li")];
      return rows.filter((each) => isShown(each.getBoundingClientRect())).length;
    }}""")
    assert lines >= 10
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def _fits(page: Page) -> None:
    for size in ({"width": 390, "height": 844}, {"width": 844, "height": 390}):
        page.set_viewport_size(size)
        assert page.evaluate(f"{LOG}.clientHeight") > 60
        for each in (page.locator("#composer-text"), page.locator("[data-submit]")):
            expect(each).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("width", [1280, 390])
def test_one_sign_shows_the_others_and_all_are_drawings(at: Callable[..., Page], width: int) -> None:
    page = at(ARTICLE, "reader")
    page.set_viewport_size({"width": width, "height": 844})
    page.fill("#composer-text", f"Wer drückt hier bei {width}?")
    page.keyboard.press("Control+Enter")
    box = page.locator("li.comment[data-id]", has_text=f"Wer drückt hier bei {width}?").locator("[data-reactions]")
    adding, signs = box.locator("[data-add-reaction]"), box.locator("button[data-reaction]:visible")
    expect(adding).to_have_attribute("aria-expanded", "false")
    expect(signs).to_have_count(0)
    adding.focus()
    page.keyboard.press("Enter")
    expect(signs).to_have_count(6)
    expect(adding).to_have_attribute("aria-expanded", "true")
    expect(adding).to_be_focused()
    assert box.locator(".sign").all_inner_texts() == [""] * 6
    assert all(
        "signs.svg" in each.evaluate("sign => getComputedStyle(sign).maskImage") for each in box.locator(".sign").all()
    )
    box.locator('[data-reaction="heart"]').click()
    expect(signs).to_have_count(1)
    expect(signs).to_have_attribute("aria-pressed", "true")
    expect(adding).to_have_attribute("aria-expanded", "false")

    with page.expect_response("**/reactions/heart/"):
        page.keyboard.press("Enter")
    expect(signs).to_have_count(0)
    expect(adding).to_be_focused()  # it shows those that went
