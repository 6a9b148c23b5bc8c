"""Discussions of any size for benchmarks, the same at every run, written past the actions but as the folds would.

`python -m tests.bench.discussions 1000 100000` in an environment of the product: fills its migrated, empty database
and prints one line of JSON, see `fill`.
"""

from __future__ import annotations

import json
import os
import random
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import batched
from typing import Any

import django
from django.conf import settings
from django.core.management.color import no_style
from django.db import connection, transaction

START = datetime(2026, 1, 5, 6, 0, tzinfo=UTC)
PEOPLE = 6000  # each of them posts little, as the limits have it
SPEAKERS = 600  # the others have said nothing yet
DEEPEST = 6
SMALL = 20  # discussions of up to 500 comments
AT_ONCE = 20_000  # rows
CURSORS = 256  # pages that begin each one comment later, so that no two requests are the same
WORDS = (  # noqa: SIM905
    "der die und in den von zu das mit sich auf für ist nicht ein eine als auch es an werden aus er hat dass sie nach "
    "wird bei Straße größer Bürger Gemeinde Überlegung natürlich Maßnahme Regierung Zeitung Kommentar Meinung früher "
    "Jahre können müssen dürfen würde hätte Entscheidung Öffentlichkeit Stadtrat Haushalt Verkehr Wohnung Miete Klima "
    "the of and to that was he for with his are but from have they which one you were all her she there would their"
).split()


def fill(sizes: Sequence[int]) -> dict[str, Any]:
    """{"discussions": {size: {id, slug, newest, deep, oldest, best: queries}}, "slugs": 20 more, "sessions": keys}."""
    from accounts.models import User
    from comments.models import DiscussionTally

    people = _people()
    chance = random.Random(7)
    rows, texts = Rows(), texts_of(chance)
    speakers = [person.pk for person in people[:SPEAKERS]]
    editor = User.objects.create_user("editor@example.org", "Editor", role=User.Role.EDITOR, is_confirmed=True)
    articles = [_article(editor, number) for number in range(SMALL + len(sizes))]
    first = 1
    with unindexed():
        for number, size in enumerate([*(chance.randint(0, 500) for _ in range(SMALL)), *sizes]):
            comments = comments_of(first, size, speakers, texts, random.Random(number))
            rows.add(articles[number][1].pk, comments)
            first += size
        rows.finish()
        for discussion, (count, last) in rows.heads.items():
            DiscussionTally.objects.filter(pk=discussion).update(**head(count, last))
    slugs = [slug for slug, _ in articles[:SMALL]]
    made = {
        size: {"id": discussion.pk, "slug": slug, **_pages(discussion)}
        for size, (slug, discussion) in zip(sizes, articles[SMALL:], strict=True)
    }
    return {"discussions": made, "slugs": slugs, "sessions": sessions_of(people[SPEAKERS:])}


def _people() -> list[Any]:
    from accounts.models import User
    from accounts.names import name_key

    names = [f"Person {number}" for number in range(PEOPLE)]
    return User.objects.bulk_create(
        User(
            email=f"{name.replace(' ', '')}@example.org".lower(),
            name=name,
            name_key=name_key(name),
            password="!",
            is_confirmed=True,
            language="de",
        )
        for name in names
    )


def sessions_of(people: Iterable[Any], *, prefix: str = "bench", backend: str = "") -> list[str]:
    """Logged in, as by the form: the key of a session each. They do not end soon."""
    from django.contrib.sessions.backends.db import SessionStore
    from django.contrib.sessions.models import Session

    rows = []
    for person in people:
        store = SessionStore(session_key=f"{prefix}{person.pk:0{32 - len(prefix)}}")
        content = {
            "_auth_user_id": str(person.pk),
            "_auth_user_backend": backend or settings.AUTHENTICATION_BACKENDS[0],
            "_auth_user_hash": person.get_session_auth_hash(),
        }
        until = datetime.now(UTC) + timedelta(days=3650)
        rows.append(Session(session_key=store.session_key, session_data=store.encode(content), expire_date=until))
    Session.objects.bulk_create(rows)
    return [row.session_key for row in rows]


def _article(editor: Any, number: int) -> tuple[str, Any]:
    from articles import actions
    from articles.models import Section
    from comments.actions import discussion_of

    section, _ = Section.objects.get_or_create(name="Lokales", slug="lokales")
    drafted = actions.draft_article(
        actor=editor,
        section=section,
        headline=f"Der Stadtrat streitet zum {number}. Mal",
        lead="Es geht um die Brücke.",
        body="## Der Anlass\n\n" + "Am Morgen begann die Sitzung, am Abend war sie nicht zu Ende. " * 30,
    )
    article = actions.publish_article(drafted.pk, actor=editor)
    return article.slug, discussion_of(article)


def texts_of(chance: random.Random) -> list[tuple[str, str]]:
    """Markdown and its HTML: 40 to 600 characters, every eighth with emphasis, every sixteenth with a link."""
    from newsroom.text import render_comment

    made = []
    for number in range(2000):
        length = min(600, max(40, int(chance.lognormvariate(5.1, 0.7))))
        words = chance.choices(WORDS, k=length // 6 + 1)
        if number % 8 == 0:
            words[0] = f"**{words[0]}**"
        if number % 16 == 0:
            words.append(f"https://news.example/{number}")
        text = " ".join(words).capitalize() + "."
        made.append((text, render_comment(text)))
    return made


@dataclass(slots=True)
class Made:
    """One comment; `root` and `parent` are primary keys, the people too."""

    pk: int
    parent: int | None
    root: int | None
    depth: int
    author: int
    text: str
    html: str
    at: datetime
    likes: list[int] = field(default_factory=list)  # who
    dislikes: list[int] = field(default_factory=list)

    @property
    def order(self) -> int:
        return int((self.at - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(microseconds=1))


def said(size: int) -> Iterator[Made]:
    """A discussion for somebody else's database."""
    chance = random.Random(7)
    return comments_of(1, size, range(1, SPEAKERS + 1), texts_of(chance), chance)


def comments_of(
    first: int, size: int, people: Sequence[int], texts: Sequence[tuple[str, str]], chance: random.Random
) -> Iterator[Made]:
    """Three of ten answer one of those before, mostly a young one; every twentieth has reactions."""
    at, depths, roots = START, bytearray(size), [0] * size
    for number in range(size):
        at += timedelta(microseconds=chance.randint(1, 9_000_000))
        parent = _answered(number, depths, chance) if chance.random() < 0.3 else None
        depths[number] = 0 if parent is None else depths[parent] + 1
        roots[number] = number if parent is None else roots[parent]
        text, html = chance.choice(texts)
        made = Made(
            first + number,
            None if parent is None else first + parent,
            None if parent is None else first + roots[parent],
            depths[number],
            people[int(len(people) * chance.random() ** 2)],
            text,
            html,
            at,
        )
        if number % 20 == 0:
            voters = chance.sample(people, chance.randint(1, 5))
            cut = chance.randint(0, len(voters))
            made.likes, made.dislikes = voters[:cut], voters[cut:]
        yield made


def _answered(number: int, depths: bytearray, chance: random.Random) -> int | None:
    for _ in range(4):
        young = max(0, number - 60) if chance.random() < 0.6 else 0
        parent = chance.randrange(young, number) if number else None
        if parent is not None and depths[parent] < DEEPEST:
            return parent
    return None


class Rows:
    """Comments with tallies and reactions, written twenty thousand at a time: what the fold would have counted."""

    def __init__(self) -> None:
        self.heads: dict[int, tuple[int, Made]] = {}  # discussion → how many comments it has, and its last one
        self._comments: list[tuple[Any, ...]] = []
        self._tallies: list[tuple[Any, ...]] = []
        self._reactions: list[tuple[Any, ...]] = []

    def add(self, discussion: int, comments: Iterable[Made], *, is_chat: bool = False) -> None:
        from comments import ranking

        replies: Counter[int] = Counter()
        reactions: dict[int, dict[str, int]] = {}
        for number, each in enumerate(comments, start=1):
            root = None if is_chat else each.root
            replies.update({pk for pk in (each.parent, root) if pk is not None})
            counts = {"dislike": len(each.dislikes), "like": len(each.likes)}
            if counts := {name: number for name, number in counts.items() if number}:
                reactions[each.pk] = counts
            score = ranking.score(counts, is_out=False)
            self._comments.append(_row(each, discussion, root, score))
            self._reactions += _reactions(each)
            self.heads[discussion] = number, each
            if len(self._comments) >= AT_ONCE:
                self.write()
        known = sorted(replies.keys() | reactions)
        self._tallies += [(pk, replies[pk], False, json.dumps(reactions.get(pk, {})), 0) for pk in known]

    @transaction.atomic
    def write(self) -> None:
        from comments.models import Comment, Reaction

        copy(Comment, COLUMNS, self._comments)
        copy(Reaction, ["comment_id", "person_id", "name", "created_at"], self._reactions)
        self._comments, self._reactions = [], []

    @transaction.atomic
    def finish(self) -> None:
        """The rest, and the tallies of the comments, which refer to them."""
        from comments.models import CommentTally

        self.write()
        copy(CommentTally, ["comment_id", "reply_count", "is_out", "reactions", "rounds"], self._tallies)


def head(count: int, last: Made) -> dict[str, Any]:
    """What the tally of a discussion says after its last comment."""
    moved = {"last_comment_id": last.pk, "last_activity": last.at, "last_order": last.order}
    return {"comment_count": count, **moved, "version": count}


COLUMNS = ["id", "discussion_id", "parent_id", "root_id", "author_id", "author_name", "text", "html", "state"]
COLUMNS += ["order", "score", "ranked_at", "version", "settled", "created_at", "published_at", "source", "source_id"]


def _row(each: Made, discussion: int, root: int | None, score: int) -> tuple[Any, ...]:
    said = (each.author, "", each.text, each.html, "published")
    counted = (each.order, score, 0, 1, 1)
    return (each.pk, discussion, each.parent, root, *said, *counted, each.at, each.at, "", "")


def _reactions(each: Made) -> Iterator[tuple[Any, ...]]:
    for name, people in (("like", each.likes), ("dislike", each.dislikes)):
        yield from ((each.pk, person, name, each.at) for person in people)


def copy(model: Any, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    table, names = model._meta.db_table, ", ".join(f'"{name}"' for name in columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as stream:
                for row in rows:
                    stream.write_row(row)
        else:
            marks = ", ".join(["%s"] * len(columns))
            plain = [tuple(_text(value) for value in row) for row in rows]
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", plain)


def _text(value: Any) -> Any:
    """As Django keeps times in SQLite."""
    return value.replace(tzinfo=None).isoformat(" ") if isinstance(value, datetime) else value


def learn(index: Any, rows: Any) -> None:
    """Let a search know these rows: many at once, since nobody waits meanwhile."""
    for some in batched(rows.order_by("pk").values_list("pk", *index.columns).iterator(AT_ONCE), AT_ONCE):
        with transaction.atomic():
            index.learn((pk, index.text(*columns)) for pk, *columns in some)


@contextmanager
def unindexed() -> Iterator[None]:
    """Without the index of the search, which is made at the end, once; keys given here are taken afterwards."""
    from comments import search
    from comments.models import Comment

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("DROP INDEX comments_words_index")
    yield
    learn(search.INDEX, Comment.objects.listed().filter(state="published"))
    search.install()
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [Comment]):
            cursor.execute(statement)
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def _pages(discussion: Any) -> dict[str, list[str]]:
    """Queries of pages: at the newest end, half way, at the oldest end, and from the best on."""
    from comments.models import Comment

    tops = Comment.objects.listed().filter(discussion=discussion, root=None)
    return {
        "newest": _cursors(discussion, "newest", tops.order_by("-order"), 0, ["order"]),
        "deep": _cursors(discussion, "newest", tops.order_by("-order"), tops.count() // 2, ["order"]),
        "oldest": _cursors(discussion, "oldest", tops.order_by("order"), 0, ["order"]),
        "best": _cursors(discussion, "best", tops.order_by("-score", "-order"), 0, ["score", "order"], [0]),
    }


def _cursors(
    discussion: Any, sort: str, rows: Any, start: int, keys: Sequence[str], more: Sequence[int] = ()
) -> list[str]:
    from newsroom.api.paging import cursor_after

    scope = f"{discussion.stream}:{sort}"
    places = rows.values_list(*keys)[start : start + CURSORS]
    return [f"sort={sort}&cursor={cursor_after(scope, [*place, *more])}" for place in places]


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "newsroom.settings"
    django.setup()
    print(json.dumps(fill([int(size) for size in sys.argv[1:]])))
