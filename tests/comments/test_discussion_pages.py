"""The moderators' pages about discussions and about reading before publishing, without JavaScript."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.duties import Duties
from comments import actions
from comments.models import Discussion, Rule
from tests.support.forms import forms_of

DISCUSSIONS, PREMODERATION = "/moderation/discussions/", "/moderation/premoderation/"
MOST_STATEMENTS = 9


@pytest.fixture
def look(client, mo):
    client.force_login(mo)

    def page(path=DISCUSSIONS, **asked) -> str:
        answer = client.get(path, asked)
        assert answer.status_code == 200
        assert answer["Cache-Control"] == "private, no-store"
        return " ".join(unescape(answer.content.decode()).split())

    return page


@pytest.fixture
def sina(person, section):
    """A moderator of one section."""
    found = person("Sina")
    found.give(Duties.of([("moderate", section.pk)]))
    found.save()
    return found


def place(discussion) -> str:
    return f"{DISCUSSIONS}{discussion.pk}/"


def row_of(page: str, discussion) -> str:
    (found,) = [each for each in re.findall(r"<tr>.*?</tr>", page) if f'href="{place(discussion)}"' in each]
    return re.sub(r"<[^>]+>", " ", found)


def test_a_row_says_how_lively_it_is_what_waits_and_what_was_reported(look, discussion, alice, bob, person, mo):
    with time_machine.travel(timezone.now() - timedelta(hours=2)):
        actions.post(discussion.pk, author=bob, text="Schon länger her")
    said = [actions.post(discussion.pk, author=alice, text=f"Nummer {n}").comment for n in range(3)]
    actions.report(said[0].pk, actor=bob, reason="insult")
    actions.report(said[0].pk, actor=person("Rita"), reason="spam")
    actions.open_discussion(discussion.pk, actor=mo, premoderated=True, until=timezone.now() + timedelta(hours=3))
    actions.post(discussion.pk, author=alice, text="Wartet")
    actions.change_discussion(discussion.pk, actor=mo, slow_mode_seconds=30)

    shown = " ".join(row_of(look(), discussion).split())

    assert "Vormoderiert" in shown
    assert "von Hand, bis" in shown
    assert "ein Kommentar alle 30 Sekunden" in shown
    assert re.search(r"4 25 % 1 wartet 2 ", shown), shown


def test_discussions_are_found_by_their_titles_and_pages_go_on(look, chat, discussion, mo):
    for number in range(30):
        actions.start_chat(f"Treff Nummer {number}", actor=mo)

    first = look()
    assert first.count('<th scope="row">') == 25
    ahead = re.search(r'rel="next" href="([^"]+)"', first)[1]
    second = look(ahead)
    assert second.count('<th scope="row">') == 7
    assert 'rel="prev"' in second
    found = look(q="treff numm 17")
    assert found.count('<th scope="row">') == 1
    assert "Treff Nummer 17" in found
    assert "Es wurde nichts gefunden." in look(q="gibtesnicht")


def test_a_moderator_of_one_section_sees_and_switches_no_others(client, sina, chat, discussion):
    client.force_login(sina)

    page = client.get(DISCUSSIONS).content.decode()
    assert f'href="{place(discussion)}"' in page
    assert f'href="{place(chat)}"' not in page
    assert client.get(place(chat)).status_code == 404
    sent = {"deed": "switch", "switch": "closed", "until": "good"}
    assert client.post(place(chat), sent).status_code == 404
    assert client.post(place(discussion), sent).status_code == 302
    assert dict(Discussion.objects.values_list("pk", "switch")) == {chat.pk: "auto", discussion.pk: "closed"}


@pytest.mark.parametrize(("chosen", "hours"), [("1", 1), ("168", 168), ("good", None)])
def test_a_switch_has_an_end_or_expressly_none(client, look, discussion, chosen, hours):
    look(place(discussion))
    sent = {"deed": "switch", "switch": "premoderated", "until": chosen, "reason": "Es geht hoch her"}

    assert client.post(place(discussion), sent).status_code == 302

    discussion.refresh_from_db()
    assert (discussion.switch, discussion.reason) == ("premoderated", "Es geht hoch her")
    if hours is None:
        assert discussion.until is None
        assert "von Hand, ohne Ende" in look(place(discussion))
    else:
        assert abs(discussion.until - timezone.now() - timedelta(hours=hours)) < timedelta(minutes=1)


def test_without_an_end_chosen_nothing_is_switched_and_the_form_comes_back_filled(client, look, discussion):
    look(place(discussion))

    answer = client.post(place(discussion), {"deed": "switch", "switch": "closed", "reason": "Feierabend"})

    assert answer.status_code == 422
    (form,) = [each for each in forms_of(answer.content.decode()) if "switch" in each.controls]
    assert form.controls["switch"].holds == ["closed"]
    assert form.controls["reason"].holds == ["Feierabend"]
    assert form.invalid() == {"until"}
    discussion.refresh_from_db()
    assert discussion.switch == "auto"
    assert (
        client.post(place(discussion), {"deed": "switch", "switch": "auto"}).status_code == 302
    )  # by its times: no end


@pytest.mark.parametrize(
    ("given", "until", "wrong"),
    [
        ("60", "1", None),
        ("60", "good", None),
        ("0", "", None),
        ("60", "", "until"),
        ("3601", "1", "slow_mode_seconds"),
        ("x", "1", "slow_mode_seconds"),
        ("", "1", "slow_mode_seconds"),
    ],
)
def test_a_discussion_is_slowed_down_until_then(client, look, discussion, given, until, wrong):
    look(place(discussion))

    answer = client.post(place(discussion), {"deed": "slow", "slow_mode_seconds": given, "until": until})

    discussion.refresh_from_db()
    if wrong is None:
        assert answer.status_code == 302
        assert discussion.slow_mode_seconds == int(given)
        ends = discussion.slow_mode_until
        assert abs(ends - timezone.now() - timedelta(hours=1)) < timedelta(minutes=1) if until == "1" else ends is None
        assert ("60 Sekunden, bis" in look(place(discussion))) is (until == "1")
    else:
        assert answer.status_code == 422
        bad = {name for form in forms_of(answer.content.decode()) for name in form.invalid()}
        assert bad == {wrong}
        assert discussion.slow_mode_seconds == 0


def test_its_page_names_those_who_wrote_most_since_yesterday(look, discussion, alice, bob):
    with time_machine.travel(timezone.now() - timedelta(days=2)):
        for number in range(3):
            actions.post(discussion.pk, author=bob, text=f"Vorgestern {number}")
    for number in range(2):
        actions.post(discussion.pk, author=alice, text=f"Heute {number}")
    actions.post(discussion.pk, author=bob, text="Heute auch")

    posters = re.findall(
        r'href="/moderation/people/(\d+)/"><bdi>[^<]+</bdi></a> <span[^>]*>([^<]+)', look(place(discussion))
    )

    assert posters == [(str(alice.pk), "2 Kommentare"), (str(bob.pk), "1 Kommentar")]


@pytest.mark.usefixtures("serving")
def test_the_list_asks_nine_times_however_much_there_is(look, mo, alice, bob, discussion):
    for number in range(30):
        chat = actions.start_chat(f"Treff {number}", actor=mo)
        said = actions.post(chat.pk, author=alice, text=f"Hallo {number}").comment
        if number < 5:
            actions.report(said.pk, actor=bob, reason="spam")
    look()

    with CaptureQueriesContext(connection) as of_list:
        look()
    with CaptureQueriesContext(connection) as of_one:
        look(place(discussion))

    assert len(of_list) <= MOST_STATEMENTS, "\n".join(each["sql"][:150] for each in of_list)
    assert len(of_one) <= MOST_STATEMENTS, "\n".join(each["sql"][:150] for each in of_one)


def test_its_curve_shows_what_each_hour_of_the_last_day_has_brought(look, discussion, alice, bob):
    now = timezone.now().replace(minute=30, second=0, microsecond=0)
    with time_machine.travel(now, tick=False) as clock:
        for hours, number in ((25, 1), (3, 2), (0, 1)):
            clock.move_to(now - timedelta(hours=hours))
            for each in range(number):
                actions.post(discussion.pk, author=(alice, bob)[each], text=f"Vor {hours} Stunden {each}")
        page = look(place(discussion))

    table = page.partition('id="curve-table"')[2].partition("</table>")[0]
    numbers = [int(each) for each in re.findall(r"<td>(\d+)</td>", table)]
    assert numbers == [0] * 20 + [2, 0, 0, 1]
    assert page.count('class="chart-first"') == 2
    assert "3 Kommentare" in page


def test_a_chat_is_merged_on_its_page_and_taken_apart_again(client, look, chat, discussion, alice, mo):
    other = actions.start_chat("Elbe-Treff am Abend", actor=mo)
    said = actions.post(other.pk, author=alice, text="Guten Abend").comment
    assert 'id="merge"' not in look(place(discussion))  # it stays below its article

    assert f'name="into" value="{chat.pk}"' in look(place(other), q=chat.title)
    assert f'name="into" value="{chat.pk}"' in look(place(other), q=f"#{chat.pk}")
    for words in (str(other.pk), str(discussion.pk), "gibtesnicht", "9" * 30):  # itself, a thread, none
        assert 'name="into"' not in look(place(other), q=words)
    assert client.post(place(other), {"deed": "merge", "into": chat.pk}).status_code == 302

    said.refresh_from_db()
    assert said.discussion_id == chat.pk
    assert client.post(place(other), {"deed": "merge", "into": discussion.pk}).status_code == 409
    assert client.post(place(other), {"deed": "merge", "into": "x"}).status_code == 422
    assert 'value="take_apart"' in look(place(other))
    assert client.post(place(other), {"deed": "take_apart"}).status_code == 302
    said.refresh_from_db()
    assert said.discussion_id == other.pk


def state_of(discussion, author, text) -> str:
    return actions.post(discussion.pk, author=author, text=text).comment.state


def begin(client, **said):
    return client.post(PREMODERATION, {"deed": "begin", **said}, follow=True)


def test_a_section_is_read_before_publishing_until_the_time_that_was_chosen(client, look, discussion, chat, alice, mo):
    look(PREMODERATION)

    answer = begin(client, section="lokales", until="3")

    assert answer.status_code == 200
    assert state_of(discussion, alice, "Im Ressort") == "held"
    assert state_of(chat, alice, "Im Treff") == "published"
    assert state_of(discussion, mo, "Von jemandem, der hier arbeitet") == "published"
    page = look(PREMODERATION)
    assert re.search(r"<b [^>]*>Lokales</b>.*bis", page)
    with time_machine.travel(timezone.now() + timedelta(hours=3, minutes=1)):
        assert state_of(discussion, alice, "Später im Ressort") == "published"
        client.force_login(mo)
        assert ">Lokales</b>" not in look(PREMODERATION)


def test_one_person_is_read_before_publishing_everywhere_until_it_is_ended(client, look, discussion, chat, alice, bob):
    look(PREMODERATION)
    begin(client, section="site", person="alice", until="good")
    assert [state_of(each, alice, "Von Alice") for each in (discussion, chat)] == ["held", "held"]
    assert state_of(discussion, bob, "Von Bob") == "published"
    rule = Rule.objects.get()
    assert f'href="/moderation/people/{alice.pk}/"' in look(PREMODERATION)

    client.post(PREMODERATION, {"deed": "end", "rule": rule.pk})

    assert state_of(discussion, alice, "Wieder sofort") == "published"
    assert client.post(PREMODERATION, {"deed": "end", "rule": rule.pk}).status_code == 422


def test_the_whole_site_is_read_before_publishing(client, look, discussion, chat, alice):
    look(PREMODERATION)
    for _again in range(2):  # each has a name of its own
        assert begin(client, section="site", until="1").status_code == 200

    assert [state_of(each, alice, "Egal wo") for each in (discussion, chat)] == ["held", "held"]
    assert Rule.objects.count() == 2


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ({"until": "3"}, {"section"}),
        ({"section": "site"}, {"until"}),
        ({"section": "site", "until": "7"}, {"until"}),
        ({"section": "nirgends", "until": "3"}, {"section"}),
        ({"section": "site", "until": "3", "person": "Niemand Sonst"}, {"person"}),
        ({"section": "site", "until": "3", "person": "#999999999999999999999"}, {"person"}),
        ({"section": "\0", "until": "\0", "person": "Nie\0mand"}, {"section", "until", "person"}),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_field(client, look, said, wrong):
    look(PREMODERATION)

    answer = begin(client, **said)

    assert answer.status_code == 422
    (form,) = [each for each in forms_of(answer.content.decode()) if "section" in each.controls]
    assert form.invalid() == wrong
    assert not Rule.objects.exists()


def test_it_takes_the_duty_to_lead_and_other_rules_are_not_ended_here(client, sina, mo, section):
    rule = actions.make_rule(actor=mo, name="Schimpf", kind="words", action="hold", words=["Idiot"], mode="live")
    client.force_login(sina)

    page = client.get(PREMODERATION).content.decode()
    assert 'value="site"' not in page
    assert begin(client, section="site", until="1").status_code == 422
    assert begin(client, section=section.slug, until="1").status_code == 403
    client.force_login(mo)
    assert client.post(PREMODERATION, {"deed": "end", "rule": rule.pk}).status_code == 422
    assert Rule.objects.get() == rule
