"""Django's database sessions, loaded with a statement that is compiled once. When one was used last is noted to the
hour. Those of people with duties end after some hours without use.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessionStore
from django.contrib.sessions.models import Session
from django.db import DatabaseError
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone

from accounts.actions import end_session, touch_session
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
            if row.expire_date > now and not self._is_forgotten(row, now):
                if row.seen_at and now - row.seen_at > _USE_IS_NOTED_AFTER:
                    with suppress(DatabaseError):  # a request is answered all the same
                        touch_session(row.session_key)
                return row
        self._session_key = None
        return None

    @staticmethod
    def _is_forgotten(row: Any, now: datetime) -> bool:
        """Whether somebody with duties has left this session unused for too long; then it ends, and its sockets."""
        if not (row.duties and row.seen_at and settings.STAFF_IDLE) or now - row.seen_at < settings.STAFF_IDLE:
            return False
        with suppress(DatabaseError):  # it is nobody's all the same
            end_session(row.session_key)
        return True


@prepared(str)
def _session(key: str) -> QuerySet[Any]:
    """The row, with `seen_at`: when its person last used it, and their `duties`; None for nobody's."""
    known = UserSession.objects.filter(session_key=OuterRef("session_key"))
    seen_at, duties = (Subquery(known.values(name)) for name in ("last_seen_at", "user__duties"))
    return Session.objects.filter(session_key=key).annotate(seen_at=seen_at, duties=duties)
