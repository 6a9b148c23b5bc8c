"""Takes the port before anything else, so that nothing is read or written if it is in use."""

from __future__ import annotations

import errno
import socket
import sys
from typing import NoReturn

claimed: list[socket.socket] = []  # listening sockets


def claim(host: str, port: int) -> socket.socket:
    """A socket that listens on `host` and `port`. If impossible, the program ends with one line and exit code 2."""
    if not 0 <= port <= 65_535:
        refuse(f"Cannot listen on {host}:{port}: ports end at 65535. Try another --port.")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind, protocol)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(2048)
    except (OSError, UnicodeError) as error:
        is_taken = isinstance(error, OSError) and error.errno in {errno.EADDRINUSE, errno.EACCES}
        reason = getattr(error, "strerror", None) or error
        refuse(f"Cannot listen on {host}:{port}: {reason}. Try another {'--port' if is_taken else '--host'}.")
    listening.set_inheritable(True)
    claimed[:] = [listening]
    return listening


def unusable(error: OSError) -> str:
    """The sentence about a file or folder that cannot be read or written."""
    return f"{error.filename or 'The data folder'} cannot be used: {error.strerror or error}."


def refuse(sentence: str) -> NoReturn:
    print(sentence, file=sys.stderr)  # noqa: T201
    raise SystemExit(2)
