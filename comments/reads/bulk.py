"""Which comments a decision about many is about, in the versions that they have now, and how far such a job is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db.models import Count, F, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from accounts.access import Viewer, must_moderate_somewhere
from accounts.models import User
from comments.access import cases_of, must_find_section
from comments.models import BulkJob, Case, Comment
from comments.reads.cases import Choice, narrowed
from newsroom.api.paging import Malformed
from newsroom.database.keys import LARGEST_ID
from newsroom.database.statements import among
from newsroom.errors import Invalid, NotFound

type Seen = tuple[int, int]  # a comment's id, and the version that the moderator saw


def of_ids(viewer: User, ids: Sequence[int], seen: Mapping[int, int] | None = None) -> list[Seen]:
    """These comments, each once: in the version `seen`, otherwise in the present one. Raises Invalid if `viewer` may
    not know of one of them.
    """
    known, wanted = seen or {}, set(ids)
    found = _versions(Comment.objects.told_to(viewer).filter(pk__in=among(wanted)))
    if len(found) != len(wanted):
        missing = min(wanted - {pk for pk, _version in found})
        sentence = _("There is no comment %d.") % missing
        raise Invalid(_("Some fields need another look."), errors={"ids": [sentence]})
    return [(pk, known.get(pk, version)) for pk, version in found]


def of_choice(viewer: User, choice: Choice) -> list[Seen]:
    """The comments of all open cases that were chosen and that `viewer` may see. Raises Malformed, NotFound."""
    return _versions(Comment.objects.filter(pk__in=_cases(viewer, choice).values("comment")))


def number_of_choice(viewer: User, choice: Choice) -> int:
    """How many comments `of_choice` gives. Raises what it raises."""
    found = _cases(viewer, choice).aggregate(n=Count("comment", distinct=True))
    return int(found["n"])


def of_cases(viewer: User, seen: Mapping[int, int]) -> list[Seen]:
    """The comments of these cases, in the versions that were seen: {case: version}. What `viewer` may not see is left
    out.
    """
    rows = cases_of(viewer).filter(pk__in=among(seen)).order_by("pk").values_list("pk", "comment")
    return list({comment: seen[pk] for pk, comment in rows}.items())


def find(viewer: Viewer, pk: int) -> BulkJob:
    """One of the viewer's own jobs. Raises NotLoggedIn, Forbidden, NotFound."""
    moderator = must_moderate_somewhere(viewer)
    job = BulkJob.objects.filter(moderator=moderator, pk=pk).first() if pk <= LARGEST_ID else None
    if job is None:
        raise NotFound(_("There is no such job."))
    return job


def _cases(viewer: User, choice: Choice) -> QuerySet[Case]:
    if choice.kind and choice.kind not in Case.Kind.values:
        raise Malformed(_("One of: %s.") % ", ".join(Case.Kind.values))
    must_find_section(viewer, choice.section)
    return narrowed(cases_of(viewer).open(), choice)


def _versions(comments: QuerySet[Comment]) -> list[Seen]:
    shown = F("version") + Coalesce(F("tally__rounds"), 0)
    return list(comments.order_by("pk").annotate(shown=shown).values_list("pk", "shown"))
