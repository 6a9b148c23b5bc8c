"""The whole way: a comment goes in by one socket and comes out of another, with everything the list shows."""

from __future__ import annotations

import uuid
from typing import Any

from accounts.actions import impose_sanction
from accounts.reasons import Reason
from tests.support.little_room import little_room, long_text

from .sockets import ORIGIN, Site


def test_a_comment_by_socket_reaches_everybody_on_the_discussion(site: Site, discussion, alice, api):
    key = str(uuid.uuid4())
    with site.open(discussion.stream) as reader, site.open_as(alice, discussion.stream) as author:
        reader.hear(), author.hear()
        author.say(type="comment", discussion=discussion.pk, text="Guten **Tag**", key=key)

        frames = {frame["type"]: frame for frame in (author.hear(), author.hear())}
        heard = reader.hear()["events"][0]

    assert frames["accepted"]["key"] == key
    assert frames["events"]["events"][0] == heard
    assert (heard["kind"], heard["key"]) == ("comment.posted", key)
    listed = api().get(f"/api/v1/discussions/{discussion.pk}/comments/").json()
    assert listed["results"][0]["id"] == heard["data"]["id"] == frames["accepted"]["comment"]["id"]
    assert listed["results"][0]["html"] == heard["data"]["html"]
    assert listed["position"]["offset"] == heard["offset"]


def test_the_same_key_by_socket_twice_is_one_comment(site: Site, discussion, alice):
    message = {"type": "comment", "discussion": discussion.pk, "text": "Einmal", "key": str(uuid.uuid4())}
    with site.open_as(alice) as author:
        first, second = author.ask(**message), author.ask(**message)

    assert first["type"] == second["type"] == "accepted"
    assert first["comment"]["id"] == second["comment"]["id"]


def test_a_field_that_nobody_knows_is_refused_by_name(site: Site, discussion, alice):
    message = {"type": "comment", "discussion": discussion.pk, "text": "Hallo", "key": str(uuid.uuid4())}
    with site.open_as(alice) as author:
        refused = author.ask(**message, parrent=7)
        taken = author.ask(**message)

    assert (refused["type"], refused["code"], list(refused["errors"])) == ("refused", "invalid", ["parrent"])
    assert taken["type"] == "accepted"


def test_a_full_disk_is_called_so(discussion, mo, settings, transactional_db):
    settings.SITE_URL = ORIGIN
    settings.LIMITS = {**settings.LIMITS, "comments": "1000/m"}

    def message(number: int) -> dict[str, Any]:
        text, key = long_text(number), str(uuid.uuid4())
        return {"type": "comment", "discussion": discussion.pk, "text": text, "key": key}

    with little_room(), Site() as site, site.open_as(mo) as author:
        assert author.ask(**message(0))["type"] == "accepted"
        answers = (author.ask(**message(number)) for number in range(1, 200))
        refused = next(answer for answer in answers if answer["type"] != "accepted")

    assert (refused["type"], refused["code"]) == ("refused", "unavailable")
    assert refused["detail"].startswith("Auf dem Server ist kein Platz mehr")


def test_strangers_and_the_barred_are_refused_and_their_sockets_cut(site: Site, discussion, alice, mo):
    message = {"type": "comment", "discussion": discussion.pk, "text": "Hallo", "key": str(uuid.uuid4())}
    with site.open() as stranger:
        assert stranger.ask(**message)["code"] == "not_authenticated"
    with site.open_as(alice, discussion.stream) as author:
        author.hear()
        impose_sanction(alice.pk, actor=mo, scope="all", until=None, reason=Reason.SPAM)
        assert author.closing() == 1012
    with site.open_as(alice) as author:
        answer = author.ask(**message)
        assert (answer["type"], answer["code"], answer["key"]) == ("refused", "barred", message["key"])
        assert answer["reason"] == "spam"


def test_whoever_logs_out_is_cut_from_what_was_theirs(site: Site, alice, api):
    from .sockets import session_of

    browser = api()
    browser.cookies["sessionid"] = session_of(alice)
    with site.open(f"user.{alice.pk}", Cookie=f"sessionid={browser.cookies['sessionid'].value}") as reader:
        assert reader.hear()["type"] == "subscribed"

        assert browser.post("/accounts/logout/").status_code == 302

        assert reader.closing() in (1012, 4003)
