"""`import_articles` from feeds with whole texts: RSS 2.0, Atom, JSON Feed, NINJS."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from articles.models import Article, OldAddress, Section
from comments.models import Discussion
from tests.importers.archives import lines
from tests.importers.conftest import BLOG as BLOG_EXPORT

pytestmark = pytest.mark.django_db
BLOG = "https://heath.example/"
BODY = '<p>Heather\nblooms, see <a href="/moor">the moor</a>.</p><script>x()</script>'
RSS = f"""<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>
<item><title>Heather &amp;amp; more</title><link>{BLOG}heather/</link><guid isPermaLink="false">g-1</guid>
<pubDate>Mon, 06 Jul 2020 10:00:00 +0200</pubDate><author>Aino</author><category>purple</category>
<category>Nature</category><description>&lt;p&gt;It blooms.&lt;/p&gt;</description>
<content:encoded><![CDATA[{BODY}]]></content:encoded></item>
<item><title>Short</title><link>{BLOG}short</link><description>Only this &amp;lt; that.</description></item>
<item><title>Nameless</title><description>Neither link nor guid.</description></item>
<title>Heath</title><link>{BLOG}</link><language>en-GB</language></channel></rss>"""
ATOM = f"""<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Heath</title>
<link rel="self" href="{BLOG}atom.xml"/><link href="{BLOG}"/><author><name>Aino</name></author>
<entry xml:lang="en"><title type="text">Heather &amp; more</title><id>tag:heath.example,2020:1</id>
<link rel="alternate" href="{BLOG}heather/"/><updated>2020-07-07T00:00:00Z</updated>
<published>2020-07-06T08:00:00Z</published><category term="nature" label="Nature"/><summary>It blooms.</summary>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Heather
blooms, see <a href="/moor">the moor</a>.</p><script>x()</script></div></content></entry>
<entry xml:lang="en"><title>Short</title><id>2</id><link href="short"/><updated>2020-07-06T08:00:00Z</updated>
<content type="html">Only this &amp;lt; that.</content></entry>
<entry><title>Nameless</title><updated>2020-07-06T08:00:00Z</updated></entry></feed>"""
JSON_FEED = {
    "items": [
        {"id": "g-1", "url": f"{BLOG}heather/", "title": "Heather & more", "content_html": BODY,
         "summary": "It blooms.", "date_published": "2020-07-06T10:00:00+02:00", "tags": ["purple", "Nature"],
         "authors": [{"name": "Aino"}]},
        {"id": 2, "url": f"{BLOG}short", "title": "Short", "content_text": "Only this < that.\n\nAnd \ud83d"},
        {"title": "Nameless", "content_text": ["no text"]},
    ],
    "version": "https://jsonfeed.org/version/1.1", "home_page_url": BLOG, "language": "en-GB",
}  # fmt: skip
NINJS = [
    {"uri": f"{BLOG}heather/", "type": "text", "pubstatus": "usable", "headline": "Heather & more", "body_html": BODY,
     "description_text": "It blooms.", "byline": "Aino", "language": "en-GB",
     "firstcreated": "2020-07-06T08:00:00+0000", "subject": [{"name": "Nature", "code": "x"}]},
    {"uri": f"{BLOG}short", "headlines": [{"value": "Short"}], "language": "en",
     "bodies": [{"contenttype": "text/plain", "value": "Only this < that."}]},
    {"headline": "Nameless"},
]  # fmt: skip
SOURCES = {"feed": RSS.encode(), "feed of Atom": ATOM.encode(), "jsonfeed": JSON_FEED, "ninjs": NINJS}


@pytest.fixture
def take(tmp_path: Path) -> Callable[..., list[str]]:
    """`take("jsonfeed", content)` gives the lines that the command prints."""

    def take(source: str, content: Any, *options: str) -> list[str]:
        path, out = tmp_path / "file", StringIO()
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        call_command("import_articles", source.split(maxsplit=1)[0], str(path), *options, stdout=out, stderr=StringIO())
        return out.getvalue().splitlines()

    return take


@pytest.mark.parametrize("source", SOURCES)
def test_entries_become_articles_with_discussions(source: str, take: Callable[..., list[str]]) -> None:
    Section.objects.create(slug="nature", name="Nature")
    dry = take(source, SOURCES[source], "--dry-run")
    assert not Article.objects.exists()
    assert take(source, SOURCES[source]) == dry
    assert "Articles published: 2" in dry
    assert "Left out: 1 posts whose number is missing or came before" in dry
    article, short = Article.objects.order_by("pk")
    assert (article.headline, article.lead, article.author_line) == ("Heather & more", "It blooms.", "Aino")
    assert article.html.startswith('<p dir="auto">Heather\nblooms, see <a href="https://heath.example/moor"')
    assert article.html.endswith(">the moor</a>.</p>")
    assert (article.published_at, article.language) == (datetime(2020, 7, 6, 8, tzinfo=UTC), "en")
    assert article.section.slug == "nature"
    assert short.section.slug == "uncategorized"
    assert "Only this &lt; that." in short.html
    assert short.lead == ""
    assert set(OldAddress.objects.values_list("path", flat=True)) == {"/heather", "/short"}
    assert Discussion.objects.filter(article__in=[article, short]).count() == 2
    assert "Nothing new." in take(source, SOURCES[source])


def test_what_ninjs_says_of_the_state_of_an_item_counts(take: Callable[..., list[str]]) -> None:
    base = {"headline": "Moor", "body_text": "One.\n\nTwo <b>.", "versioncreated": "2020-01-01T00:00:00Z"}
    found = take(
        "ninjs",
        lines(
            base | {"uri": "urn:1", "pubstatus": "withheld"},
            base | {"uri": "urn:2", "pubstatus": "canceled"},
            base | {"uri": "urn:3", "type": "picture"},
            base | {"uri": "urn:4", "embargoed": "2999-01-01T00:00:00Z"},
            base | {"uri": "urn:" + "5" * 300, "body_text": 7},
        ),
    )
    assert found[:3] == ["Articles published: 1", "Articles scheduled: 1", "Articles as drafts: 1"]
    assert "Left out: 1 of type “picture”, 1 posts in the bin or unfinished" in found
    assert Article.objects.get(source_id=":urn:1").html == '<p dir="auto">One.</p><p dir="auto">Two &lt;b&gt;.</p>'
    wrapped = take("ninjs", {"_links": {}, "_items": [base | {"uri": "urn:1"}, base | {"uri": "urn:6"}]})
    assert wrapped[0] == "Articles published: 1"


@pytest.mark.parametrize(
    ("source", "content", "reason"),
    [
        ("feed", b"<html><body/></html>", "Line 1, column 1: this is neither an RSS 2.0 feed nor an Atom feed"),
        ("feed", BLOG_EXPORT.read_bytes(), "this is a WordPress export. Import it with the format wordpress."),
        ("feed", RSS[:500].encode(), "Line "),
        ("feed", ATOM[:700].encode(), "Line "),
        ("feed", b'<!DOCTYPE x [<!ENTITY a "b">]><rss/>', "document type definitions are not allowed"),
        ("feed", (ATOM.partition("<p>")[0] + "<b>" * 60).encode(), "nested too deeply"),
        ("jsonfeed", b'{"version": "https://example.org/", "items": []}', "Line 1: this is no JSON Feed"),
        ("jsonfeed", {"version": "https://jsonfeed.org/version/1", "items": [7]}, "this is no object"),
        (
            "jsonfeed",
            b'{"version": "https://jsonfeed.org/version/1", "items": [{"id": 1, "id": 2}]}',
            "It has a key twice",
        ),
        ("ninjs", b'{"a": 1}', "Line 1: this is no NINJS"),
        ("ninjs", b'[{"uri": "x"', "Line 1, column 2: the file ends"),
    ],
)
def test_other_files_are_refused(source: str, content: Any, reason: str, take: Callable[..., list[str]]) -> None:
    with pytest.raises(CommandError) as refusal:
        take(source, content)
    assert reason in str(refusal.value)
    assert refusal.value.returncode == 1
    assert not Article.objects.exists()
