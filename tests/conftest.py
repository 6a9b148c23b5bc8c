"""The cast: the people and things that tests are about. Everybody has the same password."""

from __future__ import annotations

import functools
import gc
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from threading import Event, Thread

import pytest
from django.contrib.contenttypes.management import create_contenttypes
from django.core.cache import cache
from django.db import connection
from django.db.models.signals import post_migrate
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from pytest_django import DjangoDbBlocker, Settings
from rest_framework.test import APIClient

from accounts.models import User
from articles import actions as article_actions
from articles import breaking
from articles.models import Article, Section, Ticker, TickerItem
from comments import actions as comment_actions
from comments.models import Comment, Discussion
from newsroom.face.present import keeper
from newsroom.live.outbox import SITE, head
from newsroom.pages import pieces
from newsroom.server import worker
from tests.support import services
from tests.support.migrated import Migrated
from tests.support.migrating import no_index_is_mended
from tests.support.on_postgres import Run, beside
from tests.support.once import once
from tests.support.product import ROOT, demo

hypothesis_settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("untimed")

PASSWORD = "ein-langes-Geheimnis-7"


@pytest.fixture(scope="session")
def filled_folder(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Path]:
    """Each call gives a copy of a demo's data folder, its content loaded: that takes half a minute and is done once."""

    name = "Mein Ordner ü #1 50%25?"  # as an address of a database it would be another

    def fill(folder: Path) -> None:
        with demo(folder) as process:
            assert process.stop() == 0

    original = once(tmp_path_factory, name, fill)

    def copy() -> Path:
        return Path(shutil.copytree(original, tmp_path_factory.mktemp("copy") / name))

    return copy


# What writes, locks, asks, numbers or migrates. Words, markup and forms are the same wherever rows come from.
ON_POSTGRES = ("accounts", "articles", "comments", "equation", "importers", "live")
ON_POSTGRES_TOO = (
    "server/test_background.py",
    "test_deeds.py",
    "middleware/test_health.py",
    "database/test_columns.py",
    "api/test_paging.py",
    "pages/test_article.py",
    "pages/test_desk_growth.py",
    "pages/test_desk_lists.py",
    "pages/test_discussion.py",
    "pages/test_errors.py",
    "pages/test_feeds.py",
    "pages/test_front.py",
    "pages/test_taken_back.py",
    "pages/test_ticker.py",
    "pages/test_unseen.py",
)
# Forms, mails, markup, pictures, peers and protocol: whatever of it touches rows does so by what runs elsewhere.
NOT_ON_POSTGRES = (
    *("accounts/test_client.py", "accounts/test_enumeration.py", "accounts/test_mails.py"),
    *("accounts/test_programs.py", "accounts/test_signup.py", "accounts/test_way_back.py"),
    *("articles/test_foreign_pictures.py", "articles/test_photos.py", "articles/test_slugs.py"),
    *("comments/test_programs.py", "comments/test_scopes.py"),
    *("importers/test_articles.py", "importers/test_markup.py", "importers/test_mending.py"),
    *("live/test_asyncapi.py", "live/test_browser_side.py", "live/test_examples.py", "live/test_figures.py"),
    *("live/test_handshakes.py", "live/test_hostile_peers.py", "live/test_listener.py", "live/test_pings.py"),
    "live/test_sse.py",
)
# What locks, races, numbers, searches, merges or imports. Of all else, which sends the same few statements again and
# again, a part is asked on PostgreSQL, too, so that each statement meets its parser and its types; --full asks all.
WHOLE_ON_POSTGRES = (
    "equation",
    *("importers/test_comments.py", "importers/test_large.py", "database/test_columns.py"),
    *("live/test_events_over_http.py", "live/test_guarantees.py", "live/test_numbering_in_company.py"),
    *("live/test_prune_live.py", "live/test_publish.py"),
    *("articles/test_followers.py", "articles/test_search_articles.py"),
    *("comments/test_best.py", "comments/test_bulk.py", "comments/test_cases.py", "comments/test_decision_races.py"),
    *("comments/test_idempotency.py", "comments/test_index.py", "comments/test_merging.py"),
    *("comments/test_moderate_comment.py", "comments/test_news_by_mail.py", "comments/test_post_comment.py"),
    *("comments/test_read_comments.py", "comments/test_search.py"),
)
PART = 4  # each fourth test of the other files, and all of these: races, and what looks at the database's own answers
ALWAYS = {"in_parallel", "connection", "many_connections", "little_room"}
CASES = 2  # of each test on PostgreSQL; --full runs all
# What needs no browser, no server in a process of its own, and no PostgreSQL; and of it what does not take long.
FAST = (
    *("accounts", "api", "articles", "comments", "docs", "markup", "middleware", "moderation", "pages", "translations"),
    *("database/test_columns.py", "database/test_writes.py", "server/test_background.py", "server/test_logs.py"),
    "test_architecture.py",
)
# Mails by a real server, migrations, deeds in any order, races, searches, figures, growth, forms of the admin.
NOT_FAST = (
    *("accounts/test_duties.py", "accounts/test_mails.py"),
    *("articles/test_equation.py", "articles/test_photos.py", "articles/test_search_articles.py"),
    *("articles/test_slugs.py", "comments/test_admin.py", "comments/test_bad_input.py", "comments/test_best.py"),
    *("comments/test_bulk.py", "comments/test_decision_log.py", "comments/test_decision_races.py"),
    "comments/test_equation.py",
    *("comments/test_figures.py", "comments/test_learning.py", "comments/test_read_comments.py"),
    *("comments/test_scopes.py", "comments/test_search.py", "comments/test_second_looks.py"),
    *(
        "comments/test_walks.py",
        "database/test_writes.py",
        "docs/test_private_api.py",
        "markup/test_markdown_spec.py",
        "markup/test_signs.py",
    ),
    *("moderation/test_learning.py", "pages/test_desk_growth.py", "pages/test_desk_lists.py"),
    *("pages/test_desk_words.py", "pages/test_held_lines.py", "pages/test_pieces.py", "pages/test_refused_forms.py"),
    *("pages/test_refused_pages.py", "pages/test_statements.py", "pages/test_taken_back.py"),
)
WORKERS = 4  # one of them waits for the tests on PostgreSQL, which run beside
GIVES_WAY = pytest.StashKey[int]()
TESTS = Path(__file__).parent
FIRST = (  # what takes long begins early, so that at the end no process is busy alone
    "services/test_on_postgres.py",
    "browser/test_desk.py",
    "browser/test_pages.py",
    "database/test_writes.py",  # short: a process is always handed one file more, and this one waits for PostgreSQL
    "live",  # these wait more than they work, and do so while the others work
    "services",
    "browser/elements",  # one after the other: a demo is started for all of them
    "browser",
    "demo/test_demo.py",
    "server/test_serve.py",
)


sys.dont_write_bytecode = False  # several processes load the same files, and each would compile them anew


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """All tests run in several processes, a file in one of them; those that somebody names run in this one."""
    is_worker = "PYTEST_XDIST_WORKER" in os.environ  # which would start workers of its own
    is_whole = not config.option.file_or_dir and not config.option.usepdb
    if is_whole and not is_worker and config.option.numprocesses is None:
        config.option.numprocesses, config.option.dist = WORKERS - config.option.fast, "loadfile"
        config.option.loadscopereorder = False


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Of a whole run the tests on PostgreSQL take longest, one after the other: whatever runs beside gives way."""
    worker = item.config.stash
    if "PYTEST_XDIST_WORKER" in os.environ and "postgres_run" not in item.fixturenames and GIVES_WAY not in worker:
        worker[GIVES_WAY] = os.nice(5)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """With --fast the folders and files of FAST alone; None leaves it to pytest."""
    if not config.option.fast or collection_path == TESTS or not collection_path.is_relative_to(TESTS):
        return None
    place = collection_path.relative_to(TESTS)
    known = [Path(name) for name in FAST]
    is_fast = any(place.is_relative_to(name) or name.is_relative_to(place) for name in known)
    return None if is_fast and place.as_posix() not in NOT_FAST else True


@pytest.fixture(scope="session")
def postgres_run() -> Iterator[Run | None]:
    """The same tests on PostgreSQL, in a process of their own."""
    if services.postgres_programs() is None or shutil.which("redis-server") is None:
        yield None
        return
    tests = ROOT / "tests"
    places = [tests / name for name in (*ON_POSTGRES, *ON_POSTGRES_TOO) if (tests / name).exists()]
    with beside([*map(str, places), *(f"--ignore={tests / name}" for name in NOT_ON_POSTGRES)]) as run:
        yield run


@pytest.fixture(scope="session")
def migrated(django_db_modify_db_settings: None) -> Migrated | None:
    return Migrated() if connection.vendor == "sqlite" else None


@pytest.fixture(scope="session")
def django_db_keepdb(migrated: Migrated | None) -> bool:
    return migrated is not None and migrated.fetch()


@pytest.fixture(scope="session")
def django_db_setup(
    migrated: Migrated | None, django_db_setup: None, django_db_keepdb: bool, django_db_blocker: DjangoDbBlocker
) -> None:
    """What survives every flush (tests/support/emptying) needs no making anew: permissions, content types, indexes."""
    if migrated is not None and not django_db_keepdb:
        with django_db_blocker.unblock():
            migrated.keep()
    post_migrate.disconnect(dispatch_uid="django.contrib.auth.management.create_permissions")
    post_migrate.disconnect(create_contenttypes)
    no_index_is_mended()  # triggers survive, too


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--fast", action="store_true", help="Run only what needs no browser, PostgreSQL or server.")
    parser.addoption("--full", action="store_true", help="Run all sizes and seeds, and all on PostgreSQL, too.")


@pytest.hookimpl(tryfirst=True)
def pytest_collection() -> None:
    gc.disable()


def pytest_collection_finish() -> None:
    """Modules and tests last as long as the process: looking for garbage among them is in vain, and takes seconds.

    What a test leaves is thrown away, too, if it is looked for more rarely than a server would.
    """
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    gc.enable()


@pytest.hookimpl(trylast=True)  # after they were shuffled
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What takes long comes first. On PostgreSQL only tests that touch rows run, and of each but a few cases.

    Events are numbered after the commit there, so those tests have to commit.
    """
    items.sort(key=lambda item: _turn(item.path))
    if connection.vendor == "postgresql":
        chosen = {item for item in items if _touches_rows(item)}
        if not config.option.full:
            chosen = _few_cases(chosen)
        config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
        items[:] = [item for item in items if item in chosen]
        for item in items:
            item.add_marker(pytest.mark.django_db(transaction=True), append=False)


@functools.cache
def _turn(file: Path) -> int:
    place = file.relative_to(TESTS)
    return next((turn for turn, name in enumerate(FIRST) if place.is_relative_to(name)), len(FIRST))


def _few_cases(items: Iterable[pytest.Item]) -> set[pytest.Item]:
    """Of a test with parameters the first two: the others ask the same of the database, and have run on SQLite."""
    files: dict[Path, dict[str, list[pytest.Item]]] = {}
    for item in sorted(items, key=lambda item: item.nodeid):
        files.setdefault(item.path, {}).setdefault(item.nodeid.partition("[")[0], []).append(item)
    return {
        item
        for file, tests in files.items()
        for number, cases in enumerate(tests.values())
        if number % _part(file) == 0 or _asks_the_database_itself(cases[0])
        for item in cases[:CASES]
    }


def _part(file: Path) -> int:
    place = file.relative_to(TESTS)
    return 1 if any(place.is_relative_to(name) for name in WHOLE_ON_POSTGRES) else PART


def _asks_the_database_itself(item: pytest.Item) -> bool:
    used = getattr(getattr(item, "function", None), "__code__", None)
    return not ALWAYS.isdisjoint([*getattr(used, "co_names", ()), *getattr(item, "fixturenames", ())])


def _touches_rows(item: pytest.Item) -> bool:
    """Whether the database matters to a test; all others have run once, beside, on SQLite."""
    wanted = {"db", "transactional_db", "live_server"}
    return bool(item.get_closest_marker("django_db") or wanted & set(getattr(item, "fixturenames", ())))


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    """What one test cached or counted is nothing to the next."""
    yield
    cache.clear()
    pieces.forget()


@pytest.fixture
def serving(db: None) -> Iterator[None]:
    """What is told of changes is kept, as in a process that serves and has answered before."""
    for each in (keeper, breaking.keeper):
        each.looked({SITE: head(SITE)})
        each.value()
    yield
    for each in (keeper, breaking.keeper):
        each.looked(None)


@pytest.fixture
def queue(settings: Settings) -> None:
    """Background tasks as they are outside of tests: in the database, done by a worker."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}


@pytest.fixture
def work(queue: None, transactional_db: None) -> Iterator[Event]:
    """A worker in a thread, as in the demo."""
    stop = Event()
    thread = Thread(target=worker.run, args=(stop,))
    thread.start()
    yield stop
    stop.set()
    thread.join(20)
    assert not thread.is_alive()


@pytest.fixture
def person(db: None) -> Callable[..., User]:
    """`person("Carla", role="reader", confirmed=True)` makes somebody with the address carla@example.org."""

    def make(name: str, role: str = "reader", *, confirmed: bool = True) -> User:
        address = f"{name.lower()}@example.org"
        user = User.objects.create_user(address, name, PASSWORD, role=role, is_confirmed=confirmed)
        return User.objects.get(pk=user.pk)

    return make


@pytest.fixture
def alice(person: Callable[..., User]) -> User:
    return person("Alice")


@pytest.fixture
def bob(person: Callable[..., User]) -> User:
    return person("Bob")


@pytest.fixture
def unconfirmed(person: Callable[..., User]) -> User:
    return person("Uwe", confirmed=False)


@pytest.fixture
def jo(person: Callable[..., User]) -> User:
    return person("Jo", "journalist")


@pytest.fixture
def mo(person: Callable[..., User]) -> User:
    return person("Mo", "moderator")


@pytest.fixture
def eddy(person: Callable[..., User]) -> User:
    return person("Eddy", "editor")


@pytest.fixture
def ada(person: Callable[..., User]) -> User:
    return person("Ada", "administrator")


@pytest.fixture
def api(db: None) -> Callable[..., APIClient]:
    """`api()` is a stranger's client, `api(alice)` hers: it speaks JSON and is logged in."""

    def client(user: User | None = None) -> APIClient:
        made = APIClient()
        if user is not None:
            made.force_login(user)
        return made

    return client


@pytest.fixture
def section(db: None) -> Section:
    return Section.objects.create(name="Lokales", slug="lokales")


@pytest.fixture
def article(section: Section, eddy: User) -> Article:
    """Published."""
    drafted = article_actions.draft_article(
        actor=eddy,
        section=section,
        kicker="Verkehr",
        headline="Die neue Fähre fährt",
        lead="Seit heute kommt man trocken über den Fluss.",
        body="## Der erste Tag\n\nAm Morgen legte sie ab.",
        author_line="Von Eddy Albers",
    )
    return article_actions.publish_article(drafted.pk, actor=eddy)


@pytest.fixture
def ticker(db: None) -> Ticker:
    """The site's own."""
    return Ticker.objects.create(slug="newsticker", title="Newsticker")


@pytest.fixture
def item(ticker: Ticker, eddy: User) -> TickerItem:
    """Published, number 1."""
    return article_actions.publish_item(ticker, actor=eddy, headline="Brücke gesperrt", text="Bis **morgen**.")


@pytest.fixture
def discussion(article: Article) -> Discussion:
    """The thread under the article."""
    return comment_actions.discussion_of(article)


@pytest.fixture
def chat(mo: User) -> Discussion:
    return comment_actions.start_chat("Elbe-Treff", actor=mo)


@pytest.fixture
def comment(discussion: Discussion, alice: User) -> Comment:
    """Alice's, published."""
    return comment_actions.post(discussion.pk, author=alice, text="Endlich eine Fähre!").comment
