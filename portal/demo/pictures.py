"""Drawn, not photographed: the vehicles of the demo, and the scribbles that sign its papers."""

import io
from random import Random

from PIL import Image, ImageDraw

from core.files import store
from core.models import StoredFile
from fleet.models import Kind
from portal.demo.cast import World

SKY, GROUND, DARK, GLASS = "#dfe8ea", "#b9b3a4", "#23282a", "#c9dde3"
COLOURS = {
    "blanc": "#f4f4f0",
    "gris": "#9aa0a3",
    "bleu": "#2f5d8c",
    "rouge": "#a8322d",
    "noir": "#34383b",
    "vert": "#3f7050",
}
SIZE = (960, 640)


def draw(kind: str, colour: str, mirrored: bool = False) -> bytes:
    """The vehicle from the side, as JPEG."""
    picture = Image.new("RGB", SIZE, SKY)
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 450, 960, 640), fill=GROUND)
    pen.line((0, 450, 960, 450), fill="#9c9686", width=4)
    paint = COLOURS.get(colour, "#9aa0a3")
    if kind in (Kind.CAR, Kind.VAN, Kind.MICROCAR):
        four_wheels(pen, paint, Kind(kind))
    else:
        two_wheels(pen, paint, bicycle=kind in (Kind.E_BIKE, Kind.BIKE))
    if mirrored:
        picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    content = io.BytesIO()
    picture.save(content, "JPEG", quality=80, optimize=True)
    return content.getvalue()


def four_wheels(pen: ImageDraw.ImageDraw, paint: str, kind: Kind) -> None:
    left, right = (250, 720) if kind == Kind.MICROCAR else (150, 820)
    roof = {Kind.VAN: 190, Kind.MICROCAR: 200}.get(kind, 235)
    back = left + (20 if kind != Kind.CAR else 70)
    outline = [
        (left, 455), (left, 370), (back, 350), (back + 60, roof), (right - 230, roof), (right - 130, 345),
        (right - 15, 375), (right, 455),
    ]  # fmt: skip
    pen.polygon(outline, fill=paint, outline=DARK, width=5)
    middle = (back + right - 150) // 2
    glass = [(back + 40, 345), (back + 80, roof + 22), (right - 245, roof + 22), (right - 165, 345)]
    pen.polygon(glass, fill=GLASS, outline=DARK, width=4)
    pen.line((middle, roof + 22, middle, 450), fill=DARK, width=4)
    pen.rounded_rectangle((right - 40, 385, right - 6, 408), 8, fill="#f7e8a8", outline=DARK, width=3)
    pen.rounded_rectangle((left + 4, 385, left + 30, 408), 8, fill="#b33c33", outline=DARK, width=3)
    for x in (left + 120, right - 120):
        wheel(pen, x, 455, 68)


def two_wheels(pen: ImageDraw.ImageDraw, paint: str, *, bicycle: bool) -> None:
    rear, front = (300, 660) if bicycle else (320, 650)
    size = 105 if bicycle else 72
    axle = 440 if bicycle else 455
    for x in (rear, front):
        wheel(pen, x, axle, size, thin=bicycle)
    if bicycle:
        for start, end in (
            ((rear, axle), (430, 300)),
            ((430, 300), (600, 300)),
            ((600, 300), (470, axle)),
            ((470, axle), (rear, axle)),
            ((430, 300), (470, axle)),
            ((590, 265), (front, axle)),
        ):
            pen.line((*start, *end), fill=paint, width=16)
        pen.line((420, 270, 430, 300), fill=DARK, width=12)
        pen.rounded_rectangle((385, 256, 465, 276), 10, fill=DARK)
        pen.line((590, 265, 560, 235), fill=DARK, width=12)
        pen.rounded_rectangle((500, 330, 560, 395), 10, fill=DARK)
        return
    body = [
        (255, 430),
        (265, 340),
        (420, 325),
        (470, 405),
        (560, 405),
        (600, 270),
        (635, 275),
        (660, 400),
        (600, 450),
        (400, 455),
    ]
    pen.polygon(body, fill=paint, outline=DARK, width=5)
    pen.rounded_rectangle((265, 300, 425, 340), 18, fill=DARK)
    pen.line((605, 275, 575, 225), fill=DARK, width=14)
    pen.line((545, 225, 600, 225), fill=DARK, width=12)
    pen.ellipse((622, 285, 662, 325), fill="#f7e8a8", outline=DARK, width=4)


def wheel(pen: ImageDraw.ImageDraw, x: int, y: int, size: int, *, thin: bool = False) -> None:
    pen.ellipse((x - size, y - size, x + size, y + size), fill=None if thin else DARK, outline=DARK, width=14)
    hub = 12 if thin else size // 2
    pen.ellipse((x - hub, y - hub, x + hub, y + hub), fill="#c8ccce", outline=DARK, width=3)


def scribble(rng: Random) -> bytes:
    """Somebody's signature, as PNG on nothing."""
    picture = Image.new("RGBA", (420, 140), (0, 0, 0, 0))
    pen = ImageDraw.Draw(picture)
    x, y = 30.0, 80.0
    points = [(x, y)]
    while x < 380:
        x += rng.uniform(4, 26) * (1 if rng.random() < 0.85 else -0.6)
        y = min(125, max(15, 75 + rng.uniform(-48, 48)))
        points.append((x, y))
    pen.line(points, fill=(20, 30, 90, 255), width=4, joint="curve")
    content = io.BytesIO()
    picture.save(content, "PNG", optimize=True)
    return content.getvalue()


class Album:
    """The files of a platform that many of its rows share: each is written once."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.kept: dict[tuple[str, str, bool], StoredFile] = {}
        self.signatures = [self._signature() for _ in range(8)]
        self.agents = {user.pk: self._signature() for user in world.desk}

    def vehicle(self, kind: str, colour: str, mirrored: bool = False) -> StoredFile:
        case = (kind, colour, mirrored)
        if case not in self.kept:
            content = draw(*case)
            self.kept[case] = self._store(content, StoredFile.Kind.PHOTO, "photo.jpg", "image/jpeg", SIZE)
        return self.kept[case]

    def _signature(self) -> StoredFile:
        content = scribble(self.world.rng)
        return self._store(content, StoredFile.Kind.SIGNATURE, "signature.png", "image/png", (420, 140))

    def _store(self, content: bytes, kind: str, name: str, media_type: str, size: tuple[int, int]) -> StoredFile:
        platform_id = self.world.platform.pk
        return store(content, kind=kind, name=name, media_type=media_type, platform_id=platform_id, size=size)
