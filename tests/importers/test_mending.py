"""Exports with an odd byte in them are read where what was meant is beyond doubt, and what was mended is said."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from xml.parsers import expat

import pytest
from django.core.management import CommandError
from hypothesis import given, settings
from hypothesis import strategies as st

from articles.importers.mending import Mender, Mends, meant
from articles.models import Article
from comments.models import Comment
from tests.support.directions import directed

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:wp="http://wordpress.org/export/1.2/"><channel>
<title>Κήπος</title><wp:wxr_version>1.2</wp:wxr_version><wp:base_blog_url>https://kipos.example</wp:base_blog_url>
"""
BODY = """<item><title>Η γέφυρα</title><dc:creator>eleni</dc:creator><content:encoded><![CDATA[<p>Βρέχει.</p>]]>\
</content:encoded><wp:post_id>7</wp:post_id><wp:post_date_gmt>2021-02-03 04:05:06</wp:post_date_gmt>
<wp:status>publish</wp:status><wp:post_type>post</wp:post_type>
<wp:comment><wp:comment_id>8</wp:comment_id><wp:comment_author><![CDATA[Νίκος]]></wp:comment_author>
<wp:comment_date_gmt>2021-02-03 05:05:06</wp:comment_date_gmt>
<wp:comment_content><![CDATA[Ωραία.]]></wp:comment_content>
<wp:comment_approved>1</wp:comment_approved><wp:comment_parent>0</wp:comment_parent></wp:comment></item>
"""
EXPORT = f"{HEAD}{BODY}</channel></rss>\n"
SCRIPT = "<script>// <![CDATA[\nf();\n// ]]></script>"


@pytest.fixture
def export(tmp_path: Path) -> Callable[..., Path]:
    """`export(old, new, …, encoding="utf-8")` is the path of a small export with these texts replaced."""

    def export(*changes: str, encoding: str = "utf-8") -> Path:
        text = EXPORT
        for old, new in zip(changes[::2], changes[1::2], strict=True):
            assert old in text
            text = text.replace(old, new)
        path = tmp_path / "export.xml"
        path.write_bytes(text.encode(encoding))
        return path

    return export


MENDED = {  # what is changed; what is said, with that which stands at its first place
    "a prefix of the head": (
        ["<title>Κήπος", '<atom:link rel="search" href="https://kipos.example/osd.xml" /><title>Κήπος'],
        {"1 names with the prefix “atom:”, which is not declared": "<atom:"},
    ),
    "prefixes of an item": (
        ["<dc:creator>", '<media:content geo:point="1 2"><media:title>x</media:title></media:content><dc:creator>'],
        {
            "1 names with the prefix “geo:”, which is not declared": "<media:",
            "2 names with the prefix “media:”, which is not declared": "<media:",
        },
    ),
    "WordPress’ own prefixes": (
        [' xmlns:wp="http://wordpress.org/export/1.2/"', "", 'xmlns:dc="http://purl.org/dc/elements/1.1/"', ""],
        {
            "1 names with the prefix “dc:”, which is not declared": "<dc:",
            "13 names with the prefix “wp:”, which is not declared": "<wp:",
        },
    ),
    "a script in the text": (
        ["<p>Βρέχει.</p>", f"{SCRIPT}<p>Βρέχει.</p>"],
        {"1 texts that held “]]>”, the sign of their end": "]]></script>"},
    ),
    "two scripts": (
        ["<p>Βρέχει.</p>", f"{SCRIPT}<p>Βρέχει.</p>\n{SCRIPT}"],
        {"1 texts that held “]]>”, the sign of their end": "]]></script>"},
    ),
    "brackets in a text": (
        ["<p>Βρέχει.", "<!-- a[b[0]]>1 --><p>Βρέχει."],
        {"1 texts that held “]]>”, the sign of their end": "]]>1"},
    ),
    "control characters": (
        ["Βρέχει", "Βρέ\x0bχει\x08", "Νίκος", "Νί\x1fκος", "Ωραία", "\x00Ωραία\ufffe"],
        {"5 control characters left out": "\x0b"},
    ),
    "references to them": (
        ["Η γέφυρα", "Η γέ&#8;φυ&#x1F;ρα"],
        {"2 control characters left out": "&#8;"},
    ),
    "references of HTML": (
        ["Η γέφυρα", "Η&nbsp;γέφυρα", "<wp:post_id>", "<link>https://kipos.example/?a=1&b=2</link><wp:post_id>"],
        {"2 references that only HTML knows, or a sign & that is none": "&nbsp;"},
    ),
}


@pytest.mark.django_db
@pytest.mark.parametrize(("changes", "mended"), MENDED.values(), ids=MENDED)
def test_what_is_odd_is_mended_and_said_with_its_place(run, export, changes, mended):
    path = export(*changes)
    text = path.read_text(encoding="utf-8")
    said = run(path, "--dry-run")

    assert run(path) == said
    assert [line.removeprefix("Mended: ") for line in said if line.startswith("Mended")] == [
        f"{words} (the first in {_place(text, odd)})" for words, odd in mended.items()
    ]
    article, comment = Article.objects.get(), Comment.objects.get()
    assert (article.headline, re.sub(r"\s", "", article.html)) == (
        "Η γέφυρα",
        re.sub(r"\s", "", directed("<p>Βρέχει.</p>")),
    )
    assert (comment.author_name, comment.html) == ("Νίκος", directed("<p>Ωραία.</p>"))


def _place(text: str, part: str) -> str:
    before = text[: text.index(part)].split("\n")
    return f"line {len(before)}, column {len(before[-1]) + 1}"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "encoding"),
    [
        ([], "utf-8"),
        ([], "utf-8-sig"),
        (["UTF-8", "UTF-16"], "utf-16"),
        (["UTF-8", "ISO-8859-7"], "iso-8859-7"),
        (["wp:", "w:", "xmlns:wp=", "xmlns:w="], "utf-8"),
        (
            ["xmlns:wp", 'xmlns:atom="http://www.w3.org/2005/Atom" xmlns:wp', "<title>Κ", "<atom:link/><title>Κ"],
            "utf-8",
        ),
        (["<p>Βρέχει.", "<!-- ]]]]><![CDATA[> --><p>Βρέχει."], "utf-8"),
        (["\n", "\r\n"], "utf-8"),
    ],
)
def test_a_sound_export_needs_no_mending(run, export, changes, encoding):
    said = run(export(*changes, encoding=encoding))

    assert "Comments published: 1" in said
    assert "Mended" not in str(said)
    assert Article.objects.get().headline == "Η γέφυρα"
    assert Article.objects.get().html.endswith(directed("<p>Βρέχει.</p>"))
    assert Comment.objects.get().author_name == "Νίκος"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "odd", "sentence"),
    [
        (["Βρέχει.</p>]]>", SCRIPT], "script></content", "mismatched tag"),
        (["Βρέχει", "Βρέ\x0bχει", "</content:encoded>", "</content>"], "content><wp", "mismatched tag"),
        (["</rss>", "<!-- "], "<!-- ", "unclosed token"),
        (["Η γέφυρα", "Η &γέφυρα;"], "&γέφυρα;", "undefined entity"),
        (["<wp:status>", "<wp:\x01status>"], "\x01status", "not well-formed"),
    ],
)
def test_what_could_be_meant_otherwise_is_refused_with_its_place(run, export, changes, odd, sentence):
    path = export(*changes)

    with pytest.raises(CommandError, match=f"(?i){_place(path.read_text(encoding='utf-8'), odd)}: {sentence}"):
        run(path)

    assert not Article.objects.exists()


@pytest.mark.django_db
def test_bytes_that_are_no_text_are_refused_with_their_place(run, export):
    path = export()
    path.write_bytes(path.read_bytes().replace("Ωραία".encode(), b"\xd9\xf1"))

    with pytest.raises(CommandError, match=f"(?i){_place(EXPORT, 'Ωραία')}: these bytes are no utf-8"):
        run(path)

    assert not Article.objects.exists()


PIECES = st.sampled_from(
    [
        "<a>",
        "</a>",
        "<b c='&amp;'>",
        "</b>",
        "<![CDATA[",
        "]]>",
        "]",
        ">",
        "<!--",
        "-->",
        "&lt;",
        "&nbsp;",
        "& ",
        "x\n",
        "ж",
    ]
)


@given(st.lists(PIECES, max_size=14).map("".join), st.lists(st.integers(1, 9), min_size=1, max_size=20))
@settings(max_examples=300)
def test_pieces_are_mended_like_the_whole_and_what_is_sound_not_at_all(text, sizes):
    text = f"<r>{text}</r>"
    whole = Mender(Mends()).feed(text, is_last=True)
    mender, rest, out = Mender(mends := Mends()), text, ""
    for size in sizes:
        out += mender.feed(rest[:size])
        rest = rest[size:]
    out += mender.feed(rest, is_last=True)

    assert out == whole
    assert len(out) == len(text)
    assert _is_sound(whole) or not _is_sound(text)
    if _is_sound(text):
        assert (out, dict(mends.counts)) == (text, {})
    if not mends.counts:
        assert meant(out) == text


def _is_sound(text: str) -> bool:
    try:
        expat.ParserCreate().Parse(text, True)
    except expat.ExpatError:
        return False
    return True
