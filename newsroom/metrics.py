"""Metrics for operators. Every part that counts something registers it here by name.

    HITS = counter("newsroom_edge_requests_total", "Anonymous GETs in front of Django.", result="hit")
    HITS.inc()

Names and units follow Prometheus: seconds, bytes, `_total`. The processes of `serve` share their metrics in a folder
(`newsroom.server.sharing`), and the process that gets the request answers with the sum:
https://prometheus.github.io/client_python/multiprocess/

What is the same whichever process answers, such as rows of the database, must not be added up: see `tell`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from prometheus_client import (
    CONTENT_TYPE_PLAIN_0_0_4,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Metric,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

from newsroom.server.sharing import VARIABLE

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4

# Otherwise each counter has a second series with the time of its creation.
disable_created_metrics()  # type: ignore[no-untyped-call]
_registry = CollectorRegistry()
_counters: dict[str, Counter] = {}
_gauges: dict[str, Gauge] = {}
_reads: list[tuple[Gauge, Callable[[], float]]] = []
_calls: list[Callable[[], None]] = []
_tellers: list[Callable[[], Iterable[Metric]]] = []


def counter(name: str, text: str, **labels: str) -> Counter:
    """The counter with that name and labels; repeated calls return the same one."""
    if name not in _counters:
        _counters[name] = Counter(name, text, sorted(labels), registry=_registry)
    return _counters[name].labels(**labels) if labels else _counters[name]


def gauge(name: str, text: str, read: Callable[[], float], **labels: str) -> None:
    """Have `read()` called every second for the present value. The values of all living processes are added up."""
    if name not in _gauges:
        _gauges[name] = Gauge(name, text, sorted(labels), registry=_registry, multiprocess_mode="livesum")
    _reads.append((_gauges[name].labels(**labels) if labels else _gauges[name], read))


def histogram(name: str, text: str, bounds: Sequence[float]) -> Histogram:
    return Histogram(name, text, buckets=bounds, registry=_registry)


def each_second(call: Callable[[], None]) -> None:
    """Have `call()` called every second: for a counter of something that another part counts."""
    _calls.append(call)


def tell(collect: Callable[[], Iterable[Metric]]) -> None:
    """Have `collect()` called for each answer, by the process that gives it, and its families told as they are."""
    _tellers.append(collect)


def family(name: str, text: str, values: Mapping[str, float] | float, label: str = "") -> Metric:
    """A family for `tell`: one value, or one for each value of `label`. A counter's name ends in `_total`."""
    kind = CounterMetricFamily if name.endswith("_total") else GaugeMetricFamily
    if isinstance(values, Mapping):
        made = kind(name, text, labels=[label])
        for each, value in values.items():
            made.add_metric([each], value)
        return made
    return kind(name, text, value=values)


def share() -> None:
    """Update this process's gauges for the other processes."""
    for call in _calls:
        call()
    for known, read in _reads:
        known.set(read())


def text() -> bytes:
    """The metrics of all processes of this server, in Prometheus' text format."""
    share()
    registry = _registry
    if VARIABLE in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    told = CollectorRegistry()
    told.register(_Told())
    return generate_latest(registry) + generate_latest(told)


def forget(pid: int) -> None:
    """Drop the gauges of a process that has ended; its counters stay in the sum."""
    if VARIABLE in os.environ:
        mark_process_dead(pid)  # type: ignore[no-untyped-call]


class _Told(Collector):
    def collect(self) -> Iterator[Metric]:
        for collect in _tellers:
            yield from collect()

    def describe(self) -> Iterable[Metric]:
        return ()  # otherwise `register` collects to learn the names
