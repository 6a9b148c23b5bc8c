from __future__ import annotations

import pytest

from newsroom.live.models import Event
from newsroom.live.outbox import position

from .tools import STREAM, counted, put

RESETS = "newsroom_live_resets_total"

pytestmark = pytest.mark.django_db(transaction=True)


def events_url(stream: str = STREAM) -> str:
    return f"/api/v1/streams/{stream}/events/"


def test_events_after_a_position_come_in_pieces(api):
    for n in range(1, 6):
        put(n)
    epoch = position(STREAM).epoch

    first = api().get(events_url(), {"epoch": epoch, "offset": 1, "limit": 3})
    second = api().get(events_url(), {"epoch": epoch, "offset": first.json()["upto"], "limit": 3})

    assert first.headers["Cache-Control"] == "no-store"
    assert {**first.json(), "events": [e["data"]["n"] for e in first.json()["events"]]} == {
        "type": "events",
        "stream": STREAM,
        "epoch": epoch,
        "from": 1,
        "upto": 4,
        "top": 5,
        "more": True,
        "events": [2, 3, 4],
    }
    assert (second.json()["upto"], second.json()["top"], second.json()["more"]) == (5, 5, False)


def test_without_a_position_it_says_where_the_stream_stands(api):
    put(1)

    answer = api().get(events_url()).json()

    assert (answer["from"], answer["upto"], answer["top"], answer["more"], answer["events"]) == (1, 1, 1, False, [])


@pytest.mark.parametrize(
    "query", ["epoch=x&offset=1", "offset=1", "epoch={}", "epoch={}&offset=9", "epoch={}&offset=z"]
)
def test_what_cannot_be_continued_is_a_reset(api, query):
    put(1)
    put(2)
    epoch = position(STREAM).epoch

    told = counted(RESETS)
    assert api().get(f"{events_url()}?{query.format(epoch)}").json() == {"type": "reset", "stream": STREAM}
    assert counted(RESETS) == told + 1
    assert api().get(f"{events_url()}?epoch={epoch}&offset=1").json()["type"] == "events"

    Event.objects.filter(offset=1).delete()
    assert api().get(f"{events_url()}?epoch={epoch}&offset=0").json()["type"] == "reset"


@pytest.mark.parametrize("stream", ["test.secret", "nothing.1", "private.7", "live", "test.%00", "x" * 300])
def test_unknown_and_forbidden_streams_are_not_found_alike(api, stream):
    answer = api().get(events_url(stream))

    assert answer.status_code == 404
    assert answer.json() == api().get(events_url("unknown.1")).json()
    assert api().get(events_url()).status_code == 200


def test_private_streams_are_read_by_who_may(api, alice, bob):
    put(1, stream=f"private.{alice.pk}")

    assert api(alice).get(events_url(f"private.{alice.pk}")).json()["top"] == 1
    assert api(bob).get(events_url(f"private.{alice.pk}")).status_code == 404


@pytest.mark.parametrize("limit", ["0", "-1", "x", "1.5"])
def test_a_malformed_limit_is_named(api, limit):
    answer = api().get(events_url(), {"limit": limit})

    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")
    assert api().get(events_url(), {"limit": "99999999"}).status_code == 200
