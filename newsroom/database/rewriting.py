"""Migrations that renew stored HTML after its rules have changed, while the site is in use."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.apps.registry import Apps
from django.db.migrations import RunPython
from django.db.models import Q

from newsroom.database.batches import Batches

AT_ONCE = 100  # rows read at once; a text may have 200,000 characters
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Stored:
    """The field `html` of a model's rows, limited to those that match `which`. It is computed by `make` from the field
    `of`.

    `learn` is called with the keys of changed rows, in the transaction that changes them.
    """

    model: str
    of: str
    make: Callable[[str], str]
    which: Q = field(default_factory=Q)
    learn: Callable[[Sequence[Any]], object] | None = None


def sanitised_again(app: str, models: list[str], sanitise: Callable[[str], str]) -> RunPython:
    """A migration's operation like `made_again`, which computes the HTML from the HTML itself."""
    return made_again(app, *(Stored(name, "html", sanitise) for name in models))


def made_again(app: str, *stored: Stored) -> RunPython:
    """A migration's operation, to be run outside a transaction. Reversed, it leaves the HTML, which the old rules
    allow.

    After an interruption it starts again; rows that are right already are only read. A row whose HTML cannot be
    computed keeps the old one and is logged. Versions do not change and no events are published, since no person has
    edited anything.
    """

    def rewrite(apps: Apps, _editor: Any) -> None:
        batches = Batches()
        for each in stored:
            _Rewriting(apps.get_model(app, each.model), each).run(batches)

    return RunPython(rewrite, RunPython.noop, elidable=True)


class _Rewriting:
    def __init__(self, model: Any, stored: Stored) -> None:
        self.stored = stored
        self.name = model._meta.label  # noqa: SLF001
        self.rows = model.objects.filter(stored.which).only("pk", "html", stored.of).order_by("pk")
        self.failed: set[Any] = set()

    def run(self, batches: Batches) -> None:
        later = self.rows
        while some := list(later[:AT_ONCE]):
            batches.write([row.pk for row in some if self._make(row)], self._write)
            later = self.rows.filter(pk__gt=some[-1].pk)
        if self.failed:
            logger.warning("%d rows of %s keep the HTML that they had", len(self.failed), self.name)

    def _write(self, keys: Sequence[Any]) -> None:
        """Runs in the caller's transaction. Reads the rows again and locks them, since their texts may have changed."""
        rows = self.rows.select_for_update(of=("self",), no_key=True).filter(pk__in=keys)
        changed = [row for row in rows if self._make(row)]
        self.rows.model.objects.bulk_update(changed, ["html"])
        if self.stored.learn and changed:
            self.stored.learn([row.pk for row in changed])

    def _make(self, row: Any) -> bool:
        """Compute the row's HTML. Returns whether it has changed."""
        before = row.html
        try:
            row.html = self.stored.make(getattr(row, self.stored.of))
        except Exception as error:  # noqa: BLE001  whatever it is, one row must not keep a site from its update
            self.failed.add(row.pk)
            logger.warning("%s %s keeps the HTML that it had: %r", self.name, row.pk, error)
        return bool(row.html != before)
