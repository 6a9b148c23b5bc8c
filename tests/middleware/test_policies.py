"""What pages may do in a browser, and what browsers report of it."""

from __future__ import annotations

import json
import logging

import pytest
from django.test import Client

from newsroom import metrics
from newsroom.middleware.policies import UNUSED
from newsroom.pages import violations

pytestmark = pytest.mark.django_db
OURS = "http://testserver"


@pytest.fixture(autouse=True)
def nothing_told(monkeypatch):
    monkeypatch.setattr(violations, "_told", type(violations._told)())


@pytest.fixture
def heard(caplog):
    caplog.set_level(logging.WARNING, logger="newsroom.pages.violations")
    return lambda: [record.getMessage() for record in caplog.records if record.name == "newsroom.pages.violations"]


def old(**fields: str) -> str:
    return json.dumps({"csp-report": {name.replace("_", "-"): value for name, value in fields.items()}})


def new(*bodies: dict[str, str]) -> str:
    return json.dumps([{"type": "csp-violation", "age": 1, "url": OURS, "body": body} for body in bodies])


def send(body: str | bytes, kind: str = "application/csp-report"):
    return Client(enforce_csrf_checks=True).post("/csp-reports/", body, content_type=kind)


def test_a_page_takes_what_it_does_not_use_from_every_script_and_names_where_to_report(client, article):
    for path in ("/", f"/articles/{article.slug}/", "/accounts/login/", "/nowhere/"):
        page = client.get(path)
        assert {f"{name}=()" for name in UNUSED} == set(page["Permissions-Policy"].split(", ")), path
        policy = page["Content-Security-Policy"]
        assert page["Reporting-Endpoints"] == 'csp="/csp-reports/"', path
        assert ("report-to csp" in policy, "report-uri /csp-reports/" in policy) == (True, True)
    assert "Permissions-Policy" not in client.get("/api/v1/articles/")


def test_both_forms_are_read_and_the_log_says_it_once_without_what_addresses_hold(heard, article):
    page = f"{OURS}/articles/{article.slug}/?mail=me@example.org"
    elsewhere = "https://evil.example:8443/x.js?secret=1"
    answers = [
        send(old(document_uri=page, violated_directive="script-src 'self'", blocked_uri=elsewhere)),
        send(
            new({"documentURL": page, "effectiveDirective": "script-src", "blockedURL": elsewhere}),
            "application/reports+json",
        ),
        send(old(document_uri=f"{OURS}/nowhere/me@example.org", effective_directive="img-src", blocked_uri="inline")),
    ]

    assert [answer.status_code for answer in answers] == [204, 204, 204]
    assert heard() == [
        "A browser stopped https://evil.example:8443 on /articles/<slug:slug>/ by script-src",
        "A browser stopped inline on /(other) by img-src",
    ]
    assert b'newsroom_csp_reports_total{directive="script-src"}' in metrics.text()


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (old(document_uri=f"{OURS}/", effective_directive="x\ny", blocked_uri="https://a.example"), "by other"),
        (
            old(document_uri="http://[", effective_directive="img-src", blocked_uri="http://["),
            "stopped other on /(other)",
        ),
        (old(document_uri=f"{OURS}/", effective_directive="img-src", blocked_uri="https://a\u202e.example/"), "other"),
        (old(document_uri=f"{OURS}/", effective_directive="img-src", blocked_uri="https://me:pw@a.example/"), "//a.ex"),
    ],
)
def test_only_what_is_known_is_logged(heard, body, said):
    assert send(body).status_code == 204
    (line,) = heard()
    assert said in line
    assert [each for each in ("\n", "\u202e", "pw") if each in line] == []


def test_what_extensions_cause_is_left_out_and_what_is_no_report_is_refused(heard):
    extension = old(document_uri=f"{OURS}/", effective_directive="script-src", blocked_uri="moz-extension://1/a.js")
    assert send(extension).status_code == 204
    assert heard() == []
    for body, status in [
        ("", 400),
        ("{", 400),
        ("[" * 5000, 400),
        (b"\xff\xfe", 400),
        ('{"csp-report": 3}', 400),
        ("[]", 400),
        (old(document_uri="x" * violations.MOST_BYTES), 413),
    ]:
        assert send(body).status_code == status, body[:20]
    assert send("[]", "application/reports+json").status_code == 204
    assert Client().get("/csp-reports/").status_code == 405


def test_different_reports_fill_neither_memory_nor_log_and_are_told_again_in_an_hour(heard, monkeypatch):
    def report(number: int) -> None:
        send(old(document_uri=f"{OURS}/", effective_directive="img-src", blocked_uri=f"https://h{number}.example"))

    for number in range(violations.MOST_LINES + 5):
        report(number)
    assert len(heard()) == violations.MOST_LINES

    later = violations.time.monotonic() + violations.AGAIN_SECONDS
    monkeypatch.setattr(violations.time, "monotonic", lambda: later)
    report(0)
    assert len(heard()) == violations.MOST_LINES + 1
