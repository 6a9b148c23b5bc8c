"""`manage.py export_comments`: all that readers and moderators have made, as lines that another program can read."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connections
from jsonschema import Draft202012Validator
from pytest_django import Settings

from accounts.models import User
from articles.models import Article, OldAddress
from comments import actions, exporting
from comments.models import Comment, CommentTally, Discussion
from tests.support.product import ROOT

pytestmark = pytest.mark.django_db(transaction=True)
# What of comments is not in the file, and why. A field that is neither here nor there fails the test.
FIGURES = "counted anew"
STAFF = "work of the moderators, for them alone"
READERS = "what a reader has set for an account, which is not in the file"
HERE = "goes on here alone"
SITE = "settings of the site"
LEFT_OUT: dict[str, str | dict[str, str]] = {
    "Discussion": {
        "hours": SITE,
        "next_change_at": FIGURES,
        "rate_slow_seconds": FIGURES,
    },
    "Comment": {
        "key": HERE,
        "score": FIGURES,
        "ranked_at": FIGURES,
        "fingerprint": FIGURES,
    },
    "CommentRevision": {},
    "Decision": {
        "note": STAFF,
        "moderator": STAFF,
        "section": "its article's",
        "discussion": "its comment's",
        "tallied_wait": FIGURES,
    },
    "Alias": {},
    "Reaction": "in the tally, without persons",
    "ImportedVotes": "in the tally",
    "SealedAddress": HERE,
    "CommentTally": {"reply_count": FIGURES, "is_out": "the comment's state", "rounds": "in the comment's version"},
    **dict.fromkeys(["DiscussionTally", "AuthorTally", "ReporterTally", "QueueTally", "DayTally"], FIGURES),
    **dict.fromkeys(["Merge", "Report", "Case", "BulkJob", "BulkItem", "SecondLook", "CannedText"], STAFF),
    **dict.fromkeys(["FormalWarning", "PersonNote", "RefusedText", "SavedFilter"], STAFF),
    **dict.fromkeys(["ReadMark", "Draft", "Ignored"], READERS),
    **dict.fromkeys(["RuleBook", "Rule", "RuleHit", "RuleRun", "LearnedModel", "OpeningHours"], SITE),
    **dict.fromkeys(["IdempotencyKey", "CommentImport", "ImportPart"], HERE),
}


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


@pytest.fixture
def talk(discussion: Discussion, alice: User, bob: User, mo: User) -> dict[str, Comment]:
    """A thread with an answer, an edit, a reaction, and one comment of each state."""
    said = {name: actions.post(discussion.pk, author=alice, text=f"Sagt {name}.").comment for name in ("a", "b", "c")}
    said["answer"] = actions.post(discussion.pk, author=bob, parent_id=said["a"].pk, text="Finde ich **auch**.").comment
    actions.edit(said["b"].pk, actor=alice, text="Sagt b, aber anders.")
    actions.react(said["a"].pk, "heart", actor=bob)
    actions.withdraw(said["c"].pk, actor=alice)
    actions.remove(said["answer"].pk, actor=mo, reason="insult", note="Das dritte Mal.")
    actions.close_discussion(discussion.pk, actor=mo, reason="Genug für heute")
    return said


def test_all_is_told_once_and_nothing_of_accounts(
    talk: dict[str, Comment], discussion: Discussion, chat: Discussion, alice: User, export: Callable[..., Path]
) -> None:
    path = export()

    head, *rest = lines(path)
    assert head == {"kind": "newsroom", "version": 1}
    assert [(each["kind"], each["id"]) for each in rest] == [
        *(("discussion", pk) for pk in sorted([discussion.pk, chat.pk])),
        *(("comment", pk) for pk in sorted(each.pk for each in talk.values())),
    ]
    found = {each["id"]: each for each in rest if each["kind"] == "comment"}
    first, second, answer = (found[talk[name].pk] for name in ("a", "b", "answer"))
    assert first["votes"] == {"heart": 1}
    assert first["author"]["name"] == "Alice"
    assert first["author"]["key"] == second["author"]["key"] != answer["author"]["key"]
    assert [each["text"] for each in second["revisions"]] == ["Sagt b."]
    assert found[talk["c"].pk]["state"] == "withdrawn"
    assert [(each["action"], each["reason"]) for each in answer["decisions"]] == [("remove", "insult")]
    thread = next(each for each in rest if each["id"] == discussion.pk and each["kind"] == "discussion")
    assert (thread["switch"], thread["reason"]) == ("closed", "Genug für heute")
    content = path.read_text()
    assert not any(word in content for word in (alice.email, "Das dritte Mal", "moderator", 'Mo"'))
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_thread_is_told_by_the_addresses_of_its_article(
    article: Article, discussion: Discussion, export: Callable[..., Path], settings: Settings
) -> None:
    settings.SITE_URL = "https://news.example"
    OldAddress.objects.create(article=article, path="/2012/05/fähre")
    OldAddress.objects.create(article=article, path="/?p=17")

    _head, thread = lines(export())

    assert thread["url"] == f"https://news.example/articles/{article.slug}"
    assert thread["addresses"] == ["https://news.example/2012/05/f%C3%A4hre", "https://news.example?p=17"]


def test_every_line_is_of_the_documented_shape_and_the_same_each_time(
    talk: dict[str, Comment], chat: Discussion, eddy: User, export: Callable[..., Path]
) -> None:
    actions.discuss_page("https://blog.example/post", actor=eddy, title="Post", aliases=["https://blog.example/?p=1"])
    validator = Draft202012Validator(json.loads((ROOT / "docs" / "export.schema.json").read_text()))

    path = export()

    for line in lines(path):
        assert list(validator.iter_errors(line)) == []
        assert list(validator.iter_errors(line | {"new": 1})) != []
    assert export("again.jsonl").read_bytes() == path.read_bytes()
    packed, again = export("one.jsonl.gz").read_bytes(), export("other.jsonl.gz").read_bytes()
    assert packed == again
    assert gzip.decompress(packed) == path.read_bytes()


def test_what_is_written_meanwhile_is_not_in_it(talk: dict[str, Comment], chat: Discussion, alice: User) -> None:
    told: list[dict[str, Any]] = []

    def write() -> None:
        try:
            actions.post(chat.pk, author=alice, text="Währenddessen.")
        finally:
            connections.close_all()

    def put(line: bytes) -> None:
        told.append(json.loads(line))
        if len(told) == 2:  # the head, and a discussion
            with ThreadPoolExecutor(1) as other:
                other.submit(write).result()

    exporting.write(put, lambda _: None)

    assert {each["id"] for each in told if each["kind"] == "comment"} == {each.pk for each in talk.values()}
    exporting.write(put, lambda _: None)
    assert any(each.get("text") == "Währenddessen." for each in told)


def test_a_file_that_cannot_be_written_is_named_and_the_old_one_stays(tmp_path: Path, db: None) -> None:
    kept = tmp_path / "kept.jsonl"
    kept.write_text("old")
    with pytest.raises(CommandError) as refused:
        call_command("export_comments", str(tmp_path / "nowhere" / "x.jsonl"), stdout=StringIO())
    assert (refused.value.returncode, "nowhere" in str(refused.value)) == (1, True)
    assert kept.read_text() == "old"

    call_command("export_comments", str(kept), stdout=StringIO())
    assert lines(kept)[0]["kind"] == "newsroom"
    assert [path.name for path in tmp_path.iterdir()] == ["kept.jsonl"]


def test_each_field_is_in_the_file_or_left_out_for_a_reason() -> None:
    told = {
        "Discussion": {*exporting.DISCUSSION, "url", "beside", "merged_into", "article"},
        "Comment": {
            *exporting.COMMENT,
            "discussion",
            "parent",
            "root",
            "author",
            "author_name",
            "author_key",
            "version",
        },
        "CommentRevision": {*exporting.REVISION, "id", "comment"},
        "Decision": {*exporting.DECISION, "id", "comment"},
        "Alias": {"id", "discussion", "url"},
        "CommentTally": {"comment", "reactions"},
    }
    for model in apps.get_app_config("comments").get_models():
        left = LEFT_OUT[model.__name__]
        if isinstance(left, str):
            assert model.__name__ not in told
            continue
        fields = {field.name for field in model._meta.get_fields() if field.concrete and not field.auto_created}
        fields |= {"id"} & {field.name for field in model._meta.concrete_fields}
        assert fields == told[model.__name__] | set(left), model.__name__
        assert not told[model.__name__] & set(left)
    assert set(LEFT_OUT) == {model.__name__ for model in apps.get_app_config("comments").get_models()}
    assert not CommentTally._meta.get_field("reactions").null
