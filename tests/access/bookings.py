import datetime as dt
from typing import Any

from bookings.actions import make_feed
from bookings.models import Booking, CalendarFeed, ConditionReport, LoanRules, Period, ReportPhoto, RulePass, Wish
from core.files import store, store_photo
from core.models import StoredFile
from fleet.models import Damage, DamagePhoto
from tests.access import FORBIDDEN, HIDDEN, OK, open_page, row
from tests.access.world import World, participant, vehicle
from tests.bookings.factories import AssignmentFactory, ConditionReportFactory, PeriodFactory
from tests.bookings.reports import picture, signature


def loan(world: World) -> Booking:
    """Ana's, promised."""
    ana = world.get(participant)
    assignment = AssignmentFactory(
        booking__platform=world.platform, booking__participant=ana, vehicle=world.get(vehicle)
    )
    PeriodFactory(booking=assignment.booking)
    return assignment.booking


def report(world: World) -> ConditionReport:
    """Signed when Ana left."""
    file = store_photo(signature(), platform_id=world.platform.pk, by=None)
    assignment = world.get(loan).assignments.get()
    return ConditionReportFactory(assignment=assignment, frozen=True, participant_signature=file)


def photo(world: World) -> ReportPhoto:
    file = store_photo(picture(), platform_id=world.platform.pk, by=None)
    return ReportPhoto.objects.create(report=world.get(report), file=file)


def damage_photo(world: World) -> DamagePhoto:
    damage = Damage.objects.create(platform=world.platform, vehicle=world.get(vehicle), sort="scratch")
    world.get(report).damages.add(damage)
    file = store_photo(picture(), platform_id=world.platform.pk, by=None)
    return DamagePhoto.objects.create(platform=world.platform, damage=damage, file=file)


def contract(world: World) -> Period:
    period = world.get(loan).periods.get()
    period.contract = store(
        b"%PDF-",
        kind=StoredFile.Kind.DOCUMENT,
        name="c.pdf",
        media_type="application/pdf",
        platform_id=world.platform.pk,
    )
    period.save()
    return period


def to_sign(world: World) -> Period:
    """A renewal of Ana's loan that nobody has signed."""
    loan_out = AssignmentFactory(
        booking__platform=world.platform, booking__participant=world.get(participant), out=True
    ).booking
    return PeriodFactory(booking=loan_out, awaits_signature=True)


def wish(world: World) -> Wish:
    until = world.get(to_sign).booking.ends_at.date() + dt.timedelta(days=3)
    return Wish.objects.create(platform=world.platform, booking=world.get(to_sign).booking, until=until)


def with_contract(world: World) -> Booking:
    """The loan, whose contract is there."""
    world.get(contract)
    return world.get(loan)


def feed(world: World) -> CalendarFeed:
    """The adviser's, of the vehicle."""
    by = world.people["adviser"]
    return make_feed(world.platform, of="vehicle", vehicle=world.get(vehicle), by=by)[0]


def feed_secret(world: World) -> str:
    by = world.people["adviser"]
    return make_feed(world.platform, of="vehicle", vehicle=world.get(vehicle), by=by)[1]


def loan_rules(world: World) -> LoanRules:
    return LoanRules.objects.create(platform=world.platform, valid_from=dt.date(2026, 1, 1), max_days=90)


def rule_pass(world: World) -> RulePass:
    return RulePass.objects.create(
        platform=world.platform, booking=world.get(loan), rule="max_length", reason="job", by=world.people["adviser"]
    )


def about_the_loan(world: World) -> dict[str, Any]:
    return {"target_type": "bookings.booking", "target_id": str(world.get(loan).pk)}


def note(world: World) -> dict[str, Any]:
    return about_the_loan(world) | {"text": "A rappelé"}


DESK: dict[str, Any] = {"staff": OK, "accountant": FORBIDDEN}

BY_COORDINATORS: dict[str, Any] = {"staff": FORBIDDEN}

ROWS = [
    row("GET", "bookings:rules", staff=OK),
    row("GET", "bookings:new_rules", **BY_COORDINATORS),
    row("POST", "bookings:new_rules", **BY_COORDINATORS),
    row("POST", "bookings:settle_law", **BY_COORDINATORS),
    *(row(method, "bookings:end_rules", {"pk": loan_rules}, **BY_COORDINATORS) for method in ("GET", "POST")),
    row("GET", "bookings:passes", staff=OK),
    row("POST", "bookings:review_pass", {"pk": rule_pass}, **BY_COORDINATORS),
    *(row(method, "bookings:pass_rules", {"pk": loan}, **DESK) for method in ("GET", "POST")),
    row("GET", "api:loan_rules-list", staff=OK),
    row("POST", "api:loan_rules-list", data={"valid_from": "2026-02-01", "max_days": 60}, **BY_COORDINATORS),
    row("GET", "api:loan_rules-detail", {"pk": loan_rules}, staff=OK),
    row("POST", "api:loan_rules-end", {"pk": loan_rules}, data={"valid_until": "2027-01-01"}, **BY_COORDINATORS),
    row("GET", "api:rule_pass-list", staff=OK),
    row("GET", "api:rule_pass-detail", {"pk": rule_pass}, staff=OK),
    row("POST", "api:rule_pass-review", {"pk": rule_pass}, **BY_COORDINATORS),
    row("POST", "api:booking-check", staff=OK, outsiders=OK),
    row("GET", "api:booking-before-keys", {"pk": loan}, staff=OK, participant=OK),
    row(
        "POST",
        "api:booking-pass-rules",
        {"pk": loan},
        participant=FORBIDDEN,
        **DESK,
        data={"passes": [{"rule": "documents", "reason": "job"}]},
    ),
    row("GET", "bookings:feeds", staff=OK),
    row("POST", "bookings:feeds", staff=OK),
    row("POST", "bookings:revoke_feed", {"pk": feed}, staff=HIDDEN, adviser=OK, outsiders=HIDDEN),
    open_page("GET", "bookings:feed", {"secret": feed_secret}),
    row("GET", "api:calendar_feed-list", staff=OK),
    row("POST", "api:calendar_feed-list", data={"of": "adviser"}, staff=OK),
    row("GET", "api:calendar_feed-detail", {"pk": feed}, staff=HIDDEN, adviser=OK),
    row("POST", "api:calendar_feed-revoke", {"pk": feed}, staff=HIDDEN, adviser=OK),
    *(row(method, "bookings:sign_contract", {"pk": to_sign}, **DESK) for method in ("GET", "POST")),
    row("GET", "bookings:contract_to_sign", {"pk": to_sign}, participant=OK, outsiders=HIDDEN, **DESK),
    *(row(method, "bookings:refuse_wish", {"pk": wish}, **DESK) for method in ("GET", "POST")),
    row("POST", "api:booking-refuse-longer", {"pk": loan}, participant=OK, staff=OK),  # asks what first
    row("POST", "api:booking-sign-contract", {"pk": loan}, participant=OK, staff=OK),
    row("GET", "bookings:board", staff=OK),
    row("GET", "bookings:board_loan", {"pk": loan}, staff=OK),
    row("GET", "bookings:bookings", staff=OK),
    row("GET", "bookings:booking", {"pk": loan}, staff=OK),
    row("GET", "bookings:messages", {"pk": loan}, staff=OK),
    *(row(method, "bookings:book", **DESK) for method in ("GET", "POST")),
    row("POST", "bookings:find_participant", **DESK),
    row("POST", "bookings:new_participant", **DESK),
    *(row(method, "bookings:record", **DESK) for method in ("GET", "POST")),
    *(
        row(method, f"bookings:{verb}", {"pk": loan}, **DESK)
        for verb in ("cancel", "close", "replace_vehicle", "correct_vehicle")
        for method in ("GET", "POST")
    ),
    *(
        row(method, f"bookings:{verb}", {"pk": loan}, **DESK)
        for verb in ("extend", "renew", "shorten", "move", "expect_later", "no_show")
        for method in ("GET", "POST")
    ),
    row("POST", "bookings:rehouse", {"pk": loan}, **DESK),
    *(
        row(method, f"bookings:{walk}{page}", {"pk": loan} | named, **DESK)
        for walk in ("hand_over", "take_back")
        for method, page, named in (
            ("GET", "", {}),
            ("POST", "", {}),
            ("GET", "_done", {}),
            ("GET", "_step", {"step": "photos"}),
            ("POST", "_step", {"step": "photos"}),
            ("POST", "_add_damage", {}),
            ("POST", "_add_photo", {}),
            ("POST", "_remove_damage", {"damage": 1}),
            ("POST", "_remove_photo", {"photo": 1}),
        )
    ),
    row("GET", "bookings:contract_draft", {"pk": loan}, **DESK),
    *(
        row("GET", f"bookings:{name}", named, staff=OK, outsiders=HIDDEN, participant=OK)
        for name, named in (
            ("report", {"pk": report}),
            ("report_pdf", {"pk": report}),
            ("report_photo", {"pk": report, "photo": photo}),
            ("report_damage_photo", {"pk": report, "photo": damage_photo}),
            ("report_signature", {"pk": report, "whose": "participant"}),
            ("contract", {"pk": contract}),
        )
    ),
    row("POST", "bookings:amend_report", {"pk": report}, **DESK),
    row("GET", "api:booking-list", staff=OK),
    row("POST", "api:booking-list", staff=OK, outsiders=OK),
    row("GET", "api:booking-detail", {"pk": loan}, staff=OK, participant=OK),
    row("GET", "api:booking-contract", {"pk": with_contract}, staff=OK, participant=OK),
    row("POST", "api:booking-record", staff=OK, outsiders=OK),
    *(
        row("POST", f"api:booking-{verb}", {"pk": loan}, data=data, participant=FORBIDDEN, **DESK)
        for verb, data in (("cancel", {"reason": "Essai"}), ("close", {"reason": "Essai"}), ("no-show", {}))
    ),
    *(
        row("POST", f"api:booking-{verb}", {"pk": loan}, staff=OK, participant=OK)
        for verb in ("replace-vehicle", "correct-vehicle", "rehouse", "report-problem")
    ),
    *(
        row("POST", f"api:booking-{verb}", {"pk": loan}, data=data, participant=FORBIDDEN, **DESK)
        for verb, data in (
            ("extend", {"until": "2030-01-01T10:00:00Z"}),
            ("shorten", {"until": "2030-01-01T10:00:00Z"}),
            ("renew", {"until": "2030-01-01T10:00:00Z"}),
            ("move", {"starts_at": "2030-01-01T10:00:00Z", "ends_at": "2030-01-02T10:00:00Z"}),
            ("expect-later", {"starts_at": "2030-01-01T10:00:00Z"}),
        )
    ),
    *(
        row("POST", f"api:booking-{verb}", {"pk": loan}, participant=FORBIDDEN, **DESK)
        for verb in ("hand-over", "take-back")
    ),
    row("GET", "api:condition_report-list", staff=OK),
    row("POST", "api:condition_report-list", staff=OK, outsiders=OK),
    row("GET", "api:condition_report-detail", {"pk": report}, staff=OK, participant=OK),
    row("GET", "api:condition_report-pdf", {"pk": report}, staff=HIDDEN, coordinator=HIDDEN),  # nothing was printed
    *(
        row("POST", f"api:condition_report-{verb}", {"pk": report}, data=data, participant=FORBIDDEN, **DESK)
        for verb, data in (
            ("fill", {}),
            ("damages", {"sort": "scratch"}),
            ("amend", {"text": "Déjà là."}),
        )
    ),
    *(
        row("POST", f"api:condition_report-{verb}", {"pk": report}, staff=OK, participant=OK)  # asks what first
        for verb in ("photos", "remove-photo", "remove-damage")
    ),
    row("GET", "api:note-list", data=about_the_loan, staff=OK, outsiders=HIDDEN, participant=OK, stranger=HIDDEN),
    row("POST", "api:note-list", data=note, staff=OK, outsiders=HIDDEN, participant=FORBIDDEN, stranger=HIDDEN),
    row(
        "POST",
        "api:booking-ask-for-longer",
        {"pk": loan},
        data={"until": "2030-01-01"},
        staff=FORBIDDEN,
        coordinator=FORBIDDEN,
        participant=OK,
    ),
]
