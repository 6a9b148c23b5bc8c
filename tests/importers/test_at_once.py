"""The same file comes in twice at the same moment: nothing is doubled, and the one that is too late says so."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from accounts.models import User
from articles.models import Article
from comments import actions
from comments.importers import jobs
from comments.models import Comment, CommentTally, Discussion, DiscussionTally
from tests.importers.disqus import SITE, Post, Thread, write
from tests.support.product import Process, on_tests_database

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 20  # at most, until two have met
PAGES, SIZE = 12, 25
SENTENCE = "something else has brought in the same comments at the same moment: run it again"


def _export(path: Path, turn: int) -> Path:
    """Pages of this turn, the first of them an article's, each with a chain of answers."""
    records: list[Thread | Post] = []
    for page in range(PAGES):
        records.append(Thread(f"{page}", link=f"{SITE}/{turn}/{page}/"))
        for number in range(SIZE):
            parent = str(page * SIZE + number) if number % 3 else ""
            at = f"2020-01-02T03:{number:02}:00Z"
            records.append(Post(str(page * SIZE + number + 1), thread=f"{page}", parent=parent, at=at))
    return write(path, records)


def _must_be_counted() -> None:
    """What the tallies say is what there is."""
    shown = Counter(Comment.objects.exclude(order=None).values_list("discussion", flat=True))
    tallies = DiscussionTally.objects.filter(comment_count__gt=0).values_list("pk", "comment_count")
    assert dict(tallies) == dict(shown)
    answers: Counter[int] = Counter()
    for parent, root in Comment.objects.values_list("parent", "root"):
        answers.update({parent, root} - {None})
    counted = CommentTally.objects.filter(reply_count__gt=0).values_list("pk", "reply_count")
    assert dict(counted) == dict(answers)


def test_two_commands_at_once_double_nothing(article: Article, tmp_path: Path) -> None:
    env = on_tests_database(tmp_path)
    too_late, turn = "", 0
    while not too_late and turn < ROUNDS:
        turn += 1
        path = _export(tmp_path / "export.xml", turn)
        moves = tmp_path / "moves.csv"
        moves.write_text(f"{SITE}/{turn}/0/,/articles/{article.slug}/\n")
        command = ("import_comments", "disqus", str(path), "--site", SITE, "--instance", str(turn), "--map", str(moves))

        with Process(*command, env=env) as one, Process(*command, env=env) as other:
            codes = sorted(each.popen.wait(60) for each in (one, other))
            too_late = one.log() if one.popen.returncode else other.log() if other.popen.returncode else ""

        _must_be_counted()
        assert codes in ([0, 0], [0, 1]), too_late
        assert not too_late or too_late.strip() == f"CommandError: {path}: {SENTENCE}"
        call_command(*command)
        rows = Comment.objects.filter(source="disqus", source_id__startswith=f"{turn}:")
        assert rows.count() == PAGES * SIZE
        assert set(Counter(rows.values_list("discussion", flat=True)).values()) == {SIZE}
        _must_be_counted()
    assert too_late, "They have never met."
    assert Discussion.objects.filter(article=article, mode="thread").count() == 1
    assert Discussion.objects.count() == Discussion.objects.filter(article=article).count() + turn * (PAGES - 1)


def test_an_import_from_the_desk_beside_the_command_waits_to_be_tried_again(
    ada: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command comes in between the moment when the worker looks what is known, and the moment when it writes."""
    monkeypatch.setattr(jobs, "EVERY", 0.0)
    path = _export(tmp_path / "export.xml", 1)
    desk = Client()
    desk.force_login(ada)
    file = SimpleUploadedFile("export.xml", path.read_bytes())
    job = actions.add_import(file, actor=ada, system="disqus", sites=SITE)
    jobs.work(job.pk, lambda: False)
    actions.begin_import(job.pk, actor=ada)

    def is_stopping() -> bool:
        job.refresh_from_db()
        if job.share and Comment.objects.count() < PAGES * SIZE:  # it has begun to write
            call_command("import_comments", "disqus", str(path), "--site", SITE)
        return False

    jobs.work(job.pk, is_stopping)

    page = reverse("admin:comments_commentimport_change", args=[job.pk])
    shown = desk.get(page).content.decode()
    assert "Im selben Augenblick hat etwas anderes dieselben Kommentare übernommen." in shown
    assert Comment.objects.count() == PAGES * SIZE
    desk.post(page, {"_again": ""})
    job.refresh_from_db()
    assert (job.state, job.error, Comment.objects.count()) == ("done", "", PAGES * SIZE)
    _must_be_counted()
