"""The publisher's face: what an administrator sets stands on every page, mail and feed at once."""

from __future__ import annotations

import json
import re
from io import BytesIO
from pathlib import Path

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from accounts.models import AuditEntry
from accounts.names import checked_name
from accounts.notifications import mails
from articles.actions import change_appearance, draft_article, publish_article
from articles.photos import encode_logo
from newsroom.errors import Forbidden, Invalid
from newsroom.face import colours
from newsroom.face.present import keeper, present
from newsroom.live.outbox import SITE, Head, Position, head
from newsroom.models import Appearance

pytestmark = pytest.mark.django_db(transaction=True)
FORM = f"/admin/newsroom/appearance/{Appearance.ONLY}/change/"


@pytest.fixture(autouse=True)
def _media(settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def desk(ada) -> Client:
    client = Client()
    client.force_login(ada)
    return client


def logo(size: tuple[int, int] = (1200, 300), kind: str = "PNG") -> bytes:
    """A red sign on a ground that can be seen through, with words in its metadata."""
    image = Image.new("RGBA", size, (0, 0, 0, 0))
    image.paste((200, 0, 0, 255), (0, 0, size[0] // 2, size[1]))
    exif = image.getexif()
    exif[0x010E] = "taken in secret"
    buffer = BytesIO()
    image.save(buffer, kind, exif=exif)
    return buffer.getvalue()


def form_of(desk: Client, **changes: object) -> dict[str, object]:
    """What the form sends: what it shows, and these changes."""
    shown = desk.get(FORM).context["adminform"].form
    return {name: shown[name].value() or "" for name in shown.fields if "logo" not in name} | changes


def test_a_name_and_links_stand_on_pages_feeds_and_mails(desk, client, article, alice, mailoutbox):
    sent = form_of(desk, name="Tannwerder Bote", footer_links="Abo https://abo.example/?a=1\n\nÜber uns /imprint/")

    answer = desk.post(FORM, sent, follow=True)

    assert "errornote" not in answer.text
    page = client.get(f"/articles/{article.slug}/").text
    assert "– Tannwerder Bote</title>" in page
    assert '<meta property="og:site_name" content="Tannwerder Bote">' in page
    assert re.search(r'class="masthead-name" href="/" dir="auto">Tannwerder Bote</a>', page)
    links = '<a href="https://abo.example/?a=1" rel="noopener" dir="auto">Abo</a>\n  <a href="/imprint/" rel="noopener"'
    assert links in page
    assert "<title>Tannwerder Bote</title>" in client.get("/feeds/articles.atom").text
    assert json.loads(client.get("/feeds/articles.json").content)["title"] == "Tannwerder Bote"
    assert client.get("/no/such/page/").text.count("Tannwerder Bote") >= 3
    assert "Tannwerder Bote" in desk.get("/admin/").text
    mails.send("account/email/unknown_account", alice.email, {"signup_url": "https://news.example/signup/"})
    (sent_mail,) = mail.outbox
    assert "Tannwerder Bote" in sent_mail.body
    assert "Tannwerder Bote <" in sent_mail.from_email
    assert Appearance.objects.get().version == 1
    entry = AuditEntry.objects.get(deed="appearance.changed")
    assert entry.after["name"] == "Tannwerder Bote"
    assert "Tannwerder Bote" in desk.get(FORM.replace("change", "history")).text
    with pytest.raises(Invalid):  # nobody is called like the site
        checked_name("Tannwerder Bote", is_staff=False)


def test_a_logo_is_encoded_anew_and_keeps_what_can_be_seen_through(desk, client, settings):
    upload = SimpleUploadedFile("logo.png", logo(), "image/png")
    assert desk.post(FORM, form_of(desk, name="Bote", upload_logo=upload)).status_code == 302

    page = client.get("/").text
    address, width, height = re.search(
        r'class="logo has-plate"\s+src="([^"]+)" width="(\d+)" height="(\d+)"\s+alt="Bote"', page
    ).groups()
    file = client.get(address).content
    shown = Image.open(BytesIO(file))
    assert (shown.format, shown.size) == ("PNG", (int(width), int(height))) == ("PNG", (672, 168))
    assert shown.getpixel((600, 80))[3] == 0
    assert b"secret" not in file

    dark = SimpleUploadedFile("dark.png", logo((400, 100)), "image/png")
    assert desk.post(FORM, form_of(desk, upload_logo_dark=dark)).status_code == 302
    page = client.get("/").text
    assert re.search(
        r'<source srcset="/media/logos/\w+\.png"\s+width="400" height="100"\s+media="\(prefers-color-scheme: dark\)">',
        page,
    )
    assert address in page
    assert "has-plate" not in page

    assert desk.post(FORM, form_of(desk, drop_logo="on", drop_logo_dark="on")).status_code == 302
    assert "<picture>" not in client.get("/").text.partition("<main")[0]
    assert not list((Path(settings.MEDIA_ROOT) / "logos").iterdir())  # nothing is left of them


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "nicht lesen"),
        (logo((8, 8)), "kleiner als"),
        (b"\x89PNG" + bytes(2 * 1024 * 1024), "größer als 2 MB"),
    ],
)
def test_what_is_no_logo_is_refused_at_its_field(desk, data, words):
    upload = SimpleUploadedFile("logo.png", data, "image/png")
    errors = desk.post(FORM, form_of(desk, upload_logo=upload)).context["adminform"].form.errors
    assert words in errors["upload_logo"][0]
    assert not Appearance.objects.exists()


def test_colours_come_as_a_sheet_of_their_own(ada, client):
    assert "/theme-" not in client.get("/").text
    assert client.get("/theme-0123456789abcdef.css").status_code == 404

    change_appearance(actor=ada, accent_light="#0A5C36", masthead_light="#123456", masthead_text_light="#FFFFFF")

    page = client.get("/").text
    (address,) = re.findall(r'<link rel="stylesheet" href="(/theme-[0-9a-f]{16}\.css)">', page)
    assert '<meta name="theme-color" content="#123456" media="(prefers-color-scheme: light)">' in page
    answer = client.get(address)
    assert answer.headers["Content-Type"] == "text/css; charset=utf-8"
    assert "immutable" in answer.headers["Cache-Control"]
    assert "--accent: #0a5c36;" in answer.text
    assert ".masthead {\n  --paper: #123456;" in answer.text
    assert "prefers-color-scheme: dark" not in answer.text
    assert "style=" not in page

    change_appearance(actor=ada, accent_light="#7d0f1e")
    former = client.get(address)  # by a page from before
    assert former.headers["Cache-Control"] == "no-store"
    assert "#7d0f1e" in former.text


def test_a_colour_that_could_not_be_read_is_refused_by_pair_and_ratio(ada, desk):
    with pytest.raises(colours.LowContrast) as refused:
        change_appearance(actor=ada, accent_dark="#9d1b2b", masthead_light="#777777", masthead_text_light="#777778")
    assert refused.value.code == "low_contrast"
    assert refused.value.extra["errors"].keys() == {"accent_dark", "masthead_text_light"}

    errors = desk.post(FORM, form_of(desk, accent_light="#ffcc00")).context["adminform"].form.errors
    assert (
        "Links und Akzente im hellen Schema: #ffcc00 auf dem Grund der Seiten #fcfbf8 hat einen Kontrast von 1.46 : 1"
        in " ".join(errors["accent_light"])
    )
    errors = desk.post(FORM, form_of(desk, accent_light="red; }")).context["adminform"].form.errors
    assert "#9d1b2b" in errors["accent_light"][0]
    assert not Appearance.objects.exists()


def test_contrast_is_that_of_wcag():
    assert colours.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert colours.contrast("#777777", "#ffffff") == pytest.approx(4.478, abs=0.001)  # the well-known near miss
    assert colours.contrast("#767676", "#ffffff") == pytest.approx(4.542, abs=0.001)
    usual = {"accent_light": "#9d1b2b", "accent_dark": "#f28a8a"}
    colours.check(usual)  # what the site itself wears


@pytest.mark.parametrize(
    "line",
    [
        "Abo javascript:alert(1)", "Abo http://abo.example/", "Abo //abo.example/", "Abo /\\abo.example", "Abo",
        "/imprint/", "Abo https://", "Abo https://a@b.example/", "x" * 61 + " /imprint/", "\n".join(["Abo /a/"] * 11),
    ],
)  # fmt: skip
def test_what_is_no_link_is_refused(ada, line):
    with pytest.raises(Invalid) as refused:
        change_appearance(actor=ada, footer_links=line)
    assert refused.value.extra["errors"]["footer_links"]


def test_a_welcome_stands_above_the_front_page_alone_and_is_clean(ada, eddy, section, client):
    for number in range(14):
        draft = draft_article(actor=eddy, section=section, headline=f"Nachricht {number}", body="Text.")
        publish_article(draft.pk, actor=eddy)
    change_appearance(actor=ada, welcome="**Moin!** <script>alert(1)</script> [Mehr](/imprint/)")

    page = client.get("/").text
    (welcome,) = re.findall(r'<section class="welcome[^>]*>(.*?)</section>', page, re.DOTALL)
    assert "<strong>Moin!</strong>" in welcome
    assert '<a href="/imprint/"' in welcome
    assert "<script" not in welcome
    further = re.search(r'href="(/\?cursor=[^"]+)"', page)[1]
    assert "welcome" not in client.get(further).text
    with pytest.raises(Invalid):
        change_appearance(actor=ada, welcome="![x](https://elsewhere.example/a.png)")


def test_only_administrators_change_it(eddy, mo, jo, alice, client):
    for person in (eddy, mo, jo, alice):
        with pytest.raises(Forbidden):
            change_appearance(actor=person, name="Meins")
        client.force_login(person)
        assert client.get(FORM).status_code in {302, 403}
        assert client.post(FORM, {"name": "Meins"}).status_code in {302, 403}
    assert present().name != "Meins"


def test_of_two_administrators_the_second_is_shown_what_the_first_has_changed(desk, ada):
    form = {**form_of(desk, name="Zweiter"), "initial-name": ""}
    change_appearance(actor=ada, name="Erster")

    answer = desk.post(FORM, form)

    assert "Erster" in str(answer.context["adminform"].form.errors["name"])
    assert present().name == "Erster"


def test_a_serving_process_keeps_it_until_the_site_rings(ada, client, django_assert_num_queries):
    here = head(SITE)
    keeper.looked({SITE: here})
    try:
        change_appearance(actor=ada, name="Eins")
        assert present().name == "Eins"
        with django_assert_num_queries(0):
            assert present().name == "Eins"
        Appearance.objects.update(name="Zwei")  # as another process would
        assert present().name == "Eins"
        keeper.heard("articles")
        assert present().name == "Eins"
        keeper.heard(SITE)
        assert present().name == "Zwei"
        Appearance.objects.update(name="Drei")
        keeper.looked({SITE: Head(Position(here.position.epoch, here.position.offset + 9), 0)})  # a ring was lost
        assert present().name == "Drei"
    finally:
        keeper.looked(None)
    Appearance.objects.update(name="Vier")
    assert present().name == "Vier"  # without a hub nothing is kept
    assert encode_logo(BytesIO(logo())).files
