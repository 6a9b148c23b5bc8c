"""A page at a position and the events after it give what a fresh page shows, whatever has happened in between."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db.models import Count, Q

from accounts.models import User
from comments import actions
from comments.actions.upkeep import announce_activity
from comments.models import Comment, CommentTally, Discussion, DiscussionTally, Reaction
from newsroom.errors import Refused
from tests.comments.tools import Json, events, page, url

STEPS = 45
SEEDS = [1, 2, 3, 4]
KINDS = {
    "comment.posted",
    "comment.edited",
    "comment.withdrawn",
    "comment.removed",
    "comment.restored",
    "comment.reacted",
    "discussion.opened",
    "discussion.closed",
    "discussion.slow",
    "void",
}


class Browser:
    """A reader's page as the interface describes it: set what is newer, place by order, believe absolute counts."""

    def __init__(self, body: Json) -> None:
        self.comments: dict[int, Json] = {}
        self.count = body["comment_count"]
        for top in body["results"]:
            for comment in [top, *top.get("replies", [])]:
                self.comments[comment["id"]] = {key: value for key, value in comment.items() if key != "replies"}

    def hear(self, event: Json) -> None:
        data = event["data"]
        self.count = data.get("comment_count", self.count)
        for pk, replies in data.get("reply_counts", {}).items():
            if int(pk) in self.comments:
                self.comments[int(pk)]["reply_count"] = replies
        if event["kind"].startswith("comment."):
            extra = {"comment_count", "reply_counts"}
            fresh = {key: value for key, value in data.items() if key not in extra}
            known = self.comments.get(fresh["id"])
            if known is None or fresh["version"] > known["version"]:
                self.comments[fresh["id"]] = fresh
            else:
                known["reply_count"] = fresh["reply_count"]

    def shown(self) -> tuple[int, list[Json]]:
        return self.count, sorted(self.comments.values(), key=lambda comment: comment["order"])


class Company:
    """People who do one thing after the other, at random."""

    def __init__(self, seed: int, discussion: Discussion, people: list[User], mo: User) -> None:
        self.chance = random.Random(seed)
        self.discussion, self.people, self.mo = discussion, people, mo
        self.number = 0
        self.deeds: list[Callable[[], Any]] = [
            *[self.post] * 5,
            *[self.reply] * 5,
            *[self.edit] * 2,
            *[self.remove] * 2,
            *[self.withdraw] * 2,
            self.undo,
            *[self.restore] * 2,
            self.approve,
            self.reject,
            self.hold,
            self.close,
            self.slow,
            *[self.react] * 4,
            self.take_back,
        ]

    def act(self) -> None:
        self.act_on(self.chance.choice(self.deeds))

    def act_on(self, deed: Callable[[], Any]) -> None:
        try:
            deed()
        except Refused:  # nothing there to do it to
            self.post()

    def one(self, *states: str) -> Comment:
        comments = list(Comment.objects.filter(discussion=self.discussion, state__in=states).order_by("pk"))
        if not comments:
            raise Refused("none")
        return self.chance.choice(comments)

    def say(self, parent: int | None = None) -> None:
        self.number += 1
        author = self.chance.choice(self.people)
        actions.post(self.discussion.pk, author=author, text=f"Satz {self.number}", parent_id=parent)

    def post(self) -> None:
        self.say()

    def reply(self) -> None:
        self.say(self.one("published").pk)

    def edit(self) -> None:
        comment = self.one("published", "held")
        self.number += 1
        actions.edit(comment.pk, actor=comment.author, text=f"Neuer Satz {self.number}")

    def withdraw(self) -> None:
        comment = self.one("published", "held")
        actions.withdraw(comment.pk, actor=comment.author)

    def undo(self) -> None:
        comment = self.one("withdrawn")
        actions.undo(comment.pk, actor=comment.author)

    def remove(self) -> None:
        actions.remove(self.one("published").pk, actor=self.mo, reason="spam")

    def restore(self) -> None:
        actions.restore(self.one("removed", "rejected").pk, actor=self.mo)

    def approve(self) -> None:
        actions.approve(self.one("held").pk, actor=self.mo)

    def reject(self) -> None:
        actions.reject(self.one("held").pk, actor=self.mo, reason="spam")

    def hold(self) -> None:
        actions.open_discussion(self.discussion.pk, actor=self.mo, premoderated=True)
        self.say()
        actions.open_discussion(self.discussion.pk, actor=self.mo)

    def react(self) -> None:
        name = self.chance.choice(["like", "dislike", "heart"])
        actions.react(self.one("published").pk, name, actor=self.chance.choice(self.people))

    def take_back(self) -> None:
        reactions = list(Reaction.objects.filter(comment__discussion=self.discussion).order_by("pk"))
        if not reactions:
            raise Refused("none")
        reaction = self.chance.choice(reactions)
        actions.take_back(reaction.comment_id, reaction.name, actor=reaction.person)

    def close(self) -> None:
        actions.close_discussion(self.discussion.pk, actor=self.mo, reason="Pause")
        actions.open_discussion(self.discussion.pk, actor=self.mo)

    def slow(self) -> None:
        for seconds in (5, 0):
            actions.change_discussion(self.discussion.pk, actor=self.mo, slow_mode_seconds=seconds)


@pytest.fixture
def whole_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """All replies come along, so that the page's window does not cut what is compared."""
    monkeypatch.setattr("comments.reads.statements.FIRST_REPLIES", 1000)


@pytest.mark.parametrize("mode", ["thread", "chat"])
@pytest.mark.parametrize("seed", SEEDS)
def test_any_page_and_what_came_after_make_the_page_of_now(
    api, person, mo, discussion, chat, whole_threads, seed, mode
):
    here = discussion if mode == "thread" else chat
    company = Company(seed, here, [person(name) for name in ("Carla", "Dora", "Emil")], mo)
    pages = [page(api(), url(here), limit=200)]
    for _ in range(STEPS):
        company.act()
        pages.append(page(api(), url(here), limit=200))

    now = Browser(pages[-1]).shown()
    for old in pages:
        browser = Browser(old)
        for event in events(here.stream, old["position"]):
            browser.hear(event)
        assert browser.shown() == now
    _check_tallies(here)


def test_every_kind_of_event_takes_part(person, mo, discussion):
    company = Company(0, discussion, [person("Carla"), person("Dora")], mo)
    for deed in [*company.deeds] * 4:
        company.post()
        company.act_on(deed)

    assert {event["kind"] for event in events(discussion.stream)} == KINDS


@pytest.mark.parametrize("seed", SEEDS)
def test_a_list_of_discussions_and_the_activity_after_it_make_the_list_of_now(api, person, mo, chat, discussion, seed):
    address, people = "/api/v1/discussions/", [person("Carla"), person("Dora")]
    companies = [Company(seed, chat, people, mo), Company(seed + 100, discussion, people, mo)]
    with time_machine.travel(0, tick=False) as clock:
        clock.move_to(chat.created_at)
        announce_activity()
        pages = [page(api(), address)]
        for step in range(20):
            companies[step % 2].act()
            clock.shift(timedelta(seconds=1.5))
            announce_activity()
            pages.append(page(api(), address))

    def shown(discussions: dict[int, Json]) -> list[Json]:
        return sorted(discussions.values(), key=lambda each: (each["last_activity"], each["id"]), reverse=True)

    for old in pages:
        discussions = {each["id"]: each for each in old["results"]}
        for event in events("chats", old["position"]):
            if event["kind"] == "discussion.active":
                discussions[event["data"]["id"]] = event["data"]
        assert shown(discussions) == shown({each["id"]: each for each in pages[-1]["results"]})


def _check_tallies(discussion: Discussion) -> None:
    published = Comment.objects.filter(discussion=discussion, state="published")
    tally = DiscussionTally.objects.get(pk=discussion.pk)
    assert tally.comment_count == published.count()
    newest = published.order_by("-order").first()
    assert tally.last_comment_id == (newest.pk if newest else None)
    below = Q(replies__state="published")
    tops = Comment.objects.filter(discussion=discussion, root=None).annotate(n=Count("replies", filter=below))
    if discussion.mode == "thread":
        counted = dict(CommentTally.objects.values_list("comment_id", "reply_count"))
        assert {top.pk: counted.get(top.pk, 0) for top in tops} == {top.pk: top.n for top in tops}
