"""What a page asks of the database does not grow with what its reader follows, nor with what is on it."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Subscription, User
from articles import actions as article_actions
from articles.models import Article, Section, Ticker
from comments import actions
from comments.models import Discussion

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("serving")]

MOST = 9
MANY = 200


@pytest.fixture
def followed(section, article, ticker, chat, comment, eddy) -> list[tuple[str, int]]:
    """Two hundred things of all kinds: two of three articles, one of six their discussion."""
    for number in range(2):
        Section.objects.create(name=f"Ressort {number}", slug=f"ressort-{number}")
    Ticker.objects.create(slug="faehre", title="Der Tag der Fähre", article=article)
    for number in range(MANY):
        drafted = article_actions.draft_article(actor=eddy, section=section, headline=f"Nachricht {number}", body="…")
        if number % 6 == 0:
            article_actions.publish_article(drafted.pk, actor=eddy)
    named = {"section": Section, "ticker": Ticker, "discussion": Discussion, "article": Article}
    things = [(kind, pk) for kind, model in named.items() for pk in model.objects.values_list("pk", flat=True)]
    assert len(things) > MANY
    return things[:MANY]


@pytest.fixture
def pages(followed, article, item, ticker, chat, comment, bob, eddy) -> list[str]:
    article_actions.publish_item(Ticker.objects.get(slug="faehre"), actor=eddy, headline="Sie legt ab")
    actions.post(comment.discussion_id, author=bob, text="Ja!", parent_id=comment.pk)
    actions.post(chat.pk, author=bob, text="Moin zusammen")
    return [
        *("/", "/sections/lokales/", "/newsticker/", "/newsticker/faehre/", "/newsticker/faehre/1/", "/chats/"),
        *(f"/articles/{article.slug}/", f"/chats/{chat.pk}/"),
    ]


def asked(viewer: User, address: str) -> list[str]:
    """The statements of a page as it usually is: by somebody who has read pages before."""
    client = Client()
    client.force_login(viewer)
    assert client.get(address).status_code == 200
    with CaptureQueriesContext(connection) as queries:
        client.get(address)
    return [each["sql"] for each in queries if not each["sql"].startswith(("BEGIN", "SAVEPOINT", "RELEASE"))]


def follow(viewer: User, things: list[tuple[str, int]]) -> None:
    Subscription.objects.bulk_create(Subscription(user=viewer, kind=kind, target=str(pk)) for kind, pk in things)


def test_a_page_asks_little_of_the_database_whatever_somebody_follows(pages, followed, alice, bob):
    follow(bob, followed)

    for address in pages:
        statements = asked(alice, address)
        assert len(asked(bob, address)) == len(statements), address
        assert len(statements) <= MOST, [address, *(each[:99] for each in statements)]


def test_the_profile_asks_once_for_each_kind_of_what_somebody_follows(followed, alice, bob):
    follow(bob, followed)

    assert len(asked(alice, "/accounts/profile/")) <= 9
    statements = asked(bob, "/accounts/profile/")
    assert len(statements) <= 13, statements  # four of them about what is followed, one about earlier comments
