"""Imports of comments from the desk. A background task looks the file through, and brings in what is in it if asked to:
`comments.importers.jobs`.
"""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.files import File
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import acting, must
from accounts.audit import record
from accounts.models import User
from comments.models import CommentImport
from comments.models.imports import FORMATS, ImportPart
from comments.sources import MAX_INSTANCE, Unfit, instance_named, site_of, zone_of
from newsroom.errors import Conflict, Invalid, NotFound
from newsroom.text import clean, clean_line

MOST_BYTES = 500_000_000
PIECE = 1_000_000  # bytes of a row
_State = CommentImport.State


@transaction.atomic
def add_import(
    file: File[bytes], *, actor: User, system: str, sites: str = "", instance: str = "", zone: str = ""
) -> CommentImport:
    """Keep the file, which a background task has to look through. Raises Forbidden, Invalid."""
    actor = must("comments.add_import", acting(actor), None)
    size = int(file.size or 0)
    if not 0 < size <= MOST_BYTES:
        sentence = (
            _("At most %d MB come in here. Larger ones come in with the command import_comments.")
            % (MOST_BYTES // 1_000_000)
            if size
            else _("The file is empty.")
        )
        raise _refusal(file=sentence)
    if system not in FORMATS:
        raise _refusal(system=_("One of: %s.") % ", ".join(FORMATS))
    try:
        lines = [line.strip() for line in clean(sites).split("\n")]
        said = {
            "sites": "\n".join(site_of(line) for line in lines if line),
            "instance": instance_named(clean_line(instance)),
            "zone": there.key if (there := zone_of(clean_line(zone))) else "",
        }
    except Unfit as unfit:
        raise _in_words(unfit) from unfit
    name = clean_line(str(file.name or ""))[:200] or "–"
    job = CommentImport(format=system, file_name=name, size=size, person=actor, **said)
    try:
        job.clean_fields(exclude=["person", "report", "error", "finished_at"])
    except ValidationError as error:
        raise Invalid(_("Some fields need another look."), errors=error.message_dict) from error
    job.save()
    for piece in file.chunks(PIECE):
        ImportPart.objects.create(job=job, content=piece)
    told = {"file": job.file_name, "format": job.format, "bytes": size}
    record(actor, "import.added", f"import.{job.pk}", {}, told)
    return job


@transaction.atomic
def begin_import(job_id: int, *, actor: User) -> CommentImport:
    """Have a background task bring in what was looked through, or go on with what was interrupted.

    Raises Forbidden, NotFound; Conflict in another state.
    """
    job, actor = _job(job_id, actor, "comments.begin_import")
    before = job.state
    if before not in {_State.READ, _State.STOPPED}:
        raise Conflict(_("This import cannot begin now."))
    job.state, job.error = _State.WRITING if job.report else _State.READING, ""
    job.share, job.records = 0, 0
    job.save(update_fields=["state", "error", "share", "records"])
    record(actor, "import.begun", f"import.{job.pk}", {"state": before}, {"state": job.state})
    return job


def interrupt_import(job_id: int) -> None:
    """Its task is given up. The file stays, and what has come in."""
    CommentImport.objects.filter(pk=job_id, state__in=CommentImport.AT_WORK).update(state=_State.STOPPED)


@transaction.atomic
def drop_import(job_id: int, *, actor: User) -> None:
    """Forget the file and its report; what has come in stays. An import that is at work ends after its present step.
    Raises Forbidden, NotFound.
    """
    job, actor = _job(job_id, actor, "comments.drop_import")
    record(actor, "import.dropped", f"import.{job.pk}", {"file": job.file_name}, {})
    job.delete()


def _job(pk: int, actor: User, deed: str) -> tuple[CommentImport, User]:
    actor = must(deed, acting(actor), None)
    found = CommentImport.objects.select_for_update().filter(pk=pk).first()
    if found is None:
        raise NotFound(_("There is no such import."))
    return found, actor


def _in_words(unfit: Unfit) -> Invalid:
    match unfit.about:
        case "site":
            return _refusal(sites=_("“%s” is no address of a site.") % unfit.said[:80])
        case "instance":
            sentence = _("At most %d letters, digits and the signs . _ - / are allowed.") % MAX_INSTANCE
            return _refusal(instance=sentence)
        case _:
            return _refusal(zone=_("There is no such time zone."))


def _refusal(**errors: str) -> Invalid:
    return Invalid(_("Some fields need another look."), errors={name: [each] for name, each in errors.items()})
