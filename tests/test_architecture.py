"""The arrows of docs/architecture.md hold, and the test that says so can fail."""

from __future__ import annotations

import pytest

from tests.architecture import KERNEL_WRITERS, ROOF, WRITERS, sources, violations

BROKEN = {
    "the kernel imports an app": ("newsroom.text", "from accounts.models import User"),
    "the bus imports an app, late": ("newsroom.live.hub.hub", "def run():\n    import comments.models"),
    "accounts import articles": ("accounts.models", "from articles.models import Article"),
    "accounts import comments": ("accounts.actions", "from comments import models"),
    "articles import comments": ("articles.actions", "from comments.models import Comment"),
    "an app imports pages": ("comments.api.discussions", "from newsroom.pages import views"),
    "an app imports settings": ("comments.rules", "from newsroom.settings import LIMITS"),
    "the kernel imports pages": ("newsroom.client", "import newsroom.pages.context"),
    "a new folder of the kernel imports an app": ("newsroom.anything.new", "from accounts.models import User"),
    "the kernel imports the demo": ("newsroom.live.outbox", "from newsroom.demo import content"),
    "models import access": ("comments.models", "from comments.access import visible"),
    "models import access, relatively": ("comments.models", "from .access import visible"),
    "access imports representations": ("comments.access", "from comments.representations import comment_json"),
    "representations import events": ("comments.representations", "from comments import events"),
    "events import actions": ("comments.events", "from comments.actions import post"),
    "actions import the api": ("comments.actions", "from comments.api.discussions import CommentView"),
    "actions import the admin": ("articles.actions", "if TYPE_CHECKING:\n    from articles.admin import ArticleAdmin"),
    "something imports the app's configuration": (
        "comments.api.discussions",
        "from comments.apps import CommentsConfig",
    ),
    "moderation knows the models": ("comments.moderation.rules", "from comments.models import Comment"),
    "moderation knows the kernel": ("comments.moderation.rules", "from newsroom.text import clean"),
    "an action publishes": ("comments.actions", "from newsroom.live.outbox import publish\npublish(1)"),
    "a view publishes": ("newsroom.pages.articles", "from newsroom.live import outbox\noutbox.publish(1)"),
    "the api stores rows": ("comments.api.discussions", "Comment.objects.filter(pk=1).update(text='')"),
    "the admin stores a row": ("articles.admin", "def go(article):\n    article.save()"),
    "a page stores a row": ("newsroom.pages.articles", "def go(comment):\n    comment.save()"),
    "a module without a layer stores a row": ("comments.anything", "def go(comment):\n    comment.save()"),
    "a module without a layer sets a state": ("comments.anything", "def go(comment):\n    comment.state = 'held'"),
    "a module without a layer knows a view": ("comments.anything", "from comments.api.discussions import CommentView"),
    "something imports the addresses of an app": ("comments.anything", "from comments.urls import urlpatterns"),
    "the admin sets a state": ("articles.admin", "def go(article):\n    article.state = 'published'"),
    "the bus imports a template engine": (
        "newsroom.live.hub.hub",
        "from django.template.loader import render_to_string",
    ),
    "the read cache imports an app": ("newsroom.edge.app", "from articles.models import Article"),
    "the bus imports representations": ("newsroom.live.api", "from newsroom.api.representations import Anything"),
}
WELL = {
    "comments import articles": ("comments.actions", "from articles.models import Article"),
    "pages import everybody": (
        "newsroom.pages.articles",
        "from comments.reads import page\nimport articles.access",
    ),
    "events publish": ("comments.events", "from newsroom.live.outbox import publish\npublish(1)"),
    "actions import what is inside": ("comments.actions", "from comments import events\nfrom .models import Comment"),
    "the api calls an action": ("comments.api.discussions", "from comments import actions\nactions.post(1)"),
    "the configuration wires": ("comments.apps", "from comments import handlers, folds"),
    "an action sets a state": ("articles.actions", "def go(article):\n    article.state = 'published'"),
}


def test_the_product_keeps_its_architecture() -> None:
    assert violations(sources()) == []


@pytest.mark.parametrize(("module", "text"), BROKEN.values(), ids=list(BROKEN))
def test_a_broken_arrow_is_named(module: str, text: str) -> None:
    (line,) = violations({**_names(), module: text})

    assert module in line


@pytest.mark.parametrize(("module", "text"), WELL.values(), ids=list(WELL))
def test_what_the_design_allows_is_allowed(module: str, text: str) -> None:
    assert violations({**_names(), module: text}) == []


# What a module of a folder must not do, and what to put into it to see that the test notices.
SAVES, SETS = "def go(thing):\n    thing.save()", "def go(thing):\n    thing.state = 'held'"
ABOVE, VIEW = "from newsroom.pages import planted", "from accounts import planted_door"
FOLDERS = sorted({name.rpartition(".")[0] for name in sources() if "." in name})


def faults_for(folder: str) -> list[str]:
    top, _, place = folder.partition(".")
    place = place.partition(".")[0]
    if top == "newsroom" and place in ROOF:
        return [] if place != "pages" else [SAVES, SETS]  # the demo and commands may do everything
    writes = KERNEL_WRITERS if top == "newsroom" else WRITERS
    return [ABOVE, *([] if place in writes else [SAVES, SETS]), *([] if place in {"admin", "urls"} else [VIEW])]


@pytest.mark.parametrize("fault", [SAVES, SETS, ABOVE, VIEW])
def test_a_fault_is_found_in_a_new_module_of_any_folder(fault: str) -> None:
    known = {**sources(), "newsroom.pages.planted": "", "accounts.planted_door": "from django.views import View"}
    assert violations(known) == []
    planted = [f"{folder}.new_here" for folder in FOLDERS if fault in faults_for(folder)]

    found = violations({**known, **dict.fromkeys(planted, fault)})

    assert planted
    assert [name for name in planted if not any(line.startswith((f"{name} ", f"{name}:")) for line in found)] == []


def test_every_part_of_the_house_has_something_that_it_must_not_do() -> None:
    assert {folder for folder in FOLDERS if not faults_for(folder)} == {
        folder for folder in FOLDERS if folder.startswith(("newsroom.demo", "newsroom.management"))
    }


def test_a_circle_of_imports_is_seen() -> None:
    circle = {"comments.one": "from comments import two", "comments.two": "from comments import three"}
    names = {**_names(), **circle, "comments.three": ""}
    assert violations(names) == []

    assert violations({**names, "comments.three": "def late():\n    from comments import one"}) == [
        f"comments.{name}: a circle of imports" for name in ("one", "three", "two")
    ]


def test_an_action_that_knows_what_calls_it_goes_in_a_circle() -> None:
    names = {**_names(), "comments.actions": "from comments.importers.loader import load"}

    assert violations(names) == [
        f"{name}: a circle of imports" for name in ("comments.actions", "comments.importers.loader")
    ]


def test_a_detour_through_a_module_without_a_layer_is_seen() -> None:
    detour = {"comments.models": "from comments.helper import x", "comments.helper": "from comments.actions import y"}

    assert violations({**_names(), **detour}) == [
        "comments.models → comments.helper → comments.actions: models come before actions"
    ]


def _names() -> dict[str, str]:
    """An empty project whose modules can be imported by name."""
    layers = ("models", "access", "representations", "events", "actions", "api", "admin", "apps", "rules", "folds")
    apps = {f"{app}.{layer}": "" for app in ("accounts", "articles", "comments") for layer in layers}
    for app in ("accounts", "articles", "comments"):
        apps |= {f"{app}.api": "from django.views import View", f"{app}.admin": "import django.contrib.admin"}
    return {
        **apps,
        "comments": "",
        "comments.api.discussions": "from django.views import View",
        "comments.api.socket": "",
        "comments.urls": "",
        "comments.moderation": "",
        "comments.importers": "",
        "comments.importers.loader": "from comments.actions import post",
        "newsroom.live.outbox": "",
        "newsroom.api.representations": "",
        "newsroom.pages.articles": "",
        "newsroom.edge.app": "",
        "newsroom.demo.content": "",
    }
