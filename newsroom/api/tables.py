"""Tables as CSV (RFC 4180), sent while they are read, and safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from typing import Any

from django.http import StreamingHttpResponse
from rest_framework.negotiation import DefaultContentNegotiation

# What a spreadsheet takes for a formula: at the beginning of a cell, and where one that splits at ";" begins a cell.
_FORMULA = re.compile(r"(^|[;\t\r\n])(\s*)(?=[=+\-@|%\uff1d\uff0b\uff0d\uff20])")


class AnyAccepted(DefaultContentNegotiation):
    """For a view that answers with `as_csv`: a table is CSV and a refusal JSON, whatever a client accepts."""

    def select_renderer(self, request: Any, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type


def as_csv(name: str, columns: Sequence[str], parts: Iterable[Sequence[Sequence[Any]]]) -> StreamingHttpResponse:
    """A file of this name. `parts`: some rows at once, each sent when it is made."""
    response = StreamingHttpResponse(_lines(columns, parts), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


def _lines(columns: Sequence[str], parts: Iterable[Sequence[Sequence[Any]]]) -> Iterator[bytes]:
    yield _written([columns])
    for rows in parts:
        if rows:
            yield _written(rows)


def _written(rows: Sequence[Sequence[Any]]) -> bytes:
    page = StringIO()
    csv.writer(page, quoting=csv.QUOTE_NONNUMERIC).writerows([[_cell(value) for value in row] for row in rows])
    return page.getvalue().encode()


def _cell(value: Any) -> int | float | str:
    """A number as it is, True and False as in JSON, nothing as an empty cell; a text never as a formula."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return value
    return "" if value is None else _FORMULA.sub(r"\1\2'", str(value))
