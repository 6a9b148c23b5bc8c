"""What is drawn once for many shows nobody what is another's."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.http import HttpRequest
from django.template import engines
from django.test import Client
from django.test.signals import template_rendered
from django.utils import timezone, translation

from accounts.actions import subscribe
from accounts.models import Sanction, User
from articles import actions as article_actions
from articles.models import Article, Section, Ticker
from comments import actions
from comments.models import Comment
from newsroom.pages import pieces

pytestmark = pytest.mark.django_db


@pytest.fixture
def theme(settings, tmp_path) -> Path:
    """A folder whose templates replace ours."""
    (first, *others) = settings.TEMPLATES
    settings.TEMPLATES = [first | {"DIRS": [tmp_path, *first["DIRS"]]}, *others]
    return tmp_path


@pytest.fixture
def draws():
    """The names of the templates that were drawn."""
    names = []

    def note(template, **_):
        names.append(template.name)

    template_rendered.connect(note)
    yield names
    template_rendered.disconnect(note)


@pytest.fixture
def pages(section, article, item, eddy, ticker, chat, comment, bob) -> list[str]:
    """The addresses of one page of each kind, on which there is something of everything."""
    for number in range(3):
        drafted = article_actions.draft_article(actor=eddy, section=section, headline=f"Noch eine {number}", body="…")
        article_actions.publish_article(drafted.pk, actor=eddy)
    blog = Ticker.objects.create(slug="faehre", title="Der Tag der Fähre", article=article)
    article_actions.publish_item(blog, actor=eddy, headline="Sie legt ab", text="Langsam.", pinned=True)
    actions.post(comment.discussion_id, author=bob, text="Ja!", parent_id=comment.pk)
    actions.post(chat.pk, author=bob, text="Moin zusammen")
    lists = ["/", "/sections/lokales/", "/newsticker/", "/newsticker/faehre/", "/chats/", "/search/?q=Fähre"]
    return [
        *lists,
        *(f"/articles/{article.slug}/", f"/chats/{chat.pk}/", f"/comments/{comment.pk}/replies/"),
        *("/accounts/profile/", "/imprint/", "/nowhere/"),
    ]


def read_by(viewer: User | None, language: str = "de") -> Callable[[str], str]:
    """A function from an address to the page as this reader gets it."""
    client = Client()
    client.cookies["language"] = language
    if viewer is not None:
        client.force_login(viewer)
    return lambda address: client.get(address).content.decode()


def without_keys(html: str) -> str:
    """A page without what is new at each request."""
    return re.sub(r'name="(csrfmiddlewaretoken|key)" value="[^"]*"', r'name="\1"', html)


def page_with(text: str, request: HttpRequest, **context) -> str:
    return engines["django"].from_string("{% load pages %}" + text).render(context, request)


def box(viewer, article, comment, language="de") -> str:
    """The comment as it stands on the article's page for `viewer`."""
    html = read_by(viewer, language)(f"/articles/{article.slug}/")
    return re.search(rf'<li class="comment[^>]*id="comment-{comment.pk}".*?</article>', html, re.DOTALL)[0]


def actions_in(html: str) -> set[str]:
    """The actions that are shown."""
    return set(re.findall(r'data-action="(\w+)"[^>]*?(?<! hidden)>', html))


def test_each_reader_is_offered_what_they_may_do(article, alice, bob, mo, comment):
    for _ in range(2):  # the second time from what was kept
        assert actions_in(box(alice, article, comment)) == {"reply", "quote", "edit", "withdraw"}
        assert actions_in(box(bob, article, comment)) == {"reply", "quote", "report", "ignore"}
        assert actions_in(box(mo, article, comment)) == {"reply", "quote", "moderate", "report"}
        assert actions_in(box(None, article, comment)) == {"report"}
        assert 'aria-pressed="true"' not in box(bob, article, comment)


def test_ones_own_reaction_is_pressed_for_oneself_alone(article, alice, bob, comment):
    assert 'aria-pressed="true"' not in box(bob, article, comment)

    actions.react(comment.pk, "like", actor=bob)

    mine, hers = box(bob, article, comment), box(alice, article, comment)
    assert (mine.count('aria-pressed="true"'), hers.count('aria-pressed="true"')) == (1, 0)
    assert re.findall(r"<span data-n>(\d+)</span>", hers) == ["1"]


def test_a_box_speaks_its_readers_language(article, bob, comment):
    words = {language: box(bob, article, comment, language) for language in ("de", "en", "ru", "de")}

    assert "Antworten" in words["de"]
    assert "Reply" in words["en"]
    assert "Ответить" in words["ru"]


def test_what_was_removed_is_not_shown_from_what_was_kept(article, alice, mo, comment):
    assert comment.text in box(alice, article, comment)

    actions.remove(comment.pk, actor=mo, reason="spam")

    assert comment.text not in box(alice, article, comment)


def test_a_piece_sees_its_facts_and_nothing_of_the_page_around_it(theme, alice, rf):
    (theme / "probe.html").write_text(
        "{{ word }}|{{ user }}{{ request }}{{ csrf_token }}{% csrf_token %}{{ messages }}{{ other }}{{ perms }}"
    )
    request = rf.get("/")
    request.user = alice

    around = page_with("{{ user }}{{ other }}", request, other="around")
    assert around == "Alicearound"
    assert page_with('{% piece "probe.html" word=other %}', request, other="<given>") == "&lt;given&gt;|"


def test_what_comes_later_in_a_piece_is_of_the_page_and_of_its_reader(theme, draws, alice, bob, rf):
    (theme / "inner.html").write_text("{% load pages %}[{% later %}{{ user.name }} {{ word }}{% endlater %}]")
    (theme / "probe.html").write_text(
        "{% load pages %}{{ word }}{{ user }}({% later %}{{ word }}{% endlater %}){% piece 'inner.html' %}"
    )
    pages = []
    for viewer, word in ((alice, "<a>"), (bob, "<b>"), (alice, "<a>")):
        request = rf.get("/")
        request.user = viewer
        pages.append(page_with('{% piece "probe.html" word="fact" %}{% include "inner.html" %}', request, word=word))

    alices = "fact(&lt;a&gt;)[Alice &lt;a&gt;][Alice &lt;a&gt;]"
    assert pages == [alices, alices.replace("Alice", "Bob").replace("a&gt;", "b&gt;"), alices]
    assert draws.count("probe.html") == 1


def test_what_is_no_fact_cannot_be_given(alice, rf):
    request = rf.get("/")

    assert pieces.drawn("articles/picture.html", {"photo": {"url": "/a.jpg", "alt": alice.name}})
    for thing in (alice, request, alice.subscriptions.all()):
        with pytest.raises(NotImplementedError, match="no JSON"):
            pieces.drawn("articles/picture.html", {"photo": thing})


def test_equal_facts_are_drawn_once_for_each_language_and_zone(theme, draws):
    (theme / "probe.html").write_text("{% load newsroom i18n %}{% translate 'Reply' %} {% moment when 'clock' %}")
    facts = {"when": "2026-11-28T17:05:00Z"}
    words = []
    for language, zone in (("de", "Europe/Berlin"), ("en", "Europe/Berlin"), ("de", "Asia/Tokyo")) * 2:
        with translation.override(language), timezone.override(zone):
            words.append(re.sub("<.*?>", "", pieces.drawn("probe.html", facts)))

    assert draws == ["probe.html"] * 3
    assert words[:3] == words[3:]
    assert words[:3] == ["Antworten 28.11.2026 18:05", "Reply 28/11/2026 18:05", "Antworten 29.11.2026 02:05"]


def test_what_was_not_used_for_long_is_forgotten_when_there_is_no_room(theme, draws):
    (theme / "probe.html").write_text("{{ word }}")
    a, b, c = (letter * (pieces.MOST_BYTES // 5) for letter in "abc")  # each takes two fifths: there is room for two

    for word, drawn in (("little", 1), (a, 2), (b, 3), ("little", 3), (a, 3), (c, 4), ("little", 4), (a, 4), (b, 5)):
        assert pieces.drawn("probe.html", {"word": word}) == word
        assert len(draws) == drawn


def test_a_theme_replaces_a_piece(theme, article, comment, bob):
    (theme / "comments").mkdir()
    (theme / "comments" / "comment_box.html").write_text(
        '<li class="comment" id="comment-{{ comment.id }}">mine</article>'
    )

    assert "mine" in box(bob, article, comment)


@pytest.mark.parametrize("debug", [True, False])
def test_a_changed_template_shows_in_development(settings, theme, debug):
    settings.DEBUG = debug
    (theme / "probe.html").write_text("before")
    assert pieces.drawn("probe.html", {}) == "before"

    (theme / "probe.html").write_text("after")
    engines["django"].engine.template_loaders[0].reset()  # as Django does there when a file changes

    assert pieces.drawn("probe.html", {}) == ("after" if debug else "before")


def test_nothing_of_one_reader_stands_on_anothers_page(pages, person, discussion, chat, comment):
    """They see the same things with the same rights, one after the other."""
    marks = {}
    for name in ("Zelda", "Yorick"):
        reader = person(name)
        actions.keep_draft(discussion, person=reader, text=f"Entwurf von {name}")
        actions.keep_draft(chat, person=reader, text=f"Entwurf von {name}")
        subscribe(reader, "section", "lokales")
        marks[reader] = (name, name.lower(), f'me="{reader.pk}"', f'"user.{reader.pk}"')
    for reader in marks:
        read = read_by(reader)
        for address in pages * 2:
            html = read(address)
            assert f'"user.{reader.pk}"' in html
            for other in set(marks) - {reader}:
                assert not [mark for mark in marks[other] if mark in html], address


def test_what_is_mine_is_laid_over_what_all_see(pages, person, discussion, chat, comment, mo):
    """Two who see the same things with the same rights; each has pressed, drafted and said something."""
    actions.open_discussion(discussion.pk, actor=mo, premoderated=True)
    line = Comment.objects.get(discussion=chat)
    own = {}
    for name, sign in (("Zelda", "heart"), ("Yorick", "sad")):
        reader = person(name)
        for each in (comment, line):
            actions.react(each.pk, sign, actor=reader)
        actions.keep_draft(discussion, person=reader, text=f"Entwurf von {name}")
        actions.post(discussion.pk, author=reader, text=f"Es wartet: {name}")
        mine = actions.post(chat.pk, author=reader, text=f"Zeile von {name}").comment
        own[reader] = (name, sign, mine.pk)
    others = dict(zip(own, reversed(own), strict=True))
    places = (discussion.page, chat.page, f"/comments/{comment.pk}/replies/")
    for reader, other in list(others.items()) * 2:
        (name, sign, mine), (theirs, their_sign, _) = own[reader], own[other]
        for address in places:
            html = read_by(reader)(address)
            pressed = re.findall(r'data-reaction="(\w+)" aria-pressed="true"', html)
            assert pressed == [sign], address
            assert re.search(rf'data-reaction="{their_sign}" aria-pressed="false".*?<span data-n>1<', html, re.DOTALL)
            assert f"Entwurf von {theirs}" not in html
            assert f"Es wartet: {theirs}" not in html
            assert (f"Es wartet: {name}" in html) is (address != chat.page)
        assert f"Entwurf von {name}</textarea>" in read_by(reader)(discussion.page)
        editable = re.findall(r'data-action="edit"\s+href="/comments/(\d+)/edit/"\s*>', read_by(reader)(chat.page))
        assert editable == [str(mine)]


def test_a_page_of_kept_pieces_is_the_page_drawn_anew(
    pages, person, alice, bob, mo, eddy, ada, jo, discussion, chat, comment
):
    for reader, sign in ((alice, "like"), (bob, "heart"), (jo, "like")):
        actions.react(comment.pk, sign, actor=reader)
        actions.keep_draft(chat, person=reader, text=f"Entwurf von {reader.name}")
    Sanction.objects.create(user=jo, scope="comment", reason="spam", imposed_by=mo)
    actions.open_discussion(discussion.pk, actor=mo, premoderated=True)
    actions.post(discussion.pk, author=bob, text="Bitte lesen")
    readers = [
        read_by(viewer, language)
        for viewer in (None, person("Ungewohnt <b>"), alice, bob, jo, mo, eddy, ada)
        for language in ("de", "ru")
    ]
    fresh = []
    for address in pages:
        for read in readers:
            pieces.forget()
            fresh.append(without_keys(read(address)))

    kept = [without_keys(read(address)) for address in pages for read in readers]

    assert kept == fresh


def test_what_was_changed_elsewhere_shows_at_once(pages, article, bob):
    """Another process changes rows: this one hears nothing of it before it is asked."""
    read = read_by(bob)
    before = {address: read(address) for address in pages}
    assert "Lokales" in before["/"]
    assert article.kicker in before["/"]

    Section.objects.update(name="Umland")
    Article.objects.filter(pk=article.pk).update(kicker="Auf dem Fluss")
    User.objects.filter(pk=bob.pk).update(name="Robert")

    for address in pages:
        html = read(address)
        assert 'dir="auto">Umland</a></li>' in html
        assert "Lokales" not in html, address
        assert article.kicker not in html, address
        assert 'dir="auto">Robert</span>' in html
    for address in ("/", "/sections/lokales/", f"/articles/{article.slug}/"):
        assert "Auf dem Fluss" in read(address)
