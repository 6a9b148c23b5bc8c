"""Django's database sessions, loaded with a statement that is compiled once."""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseSessionStore
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils import timezone

from newsroom.database.statements import prepared


class SessionStore(DatabaseSessionStore):
    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def _get_session_from_db(self) -> Any:
        """The row, if it has not expired; otherwise this store forgets its key."""
        for row in _session(self.session_key or ""):
            if row.expire_date > timezone.now():
                return row
        self._session_key = None
        return None


@prepared(str)
def _session(key: str) -> QuerySet[Session]:
    return Session.objects.filter(session_key=key)
