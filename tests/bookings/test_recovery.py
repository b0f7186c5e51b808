"""A vehicle that does not come back: what was tried, with its dates and papers."""

import datetime as dt
import hashlib
import re

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from bookings import actions
from bookings.actions import book
from bookings.day import late
from bookings.models import Assignment, RecoveryStep
from bookings.papers import formal_letter
from core import clock
from core.models import JournalEntry
from portal import today
from tests.bookings.conftest import DAY, MONDAY, THIRTY_DAYS_LATER
from tests.bookings.reports import complete_report, picture
from tests.papers import assert_archive

pytestmark = pytest.mark.django_db
END = THIRTY_DAYS_LATER
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def out(loan, bruno):
    with clock.travel(to=MONDAY):
        return actions.hand_over(loan, by=bruno, report=complete_report(loan.assignments.get(), by=bruno, at=MONDAY))


@pytest.fixture
def two_days_late(out):
    with clock.travel(to=END + DAY + HOUR):
        yield out


def code_of(verb, *args, **named):
    with pytest.raises(ValidationError) as refusal:
        verb(*args, **named)
    return refusal.value.code


def pdf(name="plainte.pdf"):
    return SimpleUploadedFile(name, b"%PDF-1.7 plainte", "application/pdf")


def test_a_call_is_kept_with_its_result_and_what_was_promised(two_days_late, bruno):
    step = actions.contact_made(two_days_late, sort="call", result="reached", promised_for=clock.now() + DAY, by=bruno)
    assert (step.sort, step.result, step.by) == ("call", "reached", bruno)
    facts = JournalEntry.objects.get(verb="booking.contact_made").facts
    assert facts == {"step": step.pk, "sort": "call", "result": "reached"}


def test_a_complaint_keeps_its_number_and_its_paper(two_days_late, bruno):
    step = actions.contact_made(two_days_late, sort="complaint", number=" 2026/123 ", document=pdf(), by=bruno)
    assert step.number == "2026/123"
    assert step.document.sha256 == hashlib.sha256(b"%PDF-1.7 plainte").hexdigest()


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"sort": "call"}, "result_missing"),
        ({"sort": "letter"}, "no_letter"),
        ({"sort": "call", "result": "reached", "happened_at": END + 9 * DAY}, "in_the_future"),
    ],
)
def test_what_cannot_be_noted_is_refused(two_days_late, bruno, said, code):
    assert code_of(actions.contact_made, two_days_late, by=bruno, **said) == code
    assert not RecoveryStep.objects.exists()


def test_before_the_end_one_may_call_but_claim_nothing(out, bruno):
    with clock.travel(to=END - DAY):
        for sort in ("visit", "complaint", "insurer"):
            assert code_of(actions.contact_made, out, sort=sort, by=bruno) == "not_late"
        assert code_of(actions.write_letter, out, back_by=END.date() + 9 * DAY, by=bruno) == "not_late"
        actions.contact_made(out, sort="call", result="reached", by=bruno)


def test_nothing_is_claimed_of_a_loan_whose_keys_are_here(loan, bruno):
    assert code_of(actions.contact_made, loan, sort="call", result="reached", by=bruno) == "wrong_state"
    assert code_of(actions.write_letter, loan, back_by=END.date() + 9 * DAY, by=bruno) == "wrong_state"


def test_strangers_and_accountants_note_nothing(two_days_late, eve, agathe):
    for who in (eve, agathe):
        with pytest.raises(PermissionDenied):
            actions.contact_made(two_days_late, sort="call", result="reached", by=who)
        with pytest.raises(PermissionDenied):
            actions.write_letter(two_days_late, back_by=END.date() + 9 * DAY, by=who)


def test_the_letter_states_the_facts_of_its_day(two_days_late, bruno):
    actions.contact_made(two_days_late, sort="call", result="voicemail", by=bruno)
    step = actions.write_letter(two_days_late, back_by=END.date() + 9 * DAY, by=bruno)
    with step.document.file.open() as file:
        content = file.read()
    assert step.document.sha256 == hashlib.sha256(content).hexdigest()
    assert re.findall(rb"/Type/Pages/Count (\d+)", content) == [b"1"]
    assert_archive(content)
    letter = formal_letter.contents(two_days_late, step)
    said = {name: str(words).replace("\xa0", " ") for name, words in letter.items()}
    assert "Ana Dupouy" in said["to"]
    assert said["due"] == "mercredi 1er avril 2026 à 9 h"
    assert (said["late"], said["back_by"]) == ("2 jours", "vendredi 10 avril 2026")
    assert (said["fee"], said["fee_so_far"]) == ("3,00 €", "6,00 €")
    assert "appel (message laissé)" in said["tried"]
    assert (said["site"], said["signer"]) == ("Dax", "Bruno Darrieus")


def test_a_letter_leaves_a_day_at_least(two_days_late, bruno):
    assert code_of(actions.write_letter, two_days_late, back_by=END.date() + DAY, by=bruno) == "in_the_past"


def test_the_proof_of_delivery_comes_later_and_may_be_replaced(two_days_late, bruno, eve):
    step = actions.write_letter(two_days_late, back_by=END.date() + 9 * DAY, by=bruno)
    assert code_of(actions.add_proof, step, by=bruno) == "nothing_said"
    step = actions.add_proof(step, by=bruno, number="1A 123")
    step = actions.add_proof(step, by=bruno, proof=picture())
    step = actions.add_proof(step, by=bruno, proof=pdf())
    assert (step.number, step.proof.media_type) == ("1A 123", "application/pdf")
    with pytest.raises(PermissionDenied):
        actions.add_proof(step, by=eve, number="2")


# --- seen ------------------------------------------------------------------------------------------


def test_today_says_whom_to_call_since_when_what_was_tried_and_who_waits(
    two_days_late, platform, ana, car, bruno, django_assert_max_num_queries
):
    late_line = line_of(platform, "late")
    assert "personne n’a encore appelé" in late_line.when
    assert late_line.phone == ana.phone
    actions.contact_made(two_days_late, sort="call", result="no_answer", by=bruno)
    assert "Appel aujourd’hui" in line_of(platform, "late").when
    assert "pas de réponse" in line_of(platform, "late").when


def line_of(platform, name):
    return next(part for part in today.parts(platform) if part.name == name).lines[0]


def test_the_next_loan_of_a_late_vehicle_is_flagged_at_once(out, platform, ana, car, other_car, bruno, client):
    after = book(platform, participant=ana, vehicle=car, starts_at=END + 2 * DAY, ends_at=END + 9 * DAY, by=bruno)
    client.force_login(bruno)
    url = f"/prets/{after.pk}/"
    with clock.travel(to=END):
        assert "pas encore rendu" in client.get(url).content.decode()
        assert "V02" in client.get(url).content.decode()  # an equal vehicle is proposed
        assert "promis ensuite" in line_of(platform, "late").when
    with clock.travel(to=END - HOUR):
        assert "pas encore rendu" not in client.get(url).content.decode()


def test_the_page_of_what_was_tried(two_days_late, bruno, client):
    client.force_login(bruno)
    url = f"/prets/{two_days_late.pk}/retard/"
    assert "Rien n’a encore été tenté" in client.get(url).content.decode()
    answer = client.post(f"{url}noter/", {"sort": "call", "result": ""})
    assert answer.status_code == 409
    assert "Dites si la personne a répondu" in answer.content.decode()
    assert client.post(f"{url}noter/", {"sort": "call", "result": "voicemail"}).status_code == 302
    assert client.post(f"{url}lettre/", {"back_by": "2026-04-10"}).status_code == 302
    html = client.get(url).content.decode()
    assert "message laissé" in html
    step = RecoveryStep.objects.get(sort="letter")
    assert b"".join(client.get(f"/demarches/{step.pk}/lettre/").streaming_content).startswith(b"%PDF")
    assert client.get(f"/demarches/{step.pk}/preuve/").status_code == 404
    assert client.get(f"/demarches/{step.pk}/autre/").status_code == 404


def test_what_never_came_back_is_still_claimed(two_days_late, bruno, client):
    actions.contact_made(two_days_late, sort="call", result="no_answer", by=bruno)
    actions.contact_made(two_days_late, sort="complaint", number="2026/9", by=bruno)
    lost = actions.end_without_return(two_days_late, by=bruno, why="kept", rent_until=clock.today())
    client.force_login(bruno)
    page = client.get(f"/prets/{two_days_late.pk}/retard/").content.decode()
    assert "Noter une démarche" in page
    assert "Jamais rendu" in page
    assert "Appels et relances" in client.get(f"/prets/{two_days_late.pk}/").content.decode()
    step = actions.write_letter(lost, back_by=clock.today() + 8 * DAY, by=bruno)
    said = formal_letter.contents(lost, step)
    assert lost.assignments.get().vehicle.plate in said["vehicle"]
    assert said["fee"] == ""  # the rent and the late days stopped on the chosen day
    assert len(said["tried"]) == 1  # a complaint is no attempt to reach somebody


def test_today_says_by_when_the_letter_asks_for_the_vehicle(two_days_late, bruno, platform):
    actions.write_letter(two_days_late, back_by=dt.date(2026, 4, 10), by=bruno)
    late_ones = next(part for part in today.parts(platform) if part.name == "late").lines
    assert "Lettre recommandée" in late_ones[0].when
    assert "à rendre avant le vendredi 10\u00a0avril" in late_ones[0].when


def test_tried_words_are_empty_when_nobody_has_tried(out):
    assert late.tried_words(late.with_what_was_tried(Assignment.objects.all()).get()) == ""
