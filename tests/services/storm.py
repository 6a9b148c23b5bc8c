"""People who write, programs that follow and are cut, and what goes wrong meanwhile."""

from __future__ import annotations

import asyncio
import http.client
import json
import random
import uuid
from array import array
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event
from typing import Any

import httpx
import msgspec

from tests.support.frames import Frames

KEPT = 1000  # events; who is further behind on a socket may be told to start anew
LOST = (OSError, TimeoutError, EOFError, httpx.HTTPError)


class Data(msgspec.Struct):
    order: int | None = None
    state: str = ""
    text: str = ""


class Entry(msgspec.Struct):
    offset: int
    kind: str
    data: Data


class Frame(msgspec.Struct):
    type: str
    stream: str = ""
    epoch: str = ""
    offset: int = -1
    since: int = msgspec.field(name="from", default=-1)
    upto: int = -1
    events: list[Entry] = []
    code: str = ""
    top: int = -1


_decode = msgspec.json.Decoder(Frame).decode


class Writer:
    """One person who writes one comment after the other and now and then takes one back.

    What fails is asked again with the same key, until it is answered. `said` and `withdrawn`: ids that a 2xx names.
    """

    def __init__(self, number: int, port: int, token: str, discussions: list[int], seed: int) -> None:
        self.number, self.port, self.discussions = number, port, discussions
        self.headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self.chance = random.Random(f"{seed} writer {number}")
        self.said: list[int] = []
        self.withdrawn: set[int] = set()
        self.faults: list[str] = []
        self.repeats: Counter[str] = Counter()
        self.refusal = ""  # the last answer with 503
        self.line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self._pause = Event()

    def write(self, least: int, is_over: Callable[[], bool], pause: float) -> None:
        """At least so many comments, and on until it is over."""
        while not self.faults and (len(self.said) < least or not is_over()):
            self.say(self.chance.choice(self.discussions))
            if self.chance.random() < 0.05 and self.said:
                self.take_back(self.said[-1])
            self._pause.wait(self.chance.random() * pause)

    def stop(self) -> None:
        """Ask for nothing more."""
        self._pause.set()

    def say(self, discussion: int) -> None:
        text = f"Satz <{self.number}.{len(self.said)}>"
        status, body = self._insist("POST", f"/api/v1/discussions/{discussion}/comments/", {"text": text})
        if status == 201:
            self.said.append(json.loads(body)["id"])
        else:
            self.faults.append(f"{status} {body!r}")

    def take_back(self, comment: int) -> None:
        status, body = self._insist("DELETE", f"/api/v1/comments/{comment}/")
        if status in {200, 204, 409}:  # done by the first try, whose answer was lost
            self.withdrawn.add(comment)
        else:
            self.faults.append(f"{status} {body!r}")

    def _insist(self, method: str, path: str, body: dict[str, Any] | None = None) -> tuple[int, bytes]:
        headers = {**self.headers, "Idempotency-Key": str(uuid.UUID(int=self.chance.getrandbits(128), version=4))}
        while True:
            try:
                self.line.request(method, path, json.dumps(body) if body else None, headers)
                answer = self.line.getresponse()
                status, found = answer.status, answer.read()
            except (OSError, http.client.HTTPException) as error:
                self.line.close()
                self.repeats[type(error).__name__] += 1
            else:
                if status != 503 or not answer.headers["Retry-After"]:
                    return status, found
                self.repeats["503"] += 1
                self.refusal = found.decode()
            if self._pause.wait(0.1 + self.chance.random() * 0.4):
                return 0, b"stopped"


@dataclass
class Shown:
    """What a follower shows of a discussion at a position: places in the order in which they came, and of which the
    text was taken down."""

    epoch: str
    offset: int
    orders: array[int] = field(default_factory=lambda: array("q"))
    gone: set[int] = field(default_factory=set)
    last: int = 0  # place of the last comment that came as an event
    listed: int = 0  # the highest place that a loaded list had

    def take(self, entry: Entry) -> str:
        """Why this event cannot be right; "" if it is."""
        order = entry.data.order or 0
        match entry.kind:
            case "comment.posted":
                if order <= self.last:
                    return f"place {order} after {self.last}"
                self.last = order
                if order > self.listed:
                    self.orders.append(order)
            case "comment.withdrawn":
                if entry.data.text:
                    return f"taken down, but says {entry.data.text}"
                self.gone.add(order)
            case "void":
                pass
            case _:
                return entry.kind
        return ""

    def result(self) -> tuple[list[int], set[int]]:
        """All places, which are in the order of coming but for those whose text was void when it came; those gone."""
        late = self.gone - set(self.orders)
        return [*self.orders] if not late else sorted([*self.orders, *late]), self.gone


class Lists:
    """Lists over HTTP. Many ask at once after a crash: they share what one has loaded, which only makes it older."""

    def __init__(self, port: int) -> None:
        self.client = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}/api/v1/", timeout=30)
        self._loading: dict[tuple[str, str], asyncio.Task[Shown]] = {}
        self._over: set[str] = set()  # epochs that a list has been loaded after

    async def load(self, stream: str, not_of: str) -> Shown:
        """What a client shows that starts anew, in another epoch than `not_of`."""
        known = self._loading.get((stream, not_of))
        if known is None or (known.done() and known.exception()):
            known = self._loading[stream, not_of] = asyncio.create_task(self._load(stream))
        found = await asyncio.shield(known)
        if found.epoch != not_of:
            self._over.add(not_of)
        return Shown(found.epoch, found.offset, found.orders[:], set(found.gone), listed=found.listed)

    async def events(self, stream: str, shown: Shown, limit: int) -> Frame:
        if shown.epoch in self._over:  # hundreds who ask for what is known by now would be an attack of its own
            return Frame("reset")
        params: dict[str, Any] = {"epoch": shown.epoch, "offset": shown.offset, "limit": limit}
        answer = await self.client.get(f"streams/{stream}/events/", params=params)
        return _decode(answer.raise_for_status().content)

    async def _load(self, stream: str) -> Shown:
        number, shown = stream.partition(".")[2], None
        address = f"discussions/{number}/comments/?sort=oldest&limit=200"
        while address:
            body = (await self.client.get(address)).raise_for_status().json()
            shown = shown or Shown(**body["position"])
            shown.orders.extend([row["order"] for row in body["results"]])
            shown.gone.update([row["order"] for row in body["results"] if row["state"] == "withdrawn"])
            address = (body["next"] or "").partition("/api/v1/")[2]  # below SITE_URL, which is not where it runs
        assert shown is not None
        shown.listed = max(shown.orders, default=0)
        return shown


class Subscriber:
    """Follows all streams, is cut by close, RST or silence, and resumes where it was."""

    def __init__(self, number: int, lists: Lists, shown: dict[str, Shown], port: int, seed: int) -> None:
        self.number, self.lists, self.shown, self.port = number, lists, shown, port
        self.chance = random.Random(f"{seed} subscriber {number}")
        self.faults: list[str] = []
        self.cuts: Counter[str] = Counter()
        self.is_calm = False  # from now on nothing cuts it
        self.is_following = False
        self._anew: set[str] = set()
        self._left = 0
        self._parted = asyncio.Event()
        self._silent: list[Frames] = []
        self._lines: list[Frames] = []

    async def run(self, events_a_cut: int) -> None:
        """Until it is cancelled, or something was wrong."""
        while not self.faults:
            try:
                await self._follow(events_a_cut)
                for stream in sorted(self._anew):
                    await self._start_anew(stream)
            except LOST as error:
                self.cuts[type(error).__name__] += 1
            await asyncio.sleep(self.chance.random() * 0.3)

    async def close(self) -> None:
        for frames in self._lines:
            frames.transport.abort()
            await frames.closed.wait()

    async def _follow(self, events_a_cut: int) -> None:
        vector = ",".join(f"{stream}@{shown.epoch}:{shown.offset}" for stream, shown in self.shown.items())
        self._left = int(self.chance.expovariate(1 / events_a_cut))
        self._parted.clear()
        frames = await Frames.connect(self.port, f"/live/?streams={vector}", self._hear)
        self._lines = [frames, *(each for each in self._lines if not each.closed.is_set())]
        try:
            self.is_following = True
            waits = [asyncio.create_task(each.wait()) for each in (frames.closed, self._parted)]
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            for each in waits:
                each.cancel()
        finally:
            self.is_following = False
            self._part(frames)

    def _part(self, frames: Frames) -> None:
        way = "server" if frames.closed.is_set() else self.chance.choice(("close", "reset", "silence"))
        self.cuts[way] += 1
        if way == "silence":
            frames.fall_silent()
            self._silent.append(frames)
            for old in self._silent[:-3]:
                old.transport.abort()
            del self._silent[:-3]
        elif way != "server":
            getattr(frames, way)()
        frames._hear = lambda _: None

    def _hear(self, text: bytes) -> None:
        frame = _decode(text)
        match frame.type:
            case "events":
                self._take(frame)
            case "subscribed":
                shown = self.shown[frame.stream]
                if (frame.epoch, frame.offset) != (shown.epoch, shown.offset):
                    self.faults.append(f"{frame} at {shown.epoch}:{shown.offset}")
            case "reset":
                self._anew.add(frame.stream)
                self._parted.set()
            case _:
                self.faults.append(text.decode())
        self._left -= len(frame.events)
        if self.faults or (self._left <= 0 and not self.is_calm):
            self._parted.set()

    def _take(self, frame: Frame) -> None:
        shown = self.shown[frame.stream]
        offsets = [entry.offset for entry in frame.events]
        if frame.since != shown.offset or offsets != [*range(frame.since + 1, frame.upto + 1)]:
            self.faults.append(f"{frame.stream}: after {shown.offset} came {offsets[:3]}… from {frame.since}")
        for entry in frame.events:
            if wrong := shown.take(entry):
                self.faults.append(f"{frame.stream}@{entry.offset}: {wrong}")
        shown.offset = frame.upto

    async def _start_anew(self, stream: str) -> None:
        """A reset is right if the log is another, or if the socket would have to go back further than it does."""
        shown = self.shown[stream]
        frame = await self.lists.events(stream, shown, 1)
        if frame.type == "reset":
            self.shown[stream] = await self.lists.load(stream, shown.epoch)
            if self.shown[stream].epoch == shown.epoch:
                self.faults.append(f"{stream}: reset over HTTP at {shown.offset}, in the same epoch")
        elif frame.top - shown.offset <= KEPT:
            self.faults.append(f"{stream}: reset at {shown.offset}, although the log stands at {frame.top} only")
        while self.shown[stream].epoch == frame.epoch and frame.top > shown.offset + KEPT // 2:
            frame = await self.lists.events(stream, shown, KEPT)
            if frame.type != "events":
                break
            self._take(frame)
        self._anew.discard(stream)
        self.cuts["anew"] += 1


async def close_all(subscribers: list[Subscriber], tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for each in subscribers:
        await each.close()
