from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from accounts.actions import give_duties, impose_sanction, write_legal_page
from accounts.duties import OF_ROLE
from accounts.models import User
from articles import actions
from articles.models import Article, Photo, Section, State, Ticker, TickerItem
from comments.actions import change_discussion, merge, set_hours, start_chat
from comments.models import Discussion
from newsroom.text import visible
from tests.support.directions import directed

from .tools import events, kinds

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _media(settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def desk():
    def opened(person: User) -> Client:
        client = Client()
        client.force_login(person)
        return client

    return opened


def told(answer) -> str:
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


def words_of(article: Article | None = None, **changes: object) -> dict[str, object]:
    """What the article's form sends."""
    known = (
        {
            "section": article.section_id,
            "kicker": article.kicker,
            "headline": article.headline,
            "lead": article.lead,
            "body": article.body,
            "author_line": article.author_line,
            "language": article.language,
            "slug": article.slug,
            "seen_version": article.version,
        }
        if article
        else {"language": "de"}
    )
    return {**known, **changes}


def at(moment) -> dict[str, str]:
    local = timezone.localtime(moment)
    return {"appear_at_0": f"{local:%Y-%m-%d}", "appear_at_1": f"{local:%H:%M:%S}"}


ADD = "/admin/articles/article/add/"
ADD_ITEM = "/admin/articles/tickeritem/add/"


def form_of(row: Article | TickerItem | Photo | Ticker | Section) -> str:
    return f"/admin/articles/{row._meta.model_name}/{row.pk}/change/"


def test_a_journalist_writes_a_draft_and_cannot_publish_it(desk, jo, section):
    answer = desk(jo).post(ADD, words_of(section=section.pk, headline="Neues vom Hafen", _publish="1"))

    article = Article.objects.get()
    assert answer.status_code == 302
    assert (article.state, article.created_by, article.slug) == (State.DRAFT, jo, "neues-vom-hafen")

    page = desk(jo).get(form_of(article)).content.decode()
    assert 'name="_publish"' not in page
    desk(jo).post(form_of(article), words_of(article, headline="Anders", _publish="1"))
    article.refresh_from_db()
    assert (article.state, article.headline) == (State.DRAFT, "Anders")
    assert kinds("articles") == []


def test_an_editor_publishes_with_one_button(desk, eddy, jo, section):
    draft = actions.draft_article(actor=jo, section=section, headline="Entwurf")
    assert 'name="_publish"' in desk(eddy).get(form_of(draft)).content.decode()

    desk(eddy).post(form_of(draft), words_of(draft, lead="Geprüft.", _publish="1"))

    draft.refresh_from_db()
    assert (draft.state, draft.lead) == (State.PUBLISHED, "Geprüft.")
    assert kinds("articles") == ["article.published"]


def test_a_time_in_the_form_schedules_and_no_time_unschedules(desk, eddy, section):
    moment = timezone.now().replace(microsecond=0) + timedelta(days=1)
    desk(eddy).post(ADD, words_of(section=section.pk, headline="Morgen", **at(moment)))
    article = Article.objects.get()
    assert (article.state, article.publish_at) == (State.SCHEDULED, moment)

    desk(eddy).post(form_of(article), words_of(article))

    article.refresh_from_db()
    assert (article.state, article.publish_at) == (State.DRAFT, None)


def test_a_time_that_has_passed_is_shown_at_its_field(desk, eddy, section):
    moment = timezone.now() - timedelta(days=1)

    answer = desk(eddy).post(ADD, words_of(section=section.pk, headline="Gestern", **at(moment)))

    assert answer.status_code == 200
    assert "appear_at" in answer.context["adminform"].form.errors
    assert not Article.objects.exists()


def test_saving_a_published_article_corrects_it(desk, eddy, article):
    desk(eddy).post(form_of(article), words_of(article, body="Neu.", note="Der Name war falsch.", slug="anders"))

    before, slug = article, article.slug
    article = Article.objects.get()
    assert (article.html, article.correction, article.slug) == (directed("<p>Neu.</p>"), "Der Name war falsch.", slug)
    assert article.version == before.version + 1
    assert kinds("articles") == ["void", "article.corrected"]


def moved_to(moment) -> dict[str, str]:
    local = timezone.localtime(moment)
    return {"moved_to_0": f"{local:%Y-%m-%d}", "moved_to_1": f"{local:%H:%M:%S}"}


def test_an_old_articles_publication_is_moved_and_its_discussions_end_with_it(desk, eddy, article):
    last_year = (timezone.now() - timedelta(days=365)).replace(microsecond=0)
    yesterday = (timezone.now() - timedelta(days=1)).replace(microsecond=0)
    thread = Discussion.objects.get(article=article)

    for moment, state in ((last_year, "closed"), (yesterday, "open")):
        article.refresh_from_db()
        desk(eddy).post(form_of(article), words_of(article, **moved_to(moment)))
        article.refresh_from_db()
        thread.refresh_from_db()
        assert article.published_at == moment
        assert thread.closes_at == moment + timedelta(days=14)
        assert thread.state_at(timezone.now()) == state


def test_a_publication_is_not_moved_ahead_and_stays_where_nobody_moves_it(desk, eddy, article):
    refused = desk(eddy).post(form_of(article), words_of(article, **moved_to(timezone.now() + timedelta(days=1))))
    kept = desk(eddy).post(form_of(article), words_of(article, body="Neu.", **moved_to(article.published_at)))

    assert (refused.status_code, kept.status_code) == (200, 302)
    assert Article.objects.get().published_at == article.published_at
    assert Article.objects.get().body == "Neu."


def test_a_published_article_saved_unchanged_says_nothing(desk, eddy, article):
    desk(eddy).post(form_of(article), words_of(article))

    assert kinds("articles") == ["article.published"]


def test_two_editors_do_not_overwrite_each_other(desk, eddy, ada, article):
    stale = words_of(article)
    desk(ada).post(form_of(article), words_of(article, headline="Adas Titel"))

    answer = desk(eddy).post(form_of(article), {**stale, "headline": "Eddys Titel"})

    assert answer.status_code == 200
    meeting = answer.context["adminform"].form.meeting
    assert [(each.mine, each.theirs) for each in meeting.differences] == [("Eddys Titel", "Adas Titel")]
    assert meeting.by == "Ada"
    page = answer.content.decode()
    assert "Jemand anders hat es inzwischen geändert" in visible(page)
    assert "Adas Titel</p>" in page
    assert "Eddys Titel</p>" in page  # beside each other, and mine in its field, too
    assert 'value="Eddys Titel"' in page
    assert Article.objects.get().headline == "Adas Titel"

    again = {**stale, "headline": "Eddys Titel", "seen_version": Article.objects.get().version}
    assert desk(eddy).post(form_of(article), again).status_code == 302
    assert Article.objects.get().headline == "Eddys Titel"
    assert Article.objects.get().revisions.order_by("version").last().fields["headline"] == "Adas Titel"


def test_what_only_a_colleague_has_changed_is_taken_over(desk, eddy, ada, article):
    opened = words_of(article)
    desk(ada).post(form_of(article), words_of(article, lead="Adas Vorspann"))
    desk(ada).post(form_of(article), words_of(Article.objects.get(), kicker="Schifffahrt"))

    answer = desk(eddy).post(form_of(article), {**opened, "lead": "Eddys Vorspann"})

    form = answer.context["adminform"].form
    assert form.meeting is not None
    assert [each.mine for each in form.meeting.differences] == ["Eddys Vorspann"]
    assert (form["kicker"].value(), form["lead"].value()) == ("Schifffahrt", "Eddys Vorspann")
    assert "Dachzeile" in form.meeting.taken[0]


def test_what_was_typed_while_a_colleague_retracted_it_is_still_there(desk, eddy, ada, article):
    opened = words_of(article, body="Ein langer Text, der Stunden gekostet hat.")
    actions.retract_article(article.pk, actor=ada)

    answer = desk(eddy).post(form_of(article), opened)

    assert answer.status_code == 200
    assert "Ein langer Text, der Stunden gekostet hat." in answer.content.decode()


def test_retracting_and_publishing_again(desk, eddy, article):
    desk(eddy).post(form_of(article), words_of(article, _retract="1"))
    article.refresh_from_db()
    assert article.state == State.RETRACTED
    assert kinds("articles") == ["void", "article.retracted"]

    page = desk(eddy).get(form_of(article)).content.decode()
    assert 'name="headline"' not in page
    desk(eddy).post(form_of(article), {"seen_version": article.version, "_publish": "1"})
    article.refresh_from_db()
    assert article.state == State.PUBLISHED


def test_many_at_once_from_the_list(desk, eddy, jo, section, article):
    drafts = [actions.draft_article(actor=jo, section=section, headline=f"Entwurf {n}") for n in range(2)]
    chosen = [row.pk for row in [*drafts, article]]

    answer = desk(eddy).post("/admin/articles/article/", {"action": "publish", "_selected_action": chosen})

    assert Article.objects.listed().count() == 3
    assert article.headline in told(answer)  # it was published already
    assert desk(jo).get("/admin/articles/article/").context["action_form"] is None


def test_journalists_see_their_own_and_the_published(desk, jo, eddy, section, article):
    hidden = actions.draft_article(actor=eddy, section=section, headline="Geheimes Vorhaben")
    page = desk(jo).get("/admin/articles/article/").content.decode()

    assert article.headline in page
    assert "Geheimes Vorhaben" not in page
    assert desk(jo).get(form_of(hidden)).status_code == 302  # "perhaps it was deleted"
    assert 'name="headline"' not in desk(jo).get(form_of(article)).content.decode()
    assert desk(jo).post(form_of(article), words_of(article, headline="Gekapert")).status_code == 403
    assert "Geheimes Vorhaben" in desk(eddy).get("/admin/articles/article/").content.decode()


def test_drafts_are_deleted_and_what_was_published_is_not(desk, jo, eddy, section, article):
    draft = actions.draft_article(actor=jo, section=section, headline="Weg damit")

    assert desk(eddy).post(form_of(article).replace("change", "delete"), {"post": "yes"}).status_code == 403
    assert desk(jo).post(form_of(draft).replace("change", "delete"), {"post": "yes"}).status_code == 302

    assert list(Article.objects.all()) == [article]


@pytest.mark.parametrize(
    ("words", "state"),
    [("FÄHRE", "draft"), ("fähre nacht", "draft"), ("FÄHRE", "published"), ("faehre", "published")],
)
def test_the_list_is_searched_in_either_case_and_what_readers_see_in_any_spelling(desk, eddy, section, words, state):
    drafted, other = (
        actions.draft_article(actor=eddy, section=section, headline=headline, lead="Kurz.", body="Lang.")
        for headline in ("Die Fähre fährt bei Nacht", "Der Markt bleibt")
    )
    if state == "published":
        for each in (drafted, other):
            actions.publish_article(each.pk, actor=eddy)

    page = desk(eddy).get("/admin/articles/article/", {"q": words}).text

    assert f"/admin/articles/article/{drafted.pk}/change/" in page
    assert f"/admin/articles/article/{other.pk}/change/" not in page


def test_readers_and_moderators_do_not_write_here(desk, alice, mo, section):
    for person in (alice, mo):
        answer = desk(person).post(ADD, words_of(section=section.pk, headline="Nein"))
        assert answer.status_code in {302, 403}
    assert not Article.objects.exists()
    assert desk(alice).get("/admin/").status_code in {302, 403}


def published_with_a_time(desk, eddy, address: str, base: dict[str, object]) -> None:
    moment = timezone.now().replace(microsecond=0) + timedelta(hours=3)
    answer = desk(eddy).post(address, {**base, **at(moment), "_publish": "1"})

    assert answer.status_code == 302
    row = (Article if "article/" in address else TickerItem).objects.get()
    assert (row.state, row.publish_at, row.published_at) == (State.SCHEDULED, moment, None)
    assert f"{timezone.localtime(moment):%H:%M}" in told(answer)

    kept = {**base, **(words_of(row) if isinstance(row, Article) else {"seen_version": row.version})}
    pressed = desk(eddy).post(form_of(row), {**kept, "_publish": "1"})  # as an old tab would, and without the time
    assert (pressed.status_code, type(row).objects.get().state) == (200, State.SCHEDULED)
    question = desk(eddy).get(form_of(row)).content.decode()
    assert f"Geplant für {timezone.localtime(moment):%d.%m.%Y %H:%M}. Trotzdem jetzt" in question

    many = desk(eddy).post(
        f"/admin/articles/{row._meta.model_name}/", {"action": "publish", "_selected_action": row.pk}
    )
    assert f"{timezone.localtime(moment):%H:%M}" in told(many)
    assert type(row).objects.get().state == State.SCHEDULED

    assert desk(eddy).post(form_of(row), {**kept, **at(moment), "_publish_now": "1"}).status_code == 302
    assert type(row).objects.get().state == State.PUBLISHED


def test_publishing_an_article_with_a_time_to_come_plans_it_and_early_is_asked(desk, eddy, section):
    published_with_a_time(desk, eddy, ADD, words_of(section=section.pk, headline="Sperrfrist"))


def test_publishing_an_item_with_a_time_to_come_plans_it_and_early_is_asked(desk, eddy, ticker):
    base = {"ticker": ticker.pk, "level": "normal", "text": "", "headline": "Sperrfrist"}
    published_with_a_time(desk, eddy, ADD_ITEM, base)


def test_a_planned_item_without_its_time_is_a_draft_again(desk, eddy, ticker):
    item = actions.publish_item(ticker, actor=eddy, headline="Morgen", publish_at=timezone.now() + timedelta(days=1))
    base = {"headline": "Morgen", "text": "", "level": "normal"}

    desk(eddy).post(form_of(item), {**base, "seen_version": item.version})

    item.refresh_from_db()
    assert (item.state, item.publish_at) == (State.DRAFT, None)


def test_the_message_says_what_has_become_of_it(desk, eddy, ticker, item):
    base = {"ticker": ticker.pk, "level": "normal", "text": ""}
    drafted = desk(eddy).post(ADD_ITEM, {**base, "headline": "Merken"})
    out = desk(eddy).post(ADD_ITEM, {**base, "headline": "Sofort", "_publish": "1"})
    known = {"headline": item.headline, "text": item.text.replace("\n", "\r\n"), "level": item.level}
    same = desk(eddy).post(form_of(item), {**known, "seen_version": item.version})

    assert told(drafted) == "„Merken“ ist als Entwurf gespeichert. Leser sehen ihn nicht."
    assert told(out) == "„Sofort“ ist veröffentlicht."
    assert told(same) == "An „Brücke gesperrt“ wurde nichts geändert."
    item.refresh_from_db()
    assert item.corrected_at is None


def test_what_an_action_refuses_comes_back_filled_with_the_sentence_at_its_field(desk, eddy, jo, section):
    typed = words_of(section=section.pk, headline="Ein langer Tag", body="Viel Text.", kicker="\u200e\u202e")
    unfit = desk(jo).post(ADD, {**typed, "headline": "\u200e\u202e"})

    assert unfit.status_code == 200
    form = unfit.context["adminform"].form
    assert "headline" in form.errors
    assert form["body"].value() == "Viel Text."
    assert "Viel Text." in unfit.content.decode()
    assert not Article.objects.exists()
    assert desk(jo).post(ADD, typed).status_code == 302


def test_an_item_is_published_or_kept_or_scheduled(desk, eddy, ticker):
    moment = timezone.now().replace(microsecond=0) + timedelta(hours=3)
    base = {"ticker": ticker.pk, "level": "normal", "text": ""}
    desk(eddy).post(ADD_ITEM, {**base, "headline": "Sofort", "_publish": "1", "pinned": "on"})
    desk(eddy).post(ADD_ITEM, {**base, "headline": "Merken"})
    desk(eddy).post(ADD_ITEM, {**base, "headline": "Später", **at(moment)})

    found = {item.headline: (item.state, item.number, item.pinned) for item in TickerItem.objects.all()}
    assert found == {
        "Sofort": (State.PUBLISHED, 1, True),
        "Merken": (State.DRAFT, None, False),
        "Später": (State.SCHEDULED, None, False),
    }
    assert kinds(ticker.stream) == ["item.published"]


def test_an_item_is_corrected_pinned_and_retracted(desk, eddy, item, ticker):
    def sent(**changes: object) -> None:
        item.refresh_from_db()
        base = {"headline": item.headline, "text": item.text, "level": item.level, "seen_version": item.version}
        assert desk(eddy).post(form_of(item), {**base, **changes}).status_code == 302

    sent(headline="Berichtigt", note="Ort")
    sent(_pin="1")
    sent(_unpin="1")
    sent(_retract="1")

    assert [event["kind"] for event in events(ticker.stream)][-1] == "item.retracted"
    item.refresh_from_db()
    assert (item.state, item.correction) == (State.RETRACTED, "Ort")
    assert 'name="headline"' not in desk(eddy).get(form_of(item)).content.decode()


def test_items_are_not_deleted(desk, eddy, item):
    assert desk(eddy).post(form_of(item).replace("change", "delete"), {"post": "yes"}).status_code == 403
    assert TickerItem.objects.exists()


def upload(name: str = "Foto.jpg") -> SimpleUploadedFile:
    buffer = BytesIO()
    Image.new("RGB", (600, 400), "green").save(buffer, "JPEG")
    return SimpleUploadedFile(name, buffer.getvalue(), "image/jpeg")


def test_photos_are_uploaded_described_and_deleted(desk, jo, eddy):
    desk(jo).post("/admin/articles/photo/add/", {"upload": upload("../../../boese.php"), "alt": "Wiese"})
    photo = Photo.objects.get()
    assert (photo.alt, photo.width) == ("Wiese", 600)
    assert photo.srcset().split()[0] in desk(jo).get("/admin/articles/photo/").content.decode()

    desk(jo).post(form_of(photo), {"alt": "Grüne Wiese", "credit_url": "https://bilder.example/3"})
    photo.refresh_from_db()
    assert photo.alt == "Grüne Wiese"
    assert desk(jo).post(form_of(photo).replace("change", "delete"), {"post": "yes"}).status_code == 403

    desk(eddy).post(form_of(photo).replace("change", "delete"), {"post": "yes"})
    assert not Photo.objects.exists()


def test_what_is_no_picture_is_refused_at_its_field(desk, jo):
    svg = SimpleUploadedFile("x.jpg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/jpeg")

    answer = desk(jo).post("/admin/articles/photo/add/", {"upload": svg})

    assert answer.status_code == 200
    assert "upload" in answer.context["adminform"].form.errors


def test_sections_and_tickers_are_kept_and_go_when_they_are_empty(desk, eddy, article, item):
    client = desk(eddy)
    client.post("/admin/articles/section/add/", {"name": "Kultur", "slug": "kultur", "position": "1"})
    client.post("/admin/articles/ticker/add/", {"title": "Wahl", "slug": "wahl", "description": "", "article": ""})
    ticker = Ticker.objects.get(slug="wahl")
    client.post(form_of(ticker), {"title": "Die Wahl", "slug": "anders", "article": article.pk})
    ticker.refresh_from_db()
    assert (ticker.title, ticker.slug, ticker.article) == ("Die Wahl", "wahl", article)

    for row in (Section.objects.get(slug="kultur"), ticker, article.section, item.ticker):
        client.post(form_of(row).replace("change", "delete"), {"post": "yes"})

    assert list(Section.objects.all()) == [article.section]
    assert list(Ticker.objects.all()) == [item.ticker]


@pytest.mark.parametrize("model", ["article", "photo", "section", "ticker", "tickeritem"])
def test_every_list_and_empty_form_opens(model, desk, eddy, item, article):
    client = desk(eddy)

    for path in ("", "add/", "?q=x"):
        answer = client.get(f"/admin/articles/{model}/{path}")
        assert answer.status_code == 200
        assert "unsafe-eval" in answer.headers["Content-Security-Policy"]
    assert "unsafe" not in client.get("/").headers["Content-Security-Policy"]


def test_the_start_page_shows_a_person_what_they_may_do(desk, eddy, jo, mo):
    assert "/admin/articles/tickeritem/" in desk(eddy).get("/admin/").content.decode()
    assert "/admin/articles/article/add/" in desk(jo).get("/admin/").content.decode()
    held = "/admin/comments/comment/?state__exact=held"
    assert held in desk(mo).get("/admin/").content.decode()
    assert desk(mo).get(held).status_code == 200
    assert held not in desk(jo).get("/admin/").content.decode()


def test_the_start_page_shows_what_waits(desk, eddy, jo, section, ticker):
    actions.draft_article(actor=jo, section=section, headline="Halbfertig")
    later = timezone.now() + timedelta(hours=1)
    actions.publish_item(ticker, actor=eddy, headline="Gleich kommt es", publish_at=later)

    assert "Halbfertig" in desk(jo).get("/admin/").content.decode()
    assert "Gleich kommt es" not in desk(jo).get("/admin/").content.decode()
    assert "Gleich kommt es" in desk(eddy).get("/admin/").content.decode()


def test_choosing_a_language_leads_back_to_the_same_place_in_it(desk, eddy, article):
    client = desk(eddy)
    here = "/admin/articles/article/?q=F%C3%A4hre"
    assert (
        'name="next" type="hidden" value="/admin/articles/article/?q=F%C3%A4hre"' in client.get(here).content.decode()
    )

    answer = client.post("/language/", {"language": "en", "next": here})

    assert answer.headers["Location"] == here
    assert 'lang="en"' in client.get(here).content.decode()


def test_the_apis_page_needs_no_inline_script(client):
    answer = client.get("/api/docs/")

    assert answer.status_code == 200
    assert "<script>" not in answer.content.decode()
    assert "script-src" not in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("day", ["2027-03-28", "2027-10-31"])
def test_a_time_that_is_none_or_two_is_shown_at_its_field(day, desk, eddy, section, ticker):
    moment = {"appear_at_0": day, "appear_at_1": "02:30:00"}
    with time_machine.travel("2027-03-01T12:00:00Z", tick=False):
        article = desk(eddy).post(ADD, words_of(section=section.pk, headline="Uhr", **moment))
        item = desk(eddy).post(
            ADD_ITEM, {"ticker": ticker.pk, "level": "normal", "text": "", "headline": "Uhr", **moment}
        )

    for answer in (article, item):
        assert answer.status_code == 200
        assert "appear_at" in answer.context["adminform"].form.errors
    assert not Article.objects.exists()
    assert not TickerItem.objects.exists()


def test_retracting_takes_the_note_to_readers_and_not_as_a_correction(desk, eddy, article, item):
    desk(eddy).post(form_of(article), words_of(article, note="Frei erfunden.", _retract="1"))
    known = {"headline": item.headline, "text": item.text, "level": item.level, "seen_version": item.version}
    desk(eddy).post(form_of(item), {**known, "note": "Eine Übung.", "_retract": "1"})

    article.refresh_from_db()
    item.refresh_from_db()
    assert (article.state, article.retraction, article.correction) == (State.RETRACTED, "Frei erfunden.", "")
    assert (item.state, item.retraction, item.correction) == (State.RETRACTED, "Eine Übung.", "")


def test_the_history_tells_staff_what_it_said_before_and_nobody_else(desk, eddy, ada, jo, alice, article, item):
    actions.correct_article(article.pk, actor=ada, body="Am **Mittag** legte sie ab.", note="Uhrzeit")
    actions.retract_article(article.pk, actor=eddy, note="Frei erfunden.")
    actions.correct_item(item.pk, actor=ada, level="breaking", key_event=True)

    page = visible(desk(eddy).get(form_of(article).replace("change", "history")).content.decode())
    for said in (
        "Verlauf",
        "Am Morgen legte sie ab.",
        "Am **Mittag** legte sie ab.",
        "Uhrzeit",
        "Frei erfunden.",
        "Ada",
    ):
        assert said in page
    marks = visible(desk(eddy).get(form_of(item).replace("change", "history")).content.decode())
    for said in ("Schlüsselmoment", "nein", "ja"):
        assert said in marks
    for reader in (jo, alice):
        assert "Am Morgen" not in desk(reader).get(form_of(article).replace("change", "history")).content.decode()


LONG = "Die Fähre legt um acht Uhr ab und kommt um neun Uhr an. " * 20


@pytest.fixture
def changed(eddy, ada, section, ticker, article, discussion) -> dict[str, tuple[object, list[str]]]:
    """Everything that has no versions, changed by Ada: its row, and what its history has to say."""
    upload = BytesIO()
    Image.new("RGB", (64, 36), "#224466").save(upload, "PNG")
    upload.seek(0)
    photo = actions.add_photo(upload, actor=eddy, caption="Am Steg", credit="Archiv")
    actions.describe_photo(photo.pk, actor=ada, caption="Am Ufer", credit_url="https://bilder.example/1")
    section = actions.keep_section(Section(name="Kultur", slug="kultur"), actor=eddy)
    section.name, section.position = "Kunst", 7
    actions.keep_section(section, actor=ada)
    blog = actions.keep_ticker(Ticker(title="Fähre", slug="faehre", description="Erst so"), actor=eddy)
    blog.description, blog.article = LONG[:500].strip(), article
    actions.keep_ticker(blog, actor=ada)
    plan = set_hours(actor=eddy, name="Nachts", zone="Europe/Berlin", rules="daily 23:00-07:00 closed")
    set_hours(plan.pk, actor=ada, rules="daily 22:00-06:00 closed")
    until = timezone.now() + timedelta(days=3)
    change_discussion(discussion.pk, actor=eddy, switch="closed", reason="Zu laut")
    change_discussion(discussion.pk, actor=ada, switch="premoderated", until=until, reason="Wir lesen mit", hours=plan)
    write_legal_page("terms", actor=eddy, title="", body=f"{LONG} Erst so.")
    page = write_legal_page("terms", actor=ada, title="Regeln", body=f"{LONG} Jetzt so.")
    return {
        "section": (section, ["Angelegt", "Geändert", "Name", "Kultur", "Kunst", "Reihenfolge", "0", "7"]),
        "ticker": (blog, ["Angelegt", "Beschreibung", "Erst so", LONG[:500].strip(), "Artikel", article.headline]),
        "photo": (photo, ["Angelegt", "Bildunterschrift", "Am Steg", "Am Ufer", "https://bilder.example/1"]),
        "openinghours": (plan, ["Angelegt", "daily 23:00-07:00 closed", "daily 22:00-06:00 closed"]),
        "discussion": (discussion, ["Zu laut", "Wir lesen mit", "Geschlossen", "Vormoderiert", "Nachts", "Schalter"]),
        "legalpage": (page, ["Geändert", "Regeln", "Erst so.", "Jetzt so.", "Fassung"]),
    }


@pytest.mark.parametrize("kind", ["section", "ticker", "photo", "openinghours", "discussion", "legalpage"])
def test_the_history_of_what_has_no_versions_tells_its_earlier_words_too(desk, changed, eddy, alice, kind):
    row, words = changed[kind]
    address = f"/admin/{row._meta.app_label}/{kind}/{row.pk}/history/"

    page = visible(desk(eddy).get(address).content.decode())

    assert [word for word in [*words, "Ada", "Eddy"] if word not in page] == []
    assert desk(alice).get(address).status_code == 302


def test_the_history_of_a_person_and_of_a_merged_chat_names_what_was_done(desk, ada, mo, alice, chat):
    give_duties(alice.pk, actor=ada, duties=OF_ROLE["journalist"])
    impose_sanction(alice.pk, actor=mo, scope="react", until=None, reason="spam")
    other = start_chat("Fähr-Treff", actor=mo)
    merge(chat.pk, other.pk, actor=mo)

    person = visible(desk(ada).get(f"/admin/accounts/user/{alice.pk}/history/").content.decode())
    merged = visible(desk(mo).get(f"/admin/comments/discussion/{chat.pk}/history/").content.decode())

    assert [word for word in ("Zuliefern", "Gesperrt", "Ada", "Mo", "Spam") if word not in person] == []
    assert [word for word in ("Zusammengelegt", "Fähr-Treff", "Mo") if word not in merged] == []


def test_what_libraries_say_in_the_admin_is_german(desk, ada, article):
    photo = desk(ada)
    photo.post("/admin/articles/section/add/", {"name": "Kultur", "slug": "kultur", "position": "1"})
    section = Section.objects.get(slug="kultur")
    photo.post(form_of(section), {"name": "Kunst", "slug": "kultur", "position": "2"})

    said = visible(photo.get(form_of(section).replace("change", "history")).content.decode())
    assert [word for word in ("Verlauf", "Angelegt", "Geändert", "Kultur", "Kunst") if word not in said] == []
    form = photo.get(ADD).content.decode() + photo.get(form_of(article)).content.decode()
    start = photo.get("/admin/").content.decode() + photo.get("/admin/articles/article/").content.decode()
    for english in (
        "Search apps",
        "Select action",
        "Tasks Database",
        "Task Results",
        "Geschichte",
        "Ausgewählte",
        "Sichern",
    ):
        assert english not in form + start
    assert "Artikel löschen" not in visible(form)  # it is published: there is nothing to delete
    assert "Bild hinzufügen" in form
