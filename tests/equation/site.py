"""The site on which it all happens, and the clients that follow it."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import ExitStack, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import time_machine
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection, transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule
from rest_framework.test import APIClient

from accounts.models import User
from articles import actions as office
from articles.models import Article, Section, Ticker, TickerItem
from comments import actions
from comments.models import Comment, Discussion
from newsroom.errors import Refused
from newsroom.live import registry
from newsroom.live.log.pruning import prune
from tests.equation.clients import Articles, Cases, Client, Comments, Discussions, Items, Queue, Sanctions, SectionQueue

BEGIN = datetime(2026, 6, 1, 9, tzinfo=UTC)
MOST_CLIENTS = 14
PICK = st.integers(0, 99)
WORD = re.compile(r"Wort\d+x")
heard: set[str] = set()  # all kinds, of all runs so far


class Site(RuleBasedStateMachine):
    """The cast, the clock, and who follows; what people do is in `machine`."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.clock = self.stack.enter_context(time_machine.travel(BEGIN, tick=False))
        if connection.vendor == "sqlite":
            self.stack.callback(cache.clear)
            self.stack.enter_context(_undone())
        else:  # numbered after the commit: so it commits
            self.stack.callback(call_command, "flush", verbosity=0, interactive=False)
        self.number = 0
        make = User.objects.create_user
        self.readers = [make(f"r{n}@example.org", f"Leserin{n}", is_confirmed=True) for n in range(3)]
        self.mo = make("mo@example.org", "Mo", role="moderator", is_confirmed=True)
        self.eddy = make("eddy@example.org", "Eddy", role="editor", is_confirmed=True)
        self.section = Section.objects.create(name="Lokales", slug="lokales")
        self.ticker = Ticker.objects.create(slug="newsticker", title="Newsticker")
        self.chat = actions.start_chat("Treff", actor=self.mo)
        self.article = self.new_article()
        office.publish_article(self.article.pk, actor=self.eddy)
        self.thread = actions.discussion_of(self.article)
        self.clients: list[Client] = []
        self.apis = {user: _api(user) for user in (self.mo, self.readers[0])}
        self.stranger = APIClient()
        for kind in range(len(self.ways)):
            self.clients.append(self.ways[kind]())

    def teardown(self) -> None:
        try:
            self.compare()
        finally:
            self.stack.close()

    @property
    def ways(self) -> list[Callable[[], Client]]:
        """All that can be followed."""
        first = self.readers[0]
        return [
            lambda: Items(self.stranger, self.ticker.stream),
            lambda: Articles(self.stranger, "articles"),
            lambda: Comments(self.stranger, self.thread.stream),
            lambda: Comments(self.stranger, self.chat.stream),
            lambda: Discussions(self.stranger, "chats"),
            lambda: Queue(self.apis[self.mo], "moderation"),
            lambda: SectionQueue(self.apis[self.mo], f"moderation.{self.section.slug}", self.thread.pk),
            lambda: Cases(self.apis[self.mo], "moderation"),
            lambda: Cases(self.apis[self.mo], f"moderation.{self.section.slug}"),
            lambda: Sanctions(self.apis[first], f"user.{first.pk}"),
        ]

    # --- who follows

    @rule(kind=PICK)
    def somebody_comes(self, kind: int) -> None:
        if len(self.clients) < MOST_CLIENTS:
            self.clients.append(self.ways[kind % len(self.ways)]())

    @rule(which=PICK, limit=st.integers(1, 5))
    def somebody_hears_a_little(self, which: int, limit: int) -> None:
        self.hear(self.clients[which % len(self.clients)], limit, self.said())

    @rule()
    def everybody_is_up_to_date(self) -> None:
        self.compare()

    def compare(self) -> None:
        """The equation: what each client has come to show is what a fresh page shows."""
        self.pass_time(1.5)
        self.pass_time(1.5)
        said = self.said()
        fresh: dict[str, Any] = {}
        for client in self.clients:
            while self.hear(client, 1000, said):
                pass
            name = f"{type(client).__name__} of {client.stream}"
            if name not in fresh:
                fresh[name] = client.again().shown()
            assert (name, client.shown()) == (name, fresh[name])

    def hear(self, client: Client, limit: int, said: set[str]) -> int:
        """How many events are left."""
        events, left = client.catch_up(limit)
        told = {word for event in events for word in WORD.findall(str(event["data"]))}
        assert told <= said, f"{client.stream} tells what was taken down or changed: {told - said}"
        family, _, key = client.stream.partition(".")
        which = "moderation.section" if key and family == "moderation" else family
        heard.update(f"{which} {event['kind']}" for event in events)
        return left

    def said(self) -> set[str]:
        """All words that may be told: those that stand somewhere now."""
        texts = [*Comment.objects.filter(state__in=["published", "held"]).values_list("text", flat=True)]
        texts += Discussion.objects.values_list("title", flat=True)
        for row in Article.objects.filter(state="published"):
            texts += [row.headline, row.lead]
        for item in TickerItem.objects.filter(state="published"):
            texts += [item.headline, item.text]
        return {word for text in texts for word in WORD.findall(text)}

    # --- time

    @rule(seconds=st.sampled_from([0.3, 1.5, 20, 70, 400, 7200, 90_000]))
    def time_passes(self, seconds: float) -> None:
        self.pass_time(seconds)

    def pass_time(self, seconds: float) -> None:
        self.clock.shift(timedelta(seconds=seconds))
        for deed in registry.deeds().values():
            deed.run()

    @rule(hours=st.sampled_from([0, 1, 48]))
    def old_events_go(self, hours: int) -> None:
        prune(hours)

    # --- tools

    def word(self) -> str:
        self.number += 1
        return f"Wort{self.number}x"

    def new_article(self) -> Article:
        fields = {"headline": self.word(), "slug": f"neu-{self.number}", "lead": self.word()}
        return office.draft_article(actor=self.eddy, section=self.section, **fields)

    def one(self, which: int, **how: Any) -> Comment | None:
        return pick(Comment, which, **how)

    def own(self, which: int, states: list[str], deed: Callable[[Comment], object]) -> None:
        comment = self.one(which, state__in=states, author__isnull=False)
        if comment is not None:
            with suppress(Refused):
                deed(comment)

    def to(self, which: int, state: str, deed: Callable[[Comment], object]) -> None:
        comment = self.one(which, state=state)
        if comment is not None:
            with suppress(Refused):
                deed(comment)

    def item(self, which: int, deed: Callable[[int], object]) -> None:
        if (item := pick(TickerItem, which, state__in=["published", "scheduled"])) is not None:
            with suppress(Refused):
                deed(item.pk)


def pick(model: Any, which: int, **how: Any) -> Any:
    """One of those rows, None if there is none."""
    rows = list(model.objects.filter(**how).order_by("pk"))
    return rows[which % len(rows)] if rows else None


def _api(user: User) -> APIClient:
    client = APIClient()
    client.force_login(user)
    return client


def _undone() -> ExitStack:
    """What happens inside has never happened."""
    stack = ExitStack()
    stack.enter_context(transaction.atomic())
    stack.callback(transaction.set_rollback, True)
    return stack
