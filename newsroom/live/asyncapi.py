"""The live protocol as an AsyncAPI 3 document, made from the typed frames themselves."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import msgspec
from django.conf import settings

from newsroom.face.present import site_name
from newsroom.live import protocol, registry
from newsroom.live.outbox import Entry

ASKS: tuple[type, ...] = (protocol.Subscribe, protocol.Unsubscribe)
ANSWERS: tuple[type, ...] = (
    protocol.Subscribed,
    protocol.Reset,
    protocol.Unsubscribed,
    protocol.Error,
    protocol.Events,
    protocol.Refused,
)
LISTENED: tuple[type, ...] = (
    protocol.Subscribed,
    protocol.Reset,
    protocol.Unsubscribed,
    protocol.Error,
    protocol.Events,
)
_REF = "#/components/schemas/{name}"
_STREAMS = {
    "type": "object",
    "properties": {"streams": {"type": "string", "description": "Comma-separated; `name@epoch:offset` resumes."}},
}


def document() -> dict[str, Any]:
    """A JSON document. It includes the streams and commands that apps have registered."""
    commands = registry.commands().values()
    asks = (*ASKS, *[each.asks for each in commands if each.asks])
    answers = (*ANSWERS, *[answer for each in commands for answer in each.answers])
    site = urlsplit(settings.SITE_URL)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": f"{site_name()} live",
            "version": "1",
            "description": "A client that presents (epoch, offset) gets every later event of that stream, in order, "
            "once per connection; where that cannot be proven the answer is `reset`, never silence. "
            f"The streams: {', '.join(f'`{name}`' for name in registry.streams())}.",
        },
        "defaultContentType": "application/json",
        "servers": {
            "sockets": {"host": site.netloc, "protocol": "wss" if site.scheme == "https" else "ws"},
            "http": {"host": site.netloc, "protocol": site.scheme},
        },
        "channels": {
            "live": _channel("/live/", "sockets", (*asks, *answers), {"ws": {"query": _STREAMS, "method": "GET"}}),
            "sse": _channel("/live/sse", "http", LISTENED),
        },
        "operations": {
            "ask": _operation("receive", "live", asks, "What a client sends."),
            "answer": _operation("send", "live", answers, "What the server answers, and the events."),
            "tell": _operation(
                "send", "sse", LISTENED, "The same as server-sent events: each frame is a `data:` line."
            ),
        },
        "components": {
            "messages": {_name(each): _message(each) for each in (*asks, *answers)},
            "schemas": _schemas(asks, answers),
        },
    }


def _channel(
    address: str, server: str, frames: tuple[type, ...], bindings: dict[str, Any] | None = None
) -> dict[str, Any]:
    return {
        "address": address,
        "servers": [{"$ref": f"#/servers/{server}"}],
        "messages": {_name(each): {"$ref": f"#/components/messages/{_name(each)}"} for each in frames},
        **({"bindings": bindings} if bindings else {}),
    }


def _operation(action: str, channel: str, frames: tuple[type, ...], summary: str) -> dict[str, Any]:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{channel}"},
        "summary": summary,
        "messages": [{"$ref": f"#/channels/{channel}/messages/{_name(each)}"} for each in frames],
    }


def _message(frame: type) -> dict[str, Any]:
    return {
        "name": _name(frame),
        "summary": (frame.__doc__ or "").strip().partition("\n")[0],
        "payload": {"$ref": _REF.format(name=frame.__name__)},
    }


def _schemas(asks: tuple[type, ...], answers: tuple[type, ...]) -> dict[str, Any]:
    _, schemas = msgspec.json.schema_components((*asks, *answers, Entry), ref_template=_REF)
    schemas["Events"]["properties"]["events"]["items"] = {"$ref": _REF.format(name="Entry")}
    schemas["Entry"]["properties"]["data"] = {"type": "object"}
    schemas["Refused"]["additionalProperties"] = True  # a problem document may have more fields
    return schemas


def _name(frame: type) -> str:
    """The frame's `type`."""
    return str(msgspec.inspect.type_info(frame).tag)  # type: ignore[attr-defined]
