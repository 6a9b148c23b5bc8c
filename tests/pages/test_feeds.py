import re
from urllib.parse import quote
from xml.etree import ElementTree as ET

import feedparser
import pytest
from django.db import models
from django.utils import timezone

from articles import actions
from articles.models import Article, Section, State, Ticker, TickerItem
from comments import actions as comment_actions
from newsroom.pages.sitemap import NEWS_FOR, PART

pytestmark = pytest.mark.django_db

ATOM = "{http://www.w3.org/2005/Atom}"


def titles(answer):
    return [entry.findtext(f"{ATOM}title") for entry in ET.fromstring(answer.content).iter(f"{ATOM}entry")]


def test_articles_can_be_read_in_a_feed_reader(client, article, section, eddy):
    actions.draft_article(actor=eddy, section=section, headline="Noch geheim", body="…")

    assert titles(client.get("/feeds/articles.atom")) == [article.headline]
    assert titles(client.get("/feeds/sections/lokales.atom")) == [article.headline]
    assert client.get("/feeds/sections/nowhere.atom").status_code == 404


def test_a_ticker_can_be_read_in_a_feed_reader(client, item, eddy):
    assert titles(client.get("/feeds/tickers/newsticker.atom")) == [item.headline]

    actions.retract_item(item.pk, actor=eddy)

    assert titles(client.get("/feeds/tickers/newsticker.atom")) == []


def test_one_odd_sign_in_a_row_does_not_refuse_a_feed(client, article, section, ticker, item):
    """A backup, or somebody's own SQL, can bring in what no form or import lets through."""
    odd = models.Value("Stadt\x07\x0b\ufffe & Land")
    Section.objects.update(name=odd)
    Article.objects.update(headline=odd, lead=odd, author_line=odd)
    Ticker.objects.update(title=odd)
    TickerItem.objects.update(headline=odd, html=odd)

    for path in ("articles", "sections/lokales", "tickers/newsticker"):
        assert titles(client.get(f"/feeds/{path}.atom")) == ["Stadt & Land"]
        assert client.get(f"/feeds/{path}.json").json()["items"][0]["title"].startswith("Stadt")
    assert ET.fromstring(client.get("/sitemap.xml").content).tag.endswith("urlset")


def test_links_come_from_the_site_and_not_from_the_request(client, article, settings):
    settings.ALLOWED_HOSTS = ["other.example"]

    feed = client.get("/feeds/articles.atom", headers={"host": "other.example"}).text

    assert "other.example" not in feed
    assert f"{settings.SITE_URL}/articles/{article.slug}/" in feed


def test_the_sitemap_names_what_is_public(client, article, ticker, section, eddy):
    draft = actions.draft_article(actor=eddy, section=section, headline="Noch geheim", body="…")

    found = client.get("/sitemap.xml")

    assert ET.fromstring(found.content).tag.endswith("urlset")
    assert f"/articles/{article.slug}/" in found.text
    assert "<news:title>Die neue Fähre fährt</news:title>" in found.text
    assert "/newsticker/" in found.text
    assert draft.slug not in found.text
    assert "Sitemap: http" in client.get("/robots.txt").text


def test_a_large_sitemap_comes_in_parts_with_each_article_once(client, article, ticker, section):
    last = article.pk // PART * PART + 2 * PART  # a whole part between has nobody
    live = Ticker.objects.create(slug="hafen-live", title="Live vom Hafen", article=article)
    drafts = _articles(section, state=State.DRAFT, ids=[last + 3, last + PART])
    late = _articles(section, state=State.PUBLISHED, ids=[last, last + 1, last + PART - 1])

    index = ET.fromstring(client.get("/sitemap.xml").content)
    paths = _paths(index)
    answers = [client.get(path) for path in paths]
    named = [path for answer in answers for path in _paths(ET.fromstring(answer.content))]

    assert index.tag == "{http://www.sitemaps.org/schemas/sitemap/0.9}sitemapindex"
    assert [answer.status_code for answer in answers] == [200] * 3
    assert sorted(named) == sorted(
        ["/", "/chats/", "/newsticker/", section.get_absolute_url(), live.get_absolute_url()]
        + [each.get_absolute_url() for each in (article, *late)]
    )
    assert not any(each.slug in path for each in drafts for path in named)
    for number in (article.pk // PART, last // PART, last // PART - 1, last // PART + 1, 10**20):
        path = f"/sitemap/articles-{number}.xml"
        assert client.get(path).status_code == (200 if path in paths else 404)


def test_an_old_article_is_no_news(client, article):
    Article.objects.update(published_at=timezone.now() - NEWS_FOR)

    found = client.get("/sitemap.xml").text

    assert article.get_absolute_url() in found
    assert "news:title" not in found


def _paths(root: ET.Element) -> list[str]:
    return [(found.text or "").removeprefix("http://testserver") for found in root.iterfind("{*}*/{*}loc")]


def _articles(section: Section, *, state: str, ids: list[int]) -> list[Article]:
    """Bare rows with these numbers."""
    rows = [Article(pk=pk, slug=f"nummer-{pk}", headline=f"Nummer {pk}", section=section, state=state) for pk in ids]
    for row in rows:
        row.published_at = timezone.now() if state == State.PUBLISHED else None
    return Article.objects.bulk_create(rows)


@pytest.mark.parametrize(
    "path", ["/", "/newsticker/", "/chats/", "/feeds/articles.atom", "/sitemap.xml", "/robots.txt"]
)
def test_what_has_not_changed_is_not_sent_again(client, article, ticker, chat, path):
    first = client.get(path)

    again = client.get(path, headers={"if-none-match": first["ETag"]})

    assert first["Cache-Control"] == "no-cache"
    assert again.status_code == 304


def test_what_has_changed_is_sent_again(client, article, ticker, eddy):
    first = client.get("/newsticker/")

    actions.publish_item(ticker, actor=eddy, headline="Neu")

    assert client.get("/newsticker/", headers={"if-none-match": first["ETag"]}).status_code == 200


def test_a_page_with_an_account_on_it_is_for_nobody_else(client, article, alice):
    client.force_login(alice)

    assert client.get("/")["Cache-Control"] == "private, no-cache"


def test_the_same_can_be_read_as_json(client, article, item, section, settings):
    for path, page in (("articles", "/"), ("sections/lokales", "/sections/lokales/")):
        answer = client.get(f"/feeds/{path}.json")
        feed = answer.json()

        assert answer["Content-Type"].startswith("application/feed+json")
        assert feed["version"] == "https://jsonfeed.org/version/1.1"
        assert feed["home_page_url"] == settings.SITE_URL + page
        assert [each["title"] for each in feed["items"]] == [article.headline]
        assert feed["items"][0]["url"] == settings.SITE_URL + article.get_absolute_url()

    (entry,) = client.get("/feeds/tickers/newsticker.json").json()["items"]
    assert (entry["title"], entry["content_html"]) == (item.headline, item.html)
    assert client.get("/feeds/tickers/nowhere.json").status_code == 404


def test_a_lead_is_text_whatever_stands_in_it(client, section, eddy):
    drafted = actions.draft_article(actor=eddy, section=section, headline="Rätsel", lead="Ist 1 <b>2?", body="…")
    actions.publish_article(drafted.pk, actor=eddy)

    (entry,) = client.get("/feeds/articles.json").json()["items"]

    assert entry["content_html"] == "Ist 1 &lt;b&gt;2?"
    (summary,) = ET.fromstring(client.get("/feeds/articles.atom").content).iter(f"{ATOM}summary")
    assert summary.text == "Ist 1 &lt;b&gt;2?"


@pytest.mark.parametrize("path", ["/", "/sections/lokales/", "/newsticker/"])
def test_a_page_names_its_feeds(client, article, ticker, path):
    page = client.get(path).text

    for kind in ("application/atom+xml", "application/feed+json"):
        (link,) = re.findall(rf'<link rel="alternate" type="{re.escape(kind)}" href="([^"]+)">', page)
        assert client.get(link).status_code == 200


def test_a_discussion_can_be_read_in_a_feed_reader(client, article, discussion, comment, alice, bob, mo, eddy):
    """Comments and replies, the newest first; what was removed is not there."""
    answer = comment_actions.post(discussion.pk, author=bob, text="Ja, & zwar *bald*.", parent_id=comment.pk).comment
    gone = comment_actions.post(discussion.pk, author=alice, text="Geht weg").comment
    comment_actions.remove(gone.pk, actor=mo, reason="insult")
    path = f"/feeds/discussions/{discussion.pk}"

    feed, (first, second) = client.get(f"{path}.json").json(), client.get(f"{path}.json").json()["items"]

    assert feed["home_page_url"] == f"http://testserver{article.get_absolute_url()}"
    assert (first["title"], first["authors"]) == ("Bob zu „Die neue Fähre fährt“", [{"name": "Bob"}])
    assert first["content_html"] == answer.html
    assert first["url"] == f"http://testserver/comments/{answer.pk}/"
    assert second["url"] == f"http://testserver/comments/{comment.pk}/"
    assert titles(client.get(f"{path}.atom")) == [first["title"], second["title"]]
    page = client.get(article.get_absolute_url()).text
    assert f'type="application/atom+xml" href="{path}.atom"' in page
    actions.retract_article(article.pk, actor=eddy)
    assert client.get(f"{path}.atom").status_code == 410


def test_every_feed_is_what_feed_readers_understand(client, article, item, discussion, comment):
    paths = ["articles", "sections/lokales", "tickers/newsticker", f"discussions/{discussion.pk}"]
    for path in paths:
        feed = feedparser.parse(client.get(f"/feeds/{path}.atom").content)

        assert not feed.bozo, (path, feed.get("bozo_exception"))
        assert feed.version == "atom10"
        assert {link.rel for link in feed.feed.links} == {"alternate", "self"}
        assert feed.feed.id
        assert feed.feed.updated_parsed
        (entry,) = feed.entries
        assert all(entry.get(name) for name in ("id", "title", "link", "updated_parsed", "published_parsed", "author"))


def test_a_discussion_that_was_merged_leads_to_the_other(client, chat, mo, ada):
    other = comment_actions.start_chat(actor=mo, title="Der andere Chat")
    comment_actions.merge(chat.pk, other.pk, actor=ada)

    answer = client.get(f"/feeds/discussions/{chat.pk}.json")

    assert (answer.status_code, answer["Location"]) == (302, f"/feeds/discussions/{other.pk}.json")


def test_other_sites_can_show_a_comment(client, article, discussion, alice, mo, settings):
    comment = comment_actions.post(discussion.pk, author=alice, text="Endlich <b>mehr</b>").comment
    here = f"{settings.SITE_URL}/comments/{comment.pk}/"

    def asked(url, more=""):
        return client.get(f"/oembed/?url={quote(url, safe='')}{more}")

    found = asked(here, "&maxwidth=320")
    shown = found.json()
    assert (shown["version"], shown["type"], shown["author_name"]) == ("1.0", "rich", "Alice")
    assert (shown["width"], shown["title"]) == (320, article.headline)
    assert f'cite="{here}"' in shown["html"]
    assert comment.html in shown["html"]
    assert found["Access-Control-Allow-Origin"] == "*"
    page = f"{settings.SITE_URL}{article.get_absolute_url()}#comment-{comment.pk}"
    assert asked(page).json() == asked(here).json()
    (link,) = re.findall("<([^>]+)>", client.get(f"/comments/{comment.pk}/")["Link"])
    assert client.get(link.removeprefix(settings.SITE_URL)).json() == asked(here).json()
    assert asked(here, "&format=xml").status_code == 501
    foreign = [here.replace("testserver", "other.example"), f"{settings.SITE_URL}/", "", "http://[", f"{here}x/"]
    assert [asked(each).status_code for each in foreign] == [404] * len(foreign)
    assert client.get("/oembed/").status_code == 400

    comment_actions.remove(comment.pk, actor=mo, reason="insult")

    assert asked(here).status_code == 404


def test_what_waits_is_shown_nowhere_else(client, discussion, alice, mo, settings):
    comment_actions.open_discussion(discussion.pk, actor=mo, premoderated=True)
    held = comment_actions.post(discussion.pk, author=alice, text="Wartet noch").comment
    client.force_login(alice)  # she may read it, programs may not

    url = quote(f"{settings.SITE_URL}/comments/{held.pk}/", safe="")

    assert client.get(f"/oembed/?url={url}").status_code == 404
    assert client.get(f"/feeds/discussions/{discussion.pk}.json").json()["items"] == []
    comment_actions.approve(held.pk, actor=mo)
    assert client.get(f"/oembed/?url={url}").status_code == 200


def test_who_is_answered_reads_it_in_a_feed_reader_at_an_address_of_their_own(client, comment, alice, bob, mo, ada):
    """The address is made, renewed and ended in the profile; nothing is there for anybody who does not know it."""
    mine = client.__class__()
    mine.force_login(alice)
    reply = comment_actions.post(comment.discussion_id, author=bob, text="Ja", parent_id=comment.pk).comment
    named = comment_actions.post(comment.discussion_id, author=bob, text="Was sagt @Alice dazu?").comment
    comment_actions.post(comment.discussion_id, author=bob, text="Niemand ist gemeint")

    def address():
        found = re.search(r'value="http://testserver(/feeds/replies/[^"]+)\.atom"', mine.get("/accounts/profile/").text)
        return found and found[1]

    assert address() is None
    mine.post("/accounts/profile/feed/", {"deed": "open"})
    first = address()
    answer = client.get(f"{first}.atom")
    assert titles(answer) == ["Bob zu „Die neue Fähre fährt“"] * 2
    urls = [each["url"] for each in client.get(f"{first}.json").json()["items"]]
    assert urls == [f"http://testserver/comments/{each.pk}/" for each in (named, reply)]
    assert (answer["Cache-Control"], answer["X-Robots-Tag"]) == ("private, no-cache", "noindex")
    assert client.get(f"{first}.atom", headers={"if-none-match": answer["ETag"]}).status_code == 304
    assert not feedparser.parse(answer.content).bozo

    comment_actions.ignore(bob.pk, reader=alice)
    assert titles(client.get(f"{first}.atom")) == []
    comment_actions.stop_ignoring(bob.pk, reader=alice)
    comment_actions.remove(named.pk, actor=mo, reason="insult")
    assert len(titles(client.get(f"{first}.atom"))) == 1

    mine.post("/accounts/profile/feed/", {"deed": "open"})
    second = address()
    assert [client.get(f"{each}.atom").status_code for each in (first, second)] == [404, 200]
    alice.__class__.objects.filter(pk=alice.pk).update(is_active=False)
    assert client.get(f"{second}.atom").status_code == 404
    alice.__class__.objects.filter(pk=alice.pk).update(is_active=True)
    mine.post("/accounts/profile/feed/", {"deed": "close"})
    assert address() is None
    assert client.get(f"{second}.atom").status_code == 404
