"""A picture of another site would tell that site who reads: an editor hears so, and nothing is shown half."""

from __future__ import annotations

import pytest

from accounts.actions import write_legal_page
from articles import actions
from articles.models import Article
from newsroom.errors import Invalid
from newsroom.text import sanitise_article

pytestmark = pytest.mark.django_db
FOREIGN = ["![Brücke](https://example.org/b.jpg)", "Davor\n\n> ![](http://example.org/b.jpg?a=1&b=2)"]
OURS = "![Brücke](/media/photos/b.jpg) und [ein Link](https://example.org/b.jpg), auch `![a](https://example.org)`"


@pytest.mark.parametrize("text", FOREIGN)
def test_an_editor_hears_which_picture_is_not_shown(eddy, section, text):
    with pytest.raises(Invalid) as refused:
        actions.draft_article(actor=eddy, headline="Neu", section=section, body=text)

    (sentence,) = refused.value.extra["errors"]["body"]
    assert "b.jpg" in sentence
    assert "&amp;" not in sentence
    assert not Article.objects.exists()

    article = actions.draft_article(actor=eddy, headline="Neu", section=section, body=OURS)
    assert article.html.count("<img") == article.html.count('src="/media/') == 1


def test_an_item_with_one_is_refused_at_its_field(api, eddy, ticker):
    here = f"/api/v1/tickers/{ticker.slug}/items/"

    refused = api(eddy).post(here, {"headline": "Neu", "text": FOREIGN[0]})

    assert (refused.status_code, list(refused.json()["errors"])) == (422, ["text"])
    assert api().get(here).json()["results"] == []
    assert api(eddy).post(here, {"headline": "Neu", "text": OURS}).status_code == 201


def test_a_legal_page_with_one_is_refused(ada):
    with pytest.raises(Invalid):
        write_legal_page("imprint", actor=ada, title="Impressum", body=FOREIGN[0])

    assert "<img" in write_legal_page("imprint", actor=ada, title="Impressum", body=OURS).html


def test_the_form_comes_back_filled_with_the_sentence_at_its_field(client, eddy, section):
    client.force_login(eddy)
    typed = {
        "headline": "Neu",
        "section": section.pk,
        "language": "de",
        "body": FOREIGN[0],
        "related": [],
        "_save": "1",
    }

    page = client.post("/admin/articles/article/add/", typed)

    assert page.status_code == 200
    assert list(page.context["adminform"].form.errors) == ["body"]
    assert page.context["adminform"].form["body"].value() == FOREIGN[0]


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        ('<p>Da: <img src="https://example.org/b.jpg" alt="Die Brücke"></p>', "Da: Die Brücke"),
        ('<p>Da: <img src="//example.org/b.jpg"></p>', "Da: "),
        ('<p>Da: <img alt="a > b" src="b.jpg"></p>', "Da: a &gt; b"),
        ('<p>Da: <img src="/media/b.jpg" alt="Die Brücke"></p>', 'Da: <img src="/media/b.jpg" alt="Die Brücke">'),
    ],
)
def test_foreign_html_never_leaves_a_picture_without_an_address(html, shown):
    assert sanitise_article(html) == f'<p dir="auto">{shown}</p>'
