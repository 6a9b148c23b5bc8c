"""A key of Chromium's own making: added, used to log in, and what is said where it cannot work."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visitor
from tests.browser.entering import log_in_by_page
from tests.support.product import Demo, demo
from tests.support.services import free_port


@pytest.fixture(scope="module")
def site(filled_folder: Callable[[], Path]) -> Iterator[tuple[Demo, int]]:
    port = free_port()
    with demo(filled_folder(), "--port", str(port)) as process:
        yield process, port


def _with_authenticator(visitor: Visitor) -> Page:
    chromium = visitor.context.new_cdp_session(visitor.page)
    chromium.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "automaticPresenceSimulation": True}
    options |= {"hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True}
    chromium.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return visitor.page


def _add(page: Page, name: str) -> None:
    page.fill("input[name=name]", name)
    page.check("input[name=passwordless]")
    page.locator("#mfa_webauthn_add").click()


def test_a_passkey_is_added_and_logs_in(site: tuple[Demo, int], visit: Callable[..., Visitor]) -> None:
    process, _ = site
    account = process.accounts["reader"]
    visitor = visit(process.url)  # as it is printed
    page = _with_authenticator(visitor)
    log_in_by_page(page, account["email"], account["password"], "/accounts/2fa/webauthn/add/")
    _add(page, "Mein Telefon")
    expect(page.locator("main")).to_contain_text("Wiederherstellungs-Codes")
    page.goto("/accounts/2fa/webauthn/")
    expect(page.locator("main .rows")).to_contain_text("Mein Telefon")

    visitor.context.clear_cookies()
    page.goto("/accounts/login/?next=/accounts/profile/")
    page.locator("#passkey_login").click()

    page.wait_for_url(re.compile(r"^[^?]+/accounts/profile/$"))
    expect(page.locator("main")).to_contain_text(account["email"])


def test_where_passkeys_cannot_work_the_page_says_so(site: tuple[Demo, int], visit: Callable[..., Visitor]) -> None:
    process, port = site
    account = process.accounts["moderator"]
    page = _with_authenticator(visit(f"http://127.0.0.1:{port}", width=390))
    log_in_by_page(page, account["email"], account["password"], "/accounts/2fa/webauthn/add/")

    _add(page, "Nirgends")

    said = page.get_by_role("alert").locator("p:visible")
    expect(said).to_have_text("Unter dieser Adresse der Website funktionieren Passkeys nicht.")
