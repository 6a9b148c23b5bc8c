"""The elements in a real browser: what is read, written and taken down while others look on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visitor
from tests.support.product import Demo, demo, environment, manage

ARTICLE = "/articles/lotsenbruecke-hebt-wieder/"
LOG = "document.querySelector('[data-log]')"


@dataclass
class Site:
    process: Demo
    folder: Path

    def api(self, role: str) -> httpx.Client:
        account = self.process.accounts[role]
        login = {"email": account["email"], "password": account["password"]}
        answer = httpx.post(f"{self.process.url}/_allauth/app/v1/auth/login", json=login, timeout=30)
        token = answer.raise_for_status().json()["meta"]["session_token"]
        return httpx.Client(base_url=self.process.url, headers={"X-Session-Token": token}, timeout=30)


@pytest.fixture(scope="module")
def site(filled_folder: Callable[[], Path]) -> Iterator[Site]:
    folder = filled_folder()
    with demo(folder, LIMIT_COMMENTS="1000/m", LIMIT_LOGINS="1000/m") as process:
        yield Site(process, folder)


@pytest.fixture
def at(site: Site, visit: Callable[..., Visitor]) -> Callable[..., Page]:
    """`at(path, role=None)` is a page with a live connection, of a stranger or of one who is logged in."""

    def open_page(path: str, role: str | None = None) -> Page:
        return _open(site, visit(site.process.url), path, role)

    return open_page


@pytest.fixture
def editor(site: Site) -> Iterator[Callable[..., int]]:
    """`editor("PATCH", 5, pinned=True)` changes item 5; `editor("POST", headline=…)` makes one and gives its id."""
    with site.api("editor") as client:

        def ask(method: str, item: int = 0, **fields: object) -> int:
            path = f"/api/v1/ticker-items/{item}/" if item else "/api/v1/tickers/newsticker/items/"
            answer = client.request(method, path, json=fields or None)
            assert answer.is_success, answer.text
            return int(answer.json()["id"]) if answer.content else item

        yield ask


def test_people_reply_edit_and_withdraw_in_place(at: Callable[..., Page]) -> None:
    reader, visitor = at(ARTICLE, "reader"), at(ARTICLE)

    reader.fill("#composer-text", "Steht die Klappe **offen**?")
    reader.keyboard.press("Control+Enter")
    expect(_said(visitor, "Steht die Klappe offen?")).to_have_count(1)
    expect(reader.locator("#composer-text")).to_have_value("")

    said = _said(reader, "Steht die Klappe offen?")
    said.locator("[data-action=reply]").click()
    reader.locator("[data-reply-form] textarea").fill("Ja, sie steht.")
    reader.locator("[data-reply-form] [data-submit]").click()
    expect(visitor.locator(".replies li", has_text="Ja, sie steht.")).to_have_count(1)
    expect(reader.locator(".replies li", has_text="Ja, sie steht.")).to_have_count(1)

    said.locator("> .comment-box [data-action=edit]").click()
    said.locator(".is-editing textarea").fill("Steht sie noch offen?")
    reader.keyboard.press("Control+Enter")
    expect(_said(visitor, "Steht sie noch offen?").locator("[data-field=edited]").first).to_be_visible()

    reader.once("dialog", lambda dialog: dialog.accept())
    _said(reader, "Steht sie noch offen?").locator("> .comment-box [data-action=withdraw]").click()
    for page in (reader, visitor):
        expect(page.locator("body")).not_to_contain_text("Steht sie noch offen?")
        expect(page.locator(".replies li", has_text="Ja, sie steht.")).to_have_count(1)


def test_a_moderator_removes_and_restores_while_others_look_on(at: Callable[..., Page]) -> None:
    moderator, visitor = at(ARTICLE, "moderator"), at(ARTICLE)
    comment = visitor.locator("[data-list] > li", has_text="Ohrstöpsel")
    words = comment.locator("> .comment-box [data-field=html]").inner_text()

    for deed in ("remove", "restore"):
        moderator.locator("[data-list] > li", has_text="Ohrstöpsel").locator(
            "> .comment-box [data-action=moderate]"
        ).click()
        moderator.locator(f"dialog[open] button[value={deed}]").click()
        expect(moderator.locator("dialog[open]")).to_have_count(0)
        box = comment.locator("> .comment-box")
        expect(box.locator("[data-field=gone]")).to_be_visible(visible=deed == "remove")
        expect(box.locator("[data-field=html]")).to_have_text("" if deed == "remove" else words)


def test_what_is_too_long_or_empty_is_said_before_it_is_sent(at: Callable[..., Page]) -> None:
    page = at(ARTICLE, "reader")

    page.fill("#composer-text", "x" * 5003)
    expect(page.locator("[data-count]")).to_contain_text("3 ")
    expect(page.locator("[data-submit]")).to_be_disabled()
    page.fill("#composer-text", " ")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#composer-error")).to_be_visible()


def test_a_draft_outlives_a_reload_and_a_new_epoch(site: Site, at: Callable[..., Page]) -> None:
    page = at(ARTICLE, "reader")
    page.fill("#composer-text", "Ein halber Satz")
    page.reload()
    _expect_live(page)
    expect(page.locator("#composer-text")).to_have_value("Ein halber Satz")
    epoch = page.locator("newsroom-discussion").get_attribute("epoch")
    shown = page.locator("[data-list] > li").count()

    env = environment(NEWSROOM_DATA=str(site.folder), SECRET_KEY="any", NEWSROOM_DEMO="1")
    renewed = manage("renew_epoch", env=env)

    assert renewed.returncode == 0, renewed.stderr
    expect(page.locator("newsroom-discussion")).not_to_have_attribute("epoch", epoch or "")
    expect(page.locator("[data-list] > li")).to_have_count(shown)
    expect(page.locator("#composer-text")).to_have_value("Ein halber Satz")
    page.fill("#composer-text", "Nun ein ganzer")
    page.keyboard.press("Control+Enter")
    expect(_said(page, "Nun ein ganzer")).to_have_count(1)


def test_more_replies_come_in_place(at: Callable[..., Page]) -> None:
    page = at(ARTICLE)
    short = page.locator("[data-list] > li", has=page.locator("[data-more]:visible")).first
    thread = page.locator(f"#{short.get_attribute('id')}")
    before = thread.locator(".replies > li").count()

    thread.locator("[data-more]").click()

    expect(thread.locator("[data-more]")).to_be_hidden()
    ids = thread.locator(".replies > li").evaluate_all("all => all.map(each => Number(each.dataset.order))")
    assert len(ids) > before
    assert ids == sorted(set(ids))


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


def test_a_ticker_counts_what_was_not_on_screen(at: Callable[..., Page], editor: Callable[..., int]) -> None:
    page = at("/newsticker/")
    title = page.title()
    expect(page.locator(".live-count")).to_have_text("0")

    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    editor("POST", headline="Ungesehen")
    expect(page.locator(".live-count")).to_have_text("1")
    expect(page).to_have_title(f"(1) {title}")

    page.evaluate("window.scrollTo(0, 0)")
    expect(page.locator(".live-count")).to_have_text("0")
    expect(page).to_have_title(title)


def test_an_item_is_corrected_pinned_opened_and_retracted_live(
    at: Callable[..., Page], editor: Callable[..., int]
) -> None:
    page, panel = at("/newsticker/"), at("/")
    rows = panel.locator("newsroom-ticker [data-list] > li").count()
    item = editor("POST", headline="Zug verspätet", text="Um **zehn** Minuten.")
    expect(panel.locator(f"#item-{item}")).to_have_count(1)
    expect(panel.locator("newsroom-ticker [data-list] > li")).to_have_count(rows)

    editor("PATCH", item, headline="Zug pünktlich", correction="Die Bahn hat sich geirrt.")
    expect(page.locator(f"#item-{item} summary")).to_contain_text("Zug pünktlich")
    page.locator(f"#item-{item} summary").focus()
    page.keyboard.press("Enter")
    expect(page.locator(f"#item-{item} strong").first).to_be_visible()
    expect(page.locator(f"#item-{item}")).to_contain_text("Die Bahn hat sich geirrt.")

    editor("PATCH", item, pinned=True)
    expect(page.locator(f"#pinned-{item}")).to_be_visible()
    editor("PATCH", item, pinned=False)
    expect(page.locator(f"#pinned-{item}")).to_have_count(0)

    editor("DELETE", item)
    for each in (page, panel):
        expect(each.locator(f"#item-{item}")).to_have_count(0)
        expect(each.locator("body")).not_to_contain_text("Zug pünktlich")


def test_who_follows_hears_of_news_on_any_page(at: Callable[..., Page], editor: Callable[..., int]) -> None:
    page = at("/newsticker/", "journalist")
    page.locator(".follow").click()
    expect(page.locator(".follow")).to_have_attribute("aria-pressed", "true")
    page.goto("/chats/")
    _expect_live(page)

    editor("POST", headline="Nachricht für Leser")

    expect(page.locator(".toast a")).to_have_text("Nachricht für Leser")
    expect(page.locator(".toast a")).to_have_attribute("href", "/newsticker/")
    page.locator(".toast button").click()
    expect(page.locator(".toast")).to_have_count(0)


def test_who_is_barred_hears_it_at_once_and_is_refused(site: Site, visit: Callable[..., Visitor]) -> None:
    visitor = visit(site.process.url)
    reader = _open(site, visitor, ARTICLE, "reader")
    with site.api("moderator") as moderator:
        me = int(reader.locator("newsroom-discussion").get_attribute("me") or 0)
        wish = {"scope": "comment", "until": None, "reason": "spam"}
        sanction = moderator.post(f"/api/v1/users/{me}/sanctions/", json=wish)
        assert sanction.is_success, sanction.text
        expect(reader.locator(".toast")).to_have_count(1)

        reader.fill("#composer-text", "Darf ich noch?")
        reader.keyboard.press("Control+Enter")
        expect(reader.locator("#composer-error")).to_be_visible()
        expect(reader.locator("#composer-text")).to_have_value("Darf ich noch?")
        expect(_said(reader, "Darf ich noch?")).to_have_count(0)

        (complaint,) = visitor.complaints
        assert "403" in complaint
        visitor.complaints.clear()

        assert moderator.delete(f"/api/v1/sanctions/{sanction.json()['id']}/").is_success
        expect(reader.locator(".toast")).to_have_count(2)
        reader.keyboard.press("Control+Enter")
        expect(_said(reader, "Darf ich noch?")).to_have_count(1)


def test_a_ticker_loads_on_and_remembers_its_order(at: Callable[..., Page], editor: Callable[..., int]) -> None:
    for number in range(20):
        editor("POST", headline=f"Füllung {number}")
    page = at("/newsticker/")

    page.wait_for_function(
        "() => { scrollBy(0, 2000); return document.querySelector('[data-next]').hidden; }", polling=200
    )
    numbers = page.locator("[data-list] > li").evaluate_all("all => all.map(each => Number(each.dataset.order))")
    assert len(numbers) > 30
    assert numbers == sorted(set(numbers), reverse=True)

    page.locator("[data-sort=oldest]").click()
    page.wait_for_url("**/newsticker/?sort=oldest")
    page.goto("/newsticker/")
    page.wait_for_url("**/newsticker/?sort=oldest")
    assert page.locator("[data-list] > li").first.get_attribute("data-order") == "1"


def _open(site: Site, visitor: Visitor, path: str, role: str | None) -> Page:
    """The page at `path` with a live connection, logged in as `role` if one is given."""
    page = visitor.page
    if role:
        page.goto(f"/accounts/login/?next={path}")
        page.fill("input[name=login]", site.process.accounts[role]["email"])
        page.fill("input[name=password]", site.process.accounts[role]["password"])
        page.locator("main form button.button-primary").click()
        page.wait_for_url(f"**{path}")
    else:
        page.goto(path)
    _expect_live(page)
    return page


def _said(page: Page, words: str) -> Locator:
    return page.locator("[data-list] > li:not(.is-pending)", has_text=words)


def _expect_live(page: Page) -> None:
    expect(page.locator("newsroom-live-badge").first).to_have_attribute("state", "live", timeout=30_000)
