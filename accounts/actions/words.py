"""What a person is told about a decision."""

from __future__ import annotations

from django.utils.translation import gettext as _

from accounts.models import MAX_WORDS
from accounts.reasons import Reason


def errors_of(reason: str, text: str) -> dict[str, list[str]]:
    """Of what a person is told about a decision, by field."""
    errors = {}
    if reason not in Reason:
        errors["reason"] = [_("There is no such reason.")]
    if len(text) > MAX_WORDS:
        errors["text"] = [_("At most %d characters fit in here.") % MAX_WORDS]
    return errors
