"""What only moderators may read leaves by no outlet: every address, stream, mail, row and search is asked for it.

A new address with a placeholder says in OUTLETS what it is about; one without is walked by itself. A new table that may
hold such words stands in KEPT.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.core import mail
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.actions import give_duties
from accounts.duties import Duties, Duty
from accounts.models import Notification, User
from articles.models import Section
from comments import actions
from comments.actions.learning import lessons_by_language
from comments.errors import RefusedByRule
from comments.models import Case, Comment, Decision, LearnedModel, Rule
from newsroom.live import registry
from newsroom.live.models import Stream
from tests.comments.tools import events

pytestmark = pytest.mark.django_db
TOKEN = re.compile(r"Quax[a-z]+q")
# What is not asked: logins, settings of one's own account, files, and the demo's mailbox, which is no part of a site.
NOT_HERE = ("accounts/", "^accounts/", "_allauth/", "demo/mail/", "media/", "api/docs/")
COMMENT, PLACE, CASE, DECISION, PERSON, RULE = "comment", "place", "case", "decision", "person", "rule"
ARTICLE, SECTION, STREAM, JOB, ANY = "article", "section", "stream", "job", "any"
OUTLETS: dict[str, str] = {
    "api/v1/comments/<int:pk>/": COMMENT,
    "api/v1/comments/<int:pk>/decisions/": COMMENT,
    "api/v1/comments/<int:pk>/history/": COMMENT,
    "api/v1/comments/<int:pk>/reports/": COMMENT,
    "api/v1/comments/<int:pk>/undo/": COMMENT,
    "api/v1/decisions/<int:pk>/undo/": DECISION,
    "api/v1/discussions/<int:pk>/": PLACE,
    "api/v1/discussions/<int:pk>/anchor/": PLACE,
    "api/v1/discussions/<int:pk>/comments/": PLACE,
    "api/v1/discussions/<int:pk>/draft/": PLACE,
    "api/v1/discussions/<int:pk>/merge/": PLACE,
    "api/v1/discussions/<int:pk>/mine/": PLACE,
    "api/v1/discussions/<int:pk>/participants/": PLACE,
    "api/v1/discussions/<int:pk>/preview/": PLACE,
    "api/v1/discussions/<int:pk>/read/": PLACE,
    "api/v1/moderation/bulk/<int:pk>/": JOB,
    "api/v1/moderation/bulk/<int:pk>/undo/": JOB,
    "api/v1/moderation/cases/<int:pk>/": CASE,
    "api/v1/moderation/cases/<int:pk>/claim/": CASE,
    "api/v1/moderation/cases/<int:pk>/context/": CASE,
    "api/v1/moderation/cases/<int:pk>/hand-over/": CASE,
    "api/v1/comments/<int:pk>/reactions/": COMMENT,
    "api/v1/moderation/decisions/<int:pk>/": DECISION,
    "api/v1/moderation/people/<int:pk>/": PERSON,
    "api/v1/moderation/people/<int:pk>/comments/": PERSON,
    "api/v1/moderation/people/<int:pk>/notes/": PERSON,
    "api/v1/moderation/people/<int:pk>/sanctions/": PERSON,
    "api/v1/moderation/people/<int:pk>/warnings/": PERSON,
    "api/v1/moderation/warnings/<int:pk>/": ANY,
    "api/v1/moderation/rules/<int:pk>/": RULE,
    "api/v1/moderation/rules/<int:pk>/runs/": RULE,
    "api/v1/streams/<str:stream>/events/": STREAM,
    "api/v1/articles/<slug:slug>/": ARTICLE,
    "api/v1/users/<int:pk>/sanctions/": PERSON,
    "api/v1/users/<int:pk>/avatar/": PERSON,
    "articles/<slug:slug>/": ARTICLE,
    "chats/<int:pk>/": PLACE,
    "comments/<int:pk>/": COMMENT,
    "comments/<int:pk>/edit/": COMMENT,
    "comments/<int:pk>/moderate/": COMMENT,
    "comments/<int:pk>/reactions/": COMMENT,
    "comments/<int:pk>/replies/": COMMENT,
    "comments/<int:pk>/report/": COMMENT,
    "comments/<int:pk>/ignore/": COMMENT,
    "api/v1/me/ignored/<int:pk>/": PERSON,
    "discussions/<int:pk>/comments/": PLACE,
    "feeds/discussions/<int:pk>.atom": PLACE,
    "feeds/discussions/<int:pk>.json": PLACE,
    "feeds/replies/<str:key>.atom": ANY,
    "feeds/replies/<str:key>.json": ANY,
    "feeds/sections/<slug:slug>.atom": SECTION,
    "feeds/sections/<slug:slug>.json": SECTION,
    "moderation/bulk/<int:pk>/": JOB,
    "api/v1/moderation/second/<int:pk>/": ANY,
    "moderation/cases/<int:pk>/": CASE,
    "moderation/cases/<int:pk>/context/": CASE,
    "moderation/cases/<int:pk>/edit/": CASE,
    "moderation/cases/<int:pk>/hand-over/": CASE,
    "moderation/discussions/<int:pk>/": PLACE,
    "moderation/discussions/<int:pk>/held/": PLACE,
    "moderation/people/<int:pk>/": PERSON,
    "people/<int:pk>/": PERSON,
    "moderation/rules/<int:pk>/": RULE,
    "moderation/runs/<int:pk>/": ANY,
    "sections/<slug:slug>/": SECTION,
    "api/v1/me/warnings/<int:pk>/acknowledge/": ANY,
    "warnings/<int:pk>/": ANY,
    **{
        f"admin/{model}/<path:object_id>/{page}": about
        for model, about in {
            "accounts/user": PERSON,
            "accounts/sanction": ANY,
            "accounts/auditentry": ANY,
            "comments/comment": COMMENT,
            "comments/decision": DECISION,
            "comments/discussion": PLACE,
        }.items()
        for page in ("history/", "delete/", "change/")
    },
}
# Addresses that tell of no comment, or that only take something.
BESIDE = re.compile(
    r"api/v1/(comments/<int:pk>/reactions/<|moderation/rules/<int:pk>/runs/<int:run>/|sanctions/|subscriptions/|ticker)"
    r"|comments/<int:pk>/reactions/<|subscriptions/|sitemap/|feeds/tickers/|newsticker/|theme-"
    r"|comments/<int:pk>/reactions/<|subscriptions/|unsubscribe/|sitemap/|feeds/tickers/|newsticker/"
    r"|(api/v1/)?moderation/texts/"  # for any comment
    r"|admin/(articles/|django_tasks_database/|accounts/legalpage/|newsroom/appearance/|comments/(openinghours|commentimport)/|r/|\^|\(|.*<path:object_id>/$)"
)
SEARCHES = ("search/", "api/v1/search/", "admin/search/", "admin/comments/comment/", "admin/comments/decision/")
# Tables whose rows may hold such words. No outsider is shown them, which the walk asks.
KEPT = {
    *("comments.Comment", "comments.CommentRevision", "comments.Decision", "comments.RuleHit", "comments.Report"),
    *(
        "comments.RefusedText",
        "comments.Rule",
        "comments.DayTally",
        "comments.SecondLook",
        "live.Event",
        "accounts.AuditEntry",
        "accounts.Notification",
    ),
}


@dataclass
class World:
    """`hidden`: the words that only moderators read, by what they are."""

    ids: dict[str, list[Any]]
    hidden: dict[str, str]
    comments: dict[str, Comment] = field(default_factory=dict)


@pytest.fixture
def world(settings, discussion, chat, article, alice, bob, mo, person) -> World:
    settings.LIMITS = {**settings.LIMITS, "comments": "1000/m"}
    carla = person("Carla")
    hidden = {
        name: f"Quax{name}q"
        for name in (
            *("held", "chat", "rejected", "bulk", "removed", "withdrawn", "edited", "rewritten", "undone", "refused"),
            *("rule", "report", "note", "told"),
        )
    }

    def say(name: str, text: str = "", where: Any = discussion) -> Comment:
        return actions.post(where.pk, author=alice, text=f"{text}{hidden[name]} im Satz").comment

    said = {name: say(name) for name in ("removed", "withdrawn", "edited", "rewritten")}
    actions.post(discussion.pk, author=bob, text="Eine Antwort darauf", parent_id=said["removed"].pk)
    actions.report(said["removed"].pk, actor=carla, reason="insult", text=hidden["report"])
    actions.remove(said["removed"].pk, actor=mo, reason="insult", note=hidden["note"])
    actions.withdraw(said["withdrawn"].pk, actor=alice)
    actions.edit(said["edited"].pk, actor=alice, text="Jetzt harmlos")
    actions.rewrite(said["rewritten"].pk, actor=mo, body="Auch harmlos", reason="insult")
    words = {"kind": "words", "words": ["Wicht"], "mode": "live"}
    actions.make_rule(actor=mo, name=hidden["rule"], action="hold", **words)
    actions.make_rule(actor=mo, name="Strenger", action="refuse", **words | {"words": ["Schuft"]})
    for name in ("held", "rejected", "bulk", "undone"):
        said[name] = say(name, "Wicht ")
    actions.decide(said["rejected"].pk, "reject", actor=mo, reason="insult", text=hidden["told"])
    job = actions.start_bulk([(said["bulk"].pk, said["bulk"].version)], "reject", actor=mo, reason="spam")
    while actions.bulk.go_on_with_bulk(job.pk):
        pass
    ruling = actions.approve(said["undone"].pk, actor=mo).ruling
    actions.undo_decision(ruling.pk, actor=mo)
    said["chat"] = say("chat", "Wicht ", chat)
    with pytest.raises(RefusedByRule):
        say("refused", "Schuft ")
    rows = {
        COMMENT: [comment.pk for comment in said.values()],
        PLACE: [discussion.pk, chat.pk],
        CASE: list(Case.objects.values_list("pk", flat=True)),
        DECISION: list(Decision.objects.values_list("pk", flat=True)),
        PERSON: [alice.pk],
        RULE: list(Rule.objects.values_list("pk", flat=True)),
        ARTICLE: [article.slug],
        SECTION: [article.section.slug],
        STREAM: list(Stream.objects.values_list("name", flat=True)),
        JOB: [job.pk],
        ANY: [1, 2, 3, 4, 5],
    }
    return World(rows, hidden, said)


@pytest.fixture
def outsiders(world, alice, bob, jo, ada, person) -> dict[str, User | None]:
    """Everybody who must not read it: neither its author, nor a moderator or editor of the section."""
    other = Section.objects.create(name="Sport", slug="sport")
    kim, edith = person("Kim"), person("Edith")
    give_duties(kim.pk, actor=ada, duties=Duties.of([(Duty.MODERATE, other.pk)]))
    give_duties(edith.pk, actor=ada, duties=Duties.of([(Duty.EDIT, other.pk)]))
    found = {"a stranger": None, "a reader": bob, "a journalist": jo, "a moderator elsewhere": kim, "an editor": edith}
    return {name: who and User.objects.get(pk=who.pk) for name, who in found.items()}


def addresses(resolver: URLResolver | None = None, above: str = "") -> Iterator[str]:
    """All addresses as the URL conf has them."""
    for each in (resolver or get_resolver()).url_patterns:
        place = above + str(each.pattern)
        if place.startswith(NOT_HERE):
            continue
        if isinstance(each, URLPattern):
            yield place
        else:
            yield from addresses(each, place)


def places(world: World) -> Iterator[str]:
    for address in sorted(set(addresses())):
        about = OUTLETS.get(address)
        if about is not None:
            yield from (re.sub(r"<[^>]+>", str(each), address) for each in world.ids[about])
        elif "<" not in address and "(" not in address:
            yield address
    for address in SEARCHES:
        yield from (f"{address}?q={word}" for word in world.hidden.values())


def read_by(who: User | None, world: World) -> Iterator[tuple[str, str]]:
    """Address and answer. What was searched for is no answer."""
    browser = Client(raise_request_exception=False)
    if who is not None:
        browser.force_login(who)
    for place in places(world):
        answer = browser.get(f"/{place}", {} if "?" in place else {"limit": 100} if place.startswith("api/v1/") else {})
        assert answer.status_code < 500, place
        said = b"".join(answer.streaming_content) if answer.streaming else answer.content
        text = said.decode(errors="replace")
        if "?q=" in place:
            text = text.replace(f"{place.partition('=')[2]} im Satz", "FOUND").replace(place.partition("=")[2], "")
            text = text.replace("FOUND", place.partition("=")[2])
        yield place, text


def test_every_address_is_known(world):
    unknown = [each for each in addresses() if "<" in each and each not in OUTLETS and not BESIDE.match(each)]
    assert unknown == [], "say in OUTLETS what it is about"


@pytest.mark.parametrize("name", ["a stranger", "a reader", "a journalist", "a moderator elsewhere", "an editor"])
def test_no_outsider_reads_it_anywhere(world, outsiders, name):
    who = outsiders[name]
    found = {(place, word) for place, text in read_by(who, world) for word in TOKEN.findall(text)}
    if who is not None and who.sections(Duty.MODERATE):  # a rule for all sections is for all moderators
        found = {(place, word) for place, word in found if word != world.hidden["rule"]}

    assert sorted(found) == []  # place and word


def test_a_moderator_reads_all_of_it_so_the_walk_does_find(world, mo):
    found = {word for _place, text in read_by(mo, world) for word in TOKEN.findall(text)}

    assert set(world.hidden.values()) - found == set()


def test_no_stream_tells_it_to_outsiders_on_any_transport(world, outsiders, alice):
    """All transports hand on the same bytes, which `outbox.read` reads."""
    told = {name: set(TOKEN.findall(str(events(name)))) for name in world.ids[STREAM]}

    assert set(world.hidden.values()) & set().union(*told.values())
    for who in outsiders.values():
        readable = [name for name in told if registry.may_read(who or AnonymousUser(), name)]
        assert readable
        assert {name: told[name] for name in readable if told[name]} == {}


def test_nobody_else_is_notified_or_written_to_with_it(world, alice):
    others = Notification.objects.exclude(user=alice)
    assert others.exists()
    assert TOKEN.findall(str(list(others.values()))) == []
    sent = [f"{each.subject} {each.body}" for each in mail.outbox if alice.email not in each.to]
    assert TOKEN.findall(str(sent)) == []


def test_no_table_holds_it_but_those_that_are_known(world):
    holds = {
        model._meta.label
        for model in apps.get_models(include_auto_created=True)
        if TOKEN.search(str(list(model._base_manager.values_list())))
    }
    assert holds - KEPT == set(), "say in KEPT that it may hold them, and let the walk reach what shows it"


def test_no_count_says_that_it_is_there(world, api, discussion, chat):
    for place in (discussion, chat):
        rows = api().get(f"/api/v1/discussions/{place.pk}/comments/?limit=100").json()
        public = Comment.objects.filter(discussion=place, published_at__isnull=False)
        seen = public.filter(state="published").count()
        assert rows["comment_count"] == api().get(f"/api/v1/discussions/{place.pk}/").json()["comment_count"] == seen
        assert len(rows["results"]) <= public.filter(root=None).count()


def test_what_is_learned_holds_none_of_it(world, settings):
    from comments.moderation.learning import Lesson, learn

    lessons = [Lesson(text, is_bad) for each in lessons_by_language().values() for text, is_bad in each]
    assert TOKEN.search(str(lessons))

    model, _figures = learn(lessons)

    assert b"Quax" not in zlib.decompress(model.packed())
    row = LearnedModel(language="de", version=1, weights=model.packed(), taught=1, taught_bad=1, held_out=1)
    assert b"Quax" not in bytes(row.weights)


def test_old_marks_and_places_in_lists_give_no_word_of_it_back(api, discussion, alice, mo):
    said = [actions.post(discussion.pk, author=alice, text=f"Quaxrest{'abc'[n]}q im Satz").comment for n in range(3)]
    address = f"/api/v1/discussions/{discussion.pk}/comments/"
    before = api().get(address, {"limit": 1})
    assert TOKEN.search(before.content.decode())
    for comment in said:
        actions.remove(comment.pk, actor=mo, reason="spam")

    again = api().get(address, {"limit": 1}, headers={"If-None-Match": before["ETag"]})

    assert again.status_code == 200
    assert not TOKEN.search(again.content.decode())
    assert not TOKEN.search(api().get(before.json()["next"]).content.decode())
