"""The kinds of rules that moderators can make. A new kind is a dataclass with its settings, and a line here with the
sentences for authors.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comments.moderation.authors import History, NewAccount, Premoderation
from comments.moderation.hook import Hook
from comments.moderation.learned import Learned
from comments.moderation.links import Links
from comments.moderation.pace import Copies, Flood
from comments.moderation.settings import BadSettings, Check, made, restored
from comments.moderation.style import Caps, Language
from comments.moderation.words import Words


@dataclass(frozen=True, slots=True)
class Kind:
    check: type[Any]
    label: Promise
    waits: Promise  # what authors are told while a moderator has to read their comment
    refused: Promise  # and what, if it is not taken
    actions: tuple[str, ...] = ("flag", "hold", "refuse")
    asks_outside: bool = False  # the text is sent to a program elsewhere
    is_about_texts: bool = False  # what it finds depends on the text alone


_READS_ALL = gettext_lazy("A moderator reads every comment here before it appears.")
KINDS: Mapping[str, Kind] = {
    "words": Kind(
        Words,
        gettext_lazy("Words"),
        gettext_lazy("Your comment has words that a moderator looks at before they appear."),
        gettext_lazy("Your comment has words that are not published here."),
        ("flag", "censor", "hold", "refuse"),
        is_about_texts=True,
    ),
    "links": Kind(
        Links,
        gettext_lazy("Links"),
        gettext_lazy("A moderator looks at the links in your comment before they appear."),
        gettext_lazy("Your comment has links that are not published here."),
        is_about_texts=True,
    ),
    "new_account": Kind(
        NewAccount,
        gettext_lazy("New accounts"),
        gettext_lazy("A moderator reads the first comments of new accounts before they appear."),
        gettext_lazy("Your account is too new to write here."),
    ),
    "history": Kind(
        History,
        gettext_lazy("Author's history"),
        gettext_lazy("A moderator reads your comment before it appears, since others of yours broke the rules."),
        gettext_lazy("Too many of your comments broke the rules."),
    ),
    "premoderation": Kind(Premoderation, gettext_lazy("Premoderation"), _READS_ALL, _READS_ALL, ("hold",)),
    "flood": Kind(
        Flood,
        gettext_lazy("Floods"),
        gettext_lazy("You write very much at once: a moderator reads your comment before it appears."),
        gettext_lazy("You write very much at once. Try again later."),
    ),
    "copies": Kind(
        Copies,
        gettext_lazy("Same text"),
        gettext_lazy("The same text was sent several times: a moderator reads it before it appears."),
        gettext_lazy("The same text was sent several times already."),
    ),
    "caps": Kind(
        Caps,
        gettext_lazy("Capitals"),
        gettext_lazy("Your comment is mostly in capitals: a moderator reads it before it appears."),
        gettext_lazy("Please do not write everything in capitals."),
        is_about_texts=True,
    ),
    "language": Kind(
        Language,
        gettext_lazy("Language"),
        gettext_lazy("Your comment seems to be in another language: a moderator reads it before it appears."),
        gettext_lazy("Please write in the language of this discussion."),
        is_about_texts=True,
    ),
    "learned": Kind(
        Learned,
        gettext_lazy("Learned from decisions"),
        gettext_lazy("Your comment is like others that were not published: a moderator reads it before it appears."),
        gettext_lazy("Your comment is like others that were not published here."),
        is_about_texts=True,
    ),
    "hook": Kind(
        Hook,
        gettext_lazy("Program outside"),
        gettext_lazy("A program has looked at your comment: a moderator reads it before it appears."),
        gettext_lazy("A program has looked at your comment, and it is not published here."),
        asks_outside=True,
    ),
}
_BUILT_IN = {
    "premoderated": _READS_ALL,
    "too_many_links": gettext_lazy("A moderator reads comments with many links before they appear."),
}


def check_of(kind: str, settings: Mapping[str, Any]) -> Check:
    """The rule of this kind with these settings. Raises BadSettings."""
    known = KINDS.get(kind)
    if known is None:
        raise BadSettings({"kind": _("One of: %s.") % ", ".join(KINDS)})
    check: Check = made(known.check, settings)
    return check


def kept_check(kind: str, settings: Mapping[str, Any]) -> Check | None:
    """The rule from its stored settings; None for a kind of another release."""
    known = KINDS.get(kind)
    check: Check | None = restored(known.check, settings) if known else None
    return check


def why_it_waits(kind: str) -> str:
    """The sentence for the author of a comment that a rule of this kind has held; a general one for an unknown one."""
    known = KINDS.get(kind)
    general = _("A moderator reads your comment before it appears.")
    return str((known.waits if known else _BUILT_IN.get(kind)) or general)


def why_refused(kind: str) -> str:
    """The sentence for the author of a text that a rule of this kind has refused."""
    known = KINDS.get(kind)
    return str(known.refused) if known else _("Your comment is not published here.")
