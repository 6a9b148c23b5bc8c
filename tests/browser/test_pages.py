"""Every page of the demo opens in a real browser: no script fails, no policy is broken, nothing overflows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visitor
from tests.browser.entering import log_in
from tests.support.product import Demo, demo

PAGES = (
    "/",
    "/articles/lichterfest-am-hafen/",
    "/sections/kultur/",
    "/newsticker/",
    "/newsticker/lichterfest/",
    "/chats/",
    "/search/",
    "/accounts/login/",
    "/accounts/signup/",
    "/imprint/",
    "/demo/mail/",
)
# What the script made of times: the moment in full stands in their titles.
TIMES = "[...document.querySelectorAll('time[title]')].map((each) => each.title)"
FORMS = ("/admin/", "/admin/articles/article/add/", "/admin/articles/article/", "/admin/articles/tickeritem/add/")


@pytest.fixture(scope="module")
def site(filled_folder: Callable[[], Path]) -> Iterator[Demo]:
    with demo(filled_folder(), LIMIT_COMMENTS="1000/m") as process:
        yield process


@pytest.mark.parametrize("width", [1280, 390])
def test_every_page_opens_without_complaint(site: Demo, visit: Callable[..., Visitor], width: int) -> None:
    visitor = visit(site.url, width=width)
    page = visitor.page

    for path in PAGES:
        answer = page.goto(path)
        page.wait_for_load_state("load")

        assert answer is not None, path
        assert answer.status == 200, path
        assert page.locator("main").is_visible(), path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert [each for each in page.evaluate(TIMES) if not any(letter.isdigit() for letter in each)] == [], path
        assert visitor.complaints == [], path


@pytest.mark.parametrize("width", [1280, 390])
def test_the_head_of_every_page_has_a_search_field_that_leads_to_what_was_found(
    site: Demo, visit: Callable[..., Visitor], width: int
) -> None:
    page = visit(site.url, width=width).page
    field = page.get_by_role("banner").get_by_role("searchbox", name="Artikel und Diskussionen durchsuchen")
    for path in ("/", "/articles/lichterfest-am-hafen/", "/chats/1/", "/search/", "/accounts/signup/", "/imprint/"):
        page.goto(path)
        for each in (field, page.get_by_role("banner").get_by_role("button", name="Suchen")):
            box = each.bounding_box()
            assert box is not None, path
            assert box["height"] >= 44 <= box["width"], path
            assert box["x"] >= 0 <= width - box["x"] - box["width"], path

    field.fill("LICHTERFEST tausend")
    field.press("Enter")

    found = page.get_by_role("main").get_by_role("link", name="Tausend Laternen für eine Nacht")
    expect(found.first).to_be_visible()
    expect(page.get_by_role("searchbox", name="Wörter")).to_have_value("LICHTERFEST tausend")


def test_no_word_of_the_name_is_broken_on_a_phone(site: Demo, visit: Callable[..., Visitor]) -> None:
    page = visit(site.url, width=390).page
    page.goto("/")

    lines = page.locator(".masthead-name").evaluate(
        """name => name.textContent.split(" ").map((word) => {
          const range = document.createRange(), at = name.textContent.indexOf(word);
          range.setStart(name.firstChild, at);
          range.setEnd(name.firstChild, at + word.length);
          return range.getClientRects().length;
        })"""
    )

    assert set(lines) == {1}


def test_an_editor_works_on_a_phone(site: Demo, visit: Callable[..., Visitor]) -> None:
    page = visit(site.url, width=390).page
    log_in(page, site, "editor")
    page.goto("/admin/articles/article/")
    article = page.locator("#result_list a[href*='/change/']").first.get_attribute("href")

    for path in (*FORMS, article):
        page.goto(path)
        page.wait_for_load_state("load")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path


def test_an_article_written_and_published_in_the_admin_is_announced_on_the_front_page(
    site: Demo, visit: Callable[..., Visitor]
) -> None:
    visitor, editor = visit(site.url).page, visit(site.url).page
    visitor.goto("/")
    expect(visitor.locator("newsroom-live-badge").first).to_have_attribute("state", "live")
    log_in(editor, site, "editor")
    editor.goto("/admin/articles/article/add/")
    editor.fill("[name=headline]", "Frisch aus der Redaktion")
    editor.fill("[name=body]", "Erster Satz.\n\n## Zwischentitel\n\nZweiter Satz.")
    editor.select_option("[name=section]", index=1)

    editor.on("dialog", lambda dialog: dialog.accept())
    editor.locator("[name=_publish]").click()
    editor.wait_for_url("**/admin/articles/article/")

    expect(visitor.locator(".news-more a")).to_be_in_viewport()
    visitor.locator(".news-more a").click()
    expect(visitor.locator(".front-lead h2")).to_have_text("Frisch aus der Redaktion")


def test_an_article_opens_from_the_front_page(site: Demo, visit: Callable[..., Visitor]) -> None:
    page = visit(site.url).page
    page.goto("/")

    page.locator("main h2 a[href^='/articles/'], main h3 a[href^='/articles/']").first.click()

    page.wait_for_url("**/articles/**")
    assert page.locator("main h1").inner_text()


WIDE = [  # what has no place to break, or is wider than it looks
    "x" * 300,
    "\u0600" * 200,
    "\ufdfd" * 30,
    "\U00012031" * 30,
    "\u1112\u1161\u11ab" * 100,
    "a\u00a0" * 120,
    "\u0915" + "\u0903" * 200,
    "\u200d".join("\U0001f468" * 60),
    "W\u2060" * 120,
]


def test_any_text_stays_in_its_box_on_the_narrowest_phone(site: Demo, visit: Callable[..., Visitor]) -> None:
    """Said in a comment, a chat line, an item, an article, and as a name; looked at on every page that shows it."""
    reader, editor = visit(site.url, width=320).page, visit(site.url, width=320).page
    log_in(reader, site, "reader")
    log_in(editor, site, "editor")
    _ask(reader, "patch", "/api/v1/me/", {"name": "W" * 30})
    chat = reader.request.get("/api/v1/discussions/?mode=chat").json()["results"][0]["id"]
    for number, text in enumerate(WIDE):
        _ask(
            editor,
            "post",
            "/api/v1/tickers/newsticker/items/",
            {"headline": f"{number}{text}"[:140], "text": f"{number}{text}"},
        )
        _ask(reader, "post", f"/api/v1/discussions/{chat}/comments/", {"text": f"{number}{text}"[:200]})
    editor.on("dialog", lambda dialog: dialog.accept())
    editor.goto("/admin/articles/article/add/")
    for field in ("kicker", "headline"):
        editor.fill(f"#id_{field}", WIDE[0][:60])
    for field in ("lead", "body"):
        editor.fill(f"#id_{field}", "\n\n".join(WIDE)[:900])
    editor.select_option("#id_section", label="Kultur")
    editor.locator("[name=_publish]:visible").click()
    expect(editor.locator("#result_list")).to_be_visible()
    article = editor.request.get("/api/v1/articles/").json()["results"][0]
    assert article["headline"] == WIDE[0][:60]
    for number, text in enumerate(WIDE):
        _ask(editor, "post", f"/api/v1/discussions/{article['discussion']}/comments/", {"text": f"{number}{text}"})

    pages = ("/", "/sections/kultur/", article["url"], "/newsticker/", "/chats/", f"/chats/{chat}/")
    for path in (*pages, f"/search/?q={'x' * 60}", "/accounts/profile/"):
        reader.goto(path)
        reader.wait_for_load_state("load")
        for heading in reader.locator(
            "newsroom-ticker h3 button:visible, [data-item] button[aria-expanded=false]"
        ).all():
            heading.click()
        assert reader.evaluate("document.documentElement.scrollWidth") <= 320, path
        assert reader.evaluate(BEYOND) == [], path
    for path in ("/admin/articles/article/", "/admin/comments/comment/"):
        editor.goto(path)
        assert editor.evaluate("document.documentElement.scrollWidth") <= 320, path


def test_the_foot_of_a_phones_page_stands_below_the_discussion_of_a_foreign_page(
    site: Demo, visit: Callable[..., Visitor]
) -> None:
    editor, page = visit(site.url).page, visit(site.url, width=360).page
    log_in(editor, site, "editor")
    address = "/api/v1/discussions/by-url/?url=https://example.org/2012/fähre"
    found = _ask(editor, "put", address, {"title": "Die Fähre"})
    for number in range(8):
        _ask(editor, "post", f"/api/v1/discussions/{found['id']}/comments/", {"text": f"Fahrt {number}"})

    page.goto(f"/chats/{found['id']}/")

    expect(page.get_by_text("Fahrt 0")).to_be_attached()
    above, foot = page.locator("#discussion").bounding_box(), page.locator(".footer").bounding_box()
    assert above
    assert foot
    assert above["height"] > page.viewport_size["height"] / 2  # type: ignore[index]
    assert foot["y"] >= above["y"] + above["height"]


BEYOND = """() => {
  const isWithin = (each) => each.getBoundingClientRect().right <= innerWidth + 1;
  const clips = (each) => ["clip", "hidden"].includes(getComputedStyle(each).overflowX) && isWithin(each);
  const isCut = (each) => each.tagName !== "MAIN" && (clips(each) || isCut(each.parentElement));
  return [...document.querySelectorAll("main p, main h1, main h2, main h3, main li")]
    .filter((each) => each.checkVisibility() && !each.closest("nav") && !isWithin(each) && !isCut(each))
    .map((each) => `${each.className} ${each.getBoundingClientRect().right} ${each.innerText.slice(0, 20)}`);
}"""


def _ask(page: Page, method: str, path: str, data: dict[str, object]) -> Any:
    page.goto("/accounts/profile/")
    token = page.evaluate("document.cookie.match(/csrftoken=([^;]+)/)[1]")
    answer = getattr(page.request, method)(path, data=data, headers={"X-CSRFToken": token, "Referer": page.url})
    assert answer.ok, answer.text()
    return answer.json()
