"""Live events over HTTP, for clients without sockets."""

from __future__ import annotations

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from newsroom.api.paging import limit_of
from newsroom.api.schema import problems
from newsroom.api.strict import APIView, extend_schema
from newsroom.live import asyncapi, protocol, registry
from newsroom.live.metrics import RESETS
from newsroom.live.outbox import Position, position, read

DEFAULT_LIMIT = 100
MAX_LIMIT = 1000


class AsyncApiView(APIView):
    """The protocol of `/live/` and `/live/sse`, as AsyncAPI 3."""

    is_open = True

    @extend_schema(responses={200: OpenApiTypes.OBJECT})
    def get(self, request: Request) -> Response:
        return Response(asyncapi.document())


class EventsView(APIView):
    is_open = True

    @extend_schema(
        parameters=[
            OpenApiParameter("epoch", str, description="Of the position after which events are wanted."),
            OpenApiParameter("offset", int, description="Of the position after which events are wanted."),
            OpenApiParameter("limit", int, description=f"At most {MAX_LIMIT}; {DEFAULT_LIMIT} if not given."),
        ],
        responses={200: OpenApiTypes.OBJECT, **problems(400)},
        description="An `events` frame after the position, or `reset` if it cannot be continued; without a position "
        "an empty frame that says where the stream stands. Never cached.",
    )
    def get(self, request: Request, stream: str) -> Response:
        """A stream that the viewer may not read is answered like one that does not exist, unless everybody may know
        that it was taken back.
        """
        scopes = getattr(request.auth, "scopes", None)
        if not (registry.in_scope(scopes, stream) and registry.may_read(request.user, stream)):
            raise registry.missing(stream)
        return Response(_frame(stream, request), headers={"Cache-Control": "no-store"})


def _frame(stream: str, request: Request) -> protocol.Events | protocol.Reset:
    limit = limit_of(request.query_params, default=DEFAULT_LIMIT, most=MAX_LIMIT)
    since = _since(request) or position(stream)
    batch = read(stream, since, limit)
    if batch is None:
        RESETS.inc()
        return protocol.Reset(stream)
    return protocol.frame(stream, since, batch.events, top=batch.head.position.offset)


def _since(request: Request) -> Position | None:
    epoch, offset = request.query_params.get("epoch"), request.query_params.get("offset")
    return protocol.resumption(epoch, offset if offset is None else protocol.number(offset))
