"""Our PostgreSQL backend for tests."""

from __future__ import annotations

from typing import Any

from newsroom.database.postgresql import base
from tests.support.emptying import Emptying

_Operations: Any = base.DatabaseWrapper.ops_class


class Operations(Emptying, _Operations):  # type: ignore[misc]
    pass


class DatabaseWrapper(base.DatabaseWrapper):
    ops_class = Operations
