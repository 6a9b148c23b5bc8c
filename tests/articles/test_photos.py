from __future__ import annotations

import struct
import zlib
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageCms

from accounts.models import User
from articles import actions
from articles.models import Article, Photo
from articles.representations import photo_json
from newsroom.errors import Conflict, Forbidden, Invalid
from tests.support.little_room import enlarge, mounted

pytestmark = pytest.mark.django_db(transaction=True)
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.fixture(autouse=True)
def _media(settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


def picture(kind: str = "JPEG", size: tuple[int, int] = (1200, 600), mode: str = "RGB", **options: object) -> BytesIO:
    """The left half red, the right half blue."""
    image = Image.new("RGB", size, "blue")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    buffer = BytesIO()
    image.convert(mode).save(buffer, kind, **options)
    buffer.seek(0)
    return buffer


def stored(photo: Photo, settings) -> Image.Image:
    return Image.open(BytesIO((Path(settings.MEDIA_ROOT) / photo.file).read_bytes()))


def png_claiming(width: int, height: int) -> BytesIO:
    """A few bytes that say they are this large."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return BytesIO(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    )


def test_what_found_no_room_on_the_disk_is_whole_at_the_next_try(jo, settings):
    noise = Image.effect_noise((320, 160), 200)
    sent = BytesIO()
    noise.save(sent, "PNG")
    with mounted(16_384) as disk:
        settings.MEDIA_ROOT = disk
        with pytest.raises(OSError, match="No space left"):
            actions.add_photo(BytesIO(sent.getvalue()), actor=jo, alt="Rauschen", credit="Niemand")
        enlarge(disk, 10_000_000)

        photo = actions.add_photo(BytesIO(sent.getvalue()), actor=jo, alt="Rauschen", credit="Niemand")

        for file in disk.rglob("*.*"):
            Image.open(BytesIO(file.read_bytes())).load()
        assert stored(photo, settings).size == (320, 160)


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        ("JPEG", "RGB"),
        ("JPEG", "CMYK"),
        ("JPEG", "L"),
        ("PNG", "RGBA"),
        ("PNG", "P"),
        ("PNG", "1"),
        ("PNG", "LA"),
        ("WEBP", "RGB"),
        ("AVIF", "RGB"),
        ("GIF", "P"),
    ],
)
def test_pictures_become_jpeg_webp_and_avif_in_several_widths(kind, mode, jo: User, settings, client):
    photo = actions.add_photo(picture(kind, mode=mode), actor=jo, alt="Zwei Farben", year=2024)

    shown = photo_json(photo)
    assert shown is not None
    assert (shown["width"], shown["height"], shown["year"]) == (1200, 600, 2024)
    assert [source["type"] for source in shown["sources"]] == ["image/avif", "image/webp"]
    for srcset in (shown["srcset"], shown["sources"][0]["srcset"]):
        assert [entry.split()[1] for entry in srcset.split(", ")] == ["480w", "960w", "1200w"]
        for entry in srcset.split(", "):
            answer = client.get(entry.split()[0])
            assert Image.open(BytesIO(answer.content)).width == int(entry.split()[1].rstrip("w"))
    assert Image.open(BytesIO(client.get(shown["url"]).content)).format == "JPEG"


def test_where_it_was_taken_is_nobodys_business_and_the_right_way_up_stays(jo: User, settings):
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90° clockwise
    exif[0x010F] = "Kamera von Jo"
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (53.0, 33.0, 0.0)
    upload = picture(size=(400, 200), exif=exif, comment=b"geheim")
    assert b"Kamera von Jo" in upload.getvalue()

    photo = actions.add_photo(upload, actor=jo)

    assert (photo.width, photo.height) == (200, 400)
    image = stored(photo, settings)
    assert image.getpixel((100, 20))[0] > 200  # the left half has become the upper one
    for file in Path(settings.MEDIA_ROOT).rglob("*.*"):
        assert not Image.open(BytesIO(file.read_bytes())).getexif()
        assert b"Kamera" not in file.read_bytes()
        assert b"geheim" not in file.read_bytes()


def test_colours_of_another_profile_are_turned_into_those_of_screens(jo: User, settings):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    broken = actions.add_photo(picture(icc_profile=b"no profile"), actor=jo)
    odd = actions.add_photo(picture(icc_profile=profile.tobytes()), actor=jo)

    for photo in (broken, odd):
        assert "icc_profile" not in stored(photo, settings).info


@pytest.mark.parametrize(
    "upload",
    [
        pytest.param(BytesIO(SVG), id="svg"),
        pytest.param(BytesIO(b""), id="nothing"),
        pytest.param(BytesIO(b"GIF89a/*" + b"\x00" * 20 + b"*/=1;alert(1)"), id="script that begins like a gif"),
        pytest.param(BytesIO(b"<html><script>alert(1)</script>"), id="html"),
        pytest.param(BytesIO(b"\xff\xd8\xff\xe0" + b"\x00" * 500), id="a broken jpeg"),
        pytest.param(BytesIO(picture("PNG").getvalue()[:200]), id="a truncated png"),
        pytest.param(png_claiming(60_000, 60_000), id="a bomb"),
        pytest.param(png_claiming(9_000, 9_000), id="a small bomb"),
        pytest.param(png_claiming(21_000, 20), id="a very long one"),
        pytest.param(picture("PNG", size=(8, 8)), id="a pixel to count readers"),
        pytest.param(picture("BMP"), id="a format that we do not want"),
        pytest.param(picture("TIFF"), id="another one"),
        pytest.param(BytesIO(picture("PNG").getvalue() + b"\x00" * (21 * 1024 * 1024)), id="too many bytes"),
    ],
)
def test_what_is_no_decent_picture_is_refused(upload, jo: User, settings):
    with pytest.raises(Invalid) as refused:
        actions.add_photo(upload, actor=jo)

    assert "file" in refused.value.extra["errors"]
    assert not Photo.objects.exists()
    assert not list(Path(settings.MEDIA_ROOT).rglob("*.*"))


def test_nothing_of_a_polyglot_survives(jo: User, settings):
    upload = BytesIO(picture(comment=b"<script>alert(1)</script>").getvalue() + b"PK\x03\x04<script>alert(2)</script>")

    actions.add_photo(upload, actor=jo)

    files = list(Path(settings.MEDIA_ROOT).rglob("*.*"))
    assert len(files) == 7
    assert not any(b"script" in file.read_bytes() for file in files)


def test_readers_cannot_upload(alice: User, jo: User):
    with pytest.raises(Forbidden):
        actions.add_photo(picture(), actor=alice)

    assert actions.add_photo(picture(), actor=jo).pk


def test_what_is_said_about_a_photo_is_checked_and_can_be_changed(jo: User):
    for wrong in ({"credit_url": "javascript:alert(1)"}, {"caption": "x" * 501}, {"year": 10**9}, {"year": -1}):
        with pytest.raises(Invalid):
            actions.add_photo(picture(size=(20, 20)), actor=jo, **wrong)
    photo = actions.add_photo(picture(size=(20, 20)), actor=jo, credit_url="https://bilder.example/1")

    changed = actions.describe_photo(photo.pk, actor=jo, caption="Hafen")

    assert (changed.caption, changed.credit_url) == ("Hafen", "https://bilder.example/1")


def test_the_same_picture_twice_shares_its_files_until_the_last_is_deleted(jo: User, eddy: User, settings):
    first, second = (actions.add_photo(picture(), actor=jo) for _ in range(2))
    assert first.file == second.file

    with pytest.raises(Forbidden):
        actions.delete_photo(first.pk, actor=jo)
    actions.delete_photo(first.pk, actor=eddy)
    assert stored(second, settings)

    actions.delete_photo(second.pk, actor=eddy)
    assert not list(Path(settings.MEDIA_ROOT).rglob("*.*"))


def test_a_photo_that_an_article_shows_stays(article: Article, eddy: User):
    photo = actions.add_photo(picture(), actor=eddy)
    actions.correct_article(article.pk, actor=eddy, photo=photo)

    with pytest.raises(Conflict):
        actions.delete_photo(photo.pk, actor=eddy)


def test_pictures_are_served_to_be_kept_for_ever(jo: User, client):
    url = actions.add_photo(picture(), actor=jo).url

    answer = client.get(url)

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in answer.headers["Cache-Control"]
    assert client.head(url).status_code == 200
    assert client.get(url, headers={"Range": "bytes=0-9"}).status_code in {200, 206}
    assert client.get(url, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    assert client.post(url).status_code == 405


@pytest.mark.parametrize(
    "path",
    [
        "../tests.py",
        "photos/../../secret.jpg",
        "photos/%2e%2e/%2e%2e/secret.jpg",
        "%2e%2e/secret.jpg",
        "..%2fsecret.jpg",
        "/etc/passwd",
        "//secret.jpg",
        "photos/link.jpg",
        "photos/evil.svg",
        "photos/evil.html",
        "photos/",
        "photos",
        "photos/x.jpg%00.html",
        "photos/x.jpg%0a",
        "photos\\x.jpg",
        "photos/nothing.jpg",
        "a" * 5000 + ".jpg",
    ],
)
def test_nothing_else_is_served(path, jo: User, settings, client):
    photo = actions.add_photo(picture(), actor=jo)
    root = Path(settings.MEDIA_ROOT)
    (root.parent / "secret.jpg").write_bytes(b"secret")
    for name in ("evil.svg", "evil.html"):
        (root / "photos" / name).write_bytes(SVG)
    (root / "photos" / "link.jpg").symlink_to(root.parent / "secret.jpg")

    assert client.get(f"/media/{path}").status_code in {404, 400}
    assert client.get(photo.url).status_code == 200
