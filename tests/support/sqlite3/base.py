"""Our SQLite backend for tests."""

from __future__ import annotations

from typing import Any, ClassVar

from newsroom.database.sqlite3 import base
from tests.support.emptying import Emptying

_Operations: Any = base.DatabaseWrapper.ops_class


class Operations(Emptying, _Operations):  # type: ignore[misc]
    pass


class DatabaseWrapper(base.DatabaseWrapper):
    ops_class = Operations
    most_pages: ClassVar[int | None] = None  # see tests.support.little_room

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        made = super().get_new_connection(conn_params)
        if self.most_pages is not None:
            made.execute(f"PRAGMA max_page_count = {self.most_pages}")
        return made
