"""The admin speaks German and Russian throughout, in what we say and in what its libraries say."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import html5lib
import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from accounts.models import Sanction, User
from comments import actions
from comments.models import OpeningHours

pytestmark = pytest.mark.django_db
SAID = ("aria-label", "alt", "placeholder", "title")
UNSEEN = {"script", "style", "template", "code", "pre"}
# Words that English sentences and the names of fields cannot do without, and that neither German nor Russian has.
ENGLISH = re.compile(
    r"\b(the|of|and|your|you|with|this|has|have|been|is|are|not|please|select(ed)?|add(ed)?|chang(e|ed)|"
    r"delete|remove|search|last|number|replaced|author|seen|version|task|queue|worker|history|view|show|save|close|"
    r"apply|reset|run|found|results?|first|enter|note|hours?|today|yesterday|at|by|from|for|to)\b",
    re.IGNORECASE,
)
SCRIPTS = Path(admin.__file__).parent / "static" / "admin" / "js"
CALLS = re.compile(r"""\b(n?)gettext\(\s*((?:(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')\s*\+?\s*)+)""")
# What the forms say under their fields, and the tests by which that is true. Whoever changes a sentence looks for the
# tests that hold the new one; a sentence that none can hold promises too much.
PROMISES = {
    "Stands on every page, in mails and in feeds. Empty: as the operator has set it.": [
        "pages/test_appearance.py::test_a_name_and_links_stand_on_pages_feeds_and_mails",
        "pages/test_appearance.py::test_a_serving_process_keeps_it_until_the_site_rings",
    ],
    "One a line, at most ten: what it says, a space, and https://… or a path such as /imprint/.": [
        "pages/test_appearance.py::test_a_name_and_links_stand_on_pages_feeds_and_mails",
        "pages/test_appearance.py::test_what_is_no_link_is_refused",
    ],
    "Markdown, above the front page. Empty: none.": [
        "pages/test_appearance.py::test_a_welcome_stands_above_the_front_page_alone_and_is_clean",
    ],
    "Such as #9d1b2b. Empty: the usual one.": [
        "pages/test_appearance.py::test_colours_come_as_a_sheet_of_their_own",
        "pages/test_appearance.py::test_a_colour_that_could_not_be_read_is_refused_by_pair_and_ratio",
    ],
    "PNG, WebP, JPEG, AVIF or GIF, up to 2 MB. Without one the name stands there.": [
        "pages/test_appearance.py::test_a_logo_is_encoded_anew_and_keeps_what_can_be_seen_through",
        "pages/test_appearance.py::test_what_is_no_logo_is_refused_at_its_field",
    ],
    "For readers whose device is set to dark. Without one the logo stands on white there.": [
        "pages/test_appearance.py::test_a_logo_is_encoded_anew_and_keeps_what_can_be_seen_through",
    ],
    "As the other system gives it: plain, gzip, or zip with one file in it.": [
        "importers/test_imports_from_the_desk.py::test_a_file_is_looked_through_then_brought_in_and_the_report_kept",
        "importers/test_moving.py::test_packed_files_are_read_and_other_hosts_are_named",
    ],
    "By it the next import knows what has come in. Empty: the host of the site.": [
        "importers/test_moving.py::test_each_record_ends_in_one_counter_and_a_second_run_adds_nothing",
    ],
    "One a line, the usual first. Pages on other hosts stay out. Empty: ours, and what the file calls its own.": [
        "importers/test_moving.py::test_packed_files_are_read_and_other_hosts_are_named",
    ],
    "Such as Europe/Berlin. Empty: UTC.": [
        "importers/test_artalk.py::test_times_without_a_zone_are_of_the_zone_that_is_named",
    ],
    "With a time in the future it stays hidden and appears by itself then.": [
        "articles/test_publish_article.py::test_a_scheduled_article_appears_by_its_due_deed_and_not_before",
        "articles/test_publish_item.py::test_a_scheduled_item_gets_its_number_when_it_appears",
        "articles/test_admin.py::test_a_time_in_the_form_schedules_and_no_time_unschedules",
    ],
    "Markdown: ## for subheads, *emphasis*, [text](https://…) for links, > for quotes.": [
        "markup/test_text.py::test_articles_have_the_markdown_that_their_form_names",
    ],
    "The short line above the headline.": ["pages/test_article.py::test_an_article_reads_like_a_news_page"],
    "The name of an account: its comments below the article are marked as the author’s.": [
        "comments/test_authorship.py::test_an_editor_names_the_account_at_the_desk",
        "comments/test_authorship.py::test_who_has_written_the_article_is_marked_from_now_on_and_before",
    ],
    "Code such as de, en, ru.": ["pages/test_languages.py::test_what_belongs_to_an_arabic_article_is_marked_as_arabic"],
    "Within the past. How long the discussion is open counts from it.": [
        "articles/test_admin.py::test_an_old_articles_publication_is_moved_and_its_discussions_end_with_it",
        "articles/test_admin.py::test_a_publication_is_not_moved_ahead_and_stays_where_nobody_moves_it",
    ],
    "Under the article, with a correction, and told to its followers. In its place, if you retract it.": [
        "articles/test_admin.py::test_saving_a_published_article_corrects_it",
        "articles/test_followers.py::test_followers_of_an_article_hear_of_corrections_but_not_of_slips_of_the_pen",
        "articles/test_admin.py::test_retracting_takes_the_note_to_readers_and_not_as_a_correction",
    ],
    "Shown under the article; if none are chosen, the newest of its section are.": [
        "articles/test_api_articles.py::test_related_are_those_chosen_by_editors_else_of_the_same_section",
    ],
    "The address: made from the headline if left empty, fixed once it is published.": [
        "articles/test_admin.py::test_a_journalist_writes_a_draft_and_cannot_publish_it",
        "articles/test_admin.py::test_saving_a_published_article_corrects_it",
    ],
    "Then its times decide again; empty: for good.": [
        "comments/test_switches.py::test_a_switch_by_hand_ends_when_it_was_said",
        "comments/test_switches.py::test_a_new_switch_has_no_end_of_an_old_one",
    ],
    "Then it ends by itself; empty: for good.": [
        "comments/test_switches.py::test_slow_mode_ends_when_it_was_said",
        "comments/test_switches.py::test_a_new_slow_mode_has_no_end_of_an_old_one_and_a_new_end_is_told",
    ],
    "One a line: days, from-until, state. daily 23:00-07:00 closed · sat,sun 00:00-24:00 premoderated": [
        "comments/test_hours.py::test_closed_at_night_and_premoderated_at_weekends",
    ],
    "All threads under its articles keep these hours; without one, choose them in a discussion.": [
        "comments/test_times.py::test_at_night_it_is_closed_and_says_until_when",
        "comments/test_times.py::test_new_threads_keep_their_sections_hours_and_chats_may",
    ],
    "What is to be seen, for those who cannot.": ["pages/test_article.py::test_an_article_reads_like_a_news_page"],
    "JPEG, PNG, WebP, AVIF or GIF, up to 20 MB. Camera data and places are taken out.": [
        "articles/test_photos.py::test_pictures_become_jpeg_webp_and_avif_in_several_widths",
        "articles/test_photos.py::test_what_is_no_decent_picture_is_refused",
        "articles/test_photos.py::test_where_it_was_taken_is_nobodys_business_and_the_right_way_up_stays",
    ],
    "Smaller comes first.": ["pages/test_front.py::test_sections_stand_by_their_position"],
    "Markdown. What has happened so far: on top of a live blog.": [
        "pages/test_article.py::test_a_live_blog_says_how_it_stands_and_leads_to_its_key_events",
    ],
    "Its first item begins it. Readers and search engines see whether it goes on.": [
        "pages/test_article.py::test_a_live_blog_says_how_it_stands_and_leads_to_its_key_events",
    ],
    "Markdown. Readers open it in place, under the headline.": [
        "pages/test_ticker.py::test_an_item_is_opened_in_place_without_a_script",
    ],
    "Under the item, with a correction. In its place, if you retract it.": [
        "pages/test_ticker.py::test_a_correction_is_shown_with_its_reason",
        "articles/test_admin.py::test_retracting_takes_the_note_to_readers_and_not_as_a_correction",
    ],
}
TESTS = Path(__file__).parent.parent


@pytest.mark.parametrize("language", ["de", "ru"])
def test_no_page_of_the_admin_says_anything_in_english(language, ada, mo, alice, article, item, comment, chat):
    Sanction.objects.create(user=alice, scope="react", reason="spam", imposed_by=mo)
    OpeningHours.objects.create(name="Zeiten", rules="sat,sun 00:00-24:00 closed")
    actions.edit(comment.pk, actor=alice, text="Neuer Text")
    actions.remove(comment.pk, actor=mo, reason="spam")
    browser = Client()
    browser.cookies["language"] = language
    User.objects.filter(pk=ada.pk).update(language=language)
    browser.force_login(ada)

    found: dict[str, str] = {}
    for path in [reverse("admin:index"), *_pages()]:
        answer = browser.get(path)
        assert answer.status_code == 200 or (answer.status_code == 403 and not path.endswith("/change/")), path
        for words in _said(answer.text):
            if ENGLISH.search(words) and not words.startswith('"'):  # which the log of deeds quotes from rows
                found.setdefault(words, path)

    assert found == {}


def _pages() -> Iterator[str]:
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        yield reverse(f"{name}_changelist")
        yield reverse(f"{name}_add")
        row = model.objects.first()
        for kind in ("change", "history", "delete") if row is not None else ():
            yield reverse(f"{name}_{kind}", args=[row.pk])


def _said(page: str) -> Iterator[str]:
    """What people see and hear of it, but what people have written."""
    tree = html5lib.parse(page, namespaceHTMLElements=False)
    parents = {child: parent for parent in tree.iter() for child in parent}
    for element in tree.iter():
        if not isinstance(element.tag, str) or element.tag in UNSEEN or "material-symbols-outlined" in _class(element):
            continue
        yield from (" ".join(element.get(name).split()) for name in SAID if element.get(name))
        yield from (" ".join(text.split()) for text in (element.text, _tail(element, parents)) if text and text.strip())


def _tail(element, parents) -> str | None:
    return element.tail if element in parents and parents[element].tag not in UNSEEN else None


def _class(element) -> str:
    return element.get("class", "")


@pytest.mark.parametrize("language", ["de", "ru"])
def test_the_scripts_of_the_admin_have_words_for_all_that_they_say(language, ada):
    browser = Client()
    browser.cookies["language"] = language
    browser.force_login(ada)
    answer = browser.get(reverse("admin:jsi18n")).text
    catalogue = json.loads(re.search(r"const newcatalog = (\{.*?\});\n", answer, re.DOTALL)[1])

    said = {
        ("".join(json.loads(each) for each in re.findall(r'"(?:[^"\\]|\\.)*"', words)), plural)
        for file in ("calendar.js", "admin/DateTimeShortcuts.js")
        for plural, words in CALLS.findall((SCRIPTS / file).read_text())
    }
    assert ("Today (%(date)s)", "") in said
    assert {words for words, _plural in said if " " in words and catalogue.get(words, words) in (words, "")} == set()
    assert all(isinstance(catalogue[words], list) for words, plural in said if plural)


def test_what_the_forms_promise_is_held_by_a_test(rf, ada, article, item, chat):
    request = rf.get("/admin/")
    request.user = ada
    said = set()
    with override("en"):
        for model, desk in admin.site._registry.items():
            row = model._base_manager.first()
            forms = [desk.get_form(request)(), desk.get_form(request, row, change=True)(instance=row)]
            forms += [formset.form() for formset, _inline in desk.get_formsets_with_inlines(request, row)]
            said |= {str(field.help_text) for form in forms for field in form.fields.values()}

    assert said - {""} == PROMISES.keys()
    for place in [each for places in PROMISES.values() for each in places]:
        file, _colons, name = place.partition("::")
        assert f"def {name}(" in (TESTS / file).read_text(), place
