"""What a measurement needs of the machine: its facts, the CPU time and memory of a process tree, a place on one CPU."""

from __future__ import annotations

import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from statistics import median

HERE = Path(__file__).parent
TICKS = os.sysconf("SC_CLK_TCK")


def facts() -> str:
    """One line: processor, CPUs, memory, kernel, Python, and how busy strangers keep the machine."""
    cpu = next((line.split(":")[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")), "?")
    memory = int(next(line.split()[1] for line in _lines("/proc/meminfo") if line.startswith("MemTotal"))) / 2**20
    load = os.getloadavg()[0]
    system, python = platform.release(), platform.python_version()
    return f"{cpu}, {os.cpu_count()} CPUs, {memory:.0f} GiB, Linux {system}, Python {python}, load {load:.1f}"


def tree(pid: int) -> list[int]:
    """`pid` and all its descendants."""
    found = [pid]
    with suppress(OSError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            for child in (thread / "children").read_text().split():
                found += tree(int(child))
    return found


def cpu_seconds(pids: Iterable[int]) -> float:
    """User and system time that these processes have used, and their children that have ended."""
    total = 0
    for pid in pids:
        with suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            total += sum(map(int, fields[11:15]))
    return total / TICKS


def run_seconds(pid: int) -> float:
    """The same of one process, to the nanosecond; without its children and the threads that have ended."""
    total = 0
    with suppress(OSError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            with suppress(OSError):
                total += int((thread / "schedstat").read_text().split()[0])
    return total / 1e9


def memory_kb(pids: Iterable[int]) -> int:
    """Resident memory, what is shared counted in shares (PSS)."""
    total = 0
    for pid in pids:
        with suppress(OSError):
            total += sum(
                int(line.split()[1]) for line in _lines(f"/proc/{pid}/smaps_rollup") if line.startswith("Pss:")
            )
    return total


def peak_kb(pids: Iterable[int]) -> int:
    """The most resident memory that each of these has had, summed."""
    total = 0
    for pid in pids:
        with suppress(OSError):
            total += sum(int(line.split()[1]) for line in _lines(f"/proc/{pid}/status") if line.startswith("VmHWM:"))
    return total


def steal_seconds() -> float:
    """What the host has taken from this machine so far, all CPUs together."""
    return int(_lines("/proc/stat")[0].split()[8]) / TICKS


def on_cpu(number: int) -> list[str]:
    """Prefix of a command that shall run on this CPU alone."""
    return ["taskset", "-c", str(number)]


@contextmanager
def pinned(cpu: int | None) -> Iterator[None]:
    """What is started inside stays on this CPU alone; None: anywhere."""
    before = os.sched_getaffinity(0)
    if cpu is not None:
        os.sched_setaffinity(0, {cpu % (os.cpu_count() or 1)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def open_many_files() -> None:
    """As many as the machine allows; what is started from now on inherits it."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def percentile(values: Iterable[float], share: float) -> float:
    """The smallest value that at least `share` (0 to 1) of them do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def ratio(ours: Iterable[float], theirs: Iterable[float]) -> float:
    """The median over paired rounds of ours / theirs."""
    return median(a / b for a, b in zip(ours, theirs, strict=True))


@contextmanager
def compiled(source: str, *options: str) -> Iterator[Path]:
    """A C program of this folder, compiled with the system's compiler; everybody may read it."""
    if shutil.which("gcc") is None:
        sys.exit("This benchmark is partly written in C: install gcc.")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        program = Path(folder) / Path(source).stem
        subprocess.run(["gcc", "-O2", "-Wall", *options, "-o", program, HERE / source], check=True)
        yield program


def _lines(path: str) -> list[str]:
    return Path(path).read_text().splitlines()
