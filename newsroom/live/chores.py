"""What a hub does every second beside reading, in threads of its own."""

from __future__ import annotations

import logging

from newsroom.live import outbox, registry

logger = logging.getLogger(__name__)


def survey(streams: list[str]) -> dict[str, outbox.Head]:
    found: dict[str, outbox.Head] = {}
    for first in range(0, len(streams), 500):
        found |= outbox.heads(streams[first : first + 500])
    return found


def do_what_is_due() -> None:
    for name, run in registry.deeds().items():
        try:
            run()
        except Exception as error:
            logger.warning("what was due of %s failed and is tried again: %s", name, error, exc_info=True)
