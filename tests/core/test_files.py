"""Photos come from anybody's telephone, and from whoever wishes us ill."""

import hashlib
import io
import struct
import zlib
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from core import files
from core.models import StoredFile


def picture(size: tuple[int, int] = (2000, 1000), form: str = "JPEG", **saved: Any) -> SimpleUploadedFile:
    buffer = io.BytesIO()
    Image.new("RGB", size, "#446655").save(buffer, form, **saved)
    return SimpleUploadedFile("IMG_0042.jpg", buffer.getvalue(), "image/jpeg")


def kept(stored: StoredFile) -> bytes:
    with stored.file.open("rb") as file:
        return file.read()


def png_bomb(width: int = 50_000, height: int = 50_000) -> SimpleUploadedFile:
    """A few hundred kilobytes that would be 2.5 gigapixels."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    packer = zlib.compressobj(9)
    row = b"\x00" * (width // 8 + 1)
    body = b"".join(packer.compress(row) for _ in range(2000)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    raw = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
    return SimpleUploadedFile("bomb.png", raw, "image/png")


def refused(upload: Any, platform: Any, bruno: Any) -> str:
    with pytest.raises(ValidationError) as refusal:
        files.store_photo(upload, platform_id=platform.pk, by=bruno)
    assert not StoredFile.objects.exists()
    return refusal.value.code  # type: ignore[return-value]


def test_a_photo_is_made_smaller_and_kept_with_its_hash(platform: Any, bruno: Any) -> None:
    stored = files.store_photo(picture(), platform_id=platform.pk, by=bruno)
    content = kept(stored)
    assert (stored.width, stored.height, stored.media_type) == (1600, 800, "image/jpeg")
    assert stored.sha256 == hashlib.sha256(content).hexdigest()
    assert stored.size == len(content)


def test_where_and_when_it_was_taken_is_not_kept(platform: Any, bruno: Any) -> None:
    exif = Image.Exif()
    exif[0x0110] = "Téléphone d’Ana"
    exif[0x9003] = "2026:03:02 08:00:00"
    gps = exif.get_ifd(0x8825)
    gps[1], gps[2] = "N", (43.0, 38.0, 51.0)
    upload = picture(exif=exif.tobytes(), comment=b"chez moi")
    assert b"Ana" in upload.read()
    upload.seek(0)
    stored = files.store_photo(upload, platform_id=platform.pk, by=bruno)
    content = kept(stored)
    assert not Image.open(io.BytesIO(content)).getexif()
    for secret in (b"Ana", b"Exif", b"chez moi", b"GPS"):
        assert secret not in content


def test_a_photo_taken_sideways_stands_upright(platform: Any, bruno: Any) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turn it by a quarter
    stored = files.store_photo(picture((400, 200), exif=exif.tobytes()), platform_id=platform.pk, by=bruno)
    assert (stored.width, stored.height) == (200, 400)


@pytest.mark.parametrize("form", ["PNG", "WEBP", "GIF"])
def test_other_pictures_become_jpeg(platform: Any, bruno: Any, form: str) -> None:
    stored = files.store_photo(picture((300, 300), form), platform_id=platform.pk, by=bruno)
    assert Image.open(io.BytesIO(kept(stored))).format == "JPEG"


def test_fifty_megabytes_are_too_many(platform: Any, bruno: Any) -> None:
    upload = SimpleUploadedFile("grande.jpg", picture().read() + b"\0" * (50 * 1024 * 1024), "image/jpeg")
    assert refused(upload, platform, bruno) == "too_large"


def test_a_bomb_is_refused_before_it_is_decoded(platform: Any, bruno: Any) -> None:
    upload = png_bomb()
    assert upload.size < 30 * 1024 * 1024
    assert refused(upload, platform, bruno) == "too_large"


@pytest.mark.parametrize(
    "content",
    [b"", b"%PDF-1.4 nothing", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"\xff\xd8\xff\xe0 cut short"],
)
def test_what_is_no_picture_is_refused(platform: Any, bruno: Any, content: bytes) -> None:
    assert refused(SimpleUploadedFile("photo.jpg", content, "image/jpeg"), platform, bruno) == "no_picture"


def test_half_a_photo_is_refused(platform: Any, bruno: Any) -> None:
    whole = picture((1200, 900), quality=95).read()
    assert refused(SimpleUploadedFile("photo.jpg", whole[: len(whole) // 2]), platform, bruno) == "no_picture"


def test_a_signature_keeps_its_transparency(platform: Any, bruno: Any) -> None:
    buffer = io.BytesIO()
    Image.new("RGBA", (300, 100), (0, 0, 0, 0)).save(buffer, "PNG")
    stored = files.store_photo(
        SimpleUploadedFile("s.png", buffer.getvalue()), platform_id=platform.pk, by=bruno, kind="signature"
    )
    assert Image.open(io.BytesIO(kept(stored))).mode == "RGBA"


def test_a_download_says_what_it_is_and_nothing_else(platform: Any, bruno: Any) -> None:
    stored = files.store_photo(picture((300, 300)), platform_id=platform.pk, by=bruno)
    answer = files.download(stored)
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "private" in answer["Cache-Control"]
    answer.close()


def test_a_photo_whose_metadata_are_broken_is_refused_in_a_sentence(platform: Any, bruno: Any) -> None:
    """A number written as text: Pillow fails on it only when it turns the photo upright."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "x" * 30
    content = picture((60, 50), exif=exif).read()
    assert b"\x01\x0e\x00\x02" in content
    broken = SimpleUploadedFile("IMG.jpg", content.replace(b"\x01\x0e\x00\x02", b"\x01\x54\x00\x02"), "image/jpeg")
    assert refused(broken, platform, bruno) == "no_picture"
