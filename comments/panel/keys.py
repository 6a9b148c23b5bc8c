"""The keys of the queue: one table from which the script binds them and from which their pages are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.access import must_moderate_somewhere
from comments.panel.frame import page
from comments.panel.words import words


@dataclass(frozen=True, slots=True)
class Key:
    """`name`: the deed of <newsroom-queue>, and in discussions and chats of <newsroom-held>; `stroke`: a character, or
    two of them after each other ("g h").

    Who uses them may choose other strokes, but not for those that are `fixed`.
    """

    name: str
    stroke: str
    label: str | Promise
    is_fixed: bool = False
    is_in_queue: bool = True
    is_in_threads: bool = False


KEYS: Sequence[Key] = (
    Key("next", "j", _("Next case"), is_in_threads=True),
    Key("previous", "k", _("Previous case"), is_in_threads=True),
    Key("approve", "a", _("Approve; a reported comment stays"), is_in_threads=True),
    Key("refuse", "r", _("Reject or remove: choose the reason"), is_in_threads=True),
    Key("reason", "1 … 0", _("In the list of reasons: decide with this one"), is_fixed=True, is_in_threads=True),
    Key("text", "t", _("Write something to the author"), is_in_threads=True),
    Key("note", "n", _("Write a note for the moderators"), is_in_threads=True),
    Key("warn", "w", _("Also warn the author: then choose the reason"), is_in_threads=True),
    Key("edit", "e", _("Change the text, with a reason")),
    Key("hand", "h", _("Hand the case over to another moderator")),
    Key("skip", "s", _("Skip: leave the case to others")),
    Key("undo", "u", _("Undo the last decision"), is_in_threads=True),
    Key("context", "c", _("Go to the context, and back")),
    Key("open", "o", _("Open the discussion in another tab")),
    Key("restrict", "b", _("Restrict the author, in another tab")),
    Key("person", "p", _("Open the author’s record in another tab")),
    Key("tick", "x", _("Tick the case, to decide many at once")),
    Key("range", "X", _("Tick all from the one that was ticked last")),
    Key("many", "A", _("Approve the ticked ones; reported comments stay")),
    Key("refuse_many", "R", _("Reject or remove the ticked ones")),
    Key("load", ".", _("Show the cases that have come")),
    Key("filter", "/", _("Go to the filters")),
    Key("held", "g h", _("To the held comments")),
    Key("reported", "g r", _("To the reported comments")),
    Key("newest", "g n", _("To what was published last")),
    Key("all", "g g", _("To all kinds of cases")),
    Key(
        "mute",
        "m",
        _("In a chat: mute the author for ten minutes, then choose the reason"),
        is_in_queue=False,
        is_in_threads=True,
    ),
    Key("map", "?", _("Show these keys"), is_in_threads=True),
)
IN_QUEUE = [each for each in KEYS if each.is_in_queue]
IN_THREADS = [each for each in KEYS if each.is_in_threads]


@login_required
@require_safe
def keys(request: HttpRequest) -> HttpResponse:
    """The keys, and where they can be changed and switched off."""
    must_moderate_somewhere(request.user)
    return page(request, "panel/keys.html", {"keys": KEYS, "table": as_json(KEYS), "words": words()})


def as_json(keys: Sequence[Key]) -> list[dict[str, Any]]:
    """[{name, stroke, label, fixed}], for the script."""
    return [
        {"name": each.name, "stroke": each.stroke, "label": str(each.label), "fixed": each.is_fixed} for each in keys
    ]
