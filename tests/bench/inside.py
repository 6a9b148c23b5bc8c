"""What benchmarks do inside a process of the product: `python -m tests.bench.inside prepare | publish | serve`."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django
from django.core.management import call_command

STREAM = "articles"  # everybody may follow it, and no fold looks into its events
ENTRY_BYTES = 300  # of an event, as it stands in a frame


def prepare(people: str, chats: str) -> None:
    """Make readers who may write, and chats; prints their tokens and numbers."""
    from accounts.actions import create_token
    from accounts.models import User
    from comments.actions import start_chat

    def person(name: str, role: str = "reader") -> User:
        return User.objects.create_user(f"{name}@example.org", name, None, role=role, is_confirmed=True)

    mo = person("Mo", "moderator")
    made = [start_chat(f"Treff {number}", actor=mo).pk for number in range(int(chats))]
    readers = [person(f"Anna{number}") for number in range(int(people))]
    tokens = [create_token(each, name="Messung", scopes=["comment", "read"])[1] for each in readers]
    print(json.dumps({"chats": made, "tokens": tokens}))


def publish() -> None:
    """An event for each number on stdin; those that wait together are published together."""
    from django.db import transaction

    from newsroom.live.outbox import Fact
    from newsroom.live.outbox import publish as append

    padding = "x" * (ENTRY_BYTES - 125)
    rest = b""
    while got := os.read(0, 65536):
        *lines, rest = (rest + got).split(b"\n")
        with transaction.atomic():
            numbers = map(int, lines)
            append(*[Fact(STREAM, "bench.told", f"bench.{each}", {"text": f"n={each} {padding}"}) for each in numbers])


def serve(place: str, *arguments: str) -> None:
    """`manage.py serve`, noting in the file `place` when each event was committed, numbered, rung, read and sent."""
    from newsroom.live.hub.room import Room
    from newsroom.live.log import numbering

    trace = Path(place).open("w", buffering=1)  # noqa: SIM115  as long as the process

    def note(what: str, stream: str) -> None:
        if stream.startswith("discussion."):
            trace.write(f"{what} {time.monotonic_ns()}\n")

    def noting(before: str, run: Callable[..., Any], after: str, name: Callable[..., str]) -> Callable[..., Any]:
        def wrapped(*args: Any) -> Any:
            if before:
                note(before, name(*args))
            result = run(*args)
            if after:
                note(after, name(*args))
            return result

        return wrapped

    def of_room(room: Room, *_: Any) -> str:
        return room.stream

    numbering.wake = noting("committed", numbering.wake, "", str)
    in_turn = numbering._sequence_in_turn
    numbering._sequence_in_turn = noting("", in_turn, "numbered", str)
    Room.ring = noting("rung", Room.ring, "", of_room)  # type: ignore[method-assign]
    Room._spread = noting("read", Room._spread, "sent", of_room)  # type: ignore[method-assign]
    call_command("serve", *arguments)


if __name__ == "__main__":
    django.setup()
    {"prepare": prepare, "publish": publish, "serve": serve}[sys.argv[1]](*sys.argv[2:])
