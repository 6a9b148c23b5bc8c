"""Every pop-up, button and list action of the admin, pressed once on a wide and on a narrow screen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.contrib import admin
from playwright.sync_api import Page

from tests.browser import desk_deeds as deeds
from tests.browser import desk_theme as theme
from tests.browser.conftest import Visitor
from tests.browser.entering import log_in
from tests.browser.pressing import WIDTHS, Desk
from tests.support.product import Demo, demo

pytestmark = pytest.mark.timeout(600)
MODELS = [f"{model._meta.app_label}/{model._meta.model_name}" for model in admin.site._registry]


@pytest.fixture(scope="module")
def site(filled_folder: Callable[[], Path]) -> Iterator[Demo]:
    with demo(filled_folder(), LIMIT_LOGINS="1000/m") as process:
        yield process


def test_whatever_can_be_pressed_does_what_it_says(site: Demo, visit: Callable[..., Visitor]) -> None:
    page, reader = visit(site.url).page, visit(site.url).page
    log_in(page, site, "administrator", "/admin/")
    log_in(reader, site, "reader", "/chats/")
    desk = Desk(page)
    deeds.articles(desk, "Fähre")
    deeds.items(desk, "Meldung")
    deeds.places(desk, "Ort")
    chat = deeds.discussions(desk, "Runde")
    deeds.comments(desk, say(reader, chat, [f"Wortmeldung {number}" for number in range(3)]))
    deeds.people(desk)
    for model in MODELS:
        desk.open(f"/admin/{model}/")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        log_in(page, site, "administrator", "/admin/")
        theme.the_theme(desk)
        theme.log_out(desk)

    assert desk.failed == []
    assert "\n".join(desk.missed()) == ""


def say(page: Page, chat: str, lines: list[str]) -> list[str]:
    """What a reader says in a chat, each line held."""
    page.goto(f"/chats/{chat}/")
    token = page.evaluate("document.cookie.match(/csrftoken=([^;]+)/)[1]")
    for line in lines:
        headers = {"X-CSRFToken": token, "Referer": page.url}
        address = f"/api/v1/discussions/{chat}/comments/"
        assert page.request.post(address, data={"text": line}, headers=headers).status == 202
    return lines
