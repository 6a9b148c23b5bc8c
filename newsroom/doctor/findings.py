"""What an examination finds, and how it is run: each by itself, in a thread, for a limited time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from threading import Thread
from typing import Literal

from django.db import connection

PATIENCE_SECONDS = 30.0  # for one examination, whose own steps have shorter limits
type Level = Literal["ok", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence about `what`, such as "database", and what to do next; `remedy` is "" where all is well."""

    level: Level
    what: str
    said: str
    remedy: str = ""

    def __str__(self) -> str:
        remedy = f" – {self.remedy}" if self.remedy else ""
        return f"{self.level:<8} {self.what}: {self.said}{remedy}"


type Examination = Callable[[], Iterable[Finding]]


def ok(what: str, said: str) -> Finding:
    return Finding("ok", what, said)


def warning(what: str, said: str, remedy: str) -> Finding:
    return Finding("warning", what, said, remedy)


def error(what: str, said: str, remedy: str) -> Finding:
    return Finding("error", what, said, remedy)


def plain(reason: BaseException) -> str:
    """An exception as one line."""
    return " ".join(f"{reason}".split())[:300].rstrip(".") or type(reason).__name__


def run(examinations: dict[str, Examination], seconds: float = PATIENCE_SECONDS) -> Iterator[Finding]:
    """The findings of all, in their order. They run at the same time. One that fails or hangs gives an error."""
    runs = [_Run(what, examine) for what, examine in examinations.items()]
    for each in runs:
        each.start()
    for each in runs:
        each.join(seconds)
        yield from list(each.found)
        if each.is_alive():
            yield error(each.what, f"gave no answer within {seconds:.0f} s", "Look whether it hangs.")


class _Run(Thread):
    def __init__(self, what: str, examine: Examination) -> None:
        super().__init__(name=f"doctor-{what}", daemon=True)
        self.what, self._examine = what, examine
        self.found: list[Finding] = []

    def run(self) -> None:
        try:
            for each in self._examine():
                self.found.append(each)
        except Exception as reason:  # noqa: BLE001  one examination must not end the others
            said = f"could not be examined: {type(reason).__name__}: {plain(reason)}"
            self.found.append(error(self.what, said, "Mend what else is wrong, then run doctor again."))
        finally:
            connection.close()
