"""The demo's settings. They are environment variables, so this runs before Django. Variables already set are kept."""

from __future__ import annotations

import os
import secrets
import socket
from argparse import ArgumentError, ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from newsroom.server.port import claim, claimed, refuse, unusable
from newsroom.variables import FILE

DEFAULT_DATA = Path(__file__).resolve().parent.parent.parent / "var"
SITE_NAME = "Tannwerder Bote"  # the newspaper of the demo's invented town
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="Address to listen on (default: 127.0.0.1).")
    parser.add_argument("--port", type=int, default=8000, help="Port to listen on, 0 for any free one (default: 8000).")
    parser.add_argument("--data", metavar="DIR", help="Folder for database, pictures and mails (default: var).")
    parser.add_argument("--json", action="store_true", help="Print one line of JSON once it serves.")


def prepare(argv: Sequence[str]) -> None:
    """Claim the port, make the data folder and set the demo's defaults.

    A port in use or a folder that cannot be written ends the program with one line and exit code 2.
    """
    parser = ArgumentParser(add_help=False, exit_on_error=False)
    add_arguments(parser)
    try:
        options = parser.parse_known_args(argv)[0]
    except ArgumentError:
        return  # the command itself reports the error, with its usage
    if {"-h", "--help"} & set(argv):
        return
    claim(options.host, options.port)
    try:
        _set_defaults(options, port=claimed[0].getsockname()[1])
    except OSError as error:
        refuse(unusable(error))


def _set_defaults(options: Namespace, *, port: int) -> None:
    data = Path(options.data or os.environ.get("NEWSROOM_DATA") or DEFAULT_DATA).expanduser().resolve()
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    (data / "mail").mkdir(mode=0o700, exist_ok=True)  # mails hold password links
    shown = _shown(options.host)
    os.environ |= {"NEWSROOM_DEMO": "1", "NEWSROOM_DATA": str(data)}
    defaults = {
        "SITE_URL": f"http://{shown}:{port}",
        "ALLOWED_HOSTS": ",".join(sorted({shown, *LOOPBACK, *_names(options.host)})),
        "LIVE_ORIGINS": ",".join(f"http://{name}:{port}" for name in LOOPBACK if name != shown),
        "SITE_NAME": SITE_NAME,
        "DEFAULT_FROM_EMAIL": f"{SITE_NAME} <noreply@localhost>",
        "EMAIL_URL": f"filemail://{quote(str(data / 'mail'))}",
    }
    for name, value in defaults.items():
        if f"{name}{FILE}" not in os.environ:
            os.environ.setdefault(name, value)
    if not os.environ.get("SECRET_KEY") and f"SECRET_KEY{FILE}" not in os.environ:
        os.environ["SECRET_KEY"] = kept(data / "secret_key", secrets.token_urlsafe(50))


def kept(path: Path, text: str) -> str:
    """The content of the file `path`. If missing, it is written with `text`, readable only by its owner."""
    if path.exists() and not path.stat().st_size:
        path.unlink()  # empty: the disk was full, or a crash came before the write
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)
    except FileExistsError:
        return path.read_text()
    return text


def _shown(host: str) -> str:
    """The host name in the address to open. Browsers make passkeys for names only, and without https only for
    localhost.
    """
    if host in {"127.0.0.1", "::1", "0.0.0.0", "::", ""}:  # noqa: S104
        return "localhost"
    return f"[{host}]" if ":" in host else host


def _names(host: str) -> set[str]:
    """The names of this machine, if it listens to all of its addresses."""
    if host not in {"0.0.0.0", "::", ""}:  # noqa: S104
        return set()
    try:
        own = {address[4][0] for address in socket.getaddrinfo(socket.gethostname(), None)}
    except OSError:
        own = set()
    return {socket.gethostname().lower(), *(f"[{name}]" if ":" in str(name) else str(name) for name in own)}
