"""An article in another language than the site says so, and so does its discussion; texts find their direction."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree as ET

import pytest

from articles.models import Article
from comments.models import Comment, Discussion

pytestmark = pytest.mark.django_db

HEADLINE, QUESTION = "ما الجديد في المدينة؟", "هل هذا صحيح؟"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def parts(html: str, name: str) -> list[str]:
    """The opening tags that hold this."""
    return re.findall(rf"<[a-z0-9]+ [^>]*{name}[^>]*>", html)


def test_what_belongs_to_an_arabic_article_is_marked_as_arabic(client, alice, article, comment):
    Article.objects.filter(pk=article.pk).update(language="ar", headline=HEADLINE)
    Discussion.objects.filter(pk=comment.discussion_id).update(title=HEADLINE)
    Comment.objects.filter(pk=comment.pk).update(html=f'<p dir="auto">{QUESTION}</p>')
    client.force_login(alice)

    page = client.get(f"/articles/{article.slug}/").text
    replies = client.get(f"/comments/{comment.pk}/replies/").text
    feed = ET.fromstring(client.get("/feeds/articles.atom").content)
    items = json.loads(client.get("/feeds/articles.json").content)["items"]

    assert '<html lang="de"' in page
    assert parts(page, 'class="story"') == ['<article class="story" lang="ar">']
    assert [tag for tag in parts(page, "comment-text") if 'lang="ar"' not in tag] == []
    assert f'<h1 dir="auto" lang="ar">{HEADLINE}</h1>' in replies
    assert [entry.get(LANG) for entry in feed.iter("{http://www.w3.org/2005/Atom}entry")] == ["ar"]
    assert (feed.get(LANG), [item["language"] for item in items]) == ("de", ["ar"])


def test_a_discussion_without_an_article_speaks_the_language_of_the_page(client, chat):
    page = client.get(f"/chats/{chat.pk}/").text

    assert parts(page, "chat-title") == ['<h1 class="chat-title" dir="auto">']
    assert [tag for tag in parts(page, "comment-text") if "lang=" in tag] == []


def test_each_text_and_each_name_finds_its_own_direction(client, alice, article, comment):
    client.force_login(alice)
    pages = [client.get(path).text for path in (f"/articles/{article.slug}/", "/", "/chats/", "/search/?q=Fähre")]

    for name in (
        'class="comment-author"',
        'class="teaser-title"',
        'data-field="title"',
        'id="composer-text"',
        'name="q"',
    ):
        found = [tag for page in pages for tag in parts(page, name)]
        assert found, name
        assert [tag for tag in found if 'dir="auto"' not in tag] == [], name
    assert not re.search(
        r'<(article class="comment-box"|header class="comment-head"|li class="comment)[^>]* dir=', pages[0]
    )
