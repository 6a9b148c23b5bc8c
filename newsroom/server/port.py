"""Takes what a server listens on before anything else, so that nothing is read or written if it is in use.

That is a port, a Unix socket, or a socket that somebody else has opened (systemd, supervisord).
"""

from __future__ import annotations

import errno
import fcntl
import os
import socket
import stat
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import NoReturn

BACKLOG = 2048
FIRST_PASSED_ON = 3  # sd_listen_fds(3): systemd passes sockets on as the files 3, 4, …

claimed: list[socket.socket] = []  # listening sockets


def claim(host: str, port: int, prefix: str = "--") -> socket.socket:
    """A socket that listens on `host` and `port`. If impossible, the program ends with one line and exit code 2, which
    names the option: `prefix` and "host" or "port".
    """
    if not 0 <= port <= 65_535:
        refuse(f"Cannot listen on {host}:{port}: ports end at 65535. Try another {prefix}port.")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with ExitStack() as unless_it_listens:
            listening = unless_it_listens.enter_context(socket.socket(family, kind, protocol))
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(address)
            listening.listen(BACKLOG)
            unless_it_listens.pop_all()
    except (OSError, UnicodeError) as error:
        is_taken = isinstance(error, OSError) and error.errno in {errno.EADDRINUSE, errno.EACCES}
        option = f"{prefix}{'port' if is_taken else 'host'}"
        refuse(f"Cannot listen on {host}:{port}: {_reason(error)}. Try another {option}.")
    listening.set_inheritable(True)
    claimed[:] = [listening]
    return listening


def claim_path(path: Path, mode: int) -> socket.socket:
    """A socket that listens at `path`, with these permissions. One that a dead server has left there is replaced.

    If impossible, the program ends with one line and exit code 2.
    """
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with _alone_in(path.parent):
            _must_be_dead(path)
            path.unlink(missing_ok=True)
            before = os.umask(0o777)  # nobody connects before it has its permissions
            try:
                listening.bind(str(path))
            finally:
                os.umask(before)
            path.chmod(mode)
            listening.listen(BACKLOG)
    except OSError as error:
        listening.close()
        refuse(f"Cannot listen on {path}: {_reason(error)}. Try another --uds.")
    listening.set_inheritable(True)
    claimed[:] = [listening]
    return listening


def release_path(path: Path, listening: socket.socket) -> None:
    """Stop listening at `path` and remove the file, unless another server has taken its place."""
    listening.close()
    with suppress(OSError), _alone_in(path.parent):
        _must_be_dead(path)
        path.unlink(missing_ok=True)


def inherit(number: int) -> socket.socket:
    """The socket that this process was started with as file `number`; it need not listen yet.

    If impossible, the program ends with one line and exit code 2.
    """
    try:
        listening = socket.socket(fileno=number)
        listening.listen(BACKLOG)
    except (OSError, ValueError) as error:
        refuse(f"Cannot listen on file {number}: {_reason(error)}. Pass a listening socket, or use --port or --uds.")
    listening.set_inheritable(True)
    return listening


def passed_on() -> list[socket.socket]:
    """The sockets that systemd has opened for this process (sd_listen_fds(3)); none without socket activation."""
    meant_for, count = os.environ.pop("LISTEN_PID", ""), os.environ.pop("LISTEN_FDS", "")
    os.environ.pop("LISTEN_FDNAMES", None)
    if meant_for != str(os.getpid()) or not count.isdecimal():
        return []
    return [inherit(FIRST_PASSED_ON + number) for number in range(int(count))]


def unusable(error: OSError) -> str:
    """The sentence about a file or folder that cannot be read or written."""
    return f"{error.filename or 'The data folder'} cannot be used: {error.strerror or error}."


def refuse(sentence: str) -> NoReturn:
    print(sentence, file=sys.stderr)  # noqa: T201
    raise SystemExit(2)


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Without this lock, two servers could both find a dead socket, and the second remove the first one's new one."""
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(number, fcntl.LOCK_EX)
        yield
    finally:
        os.close(number)


def _must_be_dead(path: Path) -> None:
    """Raises OSError if a server listens at `path`, or if something else is there, which must not be removed."""
    try:
        is_socket = stat.S_ISSOCK(path.lstat().st_mode)
    except FileNotFoundError:
        return
    if not is_socket:
        raise FileExistsError(errno.EEXIST, "there is something else than a socket")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.setblocking(False)  # a full backlog is in use as well
        if probe.connect_ex(str(path)) != errno.ECONNREFUSED:
            raise OSError(errno.EADDRINUSE, "a server listens there already")


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error)
