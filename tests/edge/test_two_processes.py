"""Two processes on one database that cannot ring each other: each looks for itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx

from tests.support.product import demo
from tests.support.services import wait_for

from .conftest import how


def test_what_one_process_takes_the_other_shows_within_a_look(filled_folder: Callable[[], Path]):
    folder = filled_folder()
    with demo(folder) as here, demo(folder) as there:
        login = {name: there.accounts["reader"][name] for name in ("email", "password")}
        answer = httpx.post(f"{there.url}/_allauth/app/v1/auth/login", json=login).raise_for_status()
        chats = httpx.get(f"{here.url}/api/v1/discussions/?mode=chat").json()["results"]
        comments = f"/api/v1/discussions/{chats[0]['id']}/comments/"
        path = f"{comments}?sort=newest"
        with httpx.Client(base_url=here.url) as reader:
            wait_for(lambda: how(reader.get(path)) == "hit", what="the cache of the demo")

            posted = httpx.post(
                f"{there.url}{comments}",
                json={"text": "Von nebenan"},
                headers={"X-Session-Token": answer.json()["meta"]["session_token"]},
            )

            assert posted.status_code == 201, posted.text
            assert httpx.get(f"{there.url}{path}").json()["results"][0]["text"] == "Von nebenan"
            newest = lambda: reader.get(path).json()["results"][0]["text"]  # noqa: E731
            wait_for(lambda: newest() == "Von nebenan", seconds=3, what="the look")
            assert how(reader.get(path)) == "hit"
