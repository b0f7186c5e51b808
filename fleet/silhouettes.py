"""Drawings of the vehicles, unfolded, as zones that a finger can tap. Pure data, our own drawing.

Coordinates are those of the drawing's own box (`width` × `height`, from its left and top); a damage keeps its
point as fractions of it, 0 to 1. Vehicles of four wheels stand with their front at the top, left side on the left.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from fleet.models import Kind

Point = tuple[float, float]


@dataclass(frozen=True)
class Polygon:
    points: tuple[Point, ...]

    @property
    def svg(self) -> str:
        """For the `points` attribute."""
        return " ".join(f"{x:g},{y:g}" for x, y in self.points)

    @property
    def centre(self) -> Point:
        return (sum(x for x, _ in self.points) / len(self.points), sum(y for _, y in self.points) / len(self.points))

    def holds(self, x: float, y: float) -> bool:
        """Even-odd rule."""
        inside = False
        for (x1, y1), (x2, y2) in zip(self.points, (*self.points[1:], self.points[0]), strict=True):
            if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
                inside = not inside
        return inside

    def mirrored(self, width: float) -> "Polygon":
        return Polygon(tuple((width - x, y) for x, y in self.points))

    def moved(self, down: float) -> "Polygon":
        return Polygon(tuple((x, y + down) for x, y in self.points))


@dataclass(frozen=True)
class Circle:
    x: float
    y: float
    r: float

    @property
    def centre(self) -> Point:
        return (self.x, self.y)

    def holds(self, x: float, y: float) -> bool:
        return (x - self.x) ** 2 + (y - self.y) ** 2 <= self.r**2

    def mirrored(self, width: float) -> "Circle":
        return Circle(width - self.x, self.y, self.r)

    def moved(self, down: float) -> "Circle":
        return Circle(self.x, self.y + down, self.r)


Shape = Polygon | Circle


@dataclass(frozen=True)
class Zone:
    """A part of the vehicle. Without shapes it stands in the list alone (the inside, the brakes)."""

    code: str
    name: str
    shapes: tuple[Shape, ...] = ()

    @property
    def polygons(self) -> tuple[Polygon, ...]:
        return tuple(shape for shape in self.shapes if isinstance(shape, Polygon))

    @property
    def circles(self) -> tuple[Circle, ...]:
        return tuple(shape for shape in self.shapes if isinstance(shape, Circle))


@dataclass(frozen=True)
class Silhouette:
    width: int
    height: int
    zones: tuple[Zone, ...]  # the later ones lie on top
    words: tuple[tuple[float, float, str], ...] = ()  # where a side is named on the drawing
    names: dict[str, str] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", {zone.code: zone.name for zone in self.zones})

    def zone_at(self, x: float, y: float) -> str:
        """The code of the topmost zone under the point (fractions of the drawing), or nothing."""
        at_x, at_y = x * self.width, y * self.height
        for zone in reversed(self.zones):
            if any(shape.holds(at_x, at_y) for shape in zone.shapes):
                return zone.code
        return ""

    def point_of(self, zone: str) -> Point | None:
        """The middle of a zone's first shape, as fractions: where a damage known by its zone alone is shown."""
        for known in self.zones:
            if known.code == zone and known.shapes:
                x, y = known.shapes[0].centre
                return x / self.width, y / self.height
        return None


def polygon(*numbers: float) -> Polygon:
    """`polygon(x1, y1, x2, y2, …)`."""
    return Polygon(tuple(zip(numbers[::2], numbers[1::2], strict=True)))


def sides(width: float, code: str, left: str, right: str, *shapes: Shape) -> Iterable[Zone]:
    """A part that the vehicle has on its left, and its mirror image."""
    yield Zone(f"left_{code}", left, shapes)
    yield Zone(f"right_{code}", right, tuple(shape.mirrored(width) for shape in shapes))


# --- four wheels ------------------------------------------------------------------------------

FOUR_WIDTH = 320
NOT_DRAWN = (
    Zone("inside", "Intérieur"),
    Zone("dashboard", "Tableau de bord"),
    Zone("engine", "Moteur"),
    Zone("brakes", "Freins"),
    Zone("underside", "Dessous de caisse"),
)


def four_wheels(*, doors: int, van: bool = False) -> Silhouette:
    """A closed body, unfolded: the roof between both sides. `doors` on each side: one or two."""
    width = FOUR_WIDTH
    door_end = 222 if doors == 2 else 262
    zones = [
        Zone("front_bumper", "Pare-chocs avant", (polygon(112, 14, 208, 14, 216, 24, 218, 38, 102, 38, 104, 24),)),
        Zone("bonnet", "Capot", (polygon(106, 44, 214, 44, 218, 70, 218, 120, 102, 120, 102, 70),)),
        *sides(width, "headlight", "Phare gauche", "Phare droit", polygon(106, 44, 132, 44, 126, 60, 104, 66)),
        Zone("windscreen", "Pare-brise", (polygon(104, 126, 216, 126, 204, 166, 116, 166),)),
        Zone(
            "roof",
            "Toit",
            (polygon(116, 172, 204, 172, 204, 330 if van else 294, 116, 330 if van else 294),),
        ),
    ]
    if van:
        zones.append(Zone("boot", "Portes arrière", (polygon(108, 336, 212, 336, 216, 404, 104, 404),)))
    else:
        zones.append(Zone("rear_window", "Lunette arrière", (polygon(116, 300, 204, 300, 214, 332, 106, 332),)))
        zones.append(Zone("boot", "Coffre", (polygon(104, 338, 216, 338, 216, 404, 104, 404),)))
    zones += [
        *sides(
            width,
            "rear_light",
            "Feu arrière gauche",
            "Feu arrière droit",
            polygon(104, 384, 124, 388, 124, 404, 104, 404),
        ),
        Zone(
            "rear_bumper",
            "Pare-chocs arrière",
            (polygon(102, 410, 218, 410, 216, 424, 208, 434, 112, 434, 104, 424),),
        ),
        *sides(
            width,
            "front_wing",
            "Aile avant gauche",
            "Aile avant droite",
            polygon(34, 40, 62, 44, 66, 124, 26, 124, 26, 52),
        ),
        *sides(
            width,
            "front_door",
            "Portière avant gauche",
            "Portière avant droite",
            polygon(26, 130, 66, 130, 66, door_end, 26, door_end),
        ),
    ]
    if doors == 2:
        left, right = (
            ("Flanc gauche", "Porte latérale droite") if van else ("Portière arrière gauche", "Portière arrière droite")
        )
        zones += sides(width, "rear_door", left, right, polygon(26, 228, 66, 228, 66, 312, 26, 312))
    wing_start = 318 if doors == 2 else 268
    glass_end = 222 if van else 310
    zones += [
        *sides(
            width,
            "rear_wing",
            "Aile arrière gauche",
            "Aile arrière droite",
            polygon(26, wing_start, 66, wing_start, 62, 404, 34, 408, 26, 396),
        ),
        *sides(
            width,
            "windows",
            "Vitres gauches",
            "Vitres droites",
            polygon(72, 134, 90, 170, 90, glass_end - 16, 72, glass_end),
        ),
        *sides(width, "mirror", "Rétroviseur gauche", "Rétroviseur droit", polygon(70, 112, 88, 106, 92, 124, 72, 126)),
        *sides(width, "front_wheel", "Roue avant gauche", "Roue avant droite", Circle(24, 86, 19)),
        *sides(width, "rear_wheel", "Roue arrière gauche", "Roue arrière droite", Circle(24, 360, 19)),
        *NOT_DRAWN,
    ]
    words = ((160, 9, "Avant"), (160, 446, "Arrière"))
    return Silhouette(width, 450, tuple(zones), words)


# --- scooters ---------------------------------------------------------------------------------

TWO_WIDTH, TWO_HALF = 320, 190
BOTH_SIDES = (  # seen from the left, front to the left; the other view is its mirror image below
    Zone("front_wheel", "Roue avant", (Circle(62, 142, 32),)),
    Zone("rear_wheel", "Roue arrière", (Circle(246, 142, 32),)),
    Zone(
        "front_mudguard",
        "Garde-boue et fourche avant",
        (polygon(34, 112, 56, 98, 84, 100, 100, 122, 84, 118, 62, 112),),
    ),
    Zone("front_fairing", "Tablier avant", (polygon(84, 62, 104, 64, 116, 118, 132, 132, 104, 134, 88, 104),)),
    Zone("floor", "Plancher", (polygon(120, 122, 176, 122, 176, 138, 136, 138),)),
    Zone("seat", "Selle", (polygon(164, 62, 206, 68, 250, 58, 272, 66, 268, 80, 172, 84),)),
    Zone("rear", "Feu et arrière", (polygon(270, 72, 292, 82, 288, 98, 266, 100),)),
    Zone("plate", "Plaque", (polygon(284, 104, 302, 108, 298, 126, 280, 122),)),
    Zone("handlebar", "Guidon et leviers", (polygon(80, 44, 104, 34, 124, 32, 124, 42, 108, 48, 106, 60, 84, 58),)),
    Zone("headlight", "Phare et clignotants", (polygon(74, 46, 80, 46, 84, 66, 78, 78, 70, 64),)),
    Zone("top_case", "Top-case", (polygon(258, 26, 300, 26, 304, 54, 276, 58, 256, 50),)),
)
ONE_SIDE = (
    ("left_fairing", "Carénage gauche", polygon(172, 88, 266, 86, 262, 108, 232, 112, 206, 128, 180, 138)),
    ("engine", "Moteur et variateur", polygon(188, 140, 214, 128, 236, 126, 252, 146, 238, 158, 196, 156)),
    ("stand", "Béquille", polygon(168, 144, 182, 144, 176, 172, 160, 172)),
    ("left_mirror", "Rétroviseur gauche", polygon(112, 10, 128, 6, 132, 20, 118, 24)),
)
OTHER_SIDE = (
    ("right_fairing", "Carénage droit", ONE_SIDE[0][2]),
    ("exhaust", "Pot d’échappement", polygon(206, 136, 232, 128, 288, 134, 290, 150, 236, 154)),
    ("right_mirror", "Rétroviseur droit", ONE_SIDE[3][2]),
)


def scooter() -> Silhouette:
    """Left side above, right side below."""

    def below(shape: Shape) -> Shape:
        return shape.mirrored(TWO_WIDTH).moved(TWO_HALF)

    zones = [
        Zone(zone.code, zone.name, (*zone.shapes, *(below(shape) for shape in zone.shapes))) for zone in BOTH_SIDES
    ]
    zones += [Zone(code, name, (shape,)) for code, name, shape in ONE_SIDE]
    zones += [Zone(code, name, (below(shape),)) for code, name, shape in OTHER_SIDE]
    zones += [
        Zone("brakes", "Freins"),
        Zone("electrics", "Démarrage et électricité"),
        Zone("dashboard", "Compteur et voyants"),
    ]
    words = ((24, 18, "Gauche"), (296, 18 + TWO_HALF, "Droite"))
    return Silhouette(TWO_WIDTH, 2 * TWO_HALF, tuple(zones), words)


# --- bicycles ---------------------------------------------------------------------------------


def bicycle(*, electric: bool) -> Silhouette:
    """Seen from the right, front to the right."""
    zones = [
        Zone("rear_wheel", "Roue arrière", (Circle(76, 142, 50),)),
        Zone("front_wheel", "Roue avant", (Circle(244, 142, 50),)),
        Zone(
            "mudguards",
            "Garde-boue",
            (
                polygon(22, 132, 30, 104, 52, 86, 80, 80, 80, 88, 56, 94, 38, 110, 30, 134),
                polygon(222, 84, 246, 80, 272, 88, 292, 106, 284, 110, 266, 96, 244, 88, 224, 92),
            ),
        ),
        Zone(
            "frame",
            "Cadre",
            (
                polygon(112, 74, 208, 66, 210, 76, 114, 84),
                polygon(204, 66, 214, 66, 158, 148, 144, 148),
                polygon(108, 66, 118, 64, 158, 144, 146, 148),
                polygon(74, 138, 148, 140, 148, 148, 76, 148),
                polygon(74, 134, 112, 82, 120, 88, 84, 138),
            ),
        ),
        Zone("fork", "Fourche", (polygon(204, 56, 214, 54, 250, 142, 240, 146),)),
        Zone(
            "handlebar", "Guidon, leviers et sonnette", (polygon(180, 26, 216, 26, 220, 52, 208, 54, 204, 38, 180, 38),)
        ),
        Zone("saddle", "Selle", (polygon(84, 44, 132, 46, 140, 54, 114, 58, 118, 68, 108, 70, 104, 58, 86, 56),)),
        Zone("transmission", "Pédalier, chaîne et vitesses", (Circle(150, 146, 20), Circle(76, 142, 12))),
        Zone("rack", "Porte-bagages", (polygon(28, 66, 94, 66, 96, 76, 30, 76),)),
        Zone("front_light", "Feu avant", (polygon(220, 52, 238, 50, 238, 66, 222, 66),)),
        Zone("rear_light", "Feu arrière", (polygon(10, 66, 24, 66, 24, 82, 10, 82),)),
    ]
    if electric:
        zones += [
            Zone("battery", "Batterie", (polygon(186, 76, 202, 86, 172, 128, 156, 118),)),
            Zone("motor", "Moteur", (Circle(150, 146, 12),)),
            Zone("display", "Écran", (polygon(184, 14, 204, 14, 204, 26, 184, 26),)),
        ]
    zones.append(Zone("brakes", "Freins"))
    return Silhouette(320, 200, tuple(zones), ((300, 24, "Avant"),))


SILHOUETTES: dict[str, Silhouette] = {
    Kind.CAR: four_wheels(doors=2),
    Kind.VAN: four_wheels(doors=2, van=True),
    Kind.MICROCAR: four_wheels(doors=1),
    Kind.MOPED: scooter(),
    Kind.MOTORCYCLE_125: scooter(),
    Kind.E_BIKE: bicycle(electric=True),
    Kind.BIKE: bicycle(electric=False),
}


def of(kind: str) -> Silhouette:
    return SILHOUETTES[kind]


def zone_choices(kind: str) -> list[tuple[str, str]]:
    """For a list from which the zone is chosen without the drawing."""
    return list(of(kind).names.items())


def zone_name(kind: str, zone: str) -> str:
    return of(kind).names.get(zone, "")
