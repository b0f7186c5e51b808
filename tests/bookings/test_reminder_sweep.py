"""What the sweep of reminders sends of real loans: once, by SMS or mail, and moved with the end."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from bookings import actions, tasks
from bookings.actions.reminders import default_reminders
from bookings.models import Booking, ReminderPolicy, ReminderStep
from core import clock
from core.models import JournalEntry, OutboxMessage
from fleet import holds
from tests.bookings.conftest import DAY, MONDAY, THIRTY_DAYS_LATER
from tests.bookings.reports import complete_report

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)
END = THIRTY_DAYS_LATER  # nine o'clock in Paris, in summer time


@pytest.fixture
def schedule(platform):
    default_reminders(platform)


@pytest.fixture
def out(loan, schedule, bruno):
    with clock.travel(to=MONDAY):
        return actions.hand_over(loan, by=bruno, report=complete_report(loan.assignments.get(), by=bruno, at=MONDAY))


def told(loan):
    mine = OutboxMessage.objects.filter(key__startswith=f"booking:{loan.pk}:reminder:")
    return [message.payload["text"] for message in mine.order_by("pk")]


def sweep(at):
    with clock.travel(to=at):
        return tasks.send_reminders()


def code_of(verb, *args, **named):
    with pytest.raises(ValidationError) as refusal:
        verb(*args, **named)
    return refusal.value.code


def test_three_sweeps_at_once_say_it_once(out):
    at = END - 3 * DAY + 2 * HOUR
    assert [sweep(at) for _ in range(3)] == [1, 0, 0]
    (text,) = told(out)
    assert "Vous rendez la voiture le mercredi 1er\u00a0avril à 9\u00a0h, à : Dax" in text
    assert JournalEntry.objects.filter(verb="booking.reminded").count() == 1


def test_the_whole_life_of_a_loan_that_is_two_days_late(out):
    moment = MONDAY
    while moment < END + 2 * DAY + 5 * HOUR:
        sweep(moment)
        moment += HOUR
    texts = told(out)
    assert [text.split(". ")[1][:18] for text in texts] == [
        "Vous rendez la voi",
        "Vous rendez la voi",
        "Nous attendons la ",
        "Vous deviez rendre",
        "Vous deviez rendre",
    ]
    assert "Retard : 2 jours" in texts[-2]  # each started 24 hours count: nine o'clock has passed
    assert "Retard : 3 jours" in texts[-1]


def test_before_the_start_they_are_told_to_come(loan, schedule):
    assert sweep(MONDAY - DAY + 2 * HOUR) == 0  # promised this very hour: they have just been told
    Booking.objects.filter(pk=loan.pk).update(created_at=MONDAY - 9 * DAY)
    assert sweep(MONDAY - DAY + 2 * HOUR) == 1
    assert "Vous venez chercher la voiture le lundi 2\u00a0mars à 9\u00a0h" in told(loan)[0]


def test_nobody_is_told_to_come_for_a_vehicle_that_is_not_there(loan, schedule, car):
    Booking.objects.filter(pk=loan.pk).update(created_at=MONDAY - 9 * DAY)
    holds.take(car, MONDAY, END, purpose="maintenance", displacing=True)
    assert sweep(MONDAY - DAY + 2 * HOUR) == 0


def test_an_end_moved_after_a_reminder_left_is_told_anew(out, bruno):
    sweep(END - 3 * DAY + 2 * HOUR)
    with clock.travel(to=END - 2 * DAY):
        actions.extend(out, until=END + 7 * DAY, by=bruno)
    assert sweep(END + HOUR) == 0  # nothing is late any more
    assert sweep(END + 7 * DAY - 3 * DAY + 2 * HOUR) == 1
    assert len(told(out)) == 2


def test_a_vehicle_that_is_back_reminds_nobody(out, bruno):
    with clock.travel(to=END - 5 * DAY):
        report = complete_report(out.assignments.get(), by=bruno, direction="in", km=84300, at=clock.now())
        actions.take_back(out, by=bruno, report=report)
    assert sweep(END + 2 * HOUR) == 0


def test_without_a_telephone_it_is_a_mail_and_without_both_nothing(out, ana):
    ana.phone, ana.email = "", "ana@example.org"
    ana.save()
    assert sweep(END + 2 * HOUR) == 1
    assert OutboxMessage.objects.get(key__contains=":reminder:").topic == "mail"
    ana.email = ""
    ana.save()
    assert sweep(END + DAY + 2 * HOUR) == 0


def test_at_night_no_sweep_sends_anything(out):
    assert sweep(END + 12 * HOUR) == 0  # nine in the evening
    assert sweep(END + 23 * HOUR) == 1  # eight in the morning: what was due in the evening


def test_off_means_nobody(out):
    ReminderPolicy.objects.update(is_on=False)
    assert sweep(END + 2 * HOUR) == 0


def test_la_reunion_is_reminded_by_its_own_clock(out, platform):
    """Ten o'clock there is eight in Paris (summer time): the hour is theirs."""
    platform.time_zone = "Indian/Reunion"
    platform.save()
    ten_there = (END - 3 * DAY).replace(hour=6)
    assert sweep(ten_there - dt.timedelta(minutes=1)) == 0
    assert sweep(ten_there) == 1
    assert "à 11\u00a0h" in told(out)[0]


# --- the schedule is the platform's ----------------------------------------------------------------


def test_a_word_that_remise_does_not_know_is_refused(platform, driss):
    for text in ("Bonjour {nom}.", "Bonjour {prénom.", "{}"):
        assert code_of(actions.add_reminder, platform, by=driss, unit="hours", offset=1, text=text) == "unknown_word"
    assert not ReminderStep.objects.exists()


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"unit": "days", "offset": 1}, "hour_missing"),
        ({"unit": "days", "offset": 3, "at": dt.time(10), "repeats_until": 2}, "endless"),
        ({"anchor": "start", "unit": "hours", "offset": 2}, "after_start"),
        ({"unit": "hours", "offset": 100}, "too_far"),
    ],
)
def test_impossible_steps_are_refused(platform, driss, said, code):
    assert code_of(actions.add_reminder, platform, by=driss, text="Bonjour", **said) == code


def test_hours_that_end_before_they_start_are_refused(platform, driss):
    night = {"is_on": True, "speaks_from": dt.time(20), "speaks_until": dt.time(8)}
    assert code_of(actions.save_reminder_policy, platform, by=driss, **night) == "ends_before_start"


def test_twenty_reminders_are_enough(platform, driss):
    for hour in range(20):
        actions.add_reminder(platform, by=driss, unit="hours", offset=hour, text="Bonjour")
    assert code_of(actions.add_reminder, platform, by=driss, unit="hours", offset=21, text="x") == "too_many"


def test_an_adviser_changes_no_schedule(platform, bruno, driss):
    step = actions.add_reminder(platform, by=driss, unit="hours", offset=1, text="Bonjour")
    with pytest.raises(PermissionDenied):
        actions.add_reminder(platform, by=bruno, unit="hours", offset=1, text="Bonjour")
    with pytest.raises(PermissionDenied):
        actions.change_reminder(step, by=bruno, text="Salut")
    with pytest.raises(PermissionDenied):
        actions.drop_reminder(step, by=bruno)
    actions.change_reminder(step, by=driss, text="Salut")
    actions.drop_reminder(step, by=driss)
    assert not ReminderStep.objects.exists()


def test_whoever_was_told_the_plate_expects_that_vehicle(loan, platform, driss):
    actions.save_reminder_policy(platform, is_on=True, speaks_from=dt.time(8), speaks_until=dt.time(20), by=driss)
    step = {"anchor": "start", "unit": "days", "offset": -1, "at": dt.time(10)}
    actions.add_reminder(platform, by=driss, text="Votre véhicule : {plaque}.", **step)
    Booking.objects.filter(pk=loan.pk).update(created_at=MONDAY - 9 * DAY)
    assert sweep(MONDAY - DAY + 2 * HOUR) == 1
    one = loan.assignments.get()
    assert one.vehicle.plate in told(loan)[0]
    assert one.plate_told_at is not None
