"""Foreign markup becomes ours in time, whatever it is."""

from __future__ import annotations

import pytest

from articles.importers.markup import article_html, comment_html, paragraphs
from newsroom.text import sanitise_article

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
]


@pytest.mark.timeout(60)  # a second at most where the work grows with the length, hours where with its square
@pytest.mark.parametrize("piece", PIECES)
def test_hostile_markup_costs_its_length_and_no_more(piece):
    text = piece * (300_000 // len(piece))

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
    assert sanitise_article(paragraphs(text)) == html


def test_old_tags_become_those_of_today():
    assert article_html("<b>a</b> <i>b</i> <strike>c</strike>") == "<p><strong>a</strong> <em>b</em> <del>c</del></p>"


def test_a_picture_in_a_link_lends_it_its_words():
    assert article_html('<a href="/b"><img src="https://a.example/b.png" alt="B"></a>') == (
        '<p><a href="/b" rel="noopener">B</a></p>'
    )


def test_headings_in_comments_are_lines():
    assert comment_html("<h1>Laut</h1>leise") == "<p>Laut</p>\n<p>leise</p>"
