from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from articles import actions, hooks
from articles.due import publish_due_articles
from articles.models import Article, Section, State, Ticker
from newsroom.errors import Conflict, Forbidden, Invalid, NotFound, PreconditionFailed
from tests.support.directions import directed

from .tools import events, kinds

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def draft(section: Section, jo: User) -> Article:
    return actions.draft_article(actor=jo, section=section, headline="Störche über der Süderstraße", body="*Sieh* da.")


def test_a_draft_gets_its_address_from_the_headline_and_its_html_once(draft: Article, section: Section, jo: User):
    again = actions.draft_article(actor=jo, section=section, headline="Störche über der Süderstraße")
    russian = actions.draft_article(actor=jo, section=section, headline="Щука в Эльбе")

    assert draft.slug == "stoerche-ueber-der-suederstrasse"
    assert draft.html == directed("<p><em>Sieh</em> da.</p>")
    assert again.slug == "stoerche-ueber-der-suederstrasse-2"
    assert russian.slug == "shchuka-v-elbe"


def test_scripts_in_a_body_do_not_survive(section: Section, jo: User):
    markdown = actions.draft_article(
        actor=jo, section=section, headline="A", body="<script>x</script> [a](javascript:x)"
    )
    html = actions.draft_article(
        actor=jo, section=section, headline="B", body="<p onclick=x>a<script>x</script></p>", body_format="html"
    )

    assert "<script" not in markdown.html
    assert "href" not in markdown.html
    assert html.html == directed("<p>a</p>")


def test_readers_cannot_write_but_journalists_can(section: Section, alice: User, jo: User):
    with pytest.raises(Forbidden):
        actions.draft_article(actor=alice, section=section, headline="Ich")

    assert actions.draft_article(actor=jo, section=section, headline="Ich").state == State.DRAFT


def test_journalists_change_their_own_drafts_only(draft: Article, jo: User, eddy: User, person):
    with pytest.raises(NotFound):  # that there is one is not for others to know
        actions.edit_article(draft.pk, actor=person("Kim", "journalist"), headline="Meins")

    assert actions.edit_article(draft.pk, actor=jo, headline="Kraniche").headline == "Kraniche"
    assert actions.edit_article(draft.pk, actor=eddy, headline="Reiher").version == 3


def test_an_editor_publishes_and_a_journalist_cannot(draft: Article, jo: User, eddy: User):
    with pytest.raises(Forbidden):
        actions.publish_article(draft.pk, actor=jo)
    assert kinds("articles") == []

    published = actions.publish_article(draft.pk, actor=eddy)

    assert published.state == State.PUBLISHED
    (event,) = events("articles")
    assert (event["kind"], event["data"]["slug"], event["data"]["state"]) == (
        "article.published",
        draft.slug,
        "published",
    )


def test_an_article_is_published_once(draft: Article, eddy: User):
    actions.publish_article(draft.pk, actor=eddy)

    with pytest.raises(Conflict):
        actions.publish_article(draft.pk, actor=eddy)
    assert kinds("articles") == ["article.published"]


def test_a_scheduled_article_appears_by_its_due_deed_and_not_before(draft: Article, eddy: User, api):
    now = timezone.now()
    actions.schedule_article(draft.pk, actor=eddy, publish_at=now + timedelta(hours=1))

    with time_machine.travel(now + timedelta(minutes=59), tick=False):
        assert publish_due_articles() == 0
    with time_machine.travel(now + timedelta(hours=2), tick=False):
        assert not Article.objects.listed().exists()  # no clock stands in a query
        assert publish_due_articles() == 1
        assert publish_due_articles() == 0

    published = Article.objects.listed().get()
    assert published.publish_at is None
    assert kinds("articles") == ["article.published"]


def test_a_time_that_has_passed_or_is_absurd_is_refused(draft: Article, eddy: User):
    now = timezone.now()
    for moment in (now - timedelta(seconds=1), now + timedelta(days=4000)):
        with pytest.raises(Invalid):
            actions.schedule_article(draft.pk, actor=eddy, publish_at=moment)

    assert actions.schedule_article(draft.pk, actor=eddy, publish_at=now + timedelta(days=1)).state == State.SCHEDULED
    assert actions.unschedule_article(draft.pk, actor=eddy).state == State.DRAFT


def test_one_article_that_cannot_appear_does_not_hold_up_the_others(section, draft, jo, eddy, monkeypatch, caplog):
    other = actions.draft_article(actor=jo, section=section, headline="Später")
    now = timezone.now()
    for pk, minutes in ((draft.pk, 1), (other.pk, 2)):
        actions.schedule_article(pk, actor=eddy, publish_at=now + timedelta(minutes=minutes))

    def refuse(article: Article) -> None:
        if article.pk == draft.pk:
            raise RuntimeError("no")

    monkeypatch.setattr(hooks, "_registry", hooks._Registry())
    hooks.listen(published=refuse)
    with time_machine.travel(now + timedelta(hours=1), tick=False):
        assert publish_due_articles() == 1

    assert list(Article.objects.listed()) == [other]
    assert "the next look tries again" in caplog.text


def test_a_correction_is_noted_and_the_old_words_leave_the_log(article: Article, eddy: User):
    corrected = actions.correct_article(
        article.pk, actor=eddy, note="Es war der Nachmittag.", body="Am Nachmittag legte sie ab.", slug="anders"
    )

    assert corrected.updated_at is not None
    assert corrected.slug == article.slug
    before, after = events("articles")
    assert before["kind"] == "void"
    assert not before.get("data")
    assert after["kind"] == "article.corrected"
    assert after["data"]["html"] == directed("<p>Am Nachmittag legte sie ab.</p>")
    assert after["data"]["correction"] == "Es war der Nachmittag."
    assert after["data"]["version"] > article.version


def test_a_correction_of_what_somebody_else_changed_is_refused(article: Article, eddy: User, ada: User):
    seen = article.version
    actions.correct_article(article.pk, actor=ada, seen={seen}, headline="Die Fähre")

    with pytest.raises(PreconditionFailed):
        actions.correct_article(article.pk, actor=eddy, seen={seen}, headline="Eine Fähre")
    assert Article.objects.get().headline == "Die Fähre"


def test_what_is_published_is_corrected_not_edited_and_the_reverse(article: Article, draft: Article, eddy: User):
    with pytest.raises(Conflict):
        actions.edit_article(article.pk, actor=eddy, headline="Anders")
    with pytest.raises(Conflict):
        actions.correct_article(draft.pk, actor=eddy, headline="Anders")


def test_a_retracted_article_leaves_page_log_and_its_live_blog(article: Article, eddy: User, alice: User):
    blog = Ticker.objects.create(slug="faehre", title="Die Fähre live", article=article)
    assert Ticker.objects.visible_to(alice).filter(pk=blog.pk).exists()

    actions.retract_article(article.pk, actor=eddy)

    assert not Article.objects.visible_to(alice).exists()
    assert Article.objects.visible_to(eddy).exists()
    assert not Ticker.objects.visible_to(alice).filter(pk=blog.pk).exists()
    before, after = events("articles")
    assert before["kind"] == "void"
    assert after["kind"] == "article.retracted"
    assert (after["data"]["state"], after["data"]["html"], after["data"]["headline"]) == ("retracted", "", "")
    assert "stream.closed" in kinds("live")


def test_a_retracted_article_can_be_published_again_at_its_old_time(article: Article, eddy: User):
    actions.retract_article(article.pk, actor=eddy)
    with pytest.raises(Conflict):
        actions.retract_article(article.pk, actor=eddy)

    again = actions.publish_article(article.pk, actor=eddy)

    assert again.published_at == article.published_at
    assert kinds("articles") == ["void", "article.retracted", "article.published"]


def test_links_of_ticker_items_come_and_go_with_their_article(article: Article, ticker: Ticker, eddy: User):
    item = actions.publish_item(ticker, actor=eddy, headline="Mehr dazu", article=article)

    actions.retract_article(article.pk, actor=eddy)
    actions.publish_article(article.pk, actor=eddy)

    said = [(event["kind"], event["data"]["article"], event["data"]["version"]) for event in events(ticker.stream)]
    assert said == [
        ("item.published", article.slug, item.version),
        ("item.corrected", None, item.version + 1),
        ("item.corrected", article.slug, item.version + 2),
    ]


def test_listeners_of_upper_apps_hear_in_the_same_transaction(draft: Article, eddy: User, monkeypatch):
    heard: list[tuple[str, int]] = []
    monkeypatch.setattr(hooks, "_registry", hooks._Registry())
    hooks.provide_discussions(70 + F("pk"))
    hooks.listen(
        published=lambda each: heard.append(("published", each.pk)),
        corrected=lambda each: heard.append(("corrected", each.pk)),
        retracted=lambda each: heard.append(("retracted", each.pk)),
    )

    actions.publish_article(draft.pk, actor=eddy)
    actions.correct_article(draft.pk, actor=eddy, lead="So.")
    actions.retract_article(draft.pk, actor=eddy)

    assert heard == [("published", draft.pk), ("corrected", draft.pk), ("retracted", draft.pk)]
    assert events("articles")[-1]["data"]["discussion"] == 70 + draft.pk


@pytest.mark.parametrize(
    "fields",
    [
        {"headline": ""},
        {"headline": "x" * 301},
        {"headline": "\x00\u202e"},
        {"kicker": "x" * 81},
        {"lead": "x" * 2001},
        {"body": "x" * 200_001},
        {"slug": "no slug"},
        {"slug": "x" * 201},
    ],
)
def test_what_does_not_fit_is_refused_by_field(fields, section: Section, jo: User):
    with pytest.raises(Invalid) as refused:
        actions.draft_article(actor=jo, section=section, **{"headline": "Gut", **fields})

    assert set(refused.value.extra["errors"]) <= {*fields, "slug"}
    assert actions.draft_article(actor=jo, section=section, headline="Gut").pk


def test_two_articles_cannot_have_one_address(article: Article, section: Section, jo: User):
    with pytest.raises(Invalid):
        actions.draft_article(actor=jo, section=section, headline="Andere", slug=article.slug)


def test_what_is_not_there_is_not_found(eddy: User):
    with pytest.raises(NotFound):
        actions.publish_article(4711, actor=eddy)


def test_the_database_holds_the_states_itself(article: Article):
    for broken in ({"published_at": None}, {"state": "draft"}, {"state": "scheduled", "published_at": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Article.objects.filter(pk=article.pk).update(**broken)


def test_the_words_of_a_retracted_article_stand_in_no_other_ones_event(article: Article, section: Section, eddy: User):
    other = actions.draft_article(actor=eddy, section=section, headline="Gleich daneben")
    actions.publish_article(other.pk, actor=eddy)
    assert article.headline in str(events("articles"))

    actions.retract_article(article.pk, actor=eddy)

    assert article.headline not in str(events("articles"))
    assert "Gleich daneben" in str(events("articles"))


def test_what_is_planned_for_later_comes_early_only_where_that_is_said(draft: Article, eddy: User):
    planned = actions.schedule_article(draft.pk, actor=eddy, publish_at=timezone.now() + timedelta(hours=3))

    with pytest.raises(Conflict) as refused:
        actions.publish_article(draft.pk, actor=eddy)
    assert f"{timezone.localtime(planned.publish_at):%H:%M}" in str(refused.value)
    assert kinds("articles") == []

    assert actions.publish_article(draft.pk, actor=eddy, now=True).state == State.PUBLISHED


def test_what_is_saved_as_it_was_is_no_update(article: Article, eddy: User):
    again = actions.correct_article(
        article.pk,
        actor=eddy,
        body=article.body.replace("\n", "\r\n"),
        headline=f"{article.headline} ",
        section=article.section,
        related=[],
        published_at=article.published_at,
    )

    assert (again.version, again.updated_at) == (article.version, None)
    assert kinds("articles") == ["article.published"]


def test_only_changed_words_or_a_note_make_an_update(article: Article, eddy: User):
    other = Section.objects.create(name="Kultur", slug="kultur")
    for marks in ({"section": other}, {"language": "en"}, {"published_at": timezone.now() - timedelta(days=2)}):
        assert actions.correct_article(article.pk, actor=eddy, **marks).updated_at is None

    noted = actions.correct_article(article.pk, actor=eddy, note="Der Name war falsch.")
    assert noted.updated_at is not None
    assert actions.correct_article(article.pk, actor=eddy, lead="Neu.").updated_at > noted.updated_at


def test_the_newsroom_keeps_what_an_article_was_before_each_deed(draft: Article, eddy: User, jo: User):
    actions.edit_article(draft.pk, actor=jo, headline="Zweite Zeile", body="Neu.")
    actions.publish_article(draft.pk, actor=eddy)
    actions.correct_article(draft.pk, actor=eddy, body="Richtig.", note="Zahl")
    actions.retract_article(draft.pk, actor=eddy, note="Frei erfunden.")

    kept = [(each.deed, each.by, each.fields["body"], each.note) for each in draft.revisions.order_by("version")]
    assert kept == [
        ("edited", jo, draft.body, ""),
        ("published", eddy, "Neu.", ""),
        ("corrected", eddy, "Neu.", "Zahl"),
        ("retracted", eddy, "Richtig.", "Frei erfunden."),
    ]
