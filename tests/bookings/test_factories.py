import pytest

from bookings.models import Assignment
from tests.bookings.factories import AssignmentFactory, BookingFactory, ConditionReportFactory, PeriodFactory

pytestmark = pytest.mark.django_db


def test_a_loan_stands_on_one_platform(platform):
    assignment = AssignmentFactory(booking__platform=platform)
    loan = assignment.booking
    rows = (loan, loan.participant, loan.programme, loan.account, assignment, assignment.vehicle, assignment.hold)
    assert {row.platform_id for row in rows} == {platform.pk}
    assert assignment.hold.vehicle == assignment.vehicle


def test_the_situations_are_what_they_say(platform):
    out = AssignmentFactory(booking__platform=platform, out=True)
    displaced = AssignmentFactory(booking__platform=platform, displaced=True)
    back = AssignmentFactory(booking__platform=platform, back=True)
    assert list(Assignment.objects.out()) == [out]
    assert list(Assignment.objects.displaced()) == [displaced]
    assert back.hold.back_at == back.ended_at
    assert BookingFactory(platform=platform, cancelled=True).cancelled_at
    assert PeriodFactory(booking=out.booking).ends_at == out.ends_at
    assert ConditionReportFactory(assignment=out, frozen=True).is_frozen
    assert ConditionReportFactory(assignment=out, returning=True).happened_at == out.ends_at
