"""How somebody comes in: by the page of the login once, later with the cookies that this gave."""

from __future__ import annotations

from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from playwright.sync_api import Page

from tests.support.product import Demo

_cookies: WeakKeyDictionary[Demo, dict[str, list[object]]] = WeakKeyDictionary()  # by role


def log_in(page: Page, site: Demo, role: str, then: str = "/") -> None:
    """As the demo's account of that role, where the login itself is not the matter."""
    known = _cookies.setdefault(site, {})
    if role in known:
        page.context.add_cookies(known[role])  # type: ignore[arg-type]
        page.goto(then)
        if page.locator("#logout-form, [action^='/accounts/logout/']").count():
            return
        page.context.clear_cookies()  # that session has ended
    account = site.accounts[role]
    log_in_by_page(page, account["email"], account["password"], then)
    known[role] = [each for each in page.context.cookies() if each["name"] != "messages"]


def log_in_by_page(page: Page, email: str, password: str, then: str) -> None:
    """To where `then` leads: for what is delicate the password is asked once more."""
    page.goto(f"/accounts/login/?next={then}")
    page.fill("input[name=login]", email)
    page.fill("input[name=password]", password)
    page.locator("main form button.button-primary").click()
    page.wait_for_url(lambda url: urlsplit(url).path != "/accounts/login/")
    if "/accounts/reauthenticate/" in page.url:
        page.fill("input[name=password]", password)
        page.locator("main form button.button-primary").click()
    page.wait_for_url(f"**{then}")
