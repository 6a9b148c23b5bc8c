"""The rules: each is a function from a Draft to a Verdict or None. A new one is a function here, a line in RULES and,
if it holds comments, a line in WAITS.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comments.moderation.verdict import Draft, Outcome, Verdict

type Rule = Callable[[Draft], Verdict | None]


def empty(draft: Draft) -> Verdict | None:
    """A text needs visible letters, digits, signs or symbols, not only white space and joiners."""
    if any(unicodedata.category(sign)[0] in "LNPS" for sign in draft.visible):
        return None
    return Verdict(Outcome.REFUSE, "empty", _("Write something first."))


def too_long(draft: Draft) -> Verdict | None:
    if len(draft.text) <= draft.max_length:
        return None
    return Verdict(Outcome.REFUSE, "too_long", _("At most %d characters fit in here.") % draft.max_length)


def repeated(draft: Draft) -> Verdict | None:
    """Differences in white space and case do not count."""
    if not draft.last_own or _folded(draft.text) != _folded(draft.last_own):
        return None
    return Verdict(Outcome.REFUSE, "repeated", _("You have said that already."))


def premoderated(draft: Draft) -> Verdict | None:
    return Verdict(Outcome.HOLD, "premoderated") if draft.premoderated else None


def too_many_links(draft: Draft, *, limit: int = 3) -> Verdict | None:
    return Verdict(Outcome.HOLD, "too_many_links", f"{draft.links} links") if draft.links > limit else None


RULES: Sequence[Rule] = (empty, too_long, repeated, premoderated, too_many_links)
WAITS: Mapping[str, object] = {  # what authors are told while their comment is held
    "premoderated": gettext_lazy("A moderator reads every comment here before it appears."),
    "too_many_links": gettext_lazy("A moderator reads comments with many links before they appear."),
}


def why_it_waits(rule: str) -> str:
    """The sentence for the author of a comment that `rule` has held; a general one for an unknown rule."""
    return str(WAITS.get(rule) or _("A moderator reads your comment before it appears."))


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
