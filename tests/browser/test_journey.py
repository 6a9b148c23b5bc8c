"""Two people, two browsers, real mail: what the whole product is for, from signing up to a line that breaks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visitor
from tests.browser.entering import log_in_by_page
from tests.support.product import Demo, demo
from tests.support.proxy import Line, line
from tests.support.services import free_port
from tests.support.smtp import Sink, links, smtp_sink

PASSWORD = "Ein-langer-Weg-42"
WAIT = 15_000  # milliseconds


@dataclass
class Site:
    """The demo behind a line that can be cut; `direct` goes around it."""

    url: str
    direct: httpx.Client
    process: Demo
    line: Line
    sink: Sink

    def as_role(self, role: str) -> httpx.Client:
        account = self.process.accounts[role]
        login = {"email": account["email"], "password": account["password"]}
        answer = self.direct.post("/_allauth/app/v1/auth/login", json=login)
        token = answer.raise_for_status().json()["meta"]["session_token"]
        return httpx.Client(base_url=self.direct.base_url, headers={"X-Session-Token": token})


@pytest.fixture(scope="module")
def site(filled_folder: Callable[[], Path]) -> Iterator[Site]:
    port = free_port()
    with smtp_sink() as sink, line(port) as wire:
        url = f"http://127.0.0.1:{wire.port}"
        with (
            demo(filled_folder(), "--port", str(port), SITE_URL=url, EMAIL_URL=sink.url) as process,
            httpx.Client(base_url=f"http://127.0.0.1:{port}") as direct,
        ):
            yield Site(url, direct, process, wire, sink)


def test_a_reader_signs_up_and_comments_and_a_visitor_sees_it_live(site: Site, visit: Callable[..., Visitor]) -> None:
    visitor, reader = visit(site.url).page, visit(site.url).page
    slug = site.direct.get("/api/v1/articles/").json()["results"][0]["slug"]
    visitor.goto(f"/articles/{slug}/")
    _expect_live(visitor)
    visitor.evaluate("window.unbroken = true")
    invitation = "Um an der Diskussion teilzunehmen, loggen Sie sich ein oder registrieren Sie sich"
    expect(visitor.locator("[data-take-part]")).to_contain_text(invitation)

    reader.goto(f"/articles/{slug}/")
    reader.locator("[data-take-part] a[href*='signup']").click()
    _sign_up(reader, "Greta Neu", "greta@example.net")
    _confirm(site, reader, site.sink.mail_to("greta@example.net"))
    _log_out(reader)
    log_in_by_page(reader, "greta@example.net", PASSWORD, f"/articles/{slug}/")
    reader.locator("#composer-text").fill("Endlich **fährt** sie wieder!")
    reader.locator("[data-submit]").click()

    for page in (reader, visitor):
        line_of_hers = page.locator("li.comment", has_text="Endlich fährt sie wieder!")
        expect(line_of_hers).to_have_count(1, timeout=WAIT)
        expect(line_of_hers.locator("[data-field=author]").first).to_have_text("Greta Neu")
        expect(line_of_hers.locator("strong")).to_have_text("fährt")
    assert visitor.evaluate("window.unbroken") is True


def test_a_tab_that_waits_goes_on_by_itself_when_the_address_is_confirmed_on_a_phone(
    site: Site, visit: Callable[..., Visitor]
) -> None:
    tab, phone = visit(site.url).page, visit(site.url, width=390).page
    slug = site.direct.get("/api/v1/articles/").json()["results"][0]["slug"]
    tab.goto(f"/articles/{slug}/")
    tab.locator("[data-take-part] a[href*='signup']").click()
    _sign_up(tab, "Hanna Neu", "hanna@example.net")

    (link,) = [each for each in links(site.sink.mail_to("hanna@example.net")) if "confirm-email" in each]
    phone.goto(link)
    phone.locator("main form button.button-primary").click()
    expect(phone.locator(".messages")).to_contain_text("hanna@example.net")

    tab.wait_for_url(f"**/articles/{slug}/#discussion", timeout=WAIT)
    expect(tab.locator("#composer-text")).to_be_visible()
    expect(tab.locator(".messages")).to_be_in_viewport()
    tab.locator(".messages [data-close]").click()
    expect(tab.locator(".messages .notice")).to_have_count(0)
    log_in_by_page(phone, "hanna@example.net", PASSWORD, f"/articles/{slug}/")
    expect(phone.locator(".messages")).to_be_in_viewport()

    menu = tab.locator("details.menu")
    menu.locator("summary").click()
    tab.keyboard.press("Tab")
    tab.keyboard.press("Escape")
    expect(menu).not_to_have_attribute("open", "")
    expect(menu.locator("summary")).to_be_focused()


def test_an_item_is_seen_by_both_and_a_cut_line_loses_and_doubles_nothing(
    site: Site, visit: Callable[..., Visitor]
) -> None:
    account = site.process.accounts["reader"]
    reader, visitor = visit(site.url).page, visit(site.url).page
    log_in_by_page(reader, account["email"], account["password"], "/newsticker/")
    visitor.goto("/newsticker/")
    pages = (reader, visitor)
    for page in pages:
        _expect_live(page)
        page.evaluate("window.unbroken = true")

    with site.as_role("editor") as editor:
        _publish(editor, "Vor dem Schnitt")
        for page in pages:
            _bring(page, "1 neue Meldung")
            expect(_item(page, "Vor dem Schnitt")).to_have_count(1, timeout=WAIT)
        before = [_ids(page) for page in pages]

        site.line.cut()
        for page in pages:
            expect(page.locator("newsroom-live-badge").first).not_to_have_attribute("state", "live", timeout=WAIT)
        for number in range(1, 4):
            _publish(editor, f"Während des Schnitts {number}")
        site.line.mend()
        for page in pages:
            _expect_live(page)
            _bring(page, "3 neue Meldungen")
            expect(_item(page, "Während des Schnitts")).to_have_count(3, timeout=WAIT)
        _publish(editor, "Nach dem Schnitt")

    for page, shown in zip(pages, before, strict=True):
        _bring(page, "1 neue Meldung")
        expect(_item(page, "Nach dem Schnitt")).to_have_count(1, timeout=WAIT)
        ids = _ids(page)
        assert len(ids) == len(set(ids))
        assert ids[4:] == shown[: len(ids) - 4]
        newest = ["Nach dem Schnitt", *(f"Während des Schnitts {number}" for number in (3, 2, 1)), "Vor dem Schnitt"]
        for place, headline in enumerate(newest):
            expect(_items(page).nth(place)).to_contain_text(headline)
        assert page.evaluate("window.unbroken") is True


def _bring(page: Page, words: str) -> None:
    """What has come waits behind a button."""
    button = page.locator("main newsroom-ticker .pill button")
    expect(button).to_have_text(words, timeout=WAIT)
    button.click()


def _sign_up(page: Page, name: str, email: str) -> None:
    page.fill("input[name=name]", name)
    page.fill("input[name=email]", email)
    page.fill("input[name=password1]", PASSWORD)
    page.check("input[name=consent]")
    page.locator("main form button.button-primary").click()
    page.wait_for_url("**/accounts/confirm-email/**")
    expect(page.locator("main")).to_contain_text("Registrierung erfolgreich abgeschlossen!")
    sent = f"Klicken Sie bitte den Link aus der E-Mail, die an {email} geschickt wurde"
    expect(page.locator("main")).to_contain_text(sent)


def _confirm(site: Site, page: Page, mail: EmailMessage) -> None:
    """The link alone changes nothing; its page's button confirms."""
    (link,) = [each for each in links(mail) if "confirm-email" in each]
    assert link.startswith(site.url)
    page.goto(link)
    expect(page.locator(".masthead-account details")).to_have_count(0)
    page.locator("main form button.button-primary").click()
    expect(page.locator(".masthead-account details")).to_have_count(1)


def _log_out(page: Page) -> None:
    page.locator(".masthead-account summary").click()
    page.locator(".masthead-account form button").click()
    expect(page.locator(".masthead-account details")).to_have_count(0)


def _publish(editor: httpx.Client, headline: str) -> None:
    answer = editor.post("/api/v1/tickers/newsticker/items/", json={"headline": headline, "text": "Mehr in Kürze."})
    assert answer.status_code == 201, answer.text


def _expect_live(page: Page) -> None:
    expect(page.locator("newsroom-live-badge").first).to_have_attribute("state", "live", timeout=2 * WAIT)


def _items(page: Page):  # type: ignore[no-untyped-def]
    return page.locator("main newsroom-ticker [data-list] > *")


def _item(page: Page, headline: str):  # type: ignore[no-untyped-def]
    return _items(page).filter(has_text=headline)


def _ids(page: Page) -> list[str]:
    return [str(each) for each in _items(page).evaluate_all("all => all.map(each => each.dataset.id)")]
