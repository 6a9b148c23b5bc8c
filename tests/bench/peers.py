"""What the product is compared with, each started where it is installed: nchan, node's `ws`, plain Channels."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.bench.machine import pinned
from tests.support.product import ROOT
from tests.support.services import answers, free_port, stop, wait_for

NCHAN_MODULE = Path("/usr/lib/nginx/modules/ngx_nchan_module.so")
NCHAN = """load_module %(module)s;
daemon off; worker_processes 1; pid nginx.pid; error_log nginx.log warn; worker_rlimit_nofile 20000; %(user)s
events { worker_connections 19000; }
http {
  access_log off; nchan_shared_memory_size 1024M;
  server {
    listen 127.0.0.1:%(port)d backlog=4096;
    location /read { nchan_subscriber websocket; nchan_channel_id all; nchan_subscriber_first_message newest; }
    location /publish { nchan_publisher websocket; nchan_channel_id all; nchan_message_buffer_length 100;
                        nchan_message_timeout 10s; }
  }
}
"""
WS = """const {WebSocketServer} = require("ws"), http = require("http");
const server = http.createServer(), readers = new Set();
new WebSocketServer({server, perMessageDeflate: false}).on("connection", (socket, request) => {
  if (request.url === "/publish") {
    socket.on("message", (data) => {
      const text = data.toString();
      for (const reader of readers) reader.send(text);
    });
    return;
  }
  readers.add(socket);
  socket.on("close", () => readers.delete(socket));
});
server.listen({port: +process.argv[2], host: "127.0.0.1", backlog: 4096});
"""


@dataclass
class Peer:
    pid: int
    port: int


type Command = Callable[[Path, int], Sequence[str | Path]]


def _nchan(folder: Path, port: int) -> Sequence[str | Path]:
    user = "user root;" if Path.home() == Path("/root") else ""
    (folder / "nginx.conf").write_text(NCHAN % {"module": NCHAN_MODULE, "port": port, "user": user})
    return [shutil.which("nginx") or "/usr/sbin/nginx", "-p", f"{folder}/", "-c", "nginx.conf", "-e", "nginx.log"]


def _ws(folder: Path, port: int) -> Sequence[str | Path]:
    (folder / "server.cjs").write_text(WS)
    return ["node", folder / "server.cjs", str(port)]


def _plain(folder: Path, port: int) -> Sequence[str | Path]:
    return [sys.executable, "-m", "tests.bench.plain", str(port)]


PEERS: dict[str, Command] = {"nchan": _nchan, "ws": _ws, "plain": _plain}


@cache
def missing(name: str, folder: Path) -> str:
    """What is not installed that this peer needs; "" if nothing. `ws` is fetched into `folder`."""
    if name == "nchan" and not NCHAN_MODULE.exists():
        return "nginx with nchan (Debian: libnginx-mod-nchan)"
    if name == "ws":
        if not (shutil.which("node") and shutil.which("npm")):
            return "node and npm"
        fetch = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder), "ws"]
        if subprocess.run(fetch, check=False, capture_output=True).returncode:
            return "the package ws (npm could not fetch it)"
    return ""


@contextmanager
def peer(name: str, folder: Path, *, cpu: int | None) -> Iterator[Peer]:
    port = free_port()
    with pinned(cpu):
        process = subprocess.Popen(PEERS[name](folder, port), cwd=ROOT)
    try:
        wait_for(lambda: process.poll() is not None or answers(port), what=name)
        if process.poll() is not None:
            raise AssertionError(f"{name} ended with {process.returncode}")
        yield Peer(process.pid, port)
    finally:
        stop(process)
