"""Which spellings a search finds: inside writing without spaces, with and without marks, and the exact ones first."""

from __future__ import annotations

from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comments import actions
from newsroom.text import clean
from tests.comments.tools import page, walk

SEARCH = "/api/v1/search/"
NUMBERS = count()
SCRIPTS = {
    "Han": "上海东边去看展览誕生日",
    "Hiragana": "おめでとうございます",
    "Katakana": "タワービルニュース",
    "Hangul": "편집국에서기사를고쳤습니다",
    "Thai": "กรุงเทพมหานครข่าววันนี้",
    "Lao": "ວຽງຈັນຂ່າວມື້ນີ້",
    "Khmer": "ភ្នំពេញព័ត៌មានថ្ងៃនេះ",
    "Burmese": "ရန်ကုန်သတင်းယနေ့",
}


@pytest.fixture(autouse=True)
def _patience(settings):
    settings.LIMITS = {**settings.LIMITS, "comments": "10000/m", "searches": "10000/m"}


@pytest.fixture
def say(alice, discussion):
    return lambda text: actions.post(discussion.pk, author=alice, text=text).comment.pk


@pytest.fixture
def found(api):
    return lambda query: [each["id"] for each in page(api(), SEARCH, q=query)["results"]]


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("我住在上海东边，那里有一座桥。", "上海"),
        ("我住在上海东边，那里有一座桥。", "上海东边"),
        ("我住在上海东边，那里有一座桥。", "东边"),
        ("我住在上海东边，那里有一座桥。", "边"),
        ("明日は誕生日ですね", "誕生日"),
        ("新しいタワーが完成", "タワー"),
        ("편집부가 기사를 다시 썼다", "기사"),
        ("편집부가 기사를 다시 썼다", "편집"),
        ("วันนี้มีข่าวจากกรุงเทพมหานคร", "กรุงเทพ"),
        ("ພາສາລາວງາມ", "ລາວ"),
        ("ព័ត៌មានថ្ងៃនេះ", "ថ្ងៃ"),
        ("ယနေ့သတင်းများ", "သတင်း"),
        ("Das neue iPhone手机 ist da", "手机"),
        ("Das neue iPhone手机 ist da", "iphone"),
    ],
)
def test_a_run_of_signs_is_found_inside_writing_without_spaces_and_marked(api, say, text, query):
    other, said = say("别的城市 ほか 다른 곳 ที่อื่น"), say(text)

    (row,) = page(api(), SEARCH, q=query)["results"]

    assert row["id"] == said != other
    assert f"<mark>{query}</mark>".casefold() in row["found"].casefold()


def test_signs_that_stand_apart_are_no_run(say, found):
    together, _apart = say("我住在上海东边"), say("上班 海边 东海 边")

    assert found("上海东边") == [together]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_stands_in_a_text_without_spaces_is_found_there(say, found, data):
    script = SCRIPTS[data.draw(st.sampled_from(sorted(SCRIPTS)))]
    text = data.draw(st.text(script, min_size=2, max_size=40).map(clean).filter(lambda text: len(text) > 1))
    start = data.draw(st.integers(0, len(text) - 2))
    run = text[start : data.draw(st.integers(start + 2, len(text)))]

    said = say(f"{text} {next(NUMBERS)}")  # nobody may say the same twice

    assert said in found(run)


@pytest.mark.parametrize(
    ("text", "queries"),
    [
        ("Auf der Straße nach Süden", ["straße", "strasse", "STRASSE", "sueden", "süden", "suden"]),
        ("Auf der Strasse nach Sueden", ["straße", "STRASSE", "süden", "sueden"]),
        ("Ёлка стоит, ещё лёд", ["елка", "ёлка", "ЕЛКА", "еще", "лед"]),
        ("Елка стоит, еще лед", ["ёлка", "елка", "ещё"]),
        ("Der ÖPNV fährt", ["oepnv", "öpnv", "OEPNV", "opnv", "faehrt", "fahrt"]),
        ("Der OEPNV faehrt", ["öpnv", "oepnv", "fährt"]),
        ("Café Müller, naïve Übung", ["cafe", "mueller", "muller", "naive", "uebung"]),
        ("Θέλω καφέ στην Αθήνα", ["θελω", "καφε", "αθηνα"]),
    ],
)
def test_a_word_is_found_however_it_is_spelt(say, found, text, queries):
    other, said = say("Etwas anderes"), say(text)

    assert {query: found(query) for query in queries} == {query: [said] for query in queries}
    assert found("anderes") == [other]


def test_spellings_are_one_word_only_where_they_are_alike(say, found):
    said = say("Die Faehre"), say("йод")

    assert found("fahre") == found("иод") == []
    assert (found("fähre"), found("Йод")) == ([said[0]], [said[1]])


def test_the_exact_spelling_comes_first_and_a_walk_meets_each_once(api, say, found):
    plain = [say(f"Ich fahre {number}") for number in range(4)]
    exact = [say(f"Die Fähre {number}") for number in range(3)]
    later = [say(f"Wir fahre auch {number}") for number in range(2)]
    spelt = say("Die Faehre")

    expected = [*exact[::-1], spelt, *later[::-1], *plain[::-1]]
    assert found("Fähre") == expected
    assert found("fahre") == [*later[::-1], *plain[::-1], *exact[::-1]]
    walked = [row["id"] for body in walk(api(), f"{SEARCH}?q=Fähre&limit=2") for row in body["results"]]
    assert walked == expected
    second = api().get(page(api(), SEARCH, q="Fähre", limit=2)["next"]).json()
    first = api().get(second["previous"]).json()
    assert [row["id"] for row in first["results"]] == expected[:2]


def test_a_cursor_that_was_made_up_is_refused(api, say):
    say("Die Fähre 1"), say("Die Fähre 2")
    known = page(api(), SEARCH, q="fähre", limit=1)["next"]

    assert api().get(known).status_code == 200
    assert api().get(SEARCH, {"q": "fähre", "cursor": "AAAA"}).json()["code"] == "unknown_cursor"
