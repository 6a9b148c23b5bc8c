"""Long writes leave room for a site that is being served."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.db import connection

from newsroom import batches

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("waited", "rest"), [(0, 0.04), (0.02, 0.36)])
def test_a_batch_is_followed_by_a_rest_and_a_long_one_where_others_write(monkeypatch, waited, rest):
    times, rests = iter([0, waited, waited + 0.04]), []
    clock = SimpleNamespace(monotonic=lambda: next(times), sleep=rests.append)
    monkeypatch.setattr(batches, "time", clock)

    done = batches.Batches().run(lambda: "written")

    assert done == "written"
    assert rests == ([pytest.approx(rest)] if connection.vendor == "sqlite" else [])
