import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from bookings.actions import book, cancel, close
from bookings.models import Assignment, Booking
from core.models import JournalEntry, OutboxMessage
from fleet.models import Hold
from participants.models import DrivingEntitlement
from pricing.models import Charge, Deposit
from tests.bookings.conftest import DAY, MONDAY, THIRTY_DAYS_LATER
from tests.factories import ParticipantFactory, SiteFactory, VehicleFactory

pytestmark = pytest.mark.django_db


def nothing_changed():
    """No row of a loan was written, and nobody was told anything."""
    return not (
        Booking.objects.exists()
        or Hold.objects.filter(assignment__isnull=False).exists()
        or Assignment.objects.exists()
        or Charge.objects.exists()
        or JournalEntry.objects.exists()
        or OutboxMessage.objects.exists()
    )


def refused(code, *args, **named):
    with pytest.raises(ValidationError) as refusal:
        book(*args, **named)
    assert refusal.value.code == code
    return refusal.value.messages[0]


def test_a_car_for_thirty_days_at_three_euros_costs_ninety(loan, car):
    assert loan.state == Booking.State.RESERVED
    assert loan.periods.get().total == Decimal("90.00")
    assignment = loan.assignments.get()
    assert (assignment.vehicle, assignment.hold.purpose) == (car, Hold.Purpose.LOAN)
    assert (assignment.hold.starts_at, assignment.hold.ends_at) == (MONDAY, THIRTY_DAYS_LATER)


def test_nothing_is_charged_before_the_keys_and_the_deposit_is_expected(loan):
    assert not loan.account.charges.exists()
    assert loan.account.deposits.get().state == Deposit.State.EXPECTED


def test_booking_is_journalled_and_the_participant_is_told(loan, bruno, ana):
    entry = JournalEntry.objects.get(verb="booking.booked")
    assert (entry.actor_id, entry.target_id) == (bruno.pk, str(loan.pk))
    message = OutboxMessage.objects.get(topic="sms")
    assert message.payload["to"] == ana.phone
    assert "lundi 2" in message.payload["text"]


def test_somebody_else_is_refused_with_what_is_free_instead(loan, platform, car, other_car, bruno):
    bea = ParticipantFactory(platform=platform, first_name="Béa")
    sentence = refused(
        "overlap",
        platform,
        participant=bea,
        vehicle=car,
        starts_at=MONDAY + 3 * DAY,
        ends_at=MONDAY + 4 * DAY,
        by=bruno,
    )
    assert "Ce véhicule est prêté de demain à 9" in sentence
    assert "Libres à ces dates : V02" in sentence
    assert Booking.objects.count() == 1


def test_a_kind_is_given_the_first_vehicle_that_fits(loan, platform, other_car, ana, bruno):
    VehicleFactory(site=other_car.site, moped=True)
    second = book(platform, participant=ana, kind="car", starts_at=MONDAY, ends_at=THIRTY_DAYS_LATER, by=bruno)
    assert second.assignments.get().vehicle == other_car
    sentence = refused(
        "none_free", platform, participant=ana, kind="car", starts_at=MONDAY, ends_at=MONDAY + DAY, by=bruno
    )
    assert "Voiture" in sentence


def test_a_need_is_met_or_refused(platform, ana, car, tariff, bruno):
    when = {"starts_at": MONDAY, "ends_at": MONDAY + DAY, "by": bruno}
    refused("none_free", platform, participant=ana, kind="car", needs_automatic=True, **when)
    automatic = VehicleFactory(site=car.site, automatic=True)
    found = book(platform, participant=ana, kind="car", needs_automatic=True, **when)
    assert found.assignments.get().vehicle == automatic


@pytest.mark.parametrize(
    ("start", "end", "code"),
    [
        (MONDAY, MONDAY, "ends_before_start"),
        (MONDAY + DAY, MONDAY, "ends_before_start"),
        (MONDAY - 7 * DAY, MONDAY, "in_the_past"),
        (MONDAY, MONDAY + 3650 * DAY, "too_long"),
    ],
    ids=["no time at all", "end before start", "in the past", "ten years"],
)
def test_impossible_dates_are_refused_and_nothing_changes(platform, ana, car, tariff, bruno, start, end, code):
    refused(code, platform, participant=ana, vehicle=car, starts_at=start, ends_at=end, by=bruno)
    assert nothing_changed()


def test_another_platforms_rows_are_refused(platform, other_platform, ana, car, tariff, bruno):
    when = {"starts_at": MONDAY, "ends_at": MONDAY + DAY, "by": bruno}
    stranger = ParticipantFactory(platform=other_platform)
    foreign = VehicleFactory(site=SiteFactory(platform=other_platform))
    refused("other_platform", platform, participant=stranger, vehicle=car, **when)
    refused("other_platform", platform, participant=ana, vehicle=foreign, **when)
    assert nothing_changed()


def test_a_withdrawn_vehicle_is_refused(platform, ana, site, tariff, bruno):
    gone = VehicleFactory(site=site, withdrawn=True)
    refused("withdrawn", platform, participant=ana, vehicle=gone, starts_at=MONDAY, ends_at=MONDAY + DAY, by=bruno)
    assert nothing_changed()


def test_a_licence_known_not_to_allow_the_vehicle_does_not_stop_a_promise(platform, ana, car, tariff, bruno):
    """It may be put right before the keys are given; the hand-over refuses (tests/bookings/test_law.py)."""
    DrivingEntitlement.objects.filter(participant=ana).update(not_entitled_until=dt.date(2026, 12, 31))
    assert book(platform, participant=ana, vehicle=car, starts_at=MONDAY, ends_at=MONDAY + DAY, by=bruno)


def test_remise_itself_chooses_no_vehicle_that_the_person_may_not_drive(platform, ana, car, tariff, bruno):
    DrivingEntitlement.objects.filter(participant=ana).update(not_entitled_until=dt.date(2026, 12, 31))
    refused("none_free", platform, participant=ana, kind="car", starts_at=MONDAY, ends_at=MONDAY + DAY, by=bruno)
    assert nothing_changed()


def test_an_unknown_licence_only_warns(platform, car, tariff, bruno):
    unknown = ParticipantFactory(platform=platform)
    assert book(platform, participant=unknown, vehicle=car, starts_at=MONDAY, ends_at=MONDAY + DAY, by=bruno)


def test_a_case_without_tariff_is_refused(platform, ana, car, bruno):
    sentence = refused(
        "no_tariff", platform, participant=ana, vehicle=car, starts_at=MONDAY, ends_at=MONDAY + DAY, by=bruno
    )
    assert "Tarifs" in sentence
    assert nothing_changed()


@pytest.mark.parametrize("who", ["agathe", "eve", "nobody"])
def test_only_the_desk_books(platform, ana, car, tariff, request, who):
    with pytest.raises(PermissionDenied):
        book(
            platform,
            participant=ana,
            vehicle=car,
            starts_at=MONDAY,
            ends_at=MONDAY + DAY,
            by=request.getfixturevalue(who),
        )
    assert nothing_changed()


def test_a_cancelled_loan_frees_its_vehicle(loan, car, bruno):
    loan = cancel(loan, by=bruno, reason="A trouvé un covoiturage")
    assert loan.state == Booking.State.CANCELLED
    assert not car.holds.exists()
    assert loan.assignments.get().end_reason == Assignment.EndReason.CANCELLED
    assert loan.account.deposits.get().state == Deposit.State.LAPSED


def test_a_loan_is_cancelled_once_with_a_reason_and_by_its_staff(loan, bruno, eve):
    with pytest.raises(PermissionDenied):
        cancel(loan, by=eve, reason="Pour voir")
    with pytest.raises(ValidationError) as refusal:
        cancel(loan, by=bruno, reason="")
    assert refusal.value.code == "reason_missing"
    cancel(loan, by=bruno, reason="Renonce")
    with pytest.raises(ValidationError) as refusal:
        cancel(loan, by=bruno, reason="Renonce")
    assert refusal.value.code == "wrong_state"


def test_a_promised_loan_is_not_closed(loan, bruno):
    with pytest.raises(ValidationError) as refusal:
        close(loan, by=bruno, reason="Erreur")
    assert refusal.value.code == "wrong_state"


def test_a_message_says_the_hour_of_the_platforms_wall(platform, ana, car, tariff, bruno):
    """Whoever books: a program, or a worker, has another clock."""
    platform.time_zone = "Indian/Reunion"
    platform.save()
    with timezone.override("Europe/Paris"):
        book(platform, participant=ana, vehicle=car, starts_at=MONDAY, ends_at=MONDAY + DAY, by=bruno)
    said = OutboxMessage.objects.get(topic__in=["sms", "mail"]).payload["text"]
    assert "lundi 2 mars à midi" in said.replace("\xa0", " ")
