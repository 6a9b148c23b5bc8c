"""What holds for every deed: who is told, that whoever does it may still do it, and that it is on record."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache as kept_answers
from django.db import transaction

from accounts.actions import give_duties, impose_sanction
from accounts.duties import NONE
from accounts.models import AuditEntry, Notification, User
from accounts.notifications.telling import TABLE, Told
from newsroom.errors import Refused
from newsroom.live.models import Event
from tests.deeds import BY_ITSELF, CASES, Case, Cast, all_deeds
from tests.support.product import ROOT

pytestmark = pytest.mark.django_db
STAFF = {"jo", "mo", "eddy", "ada"}
OF_THE_BUS = {"live", "site", "chats"}  # caches and sockets; the list of discussions, which follows by itself
BY_DEED: dict[str, list[Case]] = {}
for _case in CASES:
    BY_DEED.setdefault(_case.deed, []).append(_case)


@pytest.fixture
def cast(
    settings: Any,
    tmp_path: Path,
    alice: User,
    bob: User,
    jo: User,
    mo: User,
    eddy: User,
    ada: User,
    article: Any,
    ticker: Any,
    item: Any,
    discussion: Any,
    chat: Any,
    comment: Any,
) -> Cast:
    settings.MEDIA_ROOT = tmp_path
    settings.LIMITS = {**settings.LIMITS, "comments": "100/m"}  # some deeds have many cases
    return Cast(alice, bob, jo, mo, eddy, ada, article, ticker, item, discussion, chat, comment)


def test_every_deed_has_its_line_and_is_tried_here() -> None:
    deeds = all_deeds()

    assert set(TABLE) == deeds - {"comments.decide"}
    assert set(BY_DEED) == deeds - BY_ITSELF


def test_those_whom_the_table_names_are_told_and_nobody_else(cast: Cast, subtests: pytest.Subtests) -> None:
    for deed in BY_DEED:
        with subtests.test(deed), _taken_back(cast) as company:
            _tells_those_of_its_line(deed, company)


@contextmanager
def _taken_back(cast: Cast) -> Iterator[Cast]:
    """The cast as it was made; what is done to it is undone, which takes a tenth of the time that a new cast takes."""
    kept_answers.clear()
    undone = transaction.atomic()
    undone._from_testcase = True  # as Django's own tests say it: what must be outermost may be in here
    with undone:
        yield deepcopy(cast)
        transaction.set_rollback(True)


def _tells_those_of_its_line(deed: str, cast: Cast) -> None:
    """All cases of a deed together tell what its line says."""
    heard: set[tuple[str, str, str]] = set()
    for case in BY_DEED[deed]:
        act = case.make(cast)
        before = Event.objects.order_by("-id").values_list("id", flat=True).first() or 0
        kept = set(Notification.objects.values_list("pk", flat=True))
        recorded = AuditEntry.objects.count()
        act(_fresh(cast, case.who))
        _is_recorded(cast, case, recorded)
        heard |= {told for event in Event.objects.filter(id__gt=before) if (told := _told(event))}
        rows = Notification.objects.exclude(pk__in=kept)
        announced = [each for each in heard if each[2]]
        assert {row.kind for row in rows} <= {kind for _stream, _event, kind in announced}
        if case is not BY_DEED[deed][-1]:
            _again(cast)

    assert heard == {(_family(told.stream), told.event, told.kept) for told in TABLE[deed]}
    kinds = set(Notification.objects.values_list("kind", flat=True))
    assert {told.kept for told in TABLE[deed] if told.kept} <= kinds


def _is_recorded(cast: Cast, case: Case, before: int) -> None:
    """Of those who work here who, as what, what, and what it was and is; of readers nothing, but for few deeds."""
    made = list(AuditEntry.objects.order_by("-id")[: AuditEntry.objects.count() - before])
    assert bool(made) is (case.is_on_record or (case.who in STAFF and not case.leaves_no_record))
    for entry in made:
        actor = getattr(cast, case.who)
        assert (entry.actor_id, entry.role) == (actor.pk, actor.role)
        assert entry.deed
        assert entry.subject
        assert entry.before != entry.after


def _again(cast: Cast) -> None:
    """A comment that stands, in a discussion that is open, for the next case."""
    from comments import actions as talk

    talk.open_discussion(cast.discussion.pk, actor=cast.mo)
    cast.comment = talk.post(cast.discussion.pk, author=cast.alice, text=f"Noch etwas {cast.comment.pk}").comment


def _told(event: Event) -> tuple[str, str, str] | None:
    family = event.stream.partition(".")[0]
    if family in OF_THE_BUS:
        return None
    kept = (event.data or {}).get("kind", "") if event.kind == "notification.created" else ""
    return family, event.kind, kept


def _family(stream: str) -> str:
    return re.split(r"[.,]", stream)[0]


def _fresh(cast: Cast, who: str) -> User:
    return User.objects.get(pk=getattr(cast, who).pk) if who else cast.ada


WITH_ACTOR = [case for case in CASES if case.who]


def _ends(case: Case) -> Iterator[str]:
    yield "inactive"
    if not case.may_while_barred:
        yield "barred"
    if case.who not in {"alice", "bob"}:
        yield "role"


def test_who_lost_the_right_after_the_request_had_begun_is_refused(
    cast: Cast, person: Callable[..., User], subtests: pytest.Subtests
) -> None:
    """That each of them succeeds otherwise is shown above."""
    person("Otto", "administrator")
    for case in WITH_ACTOR:
        for end in _ends(case):
            with subtests.test(f"{case}-{end}"), _taken_back(cast) as company:
                _is_refused_after(end, case, company)


def _is_refused_after(end: str, case: Case, cast: Cast) -> None:
    act = case.make(cast)
    actor = _fresh(cast, case.who)
    actor.moderates, actor.edits  # noqa: B018  what the request knew
    _end_right(actor, end)
    events = Event.objects.exclude(stream__in=OF_THE_BUS).count()

    with pytest.raises(Refused):
        act(actor)

    assert Event.objects.exclude(stream__in=OF_THE_BUS).count() == events


def _end_right(actor: User, end: str) -> None:
    boss = User.objects.get(name="Otto")
    if end == "inactive":
        User.objects.filter(pk=actor.pk).update(is_active=False)
    elif end == "role" or actor.role == "administrator":
        give_duties(actor.pk, actor=boss, duties=NONE)
    else:
        impose_sanction(actor.pk, actor=boss, scope="all", until=None, reason="other")


@cache
def _documented() -> str:
    return (ROOT / "docs" / "telling.md").read_text(encoding="utf-8")


def test_the_documented_table_is_the_one_in_the_code() -> None:
    assert documented_table(TABLE) in _documented()


def documented_table(table: dict[str, tuple[Told, ...]]) -> str:
    lines = ["| deed | who | stream | event | kept | mail |", "|---|---|---|---|---|---|"]
    for deed, told in sorted(table.items()):
        cells = [_cells(each) for each in told] or [["nobody", "–", "–", "–", "–"]]
        lines += [f"| `{deed}` | {' | '.join(each)} |" for each in cells]
    return "\n".join(lines)


def _cells(told: Told) -> list[str]:
    kept = f"`{told.kept}`" if told.kept else "–"
    return [told.whom, f"`{told.stream}`", f"`{told.event}`", kept, "yes" if told.mail else "–"]
