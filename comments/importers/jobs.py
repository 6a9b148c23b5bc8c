"""What a background task does for an import from the desk. The code is that of the command `import_comments`."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from django.db import IntegrityError
from django.utils import timezone

from comments.importers.moving import CHANGED, Wishes, run
from comments.importers.places import BARE
from comments.importers.records import Siteless, Unreadable
from comments.importers.reporting import OTHER_HOSTS, as_json, lines_of
from comments.importers.unpacking import unpacked
from comments.models import CommentImport
from comments.models.imports import CROSSED, SITELESS
from comments.sources import zone_of
from newsroom.errors import Refused

EVERY = 1.0  # seconds between two looks at how far it is
MOST_LINES = 500
WAYS = {
    OTHER_HOSTS: "hand the file in again with the addresses of the site, one a line",
    BARE: "the command import_comments can give them another",
    CHANGED: "the command import_comments can take it over",
}
_State = CommentImport.State


class Interrupted(Exception):
    """The worker stops, or the import was dropped."""


def work(job_id: int, is_stopping: Callable[[], bool]) -> bool:
    """Look the file through, or bring in what is in it. May run again after an interruption: what has come in is known.

    Returns whether it was interrupted by `is_stopping`, and wants to be done again.
    """
    job = CommentImport.objects.filter(pk=job_id).first()
    if job is None or not job.is_at_work:
        return False
    steps = _Steps(job, is_stopping)
    sites = tuple(job.sites.split())
    wishes = Wishes(
        sites=sites,
        instance=job.instance,
        zone=zone_of(job.zone),
        dry_run=job.state == _State.READING,
    )
    try:
        with TemporaryDirectory(prefix="newsroom-import-") as folder:
            path = Path(folder) / "file"
            with path.open("wb") as whole:
                for content in job.parts.order_by("pk").values_list("content", flat=True).iterator(10):
                    whole.write(content)
            with unpacked(path) as file:
                report = run(file, job.format, wishes, steps.take)
    except Interrupted:
        return is_stopping()
    except IntegrityError:
        _end(job, _State.STOPPED, error=CROSSED)
        return False
    except (Unreadable, Refused, OSError) as error:
        said = (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
        said = SITELESS if isinstance(error, Siteless) else said
        _end(job, _State.FAILED, error=said[:1000], finished_at=timezone.now())
        job.parts.all().delete()
        return False
    if job.state == _State.READING:
        told = {"numbers": as_json(report), "lines": list(lines_of(report, WAYS))[:MOST_LINES]}
        _end(job, _State.READ, report=told, share=100)
        return False
    _end(job, _State.DONE, share=100, finished_at=timezone.now())  # its report is that of the first reading
    job.parts.all().delete()
    return False


def _end(job: CommentImport, state: str, **fields: object) -> None:
    CommentImport.objects.filter(pk=job.pk).update(state=state, **fields)


class _Steps:
    """Says how far it is, and looks whether it may go on."""

    def __init__(self, job: CommentImport, is_stopping: Callable[[], bool]) -> None:
        self._job, self._is_stopping = job, is_stopping
        self._looked = time.monotonic()

    def take(self, phase: str, share: float, done: int) -> None:
        now = time.monotonic()
        if now - self._looked < EVERY:
            return
        self._looked = now
        part = share if phase == "write" else share / 2 if self._job.state == _State.READING else 0
        told = CommentImport.objects.filter(pk=self._job.pk, state=self._job.state)
        if self._is_stopping() or not told.update(share=round(100 * min(part, 1)), records=done):
            raise Interrupted
