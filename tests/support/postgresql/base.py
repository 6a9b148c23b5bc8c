"""Django's PostgreSQL backend for tests."""

from __future__ import annotations

from django.db.backends.postgresql import base
from django.db.backends.postgresql.operations import DatabaseOperations

from tests.support.emptying import Emptying


class Operations(Emptying, DatabaseOperations):
    pass


class DatabaseWrapper(base.DatabaseWrapper):
    ops_class = Operations
