"""`manage.py import_comments`: what becomes of the comments of another system, and what its numbers say."""

from __future__ import annotations

import gzip
import random
import time
from collections import Counter
from datetime import UTC, datetime
from io import StringIO
from zipfile import ZipFile

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from accounts.models import User
from articles.importers.markup import comment_of
from comments import actions
from comments.importers.cleaning import cleaned
from comments.importers.records import Markup
from comments.models import Alias, Comment, CommentTally, Discussion
from newsroom.live.models import Event
from tests.comments.tools import kinds, page
from tests.importers.conftest import BLOG
from tests.importers.disqus import SITE, Post, Thread, write

pytestmark = pytest.mark.django_db
HERE = ("--site", SITE)
ARCHIVE = [
    Thread("1", identifier="eins"),
    Post("10"),
    Post("12", parent="11", text="<p>Unter dem Gelöschten</p>"),
    Post("11", parent="10", is_deleted=True, text=""),
    Post("13", parent="10", is_deleted=True, text="<p>Weg, und nichts darunter</p>"),
    Post("14", parent="10", is_spam=True),
    Post("15", parent="14", text="<p>Unter dem Müll</p>"),
    Post("16", parent="99", text="<p>Ohne, worauf</p>"),
    Post("17", text="<p> </p>"),
    Post("10", text="<p>Noch einmal 10</p>"),
    Thread("2", link="http://www.blatt.example/eins/?utm_source=brief", title=""),
    Post("20", thread="2", parent="10", text="<p>Dieselbe Seite</p>", at="2020-01-02T03:04:05"),
    Thread("3", link=f"{SITE}/zwei/", is_closed=True),
    Post("30", thread="3", parent="10", is_deleted=True, text="<p>Entfernt</p>"),
    Post("31", thread="3", parent="30"),
    Thread("4", link="http://localhost:4000/eins/"),
    Post("40", thread="4"),
    Post("41", thread="4", is_spam=True),
    Post("50", thread="77"),
    Post("60", at="gestern"),
    Thread("5", link=f"{SITE}/leer/"),
]
NUMBERS = {
    "format": "disqus",
    "read": {"threads": 5, "comments": 16},
    "new": 6,
    "known": 0,
    "held": 0,
    "tombstone": 2,
    "left": {"deleted": 1, "spam": 1, "foreign_host": 2, "no_thread": 1, "empty": 1, "repeated": 1, "broken": 1},
    "rerooted": 2,
    "votes": 0,
    "discussions": 2,
}


def _comment(number: object) -> Comment:
    return Comment.objects.get(source="disqus", source_id=f"blatt.example:{number}")


def _rows() -> dict[str, tuple[int, object]]:
    """The number of rows and the highest key of every table."""
    return {
        model.__name__: (model.objects.count(), model.objects.order_by("-pk").values_list("pk", flat=True).first())
        for model in apps.get_models()
        if model._meta.managed
    }


def test_each_record_ends_in_one_counter_and_a_second_run_adds_nothing(move, tmp_path):
    path = write(tmp_path / "export.xml", ARCHIVE)
    before = _rows()

    dry = move("disqus", path, *HERE, "--dry-run")
    assert _rows() == before
    real = move("disqus", path, *HERE)
    after = _rows()
    again = move("disqus", path, *HERE)

    assert dry == real == NUMBERS
    kept = real["new"] + real["known"] + real["held"] + real["tombstone"]
    assert kept + sum(real["left"].values()) == real["read"]["comments"]
    assert again == NUMBERS | {"new": 0, "tombstone": 0, "known": 8}
    assert _rows() == after
    assert not User.objects.exists()


def test_states_tree_and_addresses_are_as_they_were(move, tmp_path, api, mo):
    move("disqus", write(tmp_path / "export.xml", ARCHIVE), *HERE)
    one, two = Discussion.objects.get(url=f"{SITE}/eins"), Discussion.objects.get(url=f"{SITE}/zwei")

    assert (one.title, one.switch, two.switch) == ("Eins", "auto", "closed")
    assert not Discussion.objects.filter(url=f"{SITE}/leer").exists()
    assert not Alias.objects.exists()  # both addresses have one canonical form
    assert _comment(10).text == "Text"
    assert _comment(10).created_at == _comment(20).created_at == datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert (_comment(11).state, _comment(11).text, _comment(11).author_name) == ("erased", "", "")
    assert (_comment(12).parent, _comment(12).root) == (_comment(11), _comment(10))
    assert _comment(15).parent == _comment(10)  # what it answers is left out
    assert _comment(16).parent is None
    assert _comment(20).parent == _comment(10)
    assert (_comment(30).state, _comment(30).parent) == ("removed", None)  # its parent is on another page
    assert _comment(31).parent == _comment(30)
    assert one.tally.comment_count == 5
    assert two.tally.comment_count == 1
    assert CommentTally.objects.get(pk=_comment(10).pk).reply_count == 3
    shown = page(api(), f"/api/v1/comments/{_comment(30).pk}/")
    assert (shown["state"], shown["text"]) == ("removed", "")
    assert kinds(one.stream) == []  # nobody has seen it before

    actions.restore(_comment(30).pk, actor=mo)

    two.tally.refresh_from_db()
    assert two.tally.comment_count == 2
    assert page(api(), f"/api/v1/comments/{_comment(30).pk}/")["text"] == "Entfernt"


def test_what_comes_later_is_added_with_one_event(move, tmp_path):
    move("disqus", write(tmp_path / "export.xml", ARCHIVE), *HERE)
    there = Discussion.objects.get(url=f"{SITE}/eins")

    later = move("disqus", write(tmp_path / "later.xml", [*ARCHIVE, Post("70", parent="12"), Post("71")]), *HERE)

    assert (later["new"], later["known"]) == (2, 8)
    assert _comment(70).parent == _comment(12)
    assert kinds(there.stream) == ["discussion.rebuilt"]
    assert Event.objects.filter(kind__startswith="comment.").count() == 0


def test_packed_files_are_read_and_other_hosts_are_named(move, tmp_path):
    plain = write(tmp_path / "export.xml", ARCHIVE)
    packed, zipped, two = tmp_path / "a", tmp_path / "b", tmp_path / "c"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    for path, names in ((zipped, ["export.xml"]), (two, ["export.xml", "more.xml"])):
        with ZipFile(path, "w") as archive:
            for name in names:
                archive.write(plain, name)

    assert move("disqus", packed, *HERE, "--dry-run") == move("disqus", zipped, *HERE, "--dry-run") == NUMBERS
    with pytest.raises(CommandError, match="2 files in it") as refused:
        move("disqus", two, *HERE)
    assert refused.value.returncode == 1
    locked = bytearray(zipped.read_bytes())
    for start, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):  # as if it had a password
        locked[locked.rfind(start) + flags] |= 1
    two.write_bytes(locked)
    with pytest.raises(CommandError, match="Zip file: it has a password") as refused:
        move("disqus", two, *HERE)
    assert refused.value.returncode == 1
    out = StringIO()
    call_command("import_comments", "disqus", str(packed), "--site", "https://other.example", stdout=out)
    assert "Host blatt.example: 4 pages, 12 comments left out" in out.getvalue()
    assert "--site URL" in out.getvalue()


def test_a_file_that_is_cut_off_or_hostile_changes_nothing(move, tmp_path, pytestconfig):
    whole = write(tmp_path / "export.xml", ARCHIVE).read_bytes()
    packed = gzip.compress(whole)
    chance = random.Random(20)
    places = 50 if pytestconfig.getoption("--full") else 8
    cuts = [whole[: chance.randrange(len(whole) - 12)] for _ in range(places)]
    cuts += [packed[: chance.randrange(3, len(packed))] for _ in range(places // 2)]
    bomb = gzip.compress(b"<disqus>" + b" " * (65 * 2**20))
    laughs = b'<!DOCTYPE d [<!ENTITY a "ha">]><disqus><thread>&a;</thread></disqus>'
    before = _rows()

    for number, data in enumerate([*cuts, bomb, laughs, b"", b"<rss/>", b"{}", b"PK\x03\x04damaged"]):
        path = tmp_path / f"cut{number}"
        path.write_bytes(data)
        with pytest.raises(CommandError, match=r"(Line|Byte) \d|Zip file") as refused:
            move("disqus", path, *HERE)
        assert refused.value.returncode == 1

    assert _rows() == before


_POSTS = st.lists(
    st.tuples(
        st.integers(0, 12),  # the id
        st.integers(0, 14),  # what it answers: itself, later ones, those of other pages, none
        st.integers(0, 3),  # the page; nobody knows the last one
        st.integers(0, 3),  # the time
        st.sampled_from(["shown", "shown", "deleted", "spam"]),
    ),
    max_size=25,
)


@settings(
    max_examples=25,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(posts=_POSTS)
def test_whatever_answers_whatever_all_is_counted_and_nothing_is_torn(move, tmp_path_factory, posts):
    records = [Thread(str(number), link=f"{SITE}/{number}/") for number in range(3)]
    records += [
        Post(
            str(number),
            thread=str(thread),
            parent=str(parent) if parent else "",
            at=f"2020-01-01T00:00:0{second}Z",
            is_deleted=state == "deleted",
            is_spam=state == "spam",
        )
        for number, parent, thread, second, state in posts
    ]
    path = write(tmp_path_factory.mktemp("archive") / "export.xml", records)
    with transaction.atomic():
        numbers = move("disqus", path, *HERE)
        _must_be_sound(posts, numbers)
        assert move("disqus", path, *HERE, "--dry-run")["known"] == Comment.objects.count()
        transaction.set_rollback(True)


def _must_be_sound(posts: list[tuple[int, int, int, int, str]], numbers: dict) -> None:
    """Compare what stands here with the posts, by other means than the importer's."""
    firsts = {}
    for post in sorted((post for post in posts if post[2] < 3), key=lambda post: post[2]):
        firsts.setdefault(post[0], post)
    seen = {number for number, post in firsts.items() if post[4] == "shown"}

    def above(number: int) -> list[int]:
        way: list[int] = []
        while (up := firsts[number][1]) in firsts and firsts[up][2] == firsts[number][2] and up not in {number, *way}:
            way.append(number := up)
        return way

    there = {int(each.source_id.rpartition(":")[2]): each for each in Comment.objects.select_related("parent", "root")}
    tombs = {number for number, each in there.items() if each.state in {"removed", "erased"}}
    assert there.keys() - tombs == seen
    assert numbers["new"] == len(seen)
    assert numbers["tombstone"] == len(tombs)
    assert numbers["left"]["no_thread"] == sum(post[2] == 3 for post in posts)
    circles = {number for number in firsts if _answers_itself(number, firsts)}
    for number, each in there.items():
        if each.parent_id and number not in circles:
            wanted = next(up for up in above(number) if up in there)
            assert each.parent == there[wanted]
            assert each.order > each.parent.order or each.created_at <= each.parent.created_at
        assert (each.root_id is None) == (each.parent_id is None)
    if not circles:
        assert tombs == {n for n in firsts if firsts[n][4] == "deleted" and any(n in above(below) for below in seen)}
        assert numbers["rerooted"] == sum(
            firsts[n][1] > 0 and (firsts[n][1] not in firsts or firsts[firsts[n][1]][2] != firsts[n][2]) for n in there
        )
    counts = Counter(
        pk for each in there.values() if each.state == "published" for pk in {each.parent_id, each.root_id}
    )
    del counts[None]
    assert {pk: n for pk, n in CommentTally.objects.values_list("pk", "reply_count") if n} == counts
    kept = numbers["new"] + numbers["known"] + numbers["held"] + numbers["tombstone"]
    assert kept + sum(numbers["left"].values()) == numbers["read"]["comments"] == len(posts)


def _answers_itself(number: int, firsts: dict) -> bool:
    """Whether the way up from a comment comes to a circle."""
    way = {number}
    while (up := firsts[number][1]) in firsts and firsts[up][2] == firsts[number][2]:
        if up in way:
            return True
        way.add(up)
        number = up
    return False


def test_comments_of_a_wordpress_export_come_in_under_its_articles_and_are_known_by_them(move, run):
    run()
    there = Discussion.objects.get(article__source_id="hafen.example/blog:11")
    Comment.objects.filter(source_id="hafen.example/blog:101").update(source_id="hafen.example/blog:1")

    numbers = move("wordpress", BLOG)

    elements = BLOG.read_text().count("<wp:comment>")
    kept = numbers["new"] + numbers["known"] + numbers["held"] + numbers["tombstone"]
    assert kept + sum(numbers["left"].values()) == numbers["read"]["comments"] == elements
    assert (numbers["known"], numbers["new"]) == (9, 2)  # 101 again, and one under what is no article
    assert Comment.objects.get(source_id="hafen.example/blog:101").discussion == there


def test_a_map_leads_pages_to_articles_and_their_old_addresses_too(move, tmp_path, article, client, settings):
    settings.SITE_URL = "https://neu.example"
    moves = tmp_path / "moves.csv"
    moves.write_text(f'"{SITE}/eins?utm_source=x",/articles/{article.slug}/\nzwei-id,{SITE}/zwei-neu/\n')
    archive = [
        Thread("1"),
        Post("1"),
        Thread("2", identifier="zwei-id", link="http://localhost/zwei/", title="Zwei"),
        Post("2", thread="2"),
        Thread("3", identifier="zwei-id", link=f"{SITE}/zwei/", title=""),
        Post("3", thread="3", parent="2"),
    ]
    path = write(tmp_path / "export.xml", archive)

    numbers = move("disqus", path, *HERE, "--map", str(moves))

    assert (numbers["new"], numbers["rerooted"], numbers["discussions"]) == (3, 0, 2)
    assert _comment(1).discussion.article == article
    assert client.get("/eins/").headers["Location"] == article.get_absolute_url()
    two = Discussion.objects.get(url=f"{SITE}/zwei-neu")
    assert (two.title, [alias.url for alias in two.aliases.all()]) == ("Zwei", [f"{SITE}/zwei"])
    assert _comment(3).parent == _comment(2)
    assert move("disqus", path, *HERE)["known"] == 3
    moves.write_text("nur eine Spalte\n")
    with pytest.raises(CommandError, match="Row 1"):
        move("disqus", path, *HERE, "--map", str(moves))


def test_a_text_that_has_changed_there_is_reported_and_taken_over_on_demand(move, tmp_path, api, mo):
    before = write(tmp_path / "a.xml", [Thread("1"), Post("1"), Post("2"), Post("3"), Post("4")])
    after = write(
        tmp_path / "b.xml", [Thread("1"), *(Post(str(n), text="<p>Anders</p>") for n in (1, 2, 3)), Post("4")]
    )
    move("disqus", before, *HERE)
    actions.rewrite(_comment(2).pk, actor=mo, body="Hier geändert", reason="insult")
    actions.remove(_comment(3).pk, actor=mo, reason="insult")

    out = StringIO()
    call_command("import_comments", "disqus", str(after), *HERE, stdout=out)
    untouched = _comment(1).text
    move("disqus", after, *HERE, "--update")

    assert "since; say --update to take it over: 1 (the first: blatt.example:1)" in out.getvalue()
    assert untouched == "Text"
    assert [_comment(n).text for n in (1, 2, 3, 4)] == ["Anders", "Hier geändert", "Text", "Text"]
    assert page(api(), f"/api/v1/comments/{_comment(1).pk}/")["version"] == 2
    assert page(api(), "/api/v1/search/?q=anders")["results"][0]["id"] == _comment(1).pk
    assert kinds(_comment(1).discussion.stream)[-1] == "discussion.rebuilt"


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/St_Johns", "Europe/Berlin"])
def test_times_do_not_depend_on_the_servers_zone(move, tmp_path, zone, monkeypatch, settings):
    settings.TIME_ZONE = zone
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    move("disqus", write(tmp_path / "a.xml", [Thread("1"), Post("1"), Post("2", at="2020-07-01T12:00:00")]), *HERE)
    move("disqus", write(tmp_path / "b.xml", [Thread("1"), Post("3")]), *HERE, "--shift=-01:30")
    monkeypatch.undo()
    time.tzset()

    assert [_comment(n).created_at for n in (1, 2, 3)] == [
        datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC),
        datetime(2020, 7, 1, 12, tzinfo=UTC),
        datetime(2020, 1, 2, 1, 34, 5, tzinfo=UTC),
    ]


def test_anchors_of_other_systems_lead_to_comments_here(move, tmp_path, api, discussion, alice):
    move("disqus", write(tmp_path / "export.xml", ARCHIVE), *HERE)
    one, two = (Discussion.objects.get(url=f"{SITE}/{name}") for name in ("eins", "zwei"))
    own = actions.post(discussion.pk, author=alice, text="Von hier").comment

    def led(there: Discussion, name: str) -> int | None:
        answer = api().get(f"/api/v1/discussions/{there.pk}/anchor/", {"name": name})
        assert answer.status_code in {200, 404}
        return answer.json().get("comment")

    assert led(one, "comment-10") == _comment(10).pk
    assert led(one, "comment-12") == _comment(12).pk
    assert led(two, "comment-30") == _comment(30).pk  # its place is there
    assert led(discussion, f"comment-{own.pk}") == own.pk
    for there, name in [(one, "comment-31"), (one, "isso-10"), (one, "comment-"), (one, "x" * 5000)]:
        assert led(there, name) is None
    assert led(discussion, f"comment-{_comment(12).pk}") is None
    assert api().get(f"/api/v1/discussions/{one.pk}/anchor/").status_code == 404


@pytest.mark.parametrize(
    "html",
    [
        "<p>Ein Satz.</p>",
        "<p>Eins</p><p>zwei – „drei“ 4 * 5_6_7</p>\n<p>www.haus.example und a@b.example</p>",
        "<p>漢字 🙂 \u202eRTL</p>",
        "<p>https://x.example/a_b?c=d</p>",
        "<p># kein Titel</p><p>- kein Punkt</p><p>[caption]x[/caption]</p>",
    ],
)
def test_plain_paragraphs_are_cleaned_as_any_html_is(html):
    assert cleaned(html, Markup.HTML, SITE) == comment_of(html, SITE)
