import datetime as dt
from typing import Any

from core.files import store
from core.models import StoredFile
from fleet.models import Hold, InsurancePolicy
from fleet.opening_actions import close_site
from tests.access import FORBIDDEN, OK, row
from tests.access.world import World, site, vehicle
from tests.factories import HoldFactory, VehicleFactory
from tests.fleet.factories import DamageFactory, DamagePhotoFactory, DocumentFactory, EquipmentFactory, ReadingFactory


def a_file(world: World) -> Any:
    return store(b"x", kind="photo", name="photo.jpg", media_type="image/jpeg", platform_id=world.platform.pk)


def pictured(world: World) -> Any:
    return VehicleFactory(site=world.get(site), photo=a_file(world))


def withdrawn(world: World) -> Any:
    return VehicleFactory(site=world.get(site), withdrawn=True)


def damage(world: World) -> Any:
    return DamageFactory(vehicle=world.get(vehicle))


def damage_photo(world: World) -> Any:
    return DamagePhotoFactory(damage=world.get(damage), file=a_file(world))


def reading(world: World) -> Any:
    return ReadingFactory(vehicle=world.get(vehicle), disputed=True)


def document(world: World) -> Any:
    return DocumentFactory(vehicle=world.get(vehicle), file=a_file(world))


def equipment(world: World) -> Any:
    return EquipmentFactory(vehicle=world.get(vehicle))


def reserve(world: World) -> Any:
    start = dt.datetime(2031, 3, 2, tzinfo=dt.UTC)
    return HoldFactory(
        vehicle=world.get(vehicle), purpose=Hold.Purpose.RESERVE, starts_at=start, ends_at=start + dt.timedelta(1)
    )


def closure(world: World) -> Any:
    days = {"first_on": dt.date(2032, 1, 2), "last_on": dt.date(2032, 1, 3), "words": "congés"}
    return close_site(world.get(site), by=world.people["coordinator"], **days)


CLOSURE = {"first_on": "2032-01-02", "last_on": "2032-01-03", "words": "congés"}
OF_VEHICLE = {"pk": vehicle}
MANAGES = {"staff": FORBIDDEN, "fleet_manager": OK}
HANDLES = {"staff": FORBIDDEN, "adviser": OK, "fleet_manager": OK}


def policy(world: World) -> InsurancePolicy:
    return InsurancePolicy.objects.create(platform=world.platform, insurer="Maif", starts_on=dt.date(2026, 1, 1))


def policy_with_file(world: World) -> InsurancePolicy:
    made = world.get(policy)
    made.file = store(
        b"%PDF-", kind=StoredFile.Kind.DOCUMENT, name="c.pdf", media_type="application/pdf",
        platform_id=world.platform.pk,
    )  # fmt: skip
    made.save()
    return made


MANAGED: dict[str, Any] = {"staff": FORBIDDEN, "fleet_manager": OK}

ROWS = [
    row("GET", "fleet:policies", staff=OK),
    *(row(method, "fleet:add_policy", **MANAGED) for method in ("GET", "POST")),
    *(row(method, "fleet:change_policy", {"pk": policy}, **MANAGED) for method in ("GET", "POST")),
    row("GET", "fleet:policy_file", {"pk": policy_with_file}, staff=OK),
    row("GET", "api:insurance_policy-list", staff=OK),
    row(
        "POST",
        "api:insurance_policy-list",
        data={"insurer": "Maif", "starts_on": "2026-01-01"},
        **MANAGED,
    ),
    row("GET", "api:insurance_policy-detail", {"pk": policy}, staff=OK),
    row("POST", "api:insurance_policy-change", {"pk": policy}, data={"number": "2"}, **MANAGED),
    row("GET", "fleet:vehicles", staff=OK),
    row("GET", "fleet:vehicle", OF_VEHICLE, staff=OK),
    row("GET", "fleet:photo", {"pk": pictured}, staff=OK),
    row("GET", "fleet:damage_photo", {"pk": damage_photo}, staff=OK),
    row("GET", "fleet:document_file", {"pk": document}, staff=OK),
    row("GET", "fleet:sites", staff=OK),
    row("GET", "fleet:read_odometer", OF_VEHICLE, staff=OK),
    row("POST", "fleet:read_odometer", OF_VEHICLE, **HANDLES),
    row("GET", "fleet:add_document", OF_VEHICLE, staff=OK),
    row("POST", "fleet:add_document", OF_VEHICLE, **MANAGES),
    row("POST", "fleet:put_back", {"pk": withdrawn}, **MANAGES),
    row("POST", "fleet:mend_damage", {"pk": damage}, **MANAGES),
    row("POST", "fleet:lose_equipment", {"pk": equipment}, **MANAGES),
    row("POST", "fleet:release_hold", {"pk": reserve}, **HANDLES),
    # forms: the page and what it sends
    *[
        row(method, name, kwargs, **who)
        for method in ("GET", "POST")
        for name, kwargs, who in (
            ("fleet:add_vehicle", None, MANAGES),
            ("fleet:change_vehicle", OF_VEHICLE, MANAGES),
            ("fleet:withdraw", OF_VEHICLE, MANAGES),
            ("fleet:new_counter", OF_VEHICLE, MANAGES),
            ("fleet:add_equipment", OF_VEHICLE, MANAGES),
            ("fleet:settle_reading", {"pk": reading}, MANAGES),
            ("fleet:add_site", None, MANAGES),
            ("fleet:change_site", {"pk": site}, MANAGES),
            ("fleet:opening_hours", {"pk": site}, MANAGES),
            ("fleet:close_site", {"pk": site}, MANAGES),
            ("fleet:open_site", {"pk": site}, MANAGES),
            ("fleet:move_vehicle", OF_VEHICLE, HANDLES),
            ("fleet:report_damage", OF_VEHICLE, HANDLES),
            ("fleet:reserve", OF_VEHICLE, HANDLES),
            ("fleet:change_reserve", {"pk": reserve}, HANDLES),
        )
    ],
    row("POST", "fleet:forget_day", {"pk": site, "event": closure}, **MANAGES),
    # the API
    *[
        row("GET", f"api:{name}-{kind}", {"pk": maker} if kind == "detail" else None, staff=OK)
        for name, maker in (
            ("vehicle", vehicle),
            ("site", site),
            ("damage", damage),
            ("odometer_reading", reading),
            ("vehicle_document", document),
            ("equipment", equipment),
            ("hold", reserve),
        )
        for kind in ("list", "detail")
    ],
    row("POST", "api:vehicle-list", data=lambda world: {"kind": "car", "site": world.get(site).pk}, **MANAGES),
    row("POST", "api:vehicle-change", OF_VEHICLE, data={"colour": "bleue"}, **MANAGES),
    row("POST", "api:vehicle-move", OF_VEHICLE, data=lambda world: {"site": world.get(site).pk}, **HANDLES),
    row("POST", "api:vehicle-withdraw", OF_VEHICLE, data={"reason": "Vendu"}, **MANAGES),
    row("POST", "api:vehicle-put-back", {"pk": withdrawn}, **MANAGES),
    row("POST", "api:vehicle-report-damage", OF_VEHICLE, data={"sort": "scratch"}, **HANDLES),
    row("POST", "api:vehicle-read-odometer", OF_VEHICLE, data={"km": 120}, **HANDLES),
    row("POST", "api:vehicle-new-counter", OF_VEHICLE, data={"km": 0}, **MANAGES),
    row("POST", "api:vehicle-add-document", OF_VEHICLE, data={"sort": "insurance"}, **MANAGES),
    row(
        "POST",
        "api:vehicle-reserve",
        OF_VEHICLE,
        data={"starts_at": "2032-01-01T08:00Z", "ends_at": "2032-01-02T08:00Z", "reason": "Salon"},
        **HANDLES,
    ),
    row("POST", "api:site-list", data={"name": "Dax"}, **MANAGES),
    row("POST", "api:site-change", {"pk": site}, data={"phone": ""}, **MANAGES),
    row("POST", "api:site-set-opening-hours", {"pk": site}, data={"week": []}, **MANAGES),
    row("POST", "api:site-close", {"pk": site}, data=CLOSURE, **MANAGES),
    row(
        "POST", "api:site-open", {"pk": site}, data={"on": "2032-01-01", "opens": "09:00", "closes": "12:00"}, **MANAGES
    ),
    row("POST", "api:site-forget-day", {"pk": site}, data=lambda world: {"event": world.get(closure).pk}, **MANAGES),
    row("POST", "api:damage-mend", {"pk": damage}, **MANAGES),
    row("POST", "api:odometer_reading-settle", {"pk": reading}, data={"km": 120, "reason": "Relu"}, **MANAGES),
    row("POST", "api:equipment-list", data={"sort": "helmet"}, **MANAGES),
    row("POST", "api:equipment-lose", {"pk": equipment}, **MANAGES),
    row(
        "POST",
        "api:hold-change",
        {"pk": reserve},
        data={"starts_at": "2031-05-01T08:00Z", "ends_at": "2031-05-02T08:00Z"},
        **HANDLES,
    ),
    row("POST", "api:hold-release", {"pk": reserve}, **HANDLES),
]
