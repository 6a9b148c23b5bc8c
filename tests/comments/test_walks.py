"""Walks through a list while others write, as properties: whatever happens between two pages."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from comments import actions
from comments.models import Comment, Discussion
from newsroom.errors import Refused
from tests.comments.tools import Json, page, url

EXAMPLES = 40 if connection.vendor == "sqlite" else 8
DEEDS = ["post", "post", "hold", "approve", "reply", "remove", "restore", "withdraw", "edit", "react"]
THOROUGH = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    phases=[Phase.generate],  # to explain a failure costs more than to find it
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
DEED = st.tuples(st.sampled_from(DEEDS), st.integers(0, 99))


class Talk:
    """A chat of its own, and what people do in it."""

    def __init__(self, mo: Any, people: list[Any]) -> None:
        self.mo, self.people = mo, people
        self.chat: Discussion = actions.start_chat(f"Runde {uuid4()}", actor=mo)

    def go_on(self, data: st.DataObject, when: str, most: int = 4) -> None:
        """Up to `most` of all that can happen."""
        for deed in data.draw(st.lists(DEED, max_size=most), when):
            self.do(*deed)

    def do(self, deed: str, which: int) -> None:
        with suppress(Refused):
            getattr(self, deed)(self.people[which % len(self.people)], which)

    def places(self) -> list[int]:
        """All that have a place, the first one first."""
        listed = Comment.objects.filter(discussion=self.chat, order__isnull=False)
        return list(listed.order_by("order").values_list("pk", flat=True))

    def post(self, who: Any, which: int, parent: int | None = None) -> None:
        actions.post(self.chat.pk, author=who, text=f"Wort {which} {uuid4()}", parent_id=parent)

    def hold(self, who: Any, which: int) -> None:
        actions.open_discussion(self.chat.pk, actor=self.mo, premoderated=True)
        self.post(who, which)
        actions.open_discussion(self.chat.pk, actor=self.mo)

    def reply(self, who: Any, which: int) -> None:
        if (above := self._one(which, "published")) is not None:
            self.post(who, which, above.pk)

    def approve(self, who: Any, which: int) -> None:
        self._decide(which, "held", lambda pk: actions.approve(pk, actor=self.mo))

    def remove(self, who: Any, which: int) -> None:
        self._decide(which, "published", lambda pk: actions.remove(pk, actor=self.mo, reason="spam"))

    def restore(self, who: Any, which: int) -> None:
        self._decide(which, "removed", lambda pk: actions.restore(pk, actor=self.mo))

    def react(self, who: Any, which: int) -> None:
        self._decide(which, "published", lambda pk: actions.react(pk, "like", actor=who))

    def withdraw(self, who: Any, which: int) -> None:
        if (own := self._one(which, "published")) is not None:
            actions.withdraw(own.pk, actor=own.author)

    def edit(self, who: Any, which: int) -> None:
        if (own := self._one(which, "published")) is not None:
            actions.edit(own.pk, actor=own.author, text=f"Anders {uuid4()}")

    def _one(self, which: int, state: str) -> Comment | None:
        found = list(Comment.objects.filter(discussion=self.chat, state=state).order_by("pk"))
        return found[which % len(found)] if found else None

    def _decide(self, which: int, state: str, deed: Callable[[int], object]) -> None:
        if (one := self._one(which, state)) is not None:
            deed(one.pk)


@pytest.fixture
def talk(mo, alice, bob) -> Callable[[], Talk]:
    return lambda: Talk(mo, [alice, bob])


def ids(body: dict[str, Any]) -> list[int]:
    return [row["id"] for row in body["results"]]


@THOROUGH
@given(data=st.data())
def test_a_walk_there_and_back_meets_every_place_once(api, talk, data):
    here, client = talk(), api()
    here.go_on(data, "before", most=12)
    sort = data.draw(st.sampled_from(["newest", "oldest"]), "sort")
    limit = data.draw(st.integers(1, 4), "limit")
    old = here.places()

    def turn(to: str) -> Json:
        """Something happens, then the next page; `last` is all that had a place when that was asked for."""
        nonlocal last
        here.go_on(data, "meanwhile")
        last = here.places()
        return page(client, to)

    last, body = old, page(client, f"{url(here.chat)}?sort={sort}&limit={limit}")
    there = ids(body)
    while body["next"]:
        body = turn(body["next"])
        there += ids(body)
        assert len(there) == len(set(there))  # now: a walk in a circle has no end, and would count as no example
    assert there == (old[::-1] if sort == "newest" else last)

    back, has_turned = ids(body), bool(body["previous"])
    while body["previous"]:
        body = turn(body["previous"])
        back = ids(body) + back
        assert len(back) == len(set(back))
    if has_turned:
        assert back == (last[::-1] if sort == "newest" else there)


@THOROUGH
@given(data=st.data())
def test_on_a_walk_through_the_best_none_comes_twice_and_whoever_kept_their_rank_is_met(api, talk, data):
    here, client = talk(), api()
    here.go_on(data, "before", most=12)

    def ranks() -> dict[int, Any]:
        listed = Comment.objects.filter(discussion=here.chat, order__isnull=False)
        return dict(listed.values_list("pk", "score"))

    before, moved, met = ranks(), set(), []
    address = f"{url(here.chat)}?sort=best&limit={data.draw(st.integers(1, 4), 'limit')}"
    while address:
        body = page(client, address)
        met += ids(body)
        assert len(met) == len(set(met))
        for deed in data.draw(st.lists(DEED, max_size=4), "meanwhile"):
            here.do(*deed)
            now = ranks()
            moved |= {pk for pk in before if now[pk] != before[pk]}
        address = body["next"]

    assert before.keys() - moved <= set(met)
