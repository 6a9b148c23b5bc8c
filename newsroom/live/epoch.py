"""The name of the whole log. Where offsets may be given twice, it has to be a new one."""

from __future__ import annotations

from django.db import transaction

from newsroom.database.statements import here
from newsroom.live.models import Epoch, new_epoch


def ensure_epoch() -> str:
    """The log's epoch. Gives it a new one if there is none, as after a crash of the database, and if the database is a
    copy of the one that it was made in, as after a restore: in both cases offsets may be given twice.

    Each serving process calls it at its start.
    """
    origin = here().identity(Epoch._meta.db_table)  # noqa: SLF001  Django's own name for it
    known = Epoch.objects.values_list("value", "origin").first()
    if known and known[1] == origin:
        return known[0]
    Epoch.objects.bulk_create([Epoch(origin=origin)], ignore_conflicts=True)
    Epoch.objects.filter(origin="").update(origin=origin)  # made by an earlier release
    Epoch.objects.exclude(origin=origin).update(value=new_epoch(), origin=origin)
    return Epoch.objects.values_list("value", flat=True).get()


def renew_epoch() -> str:
    """Give the log a new epoch, whatever it has."""
    with transaction.atomic():
        Epoch.objects.all().delete()
        return ensure_epoch()
