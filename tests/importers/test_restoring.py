"""`import_comments newsroom`: what `export_comments` has written comes back as it was, or beside what is here."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections

from accounts.models import User
from articles import actions as article_actions
from articles.models import Section
from comments import actions
from comments.importers import restoring
from comments.models import Alias, Case, Comment, Decision, Discussion
from newsroom.backup.lines import line as line_of
from newsroom.live.models import Event
from tests.support.product import ROOT

pytestmark = pytest.mark.django_db(transaction=True)
COUNTED = ("new", "known", "held", "tombstone")


def bring(path: Path, *options: str) -> dict[str, Any]:
    out = StringIO()
    call_command("import_comments", "newsroom", str(path), "--json", *options, stdout=out, stderr=StringIO())
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


def counted(report: dict[str, Any]) -> dict[str, int]:
    assert sum(report[name] for name in COUNTED) + sum(report["left"].values()) == report["read"]["comments"]
    return {name: report[name] for name in COUNTED}


def empty() -> None:
    call_command("flush", "--no-input", verbosity=0)


@pytest.fixture
def full(
    discussion: Discussion, chat: Discussion, alice: User, bob: User, mo: User, eddy: User, export: Callable[..., Path]
) -> Path:
    """The export of a site with one of everything, which is empty afterwards."""
    page, _is_new = actions.discuss_page(
        "https://blog.example/post", actor=eddy, title="Post", aliases=["https://b.example/1"]
    )
    merged = actions.start_chat("Noch ein Treff", actor=mo)
    actions.start_chat("Neben dem Artikel", actor=mo, article=discussion.article)
    said = [
        actions.post(discussion.pk, author=alice, text=f"Nummer {n} mit **Nachdruck** & <Zeichen>.").comment
        for n in range(4)
    ]
    answer = actions.post(
        discussion.pk, author=bob, parent_id=said[0].pk, text="> Zitat\n\nFinde ich https://auch.example"
    ).comment
    actions.post(discussion.pk, author=alice, parent_id=answer.pk, text="Ich nicht.")
    actions.edit(said[1].pk, actor=alice, text="Nummer 1, geändert.")
    actions.react(said[0].pk, "heart", actor=bob)
    actions.react(said[0].pk, "like", actor=mo)
    actions.withdraw(said[2].pk, actor=alice)
    actions.remove(said[3].pk, actor=mo, reason="insult", note="Nur für uns")
    actions.pin(said[0].pk, actor=mo)
    actions.post(page.pk, author=bob, text="Von der anderen Seite.")
    actions.post(merged.pk, author=bob, text="Das kommt in den anderen Treff.")
    actions.merge(merged.pk, chat.pk, actor=mo)
    actions.open_discussion(discussion.pk, actor=mo, premoderated=True, reason="Heute mit Vorsicht")
    actions.post(discussion.pk, author=bob, text="Das wartet noch.")
    rejected = actions.post(discussion.pk, author=bob, text="Das wird nichts.").comment
    actions.reject(rejected.pk, actor=mo, reason="spam")
    path = export("full.jsonl")
    empty()
    return path


def test_through_an_empty_instance_it_comes_back_byte_by_byte(full: Path, export: Callable[..., Path]) -> None:
    tried = bring(full, "--dry-run")
    assert not Comment.objects.exists()
    assert not Discussion.objects.exists()

    report = bring(full)

    assert report == tried
    assert counted(report) == {"new": 7, "known": 0, "held": 1, "tombstone": 2}
    assert (report["read"], report["votes"], report["discussions"]) == ({"threads": 5, "comments": 10}, 2, 3)
    assert export("back.jsonl").read_bytes() == full.read_bytes()
    assert counted(bring(full)) == {"new": 0, "known": 10, "held": 0, "tombstone": 0}
    assert export("again.jsonl").read_bytes() == full.read_bytes()


def test_readers_and_moderators_find_it_as_it_was(
    full: Path, api: Callable[..., Any], person: Callable[..., User], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restoring, "AT_ONCE", 3)
    bring(full)

    thread = Discussion.objects.get(title="Die neue Fähre fährt")
    shown = api().get(f"/api/v1/discussions/{thread.pk}/comments/", {"sort": "oldest"}).json()["results"]
    assert [each["state"] for each in shown] == ["published", "published", "withdrawn", "removed"]
    first = shown[0]
    assert (first["author"]["name"], first["reactions"], first["reply_count"]) == ("Alice", {"heart": 1, "like": 1}, 2)
    assert api().get(f"/api/v1/discussions/{thread.pk}/").json()["comment_count"] == 4
    found = api().get("/api/v1/search/", {"q": "Nachdruck"}).json()["results"]
    assert [each["id"] for each in found] == [first["id"]]
    (case,) = Case.objects.all()
    assert case.comment.text == "Das wartet noch."
    moderator = person("Moni", "moderator")
    assert actions.approve(case.comment_id, actor=moderator).state == "published"
    assert set(Decision.objects.values_list("note", "moderator__name")) == {("", None), ("", "Moni")}
    assert Alias.objects.get().url == "https://b.example/1"
    assert Discussion.objects.get(title="Noch ein Treff").merged_into.title == "Elbe-Treff"
    carla = person("Carla")
    posted = actions.post(Discussion.objects.get(title="Elbe-Treff").pk, author=carla, text="Es geht weiter.").comment
    records = [json.loads(line) for line in full.read_bytes().splitlines()]
    assert posted.pk > max(each["id"] for each in records if each["kind"] == "comment")


def test_what_has_its_numbers_here_stays_and_it_comes_in_beside(full: Path, person: Callable[..., User]) -> None:
    section = Section.objects.create(name="Lokales", slug="lokales")
    editor = person("Edda", "editor")
    drafted = article_actions.draft_article(
        actor=editor, section=section, headline="Die neue Fähre fährt", lead="Endlich.", body="Ja."
    )
    article = article_actions.publish_article(drafted.pk, actor=editor)
    actions.post(actions.discussion_of(article).pk, author=person("Dora"), text="Ich war zuerst da.")
    actions.start_chat("Hiesiger Treff", actor=person("Mimi", "moderator"))
    before = list(Comment.objects.order_by("pk").values())
    Event.objects.all().delete()

    report = bring(full, "--instance", "alt")

    assert counted(report) == {"new": 7, "known": 0, "held": 1, "tombstone": 2}
    mine = Comment.objects.get(text="Ich war zuerst da.")
    assert {**Comment.objects.filter(pk=mine.pk).values()[0]} == before[0]
    assert mine.discussion.comments.count() == 9  # it is under the same article
    assert Event.objects.filter(kind="discussion.rebuilt", stream=mine.discussion.stream).exists()
    tree = Comment.objects.get(text="Ich nicht.")
    assert tree.parent.text.startswith("> Zitat")
    assert tree.root.text.startswith("Nummer 0")
    assert counted(bring(full, "--instance", "alt"))["known"] == 10


def test_killed_at_any_point_a_repeat_ends_in_the_same_state(
    full: Path, export: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restoring, "AT_LEAST", 1)
    monkeypatch.setattr(restoring, "AT_ONCE", 2)

    class Killed(BaseException):
        pass

    for number in range(1, 60):
        wrapper = _Dies(number, Killed)
        with connection.execute_wrapper(wrapper):
            try:
                bring(full)
            except Killed:
                connections.close_all()
                continue
        break
    else:
        raise AssertionError("it never came to its end")

    assert number > 3
    assert export("back.jsonl").read_bytes() == full.read_bytes()


class _Dies:
    """Raises at the so manieth INSERT, each time it is used."""

    def __init__(self, number: int, error: type[BaseException]) -> None:
        self.left, self.error = 3 * number, error

    def __call__(self, execute: Any, sql: str, *more: Any) -> Any:
        self.left -= sql.startswith("INSERT")
        if self.left == 0:
            raise self.error
        return execute(sql, *more)


def test_what_answers_something_in_another_discussion_comes_after_it(
    full: Path, export: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restoring, "AT_ONCE", 1)
    head, *records = [json.loads(line) for line in full.read_bytes().splitlines()]
    first, second = [each for each in records if each["kind"] == "discussion"][:2]
    said = next(each for each in records if each["kind"] == "comment" and each["state"] == "published")
    made = [
        said | {"id": 1, "discussion": second["id"], "parent": None, "root": None},
        said | {"id": 2, "discussion": first["id"], "parent": 1, "root": 1, "order": said["order"] + 1},
        said | {"id": 3, "discussion": first["id"], "parent": 2, "root": 1, "order": said["order"] + 2},
    ]
    path = tmp_path / "strays.jsonl"
    path.write_bytes(b"".join(line_of(each) for each in [head, first, second, *made]))

    bring(path)

    assert list(Comment.objects.order_by("pk").values_list("pk", "parent", "root")) == [
        (1, None, None),
        (2, 1, 1),
        (3, 2, 1),
    ]
    assert export("back.jsonl").read_bytes() == path.read_bytes()


def changed(full: Path, number: int, **fields: Any) -> Iterator[bytes]:
    """The lines with that one changed."""
    for at, line in enumerate(full.read_bytes().splitlines(), 1):
        record = json.loads(line)
        yield json.dumps(record | (fields if at == number else {})).encode() + b"\n"


@pytest.mark.parametrize(
    ("number", "fields", "place"),
    [
        (1, {"version": 2}, "Line 1: version 2"),
        (2, {"new": 1}, "Line 2"),
        (3, {"id": 1}, "Line 3: discussions come first"),
        (2, {"merged_into": 999_999_999}, "merged into 999999999"),
        (7, {"discussion": 999_999_999}, "Line 7: discussion 999999999"),
        (7, {"parent": 999_999_999}, "Line 7: comment 999999999"),
        (7, {"id": 2**60}, "Line 7"),
        (7, {"text": "\u200b"}, "Line 7: it has no text"),
        (7, {"created_at": "2020-01-01T00:00:00"}, "Line 7"),
        (7, {"state": "approved"}, "Line 7"),
        (7, {"votes": {"like": -1}}, "Line 7"),
        (8, {"id": 1}, "Line 8: comments come in the order"),
        (9, {"decisions": [{"action": "hold"}]}, "Line 9"),
    ],
)
def test_a_file_that_does_not_fit_together_is_refused_with_its_line(
    full: Path, tmp_path: Path, number: int, fields: dict[str, Any], place: str
) -> None:
    wrong = tmp_path / "wrong.jsonl"
    wrong.write_bytes(b"".join(changed(full, number, **fields)))

    with pytest.raises(CommandError) as refused:
        bring(wrong)

    assert (refused.value.returncode, place in str(refused.value)) == (1, True), refused.value
    assert not Comment.objects.exists()
    assert not Discussion.objects.exists()
    right = tmp_path / "right.jsonl"
    right.write_bytes(b"".join(changed(full, 1)))
    assert counted(bring(right))["new"] == 7


def test_what_no_comment_may_have_does_not_come_in(full: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.jsonl"
    html = '<p dir="auto">Hallo <script>alert(1)</script><img src="https://evil.example/x"></p>'
    wrong.write_bytes(b"".join(changed(full, 7, html=html, author={"key": "k", "name": "Ali\u202ece"})))

    bring(wrong)

    found = Comment.objects.order_by("pk")[0]
    assert (found.html, found.author_name) == ('<p dir="auto">Hallo </p>', "Alice")


def test_docs_name_every_field_of_the_lines() -> None:
    schema = json.loads((ROOT / "docs" / "export.schema.json").read_text())
    assert set(schema["$defs"]["comment"]["properties"]) - {"kind"} == set(restoring.Said.__struct_fields__)
    assert set(schema["$defs"]["discussion"]["properties"]) - {"kind"} == set(restoring.Talk.__struct_fields__)
