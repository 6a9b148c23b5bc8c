"""The desk's page for imports: a file is handed in, looked through, brought in, and its report kept."""

from __future__ import annotations

import gzip
import json
import signal
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.models import User
from comments import actions
from comments.actions.imports import interrupt_import
from comments.importers import jobs
from comments.importers.moving import Progress
from comments.models import Comment, CommentImport, ImportPart
from comments.models.imports import FORMATS
from comments.tasks import move_in
from newsroom.management.commands.import_comments import NAMES
from newsroom.models import Worker
from newsroom.server import worker
from tests.importers import disqus
from tests.support.product import Process, on_tests_database
from tests.support.services import wait_for

pytestmark = pytest.mark.django_db(transaction=True)
ADD = "/admin/comments/commentimport/add/"


@pytest.fixture
def desk(ada: User) -> Client:
    client = Client()
    client.force_login(ada)
    return client


def archive(folder: Path, *texts: str) -> bytes:
    posts = [disqus.Post(str(number), text=text) for number, text in enumerate(texts, 1)]
    path = disqus.write(folder / "forum-all.xml", [disqus.Thread("1", link="https://blog.example/post"), *posts])
    return gzip.compress(path.read_bytes())


def hand_in(desk: Client, content: bytes, **fields: str) -> Any:
    file = SimpleUploadedFile("forum-all.xml.gz", content)
    given = {"format": "disqus", "sites": "blog.example", "instance": "", "zone": ""} | fields
    return desk.post(ADD, {**given, "upload": file})


def test_a_file_is_looked_through_then_brought_in_and_the_report_kept(desk: Client, ada: User, tmp_path: Path) -> None:
    answer = hand_in(desk, archive(tmp_path, "Erster!", "<p>Zweiter</p>"))

    job = CommentImport.objects.get()
    page = reverse("admin:comments_commentimport_change", args=[job.pk])
    assert (answer.status_code, answer["Location"]) == (302, page)
    assert (job.state, job.person, job.sites) == ("read", ada, "https://blog.example")
    assert not Comment.objects.exists()
    shown = desk.get(page).content.decode()
    assert "2 Kommentare in der Datei" in shown
    assert "Noch ist nichts geschrieben" in shown
    assert "Refresh" not in desk.get(page).headers

    begun = desk.post(page, {"_begin": ""}, follow=True).content.decode()

    assert "Alles ist übernommen" in begun
    assert sorted(Comment.objects.values_list("text", flat=True)) == ["Erster!", "Zweiter"]
    job.refresh_from_db()
    assert (job.state, job.report["numbers"]["new"], ImportPart.objects.count()) == ("done", 2, 0)
    report = desk.get(reverse("admin:comments_commentimport_report", args=[job.pk]))
    assert report["Content-Disposition"] == f'attachment; filename="import-{job.pk}.txt"'
    assert "read.comments              2" in report.content.decode()
    assert desk.post(f"/admin/comments/commentimport/{job.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not CommentImport.objects.exists()
    assert Comment.objects.count() == 2


def test_a_refused_file_says_why_and_nothing_is_kept_of_it(desk: Client, tmp_path: Path) -> None:
    hand_in(desk, archive(tmp_path, "Erster!")[:-20])

    job = CommentImport.objects.get()
    shown = desk.get(reverse("admin:comments_commentimport_change", args=[job.pk])).content.decode()
    assert (job.state, ImportPart.objects.count()) == ("failed", 0)
    assert "Abgelehnt; nichts wurde geschrieben:" in shown
    assert job.error.split()[0] in shown
    assert not Comment.objects.exists()
    assert desk.get(reverse("admin:comments_commentimport_report", args=[job.pk])).status_code == 404


@pytest.mark.parametrize("looks", range(1, 6))
@pytest.mark.parametrize(("before", "after"), [("reading", "read"), ("read", "writing"), ("writing", "done")])
def test_a_page_drawn_while_the_state_changes_shows_the_way_on_or_comes_again(
    desk: Client, tmp_path: Path, looks: int, before: str, after: str
) -> None:
    hand_in(desk, archive(tmp_path, "Erster!"))
    job = CommentImport.objects.get()
    CommentImport.objects.update(state=before)
    seen = 0

    def change(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal seen
        found = execute(sql, params, many, context)
        if sql.startswith("SELECT") and 'FROM "comments_commentimport"' in sql:
            seen += 1
            if seen == looks:
                CommentImport.objects.update(state=after)
        return found

    with connection.execute_wrapper(change):
        page = desk.get(reverse("admin:comments_commentimport_change", args=[job.pk]))

    shown = page.content.decode()
    assert seen >= 3
    if "Refresh" not in page.headers:
        assert "<progress" not in shown
        assert ('name="_begin"' in shown) == ("Noch ist nichts geschrieben" in shown)


UNFIT = [  # name of the field, what is written there, the desk's words, the command's option and words
    ("sites", "not an address", "ist keine Adresse einer Site", "--site", "--site not an address: this is no address"),
    ("sites", "ftp://blog.example", "ist keine Adresse einer Site", "--site", "--site ftp://blog.example: this is no"),
    ("zone", "Mars/Olympus", "Diese Zeitzone gibt es nicht", "--zone", "--zone Mars/Olympus: there is no such"),
    ("zone", "Europe", "Diese Zeitzone gibt es nicht", "--zone", "--zone Europe: there is no such"),
    ("instance", "a b", "Erlaubt sind höchstens 60 Buchstaben", "--instance", "--instance: at most 60 letters"),
]


@pytest.mark.parametrize(("field", "value", "desks", "option", "commands"), UNFIT)
def test_the_desk_and_the_command_refuse_the_same_each_in_its_own_words(
    desk: Client, field: str, value: str, desks: str, option: str, commands: str, tmp_path: Path
) -> None:
    content = archive(tmp_path, "Erster!")
    path = tmp_path / "forum-all.xml.gz"
    path.write_bytes(content)

    shown = hand_in(desk, content, **{field: value}).content.decode()
    with pytest.raises(CommandError) as refused:
        call_command("import_comments", "disqus", str(path), option, value)

    assert desks in shown
    assert option not in shown
    assert (str(refused.value)[: len(commands)], refused.value.returncode) == (commands, 2)
    assert not CommentImport.objects.exists()
    assert not Comment.objects.exists()


def test_the_desk_and_the_command_take_the_same(desk: Client, tmp_path: Path) -> None:
    content = archive(tmp_path, "Erster!")
    path = tmp_path / "forum-all.xml.gz"
    path.write_bytes(content)

    hand_in(
        desk, content, sites="http://Blog.example/\nwww.blog.example", zone="Europe/Berlin", instance="über/1.a_b-c"
    )
    sites = ("--site", "http://Blog.example/", "--site", "www.blog.example")
    call_command(
        "import_comments", "disqus", str(path), *sites, "--zone", "Europe/Berlin", "--instance", "über/1.a_b-c"
    )

    job = CommentImport.objects.get()
    assert (job.state, job.report["numbers"]["new"]) == ("read", 1)
    assert (job.sites, job.zone) == ("https://blog.example\nhttps://www.blog.example", "Europe/Berlin")
    assert Comment.objects.get().source_id == "über/1.a_b-c:1"


def test_the_desk_asks_for_the_site_in_its_own_words(desk: Client, tmp_path: Path) -> None:
    """Files of Waline have paths alone."""
    waline = {"type": "waline", "version": 1, "data": {"Comment": [], "Users": [], "Counter": []}}
    hand_in(desk, json.dumps(waline).encode(), format="waline", sites="")

    job = CommentImport.objects.get()
    shown = desk.get(reverse("admin:comments_commentimport_change", args=[job.pk])).content.decode()
    assert job.state == "failed"
    assert "mit der Adresse der Site" in shown
    assert "--site" not in shown
    hand_in(desk, json.dumps(waline).encode(), format="waline", sites="blog.example")
    assert CommentImport.objects.latest("pk").state == "read"


def test_the_report_at_the_desk_names_no_option_of_the_command(desk: Client, tmp_path: Path) -> None:
    post = disqus.Post("1", text="Alt")
    path = disqus.write(tmp_path / "a.xml", [disqus.Thread("1", link="https://blog.example/post"), post])
    call_command("import_comments", "disqus", str(path), "--site", "blog.example")
    records = [
        disqus.Thread("1", link="https://blog.example/post"),
        disqus.Thread("2", link="", identifier="page-2"),
        disqus.Post("1", text="Neu"),
        disqus.Post("2", thread="2", text="Ohne Adresse"),
    ]
    content = disqus.write(tmp_path / "b.xml", records).read_bytes()

    hand_in(desk, content)
    hand_in(desk, archive(tmp_path, "Anderswo"), sites="other.example")

    changed, elsewhere = (job.report["lines"] for job in CommentImport.objects.order_by("pk"))
    said = "\n".join(changed + elsewhere)
    assert "changed there since; the command import_comments can take it over: 1" in said
    assert "becomes their address on the site; the command import_comments can give them another: 1" in said
    assert "No page with comments is on a host of the site: hand the file in again with the addresses" in said
    assert "--" not in said


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"sites": "blog.example\nnot an address"}, "ist keine Adresse einer Site"),
        ({"format": "usenet"}, "usenet"),
    ],
)
def test_a_form_that_is_refused_comes_back_filled(
    desk: Client, fields: dict[str, str], said: str, tmp_path: Path
) -> None:
    answer = hand_in(desk, archive(tmp_path, "Erster!"), **fields)

    shown = answer.content.decode()
    assert answer.status_code == 200
    assert said in shown
    assert "blog.example" in shown
    assert not CommentImport.objects.exists()


def test_it_is_for_administrators(eddy: User, mo: User, tmp_path: Path) -> None:
    for person in (eddy, mo):
        client = Client()
        client.force_login(person)
        assert client.get(ADD).status_code == 403
        assert hand_in(client, archive(tmp_path, "Erster!")).status_code == 403
    assert not CommentImport.objects.exists()


def test_a_worker_that_stops_amid_an_import_leaves_it_to_the_next(
    queue: None, ada: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "EVERY", 0.0)
    file = SimpleUploadedFile("x.xml", gzip.decompress(archive(tmp_path, *(f"Nummer {n}" for n in range(30)))))
    job = actions.add_import(file, actor=ada, system="disqus", sites="blog.example")
    stop = Event()
    run = jobs.run

    def stopped(*args: Any) -> Any:
        *given, progress = args

        def step(phase: str, share: float, done: int) -> None:
            if done > 5:
                stop.set()
            progress(phase, share, done)

        found: Progress = step
        return run(*given, found)

    monkeypatch.setattr(jobs, "run", stopped)
    move_in.enqueue(job.pk)
    first = Thread(target=worker.run, args=(stop,))
    first.start()
    first.join(60)
    assert not first.is_alive()
    assert CommentImport.objects.get().state == "reading"
    monkeypatch.setattr(jobs, "run", run)

    stop, second = Event(), None
    second = Thread(target=worker.run, args=(stop,))
    second.start()
    while CommentImport.objects.get().state == "reading":
        assert second.is_alive()
    stop.set()
    second.join(60)

    assert CommentImport.objects.get().report["numbers"]["new"] == 30


def _let_them_fall_silent() -> None:
    """As if two minutes had passed since the worker's last sign."""
    before = timezone.now() - timedelta(minutes=2)
    Worker.objects.update(seen_at=before)
    DBTaskResult.objects.running().update(started_at=before)


def test_an_import_that_took_three_workers_down_says_so_and_can_be_tried_again(
    desk: Client, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    number, env = 3_000, on_tests_database(tmp_path)
    hand_in(desk, archive(tmp_path, *(f"Nummer {n}" for n in range(number))))
    page = reverse("admin:comments_commentimport_change", args=[CommentImport.objects.get().pk])
    request.getfixturevalue("queue")
    desk.post(page, {"_begin": ""})
    for _attempt in range(3):
        before = Comment.objects.count()
        with Process("worker", env=env) as process:
            wait_for(lambda before=before: Comment.objects.count() > before, what="comments")
            process.stop(signal.SIGKILL)
        _let_them_fall_silent()
    assert CommentImport.objects.get().state == "writing"

    assert worker.sweep() == 1

    some = Comment.objects.count()
    assert 0 < some < number
    shown = desk.get(page)
    assert "Unterbrochen" in shown.content.decode()
    assert "es geht weiter, wo es aufgehört hat" in shown.content.decode()
    assert "Refresh" not in shown.headers
    assert ImportPart.objects.exists()
    request.getfixturevalue("work")
    desk.post(page, {"_again": ""})
    wait_for(lambda: CommentImport.objects.get().state == "done", what="the rest", seconds=60)
    assert Comment.objects.count() == number
    assert "Alles ist übernommen" in desk.get(page).content.decode()


def test_an_import_whose_task_ends_in_an_error_is_looked_through_again(
    work: Event, desk: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: Any) -> Any:
        raise MemoryError

    with monkeypatch.context() as patched:
        patched.setattr(jobs, "run", fail)
        hand_in(desk, archive(tmp_path, "Erster!"))
        wait_for(lambda: CommentImport.objects.get().state == "stopped", what="the end")
    page = reverse("admin:comments_commentimport_change", args=[CommentImport.objects.get().pk])
    assert "Nichts wurde geschrieben" in desk.get(page).content.decode()

    desk.post(page, {"_again": ""})

    wait_for(lambda: CommentImport.objects.get().state == "read", what="the numbers")
    assert CommentImport.objects.get().report["numbers"]["new"] == 1
    assert not Comment.objects.exists()


def test_an_import_that_was_interrupted_can_be_dropped(desk: Client, ada: User, tmp_path: Path) -> None:
    hand_in(desk, archive(tmp_path, "Erster!"))
    job = CommentImport.objects.get()
    CommentImport.objects.update(state="writing")
    interrupt_import(job.pk)

    desk.post(f"/admin/comments/commentimport/{job.pk}/delete/", {"post": "yes"})

    assert not CommentImport.objects.exists()
    assert not ImportPart.objects.exists()


def test_an_import_that_is_dropped_while_it_is_at_work_ends(
    ada: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "EVERY", 0.0)
    job = actions.add_import(SimpleUploadedFile("x", archive(tmp_path, "a", "b", "c")), actor=ada, system="disqus")
    CommentImport.objects.all().delete()

    assert jobs.work(job.pk, lambda: False) is False
    assert not Comment.objects.exists()


def test_the_formats_are_those_of_the_command() -> None:
    assert list(FORMATS) == NAMES
