"""What becomes of the posts of a WordPress export."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from articles.models import Article, Section
from comments.models import Comment
from tests.support.directions import directed

pytestmark = pytest.mark.django_db
SITE = "hafen.example/blog"


def _article(number: int) -> Article:
    return Article.objects.get(source="wordpress", source_id=f"{SITE}:{number}")


@pytest.mark.parametrize(
    ("number", "state"),
    [(11, "published"), (12, "published"), (14, "draft"), (15, "draft"), (16, "draft"), (17, "scheduled")],
)
def test_a_post_gets_the_state_that_it_had(imported, number, state):
    assert _article(number).state == state


def test_what_is_no_post_is_left_out(imported):
    assert not Article.objects.filter(headline__in=["Impressum", "klein.jpg", "Papierkorb", "Noch einmal"]).exists()
    assert Article.objects.count() == 7


def test_it_keeps_its_words_its_time_and_its_author(imported):
    article = _article(11)

    assert article.headline == "Ein Steg & seine Leute"
    assert article.lead == "Wer hier wohnt."
    assert article.author_line == "Greta Sund"
    assert article.language == "de"
    assert article.published_at == datetime(2019, 3, 2, 10, tzinfo=UTC)


def test_names_are_read_alike_wherever_they_stand(db, run, blog):
    """WordPress writes names and titles as HTML."""
    html, words = "M&uuml;ller &amp; S&ouml;hne &#8211; <i>Team</i>", "Müller & Söhne – Team"
    run(
        blog(
            *("Ein Steg &amp; seine Leute", f"<![CDATA[{html}]]>"),
            *("Greta Sund", html),
            *("Boote & Schiffe", html),
            *("Ada &amp; Söhne", html),
            *("Wer hier <strong>wohnt</strong>.", html),
            *("<dc:creator>niemand", f"<dc:creator><![CDATA[{html}]]>"),
        )
    )

    article = _article(11)
    assert [article.headline, article.author_line, article.section.name, article.lead] == [words] * 4
    assert _article(12).author_line == words
    assert Comment.objects.get(source_id=f"{SITE}:101").author_name == words


def test_a_scheduled_one_keeps_its_time(imported):
    assert _article(17).publish_at == datetime(2199, 1, 1, 10, tzinfo=UTC)


def test_a_future_post_whose_time_has_come_is_published(db, run, blog):
    run(blog("2199-01-01 10:00:00", "2020-01-01 10:00:00"))

    assert _article(17).published_at == datetime(2020, 1, 1, 10, tzinfo=UTC)


def test_a_draft_without_a_time_in_utc_takes_the_local_one(imported):
    assert _article(16).created_at == datetime(2019, 5, 4, 10, tzinfo=UTC)


def test_addresses_are_unique_and_safe(imported):
    assert [_article(number).slug for number in (11, 12, 13)] == ["ein-steg", "ein-steg-2", "privet"]


@pytest.mark.parametrize(
    ("given", "slug"),
    [
        ("a" * 150, "a" * 150),
        ("steg_2-neu", "steg_2-neu"),
        ("%d0%ba%d0%b8%d1%97%d0%b2-%d1%96-%d1%94%d0%b2%d1%80%d0%be%d0%bf%d0%b0", "kyiv-i-yevropa"),
        ("%e4%b8%8a%e6%b5%b7", "shanghai"),
        ("", "ein-steg-seine-leute"),
    ],
)
def test_an_address_that_the_file_has_is_kept_or_written_in_latin(db, run, blog, client, given, slug):
    run(blog("<wp:post_name>ein-steg</wp:post_name>\n", f"<wp:post_name>{given}</wp:post_name>\n"))

    assert _article(11).slug == slug
    assert client.get(f"/articles/{slug}/").status_code == 200


def test_an_untitled_post_is_named_after_its_first_words(imported):
    assert _article(13).headline == "Ohne Überschrift, aber mit einem Satz, der für eine ganze …"


def test_the_first_category_that_says_something_is_the_section(imported):
    assert (_article(11).section.slug, _article(11).section.name) == ("boote", "Boote & Schiffe")
    assert _article(12).section.slug == "uncategorized"


def test_a_section_of_the_house_is_used_where_the_name_is_the_same(db, run):
    ours = Section.objects.create(name="Boote & schiffe", slug="wassersport")

    run()

    assert _article(11).section == ours


def test_paragraphs_are_made_as_wordpress_shows_them(imported):
    html = _article(11).html

    assert html.startswith(
        directed("<p>Erster Absatz,<br>\nzweite Zeile.</p>\n<p>Zweiter Absatz mit <strong>Nachdruck</strong>.")
    )
    assert directed("<h2>Am Wasser</h2>") in html
    assert directed("<pre>a\n\n  b</pre>") in html
    assert directed("<ul>\n<li>Tau</li>\n<li>Anker</li>\n</ul>") in html


def test_the_block_editor_has_made_its_paragraphs_itself(imported):
    assert _article(12).html == directed("<p>Aus dem\nBlockeditor.</p>")


def test_a_captioned_picture_becomes_a_figure_that_links_to_it(imported):
    assert (
        '<figure><a href="https://hafen.example/gross.jpg" rel="noopener">Steg im Nebel</a>'
        '<figcaption dir="auto">Der Steg, <em>früh</em></figcaption></figure>'
    ) in _article(11).html.replace("\n<figcaption", "<figcaption").replace("</figcaption>\n", "</figcaption>")


def test_players_and_lone_addresses_become_links(imported):
    html = _article(11).html

    assert 'href="https://video.example/embed/7"' in html
    assert 'href="https://karte.example/steg"' in html
    assert "[gallery" not in html


def test_nothing_runs(imported):
    html = _article(11).html

    assert "nein" in html
    for poison in ("script", "onclick", "javascript", "iframe", "alert", "<img"):
        assert poison not in html


def test_an_imported_article_can_be_corrected_like_any_other(imported, eddy):
    from articles.actions import correct_article

    article = correct_article(_article(11).pk, actor=eddy, headline="Ein Steg")

    assert (article.headline, article.body_format) == ("Ein Steg", "html")
    assert "Zweiter Absatz" in article.html
