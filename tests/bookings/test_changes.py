"""Longer, shorter, renewed, moved: what it costs, what is refused, and that a refusal changed nothing."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Sum

from bookings.actions import book, expect_later, extend, hand_over, move, renew, shorten, take_back
from bookings.changes import outcome as changes
from bookings.changes.values import Shorten
from bookings.kerb.words import comes_on_top, homecoming
from bookings.models import Booking, Period
from bookings.reports.reads import with_last_vehicle
from core import clock
from core.models import JournalEntry, OutboxMessage
from fleet import holds
from fleet.models import Hold, OdometerReading
from participants.models import DrivingEntitlement
from pricing.actions import waive
from pricing.models import Charge, Deposit, TariffBand
from tests.bookings.conftest import DAY, MONDAY, THIRTY_DAYS_LATER
from tests.bookings.reports import complete_report
from tests.factories import ParticipantFactory, VehicleFactory

pytestmark = pytest.mark.django_db

LATER = THIRTY_DAYS_LATER + 10 * DAY


@pytest.fixture
def out(loan, bruno):
    with clock.travel(to=MONDAY):
        return hand_over(loan, by=bruno, report=complete_report(loan.assignments.get(), by=bruno, at=MONDAY))


def charged(loan):
    """What stands on the account for the rent."""
    rent = loan.account.charges.filter(sort=Charge.Sort.RENT)
    return rent.aggregate(sum=Sum("amount"))["sum"] or Decimal(0)


def agreed(loan):
    return loan.periods.aggregate(sum=Sum("total"))["sum"]


def snapshot():
    """Every row that a change of dates could touch."""
    return [
        list(model.objects.order_by("pk").values())
        for model in (Booking, Period, Hold, Charge, Deposit, JournalEntry, OutboxMessage, OdometerReading)
    ] + [list(Period.charges.through.objects.values())]


def refused(code, verb, *args, **named):
    before = snapshot()
    with pytest.raises(ValidationError) as refusal:
        verb(*args, **named)
    assert refusal.value.code == code
    assert snapshot() == before
    return plain(refusal.value.messages[0])


def plain(text):
    return text.replace("\xa0", " ")


def sentence(loan):
    return plain(OutboxMessage.objects.filter(topic="sms", target_id=str(loan.pk)).latest("pk").payload["text"])


def somebody_elses(platform, car, start, end, by):
    bea = ParticipantFactory(platform=platform, first_name="Béa")
    return book(platform, participant=bea, vehicle=car, starts_at=start, ends_at=end, by=by)


class TestExtend:
    def test_before_the_keys_the_period_is_longer_and_priced_anew(self, loan, car, bruno):
        extend(loan, until=LATER, by=bruno)
        period = loan.periods.get()
        assert (period.ends_at, period.total, period.awaits_signature) == (LATER, Decimal("120.00"), False)
        assert car.holds.get().ends_at == LATER
        assert loan.assignments.get().ends_at == LATER
        assert Booking.objects.get().ends_at == LATER
        assert not loan.account.charges.exists()

    def test_it_is_journalled_and_told_once(self, loan, bruno):
        told = OutboxMessage.objects.count()
        extend(loan, until=LATER, by=bruno)
        assert JournalEntry.objects.get(verb="booking.extended").facts["difference"] == "30.00"
        assert OutboxMessage.objects.count() == told + 1
        assert "30,00" in sentence(loan)
        assert "samedi 11 avril" in sentence(loan)

    def test_beyond_a_signed_page_it_is_a_new_period_to_sign(self, out, bruno):
        with clock.travel(to=MONDAY + 5 * DAY):
            extend(out, until=LATER, by=bruno)
        first, second = out.periods.all()
        assert (first.ends_at, first.total) == (THIRTY_DAYS_LATER, Decimal("90.00"))
        assert (second.starts_at, second.ends_at, second.total) == (THIRTY_DAYS_LATER, LATER, Decimal("30.00"))
        assert (first.awaits_signature, second.awaits_signature) == (False, True)
        assert charged(out) == agreed(out) == Decimal("120.00")

    def test_a_page_that_waits_for_its_signature_is_lengthened(self, out, bruno):
        with clock.travel(to=MONDAY + 5 * DAY):
            extend(out, until=LATER, by=bruno)
            extend(out, until=LATER + 5 * DAY, by=bruno)
        assert out.periods.count() == 2
        assert charged(out) == agreed(out) == Decimal("135.00")

    def test_bands_count_from_the_first_day_of_the_loan(self, loan, tariff, bruno):
        TariffBand.objects.create(platform=loan.platform, tariff=tariff, from_day=31, day_price=4)
        with clock.travel(to=MONDAY):
            hand_over(loan, by=bruno, report=complete_report(loan.assignments.get(), by=bruno, at=MONDAY))
            extend(loan, until=LATER, by=bruno)
        assert loan.periods.last().total == Decimal("40.00")
        assert loan.periods.last().quote["first_day"] == 31

    def test_the_next_loan_is_in_the_way_and_the_refusal_says_what_is_possible(
        self, loan, platform, car, other_car, bruno
    ):
        somebody_elses(platform, car, THIRTY_DAYS_LATER + 2 * DAY, THIRTY_DAYS_LATER + 4 * DAY, bruno)
        said = refused("overlap", extend, loan, until=LATER, by=bruno)
        assert "Libre jusqu’au vendredi 3 avril" in said
        assert "Le prêt suivant pourrait prendre : V02" in said

    def test_up_to_the_next_loan_it_goes(self, loan, platform, car, bruno):
        somebody_elses(platform, car, LATER, LATER + DAY, bruno)
        assert extend(loan, until=LATER, by=bruno).ends_at == LATER

    def test_refusals(self, loan, bruno):
        refused("not_longer", extend, loan, until=THIRTY_DAYS_LATER, by=bruno)
        refused("too_long", extend, loan, until=MONDAY + 400 * DAY, by=bruno)
        Booking.objects.update(state="returned")
        refused("wrong_state", extend, loan, until=LATER, by=bruno)

    def test_a_price_that_is_not_the_one_that_was_shown(self, loan, bruno):
        said = refused("price_changed", extend, loan, until=LATER, by=bruno, seen=Decimal("27.00"))
        assert "30,00" in said
        assert extend(loan, until=LATER, by=bruno, seen=Decimal("30.00")).ends_at == LATER

    def test_a_licence_that_ends_before(self, loan, ana, bruno):
        DrivingEntitlement.objects.update(valid_until=THIRTY_DAYS_LATER.date() - DAY)
        refused("not_entitled", extend, loan, until=LATER, by=bruno)

    def test_the_accountant_and_the_stranger_may_not(self, loan, eve):
        before = snapshot()
        with pytest.raises(PermissionDenied):
            extend(loan, until=LATER, by=eve)
        assert snapshot() == before


class TestRenew:
    def test_by_telephone_the_kilometres_are_declared_and_the_link_leads_to_the_page_to_sign(self, out, car, bruno):
        with clock.travel(to=MONDAY + 28 * DAY):
            renew(out, until=LATER, by=bruno, declared_km=85900, by_telephone=True)
        reading = car.odometer_readings.latest("pk")
        assert (reading.km, reading.source, reading.state) == (85900, "manual", "accepted")
        message = OutboxMessage.objects.latest("pk")
        assert message.payload["link"]["path"] == "/moi/signer/"
        assert Period.objects.to_sign().get() == out.periods.last()

    def test_overdue_it_starts_today_and_the_days_between_are_late(self, out, bruno):
        with clock.travel(to=THIRTY_DAYS_LATER + 2 * DAY + dt.timedelta(hours=3)):
            renew(out, until=LATER, by=bruno)
        second = out.periods.last()
        assert second.starts_at == clock.at(dt.date(2026, 4, 3), dt.time(), "Europe/Paris")
        assert out.account.charges.get(sort=Charge.Sort.LATE).amount == Decimal("6.00")
        assert second.total == Decimal("27.00")
        assert charged(out) == agreed(out)

    def test_overdue_since_this_morning_nobody_was_late(self, out, bruno):
        with clock.travel(to=THIRTY_DAYS_LATER + dt.timedelta(hours=3)):
            renew(out, until=LATER, by=bruno)
        assert out.periods.last().starts_at == THIRTY_DAYS_LATER
        assert not out.account.charges.filter(sort=Charge.Sort.LATE).exists()

    def test_before_the_keys_nothing_is_renewed(self, loan, bruno):
        refused("wrong_state", renew, loan, until=LATER, by=bruno)

    def test_the_return_counts_the_kilometres_of_all_periods(self, platform, ana, car, tariff, bruno):
        type(tariff).objects.update(km_per_day=10, excess_km_price="0.100")
        loan = book(platform, participant=ana, vehicle=car, starts_at=MONDAY, ends_at=THIRTY_DAYS_LATER, by=bruno)
        with clock.travel(to=MONDAY):
            hand_over(loan, by=bruno, report=complete_report(loan.assignments.get(), by=bruno, at=MONDAY))
            renew(loan, until=LATER, by=bruno)
        give_back(loan, bruno, LATER, km=84210 + 450)  # 400 are included
        assert loan.account.charges.get(sort=Charge.Sort.EXCESS_KM).amount == Decimal("5.00")


def give_back(loan, by, at, km=84210):
    with clock.travel(to=at):
        report = complete_report(loan.assignments.get(), by=by, direction="in", at=at, km=km)
        return take_back(loan, by=by, report=report)


class TestShorten:
    def test_what_is_not_used_is_given_back_line_by_line(self, out, car, bruno):
        with clock.travel(to=MONDAY + DAY):
            shorten(out, until=MONDAY + 14 * DAY, by=bruno, reason="Fin de mission")
        assert charged(out) == agreed(out) == Decimal("42.00")
        rows = list(out.account.charges.values_list("label", "amount"))
        assert rows == [
            ("30 jours à 3,00\xa0€", Decimal("90.00")),
            ("Annulation : 30 jours à 3,00\xa0€", Decimal("-90.00")),
            ("14 jours à 3,00\xa0€", Decimal("42.00")),
        ]
        assert car.holds.get().ends_at == MONDAY + 14 * DAY

    def test_what_the_tariff_keeps_stays_due(self, loan, tariff, bruno):
        Period.objects.update(quote=loan.periods.get().quote | {"unused_days": "kept"})
        with clock.travel(to=MONDAY):
            loan = hand_over(loan, by=bruno, report=complete_report(loan.assignments.get(), by=bruno, at=MONDAY))
            change = changes.preview(loan, Shorten(MONDAY + 14 * DAY))
            assert change.difference == 0
            assert change.warnings == ["D’après le tarif, les jours convenus et non utilisés restent dus."]
            shorten(loan, until=MONDAY + 14 * DAY, by=bruno)
        assert charged(loan) == agreed(loan) == Decimal("90.00")
        assert loan.periods.get().ends_at == MONDAY + 14 * DAY

    def test_before_the_keys_the_price_is_that_of_the_new_dates(self, loan, bruno):
        Period.objects.update(quote=loan.periods.get().quote | {"unused_days": "kept"})
        shorten(loan, until=MONDAY + 14 * DAY, by=bruno)
        assert agreed(loan) == Decimal("42.00")
        assert not loan.account.charges.exists()

    def test_a_renewal_that_has_not_begun_is_given_up(self, out, bruno):
        with clock.travel(to=MONDAY + DAY):
            renew(out, until=LATER, by=bruno)
            shorten(out, until=MONDAY + 14 * DAY, by=bruno)
        first, second = out.periods.all()
        assert (first.total, second.total) == (Decimal("42.00"), Decimal("0.00"))
        assert second.given_up_at is not None
        assert not Period.objects.to_sign().exists()
        assert charged(out) == agreed(out) == Decimal("42.00")
        with clock.travel(to=MONDAY + 2 * DAY):
            renew(out, until=LATER, by=bruno)  # where a given up one stood there is room again
        assert charged(out) == agreed(out) == Decimal("120.00")

    def test_what_was_waived_stays_waived(self, out, bruno):
        waive(out.account.charges.get(), by=bruno, amount=Decimal("30.00"), reason="Fonds d’aide")
        with clock.travel(to=MONDAY + DAY):
            shorten(out, until=MONDAY + 14 * DAY, by=bruno)
        assert charged(out) == Decimal("12.00")

    def test_refusals(self, out, bruno):
        with clock.travel(to=MONDAY + 2 * DAY):
            refused("not_shorter", shorten, out, until=THIRTY_DAYS_LATER, by=bruno)
            refused("ends_before_start", shorten, out, until=MONDAY, by=bruno)
            refused("in_the_past", shorten, out, until=MONDAY + DAY, by=bruno)
            refused("price_changed", shorten, out, until=MONDAY + 14 * DAY, by=bruno, seen=Decimal(0))


class TestMove:
    def test_to_other_dates_at_their_price(self, loan, car, bruno):
        move(loan, starts_at=MONDAY + 7 * DAY, ends_at=MONDAY + 14 * DAY, by=bruno)
        hold = car.holds.get()
        assert (hold.starts_at, hold.ends_at) == (MONDAY + 7 * DAY, MONDAY + 14 * DAY)
        period = loan.periods.get()
        assert (period.starts_at, period.ends_at, period.total) == (hold.starts_at, hold.ends_at, Decimal("21.00"))
        assert "lundi 9 mars" in sentence(loan)

    def test_and_to_another_vehicle_in_the_same_step(self, loan, car, other_car, bruno):
        move(loan, starts_at=MONDAY + 7 * DAY, ends_at=MONDAY + 14 * DAY, vehicle=other_car, by=bruno)
        assert not car.holds.exists()
        current = loan.assignments.current().get()
        assert (current.vehicle, current.starts_at) == (other_car, MONDAY + 7 * DAY)

    def test_the_deposit_follows_the_tariff_until_it_is_received(self, loan, tariff, bruno):
        tariff.valid_until = dt.date(2026, 3, 9)
        tariff.save()
        tariff.pk, tariff.valid_from, tariff.valid_until, tariff.deposit = None, dt.date(2026, 3, 9), None, 300
        tariff.save(force_insert=True)
        TariffBand.objects.create(platform=loan.platform, tariff=tariff, day_price=5)
        move(loan, starts_at=MONDAY + 7 * DAY, ends_at=MONDAY + 14 * DAY, by=bruno)
        assert loan.periods.get().total == Decimal("35.00")
        assert loan.account.deposits.get().amount == Decimal("300.00")

    def test_a_taken_vehicle_is_refused_with_others_and_other_dates(self, loan, platform, car, other_car, bruno):
        somebody_elses(platform, other_car, MONDAY, MONDAY + 3 * DAY, bruno)
        third = VehicleFactory(site=car.site, fleet_number="V03")
        said = refused("overlap", move, loan, starts_at=MONDAY, ends_at=MONDAY + 7 * DAY, vehicle=other_car, by=bruno)
        assert f"Libres à ces dates : {third}" in said
        assert "Celui-ci est libre du jeudi 5 mars" in said

    def test_other_dates_across_the_clock_change_end_at_the_wished_hour(self, loan, platform, other_car, bruno):
        """Summer time begins on 29 March 2026: a week is then 167 hours long."""
        somebody_elses(platform, other_car, MONDAY, MONDAY + 23 * DAY, bruno)
        week = {"starts_at": MONDAY + 14 * DAY, "ends_at": MONDAY + 21 * DAY}
        said = refused("overlap", move, loan, **week, vehicle=other_car, by=bruno)
        assert "Celui-ci est libre du mercredi 25 mars à 9 h au mercredi 1er avril à 9 h" in said.replace("\u00a0", " ")

    def test_refusals(self, loan, platform, bruno, car):
        stranger = VehicleFactory()
        week = {"starts_at": MONDAY + 7 * DAY, "ends_at": MONDAY + 14 * DAY, "by": bruno}
        refused("same_dates", move, loan, starts_at=MONDAY, ends_at=THIRTY_DAYS_LATER, by=bruno)
        refused("ends_before_start", move, loan, starts_at=MONDAY, ends_at=MONDAY, by=bruno)
        refused("in_the_past", move, loan, starts_at=MONDAY - 7 * DAY, ends_at=MONDAY, by=bruno)
        refused("too_long", move, loan, starts_at=MONDAY, ends_at=MONDAY + 400 * DAY, by=bruno)
        refused("other_platform", move, loan, vehicle=stranger, **week)
        refused("price_changed", move, loan, seen=Decimal(0), **week)
        holds.clear(car, clock.now())
        with clock.travel(to=MONDAY):
            Booking.objects.update(state="active")
            refused("wrong_state", move, loan, **week)

    def test_one_without_a_vehicle_keeps_waiting_for_one_at_its_new_dates(self, loan, car, bruno):
        holds.take(car, MONDAY, MONDAY + 7 * DAY, purpose=Hold.Purpose.MAINTENANCE, displacing=True)
        move(loan, starts_at=MONDAY + DAY, ends_at=MONDAY + 5 * DAY, by=bruno)
        assert loan.assignments.displaced().get().starts_at == MONDAY + DAY

    def test_one_without_a_vehicle_gets_the_one_that_is_named_even_the_one_it_had(self, loan, car, bruno):
        holds.take(car, MONDAY, MONDAY + 7 * DAY, purpose=Hold.Purpose.MAINTENANCE, displacing=True)
        move(loan, starts_at=MONDAY + 8 * DAY, ends_at=MONDAY + 12 * DAY, vehicle=car, by=bruno)
        current = loan.assignments.current().get()
        assert (current.vehicle, current.hold.starts_at) == (car, MONDAY + 8 * DAY)

    def test_somebody_who_comes_later(self, loan, car, bruno):
        with clock.travel(to=MONDAY + dt.timedelta(hours=3)):
            expect_later(loan, starts_at=MONDAY + DAY, by=bruno)
        assert car.holds.get().starts_at == MONDAY + DAY
        assert agreed(loan) == Decimal("87.00")
        assert JournalEntry.objects.filter(verb="booking.comes_later").exists()

    def test_who_comes_later_keeps_the_end_that_a_colleague_has_just_changed(self, loan, bruno):
        read_before = Booking.objects.get(pk=loan.pk)
        move(loan, starts_at=MONDAY, ends_at=MONDAY + 20 * DAY, by=bruno)
        with clock.travel(to=MONDAY + dt.timedelta(hours=3)):
            expect_later(read_before, starts_at=MONDAY + DAY, by=bruno)
        loan.refresh_from_db()
        assert (loan.starts_at, loan.ends_at) == (MONDAY + DAY, MONDAY + 20 * DAY)


class TestEarlyReturn:
    def test_what_was_not_used_is_given_back(self, out, bruno):
        loan = give_back(out, bruno, MONDAY + 10 * DAY)
        assert charged(loan) == agreed(loan) == Decimal("30.00")
        assert loan.ends_at == MONDAY + 10 * DAY

    def test_a_tariff_that_keeps_them_gives_nothing_back(self, loan, bruno):
        Period.objects.update(quote=loan.periods.get().quote | {"unused_days": "kept"})
        with clock.travel(to=MONDAY):
            hand_over(loan, by=bruno, report=complete_report(loan.assignments.get(), by=bruno, at=MONDAY))
        loan = give_back(loan, bruno, MONDAY + 10 * DAY)
        assert charged(loan) == agreed(loan) == Decimal("90.00")

    def test_keys_that_left_early_and_are_back_before_the_loan_began(self, loan, bruno):
        early = MONDAY - dt.timedelta(hours=10)
        with clock.travel(to=early):
            hand_over(loan, by=bruno, report=complete_report(loan.assignments.get(), by=bruno, at=early))
        loan = give_back(loan, bruno, MONDAY - dt.timedelta(hours=5))
        assert charged(loan) == agreed(loan) == Decimal("3.00")
        assert loan.starts_at == early

    def test_it_is_read_aloud_before_both_sign(self, out, bruno):
        with clock.travel(to=MONDAY + 10 * DAY):
            at = MONDAY + 10 * DAY
            draft = complete_report(out.assignments.get(), by=bruno, direction="in", km=84300, at=at)
            asked = with_last_vehicle(Booking.objects.all()).get()
            lines = comes_on_top(asked, draft, 90)
        assert [(line.label, line.amount) for line in lines] == [("Rendu plus tôt que prévu", Decimal("-60.00"))]
        said = homecoming(asked, draft, None, [], lines)
        assert "Rendu plus tôt que prévu : 60,00 € de moins à payer." in map(plain, said)
