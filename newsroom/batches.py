"""Long writes cut into short transactions, so that a serving process keeps writing beside them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from django.db import connection, transaction

LONGEST = 0.05  # seconds that a batch should hold the database's lock
LARGEST = 500  # rows
BUSY_REST = 9  # times as long as a batch
LATE = 0.005  # seconds: who waits so long for the lock is not alone


class Batches:
    """Writes rows in transactions of about `LONGEST`; on SQLite, with its one writer, each is followed by a rest: as
    long as itself, and nine times as long where others write, too, so that it takes a tenth of their time.

    One object for the whole of an import: it learns how many rows fit. `rests=False` where nobody is served yet.
    """

    def __init__(self, *, rests: bool = True) -> None:
        self.size = 20
        self.rests = rests and connection.vendor == "sqlite"

    def write[Row](self, rows: Sequence[Row], write: Callable[[Sequence[Row]], object]) -> None:
        """Call `write` for all rows, some at a time, each call in a transaction of its own."""
        done = 0
        while done < len(rows):
            batch = rows[done : done + self.size]
            self.run(lambda batch=batch: write(batch), rows=len(batch))  # type: ignore[misc]
            done += len(batch)

    def run[Result](self, write: Callable[[], Result], *, rows: int = 0) -> Result:
        """One transaction and the rest after it; gives what `write` gives."""
        asked = time.monotonic()
        with transaction.atomic():
            start = time.monotonic()
            result = write()
        taken = time.monotonic() - start
        if rows >= self.size:
            self.size = max(1, min(LARGEST, int(rows * LONGEST / max(taken, LONGEST / 4))))
        if self.rests:
            time.sleep(min(taken, 2 * LONGEST) * (BUSY_REST if start - asked > LATE else 1))
        return result
