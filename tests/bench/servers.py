"""What the HTTP benchmark asks: the product on a filled database, and the load that is put on it."""

from __future__ import annotations

import json
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPResponse
from pathlib import Path
from typing import Any

import psycopg

from tests.bench.machine import cpu_seconds, on_cpu, pinned, tree
from tests.support import services
from tests.support.product import ROOT, Process, environment, manage

SERVER_CPU, CLIENT_CPU = 0, 1
CONNECTIONS = 64
DURABLE = ("fsync=on", "synchronous_commit=on", "full_page_writes=on", "max_connections=200", "shared_buffers=2GB")
WARM_UP = 64  # requests: modules, statements, connections
NOTHING_FITS = "8"  # EDGE_BYTES: everything passes the cache, everything is computed


@dataclass(frozen=True, slots=True)
class Base:
    """A filled database: its address, what `discussions.fill` said of it, the processes that serve it."""

    name: str
    url: str
    data: Any
    roots: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Server:
    port: int
    own: tuple[int, ...]  # root processes
    database: tuple[int, ...] = ()

    def cpu(self) -> tuple[float, float]:
        """Seconds that its own processes and the database's have used."""
        return _used(self.own), _used(self.database)

    def settle(self) -> None:
        """Wait until it does nothing."""
        before = -1.0
        while sum(self.cpu()) - before > 0.02:
            before = sum(self.cpu())
            time.sleep(0.5)


@dataclass(frozen=True, slots=True)
class Figures:
    """CPU milliseconds a request, `database` those of the database alone; latencies in milliseconds."""

    cpu: float
    database: float
    p50: float
    p99: float
    requests: int
    seconds: float
    wrong: int  # broken, or of another status than expected


type Requests = Sequence[bytes] | Callable[[], Sequence[bytes]]
type Target = tuple[Server, Requests]


class Load:
    """The client that was compiled from httpload.c."""

    def __init__(self, program: Path) -> None:
        self._program = program

    def put(
        self,
        server: Server,
        requests: Sequence[bytes],
        *,
        seconds: float = 0,
        count: int = 0,
        connections: int = CONNECTIONS,
    ) -> Figures:
        """Requests in turn over so many connections, for so long, or so many."""
        server.settle()
        before = server.cpu()
        said = self.start(server, requests, seconds=seconds, count=count, connections=connections)()
        own, database = (after - at for after, at in zip(server.cpu(), before, strict=True))
        done = max(1, said["requests"])
        good = sum(number for status, number in said["statuses"].items() if status in {"200", "201", "304"})
        wrong = said["broken"] + said["requests"] - good
        if wrong:
            print(f"not as expected: {said['broken']} broken, {said['statuses']}", file=sys.stderr)
        each = 1000 / done
        cpu, database = (own + database) * each, database * each
        return Figures(cpu, database, said["p50"], said["p99"], said["requests"], said["seconds"], wrong)

    def start(
        self,
        server: Server,
        requests: Sequence[bytes],
        *,
        seconds: float = 0,
        count: int = 0,
        connections: int = CONNECTIONS,
    ) -> Any:
        """The same, not waited for: call what is returned for what httpload says."""
        with tempfile.NamedTemporaryFile(delete=False) as file:
            file.write(b"".join(struct.pack("<I", len(each)) + each for each in requests))
        arguments = map(str, (server.port, connections, count, seconds, file.name))
        command = [*on_cpu(CLIENT_CPU), self._program, *arguments]
        process = subprocess.Popen(command, stdout=subprocess.PIPE)

        def wait() -> Any:
            out = process.communicate()[0]
            Path(file.name).unlink()
            if process.returncode:
                sys.exit("The load client has failed.")
            return json.loads(out)

        return wait


def in_turns(
    load: Load, targets: Mapping[str, Target], rounds: int, seconds: float, connections: int = CONNECTIONS
) -> dict[str, list[Figures]]:
    """Each target once a round: what a shared machine does to one of them, it does to the others, too."""
    for server, requests in targets.values():
        load.put(server, _of(requests), count=WARM_UP, connections=connections)
    found: dict[str, list[Figures]] = {name: [] for name in targets}
    for _ in range(rounds):
        for name, (server, requests) in targets.items():
            found[name].append(load.put(server, _of(requests), seconds=seconds, connections=connections))
    return found


def _of(requests: Requests) -> Sequence[bytes]:
    return requests() if callable(requests) else requests


def answer_size(server: Server, request: bytes) -> int:
    """Bytes of the body that answers it."""
    return len(answer_to(server, request)[1])


def answer_to(server: Server, request: bytes) -> tuple[Message, bytes]:
    """Headers and body as they go over the wire."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as line:
        line.sendall(request)
        answer = HTTPResponse(line)
        answer.begin()
        return answer.headers, answer.read()


def get(path: str, **headers: str) -> bytes:
    return _request("GET", path, headers)


def post(path: str, body: Any, **headers: str) -> bytes:
    content = json.dumps(body).encode()
    known = {"Content-Type": "application/json", "Content-Length": str(len(content)), **headers}
    return _request("POST", path, known) + content


def logged_in(session: str) -> dict[str, str]:
    """Headers of a reader with a session, as a browser sends them."""
    token = "c" * 32
    return {"Cookie": f"csrftoken={token}; sessionid={session}", "X-CSRFToken": token}


@contextmanager
def on_postgresql(sizes: Sequence[int]) -> Iterator[Base]:
    """Durable and with room for what is read often, as in production (docs/operations.md)."""
    with ExitStack() as stack:
        with pinned(SERVER_CPU):
            server = stack.enter_context(services.postgres(*DURABLE))
        with psycopg.connect(f"{server.url}postgres", autocommit=True) as connection:
            connection.execute("CREATE DATABASE newsroom")
        url = f"{server.url}newsroom"
        yield Base("PostgreSQL", url, filled(url, sizes), (server.process.pid,))


@contextmanager
def on_sqlite(sizes: Sequence[int]) -> Iterator[Base]:
    with tempfile.TemporaryDirectory(prefix="newsroom-bench-") as folder:
        url = f"sqlite:///{folder}/newsroom.sqlite3"
        yield Base("SQLite", url, filled(url, sizes))


def filled(url: str, sizes: Sequence[int]) -> Any:
    env = environment_of(url)
    done = manage("migrate", "-v0", env=env)
    assert done.returncode == 0, done.stderr
    command = [sys.executable, "-m", "tests.bench.discussions", *map(str, sizes)]
    return json.loads(subprocess.run(command, cwd=ROOT, env=env, check=True, stdout=subprocess.PIPE).stdout)


def environment_of(database: str, **extra: str) -> dict[str, str]:
    """The product as it comes, limits included; but a discussion that 6,000 people write into does not slow down."""
    return environment(SECRET_KEY="b" * 50, DATABASE_URL=database, SLOW_MODE_RATE="", **extra)


@contextmanager
def product(base: Base, **extra: str) -> Iterator[Server]:
    """`manage.py serve` with one worker."""
    port = services.free_port()
    url = f"http://127.0.0.1:{port}"
    env = environment_of(base.url, SITE_URL=url, **extra)
    with pinned(SERVER_CPU):
        process = Process("serve", "--port", str(port), env=env)
    with process:
        process.wait_until_ready(url)
        yield Server(port, (process.popen.pid,), base.roots)


@contextmanager
def constant(*bodies: bytes) -> Iterator[Server]:
    """The same server, answering these bytes at /0, /1 and so on, the first of them everywhere else."""
    port = services.free_port()
    with tempfile.TemporaryDirectory() as folder, pinned(SERVER_CPU):
        files = [Path(folder) / str(number) for number in range(len(bodies))]
        for file, body in zip(files, bodies, strict=True):
            file.write_bytes(body)
        process = Process(str(port), *map(str, files), env=environment(), program=("-m", "tests.bench.constant"))
        with process:
            services.wait_for(lambda: services.answers(port), what="the constant body")
            yield Server(port, (process.popen.pid,))


def _request(method: str, path: str, headers: dict[str, str]) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode()


def _used(roots: Sequence[int]) -> float:
    return cpu_seconds(pid for root in roots for pid in tree(root))
