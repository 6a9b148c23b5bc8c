"""Static files come from the apps themselves, under a name that changes with their content."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import brotli
import pytest
from asgiref.sync import async_to_sync
from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.urls import resolve
from rjsmin import jsmin

from newsroom.files import scripts
from tests.support.product import ROOT


def test_a_hashed_name_may_be_kept_for_ever(client):
    url = static("admin/css/base.css")

    response = client.get(url)

    assert re.fullmatch(r"/static/[0-9a-f]{12}/admin/css/base\.css", url)
    assert response.status_code == 200
    assert "immutable" in response["Cache-Control"]
    assert b"{" in response.content


def test_another_release_gets_the_file_but_may_not_keep_it(client):
    response = client.get("/static/000000000000/admin/css/base.css")

    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"
    assert response.content == client.get(static("admin/css/base.css")).content


def test_nothing_else_is_served(client):
    for name in ("nothing.css", "../settings.py", "%2e%2e/settings.py", "admin/"):
        assert client.get(static("") + name).status_code == 404


async def _get(async_client, url):
    return await async_client.get(url)


def test_an_asynchronous_server_gets_it_without_a_warning(async_client):
    response = async_to_sync(_get)(async_client, static("newsroom/base.css"))

    assert response.content.startswith(b"/*")
    assert not response.streaming


def test_a_part_of_a_file_is_that_part(client):
    url = static("newsroom/base.css")

    part = client.get(url, headers={"range": "bytes=0-9"})

    assert part.status_code == 206
    assert part.content == client.get(url).content[:10]
    assert client.get(url, headers={"if-none-match": client.get(url)["ETag"]}).status_code == 304


NAMES = ["newsroom/base.css", "newsroom/site.css", "newsroom/site.js", "newsroom/live.js", "admin/img/search.svg"]
UNPACK = {"br": brotli.decompress, "gzip": gzip.decompress}


@pytest.mark.parametrize(
    ("accepted", "coding"), [("gzip, deflate, br", "br"), ("gzip", "gzip"), ("br;q=0, gzip", "gzip")]
)
@pytest.mark.parametrize("name", NAMES)
def test_text_comes_packed_as_it_is_taken(client, name, accepted, coding):
    url = static(name)
    plain = client.get(url)

    small = client.get(url, headers={"accept-encoding": accepted})

    assert small["Content-Encoding"] == coding
    assert small["Vary"] == plain["Vary"] == "Accept-Encoding"
    assert UNPACK[coding](small.content) == plain.content
    assert len(small.content) == int(small["Content-Length"]) < len(plain.content) * 0.7
    assert small["Cache-Control"] == plain["Cache-Control"]


def test_whoever_takes_nothing_packed_gets_the_plain_file(client):
    for accepted in ("", "identity", "gzip;q=0", "br;q=0.0, gzip;q=0", "zstd"):
        response = client.get(static("newsroom/base.css"), headers={"accept-encoding": accepted})
        assert "Content-Encoding" not in response
        assert response.content.startswith(b"/*")


@pytest.mark.parametrize("name", ["newsroom/base.css", "newsroom/site.css"])
def test_each_encoding_has_a_tag_of_its_own_and_is_confirmed_by_it(client, name):
    url = static(name)
    tags = {each: client.get(url, headers={"accept-encoding": each})["ETag"] for each in ("identity", "gzip", "br")}
    assert len(set(tags.values())) == 3

    for taken, expected in tags.items():
        for other, tag in tags.items():
            answer = client.get(url, headers={"accept-encoding": taken, "if-none-match": f'"x", W/{tag}'})
            assert answer.status_code == (304 if other == taken else 200)
            assert answer["ETag"] == expected
            assert answer["Vary"] == "Accept-Encoding"


def test_the_head_of_a_packed_file_is_that_of_the_file_without_its_body(client):
    url, packed = static("newsroom/base.css"), {"accept-encoding": "br"}

    head, whole = client.head(url, headers=packed), client.get(url, headers=packed)

    assert dict(head.headers) == dict(whole.headers)
    assert head.content == b""


def test_a_part_is_never_one_of_a_packed_file_nor_of_another_encoding(client):
    url = static("newsroom/base.css")
    plain, small = client.get(url), client.get(url, headers={"accept-encoding": "br"})
    part = {"accept-encoding": "br", "range": "bytes=5-14"}

    answer = client.get(url, headers={**part, "if-range": plain["ETag"]})
    assert (answer.status_code, answer.content) == (206, plain.content[5:15])
    assert "Content-Encoding" not in answer

    whole = client.get(url, headers={**part, "if-range": small["ETag"]})
    assert (whole.status_code, whole.content) == (200, small.content)


PARTS = sorted(
    each
    for each in ROOT.glob("*/static/*/*.css")
    if each.stem not in {"site", "desk", "api-docs", "panel", "figures"} and each.parent.name != "panel"
)
INDENT = re.compile(r"^ +", re.MULTILINE)
RULE = re.compile(r"^(?!\*/)[^@}/\s][^{}]*\{[^}]*\}", re.MULTILINE)


def test_a_page_gets_all_components_in_one_sheet(client, db):
    sheet = client.get(static("newsroom/site.css"))
    page = client.get("/imprint/").text

    assert re.findall(r'<link rel="stylesheet" href="([^"]+)"', page) == [static("newsroom/site.css")]
    assert sheet.text.startswith("@layer base, parts, frame, components;\n")
    assert not re.search(r"@import|/\*|\*/", sheet.text)
    for part in PARTS:
        rules = RULE.findall(part.read_text())
        assert rules
        assert [rule for rule in rules if INDENT.sub("", rule) not in sheet.text] == []
    assert client.get(static("newsroom/site.css"), headers={"range": "bytes=0-9"}).content == sheet.content[:10]


FLAGS = re.MULTILINE | re.DOTALL
COMMENT = re.compile(r"^ *(?:/\*.*?\*/|//[^\n]*)?\n", FLAGS)
APART = ("site", "reader", "desk", "api-docs")
MODULES = [each for each in ROOT.glob("*/static/*/*.js") if not each.stem.startswith(APART)]
OF_THE_PANEL = [each for each in MODULES if each.parent.name == "panel"]
SCRIPTS = [each for each in MODULES if each not in OF_THE_PANEL]
# A page fetches them when somebody writes, reports or ignores; or they belong to a page or two, which name them.
LATER = {"newsroom-ignore", "newsroom-markup", "newsroom-report", "fields", "mention", "writing"}
LATER |= {"passkeys", "waiting"}


def in_a_whole(module: Path) -> str:
    """The code of a module without what only those who read it need."""
    code = re.sub(r"^import .*?;\n|^export ", "", COMMENT.sub("", module.read_text()), flags=FLAGS)
    return jsmin(code).rstrip(";")


def test_a_page_gets_all_elements_in_one_script(client, db, alice, article, chat):
    site, script = client.get(static("newsroom/site.js")).text, client.get(static("newsroom/reader.js")).text
    for bundle in ("newsroom/site.js", "newsroom/reader.js"):
        for path in ("/", f"/articles/{article.slug}/", "/newsticker/", "/chats/", f"/chats/{chat.pk}/", "/imprint/"):
            assert re.findall(r'<script[^>]* src="([^"]+)"', client.get(path).text) == [static(bundle)]
        client.force_login(alice)
    assert script.startswith(site)
    assert 'define("newsroom-outbox"' in script
    assert 'define("newsroom-outbox"' not in site
    assert not re.search(r"^(?:import|export)\b|/\*", script, re.MULTILINE)
    assert SCRIPTS
    for each in SCRIPTS:
        assert script.count(in_a_whole(each)) == (each.stem not in LATER)
    assert client.get(static("newsroom/live.js")).text == (ROOT / "newsroom/static/newsroom/live.js").read_text()


def test_the_panel_has_a_script_of_its_own_and_readers_have_nothing_of_it(client, db, mo):
    site, panel = client.get(static("newsroom/site.js")).text, client.get(static("panel/panel.js")).text
    client.force_login(mo)

    for path in ("/moderation/", "/moderation/queue/", "/moderation/keys/"):
        assert re.findall(r'<script[^>]* src="([^"]+)"', client.get(path).text) == [static("panel/panel.js")]
    assert panel.startswith(site)
    for each in OF_THE_PANEL:
        if each.name not in {"panel.js", "thread.js"}:  # which import the others
            assert panel.count(in_a_whole(each)) == 1
            assert in_a_whole(each) not in site
    thread = client.get(static("panel/thread.js")).text  # of discussions: only what stands in them
    assert thread.startswith(site)
    assert 'define("newsroom-held"' in thread
    assert 'define("newsroom-queue"' in panel
    assert 'define("newsroom-queue"' not in thread


def test_a_script_that_is_fetched_later_brings_what_it_imports(client):
    for name in ("comments/writing.js", "comments/newsroom-ignore.js", "comments/newsroom-report.js"):
        script, module = client.get(static(name)).text, ROOT / "comments/static" / name
        imports = re.findall(r'^import .*?"(\.[^"]+)";', module.read_text(), re.MULTILINE)
        assert imports
        for each in imports:
            app = "newsroom" if "/newsroom/" in each else "comments"
            assert in_a_whole(ROOT / app / "static" / app / Path(each).name) in script
        assert "import" not in script
    assert client.get(static("comments/writing.js")).text.endswith("export const{offerNames}=comments_writing;")


KEPT = {"a/keys.js": "// Says it.\nexport function pressed() {\n  return `a${1}`; // so\n}\n"}
REFUSED = {
    "a circle": 'import { whole } from "./whole.js";\n',
    "import as": 'import { pressed as done } from "./keys.js";\n',
    "import *": 'import * as keys from "./keys.js";\n',
    "import()": 'const later = import("./keys.js");\n',
    "import.meta": "const here = import.meta.url;\n",
    "default": "export default class {}\n",
    "let": "export let done = 1;\n",
    "a string over lines": "const said = `\n// no comment\n`;\n",
    "no such export": "function pressed() {}\nexport const other = 1;\n",
}


@pytest.mark.parametrize("said", REFUSED.values(), ids=REFUSED)
def test_what_a_whole_script_cannot_hold_is_refused(said):
    modules = KEPT | {"a/whole.js": 'import { pressed } from "./keys.js";\npressed();\n'}

    assert scripts.whole("a/whole.js", modules.__getitem__) == (
        "const a_keys=(()=>{function pressed(){return`a${1}`;}\nreturn{pressed};})();"
        "(()=>{const{pressed}=a_keys;pressed();})();"
    )
    with pytest.raises(ValueError, match=r"^a/(?:keys|whole)\.js "):
        scripts.whole("a/whole.js", (modules | {"a/keys.js": said}).__getitem__)


def test_a_part_ends_where_the_file_does(client):
    url = static("newsroom/base.css")
    whole = client.get(url).content
    parts = {"bytes=5-5": whole[5:6], "bytes=-7": whole[-7:], "bytes=7-": whole[7:], "bytes=0-99999999": whole}
    ignored = ("bytes=0-1,3-4", "bytes=5-4", "lines=1-2", "bytes=-", "bytes=a-b", "")

    for asked, part in parts.items():
        answer = client.get(url, headers={"range": asked})
        assert (answer.status_code, answer.content) == (206, part)
        assert answer["Content-Length"] == str(len(part))
        assert answer["Content-Range"].endswith(f"/{len(whole)}")
    for asked in ignored:
        answer = client.get(url, headers={"range": asked})
        assert (answer.status_code, answer.content) == (200, whole)
    for asked in (f"bytes={len(whole)}-", "bytes=-0"):
        answer = client.get(url, headers={"range": asked})
        assert (answer.status_code, answer["Content-Range"]) == (416, f"bytes */{len(whole)}")


def test_a_file_can_only_be_read(client):
    assert client.post(static("newsroom/base.css")).status_code == 405
    assert client.get(static("newsroom/base.css"), headers={"if-match": '"x"'}).status_code == 412
    assert client.get(static("newsroom/base.css"), headers={"if-match": "*"}).status_code == 200


def test_what_a_sheet_says_in_an_address_is_found_from_the_whole_and_from_its_part(client):
    said = re.findall(r'url\("([^"]+)"\)', client.get(static("newsroom/site.css")).text)

    assert said
    for each in said:
        assert each.startswith("../")
        assert client.get(static(each.removeprefix("../"))).status_code == 200


def test_sheets_scripts_and_templates_are_written_for_those_who_read_them():
    templates = {each: each.read_text() for each in ROOT.glob("*/templates/**/*.html")}
    sheets = {each: each.read_text() for each in ROOT.glob("*/static/*/*.css")}
    scripts = {each: each.read_text() for each in ROOT.glob("*/static/*/*.js")}
    several = re.compile(r"[{;] *[a-z-]+: ?[^;]*;")  # declarations in a line
    attribute = re.compile(r'[\w-]+="(?:\{\{.*?\}\}|\{%.*?%\}|[^"{])*"')

    def lines(files, found):
        said = [(each, line) for each, text in files.items() for line in text.splitlines()]
        return [f"{each.name}: {line.strip()}" for each, line in said if found(line)]

    assert templates
    assert sheets
    assert lines(sheets, lambda line: len(line) > 120 or several.search(line)) == []
    assert scripts
    assert lines(scripts, lambda line: len(line) > 120) == []
    assert lines(templates, lambda line: len(line) > 200) == []
    assert [said for text in templates.values() for said in attribute.findall(text) if len(said) > 200] == []


def test_templates_name_pages_and_do_not_write_their_addresses_out():
    written = re.compile(r'(?:href|action)="/[^"]*"')
    assert [said for each in ROOT.glob("*/templates/**/*.html") for said in written.findall(each.read_text())] == []


def test_scripts_know_addresses_from_the_page(client, db, chat):
    written = re.compile(r"""(?<!split\()["'`]/(?:\w[^"'`]*|(?=["'`]))""")
    codes = [COMMENT.sub("", each.read_text()) for each in ROOT.glob("*/static/*/*.js")]
    said = {said for code in codes for said in written.findall(code)}
    page = client.get(f"/chats/{chat.pk}/").text
    known = json.loads(re.findall(r'<script id="addresses" type="application/json">(.*?)</script>', page)[0])
    scripts = client.get(static("newsroom/site.js")).text

    assert said == {'"/live/', "`/api/v1/${path}"}  # the API and the bus, which are public, once each
    assert set(re.findall(r'(?:addressOf\(|\blink\([^,]*, ?)"([a-z-]+)"', scripts)) == set(known)
    for name, address in known.items():
        part = {"pk": "7", "slug": "a-slug", "name": "like", "number": "3"}
        found = resolve(re.sub(r"\{(\w+)\}", lambda place: part[place[1]], address))  # noqa: B023
        assert found.url_name == name
        assert {key: str(value) for key, value in found.kwargs.items()}.items() <= part.items()


def test_what_a_template_of_the_admin_asks_for_is_in_a_style_sheet():
    """The theme has no more of its many classes than it uses itself."""
    sheets = "".join(Path(finders.find(name)).read_text() for name in ("unfold/css/styles.css", "newsroom/desk.css"))
    known = {re.sub(r"\\(.)", r"\1", name) for name in re.findall(r"\.((?:\\.|[\w-])+)", sheets)}
    files = [
        file
        for name in ("admin", "django", "unfold")
        for file in (ROOT / "newsroom/templates").glob(f"{name}/**/*.html")
    ]

    asked = {
        (file.name, name)
        for file in files
        for names in re.findall(r'class="([^"]*)"', file.read_text())
        for name in re.sub(r"{[{%].*?[%}]}", " ", names).split()
    }

    assert len(asked) > 20
    assert {(file, name) for file, name in asked if name not in known} == set()
