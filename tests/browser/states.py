"""The pages of the demo and the main states of each: what the gallery shows, and what tests look at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
from playwright.sync_api import Page, expect

from tests.browser.sending import retracted
from tests.support.panel import api_of, worked
from tests.support.product import Demo

THREAD = "/articles/lotsenbruecke-hebt-wieder/"  # its discussion is that of `worked`, if it is the newest article
BLOG = "/articles/lichterfest-am-hafen/"
PHONE = 390
READER = "Rosa Reuter"
CLOSED = 999_999  # a number beyond all items: their bars are closed
LIMITS = {"LIMIT_COMMENTS": "1000/m", "LIMIT_REPORTS": "1000/m", "LIMIT_LOGINS": "1000/m"}
WAIT = 30_000  # milliseconds


def _as_it_is(_page: Page) -> None:
    pass


@dataclass(frozen=True, slots=True)
class State:
    """`path` names places of `prepared` in braces. `act` brings the page into the state. `width`: only there, in px.
    `near`: what a picture shows of a long page. `status` is that of the answer.
    """

    name: str
    path: str
    role: str = ""
    act: Callable[[Page], None] = _as_it_is
    width: int | None = None
    near: str = ""
    status: int = 200
    has_bar: bool = False
    is_printed: bool = False


def write(page: Page) -> None:
    page.locator("#composer-text").fill("Ein **schöner** Abend am Hafen.\n\n> Kommt ihr auch?\n\n- ja\n- nein")


def _preview(page: Page) -> None:
    write(page)
    page.locator("#composer [name=preview]").click()
    expect(page.locator(".composer-preview")).to_be_visible()


def _refused(page: Page) -> None:
    page.locator("#composer-text").fill("Kauft Billiguhren!")
    page.locator("#composer [data-submit]").click()
    expect(page.locator("#composer-error")).to_be_visible()


def _too_long(page: Page) -> None:
    page.locator("#composer-text").fill("sehr lang " * 700)


def _offline(page: Page) -> None:
    page.context.set_offline(True)
    page.locator("#composer-text").fill("Das schreibe ich im Tunnel.")
    page.locator("#composer [data-submit]").click()
    expect(page.locator("li.is-pending")).to_be_visible()
    expect(page.locator("[data-advice=offline]")).to_have_count(1)


def _answer(page: Page) -> None:
    page.locator("main [data-action=reply]:visible").first.click()
    expect(page.locator("[data-reply-form]")).to_be_visible()


def _dialog(name: str) -> Callable[[Page], None]:
    def open_it(page: Page) -> None:
        page.locator(f"main [data-action={name}]:visible").first.click()
        expect(page.locator("dialog[open]")).to_be_visible()

    return open_it


def _menu(page: Page) -> None:
    page.locator(".masthead .menu summary").click()


def open_panel(page: Page) -> None:
    opener = page.locator("[data-open]")
    if opener.is_visible():
        opener.click()
    page.locator("[data-tab=ticker]").click()  # whichever was chosen on this device
    expect(page.locator(".side newsroom-ticker [data-list] > li").first).to_be_visible(timeout=WAIT)


def _panel_item(page: Page) -> None:
    open_panel(page)
    page.locator(".side newsroom-ticker summary").first.click()
    expect(page.locator(".side newsroom-ticker[only]")).to_be_visible()


def _panel_chats(page: Page) -> None:
    open_panel(page)
    page.locator("[data-tab=chats]").click()
    expect(page.locator(".side newsroom-chats")).to_be_visible()


def _panel_opened(element: str, row: str) -> Callable[[Page], None]:
    def open_it(page: Page) -> None:
        _panel_chats(page)
        page.locator(f".side .chat-row{row} a").first.click()
        expect(page.locator(f".side {element}")).to_be_visible()

    return open_it


def _log_in_wrongly(page: Page) -> None:
    page.fill("input[name=login]", "niemand@example.org")
    page.fill("input[name=password]", "falsch")
    page.locator("main form button.button-primary").click()
    expect(page.locator(".errorlist").first).to_be_visible()


def _sign_up_wrongly(page: Page) -> None:
    for name, value in {"name": "Lena", "email": "lena@example.org", "password1": "123"}.items():
        page.fill(f"input[name={name}]", value)
    page.locator("main form").first.evaluate("form => { form.noValidate = true; }")
    page.locator("main form button.button-primary").click()
    expect(page.locator(".errorlist").first).to_be_visible()


STATES = (
    State("front", "/"),
    State("front-breaking", "/", has_bar=True),
    State("article", THREAD),
    State("article-breaking", THREAD, has_bar=True),
    State("article-discussion", THREAD, near="#discussion-title"),
    State("article-printed", THREAD, is_printed=True),
    State("live-blog", BLOG),
    State("section", "/sections/kultur/"),
    State("ticker", "/newsticker/"),
    State("ticker-printed", "/newsticker/", is_printed=True),
    State("item", "{item}"),
    State("chats", "/chats/"),
    State("chat", "{chat}"),
    State("replies", "{replies}"),
    State("search", "/search/?q=Brücke"),
    State("search-nothing", "/search/?q=Quastenflosser"),
    State("panel", THREAD, act=open_panel, width=PHONE),
    State("panel-item", THREAD, act=_panel_item),
    State("panel-chats", THREAD, act=_panel_chats),
    State("panel-chat", THREAD, "reader", _panel_opened("newsroom-chat", ":has([data-field=chat]:not([hidden]))")),
    State("panel-thread", BLOG, "reader", _panel_opened("newsroom-discussion", f":has(a[href^='{THREAD}'])")),
    State("imprint", "/imprint/"),
    State("login", "/accounts/login/"),
    State("login-refused", "/accounts/login/", act=_log_in_wrongly),
    State("signup", "/accounts/signup/"),
    State("signup-refused", "/accounts/signup/", act=_sign_up_wrongly),
    State("password-reset", "/accounts/password/reset/"),
    State("not-found", "/nothing/", status=404),
    State("taken-back", "{taken_back}", status=410),
    State("offline", "/offline/"),
    State("reader-article", THREAD, "reader", near="#composer"),
    State("composer", THREAD, "reader", write, near="#composer"),
    State("composer-preview", THREAD, "reader", _preview, near="#composer"),
    State("composer-refused", THREAD, "reader", _refused, near="#composer"),
    State("composer-too-long", THREAD, "reader", _too_long, near="#composer"),
    State("composer-offline", THREAD, "reader", _offline, near="#composer"),
    State("reply", THREAD, "reader", _answer, near="[data-reply-form]"),
    State("report", THREAD, "reader", _dialog("report")),
    State("ignore", THREAD, "reader", _dialog("ignore")),
    State("report-page", "{comment}report/", "reader"),
    State("edit-page", "{own}edit/", "reader"),
    State("closed", "{closed}", "reader", near="#discussion-title"),
    State("held", THREAD, "reader", near="#composer"),
    State("warned", "/chats/", "journalist"),
    State("menu", "/", "reader", _menu),
    State("notifications", "/accounts/notifications/", "reader"),
    State("preferences", "/accounts/notifications/preferences/", "reader"),
    State("profile", "/accounts/profile/", "reader"),
    State("ignored", "/accounts/profile/ignored/", "reader"),
    State("email", "/accounts/email/", "reader"),
    State("second-factor", "/accounts/2fa/", "reader"),
    State("sessions", "/accounts/sessions/", "reader"),
    State("person", "{person}"),
    State("reader-chat", "{chat}", "reader"),
    State("moderator-thread", THREAD, "moderator", near="newsroom-held"),
    State("moderate-dialog", THREAD, "moderator", _dialog("moderate")),
    State("moderate-page", "{comment}moderate/", "moderator"),
    State("board", "/moderation/", "moderator"),
    State("queue", "/moderation/queue/", "moderator"),
    State("case", "{moderation-case-page}", "moderator"),
    State("record", "{moderation-person-page}", "moderator"),
    State("rules", "/moderation/rules/", "moderator"),
    State("decisions", "/moderation/decisions/", "moderator"),
    State("statistics", "/moderation/statistics/", "moderator"),
    State("desk", "/admin/", "editor"),
    State("desk-articles", "/admin/articles/article/", "editor"),
    State("desk-article", "/admin/articles/article/add/", "editor"),
    State("desk-items", "/admin/articles/tickeritem/", "editor"),
    State("desk-item", "/admin/articles/tickeritem/add/", "editor"),
    State("desk-appearance", "/admin/newsroom/appearance/1/change/", "administrator"),
)


def prepared(site: Demo, page: Page) -> dict[str, str]:
    """Have things happen, so that each state has something to show. Returns the addresses of places, by name. `page`
    is of a stranger, and an administrator's afterwards.
    """
    places = worked(site) | {"taken_back": retracted(page, site)}
    with api_of(site, "reader") as reader, api_of(site, "moderator") as moderator, api_of(site, "editor") as editor:
        for warning in _of(reader.get("me/warnings/"))["results"]:
            _of(reader.post(f"me/warnings/{warning['id']}/acknowledge/"))
        with api_of(site, "journalist") as journalist:
            places |= _prepared(reader, journalist, moderator, editor)
            other = _of(journalist.get("me/"))["id"]
        warning = {"reason": "off_topic", "text": "Bitte bleiben Sie beim Thema."}
        _of(moderator.post(f"moderation/people/{other}/warnings/", json=warning))
    return places


def opened(page: Page, state: State, places: Mapping[str, str], base: str) -> None:
    """Bring `page`, which is of somebody with the state's role, into this state."""
    closed = {"name": "breaking", "value": str(CLOSED), "url": base}
    page.context.clear_cookies(name="breaking")
    page.context.add_cookies([] if state.has_bar else [closed])  # type: ignore[list-item]
    page.goto("about:blank")  # the place that a page keeps in its history is left behind
    answer = page.goto(state.path.format_map(places), wait_until="load")
    assert answer is not None, state.name
    assert answer.status == state.status, (state.name, answer.status)
    badge = page.locator("main newsroom-live-badge").first
    if badge.count() and not state.is_printed:
        expect(badge).to_have_attribute("state", "live", timeout=WAIT)
    state.act(page)
    if state.is_printed:
        page.emulate_media(media="print")


def look_at(page: Page, state: State) -> None:
    """Bring what matters of a long page into the middle of the window."""
    if state.near:
        page.locator(state.near).first.evaluate("part => part.scrollIntoView({ block: 'center', behavior: 'instant' })")


def _prepared(
    reader: httpx.Client, writer: httpx.Client, moderator: httpx.Client, editor: httpx.Client
) -> dict[str, str]:
    thread = _discussion(reader, THREAD)
    known = _of(reader.get(f"discussions/{thread}/comments/"))["results"]
    theirs = next(each for each in known if each["state"] == "published" and each["author"]["name"] != READER)
    own = _of(reader.post(f"discussions/{thread}/comments/", json={"text": "Ein schöner Abend am Hafen."}))
    for answered in (theirs, own):
        answer = {"text": f"Das finde ich auch, {answered['author']['name']}.", "parent": answered["id"]}
        _of(writer.post(f"discussions/{thread}/comments/", json=answer))
    chat = _of(reader.get("discussions/?mode=chat"))["results"][0]["id"]
    articles = _of(editor.get("articles/"))["results"]
    quiet = _discussion(reader, articles[-1]["url"])
    _of(moderator.patch(f"discussions/{quiet}/", json={"switch": "closed", "reason": "Es ist alles gesagt."}))
    items = _of(editor.get("tickers/newsticker/items/"))["results"]
    _of(editor.patch(f"ticker-items/{items[2]['id']}/", json={"pinned": True}))
    _of(editor.patch(f"ticker-items/{items[1]['id']}/", json={"key_event": True, "correction": "Uhrzeit berichtigt."}))
    flood = {"headline": "Sturmflut am Sonntag: Deichtor bleibt geschlossen", "level": "breaking", "text": "Ab 18 Uhr."}
    breaking = _of(editor.post("tickers/newsticker/items/", json=flood))
    return {
        "item": f"/newsticker/newsticker/{breaking['number']}/",
        "chat": f"/chats/{chat}/",
        "comment": f"/comments/{theirs['id']}/",
        "replies": f"/comments/{theirs['id']}/replies/",
        "own": f"/comments/{own['id']}/",
        "person": f"/people/{theirs['author']['id']}/",
        "closed": f"{articles[-1]['url']}#discussion",
    }


def _discussion(client: httpx.Client, page: str) -> int:
    return int(_of(client.get(page.strip("/") + "/"))["discussion"])


def _of(answer: httpx.Response) -> dict[str, Any]:
    assert answer.is_success, answer.text
    known: dict[str, Any] = answer.json()
    return known
