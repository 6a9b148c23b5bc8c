"""`manage.py import_articles`: its numbers, its refusals, and that it may be run again."""

from __future__ import annotations

import pytest
from django.core.management import CommandError

from articles.models import Article, Section
from comments import actions
from comments.models import Comment, Discussion
from newsroom.live.models import Event
from tests.comments.tools import kinds, log_holds, page

pytestmark = pytest.mark.django_db
LEFT_OUT = (
    "1 comments under what was left out, 1 comments without text, 1 pingbacks, 1 spam comments, 1 trackbacks, "
    "1 comments in the bin, 1 attachments, 1 pages, 1 posts whose number is missing or came before, "
    "1 posts in the bin or unfinished"
)
NUMBERS = [
    "Articles published: 3",
    "Articles scheduled: 1",
    "Articles as drafts: 3",
    "Sections made: 2",
    "Old addresses that lead here: 7",
    "Comments published: 9",
    "Comments waiting for a moderator: 1",
    f"Left out: {LEFT_OUT}",
]
LAUGHS = """<?xml version="1.0"?>
<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>
<rss><channel><title>&c;</title></channel></rss>"""
LATER = (
    "<wp:comment><wp:comment_id>120</wp:comment_id><wp:comment_author>Spät</wp:comment_author>"
    "<wp:comment_date_gmt>2019-03-05 12:00:00</wp:comment_date_gmt><wp:comment_content>Da.</wp:comment_content>"
    "<wp:comment_approved>1</wp:comment_approved><wp:comment_parent>103</wp:comment_parent></wp:comment>"
)
FOREIGN = '<?xml version="1.0"?>\n<!DOCTYPE rss SYSTEM "file:///etc/passwd">\n<rss></rss>'


def test_it_says_what_it_did(run):
    assert sorted(run()) == sorted(NUMBERS)


def test_a_dry_run_says_the_same_and_writes_nothing(run):
    counted = run(*_dry())

    assert not Article.objects.exists()
    assert not Section.objects.exists()
    assert counted == run()


def test_a_second_run_changes_nothing_and_says_so(run, imported):
    Article.objects.filter(slug="ein-steg").update(headline="Berichtigt")
    before = _rows()

    said = run()

    assert "Nothing new." in said
    assert "Articles known already: 7" in said
    assert "Comments known already: 10" in said
    assert _rows() == before


def test_a_dry_run_after_it_says_the_same(run, imported):
    assert run(*_dry()) == run()


def test_comments_that_have_come_since_are_added(run, blog, imported):
    thread = Discussion.objects.get(article__slug="ein-steg")

    said = run(blog("</item>\n<item><title>Ein Steg<", f"{LATER}</item>\n<item><title>Ein Steg<"))

    assert "Comments published: 1" in said
    assert Comment.objects.get(author_name="Spät").parent.source_id.endswith(":103")
    assert thread.tally.comment_count == 10
    assert Event.objects.filter(stream=thread.stream, kind="discussion.rebuilt").count() == 1


def test_comments_come_in_where_another_discussion_was_merged_into_and_stay_there(run, blog, imported, api, alice, mo):
    """The discussion of an imported article can be the target of a merge only: it stays under its article."""
    thread = Discussion.objects.get(article__slug="ein-steg")
    other, _is_new = actions.discuss_page("https://blatt.example/steg", actor=mo, title="Steg")
    own = actions.post(other.pk, author=alice, text="Von nebenan.").comment
    refused = api(mo).put(f"/api/v1/discussions/{thread.pk}/merge/", {"into": other.pk})
    actions.merge(other.pk, thread.pk, actor=mo)

    run(blog("</item>\n<item><title>Ein Steg<", f"{LATER}</item>\n<item><title>Ein Steg<"))

    assert refused.status_code == 409
    late = Comment.objects.get(author_name="Spät")
    thread.tally.refresh_from_db()
    assert (late.discussion, late.parent.source_id[-4:], thread.tally.comment_count) == (thread, ":103", 11)
    actions.undo_merge(other.pk, actor=mo)
    late.refresh_from_db()
    own.refresh_from_db()
    thread.tally.refresh_from_db()
    assert (late.discussion, own.discussion, thread.tally.comment_count) == (thread, other, 10)


def test_the_same_number_of_another_blog_is_another_article(run, blog, imported):
    run(blog("https://hafen.example/blog", "https://werft.example"))

    assert Article.objects.count() == 14
    assert Article.objects.filter(slug__startswith="ein-steg").count() == 4


OF_102 = "<wp:comment_approved>{}</wp:comment_approved><wp:comment_type>{}</wp:comment_type><wp:comment_parent>101"
AS_COMMENT = OF_102.format("1", "comment")
TAKEN_DOWN = "Comments of an earlier import taken down, since no reader has written them: 1"


@pytest.fixture
def noted(blog):
    """`noted(kind, old, new, …, approved="1")` is a copy of the export in which comment 102 is of that kind."""

    def noted(kind, *more, approved="1"):
        return blog(AS_COMMENT, OF_102.format(approved, kind), *more)

    return noted


def said():
    return Comment.objects.get(source_id__endswith=":102")


@pytest.mark.parametrize("kind", ["note", "order_note"])
def test_what_no_reader_wrote_and_an_earlier_import_published_is_taken_down(run, noted, imported, api, kind):
    reply, thread = Comment.objects.get(source_id__endswith=":103"), said().discussion

    dry = run(noted(kind), "--dry-run")
    assert said().state == "published"
    real = run(noted(kind))

    assert TAKEN_DOWN in real
    assert f"1 comments of type “{kind}”" in " ".join(real)
    assert dry == real
    assert "Nothing new." not in real
    gone, below = (page(api(), f"/api/v1/comments/{pk}/") for pk in (said().pk, reply.pk))
    assert (gone["state"], gone["text"], gone["html"]) == ("removed", "", "")
    assert (below["parent"], below["text"]) == (said().pk, "Ich erst.")
    assert not log_holds("Finde ich auch")
    thread.tally.refresh_from_db()
    assert thread.tally.comment_count == 8
    assert "comment.removed" in kinds(thread.stream)
    again = run(noted(kind))
    assert TAKEN_DOWN not in again
    assert "Nothing new." in again


def test_what_no_reader_wrote_leaves_the_queue(run, noted, db, api, mo):
    run(noted("comment", approved="0"))
    waiting = {each["id"] for each in page(api(mo), "/api/v1/moderation/queue/")["results"]}
    assert said().pk in waiting

    assert TAKEN_DOWN in run(noted("note", approved="0"))

    assert said().state == "rejected"
    left = {each["id"] for each in page(api(mo), "/api/v1/moderation/queue/")["results"]}
    assert left == waiting - {said().pk}


def test_what_a_moderator_has_restored_stays(run, noted, imported, mo):
    run(noted("note"))
    actions.restore(said().pk, actor=mo)

    again = run(noted("note"))

    assert said().state == "published"
    assert TAKEN_DOWN not in again


@pytest.mark.parametrize("approved", ["spam", "trash", "2"])
def test_what_a_reader_wrote_stays_whatever_became_of_it_over_there(run, noted, imported, approved):
    again = run(noted("comment", approved=approved))

    assert said().state == "published"
    assert TAKEN_DOWN not in again


def test_of_two_records_with_a_number_the_first_counts(run, blog, imported):
    record = OF_102.format("1", "note")
    second = f"<wp:comment><wp:comment_id>102</wp:comment_id>{record}</wp:comment_parent></wp:comment>"

    run(blog("</item>\n<item><title>Ein Steg<", f"{second}</item>\n<item><title>Ein Steg<"))

    assert said().state == "published"


def test_it_is_taken_down_under_an_article_that_is_in_the_bin_by_now_too(run, noted, imported):
    binned = noted("note", "<wp:post_id>11</wp:post_id>", "<wp:post_id>11</wp:post_id><wp:status>trash</wp:status>")

    assert TAKEN_DOWN in run(binned)

    assert said().state == "removed"


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_older_exports_are_read(run, blog, version):
    changes = ("export/1.2/", f"export/{version}/", "<wp:wxr_version>1.2", f"<wp:wxr_version>{version}")

    assert "Articles published: 3" in run(blog(*changes))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Line 1, column 1: no element found"),
        ("<rss><channel>\n<item></channel></rss>", "Line 2, column 9: mismatched tag"),
        (LAUGHS, ": document type definitions are not allowed"),
        (FOREIGN, ": document type definitions are not allowed"),
        ("<rss><channel>&laugh;</channel></rss>", "undefined entity"),
        ("<html><body>Hallo</body></html>", "this is not a WordPress export"),
        ("<rss><channel><item></item></channel></rss>", "wxr_version: none"),
        ("<rss>" * 100, "nested too deeply"),
        ('<?xml version="1.0" encoding="klingon"?><rss></rss>', "unknown encoding"),
    ],
)
def test_a_broken_or_hostile_file_is_refused_with_its_place(run, tmp_path, text, sentence):
    path = tmp_path / "bad.xml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(CommandError) as refused:
        run(path)

    assert refused.value.returncode == 1
    assert sentence in str(refused.value)
    assert "\n" not in str(refused.value)
    assert not Article.objects.exists()


def test_of_a_truncated_file_nothing_is_imported(run, blog, tmp_path):
    path = tmp_path / "cut.xml"
    path.write_bytes(blog().read_bytes()[:-200])

    with pytest.raises(CommandError, match="Line"):
        run(path)

    assert not Article.objects.exists()
    assert not Section.objects.exists()


def test_a_missing_file_is_named_in_one_line(run, tmp_path):
    with pytest.raises(CommandError, match=r"missing\.xml: No such file"):
        run(tmp_path / "missing.xml")


def test_without_a_terminal_there_is_no_progress_bar(capfd, run):
    run()

    assert capfd.readouterr().err == ""


def _dry() -> tuple[object, ...]:
    from tests.importers.conftest import BLOG

    return (BLOG, "--dry-run")


def _rows() -> list[object]:
    return [list(model.objects.order_by("pk").values()) for model in (Article, Section, Discussion, Comment)]
