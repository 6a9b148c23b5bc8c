"""Words to authors that are kept ready."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.access import Viewer, must_moderate_somewhere
from accounts.models import User
from accounts.reasons import Reason
from comments.models import CannedText
from newsroom.database.keys import LARGEST_ID
from newsroom.errors import NotFound

EXCERPT = 70  # characters in a list to choose from


def canned_texts(viewer: Viewer, *, language: str = "", reason: str = "") -> list[CannedText]:
    """Those of a language and a reason, or all of them; by language, reason and age. One statement."""
    must_moderate_somewhere(viewer)
    rows = CannedText.objects.select_related("changed_by").order_by("language", "reason", "id")
    rows = rows.filter(language=language) if language else rows
    return list(rows.filter(reason=reason) if reason else rows)


def canned_text(viewer: Viewer, pk: int) -> CannedText:
    """Raises NotLoggedIn, Forbidden, NotFound."""
    must_moderate_somewhere(viewer)
    found = CannedText.objects.select_related("changed_by").filter(pk=pk).first() if pk <= LARGEST_ID else None
    if found is None:
        raise NotFound(_("There is no such text."))
    return found


def offered_to(author: User | None) -> list[tuple[str, list[tuple[int, str]]]]:
    """For forms: the label of each reason, with the ids and beginnings of its texts in the author's language."""
    found: dict[str, list[tuple[int, str]]] = {}
    if author is not None:
        language = author.language or settings.LANGUAGE_CODE
        for pk, reason, text in _of(language):
            line = " ".join(text.split())
            short = line if len(line) <= EXCERPT else f"{line[:EXCERPT]}…"
            found.setdefault(str(Reason(reason).label), []).append((pk, short))
    return list(found.items())


def _of(language: str) -> list[tuple[int, str, str]]:
    rows = CannedText.objects.filter(language=language).order_by("reason", "id")
    return list(rows.values_list("pk", "reason", "text"))
