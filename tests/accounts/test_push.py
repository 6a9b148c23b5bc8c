"""Notifications are pushed to browsers: sealed for them, once, to known services, until the session ends."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from environs import ValidationError

from accounts import actions
from accounts.models import Notification, PushSubscription
from accounts.notifications import pushing, webpush
from accounts.notifications.pushing import push_about, push_again
from comments import actions as talk
from newsroom import env

pytestmark = pytest.mark.usefixtures("queue")
# RFC 8291, Appendix A
BROWSER = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"
KEY = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
SECRET = "BTBZMqHH6r4Tts7J_aSIgg"
SENDER = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
SALT = "DGv6ra1nlYgDCS1FRnbzlw"
SEALED = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl"
    "7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)


class Service:
    """A push service on this machine, which answers `status`."""

    def __init__(self) -> None:
        self.status, self.heard = 201, []
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                service.heard.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(service.status)
                self.send_header("Retry-After", "300")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def service(settings: Any) -> Iterator[Service]:
    service = Service()
    settings.VAPID_PRIVATE_KEY, settings.VAPID_SUBJECT = webpush.new_key(), "mailto:redaktion@example.org"
    settings.PUSH_HOSTS, settings.HOOK_NETWORKS = [service.origin], ["127.0.0.0/8"]
    thread = Thread(target=service.server.serve_forever)
    thread.start()
    yield service
    service.server.shutdown()
    thread.join()
    service.server.server_close()


@pytest.fixture
def browser(service: Service, alice: Any) -> Client:
    client = Client()
    client.force_login(alice)
    assert put(client, f"{service.origin}/abc") == 204
    return client


def put(client: Client, endpoint: str, key: str = KEY, secret: str = SECRET) -> int:
    form = {"endpoint": endpoint, "expirationTime": None, "keys": {"p256dh": key, "auth": secret}}
    return client.put("/api/v1/me/push/", json.dumps(form), content_type="application/json").status_code


def do_all() -> None:
    """What waits, as a worker would when its time has come."""
    for each in DBTaskResult.objects.filter(task_path__contains="push", status="READY").order_by("enqueued_at"):
        each.task.call(*each.args_kwargs["args"])
        each.delete()


def opened(sealed: bytes) -> dict[str, Any]:
    """The message as the browser reads it."""
    salt, public = sealed[:16], sealed[21:86]
    key = webpush.private_key(BROWSER)
    shared = key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public))
    info = b"WebPush: info\0" + webpush.read(KEY) + public
    both = HKDF(SHA256(), 32, webpush.read(SECRET), info).derive(shared)
    cipher = AESGCM(HKDF(SHA256(), 16, salt, b"Content-Encoding: aes128gcm\0").derive(both))
    told = cipher.decrypt(HKDF(SHA256(), 12, salt, b"Content-Encoding: nonce\0").derive(both), sealed[86:], None)
    assert told[-1:] == b"\x02"
    return json.loads(told[:-1])


def test_a_message_is_sealed_as_the_standard_does_it():
    told = b"When I grow up, I want to be a watermelon"
    key = webpush.private_key(SENDER)

    sealed = webpush.sealed(told, webpush.read(KEY), webpush.read(SECRET), key=key, salt=webpush.read(SALT))

    assert webpush.written(sealed) == SEALED
    assert len(webpush.sealed(b"x" * webpush.MOST, webpush.read(KEY), webpush.read(SECRET))) == 4096
    with pytest.raises(ValueError, match="at most"):
        webpush.sealed(b"x" * (webpush.MOST + 1), webpush.read(KEY), webpush.read(SECRET))


def test_a_reply_is_pushed_once_and_its_text_is_not(browser, service, settings, alice, bob, discussion, comment):
    talk.post(discussion.pk, author=bob, text="Geheimes Wort4711x", parent_id=comment.pk)
    row = Notification.objects.get(user=alice, kind="comment.replied")
    push_about.call(row.pk)
    push_about.call(row.pk)
    do_all()

    ((path, headers, body),) = service.heard
    told = opened(body)
    assert path == "/abc"
    assert told == {
        "id": row.pk,
        "title": "Antworten auf meine Kommentare",
        "body": discussion.title,
        "url": row.url,
    }
    assert (headers["ttl"], headers["urgency"], headers["content-encoding"]) == ("86400", "normal", "aes128gcm")
    assert len(headers["topic"]) == 32
    kind, said = headers["authorization"].split(" ", 1)
    parts = dict(each.strip().split("=", 1) for each in said.split(","))
    signed, _dot, signature = parts["t"].rpartition(".")
    claims = json.loads(webpush.read(signed.split(".")[1]))
    assert (kind, claims["aud"], claims["sub"]) == ("vapid", service.origin, settings.VAPID_SUBJECT)
    assert 0 < claims["exp"] - timezone.now().timestamp() <= 86400
    assert parts["k"] == browser.get("/api/v1/me/push/").json()["key"]
    raw = webpush.read(signature)
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), webpush.read(parts["k"]))
    der = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    key.verify(der, signed.encode(), ec.ECDSA(SHA256()))


def test_of_a_decision_only_that_there_is_one_and_not_if_it_was_undone(browser, service, alice, mo, comment):
    decided = talk.remove(comment.pk, actor=mo, reason="insult")
    waiting = DBTaskResult.objects.get(task_path__endswith="push_about")
    assert waiting.run_after > timezone.now() + timedelta(seconds=60)
    talk.undo_decision(decided.ruling.pk, actor=mo)
    do_all()
    assert service.heard == []

    talk.remove(comment.pk, actor=mo, reason="insult")
    do_all()
    ((_path, _headers, body),) = service.heard
    assert opened(body)["body"] == ""
    assert "Beleidigung" not in opened(body)["title"]


def test_what_is_not_wanted_by_push_or_was_read_is_not_pushed(browser, service, alice, bob, discussion, comment):
    actions.change_preferences(alice, {"reply": {"push": False}})
    talk.post(discussion.pk, author=bob, text="Eins", parent_id=comment.pk)
    do_all()
    actions.change_preferences(alice, {"reply": {"push": True}})
    talk.post(discussion.pk, author=bob, text="Zwei", parent_id=comment.pk)
    actions.read_notifications(alice, Notification.objects.latest("pk").pk)
    do_all()

    assert service.heard == []


@pytest.mark.parametrize(("status", "left"), [(201, 1), (404, 0), (410, 0), (403, 1), (413, 1), (500, 1)])
def test_a_browser_that_is_gone_is_forgotten_and_our_own_faults_are_not_its(
    browser, service, caplog, bob, discussion, comment, status, left
):
    service.status = status
    talk.post(discussion.pk, author=bob, text="Ja", parent_id=comment.pk)
    do_all()

    assert PushSubscription.objects.count() == left
    assert any("refused a push message" in each.message for each in caplog.records) == (status in {403, 413, 500})


def test_a_service_that_is_busy_is_asked_again_later_with_the_latest(browser, service, alice, bob, discussion, comment):
    service.status = 429
    talk.post(discussion.pk, author=bob, text="Eins", parent_id=comment.pk)
    do_all()
    first = Notification.objects.latest("pk").pk
    (waiting,) = DBTaskResult.objects.filter(task_path__endswith="push_again")
    assert timedelta(seconds=200) < waiting.run_after - timezone.now() <= timedelta(seconds=300)
    service.status = 201
    talk.post(discussion.pk, author=bob, text="Zwei", parent_id=comment.pk)
    latest = Notification.objects.latest("pk").pk
    push_about.call(latest)
    assert len(service.heard) == 1

    there = PushSubscription.objects.get().pk
    for pk in (first, latest, latest):
        push_again.call(there, pk)
    assert [opened(body)["id"] for _path, _headers, body in service.heard] == [first, latest]


def test_it_ends_with_the_session_the_account_and_a_bar(browser, service, alice, bob, mo):
    other = Client()
    other.force_login(alice)
    assert put(other, f"{service.origin}/def") == 204
    browser.post("/accounts/logout/")
    assert [each.endpoint for each in PushSubscription.objects.all()] == [f"{service.origin}/def"]
    actions.impose_sanction(alice.pk, actor=mo, scope="all", until=None, reason="spam")
    assert not PushSubscription.objects.exists()

    client = Client()
    client.force_login(bob)
    assert put(client, f"{service.origin}/abc") == 204
    assert put(client, f"{service.origin}/abc") == 204
    assert PushSubscription.objects.get().user == bob
    gone = json.dumps({"endpoint": f"{service.origin}/abc"})
    for _time in range(2):
        assert client.delete("/api/v1/me/push/", gone, content_type="application/json").status_code == 204
    assert not PushSubscription.objects.exists()


def test_only_known_services_and_real_keys_are_taken(browser, settings, service):
    settings.PUSH_HOSTS = env.PUSH_SERVICES
    for endpoint in (
        *("http://fcm.googleapis.com/x", "https://fcm.googleapis.com:8080/x", "https://evil.example/x"),
        *("https://fcm.googleapis.com.evil.example/x", "https://a@fcm.googleapis.com/x", "https://127.0.0.1/x"),
        *(
            f"{service.origin}/x",
            "https://notify.windows.com/x",
            "https://[::1]/x",
            "x",
            f"https://fcm.googleapis.com/{'x' * 600}",
        ),
    ):
        assert put(browser, endpoint) == 422, endpoint
    for endpoint in ("https://fcm.googleapis.com/fcm/send/x", "https://wns2.notify.windows.com/w/?token=x"):
        assert put(browser, endpoint) == 204, endpoint
    for key, secret in ((KEY[:-2], SECRET), ("A" * 87, SECRET), (KEY, SECRET[:-2]), ("ä", SECRET), (SECRET, KEY[:22])):
        assert put(browser, "https://fcm.googleapis.com/y", key, secret) == 422, (key, secret)


def test_without_a_key_it_is_offered_nowhere(client, settings, alice, bob, discussion, comment):
    client.force_login(alice)
    assert "newsroom-push" not in client.get("/accounts/notifications/preferences/").text
    assert client.get("/api/v1/me/push/").status_code == 404
    assert put(client, "https://fcm.googleapis.com/x") == 404
    settings.VAPID_PRIVATE_KEY = webpush.new_key()
    assert (
        f'key="{webpush.public_key(settings.VAPID_PRIVATE_KEY)}"'
        in client.get("/accounts/notifications/preferences/").text
    )
    assert pushing.is_offered()


def test_the_settings_are_checked_at_the_start(capsys):
    call_command("make_vapid_key")
    env.vapid_key(capsys.readouterr().out.strip())
    for subject in ("mailto:redaktion@example.org", "https://news.example/kontakt", ""):
        env.vapid_subject(subject)
    for subject in ("mailto: a@b.de", "mailto:a@localhost", "https://localhost/", "http://news.example", "redaktion"):
        with pytest.raises(ValidationError):
            env.vapid_subject(subject)
    with pytest.raises(ValidationError):
        env.vapid_key("kurz")
    with pytest.raises(ValidationError):
        env.push_hosts(["*"])
