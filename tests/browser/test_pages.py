"""Every page of the demo opens in a real browser: no script fails, no policy is broken, nothing overflows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.browser.conftest import Visitor
from tests.support.product import Demo, demo

PAGES = ("/", "/newsticker/", "/chats/", "/accounts/login/", "/accounts/signup/", "/imprint/", "/demo/mail/")


@pytest.fixture(scope="module")
def site(filled_folder: Callable[[], Path]) -> Iterator[Demo]:
    with demo(filled_folder()) as process:
        yield process


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("path", PAGES)
def test_a_page_opens_without_complaint(site: Demo, visit: Callable[..., Visitor], path: str, width: int) -> None:
    page = visit(site.url, width=width).page

    answer = page.goto(path)
    page.wait_for_load_state("load")

    assert answer is not None
    assert answer.status == 200
    assert page.locator("main").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_an_article_opens_from_the_front_page(site: Demo, visit: Callable[..., Visitor]) -> None:
    page = visit(site.url).page
    page.goto("/")

    page.locator("main h2 a[href^='/articles/'], main h3 a[href^='/articles/']").first.click()

    page.wait_for_url("**/articles/**")
    assert page.locator("main h1").inner_text()
