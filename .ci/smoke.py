"""Starts the demo in an empty folder, opens its pages as a visitor would, and stops it by Ctrl-C."""

import json
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

PAGES = (
    "/",
    "/newsticker/",
    "/chats/",
    "/accounts/signup/",
    "/accounts/login/",
    "/admin/login/",
    "/demo/mail/",
    "/imprint/",
    "/health/ready",
    "/api/docs/",
    "/api/v1/articles/",
    "/api/v1/discussions/",
)


def main(folder: str) -> None:
    started = time.monotonic()
    command = [sys.executable, "manage.py", "demo", "--json", "--port", "0", "--data", folder]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as demo:
        assert demo.stdout
        said = json.loads(demo.stdout.readline())
        print(f"serves after {time.monotonic() - started:.1f} s at {said['url']}")
        try:
            visit(said["url"])
        finally:
            demo.send_signal(signal.SIGINT)
            code = demo.wait(20)
    assert code == 0, f"stopped with {code}"
    assert Path(folder, "newsroom.sqlite3").exists()
    print("stopped cleanly")


def visit(url: str) -> None:
    articles = json.load(urllib.request.urlopen(f"{url}/api/v1/articles/"))["results"]
    assert len(articles) >= 12, "too few articles"
    for page in (*PAGES, *(f"/articles/{article['slug']}/" for article in articles)):
        with urllib.request.urlopen(url + page) as answer:
            assert answer.status == 200, page
            assert len(answer.read()) > 10, page
    print(f"{len(PAGES) + len(articles)} pages answer")


main(sys.argv[1])
