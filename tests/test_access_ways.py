"""Who may do what where on each way: every operation of the API, every page, form of the admin, stream and command.

An operation without an expectation fails. What the actions behind them ask is in tests/test_access.py.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.contrib import admin
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import reverse
from drf_spectacular.generators import SchemaGenerator

from accounts.actions import impose_sanction
from accounts.duties import Duties, Duty
from accounts.models import User
from accounts.permissions import ADMINISTRATES, DEEDS, EDITS, MODERATES, RUNS, STREAMS, Need, Where, allowed
from articles.models import Section
from comments import actions as talk
from comments.models import BulkJob, Case, Decision, OpeningHours, SecondLook
from comments.panel.urls import urlpatterns as panel
from newsroom.live import registry
from newsroom.pages.urls import urlpatterns as pages
from tests.test_access import kinds

pytestmark = pytest.mark.django_db
PUBLIC, OWN = "for everybody", "for whoever is logged in"
ANY_QUEUE = Need((Duty.MODERATE,), Where.SOMEWHERE)  # which shows the sections of the person
REMOVE = {"action": "remove", "reason": "spam"}
BAR = {"scope": "chat", "until": None, "reason": "spam"}
WORDS = {"name": "Wörter", "kind": "words", "words": ["igitt"], "action": "hold", "language": "de"}

type Expected = str | tuple[Need, dict[str, Any]]  # the need, and a body
API: dict[str, Expected] = {
    "GET articles/": PUBLIC,
    "GET articles/{slug}/": PUBLIC,
    "GET asyncapi/": PUBLIC,
    "GET comments/{id}/": PUBLIC,
    "PATCH comments/{id}/": OWN,
    "DELETE comments/{id}/": OWN,
    "POST comments/{id}/decisions/": (DEEDS["comments.remove"], REMOVE),
    "GET comments/{id}/history/": (MODERATES, {}),
    "GET comments/{id}/reactions/": OWN,
    "PUT comments/{id}/reactions/{name}/": OWN,
    "DELETE comments/{id}/reactions/{name}/": OWN,
    "POST comments/{id}/reports/": OWN,
    "POST comments/{id}/undo/": OWN,
    "POST decisions/{id}/undo/": OWN,  # one's own decision, within a minute
    "GET discussions/": PUBLIC,
    "GET discussions/{id}/": PUBLIC,
    "PATCH discussions/{id}/": (DEEDS["comments.change_discussion"], {"switch": "closed"}),
    "GET discussions/{id}/comments/": PUBLIC,
    "POST discussions/{id}/comments/": OWN,
    "GET discussions/{id}/anchor/": PUBLIC,
    "GET discussions/{id}/draft/": OWN,
    "GET discussions/{id}/read/": OWN,
    "PUT discussions/{id}/read/": OWN,
    "PUT discussions/{id}/draft/": OWN,
    "DELETE discussions/{id}/draft/": OWN,
    "PUT discussions/{id}/merge/": (DEEDS["comments.merge"], {"into": "{chat}"}),
    "DELETE discussions/{id}/merge/": (DEEDS["comments.undo_merge"], {}),
    "GET discussions/{id}/mine/": OWN,
    "GET discussions/{id}/participants/": OWN,
    "POST discussions/{id}/preview/": OWN,
    "GET discussions/by-url/": PUBLIC,
    "PUT discussions/by-url/": (DEEDS["comments.discuss_page"], {"title": "Seite"}),
    "GET discussions/counts/": PUBLIC,
    "GET me/": OWN,
    "PATCH me/": OWN,
    "GET me/preferences/": OWN,
    "PATCH me/preferences/": OWN,
    "GET me/ignored/": OWN,
    "PUT me/ignored/{id}/": OWN,
    "DELETE me/ignored/{id}/": OWN,
    "GET me/notifications/": OWN,
    "PUT me/notifications/read/": OWN,
    "PUT me/avatar/": OWN,
    "DELETE me/avatar/": OWN,
    "GET me/push/": OWN,
    "PUT me/push/": OWN,
    "DELETE me/push/": OWN,
    "GET me/warnings/": OWN,
    "POST me/warnings/{id}/acknowledge/": OWN,
    "POST moderation/bulk/": (ANY_QUEUE, {"ids": ["{comment}"], **REMOVE}),  # what is elsewhere counts as refused
    "GET moderation/bulk/{id}/": (ANY_QUEUE, {}),  # one's own
    "DELETE moderation/bulk/{id}/": (ANY_QUEUE, {}),
    "POST moderation/bulk/{id}/undo/": (ANY_QUEUE, {}),
    "GET moderation/cases/": (ANY_QUEUE, {}),
    "GET moderation/cases/{id}/": (MODERATES, {}),
    "PUT moderation/cases/{id}/claim/": (DEEDS["comments.claim"], {}),
    "DELETE moderation/cases/{id}/claim/": (DEEDS["comments.release"], {}),
    "GET moderation/cases/{id}/context/": (MODERATES, {}),
    "GET moderation/counts/": (ANY_QUEUE, {}),
    "GET moderation/decisions/": (ANY_QUEUE, {}),
    "GET moderation/decisions.csv": (ANY_QUEUE, {}),
    "GET moderation/decisions/{id}/": (MODERATES, {}),
    "GET moderation/second/": (ANY_QUEUE, {}),
    "GET moderation/second/agreement/": (ANY_QUEUE, {}),
    "GET moderation/second/disagreements/": (Need((Duty.HEAD,), Where.SOMEWHERE), {}),
    "POST moderation/second/{id}/": (DEEDS["comments.judge_again"], {"verdict": "stand"}),
    "GET moderation/statistics/": (ANY_QUEUE, {}),
    "GET moderation/statistics.csv": (ANY_QUEUE, {}),
    "GET moderation/models/": (ANY_QUEUE, {}),
    "POST moderation/models/": (Need((Duty.HEAD,), Where.EVERYWHERE), {}),
    "GET moderation/people/": (ANY_QUEUE, {}),
    "GET moderation/people/{id}/": (ANY_QUEUE, {}),
    "GET moderation/people/{id}/comments/": (ANY_QUEUE, {}),
    "GET moderation/people/{id}/notes/": (ANY_QUEUE, {}),
    "POST moderation/people/{id}/notes/": (DEEDS["comments.note_person"], {"text": "Eine Notiz"}),
    "GET moderation/people/{id}/sanctions/": (ANY_QUEUE, {}),
    "GET moderation/people/{id}/warnings/": (ANY_QUEUE, {}),
    "POST moderation/people/{id}/warnings/": (DEEDS["comments.warn_person"], {"reason": "spam"}),
    "GET moderation/queue/": (ANY_QUEUE, {}),
    "GET moderation/refused/": (ANY_QUEUE, {}),
    "GET moderation/rules/": (ANY_QUEUE, {}),
    "POST moderation/rules/": (DEEDS["comments.make_rule"], WORDS),
    "GET moderation/rules/{id}/": (ANY_QUEUE, {}),
    "PATCH moderation/rules/{id}/": (DEEDS["comments.change_rule"], {"mode": "live"}),
    "DELETE moderation/rules/{id}/": (DEEDS["comments.drop_rule"], {}),
    "POST moderation/rules/{id}/runs/": (DEEDS["comments.start_run"], {}),
    "GET moderation/rules/{id}/runs/{run}/": (ANY_QUEUE, {}),
    "DELETE moderation/rules/{id}/runs/{run}/": (DEEDS["comments.cancel_run"], {}),
    "POST moderation/cases/{id}/hand-over/": (DEEDS["comments.hand_over"], {"to": "Mo"}),
    "GET moderation/texts/": (ANY_QUEUE, {}),
    "POST moderation/texts/": (DEEDS["comments.add_text"], {"reason": "spam", "language": "de", "text": "Bitte"}),
    "PATCH moderation/texts/{id}/": (DEEDS["comments.change_text"], {"text": "Bitte nicht"}),
    "DELETE moderation/texts/{id}/": (DEEDS["comments.drop_text"], {}),
    "POST moderation/rules/try/": (ANY_QUEUE, {"text": "Schön"}),
    "DELETE moderation/warnings/{id}/": (DEEDS["comments.withdraw_warning"], {}),
    "GET report-reasons/": PUBLIC,
    "DELETE sanctions/{id}/": (DEEDS["accounts.lift_sanction"], {}),
    "GET search/": PUBLIC,
    "GET streams/{stream}/events/": PUBLIC,  # each stream has a line of its own, below
    "PUT subscriptions/{kind}/{id}/": OWN,
    "DELETE subscriptions/{kind}/{id}/": OWN,
    "GET ticker-items/{id}/": PUBLIC,
    "PATCH ticker-items/{id}/": (DEEDS["articles.change_item"], {"headline": "Anders"}),
    "DELETE ticker-items/{id}/": (DEEDS["articles.retract_item"], {}),
    "GET tickers/": PUBLIC,
    "GET tickers/{slug}/items/": PUBLIC,
    "POST tickers/{slug}/items/": (DEEDS["articles.publish_item"], {"headline": "Neu"}),
    "GET tickers/{slug}/seen/": OWN,
    "PUT tickers/{slug}/seen/": OWN,
    "POST users/{id}/sanctions/": (DEEDS["accounts.impose_sanction"], BAR),
    "DELETE users/{id}/avatar/": (DEEDS["accounts.remove_avatar"], {"reason": "spam"}),
}
# What has no section here.
WITHOUT_SECTION = {
    "PUT discussions/{id}/merge/",
    "DELETE discussions/{id}/merge/",
    "PUT discussions/by-url/",
    "GET moderation/rules/{id}/",
    "POST moderation/rules/",
    "POST moderation/rules/try/",
    "PATCH moderation/rules/{id}/",
    "DELETE moderation/rules/{id}/",
    "POST moderation/rules/{id}/runs/",
    "GET moderation/rules/{id}/runs/{run}/",
    "DELETE moderation/rules/{id}/runs/{run}/",
    "DELETE sanctions/{id}/",
    "POST moderation/people/{id}/warnings/",
    "DELETE moderation/warnings/{id}/",
    "POST users/{id}/sanctions/",
    "DELETE users/{id}/avatar/",
}
PAGES: dict[str, Expected] = {
    **dict.fromkeys(
        [
            *("front", "section", "article", "newsticker", "ticker", "item", "find", "chats", "chat", "comment"),
            "replies",
            *("feed", "json-feed", "section-feed", "section-json-feed", "ticker-feed", "ticker-json-feed"),
            *("discussion-feed", "discussion-json-feed", "oembed", "csp-reports"),
            *("replies-feed", "replies-json-feed"),  # for whoever has the key
            *("sitemap-places", "sitemap-articles", "language", "sitemap.xml", "robots.txt", "theme", "person"),
            *("breaking-close", "manifest", "worker", "offline"),
        ],
        PUBLIC,
    ),
    **dict.fromkeys(
        [
            *("comment-edit", "comment-reactions", "comment-react", "comment-report", "comment-post", "follow"),
            *("comment-ignore", "ignored", "earlier", "notifications", "warning"),
        ],
        OWN,
    ),
    "comment-moderate": (MODERATES, {"deed": "remove", "reason": "spam"}),
}
PANEL = {  # the page, its need, and which thing it is about
    "moderation": (ANY_QUEUE, None),
    "moderation-queue-page": (ANY_QUEUE, None),
    "moderation-case-page": (MODERATES, "cases"),
    "moderation-context-page": (MODERATES, "cases"),
    "moderation-hand-over-page": (MODERATES, "cases"),
    "moderation-edit-page": (MODERATES, "cases"),
    "moderation-newest-page": (ANY_QUEUE, None),
    "moderation-filters-page": (ANY_QUEUE, None),
    "moderation-keys": (ANY_QUEUE, None),
    "moderation-bulk-start-page": (ANY_QUEUE, None),
    "moderation-discussions-page": (ANY_QUEUE, None),
    "moderation-discussion-page": (MODERATES, "discussions"),
    "moderation-held-page": (MODERATES, "discussions"),
    "moderation-premoderation-page": (ANY_QUEUE, None),
    "moderation-bulk-page": (ANY_QUEUE, "bulk"),  # one's own
    "moderation-people-page": (ANY_QUEUE, None),
    "moderation-person-page": (ANY_QUEUE, "people"),
    "moderation-texts-page": (ANY_QUEUE, None),
    "moderation-text-page": (ANY_QUEUE, "texts"),
    "moderation-decisions-page": (ANY_QUEUE, None),
    "moderation-refused-page": (ANY_QUEUE, None),
    "moderation-statistics-page": (ANY_QUEUE, None),
    "moderation-models-page": (ANY_QUEUE, None),
    "moderation-rules-page": (ANY_QUEUE, None),
    "moderation-bench-page": (ANY_QUEUE, None),
    "moderation-new-rule-page": (ANY_QUEUE, None),
    "moderation-rule-page": (ANY_QUEUE, "rules"),
    "moderation-run-page": (ANY_QUEUE, "run"),
    "moderation-second-page": (ANY_QUEUE, None),
}
EVERYWHERE = Need((Duty.ADMINISTRATE,), Where.EVERYWHERE)
# Whose rows of this section a form shows, and who may save them. Public things are shown to all who have the form.
ADMIN: dict[str, tuple[Need | None, Need]] = {
    "accounts.auditentry": (None, EVERYWHERE),  # nobody saves these
    "accounts.legalpage": (None, DEEDS["accounts.write_legal_page"]),
    "accounts.sanction": (None, EVERYWHERE),  # never changed
    "accounts.user": (None, Need(ADMINISTRATES.duties, Where.SOMEWHERE)),
    "articles.article": (None, EDITS),
    "articles.photo": (None, DEEDS["articles.describe_photo"]),
    "newsroom.appearance": (None, ADMINISTRATES),
    "articles.section": (None, DEEDS["articles.keep_section"]),
    "articles.ticker": (None, EDITS),
    "articles.tickeritem": (None, EDITS),
    "comments.comment": (RUNS, MODERATES),
    "comments.commentimport": (None, EVERYWHERE),  # only begun, by its own button
    "comments.decision": (RUNS, EVERYWHERE),  # nobody saves these
    "comments.discussion": (RUNS, RUNS),
    "comments.openinghours": (RUNS, RUNS),
    "django_tasks_database.dbtaskresult": (None, EVERYWHERE),
}
NEVER_SAVED = {
    *("accounts.auditentry", "accounts.sanction", "comments.commentimport", "comments.decision"),
    "django_tasks_database.dbtaskresult",
}


@pytest.fixture
def kim(person: Callable[..., User]) -> User:
    return person("Kim")


@pytest.fixture
def elsewhere(db: None) -> int:
    return Section.objects.create(name="Sport", slug="sport").pk


@pytest.fixture
def things(
    kim: User, article: Any, ticker: Any, item: Any, discussion: Any, chat: Any, comment: Any, mo: User, bob: User
) -> dict[str, Any]:
    """A thing of each kind in the article's section, or in none."""
    ticker.article = article
    ticker.save(update_fields=["article"])
    talk.report(comment.pk, actor=bob, reason="spam")
    merged = talk.start_chat("Noch ein Treff", actor=mo)
    talk.merge(merged.pk, talk.start_chat("Dritter Treff", actor=mo).pk, actor=mo)
    rule = talk.make_rule(actor=mo, **WORDS | {"name": "Andere"})
    User.objects.filter(pk=bob.pk).update(avatar="a" * 24)
    sanction = impose_sanction(bob.pk, actor=mo, scope="chat", until=None, reason="spam")
    hours = OpeningHours.objects.create(name="Nachts", section=article.section, rules="daily 00:00-01:00 closed")
    decided = talk.post(discussion.pk, author=bob, text="Weg damit").comment
    talk.remove(decided.pk, actor=mo, reason="spam")
    last = Decision.objects.latest("id")
    look = SecondLook.objects.create(decision=last, section=last.section, opens_at=last.created_at)
    return {
        "second": look.pk,
        "comments": comment.pk,
        "discussions": discussion.pk,
        "merged": merged.pk,
        "free": talk.start_chat("Vierter Treff", actor=mo).pk,
        "chat": chat.pk,
        "bulk": BulkJob.objects.create(moderator=kim, action="remove", reason="spam", count=1).pk,
        "cases": Case.objects.get(comment=comment).pk,
        "rules": rule.pk,
        "run": talk.start_run(rule.pk, actor=mo).pk,
        "decisions": Decision.objects.latest("id").pk,
        "subscriptions": article.pk,
        "sanctions": sanction.pk,
        "users": bob.pk,
        "people": bob.pk,
        "me": talk.warn_person(kim.pk, actor=mo, reason="spam", text="Bitte nicht.").pk,
        "warnings": talk.warn_person(bob.pk, actor=mo, reason="spam").pk,
        "texts": talk.add_text(actor=mo, reason="spam", language="de", text="Bitte").pk,
        "ticker-items": item.pk,
        "tickers": ticker.slug,
        "hours": hours.pk,
        "decision": Decision.objects.latest("id").pk,
        "section": article.section_id,
        "article": article.pk,
        "ticker": ticker.pk,
    }


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    cache.clear()


def as_each(kim: User, here: int, elsewhere: int) -> Iterator[tuple[str, Duties, Client]]:
    client = Client(raise_request_exception=True)
    client.force_login(kim)
    for name, duties in kinds(here, elsewhere):
        kim.give(duties)
        kim.save(update_fields=["duties", "role"])
        yield name, duties, client


def operations() -> list[str]:
    paths = SchemaGenerator().get_schema(request=None, public=True)["paths"]
    return [f"{method.upper()} {path.removeprefix('/api/v1/')}" for path, each in paths.items() for method in each]


def test_every_operation_has_an_expectation() -> None:
    assert sorted(API) == sorted(operations())
    assert sorted(PAGES) == sorted(each.name or str(each.pattern) for each in pages if each.name != "sitemap")
    assert sorted(PANEL) == sorted(str(each.name) for each in panel)
    assert sorted(ADMIN) == sorted(model._meta.label_lower for model in admin.site._registry)
    assert sorted(STREAMS) == registry.streams()
    assert set(registry.commands()) == {"comment"}  # a reader's, like POST discussions/{id}/comments/


OF_DUTIES = [name for name, expected in API.items() if not isinstance(expected, str)]


@pytest.mark.parametrize("operation", OF_DUTIES)
def test_an_operation_of_the_api_is_for_those_whose_duty_allows_it_there(
    operation: str, things: dict[str, Any], kim: User, elsewhere: int
) -> None:
    need, body = API[operation]
    section = None if operation in WITHOUT_SECTION else things["section"]
    done, may = {}, {}
    for name, duties, client in as_each(kim, things["section"], elsewhere):
        with undone():
            status = _ask(client, operation, body, things)
            assert status < 500, (operation, name)
            assert status in {403, 404, 409} or status < 300, (operation, name, status)  # 409: a run is under way
            done[name], may[name] = status not in {403, 404}, need.met_by(duties, section)

    assert done == may
    assert _ask(Client(), operation, body, things) == 401


def _ask(client: Client, operation: str, body: dict[str, Any], things: dict[str, Any]) -> int:
    method, _, path = operation.partition(" ")
    family = path.removeprefix("moderation/").partition("/")[0]
    thing = {"PUT discussions/{id}/merge/": "free", "DELETE discussions/{id}/merge/": "merged"}.get(operation, family)
    path = path.replace("{id}", str(things.get(thing))).replace("{slug}", str(things.get(family)))
    path = path.replace("{run}", str(things["run"]))
    path = path.replace("{kind}", "article").replace("{name}", "like")
    if "by-url" in path:
        path += "?url=https://example.org/seite"
    said = json.dumps(body).replace('"{chat}"', str(things["chat"])).replace('"{comment}"', str(things["comments"]))
    return client.generic(method, f"/api/v1/{path}", said, content_type="application/json").status_code


@pytest.mark.parametrize("operation", [name for name, expected in API.items() if expected == OWN])
def test_what_is_ones_own_is_for_nobody_who_is_not_logged_in(operation: str, things: dict[str, Any]) -> None:
    assert _ask(Client(), operation, {}, things) == 401


def test_the_page_of_a_decision_is_for_moderators_of_the_section(
    things: dict[str, Any], kim: User, elsewhere: int
) -> None:
    need, body = PAGES["comment-moderate"]
    path = f"/comments/{things['comments']}/moderate/"
    for name, duties, client in as_each(kim, things["section"], elsewhere):
        with undone():
            seen = {"seen": "1"}
            statuses = client.get(path).status_code, client.post(path, body | seen).status_code
        assert statuses == ((200, 302) if need.met_by(duties, things["section"]) else (403, 403)), name


@pytest.mark.parametrize("name", list(PANEL))
def test_a_page_of_the_panel_is_for_moderators_of_the_section(
    name: str, things: dict[str, Any], kim: User, elsewhere: int
) -> None:
    need, about = PANEL[name]
    path = reverse(name, args=[things[about]] if about else [])
    for kind, duties, client in as_each(kim, things["section"], elsewhere):
        assert (client.get(path).status_code == 200) == need.met_by(duties, things["section"]), kind


@pytest.mark.parametrize("label", list(ADMIN))
def test_a_form_of_the_admin_shows_and_saves_what_the_duty_allows(
    label: str, things: dict[str, Any], kim: User, elsewhere: int
) -> None:
    shows, saves = ADMIN[label]
    app, _, model = label.partition(".")
    row = {
        "user": things["users"],
        "sanction": things["sanctions"],
        "article": things["article"],
        "section": things["section"],
        "ticker": things["ticker"],
        "tickeritem": things["ticker-items"],
        "comment": things["comments"],
        "decision": things["decision"],
        "discussion": things["discussions"],
        "openinghours": things["hours"],
    }.get(model)
    for name, duties, client in as_each(kim, things["section"], elsewhere):
        may_view = allowed(duties, f"{app}.view_{model}") or allowed(duties, f"{app}.change_{model}")
        listed = client.get(f"/admin/{app}/{model}/").status_code
        assert listed == (200 if may_view else 403 if duties else 302), (label, name)
        if row is None:
            continue
        page = client.get(f"/admin/{app}/{model}/{row}/change/")
        is_shown = may_view and (shows is None or shows.met_by(duties, things["section"]))
        assert (page.status_code == 200) == is_shown, (label, name, page.status_code)
        is_saved = b'name="_save"' in page.content
        assert is_saved == (is_shown and label not in NEVER_SAVED and saves.met_by(duties, things["section"])), (
            label,
            name,
        )


@pytest.mark.parametrize("stream", ["moderation", "moderation.<section>"])
def test_a_stream_is_for_those_whose_duty_covers_it(
    stream: str, things: dict[str, Any], kim: User, elsewhere: int
) -> None:
    slug = Section.objects.get(pk=things["section"]).slug
    name = stream.replace("<section>", slug)
    for kind, duties, client in as_each(kim, things["section"], elsewhere):
        expected = STREAMS[stream].met_by(duties, things["section"])
        assert registry.may_read(User.objects.get(pk=kim.pk), name) == expected, kind
        status = client.get(f"/api/v1/streams/{name}/events/").status_code
        assert (status == 200) == expected, (kind, status)
