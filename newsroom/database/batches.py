"""Long writes cut into short transactions, so that a serving process can write in between."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from django.db import connection, transaction

from newsroom.database.statements import here

LONGEST = 0.05  # seconds that a batch should hold the database's lock
SMALLEST, LARGEST = 20, 500  # rows
GAP = 0.004  # seconds without the lock between two transactions: another process looks for it every millisecond
BUSY_REST = 9  # times as long as a batch
REMEMBERED = 10  # transactions for which it counts that others write, too


class Batches:
    """Writes rows in transactions of about `LONGEST`.

    SQLite has one writer only, and a process cannot see who waits for it. So there each transaction is followed by a
    gap, unless what comes between takes as long anyway: in it a writer that waits gets the lock, and the next
    transaction finds it taken. Then there is company, and each transaction is followed by a rest nine times as
    long, so that this one takes a tenth of the time. Alone it never rests.

    Use one object for a whole import: it learns how many rows fit. Give `rests=False` if no server is running yet.
    `smallest`: so many rows are written at once even if that takes longer, as it does on a machine that is overloaded.
    """

    def __init__(self, *, rests: bool = True, smallest: int = SMALLEST) -> None:
        self.size = self._smallest = smallest
        self._is_inside = False  # a transaction
        self._rests = rests and connection.vendor == "sqlite"
        self._company = 0  # transactions for which others still count as present
        self._free_at = 0.0  # when the next transaction may begin

    def write[Row](self, rows: Sequence[Row], write: Callable[[Sequence[Row]], object]) -> None:
        """Call `write` for all rows in slices, each call in a transaction of its own. The last may be half as large
        again as the others.
        """
        done = 0
        while done < len(rows):
            batch = rows[done:] if self.has_room_for(len(rows) - done) else rows[done : done + self.size]
            self.run(lambda batch=batch: write(batch), rows=len(batch))  # type: ignore[misc]
            done += len(batch)

    def has_room_for(self, rows: int) -> bool:
        """Whether so many rows are written in one transaction."""
        return rows <= self.size * 3 // 2

    def run[Result](self, write: Callable[[], Result], *, rows: int = 0) -> Result:
        """Run one transaction, if necessary after a rest. Returns the result of `write`. What that runs in turn is part
        of the same transaction.
        """
        if self._is_inside:
            return write()
        if self._rests and (early := self._free_at - time.monotonic()) > 0:
            time.sleep(early)
        with transaction.atomic():
            start = time.monotonic()
            self._is_inside = True
            try:
                result = write()
            finally:
                self._is_inside = False
        end = time.monotonic()
        if rows >= self.size:
            fit = int(rows * LONGEST / max(end - start, LONGEST / 4))
            self.size = max(self._smallest, min(LARGEST, fit))
        if self._rests:
            self._company = REMEMBERED if here().met_others else max(0, self._company - 1)
            self._free_at = end + (BUSY_REST * min(end - start, 2 * LONGEST) if self._company else GAP)
        return result
