"""What people write becomes clean text and harmless HTML, and stays what they meant."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from urllib.parse import unquote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from newsroom.markdown import MOST_DEPTH
from newsroom.text import (
    clean,
    clean_line,
    plain,
    render_article,
    render_comment,
    sanitise_article,
    summary,
    visible,
)
from tests.support.directions import directed


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
    assert '<blockquote dir="auto">' in html
    assert html.count('<li dir="auto">') == 2


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
    assert found.attributes <= {"href", "rel", "dir"}
    assert all(link.startswith("https://example.org") for link in found.links)


def test_an_article_has_subheads_below_its_own_headline():
    assert render_article("# Erster\n\n## Zweiter\n\nText") == directed(
        "<h2>Erster</h2>\n<h2>Zweiter</h2>\n<p>Text</p>"
    )


def test_articles_have_the_markdown_that_their_form_names():
    html = render_article("## Unten\n\n*So* steht es [hier](https://a.example/).\n\n> Gesagt.")

    for part in ("<h2", ">Unten</h2>", "<em>So</em>", 'href="https://a.example/"', "<blockquote", ">Gesagt.</p>"):
        assert part in html, part


def test_foreign_html_is_reduced_to_what_an_article_may_hold():
    html = sanitise_article('<h1 class="x">T</h1><p style="color:red" onclick="x()">a</p><script>bad()</script>')

    assert html == directed("<h2>T</h2><p>a</p>")


@pytest.mark.parametrize(
    ("dirty", "expected"),
    [
        ("a\u202eb\u2066c", "abc"),  # what reads backwards is not what it says
        ("Er sagt: \u2067ما هذا؟\u2069 …", "Er sagt: \u2067ما هذا؟\u2069 …"),  # whole isolates are kept
        ("\u2066a\u2067b\u2069c\u2069", "\u2066a\u2067b\u2069c\u2069"),
        ("a\u2067b\nc\u2069d\u2069", "ab\ncd"),  # but for what neither begins nor ends in its line
        ("\u2066\u2067\u2069\u2069", ""),
        ("\u0600" * 200 + "12", "\u0600" * 4 + "12"),  # signs before numbers and joiners: no line breaks among them
        ("\u0600\u06dd\u070f\u08e2\U000110bd\U000110cd\u06dd1", "\u0600\u06dd\u070f\u08e21"),
        ("a" + "\u200d\u0301" * 20, "a\u200d\u0301\u200d\u0301"),
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
        "سورة \u06dd١٢ \u0600٣",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f 👩🏽\u200d❤\ufe0f\u200d💋\u200d👨🏽",
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
    "lists": "1. ",
    "lists in quotes": "* > ",
    "lines of lists": "* a\n",
    "brackets": "[",
    "links": "[a](b)",
    "pictures": "![",
    "addresses": "http://a.b/ ",
    "mails": "a@b.cd ",
    "emphasis": "*a ",
    "both kinds of emphasis": "*a_ ",
    "strikes": "~~a",
    "code": "`a``b",
    "entities": "&amp;",
    "cells": "|a",
    "rows": "a|b\n-|-\n",
    "references": "[a]: b\n",
    "tags": "<a ",
}


@pytest.mark.parametrize("render", [render_comment, render_article])
@pytest.mark.parametrize("marks", HOSTILE.values(), ids=HOSTILE.keys())
def test_no_number_of_marks_makes_many_tags_of_little_text(render, marks):
    """To clean HTML takes as long as it is long, times the depth of its tags."""
    text = marks * 10_000
    html = render(text)

    assert deepest(html) <= MOST_DEPTH
    assert len(html) < 12 * len(text)


@pytest.mark.parametrize("mark", ["*", "_", "~~"])
def test_emphasis_within_emphasis_has_an_end(mark):
    fits, deep = (f"{mark}a " * count + f"b{mark} " * count for count in (40, MOST_DEPTH))

    assert deepest(render_comment(fits)) == 41
    assert render_comment(deep) == directed(f"<p>{deep.strip()}</p>")


def deepest(html: str) -> int:
    found = Depth()
    found.feed(html)
    return found.most


class Depth(HTMLParser):
    """How many elements are within each other at most."""

    now = most = 0

    def handle_starttag(self, tag, attrs):
        self.now += tag not in {"br", "hr", "img"}
        self.most = max(self.most, self.now)

    def handle_endtag(self, tag):
        self.now -= 1


def test_short_rows_do_not_fill_up_a_table_without_end():
    def table(columns: int) -> str:
        return "|" + "a|" * columns + "\n|" + "-|" * columns + "\n" + "b|\n" * columns

    assert render_article(table(100)).count("<td ") == 100 * 100
    assert "<td" not in render_article(table(1000))


def test_of_thousands_of_mail_addresses_none_is_a_link():
    assert render_comment("a@a.example " * 2000).count("<a ") == 2000
    assert "<a " not in render_comment("a@a.example " * 2001)
    assert "<a " not in render_article("https://a.example/" + ")" * 2001)


def test_an_article_shows_our_own_pictures_and_links_to_others():
    assert render_article("![Brücke](/media/b.jpg)") == directed('<p><img src="/media/b.jpg" alt="Brücke"></p>')
    foreign = '<a href="https://example.org/b.jpg" rel="noopener">Brücke</a>'
    assert render_article("![Brücke](https://example.org/b.jpg)") == directed(f"<p>{foreign}</p>")
    assert render_article("![Brücke](//example.org/b.jpg)") == directed("<p>![Brücke](//example.org/b.jpg)</p>")
    assert "<img" not in render_article("![Brücke](/\\\\example.org/b.jpg)")


ENDS = [
    ("## Der erste Tag\n\nAm Morgen", "Der erste Tag – Am Morgen"),
    ("**Der erste Tag**\n\nAm *Morgen*", "Der erste Tag – Am Morgen"),
    ("Wie war's?\n\nGut.\n\n„So.“\n\nJa", "Wie war's? Gut. „So.“ Ja"),
    ("Auf dem Markt:\n\n- Brot\n- Milch\n\n> Na ja\n\n– sagte er", "Auf dem Markt: Brot – Milch – Na ja – sagte er"),
    ("Zeile  \nNoch eine (neu)\n\nDann", "Zeile Noch eine (neu) – Dann"),
    ("今天。\n\n明天", "今天。 明天"),
    ('![<p>](/media/a.jpg "<p>") Bild\n\n1 < 2', "Bild – 1 < 2"),
]


@pytest.mark.parametrize(("text", "told"), ENDS)
def test_where_a_block_ends_is_seen_in_one_line(text, told):
    assert summary(render_article(text)) == plain(render_article(text)) == told
    assert summary(render_article(text), "Vorab") == f"Vorab – {told}"
    assert summary(render_article(text), "Vorab.") == f"Vorab. {told}"
    assert summary("", "Vorab") == "Vorab"


@pytest.mark.parametrize(
    "text",
    [
        "Müller & *Sohn*\n\neröffnet",
        "1 < 2 > 0, <b>&lt;i&gt;</b> und &amp;amp;",
        '[Text](https://a.example/"x>y" "a > b") danach',
        "> Zitat\n- eins\n- zwei\n\n```\n<p>\n```",
        "![](https://a.example/?a=1&b=2)",
        "[](https://a.example/>)",
    ],
)
def test_what_our_own_html_shows_is_its_plain_text(text):
    assert summary(render_comment(text)) == plain(render_comment(text))
    assert visible(render_comment(text)) == plain(render_comment(text)).replace(" – ", " ")


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("<grins>", "<p>&lt;grins&gt;</p>"),
        ("- <grins>\n- b", "<ul>\n<li>&lt;grins&gt;</li>\n<li>b</li>\n</ul>"),
        ("a\n<b>c\n<d>", "<p>a<br>\n&lt;b&gt;c<br>\n&lt;d&gt;</p>"),
        ("<div>\n*a*\n\n*b*", "<p>&lt;div&gt;<br>\n<em>a</em></p>\n<p><em>b</em></p>"),
        ("```\n\n<b>\n```", "<pre><code>\n&lt;b&gt;\n</code></pre>"),
        ("---\n<b>", "<hr>\n<p>&lt;b&gt;</p>"),
        ("> *a*\n\n<b>", "<blockquote>\n<p><em>a</em></p>\n</blockquote>\n<p>&lt;b&gt;</p>"),
        ("# Oben *auf*\nText", "<p><strong>Oben <em>auf</em></strong></p>\n<p>Text</p>"),
        ("Text\n---\nmehr", "<p>Text</p>\n<hr>\n<p>mehr</p>"),
        ("Text\n===\nmehr", "<p>Text<br>\n===<br>\nmehr</p>"),
        ("3. drei\n4. vier", '<ol start="3">\n<li>drei</li>\n<li>vier</li>\n</ol>'),
        ("~~alt~~ ~5 km bis ~6 km", "<p><s>alt</s> ~5 km bis ~6 km</p>"),
        ("|a|b|\n|-|-|", "<p>|a|b|<br>\n|-|-|</p>"),
        ("[x](javascript:a) ![y](javascript:b)", "<p>[x](javascript:a) ![y](javascript:b)</p>"),
    ],
)
def test_who_knows_no_markdown_is_understood(text, html):
    assert render_comment(text) == directed(html)


def test_tags_within_a_paragraph_of_an_article_stay_in_it():
    assert render_article("*a*\n<b>\n\n<c>") == directed("<p><em>a</em>\n&lt;b&gt;</p>\n<p>&lt;c&gt;</p>")


def test_a_picture_in_a_comment_is_a_link_to_it():
    rel, address = 'rel="nofollow ugc noopener"', "https://a.bc/k.png"

    assert render_comment(f"![Karte]({address})") == directed(f'<p><a href="{address}" {rel}>Karte</a></p>')
    assert render_comment(f"![]({address})") == directed(f'<p><a href="{address}" {rel}>{address}</a></p>')


@pytest.mark.parametrize(
    ("text", "href", "shown"),
    [
        ("„https://a.bc/x“ sagt er", "https://a.bc/x", "https://a.bc/x"),
        ("»https://a.bc«, ja", "https://a.bc", "https://a.bc"),
        ("https://a.bc/ä–ö…", "https://a.bc/%C3%A4%E2%80%93%C3%B6", "https://a.bc/ä–ö"),
        ("https://a.bc/%E2%80%9Cx“.", "https://a.bc/%E2%80%9Cx", "https://a.bc/%E2%80%9Cx"),
        ("(https://a.bc/x_(y))", "https://a.bc/x_(y)", "https://a.bc/x_(y)"),
        ("**https://a.bc/?a=1&b=2**", "https://a.bc/?a=1&amp;b=2", "https://a.bc/?a=1&amp;b=2"),
        ("siehe www.a.bc/x!", "http://www.a.bc/x", "www.a.bc/x"),
        ("<https://a.bc>", "https://a.bc", "https://a.bc"),
        ("an a@b.cd.", "mailto:a@b.cd", "a@b.cd"),
    ],
)
def test_an_address_ends_where_a_reader_would_end_it(text, href, shown):
    assert f'<a href="{href}" rel="nofollow ugc noopener">{shown}</a>' in render_comment(text)


HOSTS = st.lists(st.from_regex(r"[a-z0-9-]{1,8}|xn--[a-z0-9]{1,6}", fullmatch=True), min_size=2, max_size=4)


@given(
    HOSTS,
    st.sampled_from(["", "/", "?", "#"]),
    st.lists(st.sampled_from([*"aZ9/?#.~_-=+:@“»…", "ä", "%41", "%C3%A4", "%E2%80%AE"]), max_size=8).map("".join),
)
@example(["a", "bc"], "/", "%E2%80%9C“")
def test_what_a_link_shows_is_where_it_leads(host, sign, rest):
    html = render_comment(f"({'https://' + '.'.join(host) + sign + rest})")

    for link, shown in re.findall(r'<a href="(https:[^"]*)"[^>]*>([^<]*)</a>', html):
        assert unquote(link) == unquote(shown)


@pytest.mark.parametrize("hidden", ["&#x202e;", "&#8238;", "&#xAD;", "a" + "&#768;" * 5, "&#x2066;"])
def test_an_entity_is_shown_as_it_is_written(hidden):
    assert render_comment("1 &lt; 2 &euro;") == directed("<p>1 &amp;lt; 2 &amp;euro;</p>")
    for render in (render_comment, render_article):
        assert hidden.replace("&", "&amp;") in render(f"Vor {hidden} nach")


@pytest.mark.parametrize("address", ["http://0.xn--0b0c", "https://a.bc/%E2%80%AExe", "http://a.bc/%00"])
def test_what_an_address_would_hide_is_shown_as_it_is_written(address):
    for markdown in (f"<{address}>", address):
        assert f">{address}<" in render_comment(markdown)
