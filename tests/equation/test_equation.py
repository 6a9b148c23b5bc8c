"""A page at a position and all later events give what a fresh page shows, whatever has happened in between.

`--full` runs 2,000 sequences.
"""

from __future__ import annotations

import time

import pytest
from django.db import connection
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from pytest_django import Settings

from tests.equation.machine import Everything
from tests.equation.site import heard

FEW, ON_POSTGRES, FULL = 12, 5, 2000
STEPS = 20
CASES = "case.opened case.changed case.closed case.claimed"
KINDS = {
    "articles": "article.published article.corrected article.retracted",
    "chats": "discussion.active",
    "discussion": "comment.posted comment.edited comment.withdrawn comment.removed comment.restored comment.reacted "
    "comment.pinned comment.unpinned comment.featured comment.unfeatured comment.locked comment.unlocked "
    "discussion.opened discussion.closed discussion.slow discussion.rebuilt",
    "moderation": f"queue.entered queue.left decision.made decision.undone {CASES}",
    "moderation.section": f"queue.entered queue.left decision.made decision.undone {CASES}",
    "ticker": "item.published item.corrected item.pinned item.unpinned item.retracted",
    "user": "comment.held comment.approved comment.rejected sanction.imposed sanction.lifted",
}


@pytest.mark.django_db
@pytest.mark.timeout(7200)
def test_any_page_and_what_came_after_make_the_page_of_now(settings_, request: pytest.FixtureRequest) -> None:
    full = request.config.getoption("--full")
    few = FEW if connection.vendor == "sqlite" else ON_POSTGRES
    begun = time.monotonic()
    run_state_machine_as_test(
        Everything,
        settings=settings(
            max_examples=FULL if full else few,
            stateful_step_count=STEPS,
            derandomize=not full,
            phases=[Phase.generate],  # to explain a failure costs more than to find it
            deadline=None,
            database=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
    print(f"{time.monotonic() - begun:.0f} s; heard: {sorted(heard)}")
    wanted = {f"{stream} {kind}" for stream, kinds in KINDS.items() for kind in [*kinds.split(), "void"]}
    assert not full or wanted - {"user void"} <= heard


@pytest.fixture
def settings_(settings: Settings) -> None:
    """Nobody is too fast."""
    settings.LIMITS = {**settings.LIMITS, "comments": "100000/m", "reactions": "100000/m", "reports": "100000/h"}
