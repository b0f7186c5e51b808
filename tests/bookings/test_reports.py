import datetime as dt
import hashlib
import io
import uuid

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from bookings.actions import reports
from bookings.models import ConditionReport, ReportedDamage
from core import clock
from core.models import JournalEntry, Note, StoredFile
from fleet.models import Damage, Equipment, Kind, OdometerReading
from tests.bookings.factories import AssignmentFactory, ConditionReportFactory
from tests.bookings.reports import complete_report, in_order, picture, signature
from tests.papers import assert_archive

pytestmark = pytest.mark.django_db


@pytest.fixture
def promised(platform):
    return AssignmentFactory(booking__platform=platform, vehicle__energy="petrol")


@pytest.fixture
def out(platform):
    return AssignmentFactory(booking__platform=platform, out=True)


@pytest.fixture
def draft(promised, bruno):
    return reports.open_report(promised, direction="out", by=bruno)


def code_of(refusal) -> str:
    error = refusal.value
    return error.code if hasattr(error, "code") else error.error_list[0].code


def content_of(stored: StoredFile) -> bytes:
    with stored.file.open("rb") as file:
        return file.read()


# --- opening --------------------------------------------------------------------------------------


def test_a_draft_shows_what_is_damaged_already(promised, bruno):
    known = Damage.objects.create(platform=promised.platform, vehicle=promised.vehicle, sort="scratch")
    Damage.objects.create(platform=promised.platform, vehicle=promised.vehicle, sort="dent", repaired_at=clock.now())
    report = reports.open_report(promised, direction="out", by=bruno)
    assert [(line.damage, line.is_new) for line in report.reported_damages.all()] == [(known, False)]
    assert report.signer_name == str(promised.booking.participant)
    assert report.site == promised.vehicle.site


def test_its_id_is_made_on_the_device_and_opens_the_same_draft_again(promised, bruno, farid):
    mine = uuid.uuid4()
    first = reports.open_report(promised, direction="out", by=bruno, id=mine)
    assert first.pk == mine
    assert reports.open_report(promised, direction="out", by=bruno, id=mine) == first
    assert reports.open_report(promised, direction="out", by=farid) == first, "anyone may continue"
    assert ConditionReport.objects.count() == 1


def test_an_id_of_another_report_is_refused(promised, out, bruno):
    theirs = reports.open_report(out, direction="in", by=bruno)
    with pytest.raises(ValidationError) as refusal:
        reports.open_report(promised, direction="out", by=bruno, id=theirs.pk)
    assert code_of(refusal) == "report_exists"


@pytest.mark.parametrize(("situation", "direction"), [("promised", "in"), ("out", "out")])
def test_there_is_no_report_out_of_turn(request, bruno, situation, direction):
    with pytest.raises(ValidationError) as refusal:
        reports.open_report(request.getfixturevalue(situation), direction=direction, by=bruno)
    assert code_of(refusal) == "wrong_state"


def test_a_displaced_vehicle_is_not_handed_over(platform, bruno):
    with pytest.raises(ValidationError) as refusal:
        reports.open_report(AssignmentFactory(booking__platform=platform, displaced=True), direction="out", by=bruno)
    assert code_of(refusal) == "wrong_state"


@pytest.mark.parametrize("who", ["agathe", "eve", "nobody"])
def test_only_those_who_hand_over_write_reports(request, promised, draft, who):
    person = request.getfixturevalue(who)
    with pytest.raises(PermissionDenied):
        reports.open_report(promised, direction="out", by=person)
    for verb in (
        lambda: reports.write_report(draft, by=person, km=1),
        lambda: reports.add_photo(draft, picture(), "", by=person),
        lambda: reports.add_damage(draft, by=person, sort="scratch"),
    ):
        with pytest.raises(PermissionDenied):
            verb()
    draft.refresh_from_db()
    assert draft.km is None


# --- writing --------------------------------------------------------------------------------------


def test_answers_add_up_over_the_steps(draft, bruno):
    reports.write_report(draft, by=bruno, checklist={"horn": "ok"}, km=84210)
    report = reports.write_report(draft, by=bruno, checklist={"lights": {"state": "remark", "note": "Phare terni"}})
    assert report.checklist == {
        "horn": {"state": "ok", "note": ""},
        "lights": {"state": "remark", "note": "Phare terni"},
    }
    assert report.km == 84210


def test_a_counter_that_cannot_be_read_has_no_kilometres(draft, bruno):
    reports.write_report(draft, by=bruno, km=84210)
    assert reports.write_report(draft, by=bruno, km_state="unreadable").km is None


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"checklist": {"wings": "ok"}}, "unknown_item"),
        ({"checklist": {"horn": "perfect"}}, "unknown_item"),
        ({"equipment": {"999999": True}}, "unknown_item"),
        ({"km_state": "disputed"}, "unknown_field"),
        ({"signed_at": None}, "unknown_field"),
        ({"fuel_eighths": 9}, "fuel_out_of_range"),
        ({"battery_percent": 101}, "battery_out_of_range"),
        ({"happened_at": dt.datetime(2100, 1, 1, tzinfo=dt.UTC)}, "in_the_future"),
        ({"paper_scan": SimpleUploadedFile("a.txt", b"not a picture")}, "no_paper"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(draft, bruno, fields, code):
    with pytest.raises(ValidationError) as refusal:
        reports.write_report(draft, by=bruno, remarks="perdu", **fields)
    assert code_of(refusal) == code
    assert ConditionReport.objects.get().remarks == ""


def test_accessories_are_counted(draft, promised, bruno):
    helmet = Equipment.objects.create(platform=promised.platform, vehicle=promised.vehicle, sort="helmet")
    report = reports.write_report(draft, by=bruno, equipment={str(helmet.pk): {"present": False, "note": "volé"}})
    assert report.equipment == {str(helmet.pk): {"present": False, "note": "volé"}}


def test_an_empty_signature_is_none(draft, bruno):
    buffer = io.BytesIO()
    Image.new("RGBA", (300, 100)).save(buffer, "PNG")
    with pytest.raises(ValidationError) as refusal:
        reports.write_report(draft, by=bruno, participant_signature=SimpleUploadedFile("s.png", buffer.getvalue()))
    assert code_of(refusal) == "empty_signature"


def test_what_changes_after_a_signature_takes_it_away(draft, bruno, django_capture_on_commit_callbacks):
    signed = reports.write_report(draft, by=bruno, km=84210, participant_signature=signature())
    file = signed.participant_signature
    assert reports.write_report(draft, by=bruno, km=84210).participant_signature == file, "nothing has changed"
    assert reports.write_report(draft, by=bruno, signer_name="Mme Dupouy").participant_signature == file
    with django_capture_on_commit_callbacks(execute=True):
        changed = reports.write_report(draft, by=bruno, km=84211)
    assert changed.participant_signature is None
    assert not StoredFile.objects.filter(pk=file.pk).exists()
    assert not file.file.storage.exists(file.file.name)


def test_a_new_damage_takes_signatures_away_too(draft, bruno):
    reports.write_report(draft, by=bruno, agent_signature=signature())
    reports.add_damage(draft, by=bruno, sort="scratch", zone="bonnet")
    draft.refresh_from_db()
    assert draft.agent_signature is None


def test_a_scanner_s_pdf_is_kept_as_it_came(draft, bruno):
    pdf = SimpleUploadedFile("scan.pdf", b"%PDF-1.4 signed", "application/pdf")
    report = reports.write_report(draft, by=bruno, paper_scan=pdf)
    assert content_of(report.paper_scan) == b"%PDF-1.4 signed"


# --- photos and damages ----------------------------------------------------------------------------


def test_a_photo_of_a_view_takes_the_place_of_the_former(draft, bruno):
    reports.add_photo(draft, picture(), "front_left", by=bruno)
    second = reports.add_photo(draft, picture(colour="red"), "front_left", by=bruno)
    reports.add_photo(draft, picture(), "", by=bruno)
    reports.add_photo(draft, picture(), "", by=bruno)
    assert draft.photos.count() == 3
    assert draft.photos.get(position="front_left") == second
    reports.remove_photo(second, by=bruno)
    assert draft.photos.count() == 2
    assert StoredFile.objects.count() == 2


def test_a_photo_of_no_view_of_this_vehicle_is_refused(draft, bruno):
    with pytest.raises(ValidationError) as refusal:
        reports.add_photo(draft, picture(), "wing", by=bruno)
    assert code_of(refusal) == "unknown_position"


def test_a_damage_found_belongs_to_the_vehicle(draft, bruno):
    damage = reports.add_damage(
        draft, by=bruno, sort="dent", zone="bonnet", x=0.5, y=0.2, severity=2, note="poing", photos=[picture()]
    )
    assert damage.vehicle == draft.assignment.vehicle
    assert damage.found_by == bruno
    assert draft.reported_damages.get().is_new
    assert damage.photos.count() == 1


def test_a_slip_of_the_finger_is_taken_back_a_known_damage_is_not(promised, bruno):
    known = Damage.objects.create(platform=promised.platform, vehicle=promised.vehicle, sort="scratch")
    report = reports.open_report(promised, direction="out", by=bruno)
    slip = reports.add_damage(report, by=bruno, sort="dent", photos=[picture()])
    reports.remove_damage(report, slip, by=bruno)
    assert list(Damage.objects.all()) == [known]
    assert not StoredFile.objects.exists()
    with pytest.raises(ValidationError) as refusal:
        reports.remove_damage(report, known, by=bruno)
    assert code_of(refusal) == "known_damage"


# --- freezing --------------------------------------------------------------------------------------


def test_a_frozen_report_has_its_pdf_and_its_print(promised, bruno):
    report = reports.freeze(complete_report(promised, by=bruno), by=bruno)
    content = content_of(report.pdf)
    assert content.startswith(b"%PDF-")
    assert report.pdf.sha256 == hashlib.sha256(content).hexdigest()
    assert_archive(content)
    assert report.signed_at
    assert report.by == bruno
    entry = JournalEntry.objects.get(verb="report.signed")
    assert entry.facts["sha256"] == report.pdf.sha256


def test_a_report_that_lacks_something_says_all_of_it(draft, bruno):
    with pytest.raises(ValidationError) as refusal:
        reports.freeze(draft, by=bruno)
    assert code_of(refusal) == "incomplete"
    assert len(refusal.value.messages) > 5
    draft.refresh_from_db()
    assert draft.signed_at is None
    assert not OdometerReading.objects.exists()


def test_kilometres_enter_the_ledger(promised, bruno):
    report = reports.freeze(complete_report(promised, by=bruno, km=84300), by=bruno)
    reading = OdometerReading.objects.get()
    assert (reading.km, reading.source, reading.state) == (84300, "loan_out", "accepted")
    assert report.reading == reading


def test_a_lower_value_is_kept_as_disputed_and_stops_nothing(promised, bruno):
    OdometerReading.objects.create(
        platform=promised.platform,
        vehicle=promised.vehicle,
        km=90_000,
        state="accepted",
        source="creation",
        read_at=clock.now() - dt.timedelta(days=1),
        by=bruno,
    )
    report = reports.freeze(complete_report(promised, by=bruno, km=84300), by=bruno)
    assert report.km_state == "disputed"
    assert report.reading.state == "disputed"


def test_an_unreadable_counter_and_a_bicycle_stop_nothing(platform, promised, bruno):
    report = reports.freeze(complete_report(promised, by=bruno, km=None, km_state="unreadable"), by=bruno)
    assert report.reading.state == "unreadable"
    bike = AssignmentFactory(booking__platform=platform, booking__kind=Kind.BIKE, vehicle__energy="human")
    assert reports.freeze(complete_report(bike, by=bruno, km=None), by=bruno).reading is None


@pytest.mark.parametrize(
    "presence",
    [
        {"presence": "absent", "absence_reason": "Clés dans la boîte"},
        {"presence": "refused", "absence_reason": "Conteste"},
    ],
)
def test_a_return_stands_without_a_signature(out, bruno, presence):
    report = reports.freeze(complete_report(out, by=bruno, direction="in", **presence), by=bruno)
    assert report.is_frozen


def test_a_damage_reported_meanwhile_stands_in_the_report(draft, promised, bruno):
    complete_report(promised, by=bruno)
    late = Damage.objects.create(platform=promised.platform, vehicle=promised.vehicle, sort="fault")
    report = reports.freeze(draft, by=bruno)
    assert report.reported_damages.get(damage=late).is_new is False


def test_a_frozen_report_is_never_changed(promised, bruno):
    report = reports.freeze(complete_report(promised, by=bruno), by=bruno)
    photo = report.photos.first()
    for verb in (
        lambda: reports.remove_photo(photo, by=bruno),
        lambda: reports.write_report(report, by=bruno, km=1),
        lambda: reports.add_photo(report, picture(), "", by=bruno),
        lambda: reports.add_damage(report, by=bruno, sort="dent"),
        lambda: reports.freeze(report, by=bruno),
    ):
        with pytest.raises(ValidationError) as refusal:
            verb()
        assert code_of(refusal) == "frozen"
    assert ConditionReport.objects.get().km == 84210


def test_later_words_are_an_amendment(promised, bruno, draft):
    with pytest.raises(ValidationError) as refusal:
        reports.amend(draft, by=bruno, text="La rayure était déjà là.")
    assert code_of(refusal) == "not_frozen"
    report = reports.freeze(complete_report(promised, by=bruno), by=bruno)
    reports.amend(report, by=bruno, text="La rayure était déjà là.")
    assert Note.objects.get().target_id == str(report.pk)


def test_every_kind_of_vehicle_can_be_handed_over(platform, bruno):
    for kind in Kind:
        assignment = AssignmentFactory(booking__platform=platform, booking__kind=kind, vehicle__energy="")
        assert in_order(assignment)["checklist"]
        assert reports.freeze(complete_report(assignment, by=bruno), by=bruno).pdf.size > 10_000


# --- reading ---------------------------------------------------------------------------------------


def test_a_participant_sees_their_signed_reports_and_nobody_else_s(platform, bruno, eve):
    report = ConditionReportFactory(assignment__booking__platform=platform, frozen=True)
    unsigned = ConditionReportFactory(assignment=report.assignment, returning=True)
    ana = report.assignment.booking.participant.user
    other = AssignmentFactory(booking__platform=platform).booking.participant.user
    visible = ConditionReport.objects.visible_to
    assert set(visible(bruno)) == {report, unsigned}
    assert list(visible(ana)) == [report]
    assert list(visible(other)) == list(visible(eve)) == []


def test_a_slip_of_the_finger_is_taken_back_from_other_drafts_too(draft, bruno):
    damage = reports.add_damage(draft, sort="scratch", zone="bonnet", by=bruno)
    other = ConditionReportFactory()
    ReportedDamage.objects.create(report=other, damage=damage)
    reports.remove_damage(draft, damage, by=bruno)
    assert not Damage.objects.exists()


def test_a_damage_that_a_signed_report_shows_stays(draft, bruno):
    damage = reports.add_damage(draft, sort="scratch", zone="bonnet", by=bruno)
    ReportedDamage.objects.create(report=ConditionReportFactory(signed_at=clock.now()), damage=damage)
    with pytest.raises(ValidationError) as refusal:
        reports.remove_damage(draft, damage, by=bruno)
    assert code_of(refusal) == "known_damage"
    assert Damage.objects.get() == damage
