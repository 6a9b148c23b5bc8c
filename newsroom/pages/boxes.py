"""The comments of a page as HTML: pieces, of which each is drawn once for all readers who see it alike, joined."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from django.utils.safestring import SafeString, mark_safe

from comments import reads
from comments.panel.held import Drawing, HeldLine
from newsroom.pages import pieces


@dataclass(frozen=True, slots=True)
class Kind:
    """What decides how a box looks to a reader, beside what is theirs. `spoken`: the language, "" if it is unknown."""

    is_chat: bool
    is_reader: bool  # is logged in
    may_post: bool
    may_react: bool
    moderates: bool
    spoken: str


class Reply(NamedTuple):
    """A line below a top-level comment; `in_reply_to`: {id, name} of what it answers, unless it stands below that."""

    line: Any
    level: int
    in_reply_to: Mapping[str, Any] | None


class Branch(NamedTuple):
    """A top-level comment, or a line of a chat. `more`: the number of replies that are not among `replies`."""

    line: Any
    replies: Sequence[Reply] = ()
    more: int = 0


class Boxes:
    """Draws for one reader: `me` is their id, or None; `mine`: comment id → names of their reactions; `ignored`: the
    ids of those whom they ignore; `held` draws what waits, which stands on pages of moderators alone.
    """

    def __init__(
        self,
        kind: Kind,
        me: int | None,
        mine: Mapping[int, Sequence[str]],
        *,
        ignored: Collection[int] = (),
        held: Drawing | None = None,
    ) -> None:
        self._kind, self._me, self._mine, self._ignored, self._held = asdict(kind), me, mine, ignored, held
        self._draw = pieces.drawing()

    def listed(self, branches: Iterable[Branch]) -> SafeString:
        """The comments of a list, each with its replies."""
        return _joined(part for branch in branches for part in self._branch(branch))

    def pinned(self, lines: Iterable[Any]) -> SafeString:
        """What stands on top of the discussion."""
        drawn = (self._draw("comments/pinned_row.html", {"comment": reads.json_of(line)}) for line in lines)
        return _joined(drawn)

    def pattern(self) -> SafeString:
        """The place of a comment, for those that scripts add."""
        return _joined([self._drawn(None), *self._tail(None, "", 0), "</li>"])

    def _branch(self, branch: Branch) -> Iterable[str]:
        if isinstance(branch.line, HeldLine):
            yield self._waiting(branch.line)
            return
        locked = _locked(branch)
        yield self._drawn(branch.line, is_locked=branch.line.id in locked)
        below = "".join(self._reply(each, locked) for each in branch.replies)
        yield from self._tail(branch.line.id, below, branch.more)
        yield "</li>"

    def _reply(self, reply: Reply, locked: Collection[int]) -> str:
        if isinstance(reply.line, HeldLine):
            return self._waiting(*reply)
        return f"{self._drawn(*reply, is_locked=reply.line.id in locked)}</li>"

    def _waiting(self, line: HeldLine, *where: Any) -> SafeString:
        assert self._held is not None
        return self._held.line(line, *where)

    def _tail(self, comment: int | None, replies: str, more: int) -> Iterable[str]:
        if not self._kind["is_chat"]:
            yield f'<ol class="replies" data-replies>{replies}</ol>'
            yield self._draw("comments/more_replies.html", {"id": comment, "more": more})

    def _drawn(
        self,
        line: Any,
        level: int | None = None,
        in_reply_to: Mapping[str, Any] | None = None,
        *,
        is_locked: bool = False,
    ) -> SafeString:
        """`is_locked`: nobody can answer it, since it is locked, or one above it."""
        facts = {
            "comment": line and reads.json_of(line),
            "level": level,
            "in_reply_to": in_reply_to,
            "is_locked": is_locked,
            "is_own": line is not None and line.author_id is not None and line.author_id == self._me,
            "is_ignored": line is not None and line.author_id in self._ignored,
            "mine": self._mine.get(line.id, ()) if line else (),
            **self._kind,
        }
        return self._draw("comments/comment_box.html", facts)


def _locked(branch: Branch) -> set[int]:
    """The comments of a branch that nobody can answer. Those that stand above another one come first."""
    found: set[int] = set()
    for line in (branch.line, *(each.line for each in branch.replies)):
        if not isinstance(line, HeldLine) and (line.locked_at is not None or line.parent_id in found):
            found.add(line.id)
    return found


def _joined(parts: Iterable[str]) -> SafeString:
    return mark_safe("".join(parts))  # noqa: S308  pieces, which templates have escaped
