"""Many at once in a browser: ticked in the queue, decided, followed on the job's page, and undone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visitor
from tests.browser.elements.conftest import Site
from tests.browser.entering import log_in

NUMBERS = count(1)


@pytest.fixture
def waiting(site: Site) -> Iterator[tuple[int, list[str]]]:
    """A discussion of its own with three comments that wait: its id, and their words."""
    with site.api("moderator") as moderator, site.api("reader") as reader:
        number = next(NUMBERS)
        address = f"/api/v1/discussions/by-url/?url=https://example.org/stapel-{number}"
        discussion = int(moderator.put(address, json={"title": f"Stapel {number}"}).raise_for_status().json()["id"])
        place = f"/api/v1/discussions/{discussion}/"
        moderator.patch(place, json={"switch": "premoderated"}).raise_for_status()
        words = [f"Stapel {number}, Blatt {n}" for n in range(3)]
        for each in words:
            assert reader.post(f"{place}comments/", json={"text": each}).status_code == 202
        yield discussion, words
        moderator.patch(place, json={"switch": "closed"}).raise_for_status()


@pytest.mark.parametrize("script", [True, False], ids=["live", "without JavaScript"])
@pytest.mark.parametrize("width", [1280, 390])
def test_many_are_decided_at_once_and_undone(
    site: Site, visit: Callable[..., Visitor], waiting: tuple[int, list[str]], width: int, script: bool
) -> None:
    discussion, words = waiting
    page = visit(site.process.url, width=width, script=script).page
    queue = f"/moderation/queue/?kind=held&discussion={discussion}"
    log_in(page, site.process, "moderator", "/moderation/")
    page.goto(queue)
    rows = page.locator("li.case")
    expect(rows).to_have_count(3)
    is_one_at_a_time = script and width == 390
    number = 3 if is_one_at_a_time else 2
    if is_one_at_a_time:
        page.get_by_role("link", name="Alle dieser Auswahl entscheiden").click()
    else:
        for each in words[:2]:
            rows.filter(has_text=each).locator("input[name=case]").check()
        page.get_by_role("button", name="Die angekreuzten entscheiden").click()

    expect(page.locator("main")).to_contain_text(f"{number} Kommentare werden entschieden.")
    page.get_by_label("Grund, zum Ablehnen oder Entfernen").select_option("spam")
    page.get_by_role("button", name="Alle ablehnen").click()
    expect(page.locator("newsroom-bulk")).to_contain_text("Fertig", timeout=60_000)
    expect(_field(page, "done")).to_have_text(str(number))
    page.get_by_role("button", name="Alles rückgängig machen").click()
    expect(_field(page, "undone")).to_have_text(str(number), timeout=60_000)
    expect(page.locator("newsroom-bulk")).to_contain_text("Rückgängig gemacht", timeout=60_000)

    page.goto(queue)
    expect(page.locator("li.case")).to_have_count(3)


def _field(page: Page, name: str) -> Locator:
    return page.locator(f"[data-field={name}]")
