"""Foreign markup becomes ours in time, whatever it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.importers.markup import article_html, comment_html, comment_of, paragraphs, words
from newsroom.text import plain, render_comment, sanitise_article, sanitise_comment
from tests.support.directions import directed

PIECES = [
    "[caption ",
    "[caption]",
    "[embed]http://a ",
    "<pre>",
    "<p> ",
    "\n ",
    " ",
    "<blockquote>",
    "<a href='",
    "&#",
    "<b>",
    "http://a.b",
    "www.a.b)",
    "a@b.c ",
    "(",
]
ENDS = [")", ";", "&a;", "!"]


@pytest.mark.timeout(20, func_only=True)  # a second where the work grows with the length, minutes with its square
@pytest.mark.parametrize(
    ("start", "piece"), [*(("", piece) for piece in PIECES), *(("http://a.b/", end) for end in ENDS)]
)
def test_hostile_markup_costs_its_length_and_no_more(start, piece):
    text = start + piece * (100_000 // len(piece))

    for html in (article_html(text), comment_html(text)):
        assert "<script" not in html
        assert len(html) < 20 * len(text)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a\nb\n\nc", "<p>a<br>\nb</p>\n<p>c</p>"),
        ("<blockquote>a\n\nb</blockquote>", "<blockquote><p>a</p>\n<p>b</p></blockquote>"),
        ("<ul>\n<li>a\n<ul><li>b</li></ul>\n</li>\n</ul>", "<ul>\n<li>a\n<ul>\n<li>b</li>\n</ul>\n</li>\n</ul>"),
        ("<pre>a\n\nb</pre>c", "<pre>a\n\nb</pre>\n<p>c</p>"),
        ("<h2>a</h2>b", "<h2>a</h2>\n<p>b</p>"),
        ("", ""),
    ],
)
def test_paragraphs_are_where_wordpress_has_them(text, html):
    assert sanitise_article(paragraphs(text)) == directed(html)


def test_old_tags_become_those_of_today():
    html = article_html("<b>a</b> <i>b</i> <strike>c</strike>")
    assert html == directed("<p><strong>a</strong> <em>b</em> <del>c</del></p>")


def test_a_picture_in_a_link_lends_it_its_words():
    assert article_html('<a href="/b"><img src="https://a.example/b.png" alt="B"></a>') == directed(
        '<p><a href="/b" rel="noopener">B</a></p>'
    )


def test_headings_in_comments_are_lines():
    assert comment_html("<h1>Laut</h1>leise") == directed("<p>Laut</p>\n<p>leise</p>")


ADDRESSES = [
    "Link http://example.org/a?b=1&c=2 im Text, und https://example.org/pfad.",
    "(www.a.example/x(y)) und (https://b.example/z).",
    "https://a.example/Ä–ö“ und „http://b.example/“, http://c.example…",
    "An me@a.example, oder mailto:du@a.b.example. Nicht a@b, nicht a@b.example_.",
    "http://a.example/x;y; http://a.example:80/x?y=1#z... http://a.example/x!?",
    "xhttp://a.example http://localhost/x http://a_b.example/ www.example xwww.a.example http://",
    "http://a.example\nhttps://b.example/x)) http://ä.example/",
    "http://a.example/?x='y' http://a.example/-/ 5 < 6 & 7 > 6",
]


@pytest.mark.parametrize("text", ADDRESSES)
def test_addresses_in_comments_are_links_as_in_new_ones(text):
    theirs = comment_html(text.replace("&", "&amp;").replace("<", "&lt;"))

    assert theirs.replace("<br>\n", "<br>") == render_comment(text).replace("<br>\n", "<br>")


def test_in_links_and_code_addresses_stay_what_they_are():
    anchor = '<a href="https://a.example" rel="nofollow ugc noopener">https://b.example</a>'
    code = "<code>http://c.example</code>"

    assert comment_html(f"{anchor} {code} www.d.example.") == directed(
        f"<p>{anchor} (a.example) {code} "
        '<a href="http://www.d.example" rel="nofollow ugc noopener">www.d.example</a>.</p>'
    )


_BARE = [
    "a",
    "Ä",
    "ж",
    " ",
    "  ",
    "\n",
    "\n\n",
    "\n \n",
    '"',
    "'",
    "*",
    "_",
    "#",
    "[",
    "]",
    "\\",
    "/",
    "…",
    "„",
    "“",
    "®",
    "%",
]
_OTHER = [
    "<",
    ">",
    "&",
    "&amp;",
    "@",
    "://",
    "www.",
    "http",
    "\t",
    "\r\n",
    "\x00",
    "\xa0",
    "\xad",
    "\u0301",
    "\u202e",
    "<b>",
    "é",
]
_TEXTS = st.lists(st.sampled_from(_BARE), max_size=30) | st.lists(st.sampled_from(_BARE + _OTHER), max_size=30)


@pytest.mark.timeout(60)
@given(_TEXTS.map("".join))
def test_the_short_way_for_bare_texts_gives_what_the_long_one_does(text):
    html = comment_html(text)

    assert comment_of(text) == (html, words(html) if html else "")


@given(_TEXTS.map("".join))
def test_a_bare_name_is_read_as_one_with_markup(text):
    assert plain(text) == plain(f"<b></b>{text}")


@pytest.mark.parametrize(
    "foreign",
    [
        "<table><tbody><tr><td>a</td></tr></tbody><tfoot><tr><td>b</td></tr></tfoot></table>",
        "<table><caption>a</caption><tr><td>b</td></tr></table>",
        "<p>a<object>b<p>c</p></object></p>",
    ],
)
def test_cleaned_html_is_read_again_as_it_was_written(foreign: str) -> None:
    """An export of it comes in elsewhere as the same bytes."""
    article, comment = article_html(foreign), comment_html(foreign)

    assert "b" in article
    assert "b" in comment
    assert sanitise_article(article) == article
    assert sanitise_comment(comment) == comment
