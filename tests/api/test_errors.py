"""Every refusal leaves as a problem document with a stable code."""

from __future__ import annotations

import pytest
from django.urls import path
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from newsroom.errors import Conflict, Invalid, NotFound, TooManyRequests


class Form(serializers.Serializer):
    name = serializers.CharField(max_length=3)


class Door(APIView):
    def get(self, request: Request, what: str) -> Response:
        match what:
            case "conflict":
                raise Conflict("Somebody was faster.")
            case "nothing":
                raise NotFound("Nothing here.")
            case "fast":
                raise TooManyRequests("Slower.", retry_after=7)
            case "invalid":
                raise Invalid("No.", {"text": ["Too long."]})
            case "login":
                raise exceptions.NotAuthenticated
            case "denied":
                raise exceptions.PermissionDenied
        return Response({"ok": True})

    def post(self, request: Request, what: str) -> Response:
        form = Form(data=request.data)
        form.is_valid(raise_exception=True)
        return Response(form.data)


urlpatterns = [path("door/<str:what>/", Door.as_view())]
pytestmark = pytest.mark.urls(__name__)


@pytest.mark.parametrize(
    ("what", "status", "code"),
    [
        ("conflict", 409, "conflict"),
        ("nothing", 404, "not_found"),
        ("fast", 429, "too_many_requests"),
        ("invalid", 422, "invalid"),
        ("login", 401, "not_authenticated"),
        ("denied", 401, "not_authenticated"),  # nobody is logged in, so logging in is the remedy
    ],
)
def test_a_refusal_is_a_problem_document(client, what, status, code):
    response = client.get(f"/door/{what}/")

    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    body = response.json()
    assert (body["code"], body["status"]) == (code, status)
    assert {"type", "title", "detail"} <= body.keys()


def test_the_same_door_opens_for_a_good_request(client):
    assert client.get("/door/open/").json() == {"ok": True}
    assert client.post("/door/x/", {"name": "abc"}, content_type="application/json").json() == {"name": "abc"}


def test_a_limit_says_when_to_come_back(client):
    response = client.get("/door/fast/")

    assert response["Retry-After"] == "7"
    assert response.json()["retry_after"] == 7


def test_a_bad_field_is_named(client):
    response = client.post("/door/x/", {"name": "abcd"}, content_type="application/json")

    assert response.status_code == 422
    assert list(response.json()["errors"]) == ["name"]


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b"[" * 100_000, b'{"name": "a', b'{"name": "\\ud800"}'])
def test_malformed_json_is_400(client, body):
    response = client.post("/door/x/", body, content_type="application/json")

    assert (response.status_code, response.json()["code"]) == (400, "malformed")


@pytest.mark.parametrize("body", [b"[]", b"1", b"null", b'"text"', b'{"name": {"a": 1}}', b'{"name": "\\u0000"}'])
def test_json_of_the_wrong_shape_is_422(client, body):
    response = client.post("/door/x/", body, content_type="application/json")

    assert (response.status_code, response.json()["code"]) == (422, "invalid")


def test_a_body_beyond_the_bound_is_413(client, settings):
    settings.JSON_BYTES = 1000

    response = client.post("/door/x/", b'{"name": "' + b"a" * 1000 + b'"}', content_type="application/json")

    assert (response.status_code, response.json()["code"]) == (413, "too_large")
