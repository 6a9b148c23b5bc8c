"""Moments and numbers read alike wherever they stand: on pages, in sentences, and in what the browser writes."""

from __future__ import annotations

import json
import shutil
import subprocess
from datetime import UTC, datetime

import pytest
from django.utils import translation

from newsroom.formats.moments import in_words
from newsroom.pages import sentences
from tests.support.product import ROOT

EVENING = datetime(2026, 11, 28, 18, 5, tzinfo=UTC)
IN_BROWSER = """
globalThis.document = {
  documentElement: { lang: LANGUAGE, dataset: { zone: "Europe/Berlin" } },
  getElementById: () => ({ textContent: WORDS }), querySelectorAll: () => [], addEventListener() {},
};
globalThis.setInterval = () => {};
globalThis.addEventListener = () => {};
globalThis.innerWidth = 1280;
const { describe } = await import("FOLDER/time.js");
const { say } = await import("FOLDER/words.js");
console.log(JSON.stringify([describe(new Date("2026-11-28T18:05:00Z"), "absolute"), say("messages", { n: 2891 })]));
"""


@pytest.mark.parametrize(
    ("language", "moment", "number"),
    [
        ("de", "28. November 2026, 19:05 Uhr", "2.891 Nachrichten"),
        ("en", "28 November 2026, 19:05", "2,891 messages"),
        ("ru", "28 ноября 2026 г., 19:05", "2\xa0891 сообщение"),
    ],
)
def test_server_and_browser_write_moments_and_numbers_alike(language: str, moment: str, number: str) -> None:
    with translation.override(language):
        assert in_words(EVENING).replace("\xa0", " ") == moment
        assert sentences.counted("messages", 2891) == number
        spoken = json.dumps(sentences.words())

    if shutil.which("node") is None:
        pytest.skip("node: not installed")
    script = IN_BROWSER.replace("LANGUAGE", json.dumps(language)).replace("WORDS", json.dumps(spoken))
    script = script.replace("FOLDER", str(ROOT / "newsroom/static/newsroom"))
    node = ["node", "--input-type=module", "-e", script]
    said = json.loads(subprocess.run(node, capture_output=True, text=True, check=True).stdout)

    assert [each.replace("\xa0", " ") for each in said] == [moment, number.replace("\xa0", " ")]
