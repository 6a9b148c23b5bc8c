"""The description of the protocol says what is really said."""

from __future__ import annotations

import json
import uuid
from typing import Any

import jsonschema
import pytest
from django.db import transaction

from newsroom.live import asyncapi, protocol
from newsroom.live.outbox import Fact, position, publish

from .sockets import Site
from .tools import STREAM, put, put_many
from .transports import OverSse


def refs(part: Any) -> list[str]:
    if isinstance(part, dict):
        own = [part["$ref"]] if "$ref" in part else []
        return own + [ref for each in part.values() for ref in refs(each)]
    return [ref for each in part for ref in refs(each)] if isinstance(part, list) else []


def check(frame: dict[str, Any], operation: str) -> None:
    """As the operation's message of that type, and nothing that the description does not know."""
    document = asyncapi.document()
    names = [each["$ref"].rpartition("/")[2] for each in document["operations"][operation]["messages"]]
    assert frame["type"] in names
    reference = document["components"]["messages"][frame["type"]]["payload"]
    jsonschema.validate(frame, {**reference, "components": document["components"]})
    schema = document["components"]["schemas"][reference["$ref"].rpartition("/")[2]]
    assert schema.get("additionalProperties") or set(frame) <= set(schema["properties"]), frame


def test_the_document_is_whole_and_public(api) -> None:
    document = api().get("/api/v1/asyncapi/").json()

    assert document["asyncapi"] == "3.0.0"
    assert set(document["channels"]) == {"live", "sse"}
    assert {"subscribe", "unsubscribe", "comment"} <= set(document["channels"]["live"]["messages"])
    for ref in refs(document):
        place: Any = document
        for name in ref.removeprefix("#/").split("/"):
            place = place[name]


def test_what_a_socket_says_is_what_was_described(site: Site, alice, discussion) -> None:
    put_many(1, 2)
    epoch = position(STREAM).epoch
    with site.open_as(alice) as reader:
        answers = []
        for frame in (
            {"type": "subscribe", "stream": STREAM, "epoch": epoch, "offset": 2},
            {"type": "subscribe", "stream": "nothing.1"},
            {"type": "subscribe", "stream": "test.2", "epoch": "x", "offset": 1},
            {"type": "unsubscribe", "stream": "test.2"},
            {"type": "comment", "discussion": discussion.pk, "text": "Schön!", "key": str(uuid.uuid4())},
            {"type": "comment", "discussion": discussion.pk, "text": "", "key": str(uuid.uuid4())},
        ):
            check(frame, "ask")
            answers.append(reader.ask(**frame))
        answers.append(reader.ask(type="dance"))
        with transaction.atomic():
            publish(Fact(STREAM, "thing.made", "thing.3", {"n": 3}, key="k"), Fact(STREAM, "thing.made", "thing.4", {}))
        answers.append(reader.hear())

    told = ["subscribed", "error", "reset", "unsubscribed", "accepted", "refused", "error", "events"]
    assert [each["type"] for each in answers] == told
    for each in answers:
        check(each, "answer")


def test_what_is_heard_over_sse_is_what_was_described(site: Site) -> None:
    put(1)
    epoch = position(STREAM).epoch
    with OverSse(site, f"nothing.1,test.2@x:1,{STREAM}@{epoch}:0") as reader:
        heard = [reader.frame() for _ in range(4)]

    assert [each["type"] for each in heard] == ["error", "reset", "subscribed", "events"]
    for each in heard:
        check(each, "tell")


@pytest.mark.django_db
def test_the_check_notices_what_was_not_described() -> None:
    with pytest.raises(jsonschema.ValidationError):
        check({"type": "subscribed", "stream": STREAM, "epoch": "e", "offset": "2"}, "answer")
    with pytest.raises(AssertionError):
        check(json.loads(protocol.encode(protocol.Reset(STREAM))) | {"why": "so"}, "answer")
