import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Sanction
from comments import actions
from comments.models import Comment
from newsroom.pages.discussions import REPLIES_A_PAGE

pytestmark = pytest.mark.django_db


def anchors(page):
    return re.findall(r'id="comment-(\d+)"', page.text)


def page_of(client, comment):
    """Follows the permalink; the page and the anchor that it names."""
    answer = client.get(f"/comments/{comment.pk}/")
    assert answer.status_code == 302
    address, _, anchor = answer.url.partition("#")
    return client.get(address), anchor


def test_a_comment_stands_under_its_article_with_its_replies(client, article, discussion, say):
    top = say(discussion, "Ein **guter** Anfang")
    reply = say(discussion, "Finde ich auch", top)

    page = client.get(f"/articles/{article.slug}/")

    assert "Ein <strong>guter</strong> Anfang" in page.text
    assert anchors(page) == [str(top.pk), str(reply.pk)]


def test_the_newest_comment_stands_on_top_unless_asked_otherwise(client, article, discussion, say):
    first, second = say(discussion, "Erstens"), say(discussion, "Zweitens")

    assert anchors(client.get(f"/articles/{article.slug}/")) == [str(second.pk), str(first.pk)]
    assert anchors(client.get(f"/articles/{article.slug}/?sort=oldest")) == [str(first.pk), str(second.pk)]


def test_walking_a_discussion_meets_every_comment_once(client, article, discussion, say):
    said = [say(discussion, f"Wort {number}") for number in range(30)]

    first = client.get(f"/articles/{article.slug}/")
    second = client.get(first.context["page"]["next"])

    assert anchors(first) + anchors(second) == [str(each.pk) for each in said[::-1]]


def test_what_was_taken_down_keeps_its_place_but_not_its_words(client, article, discussion, say, mo):
    rude = say(discussion, "Eine Frechheit")
    say(discussion, "Doch, doch", rude)

    actions.remove(rude.pk, actor=mo, reason="insult")
    page = client.get(f"/articles/{article.slug}/")

    assert str(rude.pk) in anchors(page)
    assert "Eine Frechheit" not in page.text
    assert "Doch, doch" in page.text


def test_a_permalink_leads_to_the_page_on_which_a_comment_stands(client, discussion, say):
    said = [say(discussion, f"Wort {number}") for number in range(60)]

    for comment in (said[-1], said[35], said[30], said[0]):
        page, anchor = page_of(client, comment)
        assert anchor == f"comment-{comment.pk}"
        assert str(comment.pk) in anchors(page)


def test_a_permalink_leads_to_a_reply_too_however_deep(client, discussion, say):
    top = say(discussion, "Oben")
    replies = [say(discussion, f"Antwort {number}", top) for number in range(55)]
    say(discussion, "Neuer")

    for comment in (replies[0], replies[2], replies[3], replies[49], replies[50], replies[54]):
        page, anchor = page_of(client, comment)
        assert anchor == f"comment-{comment.pk}"
        assert str(comment.pk) in anchors(page)


def test_a_thread_has_a_page_with_all_its_replies(client, discussion, say):
    top = say(discussion, "Oben")
    replies = [say(discussion, f"Antwort {number}", top) for number in range(5)]

    front = client.get(f"/articles/{discussion.article.slug}/")
    thread = client.get(f"/comments/{top.pk}/replies/")

    assert f'href="/comments/{top.pk}/replies/">2 ' in front.text
    assert anchors(thread) == [str(each.pk) for each in (top, *replies)]
    assert anchors(client.get(f"/comments/{replies[4].pk}/replies/")) == anchors(thread)


def test_a_permalink_of_nothing_is_not_found(client):
    assert client.get("/comments/1/").status_code == 404
    assert client.get(f"/comments/{2**70}/").status_code == 404


def test_discussions_are_listed_by_their_last_activity(client, discussion, chat, say):
    say(chat, "Moin")
    say(discussion, "Guten Tag")

    first = [row["id"] for row in client.get("/chats/").context["discussions"]]
    say(chat, "Wieder da")
    second = [row["id"] for row in client.get("/chats/").context["discussions"]]

    assert first == [discussion.pk, chat.pk]
    assert second == [chat.pk, discussion.pk]


def test_a_chat_is_read_from_top_to_bottom_and_opens_at_its_end(client, chat, say):
    said = [say(chat, f"Zeile {number}") for number in range(60)]

    last = client.get(f"/chats/{chat.pk}/")
    earlier = client.get(last.context["page"]["next"])

    assert anchors(earlier) + anchors(last) == [str(each.pk) for each in said]
    assert 'role="log"' in last.text


def test_a_thread_is_read_under_its_article(client, discussion):
    answer = client.get(f"/chats/{discussion.pk}/")

    assert (answer.status_code, answer.url) == (302, f"/articles/{discussion.article.slug}/#discussion")


@pytest.mark.usefixtures("serving")
def test_a_chat_costs_the_same_queries_for_few_and_for_many(client, chat, say, django_assert_num_queries):
    for number in range(20):
        say(chat, f"Zeile {number}")
    client.get(f"/chats/{chat.pk}/")  # PostgreSQL is asked once for lines that nobody has seen

    with django_assert_num_queries(3):  # discussion with position and counts, lines, sections of the head
        client.get(f"/chats/{chat.pk}/")
    with django_assert_num_queries(3):  # position, discussions, sections of the head
        client.get("/chats/")


@pytest.mark.usefixtures("serving")
def test_a_permalink_and_a_thread_of_replies_cost_few_queries(client, discussion, say, django_assert_max_num_queries):
    top = say(discussion, "Oben")
    replies = [say(discussion, f"Antwort {number}", top) for number in range(8)]

    with django_assert_max_num_queries(6):  # the comment, its place before others
        client.get(f"/comments/{replies[-1].pk}/")
    with django_assert_max_num_queries(6):  # the comment, its discussion, the replies, sections of the head
        client.get(f"/comments/{top.pk}/replies/")


@pytest.fixture
def spoken_of(discussion, chat, say):
    """Pages with a dozen comments: address → statements for a visitor, at most."""
    top = say(discussion, "Oben")
    for number in range(12):
        say(discussion, f"Wort {number}")
        say(discussion, f"Antwort {number}", top)
        say(chat, f"Zeile {number}")
    return {
        discussion.page: 8,  # article, its related ones, discussion, lines, replies; sections of the head
        chat.page: 3,  # discussion, lines; sections of the head
        f"/comments/{top.pk}/replies/": 5,  # comment, discussion, the first line, those below it; sections of the head
    }


def cost(client, address):
    client.get(address)  # statements are compiled, and kept rows are known
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    return len(asked)


@pytest.mark.usefixtures("serving")
def test_an_account_costs_three_statements_whatever_it_has(client, spoken_of, discussion, chat, alice, bob):
    for_visitors = {address: cost(client, address) for address in spoken_of}
    assert all(for_visitors[address] <= most for address, most in spoken_of.items()), for_visitors
    with_an_account = {
        address: number + 3 for address, number in for_visitors.items()
    }  # session, person, what is theirs

    client.force_login(bob)
    assert {address: cost(client, address) for address in spoken_of} == with_an_account

    client.force_login(alice)
    for number in range(200):
        alice.subscriptions.create(kind="article", target=str(number + 1000))
    alice.subscriptions.create(kind="article", target=str(discussion.article_id))
    for comment in Comment.objects.filter(parent=None):
        actions.react(comment.pk, "like", actor=alice)
        actions.react(comment.pk, "heart", actor=alice)
    for place in (discussion, chat):
        actions.keep_draft(place, person=alice, text="Ich wollte noch sagen")
    assert {address: cost(client, address) for address in spoken_of} == with_an_account
    page = client.get(discussion.page).text
    assert page.count('aria-pressed="true"') == 2 + 2 * 13  # the language, the button to follow, the signs
    assert "Ich wollte noch sagen</textarea>" in page


@pytest.mark.usefixtures("serving")
def test_only_whoever_is_barred_or_waits_pays_for_it(client, spoken_of, discussion, alice, bob, mo):
    usual = cost(client, discussion.page) + 3
    client.force_login(alice)
    Sanction.objects.create(user=alice, scope="comment", reason="spam", imposed_by=mo)
    assert cost(client, discussion.page) == usual + 2  # which sanctions bar from writing, and from reacting
    assert "Grund: Spam" in client.get(discussion.page).text

    client.force_login(bob)
    for number in range(3):
        actions.post(discussion.pk, author=bob, text=f"Schon gesagt {number}")
    assert cost(client, discussion.page) == usual
    actions.open_discussion(discussion.pk, actor=mo, premoderated=True)
    held = [actions.post(discussion.pk, author=bob, text=f"Bitte lesen {number}").comment for number in range(3)]
    actions.reject(held[0].pk, actor=mo, reason="spam")
    assert cost(client, discussion.page) == usual + 4  # held ones and why, rejected ones and why
    page = client.get(discussion.page).text
    assert [f"Bitte lesen {number}" in page for number in range(3)] == [True] * 3


def test_a_closed_discussion_says_why(client, discussion, mo, alice):
    actions.close_discussion(discussion.pk, actor=mo, reason="Es wird zu persönlich.")
    client.force_login(alice)

    page = client.get(f"/articles/{discussion.article.slug}/").text

    assert "Es wird zu persönlich." in page
    assert re.search(r"data-writing hidden", page)
    assert Comment.objects.count() == 0


def standing(html: str) -> list[tuple[str, str, str]]:
    """(level, text, whom it says to answer) of each reply."""
    rows = re.findall(r'<li class="comment[^>]*\sdata-level="(\d)"(.*?)</article>', html, re.DOTALL)
    text = re.compile(r'data-field="html"[^>]*><p dir="auto">(.*?)</p>')
    said = re.compile(r'data-field="answered"\s[^>]*?( hidden)?>(.*?)</a>')
    return [(level, text.search(row)[1], said.search(row)[2]) for level, row in rows]


@pytest.mark.parametrize(
    ("depth", "shown"),
    [
        (1, [("1", "1", ""), ("1", "2", ""), ("1", "1.1", "Antwort auf Bob"), ("1", "1.1.1", "Antwort auf Alice")]),
        (2, [("1", "1", ""), ("2", "1.1", ""), ("2", "1.1.1", "Antwort auf Alice"), ("1", "2", "")]),
        (3, [("1", "1", ""), ("2", "1.1", ""), ("3", "1.1.1", ""), ("1", "2", "")]),
    ],
)
def test_replies_stand_as_deep_as_the_site_wants_them(client, settings, alice, bob, discussion, comment, depth, shown):
    settings.REPLY_DEPTH = depth

    def answer(text, author, parent):
        return actions.post(discussion.pk, author=author, text=text, parent_id=parent.pk).comment

    one = answer("1", bob, comment)
    answer("2", alice, comment)
    answer("1.1.1", bob, answer("1.1", alice, one))

    html = client.get(f"/comments/{comment.pk}/replies/").content.decode()

    assert standing(html) == shown


def test_on_a_later_page_a_reply_says_that_it_answers_what_stands_before(client, alice, discussion, comment, settings):
    settings.REPLY_DEPTH = 3
    settings.LIMITS = {**settings.LIMITS, "comments": "1000/m"}
    first = actions.post(discussion.pk, author=alice, text="Die erste", parent_id=comment.pk).comment
    for number in range(REPLIES_A_PAGE - 1):
        actions.post(discussion.pk, author=alice, text=f"Nr. {number}", parent_id=comment.pk)
    last = actions.post(discussion.pk, author=alice, text="Auf die erste", parent_id=first.pk).comment

    html = client.get(client.get(f"/comments/{last.pk}/").url).content.decode()

    assert standing(html)[-1] == ("1", "Auf die erste", "Antwort auf Alice")
    assert f'href="/comments/{first.pk}/"' in html


def test_a_closed_discussion_asks_nobody_to_log_in(client, article, discussion, mo):
    asks = re.compile(r"data-log-in( hidden)?>")
    assert asks.search(client.get(f"/articles/{article.slug}/").text)[1] is None

    actions.close_discussion(discussion.pk, actor=mo)

    assert asks.search(client.get(f"/articles/{article.slug}/").text)[1] == " hidden"


def test_a_chat_counts_messages(client, chat, alice):
    actions.post(chat.pk, author=alice, text="Guten Abend")

    assert "1 Nachricht<" in client.get(f"/chats/{chat.pk}/").text
    assert "1 Nachricht<" in client.get("/chats/").text
