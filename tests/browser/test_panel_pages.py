"""Every page of the moderators' panel with something on it: rules of accessibility, 400 % of zoom, forced colours."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from comments.panel.urls import urlpatterns
from tests.browser.conftest import Visitor
from tests.browser.entering import log_in
from tests.browser.looks import zoomed
from tests.support.axe import violations
from tests.support.panel import worked
from tests.support.product import Demo, demo

NARROW = 390
PARTS = {"moderation-context-page", "moderation-held-page"}  # of other pages


@pytest.fixture(scope="module")
def site(filled_folder: Callable[[], object]) -> Iterator[Demo]:
    with demo(filled_folder(), LIMIT_COMMENTS="1000/m", LIMIT_REPORTS="1000/m") as process:  # type: ignore[arg-type]
        yield process


@pytest.fixture(scope="module")
def pages(site: Demo) -> dict[str, str]:
    return worked(site)


@pytest.mark.timeout(600)
def test_every_page_of_the_panel_can_be_read_by_everybody(
    site: Demo, pages: dict[str, str], visit: Callable[..., Visitor], some: Callable[..., list[tuple[str, str]]]
) -> None:
    page = visit(site.url, width=NARROW).page
    log_in(page, site, "moderator", "/moderation/")
    found: list[str] = []
    for name, path in some(list(pages.items())):
        page.set_viewport_size({"width": NARROW, "height": 900})
        answer = page.goto(path)
        assert answer is not None, name
        assert answer.status == 200, name
        found += [f"{name}: {line}" for line in violations(page)]
        found += [f"{name}: {line}" for line in zoomed(page)]

    assert "\n".join(found) == ""
    assert {each.name for each in urlpatterns} - set(pages) == PARTS


def test_on_a_narrow_screen_each_kind_of_card_can_be_read_by_everybody(
    site: Demo, pages: dict[str, str], visit: Callable[..., Visitor]
) -> None:
    page = visit(site.url, width=NARROW).page
    log_in(page, site, "moderator", pages["moderation-queue-page"])
    current = page.locator(".case[aria-current]")
    found: dict[str, list[str]] = {}
    for number in range(page.locator(".case").count()):
        expect(page.locator(".case").nth(number)).to_have_attribute("aria-current", "true")
        found[" ".join(current.locator(".case-head .badge, .case-why").all_inner_texts())] = violations(page)
        page.keyboard.press("j")

    assert {case: lines for case, lines in found.items() if lines} == {}
    cases = "\n".join(found)
    assert all(words in cases for words in ("Zurückgehalten", "Gemeldet von 1 Person", "Schimpf", "Unmut")), cases
