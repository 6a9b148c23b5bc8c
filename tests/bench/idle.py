"""What an installation takes while nobody asks anything: CPU of each process in a quiet minute, and memory.

`manage.py serve --workers 2 --tasks` on PostgreSQL and Redis with 20,000 streams in the log, after
pages, log-ins and calls of the API in both serving processes; then the demo on SQLite. By hand, see docs/benchmarks.md:

    uv run python -m tests.bench.idle [--seconds 60]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import psycopg

from tests.bench import machine
from tests.bench.site import Site, serving, site
from tests.support.product import demo, manage
from tests.support.services import wait_for

STREAMS = 20_000
PERCENT, MB = 1.0, 220.0  # the goals: of a core for each process; PSS of all four processes together
WARM_UP_SECONDS = 20.0  # the first looks fold what there is, and tidying has run
EMAIL, PASSWORD = "idle@example.org", "Fährmann-7-Ruder"
PAGES = ("/", "/search/?q=Treff", "/accounts/login/", "/api/v1/articles/", "/api/v1/discussions/")
ROUNDS, AT_ONCE = 6, 8  # connections compete, so that both serving processes answer


def fill(made: Site) -> None:
    with psycopg.connect(made.env["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(
            "INSERT INTO live_stream (name, top, redactions) SELECT 'discussion.' || n, 1, 0"
            f" FROM generate_series(1000001, {1_000_000 + STREAMS}) n"
        )
        connection.execute("ANALYZE")
    secret = {"DJANGO_SUPERUSER_PASSWORD": PASSWORD, "DJANGO_SUPERUSER_DISPLAY_NAME": "Ida"}
    known = manage("createsuperuser", "--noinput", "--email", EMAIL, env=made.env | secret)
    assert known.returncode == 0, known.stderr


def use(url: str, token: str) -> None:
    """Pages, a log-in and a call of the API with a key, all on connections of their own."""
    for path in PAGES:
        httpx.get(f"{url}{path}", timeout=30).raise_for_status()
    httpx.get(f"{url}/api/v1/me/", headers={"Authorization": f"Bearer {token}"}, timeout=30).raise_for_status()
    with httpx.Client(base_url=url, timeout=30, headers={"Connection": "close"}) as browser:
        browser.get("/accounts/login/").raise_for_status()
        form = {"login": EMAIL, "password": PASSWORD, "csrfmiddlewaretoken": browser.cookies["csrftoken"]}
        assert browser.post("/accounts/login/", data=form).status_code == 302
        browser.get("/accounts/profile/").raise_for_status()


def rest(processes: Mapping[str, int], seconds: float) -> dict[str, float]:
    """Per cent of a core that each has used in so many seconds."""
    before = {name: machine.run_seconds(pid) for name, pid in processes.items()}
    time.sleep(seconds)
    return {name: 100 * (machine.run_seconds(pid) - before[name]) / seconds for name, pid in processes.items()}


def on_services(seconds: float) -> tuple[dict[str, float], dict[str, float]]:
    """Per cent of a core, and MB, of each process."""
    with site(LIMIT_LOGINS="100000/s") as made:
        fill(made)
        with serving(made, "--tasks", workers=2) as (process, port):
            wait_for(lambda: len(process.workers()) == 3, what="two serving processes and one for tasks")
            first, second, tasks = sorted(process.workers())
            processes = {"parent": process.popen.pid, "first": first, "second": second, "tasks": tasks}
            before = [machine.run_seconds(pid) for pid in (first, second)]
            with ThreadPoolExecutor(AT_ONCE) as threads:
                url = f"http://127.0.0.1:{port}"
                for done in [threads.submit(use, url, made.tokens[0]) for _ in range(ROUNDS * AT_ONCE)]:
                    done.result()
            used = [machine.run_seconds(pid) - at for pid, at in zip((first, second), before, strict=True)]
            assert min(used) > 0.5, f"one process has answered nearly nothing: {used} s of CPU"
            time.sleep(WARM_UP_SECONDS)
            memory = {name: machine.memory_kb([pid]) / 1024 for name, pid in processes.items()}
            return rest(processes, seconds), memory


def on_sqlite(seconds: float) -> float:
    with tempfile.TemporaryDirectory(prefix="newsroom-bench-") as folder, demo(Path(folder)) as process:
        httpx.get(f"{process.url}/", timeout=30).raise_for_status()
        time.sleep(WARM_UP_SECONDS)
        return rest({"demo": process.popen.pid}, seconds)["demo"]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=60, help="of quiet, over which CPU time is counted")
    options = parser.parse_args()
    print(machine.facts())
    idle, memory = on_services(options.seconds)
    for name, percent in idle.items():
        print(f"  {name:10}{percent:6.2f} % of a core {memory[name]:8.1f} MB")
    idle["demo"] = on_sqlite(options.seconds)
    print(f"  {'demo':10}{idle['demo']:6.2f} % of a core")
    worst, together = max(idle.values()), sum(memory.values())
    print(f"the busiest {worst:.2f} % (goal {PERCENT:.0f}), together {together:.0f} MB (goal {MB:.0f})")
    sys.exit(0 if worst <= PERCENT and together <= MB else 1)


if __name__ == "__main__":
    main()
