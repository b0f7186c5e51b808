import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from accounts.models import PersonalLink
from core.models import JournalEntry, OutboxMessage
from garages import actions
from garages.models import Garage, GarageMember, GarageRate
from tests.factories import GarageFactory, UserFactory

pytestmark = pytest.mark.django_db

FACTS = {
    "name": "Atelier Sanguinet",
    "sort": "workshop",
    "street": "67 rue Jean Jaurès",
    "postcode": "40460",
    "city": "Sanguinet",
    "phone": "06 78 82 91 87",
    "email": "atelier5@example.org",
    "siret": "732 829 320 00074",
    "repairs": ["bike", "e_bike", "bike"],
    "works": ["service"],
    "usual_delay_days": 5,
    "can_tow": True,
    "hourly_rate": Decimal("35"),
}


def code_of(refusal):
    return refusal.value.code


def test_a_garage_is_added_with_what_is_known_of_it(platform, farid):
    garage = actions.add_garage(platform, by=farid, **FACTS)
    garage.refresh_from_db()
    assert (garage.phone, garage.siret, garage.repairs) == ("+33678829187", "73282932000074", ["bike", "e_bike"])
    assert str(garage.address) == "67 rue Jean Jaurès, 40460 Sanguinet"
    assert garage.user.name == "Atelier Sanguinet"
    assert garage.user.email is None
    assert garage.rates.get().hourly_rate == 35
    assert JournalEntry.objects.get(verb="garage.added").target_id == str(garage.pk)


def test_a_name_is_enough(platform, farid):
    garage = actions.add_garage(platform, name="  Chez   Momo ", by=farid)
    assert (garage.name, garage.address, garage.repairs) == ("Chez Momo", None, [])


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"name": " "}, "name_missing"),
        ({"siret": "12345678901234"}, "invalid_siret"),
        ({"phone": "06"}, "phone_impossible"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(platform, farid, told, code):
    with pytest.raises(ValidationError) as refusal:
        actions.add_garage(platform, by=farid, **FACTS | told)
    assert code_of(refusal) == code
    assert not Garage.objects.exists()


def test_a_siret_is_one_garage(platform, farid):
    actions.add_garage(platform, by=farid, **FACTS)
    with pytest.raises(ValidationError) as refusal:
        actions.add_garage(platform, by=farid, **FACTS | {"name": "Un autre"})
    assert code_of(refusal) == "siret_taken"


@pytest.mark.parametrize("who", ["bruno", "agathe", "chloe", "eve", "nobody"])
def test_only_the_fleet_manager_writes_garages(platform, garage, request, who):
    by = request.getfixturevalue(who)
    for verb in (
        lambda: actions.add_garage(platform, name="Un garage", by=by),
        lambda: actions.change_garage(garage, by=by, name="Autre"),
        lambda: actions.set_rate(garage, hourly_rate=Decimal(30), by=by),
        lambda: actions.add_member(garage, name="X", by=by),
        lambda: actions.send_link(garage, by=by),
        lambda: actions.stop_working_with(garage, by=by),
        lambda: actions.work_again_with(garage, by=by),
    ):
        with pytest.raises(PermissionDenied):
            verb()
    assert list(Garage.objects.values_list("name", flat=True)) == [garage.name]
    assert not GarageRate.objects.exists()
    assert not JournalEntry.objects.exists()


def test_a_garage_is_changed_and_only_what_changed_is_told(garage, farid):
    actions.change_garage(garage, by=farid, name="Solid’Auto", phone=garage.phone, city="Dax", street="", postcode="")
    garage.refresh_from_db()
    assert (garage.name, garage.user.name, garage.address.city) == ("Solid’Auto", "Solid’Auto", "Dax")
    assert JournalEntry.objects.get().facts == {"fields": ["address", "name"]}


def test_changing_nothing_says_nothing(garage, farid):
    actions.change_garage(garage, by=farid, name=garage.name, street="", postcode="", city="")
    assert not JournalEntry.objects.exists()


def test_a_rate_has_its_day_and_the_former_one_stays(garage, farid):
    actions.set_rate(garage, hourly_rate=Decimal("39.90"), valid_from=dt.date(2026, 1, 1), by=farid)
    actions.set_rate(garage, hourly_rate=Decimal("45"), valid_from=dt.date(2026, 7, 1), by=farid)
    assert garage.rates.count() == 2
    with pytest.raises(ValidationError) as refusal:
        actions.set_rate(garage, hourly_rate=Decimal("40"), valid_from=dt.date(2026, 7, 1), by=farid)
    assert code_of(refusal) == "rate_exists"
    with pytest.raises(ValidationError) as refusal:
        actions.set_rate(garage, hourly_rate=Decimal("0"), by=farid)
    assert code_of(refusal) == "not_positive"


def test_a_member_may_sign_in_when_the_address_is_nobodys(garage, farid):
    UserFactory(email="prise@example.org")
    member = actions.add_member(garage, name="Karim", phone="0612345678", email="karim@example.org", by=farid)
    other = actions.add_member(garage, name="Léa", email="prise@example.org", by=farid)
    assert (member.user.email, member.phone) == ("karim@example.org", "+33612345678")
    assert other.user is None


def test_a_member_who_leaves_can_no_longer_come_in(garage, farid):
    member = actions.add_member(garage, name="Karim", email="karim@example.org", by=farid)
    actions.remove_member(member, by=farid)
    member.user.refresh_from_db()
    assert not member.user.is_active
    assert not GarageMember.objects.exists()


def test_a_link_leaves_by_mail_and_by_sms(garage, farid):
    actions.send_link(garage, by=farid)
    mail, sms = OutboxMessage.objects.order_by("topic")
    assert (mail.topic, mail.payload["to"]) == ("mail", "atelier@example.org")
    assert (sms.topic, sms.payload["to"]) == ("sms", "+33688318680")
    assert sms.payload["link"] == {"user_id": garage.user_id, "purpose": "garage", "path": "/garage/", "days": 60}


def test_a_landline_without_an_address_cannot_get_a_link(platform, farid):
    garage = GarageFactory(platform=platform, phone="+33558000000", email="")
    with pytest.raises(ValidationError) as refusal:
        actions.send_link(garage, by=farid)
    assert code_of(refusal) == "unreachable"


def test_links_of_a_garage_that_one_leaves_open_nothing(garage, farid):
    link = PersonalLink.objects.create(
        platform=garage.platform,
        user=garage.user,
        purpose="garage",
        secret_hash="x",
        expires_at=dt.datetime(2030, 1, 1, tzinfo=dt.UTC),
    )
    actions.stop_working_with(garage, by=farid)
    link.refresh_from_db()
    assert link.revoked_at is not None
    with pytest.raises(ValidationError) as refusal:
        actions.send_link(garage, by=farid)
    assert code_of(refusal) == "stopped"
    assert actions.work_again_with(garage, by=farid).is_active


def test_staff_see_their_garages_and_a_garage_itself(garage, chloe, bruno, eve, nobody):
    GarageFactory()
    assert list(Garage.objects.visible_to(bruno)) == [garage]
    assert list(Garage.objects.visible_to(chloe)) == [garage]
    assert not Garage.objects.visible_to(eve).exists()
    assert not Garage.objects.visible_to(nobody).exists()
