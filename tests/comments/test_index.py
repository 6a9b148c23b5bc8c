"""The index of what was said: what it learns, what it forgets, and how an update makes it beside writers."""

from __future__ import annotations

from importlib import import_module
from types import SimpleNamespace

import pytest
from django.db import connection, transaction

from comments import actions, search
from comments.models import Comment
from newsroom.search.index import Walk
from tests.comments.tools import page

SEARCH = "/api/v1/search/"


@pytest.fixture(autouse=True)
def _patience(settings):
    settings.LIMITS = {**settings.LIMITS, "comments": "1000/m", "searches": "1000/m"}


@pytest.fixture
def say(alice, discussion):
    return lambda text: actions.post(discussion.pk, author=alice, text=text).comment.pk


@pytest.fixture
def found(api):
    return lambda query: [each["id"] for each in page(api(), SEARCH, q=query)["results"]]


def known():
    """The ids that the index holds."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {'id' if is_postgresql() else 'rowid'} FROM comments_words ORDER BY 1")
        return [number for (number,) in cursor.fetchall()]


def is_postgresql():
    return connection.vendor == "postgresql"


def forget(*ids):
    with connection.cursor() as cursor:
        for number in ids:
            cursor.execute(f"DELETE FROM comments_words WHERE {'id' if is_postgresql() else 'rowid'} = %s", [number])


def test_the_index_holds_what_is_published_and_nothing_that_was_taken_down(say, found, alice, mo):
    first, second, third = say("Unauffindbar"), say("Unauffindbar, auch"), say("Unauffindbar, drittens")
    assert known() == [first, second, third]

    actions.remove(first, actor=mo, reason="spam")
    actions.withdraw(second, actor=alice)
    assert known() == [third]
    actions.restore(first, actor=mo)
    actions.edit(third, actor=alice, text="Etwas anderes")

    assert known() == [first, third]
    assert (found("unauffindbar"), found("anderes")) == ([first], [third])
    Comment.objects.filter(pk=third).update(text="Von Hand geändert")  # what nobody has learnt is not found
    assert known() == [first]


def test_what_is_taken_down_before_it_was_numbered_is_never_learnt(say, found, mo):
    with transaction.atomic():  # both are numbered together
        gone = say("Unauffindbar")
        kept = say("Unauffindbar, auch")
        actions.remove(gone, actor=mo, reason="spam")

    assert (known(), found("unauffindbar")) == ([kept], [kept])


def test_what_is_deleted_leaves_the_index(say):
    said = say("Unauffindbar")
    assert known() == [said]

    Comment.objects.filter(pk=said).delete()

    assert known() == []


def test_what_is_held_is_learnt_when_it_is_approved(say, found, mo, alice, discussion):
    actions.open_discussion(discussion.pk, actor=mo, premoderated=True)
    held = say("Wartet noch")
    assert (known(), found("wartet")) == ([], [])

    actions.approve(held, actor=mo)

    assert (known(), found("wartet")) == ([held], [held])


def test_after_a_migration_what_is_missing_is_learnt_and_a_lost_trigger_is_back(say, found, mo):
    one, other = say("Unauffindbar"), say("Unauffindbar, auch")
    forget(one)
    if not is_postgresql():
        with connection.cursor() as cursor:
            cursor.execute("DROP TRIGGER comments_words_change")
    assert found("unauffindbar") == [other]

    search.install()

    assert found("unauffindbar") == [other, one]
    actions.remove(one, actor=mo, reason="spam")
    assert known() == [other]


def test_a_server_learns_what_an_earlier_release_wrote_beside_the_migration(say, found, monkeypatch):
    one, other = say("Unauffindbar"), say("Unauffindbar, auch")
    forget(one, other)
    monkeypatch.setattr(search, "_walk", Walk(search.INDEX))

    while search.catch_up():
        pass

    assert found("unauffindbar") == [other, one]


def test_the_migration_goes_back_and_forth_with_what_was_said_and_begins_again_where_it_was_cut(say, found):
    one, other = say("Unauffindbar"), say("Unauffindbar, auch")
    migration, editor = import_module("comments.migrations.0015_words"), SimpleNamespace(connection=connection)
    editor.execute = lambda sql: connection.cursor().execute(sql)

    migration.index_as_before(None, editor)
    search.install()  # as after each migration
    with connection.cursor() as cursor:
        if is_postgresql():
            cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'comments_search'")
            assert "german" in cursor.fetchone()[0]
        else:
            cursor.execute("SELECT rowid FROM comments_search WHERE comments_search MATCH 'unauffindbar' ORDER BY 1")
            assert cursor.fetchall() == [(one,), (other,)]
    assert "comments_words" not in connection.introspection.table_names()

    migration.index(None, editor)
    forget(one)
    migration.index(None, editor)

    assert found("unauffindbar") == [other, one]
    search.forget_earlier()
    assert "comments_search" not in connection.introspection.table_names()
