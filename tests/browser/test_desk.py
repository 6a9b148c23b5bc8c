"""Every pop-up, button and list action of the admin, pressed on a wide screen, and by a finger on a narrow one."""

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
from tests.browser.pressing import Desk, missed
from tests.support.product import Demo, demo

pytestmark = pytest.mark.timeout(600)
WIDE = deeds.Names("Fähre", "Meldung", "Ort", "Runde", "Wortmeldung")
NARROW = deeds.Names("Barke", "Depesche", "Platz", "Kreis", "Zuruf")
MODELS = [f"{model._meta.app_label}/{model._meta.model_name}" for model in admin.site._registry]


@pytest.fixture(scope="module")
def site(filled_folder: Callable[[], Path]) -> Iterator[Demo]:
    with demo(filled_folder(), LIMIT_LOGINS="1000/m") as process:
        yield process


def test_whatever_can_be_pressed_does_what_it_says(
    site: Demo, visit: Callable[..., Visitor], request: pytest.FixtureRequest
) -> None:
    """One half of the forms on a wide screen, the other by a finger on a narrow one, and on both what all pages share.

    With --full everything on both.
    """
    is_full, reader = request.config.getoption("--full"), visit(site.url).page
    log_in(reader, site, "reader", "/chats/")
    wide, narrow = Desk(visit(site.url).page), Desk(visit(site.url, width=390, touch=True).page)
    for desk, names in ((wide, WIDE), (narrow, NARROW)):
        log_in(desk.page, site, "administrator", "/admin/")
        if is_full or desk is wide:
            deeds.items(desk, names.item)
            deeds.places(desk, names.place)
            deeds.people(desk)
            deeds.appearance(desk, names.place)
            deeds.imports(desk, f"Umzug {names.place}")
        if is_full or desk is narrow:
            deeds.articles(desk, names.article)
            chat = deeds.discussions(desk, names.chat)
            deeds.comments(desk, say(reader, chat, [f"{names.comment} {number}" for number in range(3)]))
        theme.the_theme(desk, "Tausend Laternen")
        for path in (f"/admin/{model}/" for model in MODELS):
            if path not in desk.looked:
                desk.open(path)
        theme.log_out(desk)

    assert wide.failed + narrow.failed == []
    for desks in ([wide], [narrow]) if is_full else ([wide, narrow],):
        assert "\n".join(missed(*desks)) == ""


@pytest.mark.parametrize(("model", "first"), [("article", "Als Entwurf speichern"), ("tickeritem", "Veröffentlichen")])
def test_enter_in_the_headline_does_what_the_main_button_says(
    site: Demo, visit: Callable[..., Visitor], model: str, first: str
) -> None:
    page = visit(site.url).page
    log_in(page, site, "administrator", "/admin/")
    desk = Desk(page)

    planned = "Zu dieser Zeit veröffentlichen"
    wanted = {"new": first, "planned by a time": planned, "planned": "Speichern", "draft": first}
    assert deeds.by_enter(desk, model, "Eingabe") == wanted | {"published": "Änderungen veröffentlichen"}
    assert desk.failed == []


def say(page: Page, chat: str, lines: list[str]) -> list[str]:
    """What a reader says in a chat, each line held."""
    page.goto(f"/chats/{chat}/")
    token = page.evaluate("document.cookie.match(/csrftoken=([^;]+)/)[1]")
    for line in lines:
        headers = {"X-CSRFToken": token, "Referer": page.url}
        address = f"/api/v1/discussions/{chat}/comments/"
        assert page.request.post(address, data={"text": line}, headers=headers).status == 202
    return lines
