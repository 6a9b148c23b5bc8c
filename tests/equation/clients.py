"""Clients that follow the documented rules and nothing else: place by order, ignore what is not newer than what is
shown, remember what was taken down, believe absolute counts, load anew after `reset` and `discussion.rebuilt`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import datetime
from typing import Any, ClassVar

from django.utils import timezone
from rest_framework.test import APIClient

type Json = dict[str, Any]
API = "/api/v1"


class Client(ABC):
    """Shows what `stream` is about: `load()` over HTTP, then `hear` each event. `rows` by id; closed: not for us."""

    kinds: ClassVar[set[str]] = set()

    def __init__(self, api: APIClient, stream: str) -> None:
        self.api, self.stream = api, stream
        self.load()

    def load(self) -> None:
        self.is_closed = False
        self.rows: dict[int, Json] = {}
        self.position: Json | None = None
        self.fill()

    def again(self) -> Client:
        """Another one who comes now."""
        return type(self)(self.api, self.stream)

    @abstractmethod
    def fill(self) -> None:
        """Ask for all that there is, position first."""

    def get(self, path: str, **params: Any) -> Json | None:
        """The answer; the first one with a position is the one that the client goes on from. None: closed to us."""
        answer = self.api.get(f"{API}/{path}", params)
        if answer.status_code in {404, 410}:
            self.is_closed = True
            return None
        assert answer.status_code == 200, answer.content
        body: Json = answer.json()
        self.position = self.position or body.get("position")
        return body

    def catch_up(self, limit: int) -> tuple[list[Json], int]:
        """Take the next events, at most so many; those that came, and how many are left."""
        if self.position is None:
            self.load()
            return [], 0
        params = {**self.position, "limit": limit}
        frame = self.get(f"streams/{self.stream}/events/", **params)
        if frame is None:
            self.rows, self.position = {}, None
            return [], 0
        if frame["type"] == "reset":
            self.load()
            return [], 0
        assert frame["from"] == self.position["offset"]
        assert [each["offset"] for each in frame["events"]] == [*range(frame["from"] + 1, frame["upto"] + 1)]
        self.position = {"epoch": frame["epoch"], "offset": frame["upto"]}
        for event in frame["events"]:
            if event["kind"] == "void":
                assert event["data"] == {}
                continue
            self.hear(event["kind"], event["data"])
            if self.position["offset"] > frame["upto"]:  # it has loaded anew
                return frame["events"], 0
        return frame["events"], frame["top"] - frame["upto"]

    def hear(self, kind: str, data: Json) -> None:
        self.place(data)

    def place(self, data: Json) -> None:
        known = self.rows.get(data["id"])
        if known is None or data["version"] > known["version"]:
            self.rows[data["id"]] = data

    @abstractmethod
    def shown(self) -> Any:
        """What stands on the page, in its order."""


class Items(Client):
    """A ticker."""

    def fill(self) -> None:
        for row in self.all_of(f"tickers/{self.stream.partition('.')[2]}/items/"):
            self.rows[row["id"]] = row

    def all_of(self, path: str, **query: str) -> list[Json]:
        found: list[Json] = []
        body = self.get(path, limit=200, **query)
        while body is not None:
            found += body["results"]
            if not body["next"]:
                break
            body = self.api.get(body["next"]).json()
        return found

    def shown(self) -> list[Json]:
        """The places of retracted items, too."""
        return sorted(self.rows.values(), key=lambda row: -row["number"])


class Articles(Items):
    """All articles; what is related to one are other articles, and no event of its own."""

    def fill(self) -> None:
        for row in self.all_of("articles/", fields="html"):
            del row["related"]
            self.rows[row["id"]] = row

    def shown(self) -> list[Json]:
        there = [row for row in self.rows.values() if row["state"] == "published"]
        return sorted(there, key=lambda row: (row["published_at"], row["id"]), reverse=True)


class Comments(Items):
    """A discussion with all its comments, and how it stands."""

    STANDING = (
        *("title", "mode", "state", "reason", "closes_at", "opens_at", "next_change"),
        *("slow_mode_seconds", "slow_mode_until"),
    )

    def fill(self) -> None:
        number = self.stream.partition(".")[2]
        self.head = self.get(f"discussions/{number}/")
        if self.head is None:
            return
        self.count = self.head["comment_count"]
        self.on_top = {row["id"] for row in self.pinned_of(number)}
        for top in self.all_of(f"discussions/{number}/comments/"):
            replies = top.pop("replies", [])
            self.rows[top["id"]] = top
            if len(replies) == 3:  # there may be more
                replies = self.api.get(f"{API}/discussions/{number}/comments/?parent={top['id']}&limit=200").json()[
                    "results"
                ]
            self.rows |= {row["id"]: row for row in replies}

    def pinned_of(self, number: str) -> list[Json]:
        body = self.get(f"discussions/{number}/comments/", limit=1)
        return body["pinned"] if body else []

    def hear(self, kind: str, data: Json) -> None:
        if kind == "discussion.rebuilt":
            self.load()
            return
        self.count = data["comment_count"]
        if kind.startswith("discussion."):
            if data["version"] > self.head["version"]:
                self.head = data
            return
        for pk, replies in data.pop("reply_counts").items():
            if int(pk) in self.rows:
                self.rows[int(pk)]["reply_count"] = replies
        del data["comment_count"]
        known = self.rows.get(data["id"])
        if known is None or data["version"] > known["version"]:
            (self.on_top.add if data["pinned"] else self.on_top.discard)(data["id"])
        self.place(data)
        if known is not None:
            self.rows[data["id"]]["reply_count"] = data["reply_count"]

    def shown(self) -> Any:
        if self.is_closed or self.head is None:
            return None
        standing = {name: self.head[name] for name in self.STANDING}
        return self.count, standing, sorted(self.on_top), sorted(self.rows.values(), key=lambda row: row["order"])


class Discussions(Items):
    """All discussions by their last activity. Those of an article come and go with it, as `articles` tells."""

    def fill(self) -> None:
        self.articles = Articles(self.api, "articles")
        for row in self.all_of("discussions/"):
            self.rows[row["id"]] = row

    def catch_up(self, limit: int) -> tuple[list[Json], int]:
        events, left = super().catch_up(limit)
        return events, left + self.articles.catch_up(limit)[1]

    def shown(self) -> list[Json]:
        articles = {row["slug"] for row in self.articles.shown()}
        there = [row for row in self.rows.values() if row["article"] is None or row["article"] in articles]
        return sorted(there, key=lambda row: (row["last_activity"], row["id"]), reverse=True)


class Queue(Items):
    """What waits for a moderator."""

    def fill(self) -> None:
        self.left: dict[int, int] = {}  # id → version with which it left
        for row in self.all_of("moderation/queue/"):
            self.rows[row["id"]] = row

    def hear(self, kind: str, data: Json) -> None:
        if kind == "queue.entered" and data["version"] > self.left.get(data["id"], 0):
            self.place(data)
        elif kind == "queue.left" and data["version"] > self.rows.get(data["id"], {"version": 0})["version"]:
            self.left[data["id"]] = data["version"]
            self.rows.pop(data["id"], None)

    def shown(self) -> list[Json]:
        """Without the titles, which other streams tell."""
        return [_without(row, ("title",)) for row in sorted(self.rows.values(), key=lambda row: row["id"])]


class SectionQueue(Queue):
    """What waits below the articles of a section; the queue is asked for right after the stream's position."""

    def __init__(self, api: APIClient, stream: str, discussion: int) -> None:
        self._discussion = discussion
        super().__init__(api, stream)

    def again(self) -> SectionQueue:
        return SectionQueue(self.api, self.stream, self._discussion)

    def fill(self) -> None:
        frame = self.get(f"streams/{self.stream}/events/")
        assert frame is not None
        self.position = {"epoch": frame["epoch"], "offset": frame["upto"]}
        super().fill()
        self.rows = {pk: row for pk, row in self.rows.items() if row["discussion"] == self._discussion}


class Cases(Items):
    """The open cases, and how many there are of each kind."""

    # What readers do to a comment, its marks, and the title of its discussion are told on other streams.
    OF_OTHERS = ("version", "reactions", "reply_count", "title", "pinned", "featured", "locked")

    def fill(self) -> None:
        choice = {"section": key} if (key := self.stream.partition(".")[2]) else {}
        for row in self.all_of("moderation/cases/", **choice):
            self.rows[row["id"]] = row
        self.counts: Json = dict.fromkeys(("held", "reported", "appeals", "notices"), 0)
        for row in self.rows.values():
            self.counts[row["kind"]] += 1

    def hear(self, kind: str, data: Json) -> None:
        if not kind.startswith("case."):
            return
        self.counts = data.pop("counts")
        if data["closed_at"] is None:
            self.rows[data["id"]] = data
        else:
            self.rows.pop(data["id"], None)

    def shown(self) -> tuple[Json, list[Json]]:
        rows = [self.rows[pk] for pk in sorted(self.rows)]
        said = [{"comment": _without(row["comment"], self.OF_OTHERS), "claim": _held(row["claim"])} for row in rows]
        return self.counts, [row | more for row, more in zip(rows, said, strict=True)]


def _held(claim: Json | None) -> Json | None:
    """A claim ends by itself at the time that it names; no event says so."""
    return claim if claim and datetime.fromisoformat(claim["until"]) > timezone.now() else None


def _without(row: Json, names: tuple[str, ...]) -> Json:
    return {name: value for name, value in row.items() if name not in names}


class Sanctions(Client):
    """What a person may not do. It has no list with a position: the position is asked for first."""

    def fill(self) -> None:
        frame = self.get(f"streams/{self.stream}/events/")
        me = self.get("me/")
        assert frame is not None
        assert me is not None
        self.position = {"epoch": frame["epoch"], "offset": frame["upto"]}
        self.rows = {row["id"]: row for row in me["sanctions"]}

    def hear(self, kind: str, data: Json) -> None:
        if kind == "sanction.imposed":
            self.rows[data["id"]] = data
        elif kind == "sanction.lifted":
            self.rows.pop(data["id"], None)

    def shown(self) -> list[Json]:
        return sorted(self.rows.values(), key=lambda row: row["id"])
