"""What concerns security is a line of the log with the person's number, and neither their address nor the network's."""

from __future__ import annotations

import logging
import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.core import mail
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import ApiToken, User
from newsroom import metrics
from newsroom.server.logs import Formatter
from tests.accounts.conftest import link_in, log_in
from tests.conftest import PASSWORD

HERE, THERE = "192.0.2.7", "198.51.100.9"
OTHER_PASSWORD = "Schilfrohr-17-Kahn"


@pytest.mark.django_db
def test_what_happens_to_an_account_is_told_without_addresses(alice: User, caplog: pytest.LogCaptureFixture) -> None:
    client = Client(REMOTE_ADDR=HERE)
    before = _counted("login_failed")
    log_in(Client(REMOTE_ADDR=THERE), alice.email, "wrong-one-99")
    log_in(Client(REMOTE_ADDR=HERE), "nobody@example.org", "wrong-one-99")
    log_in(client, alice.email)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    client.post("/accounts/profile/keys/", {"key-name": "My bot", "key-scopes": ["read"]})
    key = ApiToken.objects.get().pk
    client.post(f"/accounts/profile/keys/{key}/revoke/")
    change = {"oldpassword": PASSWORD, "password1": OTHER_PASSWORD, "password2": OTHER_PASSWORD}
    assert client.post("/accounts/password/change/", change).status_code == 302
    client.post("/accounts/logout/")
    Client(REMOTE_ADDR=HERE).post("/accounts/password/reset/", {"email": alice.email})
    forgotten = Client(REMOTE_ADDR=HERE)
    form = forgotten.get(link_in(), follow=True).request["PATH_INFO"]
    assert forgotten.post(form, {"password1": PASSWORD, "password2": PASSWORD}).status_code == 302

    told = [(record.levelname, record.getMessage()) for record in _lines(caplog)]
    of_alice = f"person={alice.pk}"
    assert [(level, re.sub(r" network=\w{10}$", "", line)) for level, line in told] == [
        ("WARNING", f"login_failed {of_alice}"),
        ("WARNING", "login_failed person=-"),
        ("INFO", f"login {of_alice}"),
        ("INFO", f"reauthentication {of_alice}"),
        ("INFO", f"key_made {of_alice} key={key}"),
        ("INFO", f"key_revoked {of_alice} key={key}"),
        ("INFO", f"password_changed {of_alice}"),
        ("INFO", f"logout {of_alice}"),
        ("INFO", f"password_reset {of_alice}"),
    ]
    networks = [line.partition("network=")[2] for _, line in told]
    assert networks[1] == networks[2] != networks[0]
    assert _counted("login_failed") == before + 2
    shown = "\n".join(map(Formatter().format, _lines(caplog)))
    for secret in (alice.email, "nobody@", HERE, THERE, "My bot", PASSWORD, "wrong-one", str(mail.outbox[-1].body)):
        assert secret not in shown


@pytest.mark.django_db
def test_wrong_codes_and_what_needs_another_duty_are_told(alice: User, caplog: pytest.LogCaptureFixture) -> None:
    api = APIClient()
    api.force_authenticate(alice)
    assert api.get("/api/v1/moderation/cases/").status_code == 403
    assert APIClient().get("/api/v1/moderation/cases/").status_code == 401
    TOTP.activate(alice, "JBSWY3DPEHPK3PXP")
    client = Client()
    log_in(client, alice.email)

    client.post("/accounts/2fa/authenticate/", {"code": "000000"})

    told = [re.sub(r" network=\w{10}$", "", record.getMessage()) for record in _lines(caplog)]
    assert told == [f"refused person={alice.pk} duty=moderate", f"factor_failed person={alice.pk}"]
    assert Authenticator.objects.filter(user=alice).exists()


def _lines(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    return [record for record in caplog.records if record.name == "newsroom.monitoring.security"]


def _counted(event: str) -> float:
    found = re.search(
        rf'^newsroom_security_events_total{{event="{event}"}} (\S+)$', metrics.text().decode(), re.MULTILINE
    )
    return float(found[1]) if found else 0.0
