"""Files that come in and go out. Photos are decoded within limits, stripped of EXIF and GPS, re-encoded."""

import hashlib
import io
import struct
import warnings
import zlib
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.http import FileResponse
from PIL import Image, ImageOps, UnidentifiedImageError

from core.db import refuse
from core.models import StoredFile

# What Pillow raises on pictures that are broken, on purpose or not.
BROKEN = (
    UnidentifiedImageError,
    OSError,
    EOFError,
    ValueError,
    TypeError,
    LookupError,
    SyntaxError,
    struct.error,
    zlib.error,
)
LONGEST_SIDE = 1600  # pixels; enough to see a scratch, small enough for slow 3G


def store(
    content: bytes,
    *,
    kind: str,
    name: str,
    media_type: str,
    platform_id: int,
    by: Any = None,
    size: tuple[int, int] | None = None,
) -> StoredFile:
    """Keeps these bytes, with their SHA-256. The caller's transaction decides whether the row stays."""
    stored = StoredFile(
        platform_id=platform_id,
        kind=kind,
        name=name,
        media_type=media_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        created_by_id=by.pk if by is not None else None,
    )
    if size:
        stored.width, stored.height = size
    extension = name.rpartition(".")[2]
    stored.file.save(f"{stored.pk}.{extension}", ContentFile(content), save=False)
    stored.save(force_insert=True)
    return stored


def store_photo(upload: Any, *, platform_id: int, by: Any, kind: str = StoredFile.Kind.PHOTO) -> StoredFile:
    """Keeps a photo, at most 1600 px wide or high, as JPEG (a signature as PNG), without any metadata.

    Refuses with `too_large` (bytes or pixels) or `no_picture`.
    """
    signature = kind == StoredFile.Kind.SIGNATURE
    content, size = reencoded(upload, "PNG" if signature else "JPEG")
    name, media_type = ("signature.png", "image/png") if signature else ("photo.jpg", "image/jpeg")
    return store(content, kind=kind, name=name, media_type=media_type, platform_id=platform_id, by=by, size=size)


def store_paper(upload: Any, *, platform_id: int, by: Any) -> StoredFile:
    """Keeps a paper: a PDF as it is, or a photo of it. Refuses with `too_large` or `no_paper`."""
    if upload.size > settings.UPLOAD_MAX_BYTES:
        limit = settings.UPLOAD_MAX_BYTES // 1024 // 1024
        raise refuse(f"Ce fichier est trop lourd (plus de {limit} Mo). Envoyez-en une photo.", "too_large")
    upload.seek(0)  # the action may be tried again
    if upload.read(5) == b"%PDF-":
        upload.seek(0)
        kind, media_type = StoredFile.Kind.DOCUMENT, "application/pdf"
        return store(
            upload.read(), kind=kind, name="document.pdf", media_type=media_type, platform_id=platform_id, by=by
        )
    upload.seek(0)
    try:
        return store_photo(upload, platform_id=platform_id, by=by)
    except ValidationError as error:
        if error.code == "no_picture":
            raise refuse("Ce fichier n’est ni un PDF ni une photo (JPEG, PNG, WebP).", "no_paper") from error
        raise


def reencoded(upload: Any, form: str) -> tuple[bytes, tuple[int, int]]:
    if upload.size > settings.UPLOAD_MAX_BYTES:
        limit = settings.UPLOAD_MAX_BYTES // 1024 // 1024
        raise refuse(f"Cette photo est trop lourde (plus de {limit} Mo). Prenez-la en plus petit.", "too_large")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(upload, formats=("JPEG", "PNG", "WEBP", "GIF"))
            # The header alone tells the size: a bomb is refused before it is decoded.
            if image.width * image.height > settings.IMAGE_MAX_PIXELS:
                raise too_many_pixels()
            image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
            image = ImageOps.exif_transpose(image)
            image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            clean = image.convert("RGBA" if form == "PNG" else "RGB")
    except Image.DecompressionBombError as error:  # so large that Pillow itself does not open it
        raise too_many_pixels() from error
    except BROKEN as error:
        raise refuse("Ce fichier n’est pas une photo que nous savons lire (JPEG, PNG, WebP).", "no_picture") from error
    buffer = io.BytesIO()
    clean.info.clear()
    clean.save(buffer, form, quality=82, optimize=True)
    return buffer.getvalue(), clean.size


def forget(stored: StoredFile) -> None:
    """Deletes a file that nothing refers to any more; its bytes go once the transaction has committed."""
    name, storage = stored.file.name, stored.file.storage
    stored.delete()
    transaction.on_commit(lambda: storage.delete(name), robust=True)


def too_many_pixels() -> ValidationError:
    limit = settings.IMAGE_MAX_PIXELS // 1_000_000
    return refuse(f"Cette image est trop grande (plus de {limit} mégapixels). Prenez-la en plus petit.", "too_large")


def download(stored: StoredFile, *, inline: bool = True) -> FileResponse:
    """The answer of a room's view that has checked who may read this file."""
    response = FileResponse(
        stored.file.open("rb"), content_type=stored.media_type, as_attachment=not inline, filename=stored.name
    )
    response["Cache-Control"] = "private, max-age=3600"
    response["X-Content-Type-Options"] = "nosniff"
    return response
