"""What people write becomes clean text and harmless HTML, and stays what they meant."""

from __future__ import annotations

import sys
from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from newsroom.text import (
    clean,
    clean_line,
    plain,
    render_article,
    render_comment,
    sanitise_article,
    sanitise_comment,
)


class Markup(HTMLParser):
    """What a browser would see in a piece of HTML."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value for name, value in attrs if name == "href"]


def test_a_comment_keeps_its_emphasis_lists_quotes_and_line_breaks():
    html = render_comment("Hallo *du*\nund **da**\n\n> so war es\n\n- eins\n- zwei")

    assert "<em>du</em><br>" in html
    assert "<strong>da</strong>" in html
    assert "<blockquote>" in html
    assert html.count("<li>") == 2


def test_a_link_in_a_comment_opens_without_giving_credit():
    html = render_comment("Siehe https://example.org/a?b=1&c=2")

    assert '<a href="https://example.org/a?b=1&amp;c=2" rel="nofollow ugc noopener">' in html


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[klick](javascript:alert(1))",
        "[klick](data:text/html;base64,PHNjcmlwdD4=)",
        "![x](https://example.org/track.gif)",
        "<a href='https://example.org' onclick='alert(1)'>x</a>",
        '[x](https://example.org "onmouseover=alert(1)")',
        "<svg/onload=alert(1)>",
        "<iframe src=https://example.org></iframe>",
    ],
)
def test_a_comment_holds_no_foreign_markup(attack):
    found = Markup()
    found.feed(render_comment(attack))

    assert found.tags <= {"p", "a"}
    assert found.attributes <= {"href", "rel"}
    assert all(link.startswith("https://example.org") for link in found.links)


def test_an_article_has_subheads_below_its_own_headline():
    assert render_article("# Erster\n\n## Zweiter\n\nText") == "<h2>Erster</h2>\n<h2>Zweiter</h2>\n<p>Text</p>"


def test_foreign_html_is_reduced_to_what_an_article_may_hold():
    html = sanitise_article('<h1 class="x">T</h1><p style="color:red" onclick="x()">a</p><script>bad()</script>')

    assert html == "<h2>T</h2><p>a</p>"


@pytest.mark.parametrize(
    ("dirty", "expected"),
    [
        ("a\u202eb\u2066c", "abc"),  # what reads backwards is not what it says
        ("a\x00b\x07c", "abc"),
        ("a\uffffb\ufdd0c\U0010fffe", "abc"),  # no characters, now and for ever
        ("e\u0301", "é"),
        ("zeile\r\nzwei\rdrei", "zeile\nzwei\ndrei"),
        ("Z" + "\u0300\u0301\u0302\u0303\u0304\u0305\u0306", "Z\u0300\u0301\u0302\u0303"),
        ("  Rand  ", "Rand"),
        ("\u200b", ""),
        ("a\u2065b\ufff0c\U000e0002d\U000e0fff", "abcd"),  # unassigned, and never to be seen
        ("\u2065", ""),
        ("\U0001fae9", "\U0001fae9"),  # an emoji that is younger than our tables
    ],
)
def test_text_is_cleaned(dirty, expected):
    assert clean(dirty) == expected


@pytest.mark.parametrize(
    "text",
    [
        "👩‍👩‍👧‍👦 Familie",
        "❤️",
        "🇩🇪",
        "ক্ষ্ম",
        "می‌خواهم",
        "नमस्ते क्‍ष",
        "Привет",
        "שָׁלוֹם",
        "ไม่รู้",
        "日本語",
        "Straße",
        "\U0001fae9 \U0001f6d8",
    ],
)
def test_real_scripts_and_emoji_stay_whole(text):
    assert clean(text) == text


@given(st.text())
def test_cleaning_twice_changes_nothing_more(text):
    assert clean(clean(text)) == clean(text)
    assert clean_line(clean_line(text)) == clean_line(text)


@given(st.text(max_size=400))
def test_rendering_never_fails_and_never_lets_a_script_through(text):
    assert "<script" not in render_comment(text)
    assert "<script" not in render_article(text)


HOSTILE = {
    "quotes": ">",
    "lines of quotes": "> a\n",
    "lists": "- ",
    "brackets": "[",
    "links": "[a](b)",
    "pictures": "![",
    "addresses": "http://a.b/ ",
    "emphasis": "*a ",
    "both kinds of emphasis": "*a_ ",
    "strikes": "~~a",
    "code": "`a``b",
    "entities": "&amp;",
    "cells": "|a",
    "rows": "a|b\n-|-\n",
    "references": "[a]: b\n",
}


@pytest.mark.parametrize("render", [render_comment, render_article])
@pytest.mark.parametrize("marks", HOSTILE.values(), ids=HOSTILE.keys())
def test_twice_as_many_marks_are_twice_the_work(render, marks):
    """Counted in calls, which do not depend on how busy the machine is."""
    render(marks)
    half, whole = (calls(lambda count=count: render(marks * count)) for count in (1500, 3000))

    assert whole <= 2.3 * half


def calls(run: Callable[[], object]) -> int:
    """How many calls of Python functions `run` makes."""
    count = 0

    def note(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event == "call"

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        run()
    finally:
        sys.setprofile(before)
    return count


def test_a_text_of_thousands_of_links_has_none():
    assert render_comment("[a](mailto:a@a.example) " * 1000).count("<a ") == 1000
    assert "<a " not in render_comment("[a](mailto:a@a.example) " * 1001)
    assert render_article("https://a.example " * 1000).count("<a ") == 1000
    assert "<a " not in render_article("https://a.example " * 1001)


def test_an_article_shows_our_own_pictures_and_of_others_only_what_they_say():
    assert render_article("![Brücke](/media/b.jpg)") == '<p><img src="/media/b.jpg" alt="Brücke"></p>'
    for foreign in ("https://example.org/b.jpg", "//example.org/b.jpg", "/\\\\example.org/b.jpg"):
        assert render_article(f"![Brücke]({foreign})") == '<p><img alt="Brücke"></p>'


def test_plain_text_of_html_reads_like_a_sentence():
    assert plain("<p>Müller &amp; <b>Sohn</b></p><p>eröffnet</p>") == "Müller & Sohn eröffnet"


LIBRARY = MarkdownIt("zero", {"linkify": True}).enable(["link", "autolink", "linkify"])
HOSTS = st.lists(st.from_regex(r"[a-z0-9-]{1,8}|xn--[a-z0-9]{1,6}", fullmatch=True), min_size=2, max_size=4)


@given(
    st.sampled_from(["http://", "https://", "HTTP://"]),
    HOSTS,
    st.sampled_from(["", "/", "?", "#"]),
    st.lists(st.sampled_from([*"aZ9/?#.~_-=&+:@%", "ä", "%41", "%C3%A4", "%25"]), max_size=8).map("".join),
)
@example("https://", ["a", "bc"], "/", "%C3%A4")
@example("https://", ["a", "bc"], "?", "x=%41")
def test_an_address_becomes_the_link_that_the_library_makes_of_it(scheme, host, sign, rest):
    url = scheme + ".".join(host) + sign + rest
    for markdown in (f"<{url}>", f"[here]({url})"):
        theirs = LIBRARY.render(markdown)
        if clean(theirs) == theirs.strip():
            assert render_comment(markdown) == sanitise_comment(theirs)
        else:
            assert clean(render_comment(markdown)) == render_comment(markdown)


@pytest.mark.parametrize("address", ["http://0.xn--0b0c", "https://a.bc/%E2%80%AExe", "http://a.bc/%00"])
def test_what_an_address_would_hide_is_shown_as_it_is_written(address):
    for markdown in (f"<{address}>", address):
        assert f">{address}</a>" in render_comment(markdown)
