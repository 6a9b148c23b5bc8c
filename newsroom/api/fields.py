"""Request fields that are stricter than the framework's."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers


class MomentField(serializers.DateTimeField):
    """A point in time. A local time without offset is refused if a change of clocks makes it ambiguous or
    nonexistent.
    """

    default_error_messages = {
        "unclear": _("This local time does not exist or comes twice. Give it with its offset, as in +01:00."),
    }

    def enforce_timezone(self, value: datetime) -> datetime:
        moment: Any = super().enforce_timezone(value)
        if value.tzinfo is None and moment.utcoffset() != moment.replace(fold=not moment.fold).utcoffset():
            self.fail("unclear")
        return moment  # type: ignore[no-any-return]
