"""The site as a program of its own: its manifest, its service worker, and the page for times without a network."""

from __future__ import annotations

import json
import re
from io import BytesIO

import pytest
from django.conf import settings
from django.test import Client
from PIL import Image

pytestmark = pytest.mark.django_db


def test_a_device_learns_all_that_it_needs_to_install_the_site(client):
    (address,) = re.findall(r'<link rel="manifest" href="([^"]+)"', client.get("/").text)
    answer = client.get(address)
    told = json.loads(answer.content)

    assert answer["Content-Type"] == "application/manifest+json"
    assert told["name"] == settings.SITE_NAME
    assert (told["start_url"], told["scope"], told["display"]) == ("/", "/", "standalone")
    assert {(icon["sizes"], icon["purpose"]) for icon in told["icons"]} == {
        ("192x192", "any"),
        ("512x512", "any"),
        ("512x512", "maskable"),
    }
    for icon in told["icons"]:
        picture = Image.open(BytesIO(client.get(icon["src"]).content))
        assert (picture.format, "{}x{}".format(*picture.size)) == ("PNG", icon["sizes"])


def test_the_service_worker_is_asked_for_anew_and_names_what_is_there(client, alice):
    answer = client.get("/sw.js")

    assert answer["Content-Type"].startswith("text/javascript")
    assert answer["Cache-Control"] == "no-cache"
    assert client.get("/sw.js", headers={"if-none-match": answer["ETag"]}).status_code == 304
    assert "default-src 'self'" in answer["Content-Security-Policy"]
    named = re.findall(r'"(/[^"]*)"', answer.text)
    assert "/offline/" in named
    client.force_login(alice)  # only those who are told something have the page of notifications
    assert [client.get(each).status_code for each in named] == [200] * len(named)


def test_the_page_for_times_without_a_network_is_the_same_for_those_who_are_logged_in(client, alice):
    reader = Client()
    reader.force_login(alice)
    page = reader.get("/offline/")

    assert page.content == client.get("/offline/").content
    assert alice.name not in page.text
    assert "Keine Verbindung" in page.text
    client.cookies["language"] = "en"
    assert "No connection" in client.get("/offline/").text
