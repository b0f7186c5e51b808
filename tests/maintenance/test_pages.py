"""The pages, as people use them: the garage on its phone, the staff at its desk."""

import datetime as dt
import io
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from core import outbox
from fleet.models import Damage, OdometerReading
from garages.actions import stop_working_with
from maintenance import actions
from maintenance.models import JobFile, JobOffer, RepairJob, RepairPolicy
from tests.factories import HoldFactory, ParticipantFactory
from tests.maintenance.conftest import DAY, NOON, THURSDAY
from tests.maintenance.factories import GarageRateFactory, QuoteLineFactory, job_in

pytestmark = pytest.mark.django_db

State = RepairJob.State


def url(name, *args):
    return reverse(f"maintenance:{name}", args=args)


def text_of(response):
    return " ".join(response.content.decode().replace("\xa0", " ").split())


def photo():
    content = io.BytesIO()
    Image.new("RGB", (20, 20), "red").save(content, "JPEG")
    return SimpleUploadedFile("photo.jpg", content.getvalue(), content_type="image/jpeg")


@pytest.fixture
def at_the_garage(client, chloe):
    client.force_login(chloe)
    return client


@pytest.fixture
def at_the_desk(client, farid):
    client.force_login(farid)
    return client


# --- the garage ------------------------------------------------------------------------------------


def test_a_garage_goes_the_whole_way_with_its_thumb(at_the_garage, vehicle, garage, farid):
    GarageRateFactory(garage=garage)
    OdometerReading.objects.create(
        platform=vehicle.platform, vehicle=vehicle, km=96_089, state="accepted", source="manual", read_at=NOON, by=farid
    )
    job = job_in(State.OFFERED, garage, vehicle=vehicle, description="Ça grince.")
    page = text_of(at_the_garage.get(url("garage")))
    assert "Bruit au freinage" in page
    assert "Oui ou non ?" in page
    page = text_of(at_the_garage.get(url("garage_job", job.pk)))
    assert "Accepter" in page
    assert "96 089 km".replace(" ", "\u202f", 1) in page or "96 089 km" in page.replace("\u202f", " ")

    at_the_garage.post(url("garage_accept", job.pk), {"appointment_at": "2026-03-05T09:00"})
    job.refresh_from_db()
    assert (job.state, job.appointment_at) == ("accepted", dt.datetime(2026, 3, 5, 8, tzinfo=dt.UTC))

    page = text_of(at_the_garage.get(url("garage_quote", job.pk)))
    assert 'value="39,90"' in page
    quote = {"rows": "3", "hours": "1,5", "rate": "39,90", "label_0": "Plaquettes", "price_0": "42"}
    at_the_garage.post(url("garage_quote", job.pk), quote)
    job.refresh_from_db()
    assert (job.state, job.quote_total()) == ("quoted", Decimal("101.85"))
    assert "regarde votre devis" in text_of(at_the_garage.get(url("garage_job", job.pk)))

    actions.approve_quote(job, by=farid)
    at_the_garage.post(url("garage_start", job.pk), {"km": "96 200"})
    at_the_garage.post(url("garage_wait_for_parts", job.pk), {"expected_ready_at": "2026-03-10T17:00"})
    at_the_garage.post(url("garage_resume", job.pk), {})
    at_the_garage.post(url("garage_done", job.pk), {})
    at_the_garage.post(url("garage_invoice", job.pk), {"amount": "101,85", "number": "F-12", "file": photo()})
    job.refresh_from_db()
    assert (job.state, job.odometer_km, job.invoice_amount) == ("done", 96_200, Decimal("101.85"))
    assert "Facture envoyée" in text_of(at_the_garage.get(url("garage_job", job.pk)))


def test_the_link_in_the_message_leads_to_the_job_without_an_account(client, garage, bruno, driss, mailoutbox):
    job = job_in(State.TO_DECIDE, garage)
    actions.offer(job, garage, by=bruno)
    outbox.sweep()
    (mail,) = mailoutbox
    link = next(word for word in mail.body.split() if word.startswith("http"))
    path = link.partition("://")[2].partition("/")[2]
    assert client.get(f"/{path}").status_code == 200
    opened = client.post(f"/{path}", follow=True)
    assert opened.redirect_chain[-1][0] == url("garage_job", job.pk)
    assert "Accepter" in text_of(opened)
    stop_working_with(garage, by=driss)
    assert client.get(url("garage")).status_code == 302  # the session that the link began has ended


def test_a_garage_declines_in_a_tap_and_is_thanked(at_the_garage, garage):
    job = job_in(State.OFFERED, garage)
    at_the_garage.post(url("garage_decline", job.pk), {"why": "Trop loin", "words": "60 km"})
    assert JobOffer.objects.get(answer="declined").decline_reason == "Trop loin : 60 km"
    again = at_the_garage.get(url("garage_job", job.pk))
    assert again.status_code == 410
    assert "Merci de votre réponse" in text_of(again)


@pytest.mark.parametrize(
    ("answer", "words"),
    [("expired", "Le temps pour répondre est passé"), ("withdrawn", "Ce travail n’est plus pour vous")],
)
def test_a_closed_offer_says_so_kindly_whatever_is_tapped(at_the_garage, garage, answer, words):
    job = job_in(State.OFFERED, garage)
    job.offers.update(answer=answer, answered_at=NOON)
    for response in (
        at_the_garage.get(url("garage_job", job.pk)),
        at_the_garage.post(url("garage_accept", job.pk), {"appointment_at": "2026-03-05T09:00"}),
    ):
        assert response.status_code == 410
        assert words in text_of(response)


def test_a_garage_that_answers_too_late_is_told_to_call(at_the_garage, garage):
    job = job_in(State.OFFERED, garage)
    job.offers.update(expires_at=NOON - DAY)
    assert "Le temps pour répondre est passé" in text_of(at_the_garage.get(url("garage_job", job.pk)))
    answer = at_the_garage.post(url("garage_accept", job.pk), {"appointment_at": "2026-03-05T09:00"})
    assert answer.status_code == 409
    assert "plus ouverte" in text_of(answer)


def test_a_photo_of_the_garages_own_quote_will_do(at_the_garage, garage):
    job = job_in(State.ACCEPTED, garage)
    at_the_garage.post(url("garage_quote", job.pk), {"rows": "3", "total": "184,50", "photos": [photo()]})
    job.refresh_from_db()
    assert (job.state, job.quote_total()) == ("quoted", Decimal("184.50"))
    assert JobFile.objects.get().is_quote


def test_without_javascript_rows_are_added_and_the_total_is_asked_for(at_the_garage, garage):
    job = job_in(State.ACCEPTED, garage)
    typed = {"rows": "3", "hours": "2", "rate": "35", "label_2": "Filtre", "price_2": "12,5"}
    page = at_the_garage.post(url("garage_quote", job.pk), typed | {"more": "1"})
    assert page.status_code == 200
    assert 'name="label_5"' in page.content.decode()
    assert 'value="Filtre"' in page.content.decode()
    assert "82,50 €" in text_of(at_the_garage.post(url("garage_quote", job.pk), typed | {"sum": "1"}))
    assert not job.quote_lines.exists()


def test_a_quote_keeps_what_was_typed_when_something_is_missing(at_the_garage, garage):
    job = job_in(State.ACCEPTED, garage)
    page = at_the_garage.post(url("garage_quote", job.pk), {"rows": "3", "label_0": "Plaquettes"})
    assert page.status_code == 422
    assert "Écrivez le prix de cette pièce." in text_of(page)
    assert 'value="Plaquettes"' in page.content.decode()


def test_a_double_tap_is_one_answer(at_the_garage, garage, other_garage):
    job = job_in(State.OFFERED, garage)
    said = {"why": "Trop loin", "submission": "the same"}
    first = at_the_garage.post(url("garage_decline", job.pk), said)
    second = at_the_garage.post(url("garage_decline", job.pk), said)
    assert first.url == second.url == url("garage")


def test_a_garage_sees_its_jobs_only_and_nobody_elses_papers(at_the_garage, garage, other_garage, farid):
    theirs = job_in(State.ACCEPTED, other_garage, title="Chez un autre")
    mine = job_in(State.DONE, garage)
    actions.add_photos(mine, [photo()], by=farid)
    actions.quote(job_in(State.ACCEPTED, garage), total=Decimal(10), photos=[photo()], by=garage.user)
    assert "Chez un autre" not in text_of(at_the_garage.get(url("garage")))
    assert at_the_garage.get(url("garage_job", theirs.pk)).status_code == 404
    assert at_the_garage.get(url("garage_done", theirs.pk)).status_code == 404
    seen = at_the_garage.get(url("garage_photo", mine.pk, mine.files.get().file_id))
    assert b"".join(seen.streaming_content)
    quote = JobFile.objects.get(is_quote=True)
    assert at_the_garage.get(url("garage_photo", quote.job_id, quote.file_id)).status_code == 404
    assert at_the_garage.get(url("garage_photo", theirs.pk, mine.files.get().file_id)).status_code == 404


IDENTITY = ("Ana", "Dupouy", "667969008", "06 67 96 90 08", "ana@example.org")


def test_nothing_that_a_garage_reads_names_the_participant(at_the_garage, platform, vehicle, garage, bruno):
    """Ana drives the vehicle, reported its defect, and owns the other one: no page, no message says so."""
    ana = ParticipantFactory(
        platform=platform, first_name="Ana", last_name="Dupouy", phone="+33667969008", email="ana@example.org"
    )
    HoldFactory(vehicle=vehicle, starts_at=NOON - DAY, ends_at=NOON + 9 * DAY, out_at=NOON - DAY)
    jobs = [
        job_in(state, garage, vehicle=vehicle, reported_by=ana.user)
        for state in State.values
        if state not in ("to_decide", "cancelled")
    ]
    own = actions.report_defect(platform=platform, title="Embrayage", own_vehicle="Twingo", participant=ana, by=bruno)
    jobs.append(actions.give(own, garage, by=bruno, appointment_at=THURSDAY))
    pages = [url("garage"), *(url("garage_job", job.pk) for job in jobs), url("garage_quote", jobs[1].pk)]
    for address in pages:
        page = at_the_garage.get(address)
        assert page.status_code == 200
        assert not [word for word in IDENTITY if word in page.content.decode()], address
    from core.models import OutboxMessage

    for message in OutboxMessage.objects.filter(user_id=garage.user_id):
        assert not [word for word in IDENTITY if word in str(message.payload)]


# --- the desk --------------------------------------------------------------------------------------


def test_the_board_shows_each_job_in_its_column(at_the_desk, garage, vehicle):
    for state in ("to_decide", "offered", "quoted", "in_progress", "done"):
        job_in(state, garage, title=f"Travail {state}", vehicle=vehicle)
    paid = job_in("collected", garage, title="Payé", invoiced_at=NOON, paid_on=NOON.date())
    unpaid = job_in("collected", garage, title="Facture à payer", invoiced_at=NOON, invoice_amount=Decimal(35))
    page = at_the_desk.get(url("jobs"))
    columns = {column.title: [job.title for job in column.jobs] for column in page.context["columns"]}
    assert columns == {
        "À décider": ["Travail to_decide"],
        "Proposé": ["Travail offered"],
        "Accepté, devis": ["Travail quoted"],
        "Au garage": ["Travail in_progress"],
        "Terminé": ["Travail done"],
        "À payer": [unpaid.title],
    }
    assert paid.title not in text_of(page)


def test_what_is_needed_first_stands_on_top(at_the_desk, garage, vehicle):
    old = job_in("to_decide", garage, title="Ancien", reported_at=NOON - 9 * DAY)
    urgent = job_in("to_decide", garage, title="Urgent", vehicle=vehicle)
    HoldFactory(vehicle=vehicle, starts_at=NOON + DAY, ends_at=NOON + 2 * DAY)
    first = at_the_desk.get(url("jobs")).context["columns"][0]
    assert first.jobs == [urgent, old]


def test_the_ranking_says_why_and_who_is_left_out(at_the_desk, garage, other_garage, vehicle):
    GarageRateFactory(garage=garage)
    other_garage.repairs = ["moped"]
    other_garage.save()
    page = text_of(at_the_desk.get(url("job", job_in(State.TO_DECIDE, garage, vehicle=vehicle).pk)))
    assert "Répare les voitures et fait la mécanique." in page
    assert "39,90 € de l’heure." in page
    assert "1 garage écarté" in page
    assert "Ne répare pas les voitures." in page


def test_a_defect_is_reported_offered_and_answered_on_the_telephone(at_the_desk, garage, vehicle):
    report = {"vehicle": vehicle.pk, "title": "Ne démarre plus", "work": "electricity", "sort": "repair"}
    report |= {"vehicle_does_not_roll": "on", "block_now": "on", "needed_by": "2026-03-20", "photos": [photo()]}
    at_the_desk.post(url("report"), report)
    job = RepairJob.objects.get()
    assert (job.vehicle_rolls, job.hold is not None, job.files.count()) == (False, True, 1)
    at_the_desk.post(url("offer", job.pk), {"garage": garage.pk})
    without = at_the_desk.post(url("accept", job.pk), {"appointment_at": "2026-03-05T09:00"})
    assert without.status_code == 422
    said = {"appointment_at": "2026-03-05T09:00", "on_behalf": "par téléphone, M. Duval"}
    at_the_desk.post(url("accept", job.pk), said)
    job.refresh_from_db()
    assert (job.state, job.offers.get().on_behalf) == ("accepted", "par téléphone, M. Duval")
    page = text_of(at_the_desk.get(url("job", job.pk)))
    assert "Accepté par Solid’Auto Morcenx" in page
    assert "Accepté (par téléphone, M. Duval)" in page


def test_known_damages_are_ticked_on_the_report_and_mended_with_the_job(at_the_desk, garage, vehicle, farid):
    scratch = Damage.objects.create(platform=vehicle.platform, vehicle=vehicle, sort="scratch", part="aile")
    address = f"{url('report')}?vehicule={vehicle.pk}"
    assert "Rayure · aile" in text_of(at_the_desk.get(address))
    told = {"vehicle": vehicle.pk, "title": "Aile", "work": "bodywork", "sort": "repair", "damages": [scratch.pk]}
    at_the_desk.post(address, told)
    assert list(RepairJob.objects.get().damages.all()) == [scratch]


def test_a_job_is_given_to_a_typed_in_garage(at_the_desk, garage):
    job = job_in(State.TO_DECIDE, garage)
    nobody = at_the_desk.post(url("give", job.pk), {"appointment_at": "2026-03-05T09:00"})
    assert nobody.status_code == 422
    at_the_desk.post(url("give", job.pk), {"appointment_at": "2026-03-05T09:00", "name": "Chez Momo", "city": "Dax"})
    job.refresh_from_db()
    assert job.garage.name == "Chez Momo"


def test_a_quote_is_refused_with_words_and_approved_with_a_tap(at_the_desk, garage):
    job = job_in(State.QUOTED, garage)
    QuoteLineFactory(job=job)
    at_the_desk.post(url("refuse_quote", job.pk), {"reason": "Sans les disques", "ask_again": "on"})
    job.refresh_from_db()
    assert (job.state, job.quote_refused_reason) == ("accepted", "Sans les disques")
    RepairJob.objects.filter(pk=job.pk).update(state="quoted")
    at_the_desk.post(url("approve_quote", job.pk))
    job.refresh_from_db()
    assert job.state == "approved"


def test_a_vehicle_is_collected_and_the_invoice_paid(at_the_desk, garage, vehicle):
    job = job_in(State.DONE, garage, vehicle=vehicle, invoiced_at=NOON, invoice_amount=Decimal(35))
    at_the_desk.post(url("collect", job.pk), {"site": vehicle.site_id, "km": "96 230 km"})
    at_the_desk.post(url("mark_paid", job.pk), {"on": "2026-03-04"})
    job.refresh_from_db()
    assert (job.state, job.paid_on) == ("collected", dt.date(2026, 3, 4))
    assert OdometerReading.objects.get().km == 96_230


def test_a_refusal_is_a_sentence_on_the_page_that_one_came_from(at_the_desk, garage):
    job = job_in(State.OFFERED, garage)
    came_from = url("job", job.pk)
    answer = at_the_desk.post(url("offer_next", job.pk), headers={"referer": f"http://testserver{came_from}"})
    assert answer.url.endswith(came_from)
    assert "déjà proposé" in text_of(at_the_desk.get(came_from))


def test_the_policy_is_set_on_its_page(at_the_desk, platform):
    at_the_desk.post(url("policy"), {"quote_ceiling": "150", "offer_hours": "24", "offers_by_itself": "on"})
    policy = RepairPolicy.objects.get(platform=platform)
    assert (policy.quote_ceiling, policy.offer_hours, policy.offers_by_itself) == (150, 24, True)


def test_the_history_filters_by_state_and_garage(at_the_desk, garage, other_garage):
    job_in(State.CANCELLED, garage, title="Annulé ici")
    job_in(State.DONE, other_garage, title="Fait là")
    page = text_of(at_the_desk.get(url("history"), {"etat": "cancelled"}))
    assert "Annulé ici" in page
    assert "Fait là" not in page
    page = text_of(at_the_desk.get(url("history"), {"garage": other_garage.pk}))
    assert "Fait là" in page
    assert "Annulé ici" not in page


def test_photos_are_for_those_who_see_the_job(client, garage, chloe, farid, eve):
    job = job_in(State.ACCEPTED, garage)
    actions.quote(job, total=Decimal(10), photos=[photo()], by=chloe)
    file = job.files.get().file_id
    for who, status in ((farid, 200), (chloe, 404), (eve, 404), (job.reported_by, 404)):
        client.force_login(who)
        answer = client.get(url("job_file", job.pk, file))
        assert answer.status_code == status
        if answer.streaming:
            b"".join(answer.streaming_content)


def test_a_participants_own_vehicle_finds_a_garage_too(at_the_desk, platform, garage):
    ana = ParticipantFactory(platform=platform)
    typed = {"own_vehicle": "Twingo 2009", "title": "Embrayage", "work": "mechanics", "sort": "repair"}
    at_the_desk.post(url("report_own", ana.pk), typed)
    job = RepairJob.objects.get()
    assert (job.participant, job.vehicle, job.needs_vehicle) == (ana, None, False)
    assert "Twingo 2009" in text_of(at_the_desk.get(url("job", job.pk)))
