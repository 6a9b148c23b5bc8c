"""A large archive of each system: what a dry run counts comes in, once, and the tree of each page is whole."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from comments.importers.formats import FORMATS
from comments.models import Comment, DiscussionTally
from tests.importers.large import SYSTEMS, write

SIZE, FULL = 500, 5_000  # comments
COMING = ("new", "held", "tombstone")


@pytest.fixture
def size(pytestconfig: pytest.Config) -> int:
    return FULL if pytestconfig.getoption("--full") else SIZE


def test_there_is_an_archive_of_each_system() -> None:
    assert SYSTEMS.keys() == FORMATS.keys()


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.django_db
def test_it_comes_in_whole_and_once(
    system: str, size: int, move: Callable[..., dict[str, Any]], tmp_path: Path
) -> None:
    path = tmp_path / "archive"
    options = write(system, path, size)

    dry = move(system, path, *options, "--dry-run")
    assert not Comment.objects.exists()
    first = move(system, path, *options)
    again = move(system, path, *options)

    assert dry == first
    came = sum(first[name] for name in COMING)
    assert came + sum(first["left"].values()) == first["read"]["comments"] == size
    assert came == Comment.objects.count() > size * 0.9
    assert first["rerooted"] > size / 100
    assert (again["known"], again["left"], [again[name] for name in COMING]) == (came, first["left"], [0, 0, 0])
    rows = Comment.objects.select_related("parent", "root")
    for row in rows.exclude(parent=None):
        assert row.parent.discussion_id == row.root.discussion_id == row.discussion_id
        assert row.root.parent_id is None
        assert row.parent_id < row.pk  # in no circle
    tally = DiscussionTally.objects.values_list("comment_count", flat=True)
    assert sum(tally) == rows.exclude(order=None).filter(state="published").count()
    assert _depth() >= size // 20 - size // 100  # the chain, but for what was left out of it


def _depth() -> int:
    above = dict(Comment.objects.values_list("pk", "parent"))
    depths: dict[int | None, int] = {None: 0}
    for pk in sorted(above):
        depths[pk] = depths[above[pk]] + 1
    return max(depths.values())
