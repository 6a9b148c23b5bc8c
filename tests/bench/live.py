"""How dear and how late a delivery is, beside nchan, node's `ws` and plain Channels: see docs/benchmarks.md.

Each round starts each server anew, one after the other on CPU 0, and everything else on CPU 1. What is compared are
CPU seconds of the server's own processes in paired rounds; how long things take is told, too, but strangers on the
machine move it.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from tests.bench import machine, peers
from tests.bench.inside import STREAM
from tests.bench.readers import reading
from tests.bench.site import Site, serving, site

SERVER_CPU, OTHER_CPU = 0, 1
EVENT = '{"type":"events","stream":"all","text":"n=$n $p"}'
PUBLISHING = ["-u", "/read", "-P", "/publish", "-t", EVENT, "-s", "300"]
GAP_MS = 20  # between the last reader's having one event and the next one


@dataclass
class Target:
    """A server that runs, how it is read, and what else works for it."""

    pid: int
    port: int
    arguments: list[str]
    descriptor: int = -1
    beside: list[int] = field(default_factory=list)
    warm: bool = False


@dataclass
class Bench:
    program: Path
    folder: Path
    site: Site
    options: argparse.Namespace
    figures: dict[str, dict[str, list[float]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))

    @contextmanager
    def target(self, name: str) -> Iterator[Target]:
        if name != "product":
            with peers.peer(name, self.folder, cpu=SERVER_CPU) as peer:
                yield Target(peer.pid, peer.port, PUBLISHING)
            return
        with serving(self.site, cpu=SERVER_CPU) as (process, port), machine.pinned(OTHER_CPU):
            publisher = self.site.publisher()
            assert publisher.stdin is not None
            arguments = ["-u", f"/live/?streams={STREAM}"]
            yield Target(process.popen.pid, port, arguments, publisher.stdin.fileno(), self.site.around())
            publisher.stdin.close()
            publisher.wait(20)

    def note(self, name: str, figure: str, value: float) -> None:
        self.figures[figure][name].append(value)
        print(f"  {name:8} {figure:42} {value:10.2f}", flush=True)

    # --- what is measured

    def deliveries(self, name: str, count: int, events: int) -> None:
        """CPU seconds per million deliveries: single events, and as many as go where that is asked for."""
        with self.target(name) as target, self.readers(target, count) as clients:
            assert clients.order(f"single 3 {GAP_MS}")["complete"] == 3, name
            self.cost(name, f"single, {count:,} readers", target, clients, f"single {events} {GAP_MS}")
            if count == 1000 and name != "plain":
                self.cost(name, f"saturated, {count:,} readers", target, clients, f"flood {self.options.seconds} 256")

    def cost(self, name: str, figure: str, target: Target, clients: Any, order: str) -> None:
        own = machine.tree(target.pid)
        before, around = machine.cpu_seconds(own), machine.cpu_seconds(target.beside)
        said = clients.order(order)
        lost = said["open"] * said["published"] - said["delivered"]
        if lost:
            print(f"  {name} LOST {lost} of {said['delivered'] + lost} deliveries")
        millions = said["delivered"] / 1e6
        self.note(name, f"CPU s/million, {figure}", (machine.cpu_seconds(own) - before) / millions)
        if target.beside:
            self.note(name, f"+ database, Redis, {figure}", (machine.cpu_seconds(target.beside) - around) / millions)
        self.note(name, f"deliveries/s, {figure}", said["delivered"] / said["seconds"])
        self.note(name, f"events a frame, {figure}", said["delivered"] / max(1, said["frames"]))

    def memory(self, name: str, count: int) -> None:
        with self.target(name) as target:
            with self.readers(target, 20):
                pass
            before = machine.memory_kb(machine.tree(target.pid))
            with self.readers(target, count):
                time.sleep(2)
                own = machine.tree(target.pid)
                self.note(name, f"KB per idle socket, {count:,}", (machine.memory_kb(own) - before) / count)
                cpu = machine.cpu_seconds(own)
                time.sleep(5)
                self.note(name, "idle: CPU ms a second", (machine.cpu_seconds(own) - cpu) / 5 * 1000)

    def latency_of_peer(self, name: str, count: int, events: int) -> None:
        with self.target(name) as target, self.readers(target, count) as clients:
            said = clients.order(f"single {events} {self.options.low_gap}")
        self.note_latency(name, "to the last reader", [(last - sent) / 1e6 for sent, last in said["messages"]])

    def latency(self, count: int, events: int) -> None:
        """A person's comment over a socket, from its commit to the last reader, in its parts."""
        place = str(self.folder / "trace")
        chat = self.site.chats[0]
        form = json.dumps({"type": "comment", "discussion": chat, "key": "$k", "text": "n=$n $p"})
        publish = ["-P", "/live/", "-H", f"Authorization: Bearer {self.site.tokens[0]}\r\n", "-t", form, "-s", "200"]
        arguments = ["-u", f"/live/?streams=discussion.{chat}", "-m", ">n=", *publish]  # once an event: in its HTML
        with serving(self.site, cpu=SERVER_CPU, traced=place) as (process, port):
            target = Target(process.popen.pid, port, arguments)
            with self.readers(target, count) as clients:
                said = clients.order(f"single {events} {self.options.low_gap}")
        parts = _parts(Path(place).read_text().splitlines(), said["messages"])
        for part, values in parts.items():
            self.note_latency("product", part, values)

    def note_latency(self, name: str, part: str, milliseconds: list[float]) -> None:
        self.note(name, f"{part}, p50 ms", machine.percentile(milliseconds, 0.5))
        self.note(name, f"{part}, p99 ms", machine.percentile(milliseconds, 0.99))

    def readers(self, target: Target, count: int) -> Any:
        return reading(self.program, target.port, count, target.arguments, cpu=OTHER_CPU, descriptor=target.descriptor)

    # --- rounds

    def round(self, names: list[str]) -> None:
        scale = self.options.scale
        for name in names:
            self.deliveries(name, 1000, max(5, int((8 if name == "plain" else 200) * scale)))
        for name in [name for name in names if name != "plain"]:
            self.deliveries(name, 10_000, max(5, int(40 * scale)))
        for name in names:
            self.memory(name, 5000)
        self.latency(1000, max(20, int(60 * scale)))
        for name in [name for name in names if name not in ("product", "plain")]:
            self.latency_of_peer(name, 1000, max(20, int(60 * scale)))

    def summary(self) -> None:
        print("\nMedians of the rounds; the product's ratio to each peer is the median of paired rounds.")
        for figure, by_name in self.figures.items():
            values = "   ".join(f"{name} {median(each):.2f}" for name, each in by_name.items())
            ours = by_name.get("product", [])
            ratios = "   ".join(
                f"/{name} {machine.ratio(ours, each):.2f}"
                for name, each in by_name.items()
                if name != "product" and len(each) == len(ours) and all(each)
            )
            print(f"{figure:45} {values}   {ratios}")


def _parts(trace: list[str], messages: list[list[int]]) -> dict[str, list[float]]:
    """Milliseconds of each part of each message's way. The trace tells of one event after the other."""
    noted = [(what, int(at)) for what, at in (line.split() for line in trace)]
    parts: dict[str, list[float]] = defaultdict(list)
    for sent, last in messages:
        at: dict[str, int] = {}
        for what, moment in noted:
            if sent < moment < last + 10**7 and what not in at:
                at[what] = moment
        steps = ["committed", "numbered", "rung", "read"]
        for name, begin, end in zip(("numbering", "ring", "read"), steps, steps[1:], strict=False):
            parts[name].append((at[end] - at[begin]) / 1e6)
        parts["fan-out"].append((last - at["read"]) / 1e6)
        parts["to the last reader"].append((last - at["committed"]) / 1e6)
        parts["sent to last"].append((last - sent) / 1e6)
    return parts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peers", default="nchan,ws,plain", help="comma-separated (default: all)")
    parser.add_argument("--scale", type=float, default=1.0, help="how many events, against the usual")
    parser.add_argument("--seconds", type=float, default=5.0, help="of saturation")
    parser.add_argument("--low-gap", type=int, default=150, help="ms between events where latency is measured")
    options = parser.parse_args()
    machine.open_many_files()
    print(machine.facts())
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="newsroom-peers-")))
        wanted = [name for name in options.peers.split(",") if name]
        absent = {name: peers.missing(name, folder) for name in wanted}
        for name in [name for name in wanted if absent[name]]:
            print(f"{name} is left out: not installed is {absent[name]}", file=sys.stderr)
        program = stack.enter_context(machine.compiled("readers.c"))
        made = stack.enter_context(site(cpu=OTHER_CPU))
        bench = Bench(program, folder, made, options)
        stolen = machine.steal_seconds()
        for number in range(options.rounds):
            print(f"round {number + 1}, {machine.facts()}", flush=True)
            bench.round(["product", *[name for name in wanted if not absent[name]]])
        bench.summary()
        print(f"stolen by the host meanwhile: {machine.steal_seconds() - stolen:.1f} CPU s")


if __name__ == "__main__":
    main()
