"""A program outside judges texts: asked by a signed POST, while no lock is held."""

from __future__ import annotations

import base64
import socket

import pytest
from django.db import connection, transaction

from accounts.actions import give_duties
from accounts.duties import Duties, Duty
from accounts.models import User
from comments import actions
from comments.actions import asking
from comments.models import Comment, RuleHit
from newsroom import webhooks
from tests.comments.tools import url
from tests.support.scorer import SECRET, Scorer, serving

RULES = "/api/v1/moderation/rules/"


@pytest.fixture
def scorer():
    with serving() as running:
        yield running


@pytest.fixture(autouse=True)
def _own_network(settings):
    settings.HOOK_SECRETS, settings.HOOK_NETWORKS = [SECRET], ["127.0.0.0/8"]
    asking._Rest.of.cache_clear()


@pytest.fixture
def rule(api, mo, scorer: Scorer):
    def make(status=201, person=None, **more):
        usual = {"name": "Draußen", "kind": "hook", "action": "hold", "mode": "live", "url": scorer.url}
        answer = api(person or mo).post(RULES, usual | more, format="json")
        assert answer.status_code == status, answer.content
        return answer.json()

    return make


@pytest.fixture
def say(api, alice, discussion):
    return lambda text="Du Wicht", person=None: api(person or alice).post(
        url(discussion), {"text": text}, format="json"
    )


def hit():
    return RuleHit.objects.values_list("outcome", "spans", "score", "detail", "is_shadow").get()


def test_what_it_finds_is_held_with_score_and_places(rule, say, scorer, alice, discussion):
    rule()

    answer = say("Du Wicht, siehe https://example.org/")

    assert answer.status_code == 202
    assert hit() == ("hold", [[0, 2]], 0.9, "toxic", False)
    (asked,) = scorer.asked
    assert asked["is_signed"]
    assert (asked["path"], asked["type"]) == ("/texts?of=news", "comment.judge")
    section = discussion.article.section_id
    text, links = "Du Wicht, siehe https://example.org/", ["https://example.org/"]
    assert asked["data"] == {"text": text, "links": links, "section": section}  # and nothing about the author


def test_below_the_threshold_a_text_passes(rule, say, scorer):
    rule(threshold=80)
    scorer.says(score=0.79)

    assert say().status_code == 201
    assert not RuleHit.objects.exists()


def test_in_shadow_it_is_asked_and_holds_nothing(rule, say, scorer):
    rule(mode="shadow")

    assert say().status_code == 201
    assert hit() == ("hold", [[0, 2]], 0.9, "toxic", True)


def nowhere(scorer, settings):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    scorer.url = f"http://127.0.0.1:{port}/"


def failing(scorer, settings):
    scorer.status = 500


def moved(scorer, settings):
    scorer.status, scorer.headers = 307, {"Location": "/elsewhere"}


def talking(scorer, settings):
    scorer.body = b'{"score": 0.1, "detail": "' + b"x" * webhooks.MOST_ANSWERED + b'"}'


def endless(scorer, settings):
    scorer.headers = {"X-Long": "x" * 50_000}


def of_no_sense(scorer, settings):
    scorer.says(score=7)


def beside_the_text(scorer, settings):
    scorer.says(score=0.9, spans=[[0, 5000]])


def no_json(scorer, settings):
    scorer.body = b"\xff<html>"


def slow(scorer, settings):
    scorer.may_answer.clear()


def private(scorer, settings):
    settings.HOOK_NETWORKS = ["10.0.0.0/8"]


def unknown(scorer, settings):
    scorer.url = "https://scorer.invalid/"


FAILURES = [
    (nowhere, "connection"),
    (failing, "status 500"),
    (moved, "status 307"),
    (talking, "size"),
    (endless, "answer"),
    (of_no_sense, "answer"),
    (beside_the_text, "answer"),
    (no_json, "answer"),
    (slow, "timeout"),
    (private, "address"),
    (unknown, "address"),
]


@pytest.mark.parametrize(("fail", "why"), FAILURES, ids=lambda each: getattr(each, "__name__", ""))
def test_without_an_answer_texts_pass_or_are_held_as_the_rule_says(rule, say, scorer, settings, fail, why, bob):
    fail(scorer, settings)
    rule(name="Zu", on_failure="hold", seconds=1, action="flag")

    assert say().status_code == 202
    assert hit() == ("hold", [], 0.0, why, False)
    assert len(scorer.asked) <= 1  # a redirect is not followed


def test_without_an_answer_texts_pass_unless_the_rule_says_otherwise(rule, say, scorer):
    rule()
    scorer.status = 503

    assert say().status_code == 201
    assert not RuleHit.objects.exists()


@pytest.mark.parametrize(
    ("address", "is_tls", "may"),
    [
        ("93.184.216.34", True, True),
        ("2606:2800:220:1::1", True, True),
        ("93.184.216.34", False, False),
        ("127.0.0.1", False, True),
        ("::ffff:127.0.0.1", False, True),
        ("::1", True, False),
        ("10.0.0.1", True, False),
        ("169.254.169.254", True, False),
        ("100.64.0.1", True, False),
        ("0.0.0.0", True, False),
        ("224.0.0.1", True, False),
        ("::ffff:10.0.0.1", True, False),
        ("64:ff9b::a00:1", True, False),
        ("2002:a00:1::1", True, False),
        ("fd00::1", True, False),
        ("fe80::1%eth0", True, False),
    ],
)
def test_it_leads_to_public_addresses_by_tls_and_into_own_networks(address, is_tls, may):
    assert webhooks.may_ask(address, is_tls=is_tls) is may


def test_a_name_is_judged_by_the_address_that_is_connected_to(settings, scorer):
    """A name may lead elsewhere with each look-up, so what was checked is what is used."""
    settings.HOOK_NETWORKS = []

    with pytest.raises(webhooks.Unanswered, match="address"):
        webhooks.ask(scorer.url.replace("127.0.0.1", "localhost"), "comment.judge", {}, seconds=2)

    assert scorer.asked == []


def test_no_lock_is_held_while_it_is_asked(rule, say, scorer, alice, transactional_db):
    rule(seconds=10)
    written = []

    def write():
        with transaction.atomic():
            author = User.objects.select_for_update().get(pk=alice.pk)
            author.save(update_fields=["name"])
        written.append(author.pk)
        connection.close()

    scorer.meanwhile = write

    assert say().status_code == 202
    assert written == [alice.pk]


def test_a_text_that_is_refused_or_of_staff_is_sent_nowhere(rule, say, scorer, mo, jo, discussion):
    rule()
    actions.make_rule(actor=mo, name="Nein", kind="words", action="refuse", mode="live", words=["Wicht"])

    assert say().status_code == 422
    assert say("Guten Tag", person=jo).status_code == 201
    assert say(" ").status_code == 422
    actions.close_discussion(discussion.pk, actor=mo)
    assert say("Guten Abend").status_code == 403

    assert scorer.asked == []


def test_a_rule_of_a_section_sends_only_its_texts(rule, say, scorer, section):
    other = type(section).objects.create(name="Sport", slug="sport")
    rule(section=other.slug)

    assert say().status_code == 201
    assert scorer.asked == []


def test_a_text_is_counted_once_however_often_it_is_judged(rule, say, scorer, settings):
    settings.LIMITS = settings.LIMITS | {"comments": "2/m"}
    rule()
    scorer.says(score=0.1)

    assert [say(f"Satz {number}").status_code for number in range(3)] == [201, 201, 429]
    assert len(scorer.asked) == 2


def test_an_edit_is_asked_about_and_refused_where_it_would_be_held(rule, api, alice, comment, scorer):
    rule()

    answer = api(alice).patch(f"/api/v1/comments/{comment.pk}/", {"text": "Du Wicht"}, format="json")

    assert (answer.status_code, answer.json()["rule"]) == (422, "hook")
    assert Comment.objects.get(pk=comment.pk).text == comment.text
    assert [asked["data"]["text"] for asked in scorer.asked] == ["Du Wicht"]


def test_a_program_that_fails_again_and_again_rests(rule, say, scorer):
    rule()
    scorer.status = 500

    for number in range(asking.FAILURES + 2):
        assert say(f"Satz {number}").status_code == 201

    assert len(scorer.asked) == asking.FAILURES


def test_only_those_who_lead_send_texts_elsewhere(rule, api, ada, mo, person, scorer):
    helper = person("Hella", "moderator")
    give_duties(helper.pk, actor=ada, duties=Duties.of([(Duty.MODERATE, None)]))
    helper = User.objects.get(pk=helper.pk)

    rule(status=403, person=helper, mode="shadow")
    draft = {"text": "Du Wicht", "rule": {"kind": "hook", "url": scorer.url}}
    assert api(helper).post(f"{RULES}try/", draft, format="json").status_code == 403
    assert scorer.asked == []

    answer = api(mo).post(f"{RULES}try/", draft, format="json")
    assert [verdict["score"] for verdict in answer.json()["verdicts"]] == [0.9]


NO_ADDRESSES = (
    *("", "scorer.example", "ftp://scorer.example/", "https://a:b@scorer.example/", "https://scorer.example/#x", 7),
    *("https://sc orer.example/", "https://[::1", "https://ä.example/", "https://x.example/\r\nHost: y", "x" * 400),
)


@pytest.mark.parametrize("address", NO_ADDRESSES)
def test_addresses_that_lead_nowhere_are_not_taken(rule, address):
    rule(status=422, url=address)


def test_there_is_no_such_rule_before_a_secret_is_set(rule, settings):
    settings.HOOK_SECRETS = []

    assert "HOOK_SECRETS" in rule(status=422)["errors"]["kind"][0]


def test_while_a_secret_changes_both_sign(settings):
    other = "whsec_" + base64.b64encode(b"b" * 24).decode()
    settings.HOOK_SECRETS = [other, SECRET]

    said = webhooks.signature(b"{}", "msg_1", 1700000000)["webhook-signature"].split(" ")

    assert len(said) == 2
    settings.HOOK_SECRETS = [SECRET]
    assert webhooks.signature(b"{}", "msg_1", 1700000000)["webhook-signature"] == said[1]
