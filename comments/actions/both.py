"""A decision about a comment and about its author, in one transaction: both are taken, or neither."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import hold, must_moderate_somewhere
from accounts.actions import impose_sanction
from accounts.models import User
from comments.actions.deciding import decide
from comments.actions.guards import hold_comment
from comments.actions.warnings import warn_person
from comments.models import Comment
from newsroom.errors import Invalid


@transaction.atomic
def decide_and_restrict(
    comment_id: int, action: str, *, actor: User, sanction: Mapping[str, Any], **decision: Any
) -> Comment:
    """Decide as `decide` does with `decision`, and restrict the author as `impose_sanction` does with `sanction`.

    Raises what both raise; Invalid for a comment without an author.
    """
    impose_sanction(_author_of(comment_id, actor), actor=actor, **sanction)  # first: people are locked before comments
    return decide(comment_id, action, actor=actor, **decision)


@transaction.atomic
def decide_and_warn(
    comment_id: int, action: str, *, actor: User, warning: Mapping[str, Any], **decision: Any
) -> Comment:
    """Decide as `decide` does with `decision`, and warn the author as `warn_person` does with `warning`, for the
    section of the comment. Undoing the decision, or its reversal, takes the warning back.

    Raises what both raise; Invalid for a comment without an author.
    """
    author = _author_of(comment_id, actor)
    hold(author, actor.pk)  # people are locked before comments
    decided = decide(comment_id, action, actor=actor, **decision)
    warn_person(author, actor=actor, section=decided.discussion.section_id, decision=decided.ruling, **warning)
    return decided


def _author_of(comment_id: int, actor: User) -> int:
    must_moderate_somewhere(actor)
    author = hold_comment(comment_id).author_id
    if author is None:
        sentence = _("The comment has no author who could be restricted.")
        raise Invalid(sentence, errors={"also": [sentence]})
    return author
