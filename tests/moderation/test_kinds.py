"""Each kind of rule beside lists of words: what it finds, what it leaves, and which settings it takes."""

from __future__ import annotations

import pytest

from comments.moderation import KINDS, Author, BadSettings, Outcome, check_of, settings_of
from comments.moderation.pace import fingerprint
from tests.moderation.drafts import draft

ENGLISH = "This comment is written in English, although the section is a German one."
GERMAN = "Dieser Kommentar ist auf Deutsch geschrieben, wie es sich hier gehört, meine ich."
RUSSIAN = "Этот комментарий написан по-русски, хотя раздел здесь немецкий."


def finding(kind, settings, text="Ein Satz.", **author):
    return check_of(kind, settings)(draft(text, author=Author(**author)))


@pytest.mark.parametrize(
    ("settings", "text", "author", "detail"),
    [
        ({"most": 1}, "https://a.example und https://b.example", {}, "2 links"),
        ({"most": 1}, "nur https://a.example", {}, None),
        ({"most": 1, "allowed": ["b.example"]}, "https://a.example und https://www.b.example", {}, None),
        ({"most": None}, "https://a.example " * 9, {}, None),
        ({"held": ["a.example"]}, "[hier](https://sub.a.example/x)", {}, "sub.a.example"),
        ({"held": ["a.example"]}, "https://nota.example", {}, None),
        ({"refused": ["*.A.example"], "held": ["b.example"]}, "https://b.example https://a.example", {}, "a.example"),
        ({"young_days": 7}, "https://a.example", {"days": 6.5, "linked": 0}, "first link"),
        ({"young_days": 7}, "https://a.example", {"days": 6.5, "linked": 1}, None),
        ({"young_days": 7}, "https://a.example", {"days": 7.5, "linked": 0}, None),
        ({"young_days": 7}, "ohne", {"days": 1, "linked": 0}, None),
    ],
)
def test_links(settings, text, author, detail):
    found = finding("links", settings, text, **author)

    assert (found and found.detail) == detail


def test_a_domain_decides_by_itself_and_its_place_is_told():
    text = "Siehe https://gut.example und [das da](https://sub.boese.example/x)!"

    found = finding("links", {"refused": ["boese.example"], "held": ["gut.example"]}, text)

    assert found.outcome is Outcome.REFUSE
    assert [text[start:end] for start, end in found.spans] == ["https://sub.boese.example/x"]


@pytest.mark.parametrize(
    ("kind", "settings", "author", "detail"),
    [
        ("new_account", {"comments": 3}, {"published": 2}, "comment 3"),
        ("new_account", {"comments": 3}, {"published": 3}, None),
        ("new_account", {"comments": 0, "days": 2}, {"days": 1.9}, "day 2"),
        ("new_account", {"comments": 0, "days": 2}, {"days": 2.1}, None),
        ("history", {"share": 50, "least": 4}, {"published": 4, "rejected": 2, "removed": 2}, "4 of 6"),
        ("history", {"share": 50, "least": 5}, {"published": 4, "rejected": 2, "removed": 2}, None),
        ("history", {"share": 50, "least": 4}, {"published": 8, "rejected": 2, "removed": 2}, None),
        ("premoderation", {}, {}, ""),
        ("premoderation", {"people": [7]}, {"id": 7}, ""),
        ("premoderation", {"people": [7]}, {"id": 8}, None),
        ("flood", {"most": 2, "seconds": 60}, {"since": (5.0, 59.0, 61.0)}, "3 in 60 s"),
        ("flood", {"most": 2, "seconds": 60}, {"since": (5.0, 61.0)}, None),
        ("copies", {"most": 2}, {"copies": 2}, "3×"),
        ("copies", {"most": 2}, {"copies": 1}, None),
    ],
)
def test_who_writes_and_how_much(kind, settings, author, detail):
    found = finding(kind, settings, **author)

    assert (found and found.detail) == detail


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("DAS IST DOCH WOHL DAS LETZTE hier", ["DAS", "IST", "DOCH", "WOHL", "DAS", "LETZTE"]),
        ("ÄÖÜ ЭТО ВОЗМУТИТЕЛЬНО ГОСПОДА", ["ÄÖÜ", "ЭТО", "ВОЗМУТИТЕЛЬНО", "ГОСПОДА"]),
        ("NEIN!", []),
        ("Die NATO, die EU und der NDR sind sich darin einig gewesen.", []),
        ("今日は天気がいいですね。とてもいい天気です。1234567890 +++", []),
    ],
)
def test_shouting(text, words):
    found = finding("caps", {"share": 70, "least": 20}, text)

    assert [text[start:end] for start, end in (found.spans if found else ())] == words


@pytest.mark.parametrize(
    ("languages", "text", "language"),
    [
        (["de"], ENGLISH, "en"),
        (["de"], RUSSIAN, "ru"),
        (["de"], GERMAN, None),
        (["de", "en"], ENGLISH, None),
        (["ru"], GERMAN, "de"),
        (["de"], "Okay, nice!", None),
        (["de"], "https://www.example.org/this-is-an-english-address-of-some-page-about-nothing", None),
        (["de"], "Moin, dat is doch allens Tüünkraam, dat weet doch jeder in Hamborg.", None),
        (["de"], "Das Meeting war ein Fail, total cringe, aber der Speaker hat gut performt.", None),
    ],
)
def test_language(languages, text, language):
    found = finding("language", {"languages": languages}, text)

    assert (found and found.detail) == language


@pytest.mark.parametrize(
    ("kind", "settings", "field"),
    [
        ("links", {"most": -1}, "most"),
        ("links", {"most": "3"}, "most"),
        ("links", {"held": ["kein Bereich"]}, "held"),
        ("links", {"refused": ["https://a.example"]}, "refused"),
        ("new_account", {"days": 9999}, "days"),
        ("new_account", {"days": True}, "days"),
        ("new_account", {"days": None}, "days"),
        ("history", {"share": 0}, "share"),
        ("premoderation", {"people": ["7"]}, "people"),
        ("premoderation", {"people": [2**63]}, "people"),
        ("flood", {"most": 30}, "most"),
        ("copies", {"words": ["x"]}, "words"),
        ("caps", {"share": 10}, "share"),
        ("language", {}, "languages"),
        ("language", {"languages": []}, "languages"),
        ("language", {"languages": ["xx"]}, "languages"),
        ("language", {"languages": [["de"]]}, "languages"),
        ("magic", {}, "kind"),
    ],
)
def test_what_does_not_fit_is_named(kind, settings, field):
    with pytest.raises(BadSettings) as refused:
        check_of(kind, settings)

    assert set(refused.value.errors) == {field}


def test_settings_come_back_as_they_are_kept():
    for kind in KINDS:
        needed = {
            "words": {"words": ["Idiot"]},
            "language": {"languages": ["de"]},
            "hook": {"url": "https://example.org/"},
        }
        given = needed.get(kind, {})
        kept = settings_of(check_of(kind, given))
        assert kept.items() >= given.items()
        assert settings_of(check_of(kind, kept)) == kept


def test_a_text_is_known_again_in_other_clothes():
    text = "Kauft jetzt billige Uhren bei uns, liebe Leute"

    assert fingerprint(text) == fingerprint("KAUFT jetzt: billige U\u200bhren – bei uns, liebe  Leute!!!")
    assert fingerprint(text) != fingerprint(text.replace("Uhren", "Schuhe"))
    assert fingerprint("Danke! Danke!") is None
    assert -(2**63) <= fingerprint(text) < 2**63
