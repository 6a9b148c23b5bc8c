"""What opens over a page, the editors' desk and the API's page, for those who hear them or have no mouse."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.contrib import admin
from playwright.sync_api import expect

from tests.browser.conftest import Visitor
from tests.browser.entering import log_in
from tests.support.axe import violations
from tests.support.product import Demo, demo

pytestmark = pytest.mark.timeout(600)
ARTICLE = "/articles/lichterfest-am-hafen/"
MODELS = [f"/admin/{model._meta.app_label}/{model._meta.model_name}/" for model in admin.site._registry]
# swagger-ui draws a button for each path with a link inside it; only its authors can take them apart.
OF_SWAGGER_UI = ("nested-interactive",)


@pytest.fixture(scope="module")
def site(filled_folder: Callable[[], Path]) -> Iterator[Demo]:
    with demo(filled_folder()) as process:
        yield process


@pytest.mark.parametrize("width", [1280, 390])
def test_what_opens_over_a_page_breaks_no_rule(site: Demo, visit: Callable[..., Visitor], width: int) -> None:
    page = visit(site.url, width=width).page
    log_in(page, site, "moderator", ARTICLE)
    comment = page.locator("[data-list] > .comment > .comment-box").first
    expect(page.locator("newsroom-discussion newsroom-live-badge, newsroom-live-badge").first).to_be_visible()
    found = {}

    page.locator("details.menu summary").click()
    expect(page.locator(".menu-list")).to_be_visible()
    found["menu"] = violations(page)
    page.keyboard.press("Escape")
    adding = comment.locator("[data-add-reaction]")
    adding.click()
    expect(adding).to_have_attribute("aria-expanded", "true")
    found["reactions"] = violations(page)
    comment.locator("[data-action=reply]").click()
    expect(page.locator("[data-composer]").nth(1)).to_be_visible()
    found["reply"] = violations(page)
    page.locator("#composer-text").press_sequentially("@An")
    expect(page.locator("[role=listbox]:visible [role=option]").first).to_be_visible()
    found["mentions"] = violations(page)
    page.locator("#composer-text").press("Escape")
    comment.locator("[data-action=moderate]").first.click()
    expect(page.locator("dialog[data-moderate]")).to_be_visible()
    found["dialog"] = violations(page)

    assert "\n".join(f"{state}: {line}" for state, lines in found.items() for line in lines) == ""


def test_no_page_of_the_desk_breaks_a_rule(
    site: Demo, visit: Callable[..., Visitor], some: Callable[..., list[str]]
) -> None:
    page = visit(site.url).page
    log_in(page, site, "administrator", "/admin/")
    # What scripts name has to have its name as soon as it stands there: a frame later may be too late.
    page.add_init_script("window.requestAnimationFrame = () => 0")
    found = {"/admin/": violations(page)}
    for path in some(MODELS):
        page.goto(path)
        found[path] = violations(page)
        rows = page.locator('#result_list tbody a[href*="/change/"]')
        shown = (rows.first.get_attribute("href") or "").partition("?")[0] if rows.count() else ""
        others = [f"{path}add/"] if page.locator(f'a[href^="{path}add/"]').count() else []
        others += [shown, shown.replace("/change/", "/history/")] if shown else []
        for other in others:
            page.goto(other)
            found[other] = violations(page)
            removal = page.locator('a[href*="/delete/"]:visible')
            if removal.count():
                page.goto(removal.first.get_attribute("href") or "")
                found[page.url] = violations(page)

    assert "\n".join(f"{path}: {line}" for path, lines in found.items() for line in lines) == ""


def test_the_page_of_the_api_breaks_no_rule_but_those_of_its_library(site: Demo, visit: Callable[..., Visitor]) -> None:
    page = visit(site.url).page
    page.goto("/api/docs/")
    expect(page.locator(".opblock").first).to_be_visible(timeout=30_000)

    assert "\n".join(violations(page, without=OF_SWAGGER_UI)) == ""
