"""Who may do what where: each deed by each duty, everywhere, in the section of the thing, and in another one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser

from accounts.access import must
from accounts.duties import Duties, Duty
from accounts.models import User
from accounts.notifications.telling import TABLE
from accounts.permissions import DEEDS, Need
from articles.models import Section
from newsroom.errors import Forbidden, NotFound, Refused
from tests.access import PAGE, page
from tests.deeds import CASES, Case, Cast, Deed
from tests.test_deeds import _taken_back

pytestmark = pytest.mark.django_db
# Deeds whose things belong to no section in these cases.
WITHOUT_SECTION = {
    "accounts.end_sessions",
    "accounts.give_duties",  # everywhere
    "accounts.impose_sanction",
    "accounts.lift_sanction",
    "accounts.remove_avatar",
    "accounts.write_legal_page",
    "articles.delete_photo",
    "articles.delete_place",
    "articles.change_appearance",
    "articles.keep_section",
    "articles.keep_ticker",
    "comments.cancel_bulk",
    "comments.add_import",
    "comments.add_text",
    "comments.begin_import",
    "comments.cancel_run",
    "comments.change_rule",
    "comments.change_text",
    "comments.discuss_page",
    "comments.drop_import",
    "comments.drop_rule",
    "comments.drop_text",
    "comments.make_rule",
    "comments.merge",
    "comments.start_chat",
    "comments.start_run",
    "comments.undo_merge",
    "comments.warn_person",  # everywhere
}


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
    """The ticker is the article's live blog, and so belongs to its section."""
    settings.MEDIA_ROOT = tmp_path
    User.objects.create_user("kim@example.org", "Kim", is_confirmed=True)
    ticker.article = article
    ticker.save(update_fields=["article"])
    return Cast(alice, bob, jo, mo, eddy, ada, article, ticker, item, discussion, chat, comment)


def test_every_deed_has_a_line_that_says_who_may() -> None:
    assert set(DEEDS) == set(TABLE)


def kinds(here: int, elsewhere: int) -> Iterator[tuple[str, Duties]]:
    yield "nothing", Duties()
    for duty in Duty:
        for name, section in (("everywhere", None), ("here", here), ("elsewhere", elsewhere)):
            yield f"{duty.value} {name}", Duties.of([(duty, section)])


def expected(deed: str, duties: Duties, here: int, *, is_own: bool = False) -> bool:
    return DEEDS[deed].met_by(duties, None if deed in WITHOUT_SECTION else here, is_own=is_own)


WITH_DUTY = [case for case in CASES if DEEDS[case.deed].duties]


@pytest.mark.parametrize("case", WITH_DUTY, ids=str)
def test_a_deed_is_done_by_those_whose_duty_allows_it_there_and_by_nobody_else(case: Case, cast: Cast) -> None:
    _as_expected(case, cast, is_own=False)


@pytest.mark.parametrize("case", [each for each in WITH_DUTY if DEEDS[each.deed].own], ids=str)
def test_of_ones_own_thing_a_lesser_duty_is_enough(case: Case, cast: Cast) -> None:
    _as_expected(case, cast, is_own=True)


def _as_expected(case: Case, cast: Cast, *, is_own: bool) -> None:
    here, elsewhere = cast.article.section_id, Section.objects.create(name="Sport", slug="sport").pk
    may = {name: expected(case.deed, duties, here, is_own=is_own) for name, duties in kinds(here, elsewhere)}
    every = dict(kinds(here, elsewhere))

    with _taken_back(cast) as company:  # what is refused changes nothing, so all of these meet the same things
        act = case.make(company)
        done = {name: _is_done(act, company, duties, is_own) for name, duties in every.items() if not may[name]}
    for name in [name for name, is_allowed in may.items() if is_allowed]:
        with _taken_back(cast) as company:
            done[name] = _is_done(case.make(company), company, every[name], is_own)

    assert done == may


def _is_done(act: Deed, cast: Cast, duties: Duties, is_own: bool) -> bool:
    """Whether somebody with these duties does it: jo, whose the things are, or another person."""
    actor = cast.jo if is_own else User.objects.get(name="Kim")
    actor.give(duties)
    actor.save(update_fields=["duties", "role"])
    try:
        return act(User.objects.get(pk=actor.pk)) != 0  # comments that were decided
    except (Forbidden, NotFound):
        return False


def test_strangers_may_do_nothing_that_takes_a_duty() -> None:
    for deed, need in DEEDS.items():
        if need.duties:
            with pytest.raises(Refused) as refused:
                must(deed, AnonymousUser(), None)
            assert refused.value.code == "not_authenticated"


def test_a_need_without_duties_is_met_by_nobody() -> None:
    assert not Need(whom="nobody").met_by(Duties.of([(Duty.ADMINISTRATE, None)]), None)


def test_the_documented_page_is_the_one_of_the_table() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: uv run python -m tests.access"
