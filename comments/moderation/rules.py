"""The rules that are built in: each is a function from a Draft to a Verdict or None."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence

from django.utils.translation import gettext as _

from comments.moderation.verdict import Draft, Outcome, Verdict


def empty(draft: Draft) -> Verdict | None:
    """A text needs visible letters, digits, signs or symbols, not only white space and joiners."""
    if any(unicodedata.category(sign)[0] in "LNPS" for sign in draft.visible):
        return None
    return Verdict(Outcome.REFUSE, "empty", _("Write something first."), "empty")


def too_long(draft: Draft) -> Verdict | None:
    if len(draft.text) <= draft.max_length:
        return None
    return Verdict(Outcome.REFUSE, "too_long", _("At most %d characters fit in here.") % draft.max_length, "too_long")


def repeated(draft: Draft) -> Verdict | None:
    """Differences in white space and case do not count."""
    if not draft.last_own or _folded(draft.text) != _folded(draft.last_own):
        return None
    return Verdict(Outcome.REFUSE, "repeated", _("You have said that already."), "repeated")


def premoderated(draft: Draft) -> Verdict | None:
    return Verdict(Outcome.HOLD, "premoderated", kind="premoderated") if draft.premoderated else None


def too_many_links(draft: Draft, *, limit: int = 3) -> Verdict | None:
    if len(draft.addresses) <= limit:
        return None
    return Verdict(Outcome.HOLD, "too_many_links", f"{len(draft.addresses)} links", "too_many_links")


type Check = Callable[[Draft], Verdict | None]
ALWAYS: Sequence[Check] = (empty, too_long, repeated, premoderated)
DEFAULTS: Mapping[str, Check] = {"links": too_many_links}  # until moderators have a live rule of that kind


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
