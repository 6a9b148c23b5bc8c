"""What a day at the editors' desk consists of: each of its buttons pressed, and what it says that it did read."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from io import BytesIO
from typing import NamedTuple
from urllib.parse import quote

from PIL import Image
from playwright.sync_api import FilePayload, Frame, expect

from tests.browser.pressing import Desk

KEPT = "ist als Entwurf gespeichert. Leser sehen ihn nicht."
ADDED, CHANGED, DELETED = (re.compile(words) for words in ("hinzugefügt", "geändert", "gelöscht"))
type Fill = Callable[[Frame, str], None]


class Names(NamedTuple):
    """What a walk calls the things that it makes, so that another finds its own."""

    article: str
    item: str
    place: str
    chat: str
    comment: str


def articles(desk: Desk, name: str) -> None:
    page = desk.page
    desk.open(f"/admin/articles/article/add/{_among(name)}")
    page.fill("#id_headline", name)
    _pop_ups_of(desk, "section", f"Ressort zu {name}", _section)
    _pop_ups_of(desk, "photo", f"Bild zu {name}", _photo)
    _pop_ups_of(desk, "related", f"Mehr zu {name}", _article)
    expect(page.locator("#id_headline")).to_have_value(name)
    page.select_option("#id_section", label="Kultur")

    desk.press("button _continue")
    desk.told(f"„{name}“ {KEPT}")
    desk.press("button _publish")
    desk.told(f"„{name}“ ist veröffentlicht.")
    desk.into(name)
    page.fill("#id_lead", "Es geht los.")
    desk.press("button _save")
    desk.told(f"Die Änderungen an „{name}“ sind veröffentlicht.")
    _retract(desk, name)
    _plans(desk, "article", name)
    _delete(desk, f"{name} bald")


def items(desk: Desk, name: str) -> None:
    page = desk.page
    desk.open(f"/admin/articles/tickeritem/add/{_among(name)}")
    page.fill("#id_headline", name)
    _pop_ups_of(desk, "article", f"Hintergrund zu {name}", _article)
    _pop_ups_of(desk, "ticker", f"Liveticker zu {name}", _ticker)
    page.select_option("#id_ticker", label="Newsticker")
    desk.press("button _continue")
    desk.told(f"„{name}“ {KEPT}")
    desk.press("button _save")
    desk.told(f"„{name}“ {KEPT}")
    desk.into(name)
    desk.press("button _publish")
    desk.told(f"„{name}“ ist veröffentlicht.")
    for button, words in (("_pin", "ist angeheftet."), ("_unpin", "ist nicht mehr angeheftet.")):
        desk.into(name)
        desk.press(f"button {button}")
        desk.told(f"„{name}“ {words}")
    for action, words in (("pin", "Anheften"), ("unpin", "Lösen")):
        desk.tick(action, name)
        desk.told(f"{words}: 1 erledigt.")
    _retract(desk, name)
    _plans(desk, "tickeritem", name)


def places(desk: Desk, name: str) -> None:
    _keep(desk, "articles/section", name, _section)
    _delete(desk, f"{name} zwei")
    _keep(desk, "articles/photo", name, _photo)
    _delete(desk, f"{name} zwei")
    desk.open(f"/admin/articles/ticker/add/{_among(name)}")
    _pop_ups_of(desk, "article", f"Artikel zu {name}", _article)
    _keep(desk, "articles/ticker", name, _ticker)
    _delete(desk, f"{name} zwei")


def appearance(desk: Desk, name: str) -> None:
    for control in ("button _continue", "button _save"):
        desk.open("/admin/newsroom/appearance/")
        desk.page.fill("#id_welcome", f"Willkommen, {name}, {control}")
        desk.press(control)
        desk.told(CHANGED)
    desk.page.goto("/")
    desk.told(f"Willkommen, {name}, button _save")


def imports(desk: Desk, name: str) -> None:
    """A file with one discussion and no comment is looked through, and comes in."""
    talk = {"kind": "discussion", "id": 9000, "mode": "chat", "title": name, "switch": "auto", "reason": ""}
    talk |= dict.fromkeys(
        ["url", "article", "until", "opens_at", "closes_at", "window", "slow_mode_until", "merged_into"]
    )
    talk |= {"addresses": [], "slow_mode_seconds": 0, "created_at": "2020-01-01T00:00:00.000000Z"}
    lines = [{"kind": "newsroom", "version": 1}, talk]
    content = "".join(json.dumps(line) + "\n" for line in lines).encode()
    desk.open("/admin/comments/commentimport/add/")
    desk.page.select_option("#id_format", "newsroom")
    desk.page.set_input_files("#id_upload", FilePayload(name=f"{name}.jsonl", mimeType="text/plain", buffer=content))
    desk.press("button _save")
    desk.told("Noch ist nichts geschrieben.")
    desk.look()
    desk.press("button _begin")
    desk.told("Alles ist übernommen.")
    desk.press("link delete", desk.page.locator("a[href*='/delete/']:visible"))
    desk.press("button Ja, ich bin sicher", desk.page.get_by_role("button", name="Ja, ich bin sicher"))
    desk.told(DELETED)


def discussions(desk: Desk, name: str) -> str:
    """Gives the number of a chat in which everything waits for a decision."""

    def hours(frame: Frame, words: str) -> None:
        frame.fill("#id_name", words)
        frame.fill("#id_rules", "daily 23:00-07:00 closed")

    desk.open(f"/admin/comments/openinghours/add/{_among(name)}")
    _pop_ups_of(desk, "section", f"Ressort zu {name}", _section)
    _keep(desk, "comments/openinghours", name, hours)
    _delete(desk, f"{name} zwei")
    desk.open(f"/admin/comments/discussion/add/{_among(name)}")
    _pop_ups_of(desk, "article", f"Artikel zu {name}", _article)
    _pop_ups_of(desk, "hours", f"Stunden zu {name}", hours)
    desk.page.select_option("#id_article", "")
    _keep(desk, "comments/discussion", name, lambda frame, words: frame.fill("#id_title", words))
    desk.tick("merge", f"{name} eins", f"{name} zwei")
    desk.told("1 ist erledigt.")
    desk.tick("undo_merge", f"{name} zwei")
    desk.told("1 ist erledigt.")
    for action in ("close", "open", "premoderate"):
        desk.tick(action, f"{name} zwei")
        desk.told("1 ist erledigt.")
    number = (desk.row(f"{name} zwei").locator("a[href*='/change/']").get_attribute("href") or "").split("/")[-3]
    desk.into(f"{name} zwei")
    desk.more()
    with desk.page.expect_popup() as there:
        desk.touch("link r", desk.page.locator("a[href*='/admin/r/']"), stirs=False)
    expect(there.value.locator("h1")).to_contain_text(f"{name} zwei")
    there.value.close()
    return number


def comments(desk: Desk, lines: list[str]) -> None:
    """Three that wait: one goes all the way, one is rejected, one is decided in its own form."""
    page = desk.page

    def reason() -> None:
        page.select_option("#changelist-actions select[name=reason]", "insult")

    desk.open(f"/admin/comments/comment/?q={lines[0].split(maxsplit=1)[0]}")
    steps = (
        ("approve", 0, None),
        ("remove", 0, reason),
        ("restore", 0, None),
        ("reject", 1, reason),
        ("undo", 1, None),
    )
    for action, line, fill in steps:
        desk.tick(action, lines[line], fill=fill)
        desk.told("1 ist erledigt.")
    desk.into(lines[2])
    page.select_option("#id_decisions-0-action", "approve")
    desk.press("button _continue")
    page.select_option("#id_decisions-0-action", "remove")
    page.select_option("#id_decisions-0-reason", "spam")
    desk.press("button _save")
    expect(desk.row(lines[2])).to_contain_text("entfernt")


def people(desk: Desk) -> None:
    page, ravi = desk.page, "/admin/accounts/user/?q=Ravi"
    desk.open(ravi)
    desk.into("Ravi")
    for button in ("_continue", "_save"):
        page.locator("input[name=given][value='contribute:']").set_checked(button == "_continue")
        desk.press(f"button {button}")
        desk.told(CHANGED)
    desk.into("Ravi")
    desk.press("button _end_sessions")
    desk.told("Ravi ist auf allen Geräten abgemeldet.")
    for button in ("_addanother", "_continue", "_save"):
        desk.open(ravi)
        desk.press("link add", desk.row("Ravi").get_by_role("link", name="Diese Person"))
        if button == "_addanother":
            _take_over(desk, desk.pop_up("change", "user"), "user", "Ravi")
            _look_into(desk, "user")
        page.select_option("#id_scope", "react")
        page.select_option("#id_reason", "spam")
        page.check("#id_for_good")
        desk.press(f"button {button}")
        desk.told(ADDED)
    desk.tick("lift", "Ravi")
    expect(desk.row("Ravi").locator(".field-lifted_at")).not_to_have_text("-")
    desk.open("/admin/accounts/legalpage/imprint/change/")
    for button in ("_continue", "_save"):
        page.fill("#id_title", f"Impressum {button}")
        desk.press(f"button {button}")
        desk.told(CHANGED)


def by_enter(desk: Desk, model: str, name: str) -> dict[str, str]:
    """What the main button said in each state of a form. Enter has done just that each time."""
    page, fill = desk.page, _article if model == "article" else _item
    add = f"/admin/articles/{model}/add/{_among(name)}"
    said = {}
    desk.open(add)
    fill(page.main_frame, f"{name} später")
    _at(desk, _later())
    said["planned by a time"] = _enter(desk, f"{name} später")
    desk.into(f"{name} später")
    said["planned"] = _enter(desk, f"{name} später")
    desk.into(f"{name} später")
    desk.press("button _unschedule")
    desk.into(f"{name} später")
    said["draft"] = _enter(desk, f"{name} später")
    desk.open(add)
    fill(page.main_frame, f"{name} gleich")
    said["new"] = _enter(desk, f"{name} gleich")
    if model == "article":
        desk.tick("publish", f"{name} gleich")
    desk.into(f"{name} gleich")
    page.fill("#id_headline", f"{name} sofort")
    said["published"] = _enter(desk, f"{name} sofort")
    return said


def _enter(desk: Desk, name: str) -> str:
    """What the main button says before Enter is pressed in the headline; what it says comes of it."""
    main = desk.page.locator("button[type=submit][form$=_form].bg-primary-600:visible")
    button, deed = main.inner_text(), main.get_attribute("name")
    desk.page.evaluate("addEventListener('submit', (event) => { sessionStorage.deed = event.submitter.name; })")
    with desk.page.expect_navigation():
        desk.page.press("#id_headline", "Enter")
    assert desk.page.evaluate("sessionStorage.deed") == deed
    desk.told(
        {
            "Als Entwurf speichern": f"„{name}“ {KEPT}",
            "Veröffentlichen": f"„{name}“ ist veröffentlicht.",
            "Zu dieser Zeit veröffentlichen": (planned := f"„{name}“ ist eingeplant und erscheint am {_later()}."),
            "Speichern": planned,
            "Änderungen veröffentlichen": f"Die Änderungen an „{name}“ sind veröffentlicht.",
        }[button]
    )
    return button


def _keep(desk: Desk, model: str, name: str, fill: Fill) -> None:
    """A form that saves at once: two are added, one of them in two steps, with each of its buttons."""
    if f"/admin/{model}/add/" not in desk.page.url:
        desk.open(f"/admin/{model}/add/{_among(name)}")
    fill(desk.page.main_frame, f"{name} eins")
    desk.press("button _addanother")
    desk.told(ADDED)
    fill(desk.page.main_frame, f"{name} zwei")
    desk.press("button _continue")
    desk.told(ADDED)
    desk.press("button _save")
    desk.told(CHANGED)


def _delete(desk: Desk, name: str) -> None:
    desk.into(name)
    desk.press("link delete", desk.page.locator("a[href*='/delete/']:visible"))
    desk.press("button Ja, ich bin sicher", desk.page.get_by_role("button", name="Ja, ich bin sicher"))
    desk.told(DELETED)
    expect(desk.row(name)).to_have_count(0)


def _retract(desk: Desk, name: str) -> None:
    desk.into(name)
    desk.page.fill("#id_note", "War eine Übung.")
    desk.press("button _retract")
    desk.told(f"„{name}“ ist zurückgezogen.")


def _plans(desk: Desk, model: str, name: str) -> None:
    """Planned, and a draft again, by form and by list; then published early, each in its way."""
    first, second = f"{name} bald", f"{name} morgen"
    _plan(desk, model, first)
    desk.into(first)
    desk.press("button _unschedule")
    desk.told("ist wieder ein Entwurf und erscheint nicht von selbst.")
    _plan(desk, model, second)
    desk.tick("unschedule", second)
    desk.told("Nicht von selbst veröffentlichen: 1 erledigt.")
    desk.tick("publish", second)
    desk.told("Veröffentlichen: 1 erledigt.")
    desk.tick("retract", second)
    desk.told("Zurückziehen: 1 erledigt.")
    _plan(desk, model, f"{name} früh")
    desk.into(f"{name} früh")
    desk.press("button _publish_now")
    assert "Geplant" in desk.asked[-1] or "06:30" in desk.asked[-1]
    desk.told(f"„{name} früh“ ist veröffentlicht.")


def _plan(desk: Desk, model: str, name: str) -> None:
    desk.open(f"/admin/articles/{model}/add/{_among(name)}")
    (_article if model == "article" else _item)(desk.page.main_frame, name)
    moment = _later()
    _at(desk, moment)
    desk.press("button _publish")
    desk.told(f"„{name}“ ist eingeplant und erscheint am {moment}.")


def _later() -> str:
    return f"{datetime.now() + timedelta(days=2):%d.%m.%Y} 06:30"


def _at(desk: Desk, moment: str) -> None:
    for number, part in enumerate(moment.split()):
        desk.page.fill(f"#id_appear_at_{number}", part)


def _pop_ups_of(desk: Desk, field: str, name: str, fill: Fill) -> None:
    """Add in a pop-up, then change, look at and delete what was added, as far as that is offered."""
    shown = desk.page.locator(f"#id_{field} option:checked")
    inside = desk.pop_up("add", field)
    fill(inside, name)
    _take_over(desk, inside, field, name)
    if desk.has_pop_up("change", field):
        inside = desk.pop_up("change", field)
        fill(inside, f"{name}, anders")
        _take_over(desk, inside, field, f"{name}, anders")
    _look_into(desk, field)
    if desk.has_pop_up("delete", field):
        desk.pop_up("delete", field).click("button[type=submit]:not(#command-submit)")
        desk.closed()
        expect(shown).not_to_have_text(f"{name}, anders")


def _look_into(desk: Desk, field: str) -> None:
    if desk.has_pop_up("view", field):
        expect(desk.pop_up("view", field).locator("form").first).to_be_visible()
        desk.page.mouse.click(3, 3)
        desk.closed()
        expect(desk.page.locator(f"#view_id_{field}")).to_be_hidden()


def _take_over(desk: Desk, inside: Frame, field: str, words: str) -> None:
    inside.click("[name=_save]")
    desk.closed()
    expect(desk.page.locator(f"#id_{field} option:checked").last).to_have_text(words)


def _section(frame: Frame, name: str) -> None:
    frame.fill("#id_name", name)
    frame.fill("#id_slug", _slug(name))


def _ticker(frame: Frame, name: str) -> None:
    frame.fill("#id_title", name)
    if frame.locator("#id_slug").count():
        frame.fill("#id_slug", _slug(name))


def _photo(frame: Frame, name: str) -> None:
    if frame.locator("#id_upload").count():
        frame.set_input_files("#id_upload", [_picture()])
    frame.fill("#id_caption", name)


def _article(frame: Frame, name: str) -> None:
    frame.fill("#id_headline", name)
    frame.select_option("#id_section", label="Kultur")


def _item(frame: Frame, name: str) -> None:
    frame.fill("#id_headline", name)


def _among(name: str) -> str:
    """For a form's address: afterwards the list shows what is called so, and takes less time than all."""
    return f"?_changelist_filters={quote('q=' + name.split(maxsplit=1)[0])}"


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def _picture() -> FilePayload:
    buffer = BytesIO()
    Image.new("RGB", (640, 400), "teal").save(buffer, "JPEG")
    return {"name": "Hafen.jpg", "mimeType": "image/jpeg", "buffer": buffer.getvalue()}
