"""What a restriction bars: exactly what its scope names."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts.access import Barred
from accounts.actions import give_duties, impose_sanction, lift_sanction
from accounts.duties import NONE, Duties, Duty
from accounts.models import Sanction, User
from articles import actions as desk
from articles.models import Article, Section
from comments import actions
from comments.models import Comment, Discussion
from newsroom.errors import Forbidden, Refused

pytestmark = pytest.mark.django_db(transaction=True)

DEEDS = ("post", "edit", "undo", "chat", "react", "take back")
BARS = {
    "comment": {"post", "edit", "undo"},
    "chat": {"chat"},
    "react": {"react", "take back"},
    "report": set(),
    "all": set(DEEDS),
}


def test_every_scope_has_its_line() -> None:
    assert set(BARS) == set(Sanction.Scope.values)


@pytest.mark.parametrize("place", ["everywhere", "here", "elsewhere"])
@pytest.mark.parametrize("scope", [None, *BARS])
def test_a_scope_bars_exactly_what_it_names(
    scope: str | None, place: str, bob: User, mo: User, discussion: Discussion, chat: Discussion, comment: Comment
) -> None:
    sections = {"everywhere": None, "here": discussion.section_id}
    sections["elsewhere"] = Section.objects.create(name="Sport", slug="sport").pk
    mine, taken = (actions.post(discussion.pk, author=bob, text=text).comment.pk for text in ("Eins", "Zwei"))
    actions.withdraw(taken, actor=bob)
    actions.react(comment.pk, "heart", actor=bob)
    deeds: dict[str, Callable[[], object]] = {
        "post": lambda: actions.post(discussion.pk, author=bob, text="Drei"),
        "edit": lambda: actions.edit(mine, actor=bob, text="Eins und"),
        "undo": lambda: actions.undo(taken, actor=bob),
        "chat": lambda: actions.post(chat.pk, author=bob, text="Hallo"),
        "react": lambda: actions.react(comment.pk, "like", actor=bob),
        "take back": lambda: actions.take_back(comment.pk, "heart", actor=bob),
    }
    if scope is not None:
        impose_sanction(bob.pk, actor=mo, scope=scope, section=sections[place], until=None, reason="spam")
    barred = {"everywhere": set(DEEDS), "here": set(DEEDS) - {"chat"}, "elsewhere": set[str]()}[place]

    named = {name: _barring(deed) for name, deed in deeds.items()}

    assert named == {name: scope if name in BARS.get(scope or "", set()) & barred else None for name in deeds}
    actions.withdraw(mine, actor=bob)  # what is one's own one may always take back


def _barring(deed: Callable[[], object]) -> str | None:
    """The scope that keeps somebody from it."""
    try:
        deed()
    except Barred as refused:
        return str(refused.extra["scope"])
    return None


@pytest.mark.parametrize(("scope", "may"), [("chat", True), ("comment", False)])
def test_page_and_api_offer_what_is_not_barred(
    scope: str, may: bool, api: Callable[..., APIClient], bob: User, mo: User, comment: Comment
) -> None:
    impose_sanction(bob.pk, actor=mo, scope=scope, until=None, reason="spam")
    client = Client()
    client.force_login(bob)

    page = client.get(comment.discussion.get_absolute_url()).content.decode()
    standing = api(bob).get(f"/api/v1/discussions/{comment.discussion_id}/mine/").json()["standing"]

    assert ("data-composer" in page) is may
    assert standing["may_post"] is may
    assert '<button class="reaction' in page
    assert ("Für Sie dauerhaft gesperrt: Kommentieren. Grund: Spam" in page) is not may


@pytest.mark.parametrize("missing", ["scope", "until", "reason"])
def test_nothing_of_a_restriction_is_chosen_by_itself(
    missing: str, api: Callable[..., APIClient], mo: User, alice: User
) -> None:
    whole = {"scope": "react", "until": None, "reason": "spam"}
    path = f"/api/v1/users/{alice.pk}/sanctions/"

    refused = api(mo).post(path, {name: value for name, value in whole.items() if name != missing})

    assert (refused.status_code, list(refused.json()["errors"])) == (422, [missing])
    assert not Sanction.objects.exists()
    assert api(mo).post(path, whole).status_code == 201


def test_the_admin_asks_for_everything_and_for_good_is_a_choice(mo: User, alice: User) -> None:
    client, form = Client(), "/admin/accounts/sanction/add/"
    client.force_login(mo)
    whole = {"user": alice.pk, "scope": "chat", "reason": "spam", "for_good": "on", "until_0": "", "until_1": ""}
    page = client.get(form).content.decode()

    assert "selected" not in page.partition('name="scope"')[2].partition("</select>")[0].replace(
        'value="" selected', ""
    )
    for missing in ("scope", "reason", "for_good"):
        answer = client.post(form, {name: value for name, value in whole.items() if name != missing})
        assert answer.status_code == 200
        assert answer.context["adminform"].form.errors
    both = client.post(form, whole | {"until_0": "2999-01-01", "until_1": "12:00:00"})
    assert (both.status_code, Sanction.objects.count()) == (200, 0)

    assert client.post(form, whole).status_code == 302
    assert list(Sanction.objects.values_list("scope", "until")) == [("chat", None)]


def test_who_is_barred_from_everything_has_no_duties(
    api: Callable[..., APIClient], mo: User, ada: User, alice: User, comment: Comment
) -> None:
    client = Client()
    client.force_login(mo)
    assert client.get("/admin/").status_code == 200
    sanction = impose_sanction(mo.pk, actor=ada, scope="all", until=None, reason="other")

    decision = {"action": "remove", "reason": "spam"}
    assert api(mo).post(f"/api/v1/comments/{comment.pk}/decisions/", decision).status_code == 403
    assert api(mo).get("/api/v1/moderation/queue/").status_code == 403
    assert api(mo).get("/api/v1/streams/moderation/events/").status_code == 404
    wish = {"scope": "all", "until": None, "reason": "spam"}
    assert api(mo).post(f"/api/v1/users/{alice.pk}/sanctions/", wish).status_code == 403
    assert client.get("/admin/").status_code != 200
    with pytest.raises(Refused):
        actions.remove(comment.pk, actor=User.objects.get(pk=mo.pk), reason="spam")

    lift_sanction(sanction.pk, actor=ada)
    assert api(mo).post(f"/api/v1/comments/{comment.pk}/decisions/", decision).status_code == 201
    assert client.get("/admin/").status_code == 200


@pytest.mark.parametrize("scope", ["comment", "chat", "react", "report"])
def test_a_narrower_restriction_leaves_the_duties(scope: str, mo: User, ada: User, comment: Comment) -> None:
    impose_sanction(mo.pk, actor=ada, scope=scope, until=None, reason="other")

    assert actions.remove(comment.pk, actor=User.objects.get(pk=mo.pk), reason="spam").state == "removed"


def test_editors_and_journalists_lose_theirs_too(eddy: User, jo: User, ada: User, article: Article) -> None:
    desk.correct_article(article.pk, actor=eddy, headline="Die Fähre fährt")
    for person in (eddy, jo):
        impose_sanction(person.pk, actor=ada, scope="all", until=None, reason="other")

    with pytest.raises(Forbidden):
        desk.correct_article(article.pk, actor=User.objects.get(pk=eddy.pk), headline="Die Fähre fährt nicht")
    with pytest.raises(Forbidden):
        desk.draft_article(actor=User.objects.get(pk=jo.pk), section=article.section, headline="Entwurf")
    assert give_duties(jo.pk, actor=ada, duties=NONE).role == "reader"


def test_a_sanction_in_a_section_suspends_no_duty_and_names_its_section(
    jo: User, mo: User, section: Section, api: Callable[..., APIClient]
) -> None:
    wish = {"scope": "all", "section": section.slug, "until": None, "reason": "spam"}

    made = api(mo).post(f"/api/v1/users/{jo.pk}/sanctions/", wish)

    assert (made.status_code, made.json()["section"]) == (201, section.slug)
    assert User.objects.get(pk=jo.pk).writes
    (mine,) = api(jo).get("/api/v1/me/").json()["sanctions"]
    assert mine["section"] == section.slug
    profile = Client()
    profile.force_login(jo)
    assert "Teilnehmen (Lokales)" in profile.get("/accounts/profile/").content.decode()
    unknown = api(mo).post(f"/api/v1/users/{jo.pk}/sanctions/", wish | {"section": "nirgends"})
    assert (unknown.status_code, list(unknown.json()["errors"])) == (422, ["section"])


def test_a_moderator_of_a_section_restricts_there_only(
    mo: User, ada: User, alice: User, section: Section, comment: Comment, api: Callable[..., APIClient]
) -> None:
    mo = give_duties(mo.pk, actor=ada, duties=Duties.of([(Duty.MODERATE, section.pk)]))
    wish = {"scope": "comment", "until": None, "reason": "spam"}

    assert api(mo).post(f"/api/v1/users/{alice.pk}/sanctions/", wish).status_code == 403
    assert api(mo).post(f"/api/v1/users/{alice.pk}/sanctions/", wish | {"section": section.slug}).status_code == 201
    page = Client()
    page.force_login(mo)
    bar = {"deed": "bar", "scope": "react", "until": "24", "reason": "spam", "section": section.slug}
    assert page.post(f"/comments/{comment.pk}/moderate/", bar).status_code == 302
    assert list(Sanction.objects.values_list("scope", "section")) == [("comment", section.pk), ("react", section.pk)]
    everywhere = impose_sanction(alice.pk, actor=ada, scope="chat", until=None, reason="spam")
    with pytest.raises(Forbidden):
        lift_sanction(everywhere.pk, actor=mo)
