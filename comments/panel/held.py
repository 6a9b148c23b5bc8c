"""What waits in a discussion, as lines of its thread for those who moderate there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.template.loader import get_template
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe

from accounts.access import must_moderate_somewhere
from accounts.models import User
from comments.models import Discussion
from comments.panel.cards import Card, cards
from comments.panel.frame import page
from comments.panel.queue import for_forms
from comments.reads import discussions as reads
from comments.reads import held
from comments.reads.cases import place_of
from comments.reads.held import ground_of
from newsroom.api.paging import number_of
from newsroom.api.responses import NEVER


@dataclass(frozen=True, slots=True)
class HeldLine:
    """A line of a thread that waits. Beside its card it has what decides its place, by the names of other lines."""

    card: Card

    @property
    def id(self) -> int:
        return self.card.comment.pk

    @property
    def parent_id(self) -> int | None:
        return self.card.comment.parent_id

    @property
    def root_id(self) -> int | None:
        return self.card.comment.root_id

    @property
    def order(self) -> int:
        return place_of(self.card.comment)

    @property
    def author_name(self) -> str:
        return self.card.author_name

    author_id = None  # so that its name is `author_name`


class Drawing:
    """Draws held lines for one moderator; `back` is the page to which a form leads back."""

    def __init__(self, request: HttpRequest, back: str, *, is_chat: bool) -> None:
        self._request, self._template = request, get_template("panel/held_line.html")
        self._known = {"here": back, "is_chat": is_chat, **for_forms()}

    def line(
        self, line: HeldLine, level: int | None = None, in_reply_to: Mapping[str, Any] | None = None
    ) -> SafeString:
        facts = {"line": line, "card": line.card, "level": level, "in_reply_to": in_reply_to}
        return mark_safe(self._template.render(self._known | facts, self._request))  # noqa: S308  it has escaped it


def lines_in(discussion: Discussion, viewer: User, *, only: tuple[int, ...] = ()) -> list[HeldLine]:
    """The newest lines that wait there; with `only`, those of these cases. At most three statements."""
    found = held.held_in(discussion, viewer, only=only)
    return [HeldLine(each) for each in cards(found, viewer, timezone.now())]


@login_required
@require_safe
def lines(request: HttpRequest, pk: int) -> HttpResponse:
    """The newest lines that wait in a discussion, or those of the cases in `case`, as a part of its page."""
    viewer = must_moderate_somewhere(request.user)
    found = reads.find(viewer, pk)
    only = tuple(number_of(each) or NEVER for each in request.GET.getlist("case")[: held.MOST])
    ground = ground_of(found)
    draw = Drawing(request, f"{found.page}#discussion", is_chat=found.mode == Discussion.Mode.CHAT)
    drawn = [draw.line(each) for each in lines_in(found, viewer, only=only)]
    return page(request, "panel/held_lines.html", {"ground": ground, "lines": drawn})
