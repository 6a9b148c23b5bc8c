"""Comments by the author of the article above them are marked: in pages, API and events."""

from __future__ import annotations

import re

import pytest

from accounts.models import User
from articles import actions as desk
from comments import actions
from comments.models import Comment
from tests.comments.tools import events, kinds, page, url

BADGE = "Autor/in des Artikels"


def marked(api, discussion) -> dict[str, bool]:
    """Text → whether it is marked, of a discussion's comments and their first replies."""
    rows = page(api(), url(discussion))["results"]
    return {each["text"]: each["by_author"] for row in rows for each in (row, *row["replies"])}


def badges(client, discussion) -> list[str]:
    """The names beside which the badge stands."""
    boxes = client.get(discussion.page).text.split('<article class="comment-box"')[1:]
    shown = [box for box in boxes if re.search(rf'data-field="by_author">{BADGE}<', box)]
    return [re.search(r'data-field="author"[^>]*>([^<]*)<', box)[1] for box in shown]


def test_who_has_written_the_article_is_marked_from_now_on_and_before(
    api, client, article, discussion, comment, alice, bob, eddy
):
    actions.post(discussion.pk, author=bob, text="Schon vorher", parent_id=comment.pk)
    assert badges(client, discussion) == []
    before = page(api(), url(discussion))["position"]

    desk.correct_article(article.pk, actor=eddy, writer=bob)

    assert marked(api, discussion) == {comment.text: False, "Schon vorher": True}
    assert kinds(discussion.stream)[-1] == "discussion.rebuilt"
    assert [each["kind"] for each in events(discussion.stream, before)] == ["discussion.rebuilt"]
    actions.post(discussion.pk, author=bob, text="Danach")
    actions.post(discussion.pk, author=alice, text="Von einer anderen")
    assert [each["data"]["by_author"] for each in events(discussion.stream)[-2:]] == [True, False]
    assert badges(client, discussion) == [bob.name, bob.name]
    told = len(kinds(discussion.stream))
    desk.correct_article(article.pk, actor=eddy, lead="Nur ein Wort")
    assert len(kinds(discussion.stream)) == told  # nothing is loaded anew for that

    desk.correct_article(article.pk, actor=eddy, writer=alice)
    assert {text for text, is_marked in marked(api, discussion).items() if is_marked} == {
        comment.text,
        "Von einer anderen",
    }
    assert api().get(f"/api/v1/comments/{comment.pk}/").json()["by_author"] is True
    desk.correct_article(article.pk, actor=eddy, writer=None)
    assert badges(client, discussion) == []


def test_an_article_that_comes_back_marks_whom_it_names_then(api, article, discussion, comment, alice, eddy):
    desk.retract_article(article.pk, actor=eddy)
    type(article).objects.filter(pk=article.pk).update(writer=alice)
    desk.publish_article(article.pk, actor=eddy)

    assert marked(api, discussion) == {comment.text: True}


def test_in_a_merged_discussion_the_article_there_decides(api, article, discussion, comment, alice, eddy, mo):
    desk.correct_article(article.pk, actor=eddy, writer=alice)
    other, _is_new = actions.discuss_page("https://example.org/seite", actor=mo, title="Seite")
    moved = actions.post(other.pk, author=alice, text="Auf der anderen Seite").comment
    assert not moved.by_author

    actions.merge(other.pk, discussion.pk, actor=mo)
    assert marked(api, discussion) == {comment.text: True, moved.text: True}
    actions.undo_merge(other.pk, actor=mo)
    assert marked(api, other) == {moved.text: False}


def test_who_has_gone_is_marked_no_longer(api, article, discussion, comment, alice, eddy):
    desk.correct_article(article.pk, actor=eddy, writer=alice)
    alice.delete()

    assert marked(api, discussion) == {comment.text: False}
    article.refresh_from_db()
    assert article.writer is None


@pytest.mark.parametrize(("typed", "found"), [("alice", "Alice"), ("", None)])
def test_an_editor_names_the_account_at_the_desk(client, article, comment, eddy, alice, typed, found):
    client.force_login(eddy)
    form = f"/admin/articles/article/{article.pk}/change/"
    fields = client.get(form).context["adminform"].form.initial | {"writer": typed, "photo": "", "related": []}
    fields = {name: "" if value is None else value for name, value in fields.items()} | {"_save": "1"}
    fields |= {"moved_to_0": "", "moved_to_1": "", "appear_at_0": "", "appear_at_1": "", "note": ""}

    wrong = client.post(form, fields | {"writer": "Niemand hier"})
    assert "Es gibt kein Konto mit diesem Namen." in wrong.text
    answer = client.post(form, fields)

    assert answer.status_code == 302, answer.context["adminform"].form.errors
    article.refresh_from_db()
    assert article.writer == (User.objects.get(name=found) if found else None)
    assert Comment.objects.get(pk=comment.pk).by_author is bool(found)
    shown = client.get(form).text
    assert re.search(rf'name="writer"[^>]* value="{found}"', shown) if found else 'value="Alice"' not in shown
