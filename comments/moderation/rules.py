"""One small function each: sees a Draft, returns a Verdict or None."""

from __future__ import annotations

import unicodedata

from django.utils.translation import gettext as _

from comments.moderation.verdict import Draft, Outcome, Verdict


def empty(draft: Draft) -> Verdict | None:
    """Letters, digits, signs or symbols must be seen; white space and joiners alone are nothing."""
    if any(unicodedata.category(sign)[0] in "LNPS" for sign in draft.visible):
        return None
    return Verdict(Outcome.REFUSE, "empty", _("Write something first."))


def too_long(draft: Draft) -> Verdict | None:
    if len(draft.text) <= draft.max_length:
        return None
    return Verdict(Outcome.REFUSE, "too_long", _("At most %d characters fit in here.") % draft.max_length)


def repeated(draft: Draft) -> Verdict | None:
    """White space and case do not make a new text."""
    if not draft.last_own or _folded(draft.text) != _folded(draft.last_own):
        return None
    return Verdict(Outcome.REFUSE, "repeated", _("You have said that already."))


def premoderated(draft: Draft) -> Verdict | None:
    return Verdict(Outcome.HOLD, "premoderated") if draft.premoderated else None


def too_many_links(draft: Draft, *, limit: int = 3) -> Verdict | None:
    return Verdict(Outcome.HOLD, "too_many_links", f"{draft.links} links") if draft.links > limit else None


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
