"""An article in another language than the site says so, and so does its discussion; texts find their direction."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree as ET

import pytest

from articles.models import Article, Ticker
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


FIELD = r'<textarea[^>]*>|<input [^>]*type="(?:text|search)"[^>]*>'
UNSEEN = ('class="hidden"', 'tabindex="-1"', " disabled ")  # nothing to write in, or a trap for programs


def test_every_field_for_words_finds_its_direction_on_the_site_and_in_the_admin(client, alice, ada, article):
    client.force_login(alice)
    pages = {path: client.get(path).text for path in ("/accounts/profile/", "/search/", f"/articles/{article.slug}/")}
    client.force_login(ada)
    forms = ["articles/article", "articles/photo", "articles/section", "articles/ticker", "articles/tickeritem"]
    pages |= {path: client.get(path).text for path in [f"/admin/{form}/add/" for form in forms]}
    client.logout()
    pages |= {path: client.get(path).text for path in ("/accounts/signup/",)}

    for path, page in pages.items():
        fields = [tag for tag in re.findall(FIELD, page) if not any(mark in tag for mark in UNSEEN)]
        assert fields, path
        assert [tag for tag in fields if 'dir="auto"' not in tag] == [], path


def test_names_that_stand_in_the_frame_of_a_page_find_their_direction(client, alice, article):
    client.force_login(alice)
    page = client.get(f"/articles/{article.slug}/").text

    for name in ('class="masthead-name"', 'class="footer-name"', 'class="name"', 'href="/sections/[^"]*"'):
        assert parts(page, name)
    assert [tag for tag in parts(page, 'class="(?:masthead-name|footer-name|name)"') if 'dir="auto"' not in tag] == []


def test_lists_search_and_tickers_say_the_language_of_an_arabic_article(client, api, article, comment, item):
    Article.objects.filter(pk=article.pk).update(language="ar", headline=HEADLINE)
    Discussion.objects.filter(pk=comment.discussion_id).update(title=HEADLINE)
    Ticker.objects.filter(pk=item.ticker_id).update(article=article, title=HEADLINE)
    ticker = Ticker.objects.get(pk=item.ticker_id)

    chats = client.get("/chats/").text
    found = client.get(f"/search/?q={comment.text.split()[0]}").text
    page = client.get(ticker.get_absolute_url()).text
    feed = ET.fromstring(client.get(f"/feeds/tickers/{ticker.slug}.atom").content)

    assert parts(chats, 'data-field="title"')[0] == '<span dir="auto" lang="ar" data-field="title">'
    assert [tag for tag in parts(found, "found-text") if 'lang="ar"' not in tag] == []
    assert parts(found, "found-text")
    titles = parts(page, 'class="(?:item-title|ticker-title)"')
    assert len(titles) > 2
    assert [tag for tag in titles if 'lang="ar"' not in tag] == []
    assert [entry.get(LANG) for entry in feed.iter("{http://www.w3.org/2005/Atom}entry")] == ["ar"]
    assert api().get(f"/api/v1/discussions/{comment.discussion_id}/").json()["language"] == "ar"
    assert [row["language"] for row in api().get("/api/v1/tickers/").json()["results"]] == ["ar"]
