"""What readers' browsers get is HTML as the standard has it, and no address in it leads to nothing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

import html5lib
import pytest
from django.test import Client

from accounts.models import User
from articles.models import Article, TickerItem
from comments.models import Comment, Discussion

pytestmark = pytest.mark.django_db
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z")
ADDRESSES = ("href", "src", "action", "formaction")


@pytest.mark.parametrize("who", ["nobody", "alice", "mo"])
def test_every_page_is_valid_and_its_addresses_lead_somewhere(
    client: Client,
    request: pytest.FixtureRequest,
    article: Article,
    item: TickerItem,
    comment: Comment,
    chat: Discussion,
    say: Callable[..., Comment],
    who: str,
) -> None:
    reply = say(comment.discussion, "Das sehe ich auch so.", comment)
    say(chat, "Hallo.")
    person: User | None = None if who == "nobody" else request.getfixturevalue(who)
    if person:
        client.force_login(person)
    paths = ["/", f"/articles/{article.slug}/", f"/articles/{article.slug}/?sort=best", "/newsticker/", "/chats/"]
    paths += [f"/chats/{chat.pk}/", f"/comments/{comment.pk}/replies/", f"/sections/{article.section.slug}/"]
    paths += ["/search/?q=auch", "/imprint/", "/nothing/", f"/comments/{reply.pk}/"]
    paths += ["/accounts/profile/"] if person else ["/accounts/login/", "/accounts/signup/"]
    for path in paths:
        _check(client.get(path, follow=True).text, path)


def _check(page: str, path: str) -> None:
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    tree = parser.parse(page)
    assert [str(each) for each in parser.errors] == [], path
    for element in tree.iter():
        if element.tag == "time":
            assert MOMENT.fullmatch(element.get("datetime", "")), (path, element.attrib)
            assert "".join(element.itertext()).strip(), (path, "an empty time")
        for name in ADDRESSES:
            assert not re.search(r"[^:]//|^//|/-/|##", element.get(name, "")), (path, element.attrib)
    ids = Counter(each.get("id") for each in tree.iter() if each.get("id"))
    assert [name for name, n in ids.items() if n > 1] == [], path
