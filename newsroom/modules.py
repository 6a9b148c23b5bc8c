"""Which ES modules a module needs, read from the modules themselves: a page asks for all of them at once.

A browser learns what a module imports only when it has it, so that every level of imports was another round trip.
"""

from __future__ import annotations

import posixpath
import re
from functools import cache
from pathlib import Path

from django.contrib.staticfiles import finders

_IMPORT = re.compile(
    r"""^\s*(?:import\s*(?:[^;"'()]*\bfrom\s*)?|export\b[^;"'()=]*\bfrom\s*)["'](\.{1,2}/[^"']+)["']""", re.MULTILINE
)


@cache
def needed_by(entry: str) -> tuple[str, ...]:
    """All that `entry` ("comments/newsroom-chat.js") imports, near and far, each once; without itself."""
    found, waiting = {entry: None}, [entry]
    while waiting:
        news = [each for each in _imports(waiting.pop(0)) if each not in found]
        found |= dict.fromkeys(news)
        waiting += news
    return tuple(found)[1:]


def _imports(name: str) -> list[str]:
    path = finders.find(name)
    if path is None:
        raise ValueError(f"There is no module {name}.")
    folder = posixpath.dirname(name)
    said = _IMPORT.findall(Path(path).read_text("utf-8"))
    return [posixpath.normpath(posixpath.join(folder, each)) for each in said]
