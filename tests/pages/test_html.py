"""What readers' browsers get is HTML as the standard has it, and no address in it leads to nothing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

import html5lib
import pytest
from django.test import Client

from accounts.models import User
from articles import actions as article_actions
from articles.models import Article, Ticker, TickerItem
from comments import actions as comment_actions
from comments.models import Comment, Discussion
from tests.conftest import PASSWORD

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
    paths = [
        "/",
        f"/articles/{article.slug}/",
        f"/articles/{article.slug}/?sort=best",
        "/newsticker/",
        "/newsticker/newsticker/1/",
        "/chats/",
    ]
    paths += [f"/chats/{chat.pk}/", f"/comments/{comment.pk}/replies/", f"/sections/{article.section.slug}/"]
    paths += ["/search/?q=auch", "/imprint/", "/nothing/", f"/comments/{reply.pk}/"]
    paths += ["/accounts/profile/"] if person else ["/accounts/login/", "/accounts/signup/"]
    for path in paths:
        _check(client.get(path, follow=True).text, path)


def test_what_is_reached_by_a_deed_is_valid_too(
    article: Article, alice: User, mo: User, eddy: User, say: Callable[..., Comment]
) -> None:
    """Forms of one's own and of moderators, forms that come back, what is blogged live, and pages of errors."""
    blog = article_actions.draft_article(actor=eddy, section=article.section, headline="Am Hafen")
    article_actions.publish_article(blog.pk, actor=eddy)
    live = Ticker.objects.create(slug="am-hafen", title="Am Hafen", article=blog)
    article_actions.publish_item(live, actor=eddy, headline="Sie kommt.", text="Langsam.")
    other = say(comment_actions.discussion_of(blog), "Ich auch.")
    article_actions.retract_article(article.pk, actor=eddy, note="War eine Übung.")
    said = comment_actions.post(comment_actions.discussion_of(blog).pk, author=alice, text="Endlich!").comment
    to_it = f"/discussions/{said.discussion_id}/comments/"
    password = {"password": PASSWORD}
    reader, moderator, strict = Client(), Client(), Client(enforce_csrf_checks=True)
    reader.force_login(alice)
    strict.force_login(alice)
    moderator.force_login(mo)
    answers = [
        (200, moderator.get(f"/comments/{said.pk}/moderate/")),
        (422, moderator.post(f"/comments/{said.pk}/moderate/", {"action": "remove"})),
        (200, reader.get(f"/comments/{said.pk}/edit/")),
        (422, reader.post(f"/comments/{said.pk}/edit/", {"text": ""})),
        (422, reader.post(to_it, {"text": "", "parent": said.pk})),
        (200, reader.get(f"/articles/{blog.slug}/")),
        (200, moderator.get(f"/articles/{blog.slug}/")),
        *[(200, reader.get(f"/accounts/{place}/")) for place in ("email", "2fa", "sessions", "logout")],
        (200, reader.get("/accounts/password/change/")),
        (200, reader.get("/accounts/2fa/totp/activate/", follow=True)),
        (200, reader.post("/accounts/reauthenticate/?next=/accounts/2fa/totp/activate/", password, follow=True)),
        (200, Client().get("/accounts/password/reset/")),
        (403, reader.get(f"/comments/{other.pk}/edit/")),
        (403, strict.post(to_it, {"text": "Ohne Marke."})),
        (404, reader.get("/nothing/")),
        (410, reader.get(f"/articles/{article.slug}/")),
        (413, reader.post(to_it, {"text": "x" * 4_000_001})),
    ]
    for status, answer in answers:
        place = f"{answer.request['REQUEST_METHOD']} {answer.request['PATH_INFO']}?{answer.request['QUERY_STRING']}"
        assert answer.status_code == status, place
        _check(answer.text, place)


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
