"""The log of decisions: filtered, a page at a time or as one long table, the newest first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from accounts.access import Viewer
from accounts.duties import within
from accounts.reasons import Reason
from articles.reads import section_of
from comments.access import sections_moderated
from comments.events import MODERATION
from comments.models import Case, Decision
from comments.reads.pages import List
from comments.representations import logged_json
from newsroom.api.paging import DEFAULT_LIMIT, Malformed, keyset, number_of
from newsroom.api.renderers import iso
from newsroom.database.keys import LARGEST_ID
from newsroom.errors import NotFound
from newsroom.live.outbox import position
from newsroom.text import clean_line

KEYS = ("created_at", "id")
YEARS = range(1900, 9000)  # a day of which is a moment in every time zone
AT_ONCE = 500  # rows of a table
COLUMNS = (
    *("id", "decided_at", "undone_at", "action", "reason", "ground", "norm", "rule", "automated", "bulk", "job"),
    *("moderator", "moderator_name", "section", "discussion", "title", "comment", "case", "author", "author_name"),
)


@dataclass(frozen=True, slots=True)
class Filters:
    """Which decisions are wanted, by the names of the parameters; an empty or missing value leaves it open. Days are
    those of the site's time zone, `to` included.
    """

    by: int | None = None  # a moderator
    action: str = ""
    reason: str = ""
    rule: str = ""
    section: str = ""  # a slug
    author: int | None = None  # of the comment
    discussion: int | None = None
    since: date | None = None  # "from"
    until: date | None = None  # "to"
    automated: bool | None = None
    job: int | None = None  # one of many at once

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> Filters:
        """Raises Malformed."""
        return cls(
            by=number_of(asked.get("by")),
            action=_one_of(Decision.Action.values, asked.get("action", "")),
            reason=_one_of(Reason.values, asked.get("reason", "")),
            rule=clean_line(asked.get("rule", "")),
            section=clean_line(asked.get("section", "")),
            author=number_of(asked.get("author")),
            discussion=number_of(asked.get("discussion")),
            since=day_of(asked.get("from", "")),
            until=day_of(asked.get("to", "")),
            automated={"true": True, "false": False}.get(_one_of(("true", "false"), asked.get("automated", ""))),
            job=number_of(asked.get("job")),
        )

    @property
    def parameters(self) -> dict[str, str]:
        """As an address has them; "" for what is left open."""
        automated = {None: "", True: "true", False: "false"}[self.automated]
        names = {"since": "from", "until": "to"}
        values = {names.get(each.name, each.name): str(getattr(self, each.name) or "") for each in fields(self)}
        return values | {"automated": automated}

    @property
    def scope(self) -> str:
        """The name of the list, for cursors."""
        return ":".join(["decisions", *self.parameters.values()])

    @property
    def stream(self) -> str:
        return f"{MODERATION}.{self.section}" if self.section else MODERATION


def _one_of(allowed: Any, given: str) -> str:
    if given and given not in allowed:
        raise Malformed(_("One of: %s.") % ", ".join(allowed))
    return given


def day_of(given: str) -> date | None:
    """A day as 2026-11-29. Raises Malformed."""
    try:
        found = parse_date(given) if given else None
    except ValueError:
        found = None
    if given and (found is None or found.year not in YEARS):
        raise Malformed(_("A day is written like 2026-11-29."))
    return found


def decision_page(viewer: Viewer, wanted: Filters, *, cursor: str = "", limit: int = DEFAULT_LIMIT) -> List:
    """A page of the decisions in the sections that `viewer` moderates. Its rows are Decisions. Two statements.

    Raises UnknownCursor.
    """
    here = position(wanted.stream)
    page = keyset(_shown(_chosen(viewer, wanted)), scope=wanted.scope, keys=KEYS, limit=limit, cursor=cursor)
    return List(page.rows, page.next, page.previous, wanted.stream, here)


def find(viewer: Viewer, pk: int) -> Decision:
    """One decision with what the log shows of it. Raises NotFound."""
    found: Decision | None = _shown(_of(viewer)).filter(pk=pk).first() if pk <= LARGEST_ID else None
    if found is None:
        raise NotFound(_("There is no such decision."))
    return found


def table(viewer: Viewer, wanted: Filters) -> Iterator[list[list[Any]]]:
    """All of them, some rows at once, with the values of COLUMNS. Has no words: no comment, note or message, and no
    address of a person.
    """
    rows, cursor = _shown(_chosen(viewer, wanted)), ""
    while True:
        page = keyset(rows, scope=wanted.scope, keys=KEYS, limit=AT_ONCE, cursor=cursor)
        yield [_line(each) for each in page.rows]
        if page.next is None:
            return
        cursor = page.next


def _line(row: Any) -> list[Any]:
    found = logged_json(row)
    by, author, section, place = (found[name] or {} for name in ("moderator", "author", "section", "discussion"))
    return [
        *(found["id"], iso(row.created_at), iso(row.undone_at)),
        *(found[name] for name in ("action", "reason", "ground", "norm", "rule", "automated", "bulk", "job")),
        *(by.get("id"), by.get("name"), section.get("slug"), place.get("id"), place.get("title")),
        *(found["comment"], found["case"], author.get("id"), author.get("name")),
    ]


def _of(viewer: Viewer) -> Any:
    return Decision.objects.filter(within(sections_moderated(viewer), "section"))


def _chosen(viewer: Viewer, wanted: Filters) -> Any:
    rows = _of(viewer)
    plain = {
        "moderator": wanted.by,
        "action": wanted.action,
        "reason": wanted.reason,
        "rule": wanted.rule,
        "comment__author": wanted.author,
        "discussion": wanted.discussion,
        "bulk_item__job": wanted.job,
        "created_at__gte": wanted.since and _midnight(wanted.since),
        "created_at__lt": wanted.until and _midnight(wanted.until, 1),
    }
    rows = rows.filter(**{name: value for name, value in plain.items() if value})
    if wanted.section:
        section = section_of(wanted.section)
        rows = rows.filter(section=section) if section else rows.none()
    if wanted.automated is not None:
        rows = rows.exclude(rule="") if wanted.automated else rows.filter(rule="")
    return rows


def _midnight(day: date, later: int = 0) -> datetime:
    """At which a day begins in the site's time zone, or the one so many days later."""
    at = datetime.combine(day + timedelta(days=later), time())
    return timezone.make_aware(at, timezone.get_default_timezone())


def _shown(rows: Any) -> Any:
    """With all that the log tells. A decision that closed no case belongs to the comment's last one."""
    cases = Case.objects.filter(comment=OuterRef("comment")).order_by("-id").values("pk")
    case = Coalesce(Subquery(cases.filter(decision=OuterRef("pk"))[:1]), Subquery(cases[:1]))
    beside = ("moderator", "section", "discussion", "comment__author")
    rows = rows.select_related(*beside).defer("comment__text", "comment__html")
    return rows.annotate(case=case, job_id=F("bulk_item__job"))
