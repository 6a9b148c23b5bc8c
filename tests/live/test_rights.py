"""What ends the right to hear: whoever has lost it is cut or told so, whoever has not stays or comes back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.core.management import call_command
from django.test import Client

from accounts import actions as accounts
from accounts.duties import NONE
from articles import actions as articles
from articles.models import Ticker
from newsroom.live.outbox import CONTROL, position
from tests.conftest import PASSWORD

from .sockets import Reader, Site, session_of
from .tools import STREAM, put

NOTHING_LEFT, COME_BACK = 4003, 1012


@pytest.fixture
def site(transactional_db: None, settings: Any) -> Iterator[Site]:
    settings.SITE_URL = "http://news.example"
    with Site() as running:
        yield running


@contextmanager
def following(opened: Reader, *streams: str) -> Iterator[Reader]:
    with opened as reader:
        for stream in streams:
            assert reader.ask(type="subscribe", stream=stream)["type"] == "subscribed"
        yield reader


def test_a_moderator_who_is_none_any_more_hears_no_queue(site: Site, mo, ada, alice) -> None:
    with following(site.open_as(mo), "moderation") as hers, following(site.open_as(alice), STREAM) as other:
        accounts.give_duties(mo.pk, actor=ada, duties=NONE)

        assert hers.closing() == NOTHING_LEFT
        put(1)
        assert other.events(1) == [(1, 1)]
    with site.open_as(mo) as again:
        assert again.ask(type="subscribe", stream="moderation")["code"] == "unknown_stream"


def test_a_new_password_cuts_the_sockets_of_all_sessions(site: Site, alice, api) -> None:
    alice.set_password("alt und geheim 1")
    alice.save()
    browser = api()
    browser.cookies["sessionid"] = session_of(alice)
    old = session_of(alice)
    own = f"user.{alice.pk}"
    with following(site.open(Cookie=f"sessionid={old}"), own) as reader:
        new = {"oldpassword": "alt und geheim 1", "password1": "neu und geheim 2", "password2": "neu und geheim 2"}
        before = position(CONTROL).offset
        assert browser.post("/accounts/password/change/", new, format="multipart").status_code == 302

        assert reader.closing() == COME_BACK
        assert position(CONTROL).offset == before + 1  # said twice, it would cut those that have just come back
    with site.open(Cookie=f"sessionid={old}") as again:  # a reader like any other
        assert again.ask(type="subscribe", stream=own)["code"] == "unknown_stream"
    with following(site.open(Cookie=f"sessionid={browser.cookies['sessionid'].value}"), own):
        pass


def test_the_sockets_of_a_session_that_is_ended_elsewhere_are_cut(site: Site, alice, bob) -> None:
    own, here, lost = f"user.{alice.pk}", session_of(alice), session_of(alice)
    told = {"user": alice, "ip": "127.0.0.1", "user_agent": "Netscape 4"}
    _here, there = (UserSession.objects.create(session_key=key, **told) for key in (here, lost))
    browser = Client()
    browser.cookies["sessionid"] = here
    with following(site.open(Cookie=f"sessionid={lost}"), own) as reader, following(site.open_as(bob), STREAM) as other:
        browser.post("/accounts/reauthenticate/", {"password": PASSWORD})
        browser.post("/accounts/sessions/", {"session": there.pk})

        assert reader.closing() == COME_BACK
        put(1)
        assert other.events(1) == [(1, 1)]
    with site.open(Cookie=f"sessionid={lost}") as again:
        assert again.ask(type="subscribe", stream=own)["code"] == "unknown_stream"
    with following(site.open(Cookie=f"sessionid={here}"), own):
        pass


def test_a_password_that_an_operator_sets_cuts_them_too(site: Site, alice, bob, monkeypatch) -> None:
    monkeypatch.setattr("getpass.getpass", lambda **_: "neu und geheim 3")
    own, old = f"user.{alice.pk}", session_of(alice)
    with following(site.open(Cookie=f"sessionid={old}"), own) as reader, following(site.open_as(bob), STREAM) as other:
        call_command("changepassword", alice.email)

        assert reader.closing() == COME_BACK
        put(1)
        assert other.events(1) == [(1, 1)]
    with site.open(Cookie=f"sessionid={old}") as again:
        assert again.ask(type="subscribe", stream=own)["code"] == "unknown_stream"


def test_a_revoked_key_cuts_the_programs_that_came_with_it(site: Site, alice) -> None:
    token, secret = accounts.create_token(alice, name="Programm", scopes=["read"])
    bearer, own = {"Authorization": f"Bearer {secret}", "Origin": ""}, f"user.{alice.pk}"
    with following(site.open(**bearer), own) as program:
        accounts.revoke_token(alice, token.pk)

        assert program.closing() in (COME_BACK, NOTHING_LEFT)
    with pytest.raises(Exception, match="403"):
        site.open(**bearer)


def test_a_retracted_article_takes_its_discussion_and_its_live_blog_with_it(
    site: Site, article, discussion, eddy, alice
) -> None:
    blog = Ticker.objects.create(slug="blog", title="Blog", article=article)
    streams = (discussion.stream, blog.stream)
    with (
        following(site.open(), *streams, STREAM) as reader,
        following(site.open(), *streams) as only,
        following(site.open_as(alice), *streams) as logged_in,
    ):
        articles.retract_article(article.pk, actor=eddy)

        assert only.closing() == logged_in.closing() == NOTHING_LEFT
        assert turned_out(reader, 2) == set(streams)
        for stream in streams:
            assert reader.ask(type="subscribe", stream=stream)["code"] == "unknown_stream"
        put(1)
        assert reader.events(1) == [(1, 1)]
    articles.publish_article(article.pk, actor=eddy)
    with following(site.open(), *streams):
        pass


@pytest.mark.parametrize("hide", ["goes to a draft", "is deleted"])
def test_a_ticker_that_is_hidden_turns_its_readers_out(site: Site, eddy, section, hide: str) -> None:
    ticker = Ticker.objects.create(slug="blog", title="Blog")
    with (
        following(site.open(), ticker.stream, STREAM) as reader,
        following(site.open_as(eddy), ticker.stream) as editor,
    ):
        if hide == "is deleted":
            articles.delete_place(ticker, actor=eddy)
            assert editor.closing() == NOTHING_LEFT
        else:
            ticker.article = articles.draft_article(actor=eddy, headline="Entwurf", section=section)
            articles.keep_ticker(ticker, actor=eddy)
            with following(editor):  # an editor may follow it all the same
                assert editor.ask(type="subscribe", stream=STREAM)["type"] == "subscribed"

        assert turned_out(reader, 1) == {"ticker.blog"}
        assert reader.ask(type="subscribe", stream="ticker.blog")["code"] == "unknown_stream"


def turned_out(reader: Reader, count: int) -> set[str]:
    frames = [reader.hear() for _ in range(count)]
    assert {(frame["type"], frame["code"]) for frame in frames} == {("unsubscribed", "forbidden")}
    return {frame["stream"] for frame in frames}
