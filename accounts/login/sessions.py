"""Django's database sessions, loaded with a statement that is compiled once. When one was used last is noted to the
hour.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessionStore
from django.contrib.sessions.models import Session
from django.db import DatabaseError
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone

from accounts.actions import touch_session
from newsroom.database.statements import prepared

_USE_IS_NOTED_AFTER = timedelta(hours=1)


class SessionStore(DatabaseSessionStore):
    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def _get_session_from_db(self) -> Any:
        """The row, if it has not expired; otherwise this store forgets its key."""
        now = timezone.now()
        for row in _session(self.session_key or ""):
            if row.expire_date > now:
                if row.seen_at and now - row.seen_at > _USE_IS_NOTED_AFTER:
                    with suppress(DatabaseError):  # a request is answered all the same
                        touch_session(row.session_key)
                return row
        self._session_key = None
        return None


@prepared(str)
def _session(key: str) -> QuerySet[Any]:
    """The row, with `seen_at`: when somebody last used it; None for nobody's."""
    used = UserSession.objects.filter(session_key=OuterRef("session_key")).values("last_seen_at")
    return Session.objects.filter(session_key=key).annotate(seen_at=Subquery(used))
