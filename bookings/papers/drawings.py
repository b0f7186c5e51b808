"""Pictures for papers, as `core.pdf.render` takes them: photos and signatures made small, drawings as SVG."""

import io
from collections.abc import Iterable
from xml.sax.saxutils import escape

import segno
from PIL import Image

from core.models import StoredFile
from fleet import silhouettes
from fleet.models import Damage

PHOTO_SIDE = 480  # pixels; 58 mm wide on paper, whatever the photo that we keep
INK, EDGE, PAPER, GLASS = "#1e2320", "#7d735e", "#ece5d6", "#d5dfee"
SMALL, LARGE = (f'font-size="{size}" text-anchor="middle"' for size in (13, 15))
MARKS = {1: (PAPER, INK), 2: ("#fdeac4", "#613a00"), 3: ("#98141a", "#ffffff")}  # severity → fill, number


def photo(file: StoredFile) -> bytes:
    """A small copy of a stored photo; decoded at a quarter of its size where JPEG allows it, which is quick."""
    with file.file.open("rb") as stored:
        image = Image.open(stored)
        image.draft("RGB", (PHOTO_SIDE // 2, PHOTO_SIDE // 2))
        image.thumbnail((PHOTO_SIDE, PHOTO_SIDE))
        buffer = io.BytesIO()
        image.convert("RGB").save(buffer, "JPEG", quality=72)
    return buffer.getvalue()


def signature(file: StoredFile) -> bytes:
    """The drawn line on white paper, without transparency."""
    with file.file.open("rb") as stored:
        drawn = Image.open(stored).convert("RGBA")
        drawn.thumbnail((900, 900))
    paper = Image.new("RGBA", drawn.size, "white")
    paper.alpha_composite(drawn)
    buffer = io.BytesIO()
    paper.convert("L").save(buffer, "PNG")
    return buffer.getvalue()


def silhouette(kind: str, damages: Iterable[Damage]) -> bytes:
    """The vehicle with its damages, numbered in the order given."""
    drawing = silhouettes.of(kind)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {drawing.width} {drawing.height}" '
        f'width="{drawing.width}" height="{drawing.height}" font-family="Atkinson Hyperlegible">'
    ]
    for zone in drawing.zones:
        glass = zone.code.endswith(("windows", "windscreen", "rear_window"))
        look = f'fill="{GLASS if glass else PAPER}" stroke="{EDGE}" stroke-width="1.5"'
        parts += [f'<polygon points="{shape.svg}" {look}/>' for shape in zone.polygons]
        parts += [f'<circle cx="{c.x:g}" cy="{c.y:g}" r="{c.r:g}" {look}/>' for c in zone.circles]
    for x, y, word in drawing.words:
        parts.append(f'<text x="{x:g}" y="{y:g}" {SMALL} fill="{INK}">{escape(word)}</text>')
    for number, damage in enumerate(damages, 1):
        parts += mark(drawing, number, damage)
    return "".join([*parts, "</svg>"]).encode()


def mark(drawing: silhouettes.Silhouette, number: int, damage: Damage) -> list[str]:
    point = (damage.x, damage.y) if damage.x is not None and damage.y is not None else drawing.point_of(damage.zone)
    if point is None:
        return []
    x, y = point[0] * drawing.width, point[1] * drawing.height
    fill, ink = MARKS.get(damage.severity, MARKS[1])
    return [
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="12" fill="{fill}" stroke="{INK}" stroke-width="1.5"/>',
        f'<text x="{x:.1f}" y="{y + 5:.1f}" {LARGE} font-weight="700" fill="{ink}">{number}</text>',
    ]


def qr(address: str) -> bytes:
    buffer = io.BytesIO()
    segno.make(address, error="m").save(buffer, kind="svg", border=2, xmldecl=False, svgns=True, light="white")
    return buffer.getvalue()
