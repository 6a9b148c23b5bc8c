"""docs/access.md, made from the table of what each duty allows. Renew it by `uv run python -m tests.access`."""

from __future__ import annotations

from collections.abc import Iterable

from accounts.duties import INCLUDES, Duty
from accounts.permissions import ADMIN, DEEDS, STREAMS, Need
from tests.support.product import ROOT

PAGE = ROOT / "docs" / "access.md"
FORM = ("permission", "duty", "where")
HEAD = """# Access

What each duty allows, made from `accounts/permissions.py` by `uv run python -m tests.access`. `tests/test_access.py`
tries each deed by each duty, everywhere, in the section of the thing, and in another one, and holds this page to the
table. `tests/test_access_ways.py` does the same by every operation of the API, page, form of the admin and stream; one
without an expectation fails there.

A duty holds in all sections or in named ones. A thing without a section, such as a chat, a foreign page's discussion,
the site's ticker, a photo or a legal page, is for duties that hold everywhere; photos may be added and described by
those who contribute anywhere. What a person may not know of is not found; what they may see and not do is forbidden.
"""


def page() -> str:
    """The whole page."""
    return "\n".join(
        [
            HEAD,
            "## What duties include",
            "",
            *_table(("duty", "includes"), ((_code(duty), _listed(INCLUDES[duty], but=duty)) for duty in Duty)),
            "",
            "## Deeds",
            "",
            *_table(
                ("deed", "duty, any of", "where", "enough for one's own"),
                ((_code(deed), *_cells(need)) for deed, need in sorted(DEEDS.items())),
            ),
            "",
            "## Streams",
            "",
            *_table(("stream", "duty", "where"), ((_code(name), *_cells(need)[:2]) for name, need in STREAMS.items())),
            "",
            "## Forms of the admin",
            "",
            "A form opens to a duty that holds there; which rows it shows is asked of the section of each.",
            "",
            *_table(
                ("permission", "duty", "where"), ((_code(name), _code(duty), where) for name, duty, where in ADMIN)
            ),
            "",
        ]
    )


def _cells(need: Need) -> tuple[str, str, str]:
    if not need.duties:
        return need.whom, "–", "–"
    return ", ".join(map(_code, need.duties)), need.where.value, _code(need.own) if need.own else "–"


def _listed(duties: Iterable[Duty], *, but: Duty) -> str:
    return ", ".join(_code(each) for each in Duty if each in set(duties) - {but}) or "–"


def _code(word: str) -> str:
    return f"`{word}`"


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    heads = list(heads)
    body = [f"| {' | '.join(map(str, row))} |" for row in (heads, *rows)]
    return [body[0], f"|{'---|' * len(heads)}", *body[1:]]


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
