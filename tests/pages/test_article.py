import json
import re
from io import BytesIO

import pytest
from PIL import Image

from articles import actions
from articles.models import Ticker
from newsroom.live.models import Event

pytestmark = pytest.mark.django_db

INVITATION = "take-part-in"


@pytest.fixture
def photo(eddy, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    upload = BytesIO()
    Image.new("RGB", (640, 360), "#224466").save(upload, "PNG")
    upload.seek(0)
    described = {"caption": "Die Fähre am Steg", "alt": "Ein Boot", "credit": "Archiv", "year": 2026}
    return actions.add_photo(upload, actor=eddy, credit_url="https://bilder.example/1", **described)


def test_an_article_reads_like_a_news_page(client, section, eddy, photo):
    drafted = actions.draft_article(
        actor=eddy,
        section=section,
        kicker="Verkehr",
        headline="Fähre fährt",
        lead="Endlich über den Fluss.",
        body="Am Morgen legte sie ab.",
        author_line="Von Eddy",
        photo=photo,
    )
    article = actions.publish_article(drafted.pk, actor=eddy)

    page = client.get(f"/articles/{article.slug}/").text

    main = page[page.index('<main id="content"') :]
    order = [
        "Verkehr",
        '<h1 dir="auto">',
        "Die Fähre am Steg",
        "Archiv",
        "https://bilder.example/1",
        "<time",
        "<newsroom-subscribe",
    ]
    order += ["Endlich über den Fluss.", "Am Morgen legte sie ab.", 'id="discussion"']
    places = [main.index(each) for each in order]
    assert places == sorted(places)
    assert 'type="image/avif"' in main
    assert 'alt="Ein Boot"' in main


def test_it_says_where_one_is_how_long_it_takes_and_how_much_is_said(client, section, eddy, discussion, say):
    article = discussion.article
    actions.correct_article(article.pk, actor=eddy, body="Wort " * 400)
    for text in ("Eins", "Zwei"):
        say(discussion, text)

    page = client.get(f"/articles/{article.slug}/").text

    trail = page[page.index('class="trail"') : page.index("</nav>", page.index('class="trail"'))]
    assert re.findall(r'href="([^"]+)"', trail) == ["/", f"/sections/{section.slug}/"]
    facts = page[page.index('class="story-facts"') : page.index('class="prose"')]
    assert "3 Minuten Lesezeit" in facts  # at 179 words a minute
    assert re.search(r'href="#discussion"\s+data-comment-count>2 Kommentare</a>', facts)
    assert '<newsroom-share><a class="button button-small" href="http://' in facts


def test_time_is_given_in_the_zone_of_the_site(client, article, settings):
    page = client.get(f"/articles/{article.slug}/").text

    moment = re.search(r'<time datetime="([^"]+Z)" data-time="absolute">', page)
    assert moment
    assert f'data-zone="{settings.TIME_ZONE}"' in page


NEEDED = {  # by search engines, of what they show in a form of its own
    "NewsArticle": {"headline", "image", "datePublished", "dateModified", "author", "publisher"},
    "LiveBlogPosting": {"headline", "datePublished", "author", "coverageStartTime", "liveBlogUpdate"},
    "BlogPosting": {"headline", "articleBody", "datePublished", "author", "url"},
    "BreadcrumbList": {"itemListElement"},
    "ListItem": {"position", "name", "item"},
    "DiscussionForumPosting": {"author", "datePublished", "text", "url", "headline", "interactionStatistic"},
    "InteractionCounter": {"interactionType", "userInteractionCount"},
    "Person": {"name"},
    "Organization": {"name", "url"},
}


def linked(page):
    """The data that a page has for search engines, by type; each thing in it has what its type needs."""
    (block,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)
    things = json.loads(block)

    def walk(value):
        for each in value if isinstance(value, list) else value.values():
            if isinstance(each, dict | list):
                walk(each)
        if isinstance(value, dict):
            assert value.keys() >= NEEDED[value["@type"]], value
            assert "" not in value.values()

    walk(things)
    return {each["@type"]: each for each in things if each["@context"] == "https://schema.org"}


def test_search_engines_and_networks_learn_what_it_is(client, section, eddy, photo, discussion, settings):
    article = discussion.article
    actions.correct_article(article.pk, actor=eddy, photo=photo, author_line="Eddy")
    address = f"{settings.SITE_URL}/articles/{article.slug}/"

    page = client.get(f"/articles/{article.slug}/?utm_source=x").text

    assert f'<link rel="canonical" href="{address}">' in page
    assert f'<link rel="alternate" hreflang="de" href="{address}">' in page
    assert f'<meta property="og:image" content="{settings.SITE_URL}{photo.url}">' in page
    data = linked(page)
    assert data["NewsArticle"]["headline"] == article.headline
    assert data["NewsArticle"]["discussionUrl"] == f"{address}#discussion"
    trail = [(each["name"], each["item"]) for each in data["BreadcrumbList"]["itemListElement"]]
    assert trail[1:] == [
        (section.name, f"{settings.SITE_URL}/sections/{section.slug}/"),
        (article.headline, address),
    ]


def test_they_learn_what_a_live_blog_has_said(client, article, eddy):
    ticker = Ticker.objects.create(slug="live", title="Live", article=article)
    for words in ("Es beginnt", "Es endet"):
        last = actions.publish_item(ticker, actor=eddy, headline=words)
    actions.correct_item(last.pk, actor=eddy, headline="Es ist vorbei")

    blog = linked(client.get(f"/articles/{article.slug}/").text)["LiveBlogPosting"]

    assert [each["headline"] for each in blog["liveBlogUpdate"]] == ["Es ist vorbei", "Es beginnt"]
    assert blog["dateModified"] == blog["liveBlogUpdate"][0]["dateModified"] > blog["datePublished"]
    assert blog["coverageStartTime"] == blog["liveBlogUpdate"][1]["datePublished"]
    assert "coverageEndTime" not in blog
    actions.retract_item(last.pk, actor=eddy)
    assert "vorbei" not in client.get(f"/articles/{article.slug}/").text


def test_a_live_blog_says_how_it_stands_and_leads_to_its_key_events(client, article, eddy):
    ticker = actions.keep_ticker(Ticker(slug="live", title="Live", article=article), actor=eddy)

    def shown():
        page = client.get(f"/articles/{article.slug}/").text
        head = page[page.index("<newsroom-blog") : page.index("</newsroom-blog>")]
        (state,) = re.findall(r"data-state>([^<]*)<", head)
        rows = head[head.index("data-keys") : head.index("<template>")]
        return page, state, head, re.findall(r'href="([^"]+)"', rows)

    page, state, _head, keys = shown()
    assert (state, keys) == ("Noch nicht begonnen", [])
    assert "LiveBlogPosting" not in page

    ticker.summary = "Bisher **ruhig**. <script>alert(1)</script>"
    actions.keep_ticker(ticker, actor=eddy)
    for number in range(9):  # so that the first ones are no longer among those that the page shows
        item = actions.publish_item(ticker, actor=eddy, headline=f"Nr. {number}", key_event=number % 4 == 0)
    page, state, head, keys = shown()
    assert (state, keys) == ("Läuft", ["/newsticker/live/9/", "/newsticker/live/5/", "/newsticker/live/1/"])
    assert client.get(keys[-1]).status_code == 200
    assert "<strong>ruhig</strong>" in head
    assert "<script" not in head
    assert len(re.findall(r'data-field="key"\s+>Schlüsselmoment<', page)) == 2  # of those that the page shows
    actions.retract_item(item.pk, actor=eddy)

    actions.keep_ticker(Ticker.objects.get(), actor=eddy, is_over=True)
    page, state, _head, keys = shown()
    assert (state, keys) == ("Beendet", ["/newsticker/live/5/", "/newsticker/live/1/"])
    blog, ticker = linked(page)["LiveBlogPosting"], client.get("/api/v1/tickers/").json()["results"][-1]
    assert (blog["coverageStartTime"], blog["coverageEndTime"]) == (ticker["began_at"], ticker["ended_at"])
    assert (ticker["state"], ticker["summary"]) == ("over", Ticker.objects.get().summary)

    actions.keep_ticker(Ticker.objects.get(), actor=eddy, is_over=False)
    page, state, _head, _keys = shown()
    assert (state, "coverageEndTime" in page) == ("Läuft", False)


def test_an_earlier_summary_is_gone_from_the_log(article, eddy):
    ticker = actions.keep_ticker(Ticker(slug="live", title="Live", article=article, summary="Falsch."), actor=eddy)
    ticker.summary = "Richtig."
    actions.keep_ticker(ticker, actor=eddy)

    told = list(Event.objects.filter(stream=ticker.stream).order_by("offset").values_list("kind", "data"))
    assert [kind for kind, _data in told] == ["ticker.changed", "ticker.changed"]
    assert "Falsch" not in str(told)
    assert (told[1][1]["summary"], told[1][1]["version"]) == ("Richtig.", 2)


def test_they_learn_how_much_is_said_in_a_discussion(client, chat, say):
    say(chat, "Hallo.")

    data = linked(client.get(f"/chats/{chat.pk}/").text)["DiscussionForumPosting"]

    assert data["headline"] == chat.title
    assert data["interactionStatistic"]["userInteractionCount"] == 1


def test_a_headline_cannot_break_out_of_the_linked_data(client, section, eddy):
    drafted = actions.draft_article(actor=eddy, section=section, headline="</script><b>", body="…")
    article = actions.publish_article(drafted.pk, actor=eddy)

    assert "</script><b>" not in client.get(f"/articles/{article.slug}/").text


def test_a_draft_is_a_preview_for_the_newsroom_and_nothing_for_others(client, section, eddy, alice):
    draft = actions.draft_article(actor=eddy, section=section, headline="Noch geheim", body="…")
    address = f"/articles/{draft.slug}/"

    assert client.get(address).status_code == 404
    client.force_login(alice)
    assert client.get(address).status_code == 404
    client.force_login(eddy)
    preview = client.get(address)

    assert preview.status_code == 200
    assert 'content="noindex"' in preview.text
    assert 'id="discussion"' not in preview.text


def test_a_retracted_article_is_gone_for_readers(client, article, eddy):
    actions.retract_article(article.pk, actor=eddy, note="Die Fähre <b>gibt</b> es nicht.")

    gone = client.get(f"/articles/{article.slug}/")
    assert gone.status_code == 410
    assert "Dieser Artikel wurde zurückgezogen." in gone.text
    assert "Die Fähre &lt;b&gt;gibt&lt;/b&gt; es nicht." in gone.text
    assert article.headline not in gone.text
    assert article.headline not in client.get("/").text
    assert client.get("/articles/nie-gewesen/").status_code == 404

    actions.publish_article(article.pk, actor=eddy)
    assert client.get(f"/articles/{article.slug}/").status_code == 200


def test_strangers_are_invited_and_come_back_to_the_discussion(client, article):
    page = client.get(f"/articles/{article.slug}/").text

    assert INVITATION in page
    assert f"/accounts/login/?next=%2Farticles%2F{article.slug}%2F%23discussion" in page
    assert f"/accounts/signup/?next=%2Farticles%2F{article.slug}%2F%23discussion" in page
    assert "<textarea" not in page


def test_who_may_take_part_gets_a_form_instead(client, article, alice):
    client.force_login(alice)

    page = client.get(f"/articles/{article.slug}/").text

    assert INVITATION not in page
    assert "<textarea" in page
    assert "csrfmiddlewaretoken" in page


def test_who_has_not_confirmed_is_told_so(client, article, unconfirmed):
    client.force_login(unconfirmed)

    page = client.get(f"/articles/{article.slug}/").text

    assert "<textarea" not in page
    assert "notice-warning" in page


def test_strangers_all_get_the_same_bytes(client, article, comment):
    address = f"/articles/{article.slug}/"
    first, second = client.get(address), client.get(address + "?utm_campaign=mail")

    assert first.content == second.content
    assert "csrf" not in first.text
    assert not first.cookies
    assert not re.search(r"<script(?![^>]*(src=|type=\"application/))", first.text)
    assert not re.search(r"<style|\sstyle=|\son\w+=", first.text)


def test_an_article_costs_few_queries_however_much_is_said(
    client, article, discussion, say, django_assert_max_num_queries
):
    for number in range(12):
        top = say(discussion, f"Wort {number}")
        say(discussion, f"Antwort {number}", top)

    with django_assert_max_num_queries(10):
        client.get(f"/articles/{article.slug}/")
