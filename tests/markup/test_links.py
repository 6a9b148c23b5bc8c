"""A link says where it leads: where it shows another address its host follows; what leads nowhere is text."""

from __future__ import annotations

import re
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

from accounts.models import LegalPage
from articles.importers.markup import article_html, comment_html
from newsroom.text import render_article, render_comment, sanitise_article, sanitise_comment

RENDERERS = pytest.mark.parametrize("render", [render_comment, render_article])


def shown(html: str) -> str:
    return re.sub(r"<[^>]*>", "", html)


@RENDERERS
@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("[bank.example](https://evil.example/a)", "bank.example (evil.example)"),
        ("[https://bank.example/login](https://bank.example.evil.example/)", "bank.example.evil.example)"),
        ("[**www.bank.example**](https://evil.example)", "www.bank.example (evil.example)"),
        ("[Zu Bank.Example/konto](https://evil.example)", "Zu Bank.Example/konto (evil.example)"),
        ("[bank。example](https://evil.example)", "bank。example (evil.example)"),
        ("https://bank.example@evil.example/", "https://bank.example@evil.example/ (evil.example)"),
        ("[mia@bank.example](mailto:mia@evil.example)", "mia@bank.example (mia@evil.example)"),
        ("[mia@bank.example](https://evil.example)", "mia@bank.example (evil.example)"),
        ("https://bаnk.example/", "https://bаnk.example/ (xn--bnk-6cd.example)"),  # with a Cyrillic letter
        ("[Straße](https://faß.example/)", "Straße"),
    ],
)
def test_a_link_that_looks_like_another_address_is_followed_by_its_host(render, text, seen):
    assert shown(render(text)).endswith(seen)


@RENDERERS
@pytest.mark.parametrize(
    "text",
    [
        "https://a.example/x?y=b.example",
        "[der Fahrplan](https://a.example)",
        "[a.example](https://www.a.example/x)",
        "[www.A.example](https://a.example)",
        "[z.B. am 1.5. um 8.30 Uhr](https://a.example)",
        "www.a.example",
        "mia@a.example",
        "+mia@a.example",
        "https://xn--bnk-6cd.example/",
        "https://a.example/@mia#@leo",
    ],
)
def test_a_link_that_shows_where_it_leads_is_left_alone(render, text):
    html = render(text)

    assert "<a href=" in html
    assert not shown(html).endswith(")")


@pytest.mark.parametrize("again", [(render_comment, sanitise_comment), (render_article, sanitise_article)])
def test_the_host_is_said_once(again):
    render, sanitise = again
    html = render("[b.example](https://a.example) (a.example) und [b.example](https://a.example)")

    assert sanitise(html) == html
    assert html.count("(a.example)") == 2


@pytest.mark.parametrize(
    ("address", "in_comment", "in_article", "imported"),
    [
        ("https://a.example/b", *["https://a.example/b"] * 3),
        ("mailto:a@b.example", *["mailto:a@b.example"] * 3),
        ("/admin/", "", "/admin/", "https://old.example/admin/"),
        ("x.html", "", "", "https://old.example/blog/x.html"),
        ("//evil.example", "", "", "https://evil.example/"),
        ("/\\evil.example", "", "", "https://evil.example/"),
        ("/\t/evil.example", "", "", "https://evil.example/"),
        ("http:admin", "", "", ""),
        ("javascript:a", "", "", ""),
    ],
)
def test_only_addresses_of_the_web_are_links(address, in_comment, in_article, imported):
    link, site = f'<p><a href="{address}">hier</a></p>', "https://old.example/blog/"

    for html, expected in [
        (sanitise_comment(link), in_comment),
        (sanitise_article(link), in_article),
        (comment_html(link, site), imported),
        (article_html(link, site), imported),
    ]:
        assert shown(html) == "hier"
        assert re.findall(r'<a href="([^"]*)"', html) == ([expected] if expected else [])


@pytest.mark.django_db
def test_what_was_stored_before_follows_the_same_rules(comment):
    old = '<p><a href="https://evil.example" rel="nofollow ugc noopener">bank.example</a></p>\n<ul>\n<li>a</li>\n</ul>'
    type(comment).objects.filter(pk=comment.pk).update(html=old)
    LegalPage.objects.update_or_create(slug="privacy", defaults={"html": "<p>Daten</p>"})

    for app, name in [
        ("comments", "0017_directions"),
        ("articles", "0007_directions"),
        ("accounts", "0007_directions"),
    ]:
        import_module(f"{app}.migrations.{name}").Migration.operations[0].code(apps, connection.schema_editor())

    comment.refresh_from_db()
    assert comment.html == sanitise_comment(old) != old
    assert "bank.example</a> (evil.example)</p>" in comment.html
    assert LegalPage.objects.get(slug="privacy").html == '<p dir="auto">Daten</p>'
