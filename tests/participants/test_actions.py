"""The verbs about people: what happens, when they may not, to whom not; and then nothing has changed."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accounts.models import User
from core import clock
from core.db import save
from core.models import JournalEntry
from participants import actions, doubles
from participants.models import (
    AudienceMembership,
    DrivingEntitlement,
    Participant,
    PrescriberOrganization,
    Programme,
    Referent,
)
from participants.names import key_of
from tests.factories import ParticipantFactory, UserFactory
from tests.participants.factories import (
    AudienceMembershipFactory,
    EntitlementFactory,
    PrescriberFactory,
    ReferentFactory,
)

pytestmark = pytest.mark.django_db
BORN = dt.date(1990, 3, 18)


@pytest.fixture
def ana(platform: Any) -> Participant:
    return ParticipantFactory(platform=platform, last_name="Dupouy", name_key="dupouy ana")


def code_of(verb: Callable[..., Any], *args: Any, **kwargs: Any) -> str | None:
    with pytest.raises(ValidationError) as refusal:
        verb(*args, **kwargs)
    return refusal.value.code


def journal() -> list[str]:
    return list(JournalEntry.objects.order_by("id").values_list("verb", flat=True))


# --- somebody is written down ---------------------------------------------------------------------


def test_a_name_is_enough_and_the_person_has_a_user_of_their_own(bruno: Any, platform: Any) -> None:
    person = actions.register(platform, first_name=" Maëva ", last_name="N'Diaye", by=bruno)
    assert (person.first_name, person.name_key) == ("Maëva", "ndiaye maeva")
    assert person.user.name == "Maëva N'Diaye"
    assert not person.user.has_usable_password()
    assert person.programme.is_default
    assert person.entered_on == clock.today()
    assert journal() == ["participant.registered"]


def test_everything_that_is_known_is_kept(bruno: Any, platform: Any) -> None:
    prescriber = PrescriberFactory(platform=platform)
    person = actions.register(
        platform,
        first_name="Laëtitia",
        last_name="Garcia",
        by=bruno,
        birth_date=dt.date(1979, 10, 15),
        phone="07.83.40.00.06",
        email="laetitia@example.org",
        city="Tosse",
        postcode="40230",
        prescriber=prescriber,
        adviser=bruno,
        audiences=["rsa", "rsa", "qpv"],
    )
    assert person.phone == "+33783400006"
    assert person.user.email == "laetitia@example.org"
    assert str(person.address) == "40230 Tosse"
    assert person.audiences_on(clock.today()) == {"rsa", "qpv"}


def test_a_mail_that_somebody_signs_in_with_is_kept_for_mails_only(bruno: Any, platform: Any) -> None:
    person = actions.register(platform, first_name="A", last_name="B", email="BRUNO@example.org", by=bruno)
    assert person.email == "BRUNO@example.org"
    assert person.user.email is None


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"first_name": "’", "last_name": " "}, "name_missing"),
        ({"phone": "12"}, "phone_impossible"),
        ({"first_name": "ANA", "last_name": "dupouy", "birth_date": BORN}, "participant_exists"),
    ],
)
def test_who_cannot_be_written_down_is_not(
    bruno: Any, platform: Any, ana: Participant, given: dict[str, Any], code: str
) -> None:
    users = User.objects.count()
    everything = {"first_name": "Léa", "last_name": "Labat", "by": bruno} | given
    assert code_of(actions.register, platform, **everything) == code
    assert (Participant.objects.count(), User.objects.count()) == (1, users)
    assert journal() == []


def test_an_adviser_of_another_team_and_a_field_that_is_none_are_refused(
    bruno: Any, eve: Any, platform: Any, ana: Participant
) -> None:
    given = {"first_name": "Léa", "last_name": "Labat", "by": bruno}
    assert code_of(actions.register, platform, **given, adviser=eve) == "not_of_the_team"
    assert code_of(actions.change, ana, by=bruno, adviser=eve) == "not_of_the_team"
    theirs = PrescriberFactory()
    assert code_of(actions.register, platform, **given, prescriber=theirs) == "other_platform"
    with pytest.raises(TypeError):
        actions.register(platform, **given, name_key="x")


def test_a_person_is_changed_by_what_is_given(bruno: Any, ana: Participant) -> None:
    actions.change(ana, by=bruno, last_name="Dupouy-Labat", email="ana@example.org", city="Dax")
    ana.refresh_from_db()
    assert (ana.name_key, ana.phone, ana.user.name) == ("dupouylabat ana", "+33667969008", "Ana Dupouy-Labat")
    assert (ana.user.email, ana.address.city if ana.address else "") == ("ana@example.org", "Dax")
    actions.change(ana, by=bruno, email="", phone="", postcode="40100", programme=None)
    ana = Participant.objects.get()
    assert (ana.user.email, ana.phone, str(ana.address)) == (None, "", "40100 Dax")
    assert ana.programme.is_default


def test_a_change_that_makes_two_people_one_is_refused(bruno: Any, ana: Participant) -> None:
    other = ParticipantFactory(
        platform=ana.platform, first_name="Léa", last_name="Labat", name_key="labat lea", birth_date=BORN
    )
    changes = {"first_name": "Ana", "last_name": "Dupouy"}
    assert code_of(actions.change, other, by=bruno, **changes) == "participant_exists"
    other.refresh_from_db()
    assert (other.first_name, other.user.name) == ("Léa", "Léa Labat")


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ({"first_name": "ana", "last_name": "DUPOUY"}, True),
        ({"first_name": "Dupouy", "last_name": "Ana"}, True),
        ({"first_name": "Ana", "last_name": "Dupouy", "birth_date": BORN}, True),
        ({"first_name": "Ana", "last_name": "Dupouy", "birth_date": dt.date(1991, 1, 1)}, False),
        ({"first_name": "Anna", "last_name": "Dupouy", "birth_date": BORN}, True),
        ({"first_name": "Léa", "last_name": "Labat", "birth_date": BORN}, False),
        ({"first_name": "Léa", "last_name": "Labat", "phone": "06 67 96 90 08"}, True),
        ({"first_name": "Léa", "last_name": "Labat", "phone": "12"}, False),
    ],
)
def test_likely_doubles_are_found_before_somebody_is_written_down(
    ana: Participant, typed: dict[str, Any], found: bool
) -> None:
    assert doubles.likely(Participant.objects.all(), **typed) == ([ana] if found else [])


# --- publics --------------------------------------------------------------------------------------


def test_a_public_holds_from_a_day_until_a_day(bruno: Any, ana: Participant) -> None:
    one = actions.add_audience(ana, audience="rsa", by=bruno, starts_on=dt.date(2026, 3, 1))
    actions.end_audience(one, by=bruno, ends_on=dt.date(2026, 4, 1))
    days = [dt.date(2026, 2, 28), dt.date(2026, 3, 1), dt.date(2026, 3, 31), dt.date(2026, 4, 1)]
    person = Participant.objects.prefetch_related("audiences").get()
    assert [person.audiences_on(day) for day in days] == [set(), {"rsa"}, {"rsa"}, set()]
    assert code_of(actions.end_audience, one, by=bruno) == "wrong_state"
    actions.add_audience(ana, audience="rsa", by=bruno)
    assert code_of(actions.add_audience, ana, audience="rsa", by=bruno) == "audience_exists"
    backwards = {"starts_on": dt.date(2026, 3, 1), "ends_on": dt.date(2026, 3, 1)}
    assert code_of(actions.add_audience, ana, audience="qpv", by=bruno, **backwards) == "ends_before_start"


# --- rights to drive --------------------------------------------------------------------------------


def test_a_paper_is_noted_once_and_then_corrected(bruno: Any, farid: Any, ana: Participant) -> None:
    actions.record_entitlement(ana, category="B", by=bruno, obtained_on=dt.date(2015, 6, 1))
    actions.record_entitlement(ana, category="B", by=bruno, restriction_codes=["78"])
    title = DrivingEntitlement.objects.get()
    assert (title.obtained_on, title.restriction_codes, title.method) == (dt.date(2015, 6, 1), ["78"], "")
    actions.verify_entitlement(title, method="original", by=farid)
    title.refresh_from_db()
    assert (title.verified_on, title.verified_by) == (clock.today(), farid)
    actions.record_entitlement(ana, category="B", sort="foreign", by=bruno, method="adcs")
    assert DrivingEntitlement.objects.get(sort="foreign").verified_by == bruno
    assert journal() == [
        "participant.entitlement_recorded",
        "participant.entitlement_recorded",
        "participant.entitlement_verified",
        "participant.entitlement_recorded",
    ]


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"obtained_on": dt.date(2020, 1, 1), "valid_until": dt.date(2019, 1, 1)}, "ends_before_start"),
        ({"obtained_on": dt.date(2999, 1, 1)}, "in_the_future"),
        ({"method": "original", "verified_on": dt.date(2999, 1, 1)}, "in_the_future"),
    ],
)
def test_a_paper_that_cannot_be_is_not_noted(bruno: Any, ana: Participant, facts: dict[str, Any], code: str) -> None:
    assert code_of(actions.record_entitlement, ana, category="B", by=bruno, **facts) == code
    assert not DrivingEntitlement.objects.exists()


def test_a_verification_says_what_was_seen(bruno: Any, ana: Participant) -> None:
    title = EntitlementFactory(participant=ana)
    assert code_of(actions.verify_entitlement, title, method="", by=bruno) == "method_missing"
    title.refresh_from_db()
    assert title.verified_on is None


# --- programmes, prescribers, référents -----------------------------------------------------------------


def test_one_programme_is_offered_and_another_may_take_its_place(driss: Any, platform: Any) -> None:
    first = actions.add_programme(platform, name="Accompagnement", by=driss)
    second = actions.add_programme(platform, name="3 mois pour un job", by=driss)
    assert (first.is_default, second.is_default) == (True, False)
    actions.change_programme(second, by=driss, is_default=True, funder="Département")
    assert list(Programme.objects.filter(is_default=True)) == [second]
    actions.change_programme(second, by=driss, is_default=False)
    assert list(Programme.objects.filter(is_default=True)) == [second]
    assert code_of(actions.add_programme, platform, name="ACCOMPAGNEMENT", by=driss) == "programme_exists"


def test_where_no_programme_is_offered_the_oldest_is_from_now_on(bruno: Any, ana: Participant) -> None:
    assert not ana.programme.is_default
    person = actions.register(ana.platform, first_name="Léa", last_name="Labat", by=bruno)
    assert person.programme == ana.programme
    assert person.programme.is_default


def test_who_sends_people_is_noted_and_changed(bruno: Any, platform: Any) -> None:
    structure = actions.add_prescriber(platform, name="CCAS", by=bruno, sort="CCAS")
    actions.change_prescriber(structure, by=bruno, name="CCAS de Dax")
    structure.refresh_from_db()
    assert (structure.name, structure.sort) == ("CCAS de Dax", "CCAS")
    assert code_of(actions.add_prescriber, platform, name="ccas de dax", by=bruno) == "prescriber_exists"
    referent = actions.add_referent(platform, name="Mme Paul", organization=structure, by=bruno)
    actions.change_referent(referent, by=bruno, phone="0558412210")
    referent.refresh_from_db()
    assert (referent.phone, referent.organization) == ("+33558412210", structure)
    again = {"name": "mme paul", "organization": structure, "by": bruno}
    assert code_of(actions.add_referent, platform, **again) == "referent_exists"
    assert code_of(actions.change_referent, referent, by=bruno, phone="12") == "phone_impossible"


# --- constraints ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (
            lambda a: ParticipantFactory.build(
                platform=a.platform,
                user=UserFactory(),
                programme=a.programme,
                name_key=a.name_key,
                birth_date=a.birth_date,
            ),
            "participant_exists",
        ),
        (lambda a: AudienceMembership(platform=a.platform, participant=a, audience="rsa"), "audience_exists"),
        (lambda a: DrivingEntitlement(platform=a.platform, participant=a, category="B"), "entitlement_exists"),
        (
            lambda a: DrivingEntitlement(platform=a.platform, participant=a, category="AM", method="original"),
            "day_missing",
        ),
        (lambda a: Programme(platform=a.platform, name=a.programme.name.upper()), "programme_exists"),
        (lambda a: PrescriberOrganization(platform=a.platform, name="ccas"), "prescriber_exists"),
        (lambda a: Referent(platform=a.platform, name="MME PAUL"), "referent_exists"),
    ],
)
def test_a_broken_constraint_comes_back_as_its_sentence(ana: Participant, make: Any, code: str) -> None:
    AudienceMembershipFactory(participant=ana)
    EntitlementFactory(participant=ana)
    PrescriberFactory(platform=ana.platform, name="CCAS")
    ReferentFactory(organization=None, platform=ana.platform, name="Mme Paul")
    with pytest.raises(ValidationError) as refusal, transaction.atomic():
        save(make(ana))
    assert refusal.value.code == code


def test_two_programmes_cannot_both_be_offered(ana: Participant) -> None:
    save(Programme(platform=ana.platform, name="A", is_default=True))
    with pytest.raises(ValidationError) as refusal, transaction.atomic():
        save(Programme(platform=ana.platform, name="B", is_default=True))
    assert refusal.value.code == "default_exists"


def test_two_people_of_one_name_without_birth_date_are_two(ana: Participant) -> None:
    for _ in range(2):
        ParticipantFactory(platform=ana.platform, name_key=key_of("Ana", "Dupouy"), birth_date=None)
    assert Participant.objects.count() == 3


# --- who may not ------------------------------------------------------------------------------------

ADVISES: list[Callable[[Participant, Any], Any]] = [
    lambda a, by: actions.register(a.platform, first_name="Léa", last_name="Labat", by=by),
    lambda a, by: actions.change(a, by=by, project="CDI"),
    lambda a, by: actions.add_audience(a, audience="rsa", by=by),
    lambda a, by: actions.end_audience(AudienceMembershipFactory(participant=a), by=by),
    lambda a, by: actions.add_prescriber(a.platform, name="CCAS", by=by),
    lambda a, by: actions.change_prescriber(PrescriberFactory(platform=a.platform), name="CCAS", by=by),
    lambda a, by: actions.add_referent(a.platform, name="Mme Paul", by=by),
    lambda a, by: actions.change_referent(ReferentFactory(organization__platform=a.platform), name="X", by=by),
]
GIVES_KEYS: list[Callable[[Participant, Any], Any]] = [
    lambda a, by: actions.record_entitlement(a, category="B", by=by),
    lambda a, by: actions.verify_entitlement(EntitlementFactory(participant=a), method="original", by=by),
]
COORDINATES: list[Callable[[Participant, Any], Any]] = [
    lambda a, by: actions.add_programme(a.platform, name="Contrat de ville", by=by),
    lambda a, by: actions.change_programme(a.programme, name="Contrat de ville", by=by),
]


@pytest.mark.parametrize(
    ("verb", "who"),
    [
        *[(verb, who) for verb in ADVISES for who in ("farid", "agathe", "eve", "nobody")],
        *[(verb, who) for verb in GIVES_KEYS for who in ("agathe", "eve", "nobody")],
        *[(verb, who) for verb in COORDINATES for who in ("bruno", "farid", "agathe", "eve")],
    ],
)
def test_who_may_not_changes_nothing(verb: Any, who: str, ana: Participant, request: pytest.FixtureRequest) -> None:
    with pytest.raises(PermissionDenied):
        verb(ana, request.getfixturevalue(who))
    known = Participant.objects.get()
    assert (known.project, known.programme.name) == (ana.project, ana.programme.name)
    assert not DrivingEntitlement.objects.exclude(method="").exists()
    assert not AudienceMembership.objects.filter(ends_on__isnull=False).exists()
    assert journal() == []


def test_a_participant_changes_nothing_of_themself(ana: Participant) -> None:
    with pytest.raises(PermissionDenied):
        actions.change(ana, by=ana.user, project="CDI")
