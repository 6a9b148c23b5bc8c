"""A day's work in the panel of a demo, so that each of its pages shows something."""

from __future__ import annotations

from typing import Any

import httpx

from tests.support.product import Demo
from tests.support.services import wait_for

WORD = "Trottelei"
RULE = {"name": "Schimpf", "kind": "words", "action": "hold", "mode": "live", "words": [WORD], "language": "de"}
FLAGGING = {"name": "Unmut", "action": "flag", "words": ["Quatsch"]}


def worked(site: Demo) -> dict[str, str]:
    """Have comments wait, be reported, held or flagged by a rule, refused, and decided. Returns the address of each
    page of the panel, by the name of its route. Cases of each kind stay open.
    """
    with api_of(site, "reader") as reader, api_of(site, "moderator") as moderator, api_of(site, "editor") as editor:
        return _worked(reader, moderator, editor)


def _worked(reader: httpx.Client, moderator: httpx.Client, editor: httpx.Client) -> dict[str, str]:
    article = reader.get("articles/").json()["results"][0]
    place = reader.get(f"articles/{article['slug']}/").json()["discussion"]
    rule = _done(moderator.post("moderation/rules/", json=RULE))
    for more in ({"name": "Werbung", "action": "refuse", "words": ["Billiguhren"]}, FLAGGING):
        _done(moderator.post("moderation/rules/", json=RULE | more))
    held = [_done(_say(reader, place, f"Das ist eine {WORD}, zum {n}. Mal, und niemand sagt etwas.")) for n in range(5)]
    assert _say(reader, place, "Kauft Billiguhren!").status_code >= 400
    known = reader.get(f"discussions/{place}/comments/").json()["results"]
    for reason, comment in zip(("insult", "off_topic", "spam"), known, strict=False):
        said = {"reason": reason, "text": "Das gehört hier wirklich nicht hin, finde ich."}
        _done(editor.post(f"comments/{comment['id']}/reports/", json=said))
    _done(_say(reader, place, "Die Fähre kommt doch nie, so ein Quatsch."))
    for comment, deed in zip(held, ({"action": "approve"}, {"action": "reject", "reason": "insult"}), strict=False):
        words = {"text": "Bitte ohne Schimpfwörter.", "note": "War schon öfter so."} if "reason" in deed else {}
        _done(moderator.post(f"comments/{comment['id']}/decisions/", json=deed | words))
    many = {"ids": [each["id"] for each in held[2:4]], "action": "reject", "reason": "spam"}
    job = _done(moderator.post("moderation/bulk/", json=many))
    person = held[0]["author"]["id"]
    _done(moderator.post(f"moderation/people/{person}/notes/", json={"text": "Ruft gern in der Redaktion an."}))
    _done(moderator.post(f"moderation/people/{person}/warnings/", json={"reason": "insult", "text": "Bitte sachlich."}))
    text = _done(
        moderator.post("moderation/texts/", json={"reason": "spam", "language": "de", "text": "Keine Werbung."})
    )
    run = _done(moderator.post(f"moderation/rules/{rule['id']}/runs/", json={}))
    wait_for(lambda: moderator.get(f"moderation/bulk/{job['id']}/").json()["state"] == "done", what="the job")
    case = moderator.get("moderation/cases/?kind=reported").json()["results"][0]
    return _addresses(place, case["id"], person, rule["id"], run["id"], job["id"], text["id"])


def _addresses(place: int, case: int, person: int, rule: int, run: int, job: int, text: int) -> dict[str, str]:
    panel = "/moderation/"
    return {
        "moderation": panel,
        "moderation-queue-page": f"{panel}queue/",
        "moderation-case-page": f"{panel}cases/{case}/",
        "moderation-edit-page": f"{panel}cases/{case}/edit/",
        "moderation-hand-over-page": f"{panel}cases/{case}/hand-over/",
        "moderation-newest-page": f"{panel}newest/",
        "moderation-filters-page": f"{panel}filters/",
        "moderation-keys": f"{panel}keys/",
        "moderation-people-page": f"{panel}people/?q=a",
        "moderation-person-page": f"{panel}people/{person}/",
        "moderation-decisions-page": f"{panel}decisions/",
        "moderation-models-page": f"{panel}models/",
        "moderation-rules-page": f"{panel}rules/",
        "moderation-bench-page": f"{panel}rules/bench/",
        "moderation-new-rule-page": f"{panel}rules/new/?kind=words",
        "moderation-rule-page": f"{panel}rules/{rule}/",
        "moderation-run-page": f"{panel}runs/{run}/",
        "moderation-refused-page": f"{panel}refused/",
        "moderation-bulk-start-page": f"{panel}bulk/?kind=reported",
        "moderation-bulk-page": f"{panel}bulk/{job}/",
        "moderation-second-page": f"{panel}second/",
        "moderation-statistics-page": f"{panel}statistics/",
        "moderation-discussions-page": f"{panel}discussions/",
        "moderation-discussion-page": f"{panel}discussions/{place}/",
        "moderation-premoderation-page": f"{panel}premoderation/",
        "moderation-texts-page": f"{panel}texts/",
        "moderation-text-page": f"{panel}texts/{text}/",
    }


def api_of(site: Demo, role: str) -> httpx.Client:
    account = site.accounts[role]
    login = {"email": account["email"], "password": account["password"]}
    answer = httpx.post(f"{site.url}/_allauth/app/v1/auth/login", json=login, timeout=30)
    token = answer.raise_for_status().json()["meta"]["session_token"]
    return httpx.Client(base_url=f"{site.url}/api/v1/", headers={"X-Session-Token": token}, timeout=30)


def _say(reader: httpx.Client, place: int, text: str) -> httpx.Response:
    return reader.post(f"discussions/{place}/comments/", json={"text": text})


def _done(answer: httpx.Response) -> dict[str, Any]:
    assert answer.is_success, answer.text
    known: dict[str, Any] = answer.json()
    return known
