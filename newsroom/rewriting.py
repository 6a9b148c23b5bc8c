"""HTML that was stored before its rules changed, made to follow them, while the site is used."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.apps.registry import Apps
from django.db.migrations import RunPython

from newsroom.batches import Batches

AT_ONCE = 500  # rows


def sanitised_again(app: str, models: list[str], sanitise: Callable[[str], str]) -> RunPython:
    """A migration's operation, to be run outside of a transaction; undone, the HTML stays: what held before lets it."""

    def rewrite(apps: Apps, _editor: Any) -> None:
        batches = Batches()
        for name in models:
            _rewrite(apps.get_model(app, name), sanitise, batches)

    return RunPython(rewrite, RunPython.noop, elidable=True)


def _rewrite(model: Any, sanitise: Callable[[str], str], batches: Batches) -> None:
    keys = model.objects.order_by("pk").values_list("pk", flat=True)
    later = keys
    while some := list(later[:AT_ONCE]):
        batches.write(some, lambda rows: _sanitise(model, rows, sanitise))
        later = keys.filter(pk__gt=some[-1])


def _sanitise(model: Any, keys: Any, sanitise: Callable[[str], str]) -> None:
    """In the caller's transaction. The rows are held from reading to writing."""
    rows = model.objects.select_for_update().filter(pk__in=keys).exclude(html="").order_by("pk")
    changed = [row for row in rows.only("pk", "html") if _set(row, sanitise(row.html))]
    model.objects.bulk_update(changed, ["html"])


def _set(row: Any, html: str) -> bool:
    differs: bool = row.html != html
    row.html = html
    return differs
