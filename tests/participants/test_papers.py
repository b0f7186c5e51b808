"""Papers that a loan may ask for: how long each counts; noted, seen, taken back, on pages and over the API."""

import base64
import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from core import clock
from core.models import StoredFile
from participants.file import unpack, with_file
from participants.models import DrivingAptitudeTest, DrivingEntitlement, Participant, ParticipantDocument
from participants.paper_actions import forget_document, note_document, record_aptitude_test, see_document
from participants.papers import Paper, what_is_missing
from tests.api.client import Program
from tests.factories import ParticipantFactory

D = dt.date
TODAY = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
ON = D(2026, 3, 1)


@pytest.mark.parametrize(
    ("paper", "counts"),
    [
        (Paper("identity", seen_on=D(2010, 1, 1)), True),
        (Paper("identity", valid_until=D(2026, 2, 28), seen_on=ON), False),
        (Paper("identity", valid_until=ON, seen_on=ON), True),
        (Paper("address", issued_on=D(2025, 12, 1), seen_on=ON), True),
        (Paper("address", issued_on=D(2025, 11, 30), seen_on=ON), False),
        (Paper("address", seen_on=D(2025, 11, 30)), False),
        (Paper("address", issued_on=D(2025, 1, 1), valid_until=D(2026, 6, 1), seen_on=ON), True),
        (Paper("insurance", issued_on=D(2025, 3, 1), seen_on=ON), True),
        (Paper("bank", promised_for=ON), False),
    ],
)
def test_how_long_a_paper_counts(paper, counts):
    assert paper.counts_on(ON) == counts


def test_what_is_missing_and_what_is_promised_by_then():
    papers = [
        Paper("bank", promised_for=ON),
        Paper("parents", promised_for=D(2026, 3, 2)),
        Paper("identity", seen_on=ON),
    ]
    missing, promised = what_is_missing(papers, ["bank", "parents", "identity", "address"], ON)
    assert missing == ["accord des parents (moins de 18 ans)", "justificatif de domicile de moins de 3 mois"]
    assert promised == ["RIB (pour le dimanche 1er\xa0mars)"]


@pytest.fixture
def sunday():
    with clock.travel(to=TODAY):
        yield


@pytest.fixture
def ana(platform, sunday):
    return ParticipantFactory(platform=platform)


def refused(code, *args, verb=note_document, **named):
    with pytest.raises(ValidationError) as refusal:
        verb(*args, **named)
    found = refusal.value
    assert code in ({found.code} if hasattr(found, "code") else {e.code for e in found.error_list})
    assert not ParticipantDocument.objects.filter(seen_on__isnull=False).exists()


@pytest.mark.django_db
class TestVerbs:
    def test_seen_today_by_whoever_notes_it(self, ana, bruno):
        paper = note_document(ana, sort="identity", seen_original=True, by=bruno)
        assert (paper.seen_on, paper.seen_by, paper.seen_original, paper.file) == (ON, bruno, True, None)

    def test_promised_then_seen_once(self, ana, bruno):
        paper = note_document(ana, sort="bank", promised_for=D(2026, 3, 9), by=bruno)
        assert paper.seen_on is None
        assert see_document(paper, by=bruno).seen_on == ON
        with pytest.raises(ValidationError) as refusal:
            see_document(paper, by=bruno)
        assert refusal.value.code == "already_seen"

    def test_refusals(self, ana, bruno, agathe):
        refused("already_past", ana, sort="bank", promised_for=D(2026, 2, 1), by=bruno)
        refused("in_the_future", ana, sort="bank", issued_on=D(2026, 4, 1), by=bruno)
        refused("label_missing", ana, sort="other", by=bruno)
        with pytest.raises(PermissionDenied):
            note_document(ana, sort="bank", by=agathe)
        assert not ParticipantDocument.objects.exists()

    def test_a_test_says_its_reserve_and_has_taken_place(self, ana, bruno):
        said = {"kind": "car", "assessor": "Auto-école", "by": bruno}
        for named in ({"tested_on": D(2026, 4, 1), "result": "fit"}, {"tested_on": ON, "result": "fit_with_reserve"}):
            with pytest.raises(ValidationError):
                record_aptitude_test(ana, **said, **named)
        assert not DrivingAptitudeTest.objects.exists()
        assert record_aptitude_test(ana, **said, tested_on=ON, result="unfit").recorded_by == bruno

    def test_what_is_forgotten_takes_its_copy_with_it(self, ana, bruno, django_capture_on_commit_callbacks):
        from django.core.files.uploadedfile import SimpleUploadedFile

        paper = note_document(ana, sort="bank", by=bruno, file=SimpleUploadedFile("rib.pdf", b"%PDF-1.4"))
        assert StoredFile.objects.count() == 1
        forget_document(paper, by=bruno)
        assert not StoredFile.objects.exists()
        assert not ParticipantDocument.objects.exists()

    def test_the_file_comes_in_one_query_as_it_would_in_many(self, ana, bruno, platform, django_assert_num_queries):
        note_document(ana, sort="bank", promised_for=D(2026, 3, 9), by=bruno)
        record_aptitude_test(ana, kind="car", assessor="A", by=bruno, tested_on=ON, result="fit")
        DrivingEntitlement.objects.create(
            platform=platform, participant=ana, category="B", obtained_on=D(2015, 6, 1), restriction_codes=["78"]
        )
        with django_assert_num_queries(1):
            person = unpack(with_file(Participant.objects.filter(pk=ana.pk)).get())
            read = [*person.documents.all(), *person.aptitude_tests.all(), *person.entitlements.all()]
            assert not list(person.audiences.all())
        known = [*ana.documents.all(), *ana.aptitude_tests.all(), *ana.entitlements.all()]
        for one, other in zip(read, known, strict=True):
            assert {f.attname: getattr(one, f.attname) for f in one._meta.concrete_fields} == {
                f.attname: getattr(other, f.attname) for f in other._meta.concrete_fields
            }


@pytest.mark.django_db
def test_on_pages(client, ana, bruno):
    client.force_login(bruno)
    page = reverse("participants:participant", args=[ana.pk])
    note = reverse("participants:note_document", args=[ana.pk])
    assert client.post(note, {"sort": "address", "issued_on": "2026-02-01", "seen_original": "on"}).status_code == 302
    assert client.post(note, {"sort": "bank", "promised_for": "2026-03-09"}).status_code == 302
    shown = client.get(page).content.decode()
    assert "compte jusqu’au 01/05/2026" in shown
    assert "promis pour le 09/03/2026" in shown
    bank = ParticipantDocument.objects.get(sort="bank")
    assert client.post(reverse("participants:see_document", args=[bank.pk])).status_code == 302
    assert client.post(reverse("participants:forget_document", args=[bank.pk])).status_code == 302
    test = reverse("participants:record_aptitude_test", args=[ana.pk])
    said = {"kind": "car", "tested_on": "2026-02-01", "assessor": "Bruno", "result": "fit_with_reserve"}
    assert client.post(test, said).status_code == 409
    assert client.post(test, said | {"remark": "Pas la nuit"}).status_code == 302
    assert "Apte sous réserve" in client.get(page).content.decode()


@pytest.mark.django_db
def test_over_the_api(ana, bruno, farid):
    program = Program(bruno)
    copy = base64.b64encode(b"%PDF-1.4").decode()
    made = program.post("participant_documents/", 201, participant=ana.pk, sort="bank", file=copy)
    assert made["has_copy"] is True
    coming = program.post("participant_documents/", 201, participant=ana.pk, sort="parents", promised_for="2026-03-09")
    assert program.post(f"participant_documents/{coming['id']}/see/")["seen_original"] is True
    said = {"participant": ana.pk, "kind": "car", "tested_on": "2026-02-01", "assessor": "B", "result": "fit"}
    assert program.post("aptitude_tests/", 201, **said)["result"] == "fit"
    managing = Program(farid)
    policy = managing.post("insurance_policies/", 201, insurer="Maif", starts_on="2026-01-01", minimum_age=21)
    changed = managing.post(f"insurance_policies/{policy['id']}/change/", minimum_age=20)
    assert (changed["minimum_age"], changed["insurer"]) == (20, "Maif")
