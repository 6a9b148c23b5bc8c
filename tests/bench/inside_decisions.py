"""Makes decisions inside a process of the product: `python -m tests.bench.inside_decisions`, see `told`.

Like `tests.bench.inside_pages`, without server and cache: figures are exact to microseconds, statements are counted.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from statistics import median
from typing import Any

import django

from tests.bench.inside_pages import AS_IT_IS, Clock
from tests.bench.servers import Base, environment_of
from tests.support.product import ROOT

EACH = 15  # decisions of a kind, the first of which make connections and plans
NOT_COUNTED = 3
DEEDS: dict[str, tuple[str, dict[str, str]]] = {  # name → kind of the case, what is said
    "approve": ("held", {}),
    "reject": ("held", {"reason": "insult"}),
    "remove": ("reported", {"reason": "insult"}),
    "keep": ("reported", {}),
    "edit": ("reported", {"reason": "privacy", "body": "Anders gesagt."}),
}


def told(base: Base) -> dict[str, dict[str, Any]]:
    """By deed: {"transaction": the most statements of one transaction, "statements": of the whole request, "own",
    "database": median CPU ms, "status", "odd": whether that is none of a decision}. The world is changed.
    """
    command = [sys.executable, "-m", "tests.bench.inside_decisions", base.data["staff"]["moderator"]]
    env = environment_of(base.url, **AS_IT_IS)
    done = subprocess.run(
        [*command, *map(str, base.roots)], cwd=ROOT, env=env, check=True, stdout=subprocess.PIPE, text=True
    )
    found: dict[str, dict[str, Any]] = json.loads(done.stdout)
    return found


# --- inside


def _decide(name: str, session: str, roots: list[int]) -> dict[str, Any]:
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client(headers={"host": "127.0.0.1"}, raise_request_exception=False)
    client.cookies["sessionid"] = session
    kind, said = DEEDS[name]
    costs: list[tuple[float, float]] = []
    for pk, seen in _open(kind):
        asked = {"action": name, "seen": seen, **said}
        clock = Clock(roots)
        answer = client.post(f"/api/v1/comments/{pk}/decisions/", asked, content_type="application/json")
        costs.append(clock.seconds())
    ((pk, seen),) = _open(kind, 1)
    with CaptureQueriesContext(connection) as queries:
        answer = client.post(
            f"/api/v1/comments/{pk}/decisions/", {"action": name, "seen": seen, **said}, content_type="application/json"
        )
    transactions = list(_transactions(each["sql"] for each in queries.captured_queries))
    own, database = (median(each) * 1000 for each in zip(*costs[NOT_COUNTED:], strict=True))
    counted = {"transaction": max(transactions), "statements": sum(transactions), "own": own, "database": database}
    return counted | {"status": answer.status_code, "odd": answer.status_code != 201}


def _open(kind: str, count: int = EACH) -> list[tuple[int, int]]:
    """Comments of open cases, with the version that a moderator sees."""
    from comments.models import Case

    cases = Case.objects.open().filter(kind=kind).with_all().order_by("rank", "id")[:count]
    return [(case.comment_id, case.comment.public_version) for case in cases]


def _transactions(statements: Iterator[str]) -> Iterator[int]:
    """How many statements each has; what stands outside of one, as well."""
    count = 0
    for each in statements:
        if each in {"BEGIN", "COMMIT", "ROLLBACK"}:
            yield count
            count = 0
        elif not each.startswith(("SAVEPOINT", "RELEASE")):
            count += 1
    yield count


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "newsroom.settings"
    django.setup()
    session, *roots = sys.argv[1:]
    print(json.dumps({name: _decide(name, session, [int(each) for each in roots]) for name in DEEDS}))
