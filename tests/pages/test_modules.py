"""A page names all modules that it runs, so that they come in one round trip however deep they import each other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urljoin

import pytest
from django.test import Client

from accounts.models import User
from articles.models import Article, TickerItem
from comments.models import Comment, Discussion

pytestmark = pytest.mark.django_db


def _closure(client: Client, entries: list[str]) -> Iterator[str]:
    """What a browser loads for them, one level of imports after the other."""
    known, waiting = set(entries), list(entries)
    while waiting:
        address = waiting.pop()
        yield address
        said = re.findall(r"""^(?:import|export)\b[^"']*["'](\.[^"']+)["'];""", client.get(address).text, re.MULTILINE)
        news = {urljoin(address, each) for each in said} - known
        known |= news
        waiting += news


@pytest.mark.parametrize("is_reader", [False, True])
def test_every_module_of_a_page_is_named_in_it_once_and_no_other(
    client: Client,
    alice: User,
    article: Article,
    item: TickerItem,
    comment: Comment,
    chat: Discussion,
    is_reader: bool,
) -> None:
    if is_reader:
        client.force_login(alice)
    for path in ("/", f"/articles/{article.slug}/", "/newsticker/", "/chats/", f"/chats/{chat.pk}/", "/search/"):
        page = client.get(path).text
        entries = re.findall(r'<script type="module" src="([^"]+)">', page)
        ahead = re.findall(r'<link rel="modulepreload" href="([^"]+)">', page)

        assert sorted([*entries, *ahead]) == sorted(_closure(client, entries)), path
        assert ahead or path == "/search/"
        assert page.index("modulepreload" if ahead else "</head>") < page.index("<body")
