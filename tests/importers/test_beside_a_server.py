"""A server in the same folder keeps writing while an import runs."""

from __future__ import annotations

import time
from pathlib import Path
from threading import Event, Thread

import pytest
from django.db import connection

from comments import actions
from comments.models import Comment, Discussion

POSTS, REPLIES = 12, 150
PACE = 0.01  # seconds between two posts: SQLite's lock is not fair to whoever waits beside an endless loop
LONGEST = 2.0  # seconds that a post may wait; an import in one piece would keep it for its whole length


def _export(path: Path) -> Path:
    reply = (
        "<wp:comment><wp:comment_id>{id}</wp:comment_id><wp:comment_author>Wer</wp:comment_author>"
        "<wp:comment_date_gmt>2019-03-02 12:00:00</wp:comment_date_gmt><wp:comment_content>Satz {id}."
        "</wp:comment_content><wp:comment_approved>1</wp:comment_approved><wp:comment_parent>0</wp:comment_parent>"
        "</wp:comment>"
    )
    item = (
        "<item><title>Beitrag {id}</title><wp:post_id>{id}</wp:post_id><wp:post_type>post</wp:post_type>"
        "<wp:status>publish</wp:status><wp:post_date_gmt>2019-03-02 10:00:00</wp:post_date_gmt>{replies}</item>"
    )
    items = [
        item.format(id=post, replies="".join(reply.format(id=post * 1000 + number) for number in range(REPLIES)))
        for post in range(1, POSTS + 1)
    ]
    head = '<rss xmlns:wp="http://wordpress.org/export/1.2/"><channel><wp:wxr_version>1.2</wp:wxr_version>'
    path.write_text(f"{head}{''.join(items)}</channel></rss>", encoding="utf-8")
    return path


@pytest.mark.django_db(transaction=True)
def test_people_post_while_an_import_runs(run, discussion: Discussion, alice, settings, tmp_path):
    settings.LIMITS = {**settings.LIMITS, "comments": "1000/s"}
    done, waits, failed = Event(), [], []

    def write() -> None:
        try:
            while not done.wait(PACE):
                start = time.monotonic()
                actions.post(discussion.pk, author=alice, text=f"Zwischenruf {len(waits)}")
                waits.append(time.monotonic() - start)
        except Exception as error:  # noqa: BLE001
            failed.append(error)
        finally:
            connection.close()

    writer = Thread(target=write)
    writer.start()
    try:
        run(_export(tmp_path / "large.xml"))
    finally:
        done.set()
        writer.join()

    assert failed == []
    assert len(waits) > POSTS
    assert max(waits) < LONGEST
    assert Comment.objects.filter(source="wordpress").count() == POSTS * REPLIES
    assert discussion.tally.comment_count == len(waits)
