import re
import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Sanction
from comments import actions
from comments.models import Comment

pytestmark = pytest.mark.django_db


@pytest.fixture
def hers(client, alice):
    client.force_login(alice)
    return client


def test_the_form_posts_and_leads_to_the_new_comment(hers, discussion, alice):
    answer = hers.post(f"/discussions/{discussion.pk}/comments/", {"text": "Aus dem *Formular*"})

    comment = Comment.objects.get(author=alice)
    assert answer.url == f"/articles/{discussion.article.slug}/#comment-{comment.pk}"
    assert "Aus dem <em>Formular</em>" in hers.get(answer.url).text


def test_a_form_sent_twice_posts_once(hers, discussion):
    letter = {"text": "Nur einmal", "key": str(uuid.uuid4())}

    first = hers.post(f"/discussions/{discussion.pk}/comments/", letter)
    second = hers.post(f"/discussions/{discussion.pk}/comments/", letter)

    assert first.url == second.url
    assert Comment.objects.count() == 1


def test_the_form_replies(hers, comment, discussion):
    page = hers.get(f"/comments/{comment.pk}/replies/?reply").text
    assert f'name="parent" value="{comment.pk}"' in page

    hers.post(f"/discussions/{discussion.pk}/comments/", {"text": "Antwort", "parent": comment.pk})

    assert Comment.objects.get(text="Antwort").parent == comment


def test_what_is_refused_comes_back_with_the_text_and_a_sentence(hers, discussion):
    too_long = "Satz. " * 2000

    answer = hers.post(f"/discussions/{discussion.pk}/comments/", {"text": too_long})

    assert answer.status_code == 422
    assert too_long.strip() in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert not Comment.objects.exists()


def test_nobody_posts_without_a_token(discussion, alice):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice)

    assert strict.post(f"/discussions/{discussion.pk}/comments/", {"text": "Untergeschoben"}).status_code == 403
    assert not Comment.objects.exists()


def test_a_stranger_who_posts_is_sent_to_log_in_and_back(client, discussion):
    answer = client.post(f"/discussions/{discussion.pk}/comments/", {"text": "Hallo"})

    assert f'href="/accounts/login/?next=/articles/{discussion.article.slug}/%23discussion"' in answer.text
    assert '<pre class="kept" dir="auto">Hallo</pre>' in answer.text
    assert not Comment.objects.exists()


def test_whoever_is_barred_is_told_and_keeps_the_text(hers, discussion, alice, mo):
    Sanction.objects.create(user=alice, scope="comment", reason="spam", imposed_by=mo)

    answer = hers.post(f"/discussions/{discussion.pk}/comments/", {"text": "Mein langer Text"})

    assert answer.status_code == 403
    assert "Mein langer Text" in answer.text
    page = hers.get(discussion.page).text
    barred = page.partition("data-barred>")[2].partition("</div>")[0]
    assert "Für Sie dauerhaft gesperrt: Kommentieren. Grund: Spam" in barred
    assert re.findall(r'href="([^"]+)"', barred) == ["/terms/", "/imprint/"]
    assert "data-left" not in page

    Sanction.objects.update(until=timezone.now() + timedelta(hours=1), text="Bitte keine <Werbung>.")
    page = hers.get(discussion.page).text
    assert "Bitte keine &lt;Werbung&gt;." in page
    assert 3500 < int(re.search(r'data-left="(\d+)"', page)[1]) <= 3600
    refused = hers.post(f"/api/v1/discussions/{discussion.pk}/comments/", {"text": "Noch einmal"}, "application/json")
    assert refused.status_code == 403
    assert 3500 < int(refused["Retry-After"]) <= 3600
    Sanction.objects.update(until=timezone.now())
    assert "data-composer" in hers.get(discussion.page).text


def test_whoever_waits_or_cannot_write_is_shown_what_to_do_next(hers, discussion, mo):
    def shown(part: str) -> str:
        return re.search(rf"<(\w+)[^>]* data-{part}\s*>.*?</\1>", hers.get(discussion.page).text, re.DOTALL)[0]

    actions.open_discussion(discussion.pk, actor=mo, premoderated=True)
    assert 'href="/accounts/notifications/"' in shown("premoderated")
    actions.change_discussion(discussion.pk, actor=mo, slow_mode_seconds=30)
    assert 'href="/terms/"' in shown("slow-note")
    actions.close_discussion(discussion.pk, actor=mo)
    assert 'href="/chats/"' in shown("closed")


def test_a_held_comment_is_announced_as_such(hers, discussion, mo):
    actions.open_discussion(discussion.pk, actor=mo, premoderated=True)

    answer = hers.post(f"/discussions/{discussion.pk}/comments/", {"text": "Bitte lesen"}, follow=True)

    assert 'class="notice notice-success"' in answer.text
    assert Comment.objects.get().state == "held"


def test_an_author_edits_for_five_minutes_and_withdraws_later_still(hers, comment):
    hers.post(f"/comments/{comment.pk}/edit/", {"text": "Besser gesagt", "save": ""})
    comment.refresh_from_db()
    assert comment.text == "Besser gesagt"

    Comment.objects.filter(pk=comment.pk).update(created_at=timezone.now() - timedelta(minutes=6))
    late = hers.post(f"/comments/{comment.pk}/edit/", {"text": "Zu spät", "save": ""})
    assert late.status_code == 422

    hers.post(f"/comments/{comment.pk}/edit/", {"withdraw": ""})
    comment.refresh_from_db()
    assert comment.state == "withdrawn"


def test_nobody_edits_the_comment_of_another(client, comment, bob):
    client.force_login(bob)

    assert client.get(f"/comments/{comment.pk}/edit/").status_code == 403
    assert client.post(f"/comments/{comment.pk}/edit/", {"withdraw": ""}).status_code == 403


def test_a_moderator_removes_restores_and_bars_beneath_a_comment(client, comment, discussion, alice, mo):
    client.force_login(mo)
    address = f"/comments/{comment.pk}/moderate/"
    assert f'href="{address}"' in client.get(f"/articles/{discussion.article.slug}/").text

    def decide(deed: str, **more: str) -> None:
        client.post(address, {"deed": deed, "seen": Comment.objects.get(pk=comment.pk).version, **more})

    decide("remove", reason="insult", note="dritte Mahnung")
    comment.refresh_from_db()
    assert comment.state == "removed"
    assert "dritte Mahnung" in client.get(address).text

    decide("restore")
    comment.refresh_from_db()
    assert comment.state == "published"

    client.post(address, {"deed": "bar", "scope": "comment", "reason": "insult", "until": "24"})
    assert Sanction.objects.barring(alice).exists()


def test_moderation_is_for_moderators(hers, comment, discussion):
    assert hers.get(f"/comments/{comment.pk}/moderate/").status_code == 403
    assert not re.search(r"/comments/\d+/moderate/", hers.get(f"/articles/{discussion.article.slug}/").text)


def test_a_decision_that_is_not_possible_is_explained(client, comment, mo):
    client.force_login(mo)

    answer = client.post(f"/comments/{comment.pk}/moderate/", {"deed": "restore"})

    assert answer.status_code == 422
    assert "notice-error" in answer.text


@pytest.mark.parametrize("kind", ["article", "section", "ticker", "discussion"])
def test_everything_can_be_followed_without_a_script(hers, article, ticker, discussion, alice, kind):
    target = {"article": article, "section": article.section, "ticker": ticker, "discussion": discussion}[kind].pk
    address = f"/subscriptions/{kind}/{target}/"

    answer = hers.post(address, {"follow": "", "next": "/newsticker/"})
    assert answer.url == "/newsticker/"
    assert alice.subscriptions.filter(kind=kind, target=str(target)).exists()

    hers.post(address, {"unfollow": "", "next": "https://evil.example/"})
    assert not alice.subscriptions.exists()


def test_the_button_knows_what_is_followed(hers, article, alice):
    alice.subscriptions.create(kind="article", target=str(article.pk))

    assert 'aria-pressed="true"' in hers.get(f"/articles/{article.slug}/").text


def test_an_article_and_its_discussion_are_followed_by_buttons_of_their_own(hers, article, discussion, alice):
    def buttons():
        page = hers.get(f"/articles/{article.slug}/").text
        return re.findall(
            r'action="/subscriptions/(\w+)/\d+/">.*?aria-pressed="(\w+)".*?>([^<]+)</span>', page, re.DOTALL
        )

    assert buttons() == [("article", "false", "Abonnieren"), ("discussion", "false", "Diskussion abonnieren")]
    alice.subscriptions.create(kind="discussion", target=str(discussion.pk))
    assert buttons() == [("article", "false", "Abonnieren"), ("discussion", "true", "Diskussion abonniert")]
    assert "Diskussion abonnieren" not in Client().get(f"/articles/{article.slug}/").text


def test_the_form_reacts_and_takes_back(hers, comment, alice):
    here = f"/comments/{comment.pk}/reactions"

    hers.post(f"{here}/dislike/", {"deed": "put"})
    answer = hers.post(f"{here}/like/", {"deed": "put"})

    assert answer.url.endswith(f"#comment-{comment.pk}")
    assert list(alice.reactions.values_list("name", flat=True)) == ["like"]  # in the place of its opposite
    page = hers.get(answer.url).text
    assert re.search(
        r'value="take" data-reaction="like" aria-pressed="true"[^>]*>.*?<span data-n>1</span>', page, re.DOTALL
    )
    hers.post(f"{here}/like/", {"deed": "take"})
    assert not alice.reactions.exists()


def pressed(html: str) -> dict[str, str]:
    """Of the reactions under comments: name → number, with "!" if it is one's own."""
    found = re.findall(r'data-reaction="(\w+)"(?: aria-pressed="(\w+)")?.*?<span data-n>(\d*)</span>', html, re.DOTALL)
    return {name: n + "!" * (mine == "true") for name, mine, n in found}


def shown_reactions(page: str) -> str:
    """The reactions below a page's only comment."""
    return re.search(r'<div class="reactions" data-reactions>.*?</div>', page, re.DOTALL)[0]


@pytest.mark.parametrize("place", ["discussion", "chat"])
def test_without_a_script_every_reaction_can_be_given_and_taken_back(hers, alice, bob, place, request):
    here = request.getfixturevalue(place)
    comment = actions.post(here.pk, author=alice, text="Hier **drücken**").comment
    actions.react(comment.pk, "heart", actor=bob)

    box = shown_reactions(hers.get(here.page).text)
    assert pressed(box) == {"heart": "1"}
    palette = f"/comments/{comment.pk}/reactions/"
    assert re.search(rf'<a\s[^>]*data-add-reaction href="{palette}"[^>]* aria-label="Reagieren">', box)
    page = " ".join(hers.get(palette).text.split())
    assert "Hier <strong>drücken</strong>" in page
    assert list(pressed(page).items()) == [
        (name, "1" if name == "heart" else "") for name in ("like", "dislike", "heart", "laugh", "surprise", "sad")
    ]
    assert f'formaction="{palette}sad/" name="deed" value="put"' in page

    answer = hers.post(f"{palette}sad/", {"deed": "put"})

    assert answer.url == f"{here.page}#comment-{comment.pk}"
    assert pressed(shown_reactions(hers.get(answer.url).text)) == {"heart": "1", "sad": "1!"}
    assert f'formaction="{palette}sad/" name="deed" value="take"' in " ".join(hers.get(palette).text.split())
    hers.post(f"{palette}sad/", {"deed": "take"})
    assert pressed(shown_reactions(hers.get(answer.url).text)) == {"heart": "1"}


def test_reactions_are_offered_to_those_who_may_react_to_what_stands(hers, client, alice, bob, mo, comment):
    palette = f"/comments/{comment.pk}/reactions/"
    assert hers.get(palette).text.count('<button class="reaction') == 6

    Sanction.objects.create(user=alice, scope="react", reason="spam", imposed_by=mo)
    barred = hers.get(palette).text
    assert "Reagieren auf Kommentare. Grund: Spam" in barred
    assert '<button class="reaction' not in barred + hers.get(comment.discussion.page).text
    assert "data-add-reaction" not in hers.get(comment.discussion.page).text

    client.force_login(bob)
    actions.remove(comment.pk, actor=mo, reason="insult")
    gone = client.get(palette).text
    assert comment.text not in gone
    assert '<button class="reaction' not in gone
    client.logout()
    assert client.get(palette).url == f"/accounts/login/?next={palette}"
    assert client.get("/comments/1000000/reactions/").status_code == 302
    client.force_login(bob)
    assert client.get("/comments/1000000/reactions/").status_code == 404


def test_the_numbers_lead_to_the_people_who_have_reacted(hers, mo, comment, person):
    here, place = f"/comments/{comment.pk}/reactions/", comment.discussion.page
    link = re.compile(rf'<a\shref="{here}">Wer\?</a>')
    assert not link.search(hers.get(place).text)
    assert "Niemand, den Sie sehen, hat hier reagiert." in hers.get(here).text
    for number in range(51):
        actions.react(comment.pk, "heart", actor=person(f"Leserin{number}"))
    actions.react(comment.pk, "sad", actor=mo)

    assert link.search(hers.get(place).text)
    assert not link.search(Client().get(place).text)
    first = hers.get(here).text
    names = re.findall(r'href="/people/\d+/" dir="auto">(Leserin\d+|Mo)</a>', first)
    assert names == ["Mo", *[f"Leserin{number}" for number in range(50, 1, -1)]]
    assert f'href="/comments/{comment.pk}/"' in first  # the way back
    older = hers.get(re.search(r'rel="next"\s+href="([^"]+)"', first)[1]).text
    assert re.findall(r'dir="auto">(Leserin\d+)</a>', older) == ["Leserin1", "Leserin0"]
    assert hers.get(f"{here}?cursor=x").status_code == 400


def test_reactions_take_little_of_a_page(hers, discussion, say, person):
    said = [say(discussion, f"Wort {number}") for number in range(12)]
    for number, each in enumerate(said[:6]):
        for name in ("like", "heart")[: 1 + number % 2]:
            actions.react(each.pk, name, actor=person(f"Leserin{number}{name}"))

    boxes = re.findall(r'<div class="reactions".*?</div>', hers.get(discussion.page).text, re.DOTALL)

    assert sum("data-n>1<" in each for each in boxes) == 6
    alike = [re.sub(r"\d+", "1", each) for each in boxes]  # how long ids are depends on the tests before
    assert sum(len(each.encode()) for each in alike) < 400 * len(said)


def test_a_stranger_sees_the_numbers_and_is_sent_to_the_login(client, comment, alice):
    actions.react(comment.pk, "heart", actor=alice)

    page = client.get(f"/articles/{comment.discussion.article.slug}/").text

    assert re.search(r'<span\s+class="reaction" data-reaction="heart".*?<span data-n>1</span>', page, re.DOTALL)
    assert "data-reaction" in page
    assert "aria-pressed" not in page.partition("<main")[2].partition("</main>")[0]
    assert "/accounts/login/" in client.post(f"/comments/{comment.pk}/reactions/like/").url


def test_the_form_withdraws_and_brings_back(hers, comment):
    hers.post(f"/comments/{comment.pk}/edit/", {"withdraw": ""})
    page = hers.get(f"/comments/{comment.pk}/edit/").text
    assert 'name="undo"' in page
    assert comment.text not in page

    hers.post(f"/comments/{comment.pk}/edit/", {"undo": ""})

    comment.refresh_from_db()
    assert comment.state == Comment.State.PUBLISHED


def test_a_quotation_stands_in_the_composer(hers, comment):
    page = hers.get(f"/comments/{comment.pk}/replies/?reply&quote").text

    assert f"&gt; {comment.text}\n" in page
    assert f"&gt; {comment.text}\n" not in hers.get(f"/comments/{comment.pk}/replies/?reply").text


def test_a_draft_stands_in_the_composer_wherever_one_goes_on(hers, alice, bob, client, discussion):
    actions.keep_draft(discussion, person=alice, text="Ich wollte noch <sagen>")

    assert "Ich wollte noch &lt;sagen&gt;</textarea>" in hers.get(f"/articles/{discussion.article.slug}/").text
    client.force_login(bob)
    assert "Ich wollte noch" not in client.get(f"/articles/{discussion.article.slug}/").text
