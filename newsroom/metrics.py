"""Figures for operators: whatever part of the product counts something makes it known here, once, by name.

    HITS = counter("newsroom_edge_requests_total", "Anonymous GETs in front of Django.", result="hit")
    HITS.add()

Names and units are Prometheus': seconds, bytes, `_total`. With several processes each shares its figures every
second in a folder of their own (`FOLDER`), and whoever is asked answers with the sum of all.
"""

from __future__ import annotations

import json
import os
import threading
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path

FOLDER = "NEWSROOM_METRICS_FOLDER"  # variable of the environment, set by `serve` for its workers
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_lock = threading.Lock()
_families: dict[str, tuple[str, str]] = {}  # name → type, help
_counters: dict[str, Counter] = {}  # by series
_histograms: dict[str, Histogram] = {}
_gauges: dict[str, Callable[[], float]] = {}


class Counter:
    """Only rises."""

    def __init__(self) -> None:
        self.value = 0

    def add(self, amount: int = 1) -> None:
        """From any thread."""
        with _lock:
            self.value += amount


class Histogram:
    """How often a value was at most each of `bounds`."""

    def __init__(self, bounds: Iterable[float]) -> None:
        self.bounds = tuple(bounds)
        self.counts = [0] * (len(self.bounds) + 1)
        self.sum = 0.0

    def observe(self, value: float) -> None:
        """From any thread."""
        with _lock:
            self.counts[bisect_left(self.bounds, value)] += 1
            self.sum += value


def counter(name: str, text: str, **labels: str) -> Counter:
    """The counter of that name and labels; the same again for who asks again."""
    _families[name] = "counter", text
    return _counters.setdefault(_series(name, labels), Counter())


def gauge(name: str, text: str, read: Callable[[], float], **labels: str) -> None:
    """Have `read()` say how it stands whenever somebody wants to know; of several processes the sum."""
    _families[name] = "gauge", text
    _gauges[_series(name, labels)] = read


def histogram(name: str, text: str, bounds: Iterable[float]) -> Histogram:
    _families[name] = "histogram", text
    return _histograms.setdefault(name, Histogram(bounds))


def share() -> None:
    """Let the other processes know how this one stands; nothing where there are none."""
    if folder := os.environ.get(FOLDER):
        place = Path(folder) / f"{os.getpid()}.json"
        draft = place.with_suffix(".new")
        draft.write_text(json.dumps(_own()))
        draft.replace(place)


def text() -> str:
    """All figures of all processes of this server, as Prometheus reads them."""
    series = _sum([_own(), *_others()])
    lines: list[str] = []
    for name, (kind, help_text) in sorted(_families.items()):
        lines += [f"# HELP {name} {help_text}", f"# TYPE {name} {kind}"]
        lines += [f"{each} {value:.17g}" for each, value in series.items() if _is_of(each, name, kind)]
    return "\n".join(lines) + "\n"


def _own() -> dict[str, dict[str, float]]:
    with _lock:
        risen: dict[str, float] = {series: each.value for series, each in _counters.items()}
        for name, each in _histograms.items():
            risen |= _buckets(name, each)
    return {"risen": risen, "now": {series: read() for series, read in _gauges.items()}}


def _buckets(name: str, each: Histogram) -> dict[str, float]:
    series: dict[str, float] = {}
    total = 0
    for bound, count in zip([*map(str, each.bounds), "+Inf"], each.counts, strict=True):
        total += count
        series[f'{name}_bucket{{le="{bound}"}}'] = total
    return {**series, f"{name}_sum": each.sum, f"{name}_count": total}


def _others() -> list[Mapping[str, Mapping[str, float]]]:
    """What a process that is gone has counted stays counted; how it stood does not."""
    found: list[Mapping[str, Mapping[str, float]]] = []
    folder = os.environ.get(FOLDER)
    for place in Path(folder).glob("*.json") if folder else ():
        if place.stem != str(os.getpid()):
            shared = json.loads(place.read_text())
            found.append(shared if _lives(int(place.stem)) else {"risen": shared["risen"]})
    return found


def _lives(pid: int) -> bool:
    with suppress(PermissionError):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
    return True


def _sum(shared: Iterable[Mapping[str, Mapping[str, float]]]) -> dict[str, float]:
    total: dict[str, float] = {}
    for process in shared:
        for figures in process.values():
            for series, value in figures.items():
                total[series] = total.get(series, 0) + value
    return total


def _is_of(series: str, name: str, kind: str) -> bool:
    own = series.partition("{")[0]
    return own == name or (kind == "histogram" and own in {f"{name}_bucket", f"{name}_sum", f"{name}_count"})


def _series(name: str, labels: Mapping[str, str]) -> str:
    inner = ",".join(f'{key}="{value}"' for key, value in sorted(labels.items()))
    return f"{name}{{{inner}}}" if inner else name
