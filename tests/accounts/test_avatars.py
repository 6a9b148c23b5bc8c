"""A person's picture: what is stored of an upload, where it is shown, and how it goes."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import Image

from accounts.actions import impose_sanction
from accounts.models import AuditEntry, Notification, User
from comments import actions as talk
from tests.articles.test_photos import SVG, picture, png_claiming
from tests.comments.tools import events
from tests.support.little_room import mounted

pytestmark = pytest.mark.django_db(transaction=True)
ME = "/api/v1/me/avatar/"


@pytest.fixture(autouse=True)
def root(settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"


def upload(data: BytesIO, name: str = "ich.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data.getvalue(), content_type="image/jpeg")


def put(client, data: BytesIO, **more: object):
    return client.put(ME, {"file": upload(data), **more}, format="multipart")


def files(root: Path) -> list[Path]:
    return sorted(root.rglob("*.*"))


def shown(client, address: str) -> Image.Image:
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "image/webp"
    assert "immutable" in answer["Cache-Control"]
    return Image.open(BytesIO(answer.content))


def moving() -> BytesIO:
    first, second = (Image.new("RGB", (200, 200), colour) for colour in ("red", "blue"))
    buffer = BytesIO()
    first.save(buffer, "GIF", save_all=True, append_images=[second], duration=100, loop=0)
    buffer.seek(0)
    return buffer


def test_an_upload_becomes_a_still_square_without_anything_but_pixels(api, client, alice, root):
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Kamera von Alice"  # turned by 90°
    sent = picture(size=(1200, 600), exif=exif, comment=b"geheim")

    answer = put(api(alice), sent)

    assert answer.status_code == 200
    address = answer.json()["avatar"]
    small, large = shown(client, address), shown(client, address.replace("/96.", "/320."))
    assert (small.size, large.size) == ((96, 96), (320, 320))
    top, bottom = large.getpixel((160, 20)), large.getpixel((160, 300))
    assert top[0] > 200 > 60 > top[2]  # upright: the left half has become the upper one, and both are in the middle
    assert bottom[2] > 200 > 60 > bottom[0]
    assert len(files(root)) == 2
    for file in files(root):
        assert b"Kamera" not in file.read_bytes()
        assert b"geheim" not in file.read_bytes()
        assert file.stat().st_size < 30_000

    still = shown(client, put(api(alice), moving()).json()["avatar"])
    assert not getattr(still, "is_animated", False)
    assert still.getpixel((48, 48))[0] > 200
    glass = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
    buffer = BytesIO()
    glass.save(buffer, "PNG")
    assert shown(client, put(api(alice), buffer).json()["avatar"]).getpixel((48, 48)) == (255, 255, 255)


def test_a_full_disk_is_called_so(api, alice, settings):
    noise = BytesIO()
    Image.effect_noise((400, 400), 200).convert("RGB").save(noise, "PNG")
    with mounted(16_384) as disk:
        settings.MEDIA_ROOT = disk
        reader = api(alice)
        reader.raise_request_exception = False

        refused = put(reader, BytesIO(noise.getvalue()))

        assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
        assert "kein Platz mehr" in refused.json()["detail"]
        assert int(refused["Retry-After"]) > 0


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(BytesIO(SVG), id="svg"),
        pytest.param(BytesIO(b""), id="nothing"),
        pytest.param(BytesIO(b"\xff\xd8\xff\xe0" + b"\x00" * 500), id="a broken jpeg"),
        pytest.param(png_claiming(60_000, 60_000), id="a bomb"),
        pytest.param(png_claiming(9_000, 9_000), id="a small bomb"),
        pytest.param(picture("PNG", size=(8, 8)), id="too small"),
        pytest.param(picture("BMP"), id="a format that we do not want"),
        pytest.param(BytesIO(picture("PNG").getvalue() + b"\x00" * (11 * 1024 * 1024)), id="too many bytes"),
    ],
)
def test_what_is_no_decent_picture_is_refused_at_the_field_and_nothing_is_kept(api, alice, root, sent):
    answer = put(api(alice), sent)
    browser = Client()
    browser.force_login(alice)
    page = browser.post("/accounts/profile/avatar/", {"file": upload(sent)})

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert "file" in answer.json()["errors"]
    assert page.status_code == 400
    assert 'aria-invalid="true"' in page.text
    assert not files(root)
    assert User.objects.get(pk=alice.pk).avatar == ""


def test_other_bodies_are_refused_in_words(api, alice):
    assert api(alice).put(ME, {"file": "x"}, format="multipart").json()["code"] == "invalid"
    assert api(alice).put(ME, {}, format="multipart").json()["code"] == "invalid"
    assert put(api(alice), picture(), other="1").json()["code"] == "invalid"
    assert list(api(alice).put(ME, {"file": "x"}).json()["errors"]) == ["file"]
    assert put(api(), picture()).status_code == 401


def test_it_is_shown_wherever_the_person_is_without_a_statement_more(api, client, alice, mo, comment, chat, article):
    talk.post(chat.pk, author=alice, text="Moin")
    places = (f"/articles/{article.slug}/", f"/chats/{chat.pk}/", f"/people/{alice.pk}/")
    for place in places:
        client.get(place)
    with CaptureQueriesContext(connection) as before:
        letters = [client.get(place).text for place in places]
    before_posting = len(events(f"discussion.{chat.pk}"))

    address = put(api(alice), picture()).json()["avatar"]

    for place in places:
        client.get(place)
    with CaptureQueriesContext(connection) as after:
        pictures = [client.get(place).text for place in places]
    assert len(after) == len(before)
    assert not any("/media/avatars/" in each for each in letters)
    assert address in pictures[0]
    assert address in pictures[1]
    assert address.replace("/96.", "/320.") in pictures[2]
    author = api().get(f"/api/v1/comments/{comment.pk}/").json()["author"]
    assert author["avatar"] == address == api(alice).get("/api/v1/me/").json()["avatar"]
    with CaptureQueriesContext(connection) as posting:
        talk.post(chat.pk, author=alice, text="Noch einmal")
    assert sum('"avatar"' in each["sql"] and "SELECT" in each["sql"][:7] for each in posting) <= 2
    assert events(f"discussion.{chat.pk}")[before_posting]["data"]["author"]["avatar"] == address
    for moderators in (f"/moderation/people/{alice.pk}/", "/accounts/profile/"):
        browser = Client()
        browser.force_login(mo if "moderation" in moderators else alice)
        assert address.replace("/96.", "/320.") in browser.get(moderators).text


def test_another_picture_has_another_address_and_the_former_one_is_gone(api, client, alice, root):
    first = put(api(alice), picture()).json()["avatar"]
    second = put(api(alice), picture()).json()["avatar"]

    assert first != second
    assert client.get(first).status_code == 404
    assert client.get(second).status_code == 200
    assert len(files(root)) == 2
    assert api(alice).delete(ME).status_code == api(alice).delete(ME).status_code == 204
    assert not files(root)
    assert api(alice).get("/api/v1/me/").json()["avatar"] is None


def test_the_profile_does_it_without_a_script(client, alice, root):
    client.force_login(alice)
    page = client.get("/accounts/profile/").text
    assert 'enctype="multipart/form-data"' in page
    assert 'value="drop"' not in page

    done = client.post("/accounts/profile/avatar/", {"file": upload(picture())}, follow=True)

    assert User.objects.get(pk=alice.pk).avatar in done.text
    assert 'value="drop"' in done.text
    gone = client.post("/accounts/profile/avatar/", {"deed": "drop"}, follow=True)
    assert "/media/avatars/" not in gone.text
    assert not files(root)
    assert client.post("/accounts/profile/avatar/", {}).status_code == 400


def test_moderators_take_it_down_and_the_person_is_told_why(api, client, alice, bob, mo, eddy, root):
    put(api(alice), picture())
    address = f"/api/v1/users/{alice.pk}/avatar/"
    for who, status in ((None, 401), (bob, 403), (eddy, 403), (alice, 403)):
        assert api(who).delete(address, {"reason": "hate"}).status_code == status
    assert api(mo).delete(address, {"reason": "nonsense"}).json()["code"] == "invalid"
    assert len(files(root)) == 2
    browser = Client()
    browser.force_login(mo)
    refused = browser.post(f"/moderation/people/{alice.pk}/", {"deed": "avatar", "reason": "", "text": "Bitte nicht"})
    assert refused.status_code == 422
    assert "Bitte nicht</textarea>" in refused.text

    done = browser.post(
        f"/moderation/people/{alice.pk}/",
        {"deed": "avatar", "reason": "hate", "text": "Bitte ein anderes"},
        follow=True,
    )

    assert "/media/avatars/" not in done.text
    assert not files(root)
    told = Notification.objects.get(user=alice)
    assert (told.kind, told.details) == ("avatar.removed", {"reason": "hate", "text": "Bitte ein anderes"})
    entry = AuditEntry.objects.get(deed="avatar.removed")
    assert (entry.actor, entry.subject, entry.after) == (mo, f"user.{alice.pk}", {"reason": "hate"})
    assert api(mo).delete(address, {"reason": "hate"}).status_code == 404
    assert put(api(mo), picture()).status_code == 200
    assert api(mo).delete(f"/api/v1/users/{mo.pk}/avatar/", {"reason": "hate"}).status_code == 403
    assert not mail.outbox  # it waits until nobody could undo it


def test_who_is_barred_or_in_a_hurry_uploads_nothing_but_may_take_theirs_down(api, alice, bob, mo, settings, root):
    put(api(alice), picture())
    impose_sanction(alice.pk, actor=mo, scope="all", until=None, reason="hate")

    assert put(api(alice), picture()).json()["code"] == "barred"
    assert api(alice).delete(ME).status_code == 204
    settings.LIMITS = settings.LIMITS | {"avatars": "2/h"}
    assert [put(api(bob), picture()).status_code for _ in range(3)] == [200, 200, 429]
    assert len(files(root)) == 2


def test_with_the_account_its_files_go(api, alice, root):
    put(api(alice), picture())

    User.objects.get(pk=alice.pk).delete()

    assert not files(root)
