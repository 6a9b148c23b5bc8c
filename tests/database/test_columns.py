"""Whatever way a text comes in, what no reader may meet is gone before it is stored: columns clean what they take."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models

from articles.models import Article, Section, TickerItem
from newsroom.text import clean, clean_line

APPS = ("accounts", "articles", "comments", "newsroom", "live")
HOSTILE = "  Ab\x00\x07\x9b\u202e\u202dc\ud800\ufffe\u2066\r\n de\u0301  "
# Made here and by nobody else: HTML of cleaned text, hashes, names and addresses of our own things, codes.
MADE_HERE = """
    newsroom.Limit.key newsroom.Worker.name live.Stream.name live.Event.stream live.Event.kind live.Event.subject
    live.Event.key live.Epoch.value live.Epoch.origin accounts.User.password accounts.User.name_key
    accounts.User.language
    accounts.Subscription.kind accounts.Subscription.target accounts.ApiToken.digest accounts.ApiToken.hint
    accounts.LegalPage.html accounts.Notification.kind accounts.Notification.subject accounts.Notification.url
    accounts.AuditEntry.deed accounts.AuditEntry.subject newsroom.Chore.name
    newsroom.Figure.family newsroom.Figure.label
    accounts.FeedKey.key accounts.Preference.kind accounts.Preference.mail accounts.User.time_zone
    accounts.PushSubscription.endpoint accounts.PushSubscription.key accounts.PushSubscription.secret
    newsroom.Appearance.logo newsroom.Appearance.logo_dark newsroom.Appearance.welcome_html
    accounts.Mailing.series accounts.MailItem.series accounts.User.avatar
    articles.Photo.file articles.Article.html articles.Article.source articles.Article.language
    articles.Ticker.summary_html articles.TickerItem.html comments.Comment.html comments.Comment.source
    comments.SealedAddress.source comments.SealedAddress.digest
    comments.CommentRevision.html comments.LearnedModel.language comments.Reaction.name comments.RefusedText.kind
    comments.Rule.kind
    comments.RuleHit.kind comments.RuleHit.name comments.SavedFilter.query comments.SecondLook.rule
"""


def text_columns():
    for model in apps.get_models():
        for field in model._meta.local_fields:
            if model._meta.app_label in APPS and isinstance(field, models.CharField | models.TextField):
                yield model._meta.label, field


COLUMNS = [(f"{label}.{field.name}", field) for label, field in text_columns() if not field.choices]


@pytest.mark.parametrize("field", [field for name, field in COLUMNS if name not in MADE_HERE.split()], ids=str)
def test_no_column_for_what_people_write_takes_what_is_unseen_or_turned_round(field):
    if field.default_validators or isinstance(field, models.EmailField):  # addresses and slugs: refused instead
        with pytest.raises(ValidationError):
            field.clean(HOSTILE, None)
        return
    cleaned = clean(HOSTILE) if isinstance(field, models.TextField) else clean_line(HOSTILE)

    assert field.get_prep_value(HOSTILE) == cleaned
    assert cleaned in {"Abc\n dé", "Abc dé"}


def test_the_list_of_columns_made_here_is_no_longer_than_it_must_be():
    assert set(MADE_HERE.split()) <= {name for name, _field in COLUMNS}


@pytest.mark.django_db
def test_no_way_of_storing_goes_round_it(section, eddy, ticker):
    made = Article.objects.create(section=section, headline=HOSTILE, body=HOSTILE, slug="a", created_by=eddy)
    Section.objects.filter(pk=section.pk).update(name=HOSTILE)
    TickerItem.objects.bulk_create([TickerItem(ticker=ticker, author=eddy, headline=HOSTILE, text=HOSTILE)])
    made.author_line = HOSTILE
    Article.objects.bulk_update([made], ["author_line"])

    assert (made.headline, made.body) == ("Abc dé", "Abc\n dé")
    assert Article.objects.filter(headline="Abc dé", body="Abc\n dé", author_line="Abc dé").exists()
    assert Section.objects.get(pk=section.pk).name == "Abc dé"
    assert TickerItem.objects.filter(headline="Abc dé", text="Abc\n dé").exists()


@pytest.mark.django_db
def test_a_name_saved_in_the_admin_is_clean_and_its_feed_answers(client, section, ada, article):
    client.force_login(ada)
    address = f"/admin/articles/section/{section.pk}/change/"

    saved = client.post(address, {"name": "Lo\x07kal\u202ees", "slug": section.slug, "order": 1, "position": 1})

    assert saved.status_code == 302
    section.refresh_from_db()
    assert section.name == "Lokales"
    assert client.get(f"/feeds/sections/{section.slug}.atom").status_code == 200
