"""A discussion in a real browser: what is written and taken down while others look on."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Visitor
from tests.browser.elements.conftest import ARTICLE, SNAPSHOT, Site, bring, expect_live, open_as, said
from tests.support.product import demo, environment, manage

# The thread of "Stufe 0" as a reader sees it: its id, then level, text and whom it says to answer of each reply.
THREAD = """() => {
  const top = [...document.querySelectorAll("[data-list] > li")].find((each) => each.textContent.includes("Stufe 0"));
  const shown = (row, name) => {
    const part = row.querySelector(`[data-field="${name}"]`);
    return part.hidden ? "" : part.textContent.trim();
  };
  const replies = [...top.querySelectorAll("[data-replies] > li")];
  return [top.dataset.id, ...replies.map((row) => [row.dataset.level, shown(row, "html"), shown(row, "answered")])];
}"""

LINKS = """() => [...document.querySelectorAll("main [data-list] a:not(newsroom-side *)")].map(
  (each) => each.getAttribute("href"))"""
SLUG = ARTICLE.split("/")[2]

# Whether all pages of the list are here; if not, the next one is asked for.
LOADED_TO_ITS_END = """() => {
  const next = document.querySelector("[data-next]");
  next.querySelector("a").click();
  return next.hidden;
}"""


def test_people_reply_edit_and_withdraw_in_place(at: Callable[..., Page]) -> None:
    reader, visitor = at(ARTICLE, "reader"), at(ARTICLE)

    reader.fill("#composer-text", "Steht die Klappe **offen**?")
    reader.keyboard.press("Control+Enter")
    expect(said(visitor, "Steht die Klappe offen?")).to_have_count(1)
    expect(reader.locator("#composer-text")).to_have_value("")

    hers = said(reader, "Steht die Klappe offen?")
    hers.locator("[data-action=reply]").click()
    reader.locator("[data-reply-form] textarea").fill("Ja, sie steht.")
    reader.locator("[data-reply-form] [data-submit]").click()
    expect(visitor.locator(".replies li", has_text="Ja, sie steht.")).to_have_count(1)
    expect(reader.locator(".replies li", has_text="Ja, sie steht.")).to_have_count(1)

    hers.locator("> .comment-box [data-action=edit]").click()
    hers.locator(".is-editing textarea").fill("Steht sie noch offen?")
    reader.keyboard.press("Control+Enter")
    expect(said(visitor, "Steht sie noch offen?").locator("[data-field=edited]").first).to_be_visible()

    said(reader, "Steht sie noch offen?").locator("> .comment-box [data-action=withdraw]").click()
    for page in (reader, visitor):
        expect(page.locator("body")).not_to_contain_text("Steht sie noch offen?")
        expect(page.locator(".replies li", has_text="Ja, sie steht.")).to_have_count(1)


def test_after_five_minutes_a_comment_can_only_be_withdrawn(at: Callable[..., Page]) -> None:
    reader = at(ARTICLE, "reader")
    reader.fill("#composer-text", "Das bleibt so stehen.")
    reader.keyboard.press("Control+Enter")
    hers = said(reader, "Das bleibt so stehen.").locator("> .comment-box")
    expect(hers.locator("[data-action=edit]")).to_be_visible()

    reader.clock.set_fixed_time(datetime.now(UTC) + timedelta(minutes=6))
    reader.reload()

    expect(hers.locator("[data-action=edit]")).to_be_hidden()
    hers.locator("[data-action=withdraw]").click()
    expect(reader.locator("main [data-list]")).not_to_contain_text("Das bleibt so stehen.")


def test_while_it_is_closed_nothing_is_offered_that_would_be_refused(at: Callable[..., Page]) -> None:
    reader, moderator = at(ARTICLE, "reader"), at(ARTICLE, "moderator")
    reader.fill("#composer-text", "Bevor hier zu ist.")
    reader.keyboard.press("Control+Enter")
    foot = said(reader, "Bevor hier zu ist.").locator("> .comment-box .comment-foot")
    offers = foot.locator('[data-action="reply"], [data-action="quote"], [data-action="edit"], button.is-none')
    discussion = reader.locator("newsroom-discussion").get_attribute("discussion")

    for switch, is_open in (("closed", False), ("auto", True)):
        moderator.goto(f"/admin/comments/discussion/{discussion}/change/")
        moderator.locator("[name=switch]").select_option(switch)
        moderator.locator("[name=_save]").click()
        expect(reader.locator("[data-closed]")).to_be_visible(visible=not is_open)
        expect(offers.first).to_be_visible(visible=is_open)
        for each in offers.all():
            expect(each).to_be_visible(visible=is_open)
        expect(foot.locator("[data-action=withdraw]")).to_be_visible()


def test_a_moderator_removes_and_restores_while_others_look_on(site: Site, at: Callable[..., Page]) -> None:
    moderator, visitor = at(ARTICLE, "moderator"), at(ARTICLE)
    words = "Ohrstöpsel wären gut"
    with site.api("reader") as reader:
        comment = visitor.locator(f"#comment-{site.say(reader, words)}")

    for deed in ("remove", "restore"):
        shown = moderator.locator(f"#{comment.get_attribute('id')}")
        shown.locator("> .comment-box [data-action=moderate]").click()
        form = moderator.locator(f"dialog[open] form[data-deed={deed}]")
        if deed == "remove":
            form.locator("select[name=reason]").select_option("off_topic")
        form.locator("button[type=submit], button:not([type])").click()
        expect(moderator.locator("dialog[open]")).to_have_count(0)
        box = comment.locator("> .comment-box")
        expect(box.locator("[data-field=gone]")).to_be_visible(visible=deed == "remove")
        expect(box.locator("[data-field=html]")).to_have_text("" if deed == "remove" else words)


def test_what_is_too_long_or_empty_is_said_before_it_is_sent(at: Callable[..., Page]) -> None:
    page = at(ARTICLE, "reader")

    page.fill("#composer-text", "x" * 5003)
    expect(page.locator("#composer [data-count]")).to_contain_text("3 ")
    expect(page.locator("[data-submit]")).to_be_disabled()
    page.fill("#composer-text", " ")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#composer-error")).to_be_visible()


def test_a_draft_outlives_a_reload_and_a_new_epoch(site: Site, at: Callable[..., Page]) -> None:
    page = at(ARTICLE, "reader")
    page.fill("#composer-text", "Ein halber Satz")
    page.reload()
    expect_live(page)
    expect(page.locator("#composer-text")).to_have_value("Ein halber Satz")
    epoch = page.locator("newsroom-discussion").get_attribute("epoch")
    shown = page.locator("main [data-list] > li").count()

    env = environment(NEWSROOM_DATA=str(site.folder), SECRET_KEY="any", NEWSROOM_DEMO="1")
    renewed = manage("renew_epoch", env=env)

    assert renewed.returncode == 0, renewed.stderr
    expect(page.locator("newsroom-discussion")).not_to_have_attribute("epoch", epoch or "")
    expect(page.locator("main [data-list] > li")).to_have_count(shown)
    expect(page.locator("#composer-text")).to_have_value("Ein halber Satz")
    page.fill("#composer-text", "Nun ein ganzer")
    page.keyboard.press("Control+Enter")
    expect(said(page, "Nun ein ganzer")).to_have_count(1)


def test_more_replies_come_in_place(site: Site, at: Callable[..., Page]) -> None:
    with site.api("reader") as reader:
        first = site.say(reader, "Viele antworten")
        for number in range(6):
            site.say(reader, f"Antwort {number}", first)
    thread = at(ARTICLE).locator(f"#comment-{first}")
    before = thread.locator(".replies > li").count()

    thread.locator("[data-more]").click()

    expect(thread.locator("[data-more]")).to_be_hidden()
    ids = thread.locator(".replies > li").evaluate_all("all => all.map(each => Number(each.dataset.order))")
    assert len(ids) > before
    assert ids == sorted(set(ids))


def test_a_page_that_followed_along_equals_a_fresh_one(
    site: Site, at: Callable[..., Page], editor: Callable[..., int]
) -> None:
    """Every kind of event that discussions and tickers know, on pages that stood open and on ones opened afterwards."""
    talk, ticker, desk, chats = at(ARTICLE), at("/newsticker/"), at(ARTICLE, "moderator"), at("/chats/")
    with site.api("reader") as reader, site.api("moderator") as moderator:
        say = partial(site.say, reader)

        def decide(comment: int, action: str) -> None:
            wish = {"action": action, "reason": "off_topic"}
            assert moderator.post(f"/api/v1/comments/{comment}/decisions/", json=wish).is_success

        kept, gone, back, alone = say("Bleibt"), say("Wird entfernt"), say("Kommt wieder"), say("Wird zurückgezogen")
        say("Antwort auf die Antwort", say("Antwort", kept))
        lost = say("Antwort, die verschwindet", kept)
        assert reader.patch(f"/api/v1/comments/{kept}/", json={"text": "Bleibt, **geändert**"}).is_success
        for comment, action in ((gone, "remove"), (back, "remove"), (back, "restore"), (lost, "remove")):
            decide(comment, action)
        assert reader.delete(f"/api/v1/comments/{alone}/").is_success
        last = say("Zuletzt")
    items = [editor("POST", headline=f"Meldung {number}", text="*Mehr*", article=SLUG) for number in range(4)]
    editor("PATCH", items[0], headline="Meldung, berichtigt", correction="War falsch.")
    editor("PATCH", items[1], pinned=True)
    editor("DELETE", items[2])
    final = editor("POST", headline="Schlusspunkt", level="breaking")

    expect(talk.locator(f"#comment-{last}")).to_have_count(1)
    expect(desk.locator(f"#comment-{last}")).to_have_count(1)
    for page in (ticker, chats):
        bring(page)
    expect(ticker.locator(f"#item-{final}")).to_have_count(1)
    expect(chats.locator("main [data-list] > li").first).to_contain_text("Zuletzt")
    for open_page, path, role in (
        (talk, ARTICLE, None),
        (desk, ARTICLE, "moderator"),
        (ticker, "/newsticker/", None),
    ):
        fresh_page = at(path, role)
        for page in (open_page, fresh_page):
            page.wait_for_function(LOADED_TO_ITS_END)
        assert open_page.evaluate(SNAPSHOT) == fresh_page.evaluate(SNAPSHOT)
    assert chats.evaluate(LINKS) == at("/chats/").evaluate(LINKS)
    editor("PATCH", items[1], pinned=False)


def test_a_reaction_is_pressed_at_once_and_counted_everywhere(at: Callable[..., Page]) -> None:
    reader, visitor = at(ARTICLE, "reader"), at(ARTICLE)
    said = "Der Daumen geht hoch"
    reader.fill("#composer-text", said)
    reader.keyboard.press("Control+Enter")
    mine = reader.locator("li.comment[data-id]", has_text=said)
    theirs = visitor.locator("li.comment[data-id]", has_text=said)
    adding = mine.locator("[data-add-reaction]")
    like, dislike = (mine.locator(f'button[data-reaction="{name}"]') for name in ("like", "dislike"))
    who = mine.get_by_role("link", name="Wer?")
    expect(theirs.locator("[data-reaction]")).to_have_count(0)
    expect(who).to_have_count(0)

    adding.click()
    like.focus()
    reader.keyboard.press("Enter")

    expect(like).to_have_attribute("aria-pressed", "true")
    expect(theirs.locator('[data-reaction="like"] [data-n]')).to_have_text("1")
    height = theirs.bounding_box()["height"]
    adding.click()
    dislike.click()
    expect(like).to_have_count(0)
    expect(theirs.locator('[data-reaction="dislike"] [data-n]')).to_have_text("1")
    expect(theirs.locator('[data-reaction="like"]')).to_be_hidden()
    with reader.expect_response("**/reactions/dislike/"):
        dislike.click()
    expect(theirs.locator('[data-reaction="dislike"]')).to_be_hidden()
    expect(who).to_be_hidden()
    assert theirs.bounding_box()["height"] == height  # nothing below it moves
    adding.click()
    expect(like).to_have_attribute("aria-pressed", "false")
    dislike.click()
    expect(theirs.locator('[data-reaction="dislike"] [data-n]')).to_have_text("1")
    reader.reload()
    expect(mine.locator('button[data-reaction="dislike"]')).to_have_attribute("aria-pressed", "true")
    expect(visitor.get_by_role("link", name="Wer?")).to_have_count(0)
    who.click()
    expect(reader.locator(".reacted li")).to_have_text(re.compile(r"Gefällt mir nicht"))
    reader.get_by_role("link", name="Zurück zur Diskussion").click()
    expect(mine.locator(".comment-text")).to_be_in_viewport()


def test_presses_of_one_comment_reach_the_server_in_their_order(at: Callable[..., Page]) -> None:
    reader = at(ARTICLE, "reader")
    said = "Erst hoch, dann runter"
    reader.fill("#composer-text", said)
    reader.keyboard.press("Control+Enter")
    mine = reader.locator("li.comment[data-id]", has_text=said)
    like, dislike = (mine.locator(f'button[data-reaction="{name}"]') for name in ("like", "dislike"))
    held: list[Route] = []

    def hold_the_first(route: Route) -> None:
        held.append(route)
        if len(held) > 1:
            route.continue_()

    reader.route("**/reactions/*/", hold_the_first)

    for sign in (like, dislike):
        mine.locator("[data-add-reaction]").click()
        sign.click()
    expect(dislike).to_have_attribute("aria-pressed", "true")
    assert [each.request.url.split("/")[-2] for each in held] == ["like"]
    with reader.expect_response("**/reactions/dislike/"):
        held[0].continue_()

    expect(like).to_have_count(0)
    expect(dislike).to_have_attribute("aria-pressed", "true")
    expect(dislike.locator("[data-n]")).to_have_text("1")


def test_people_quote_mention_and_undo(at: Callable[..., Page], site: Site) -> None:
    reader = at(ARTICLE, "reader")
    said_first = "Wer war zuerst da?"
    reader.fill("#composer-text", said_first)
    reader.keyboard.press("Control+Enter")
    mine = said(reader, said_first)
    expect(mine).to_have_count(1)
    name = mine.locator("> .comment-box [data-field=author]").inner_text()

    mine.locator("> .comment-box [data-action=quote]").click()
    answer = reader.locator("[data-reply-form] textarea")
    expect(answer).to_have_value(f"> {said_first}\n\n")
    answer.press_sequentially(f"Ich, @{name[:3]}")
    reader.locator(".mentions:not([hidden]) li", has_text=name).wait_for()
    reader.keyboard.press("Enter")
    expect(answer).to_have_value(f"> {said_first}\n\nIch, @{name} ")
    reader.locator("[data-reply-form] [data-cancel]").click()

    mine.locator("> .comment-box [data-action=withdraw]").click()
    expect(mine).to_have_count(0)
    reader.locator("li.comment.is-gone .comment-box > .button").click()
    expect(mine).to_have_count(1)


def test_replies_stand_behind_what_they_answer_as_deep_as_the_site_wants(
    filled_folder: Callable[[], Path], visit: Callable[..., Visitor]
) -> None:
    with demo(filled_folder(), REPLY_DEPTH="2", LIMIT_COMMENTS="1000/m") as process:
        site = Site(process, Path())
        reader = open_as(site, visit(process.url), ARTICLE, "reader")
        visitor = open_as(site, visit(process.url), ARTICLE, None)
        reader.fill("#composer-text", "Stufe 0")
        reader.keyboard.press("Control+Enter")
        for above, text in (("0", "1"), ("1", "2"), ("2", "tief"), ("0", "daneben"), ("1", "danach")):
            rows = reader.locator("main [data-list] > li" if above == "0" else ".replies > li:not(.is-pending)")
            rows.filter(has_text=f"Stufe {above}").first.locator("> .comment-box [data-action=reply]").click()
            reader.locator("[data-reply-form] textarea").fill(f"Stufe {text}")
            reader.locator("[data-reply-form] [data-submit]").click()
            expect(reader.locator("[data-reply-form]")).to_have_count(0)
            expect(visitor.locator(".replies > li", has_text=f"Stufe {text}")).to_have_count(1)

        live = visitor.evaluate(THREAD)
        visitor.goto(f"{reader.evaluate('location.origin')}/comments/{live[0]}/replies/")

        assert live[1:] == [
            ["1", "Stufe 1", ""],
            ["2", "Stufe 2", ""],
            ["2", "Stufe tief", "Antwort auf Rosa Reuter"],
            ["2", "Stufe danach", ""],
            ["1", "Stufe daneben", ""],
        ]
        assert visitor.evaluate(THREAD) == live
