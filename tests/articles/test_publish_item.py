from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.models import User
from articles import actions
from articles.due import publish_due_items
from articles.models import SeenMark, State, Ticker, TickerItem
from newsroom.errors import Conflict, Forbidden, Invalid, PreconditionFailed

from .tools import events, kinds

pytestmark = pytest.mark.django_db(transaction=True)


def test_only_editors_publish(ticker: Ticker, jo: User, mo: User, alice: User, eddy: User):
    for person in (jo, mo, alice):
        with pytest.raises(Forbidden):
            actions.publish_item(ticker, actor=person, headline="Nein")

    assert actions.publish_item(ticker, actor=eddy, headline="Ja").number == 1


def test_an_item_without_a_text_has_nothing_to_open(client, ticker: Ticker, item: TickerItem, eddy: User):
    bare = actions.publish_item(ticker, actor=eddy, headline="Fähre kehrt um")
    page = client.get(ticker.get_absolute_url()).text

    assert (bare.html, bool(item.html)) == ("", True)
    assert page.count('<details data-field="box">') == 1


def test_numbers_run_without_a_gap_though_many_publish_at_once(ticker: Ticker, eddy: User):
    def publish(n: int) -> None:
        try:
            actions.publish_item(ticker, actor=eddy, headline=f"Meldung {n}")
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(publish, range(18)))

    assert sorted(TickerItem.objects.values_list("number", flat=True)) == list(range(1, 19))
    assert [event["data"]["number"] for event in events(ticker.stream)] == list(range(1, 19))


def test_an_item_that_fails_leaves_no_gap(ticker: Ticker, eddy: User):
    with transaction.atomic():
        actions.publish_item(ticker, actor=eddy, headline="Doch nicht")
        transaction.set_rollback(True)

    assert actions.publish_item(ticker, actor=eddy, headline="Aber das").number == 1


def test_a_scheduled_item_gets_its_number_when_it_appears(ticker: Ticker, eddy: User, alice: User):
    now = timezone.now()
    later = actions.publish_item(ticker, actor=eddy, headline="Sperrfrist", publish_at=now + timedelta(hours=1))
    first = actions.publish_item(ticker, actor=eddy, headline="Sofort")
    assert (later.number, later.state, first.number) == (None, State.SCHEDULED, 1)
    assert not TickerItem.objects.visible_to(alice).filter(pk=later.pk).exists()

    with time_machine.travel(now + timedelta(minutes=59), tick=False):
        assert publish_due_items() == 0
    with time_machine.travel(now + timedelta(minutes=61), tick=False):
        assert publish_due_items() == 1
        assert publish_due_items() == 0

    later.refresh_from_db()
    assert (later.number, later.state) == (2, State.PUBLISHED)
    assert [event["data"]["headline"] for event in events(ticker.stream)] == ["Sofort", "Sperrfrist"]


def test_items_due_together_are_numbered_by_their_times(ticker: Ticker, eddy: User):
    now = timezone.now()
    for name, minutes in (("zweite", 20), ("erste", 10)):
        actions.publish_item(ticker, actor=eddy, headline=name, publish_at=now + timedelta(minutes=minutes))

    with time_machine.travel(now + timedelta(hours=1), tick=False):
        assert publish_due_items() == 2

    assert [event["data"]["headline"] for event in events(ticker.stream)] == ["erste", "zweite"]


def test_a_scheduled_item_can_be_moved_published_at_once_or_dropped(ticker: Ticker, eddy: User):
    hour = timezone.now() + timedelta(hours=1)
    moved, early, dropped = (
        actions.publish_item(ticker, actor=eddy, headline=name, publish_at=hour) for name in ("a", "b", "c")
    )

    moved = actions.schedule_item(moved.pk, actor=eddy, publish_at=hour + timedelta(hours=1))
    early = actions.publish_drafted_item(early.pk, actor=eddy, now=True)
    dropped = actions.retract_item(dropped.pk, actor=eddy)

    assert moved.publish_at == hour + timedelta(hours=1)
    assert early.number == 1
    assert (dropped.state, dropped.number) == (State.RETRACTED, None)
    assert kinds(ticker.stream) == ["item.published"]  # nobody had heard of the dropped one


def test_a_correction_takes_the_old_words_out_of_the_log(item: TickerItem, ticker: Ticker, eddy: User):
    corrected = actions.correct_item(item.pk, actor=eddy, note="Falscher Name", headline="Andere Brücke gesperrt")

    assert corrected.corrected_at is not None
    before, after = events(ticker.stream)
    assert before["kind"] == "void"
    assert after["kind"] == "item.corrected"
    assert (after["data"]["headline"], after["data"]["correction"]) == ("Andere Brücke gesperrt", "Falscher Name")
    assert (after["data"]["number"], after["data"]["version"]) == (1, item.version + 1)


def test_a_scheduled_item_is_changed_without_a_word(ticker: Ticker, eddy: User):
    later = actions.publish_item(ticker, actor=eddy, headline="a", publish_at=timezone.now() + timedelta(hours=1))

    changed = actions.correct_item(later.pk, actor=eddy, headline="b")

    assert (changed.headline, changed.corrected_at) == ("b", None)
    assert kinds(ticker.stream) == []


def test_pinning_is_told_once(item: TickerItem, ticker: Ticker, eddy: User):
    for _ in range(2):
        actions.pin_item(item.pk, actor=eddy)
    for _ in range(2):
        actions.unpin_item(item.pk, actor=eddy)

    assert kinds(ticker.stream) == ["item.published", "item.pinned", "item.unpinned"]
    assert [event["data"]["pinned"] for event in events(ticker.stream)] == [False, True, False]


def test_a_retracted_item_is_silent_and_keeps_its_number(item: TickerItem, ticker: Ticker, eddy: User, alice: User):
    for _ in range(2):
        actions.retract_item(item.pk, actor=eddy)
    following = actions.publish_item(ticker, actor=eddy, headline="Weiter")

    assert not TickerItem.objects.visible_to(alice).filter(pk=item.pk).exists()
    assert following.number == 2
    void, gone, new = events(ticker.stream)
    assert (void["kind"], gone["kind"], new["kind"]) == ("void", "item.retracted", "item.published")
    assert (gone["data"]["number"], gone["data"]["headline"], gone["data"]["html"]) == (1, "", "")
    with pytest.raises(Conflict):
        actions.correct_item(item.pk, actor=eddy, headline="Doch")


def test_of_two_who_saw_the_same_version_the_second_is_told(item: TickerItem, eddy: User, ada: User):
    actions.correct_item(item.pk, actor=eddy, seen={item.version}, headline="Eins")

    for late in (actions.correct_item, actions.retract_item, actions.pin_item):
        with pytest.raises(PreconditionFailed) as refused:
            late(item.pk, actor=ada, seen={item.version})
        assert refused.value.extra == {"version": item.version + 1}
    assert TickerItem.objects.get().headline == "Eins"


@pytest.mark.parametrize("fields", [{"headline": " \u200e\x00"}, {"headline": "x" * 201}, {"level": "loud"}])
def test_what_does_not_fit_is_refused_by_field(fields, ticker: Ticker, eddy: User):
    with pytest.raises(Invalid) as refused:
        actions.publish_item(ticker, actor=eddy, **{"headline": "Gut", **fields})

    assert set(refused.value.extra["errors"]) == set(fields)
    assert not TickerItem.objects.exists()


def test_an_overlong_text_is_refused(ticker: Ticker, eddy: User):
    with pytest.raises(Invalid):
        actions.publish_item(ticker, actor=eddy, headline="Gut", text="x" * 5001)

    assert actions.publish_item(ticker, actor=eddy, headline="Gut", text="x" * 5000).number == 1


def test_the_seen_mark_only_rises_and_never_beyond_the_last_number(item: TickerItem, ticker: Ticker, alice: User):
    ticker.refresh_from_db()

    assert actions.mark_seen(ticker, reader=alice, number=10**6) == 1
    assert actions.mark_seen(ticker, reader=alice, number=0) == 1
    assert SeenMark.objects.get().number == 1


def test_the_database_holds_numbers_and_states_itself(item: TickerItem):
    for broken in ({"number": None}, {"published_at": None}, {"state": "draft"}, {"headline": ""}):
        with pytest.raises(IntegrityError), transaction.atomic():
            TickerItem.objects.filter(pk=item.pk).update(**broken)


def test_what_is_planned_for_later_comes_early_only_where_that_is_said(ticker: Ticker, eddy: User):
    now = timezone.now()
    item = actions.publish_item(ticker, actor=eddy, headline="Sperrfrist", publish_at=now + timedelta(hours=3))

    with pytest.raises(Conflict) as refused:
        actions.publish_drafted_item(item.pk, actor=eddy)
    assert f"{timezone.localtime(item.publish_at):%H:%M}" in str(refused.value)
    assert kinds(ticker.stream) == []

    assert actions.publish_drafted_item(item.pk, actor=eddy, now=True).number == 1


def test_a_planned_item_can_be_made_a_draft_again(ticker: Ticker, eddy: User):
    item = actions.publish_item(
        ticker, actor=eddy, headline="Sperrfrist", publish_at=timezone.now() + timedelta(hours=3)
    )

    drafted = actions.unschedule_item(item.pk, actor=eddy)

    assert (drafted.state, drafted.publish_at) == (State.DRAFT, None)
    with pytest.raises(Conflict):
        actions.unschedule_item(item.pk, actor=eddy)
    assert actions.publish_drafted_item(item.pk, actor=eddy).number == 1


def test_what_is_saved_as_it_was_is_no_correction(ticker: Ticker, eddy: User):
    item = actions.publish_item(ticker, actor=eddy, headline="Sturm", text="Eins.\n\nZwei.")

    again = actions.correct_item(item.pk, actor=eddy, headline=" Sturm ", text="Eins.\r\n\r\nZwei.\r\n", level="normal")

    assert (again.version, again.corrected_at) == (item.version, None)
    assert kinds(ticker.stream) == ["item.published"]


def test_only_changed_words_or_a_note_make_a_correction(item: TickerItem, ticker: Ticker, article, eddy: User):
    for marks in ({"key_event": True}, {"level": "breaking"}, {"article": article}, {"pinned": True}):
        marked = actions.correct_item(item.pk, actor=eddy, **marks)
        assert marked.corrected_at is None
    assert actions.pin_item(item.pk, actor=eddy).corrected_at is None
    assert [event["data"]["corrected_at"] for event in events(ticker.stream) if event.get("data")] == [None]

    noted = actions.correct_item(item.pk, actor=eddy, note="Die Zahl war falsch.")
    assert noted.corrected_at is not None
    assert actions.correct_item(item.pk, actor=eddy, text="Andere Worte.").corrected_at > noted.corrected_at


def test_the_newsroom_keeps_what_an_item_was_before_each_deed(ticker: Ticker, eddy: User, ada: User):
    item = actions.draft_item(ticker, actor=eddy, headline="Erst")
    actions.correct_item(item.pk, actor=ada, headline="Dann")
    actions.publish_drafted_item(item.pk, actor=eddy)
    actions.correct_item(item.pk, actor=ada, headline="Zuletzt", note="Name")
    actions.retract_item(item.pk, actor=eddy, note="Es war eine Übung.")

    kept = [(each.deed, each.by, each.fields["headline"], each.note) for each in item.revisions.order_by("version")]
    assert kept == [
        ("edited", ada, "Erst", ""),
        ("published", eddy, "Dann", ""),
        ("corrected", ada, "Dann", "Name"),
        ("retracted", eddy, "Zuletzt", "Es war eine Übung."),
    ]
