"""`export_articles` and `import_articles newsroom`: what one instance has written another has again."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from PIL import Image
from pytest_django import Settings

from accounts.models import User
from articles import actions, exporting
from articles.importers import restoring
from articles.models import Article, OldAddress, Photo, Section, Ticker
from tests.support.product import ROOT

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def export(tmp_path: Path) -> Callable[..., Path]:
    def run(name: str = "articles.jsonl") -> Path:
        call_command("export_articles", str(tmp_path / name), stdout=StringIO())
        return tmp_path / name

    return run


def bring(path: Path, *options: str) -> list[str]:
    out = StringIO()
    call_command("import_articles", "newsroom", str(path), *options, stdout=out, stderr=StringIO())
    return out.getvalue().splitlines()


@pytest.fixture
def full(
    article: Article, section: Section, eddy: User, export: Callable[..., Path], settings: Settings, tmp_path: Path
) -> Path:
    """The export of a newsroom with an article of each state, which is empty afterwards but for its pictures."""
    settings.MEDIA_ROOT = tmp_path / "media"
    buffer = BytesIO()
    Image.new("RGB", (640, 480), "teal").save(buffer, "JPEG")
    buffer.seek(0)
    photo = actions.add_photo(buffer, actor=eddy, caption="Der Hafen", credit="Jo Kern", year=2026)
    draft = actions.draft_article(
        actor=eddy, section=section, headline="Ein **Entwurf**", body="- eins\n- zwei", photo=photo, related=[article]
    )
    taken = actions.draft_article(actor=eddy, section=section, headline="Zurück", body="Ja.")
    actions.publish_article(taken.pk, actor=eddy)
    actions.retract_article(taken.pk, actor=eddy, note="War falsch.")
    actions.correct_article(article.pk, actor=eddy, lead="Seit heute.", note="Der Vorspann war lang.")
    html = '<p dir="auto">Alt</p>'
    Article.objects.create(
        section=section, slug="alt", headline="Von drüben", body=html, html=html, body_format="html",
        source="wordpress", source_id="b:17", state="published", published_at=article.published_at,
    )  # fmt: skip
    OldAddress.objects.create(article=article, path="/2012/05/fähre")
    assert draft.related.count() == 1
    path = export("full.jsonl")
    call_command("flush", "--no-input", verbosity=0)
    return path


def test_through_an_empty_instance_they_come_back_byte_by_byte(full: Path, export: Callable[..., Path]) -> None:
    tried = bring(full, "--dry-run")
    assert not Article.objects.exists()

    told = bring(full)

    assert told == tried == [
        "Articles published: 2", "Articles as drafts: 1", "Articles that were taken back: 1", "Sections made: 1",
        "Old addresses that lead here: 1",
    ]  # fmt: skip
    assert export("back.jsonl").read_bytes() == full.read_bytes()
    assert bring(full) == ["Articles known already: 4", "Nothing new."]
    assert export("again.jsonl").read_bytes() == full.read_bytes()


def test_readers_find_them_where_they_were(full: Path, api: Callable[..., Any], client: Any) -> None:
    bring(full)

    page = client.get("/2012/05/f%C3%A4hre/")
    found = Article.objects.get(headline="Die neue Fähre fährt")
    assert (page.status_code, page["Location"]) == (301, f"/articles/{found.slug}/")
    shown = api().get(f"/api/v1/articles/{found.slug}/").json()
    assert (shown["lead"], shown["correction"]) == ("Seit heute.", "Der Vorspann war lang.")
    assert client.get("/articles/zurueck/").status_code == 410
    assert Article.objects.get(state="draft").photo.credit == "Jo Kern"


def test_without_its_picture_an_article_comes_all_the_same(full: Path, settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "elsewhere"

    assert "Left out: 1 pictures that do not lie in the folder of media" in bring(full)
    assert Article.objects.count() == 4
    assert not Photo.objects.exists()


@pytest.mark.parametrize(
    ("number", "fields", "place"),
    [
        (1, {"version": 2}, "Line 1: version 2"),
        (3, {"section": "nowhere"}, "Line 3: section"),
        (3, {"state": "draft"}, "Line 3: its state and its times"),
        (3, {"headline": "\u200b"}, "Line 3: it has no headline"),
        (3, {"new": 1}, "Line 3"),
        (4, {"photo": {"file": "../../etc/passwd"}}, "Line 4"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_line(
    full: Path, tmp_path: Path, number: int, fields: dict[str, Any], place: str
) -> None:
    records = [json.loads(line) for line in full.read_bytes().splitlines()]
    records[number - 1] |= fields
    wrong = tmp_path / "wrong.jsonl"
    wrong.write_text("".join(json.dumps(each) + "\n" for each in records))

    with pytest.raises(CommandError) as refused:
        bring(wrong)

    assert (refused.value.returncode, place in str(refused.value)) == (1, True), refused.value
    assert not Section.objects.exists()
    bring(full)
    assert Article.objects.count() == 4


def test_what_no_article_may_have_does_not_come_in(full: Path, tmp_path: Path) -> None:
    records = [json.loads(line) for line in full.read_bytes().splitlines()]
    for each in records[2:]:
        each["body"], each["kicker"] = "Hallo <script>alert(1)</script>", "a\u202eb"
    path = tmp_path / "wrong.jsonl"
    path.write_text("".join(json.dumps(each) + "\n" for each in records))

    bring(path)

    assert not Article.objects.filter(html__contains="<script").exists()
    assert set(Article.objects.values_list("kicker", flat=True)) == {"ab"}


def test_each_field_is_in_the_file_or_left_out_for_a_reason() -> None:
    left = {  # why
        Article: {"id": "new here", "html": "made of the body", "writer": "an account", "created_by": "an account"},
        Section: {"id": "new here"},
        Photo: {"id": "new here"},
        OldAddress: {"id": "new here"},
    }
    told = {
        Article: {*exporting.ARTICLE, "section", "photo", "related"},
        Section: {*exporting.SECTION},
        Photo: {*exporting.PHOTO},
        OldAddress: {"path", "article"},
    }
    for model, fields in told.items():
        every = {
            each.name
            for each in model._meta.get_fields()
            if each.concrete or (each.many_to_many and not each.auto_created)
        }
        assert every == fields | set(left[model]), model
    assert Ticker not in told  # tickers, their items, revisions and what is seen stay: a backup has them
    schema = json.loads((ROOT / "docs" / "export-articles.schema.json").read_text())["$defs"]
    assert set(schema["article"]["properties"]) - {"kind"} == set(restoring.Told.__struct_fields__)
    assert set(schema["section"]["properties"]) - {"kind"} == set(restoring.Place.__struct_fields__)
