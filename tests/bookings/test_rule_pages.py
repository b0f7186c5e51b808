"""« Règles de prêt », « Règles passées », the boxes « Passer outre », and the same over the API."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bookings.actions import book, save_rules
from bookings.models import Booking, LoanRequest, LoanRules, RulePass
from bookings.requests.forms import PapersForm
from bookings.rules.house import Pass
from participants.papers import ASKED, PaperSort
from tests.api.client import Program
from tests.bookings.conftest import DAY, MONDAY
from tests.test_growth import EVERY_PAGE, MOST

pytestmark = pytest.mark.django_db
SINCE = dt.date(2026, 1, 1)


@pytest.fixture
def desk(client, bruno):
    client.force_login(bruno)
    return client


@pytest.fixture
def head(client, driss):
    client.force_login(driss)
    return client


def wish(ana, car, **more):
    local = {"starts_at": "2026-03-02T09:00", "ends_at": "2026-03-09T09:00"}
    return {"participant": ana.pk, "kind": "car", "vehicle": car.pk} | local | more


def test_the_booking_page_shows_what_is_broken_and_lets_it_be_passed(platform, desk, ana, car, tariff):
    LoanRules.objects.create(platform=platform, valid_from=SINCE, max_days=5)
    url = reverse("bookings:book")
    shown = desk.get(url, wish(ana, car)).content.decode()
    assert "Un prêt dure au plus 5 jours\u00a0; ici 7." in shown
    assert 'name="pass_max_length"' in shown
    refused = desk.post(url, wish(ana, car))
    assert refused.status_code == 409
    assert not Booking.objects.exists()
    assert desk.post(url, wish(ana, car, pass_max_length="job")).status_code == 302
    assert RulePass.objects.get().reason == "job"


def test_whoever_may_not_pass_reads_who_may(platform, desk, ana, car, tariff):
    LoanRules.objects.create(platform=platform, valid_from=SINCE, max_days=5, passed_by=[])
    shown = desk.get(reverse("bookings:book"), wish(ana, car)).content.decode()
    assert "pass_max_length" not in shown
    assert "Seules certaines personnes" in shown


def test_what_the_law_will_refuse_is_said_when_promising(platform, desk, ana, car, tariff):
    ana.entitlements.update(not_entitled_until=dt.date(2026, 12, 31))
    shown = desk.get(reverse("bookings:book"), wish(ana, car)).content.decode()
    assert "N’a pas le droit de conduire" in shown
    assert "les clés ne pourront pas être remises" in shown
    assert desk.post(reverse("bookings:book"), wish(ana, car)).status_code == 302
    loan = Booking.objects.get()
    fragment = reverse("bookings:pass_rules", args=[loan.pk])
    assert f'hx-get="{fragment}"' in desk.get(reverse("bookings:booking", args=[loan.pk])).content.decode()
    with CaptureQueriesContext(connection) as asked:
        shown = desk.get(fragment, headers={"HX-Request": "true"}).content.decode()
    assert "N’a pas le droit de conduire" in shown
    assert "<html" not in shown
    said = [query["sql"][:160] for query in asked.captured_queries]
    assert len(said) <= EVERY_PAGE + 5, "\n".join(said)  # the platform of whoever is suspended is one more


def test_a_vehicle_that_only_its_turnaround_keeps_is_offered(platform, desk, ana, car, tariff, bruno):
    LoanRules.objects.create(platform=platform, valid_from=SINCE, after_minutes=60)
    book(platform, participant=ana, vehicle=car, starts_at=MONDAY - DAY / 2, ends_at=MONDAY, by=bruno)
    url = reverse("bookings:book")
    shown = desk.get(url, wish(ana, car)).content.decode()
    assert "trop peu de temps pour le préparer" in shown
    assert 'name="pass_turnaround"' in shown
    assert desk.post(url, wish(ana, car)).status_code == 409
    assert desk.post(url, wish(ana, car, pass_turnaround="nobody_waits")).status_code == 302


def test_the_whole_booking_page_asks_few_questions(platform, desk, ana, car, other_car, tariff):
    LoanRules.objects.create(
        platform=platform, valid_from=SINCE, max_days=5, quota_days=90, quota_months=12, documents=["identity"],
        aptitude_needed=True, one_at_a_time=True,
    )  # fmt: skip
    with CaptureQueriesContext(connection) as asked:
        assert desk.get(reverse("bookings:book"), wish(ana, car) | {"vehicle": ""}).status_code == 200
    said = [query["sql"][:160] for query in asked.captured_queries]
    assert len(said) <= EVERY_PAGE + MOST, "\n".join(said)


def test_a_promised_loan_gets_its_pass_before_the_keys(platform, desk, ana, car, tariff, bruno):
    loan = book(platform, participant=ana, vehicle=car, starts_at=MONDAY, ends_at=MONDAY + DAY, by=bruno)
    LoanRules.objects.create(platform=platform, valid_from=SINCE, documents=["identity"])
    page = reverse("bookings:pass_rules", args=[loan.pk])
    assert "Il manque\u00a0: pièce d’identité." in desk.get(page).content.decode()
    assert desk.post(page).status_code == 409
    assert not RulePass.objects.exists()
    assert desk.post(page, {"pass_documents": "seen_elsewhere"}).status_code == 302
    assert RulePass.objects.get().rule == "documents"
    assert "Il manque" not in desk.get(page).content.decode()


def test_passes_are_read_by_whoever_coordinates(platform, head, ana, car, tariff, bruno):
    LoanRules.objects.create(platform=platform, valid_from=SINCE, max_days=5)
    book(
        platform, participant=ana, vehicle=car, starts_at=MONDAY, ends_at=MONDAY + 7 * DAY, by=bruno,
        passes=[Pass("max_length", "job")],
    )  # fmt: skip
    page = reverse("bookings:passes")
    assert "Un emploi ou une formation est en jeu" in head.get(page).content.decode()
    assert head.post(reverse("bookings:review_pass", args=[RulePass.objects.get().pk])).status_code == 302
    assert "Rien à relire" in head.get(page).content.decode()
    assert "vu par Driss" in head.get(page, {"vues": 1}).content.decode()


class TestSettings:
    TYPED = {"valid_from": "2026-04-01", "kind": "car", "max_days": "92", "renewals": "1", "one_at_a_time": "yes"}

    def test_a_new_version_closes_the_former_one(self, platform, head):
        former = LoanRules.objects.create(platform=platform, kind="car", valid_from=SINCE, max_days=60)
        assert head.post(reverse("bookings:new_rules"), self.TYPED).status_code == 302
        former.refresh_from_db()
        assert former.valid_until == dt.date(2026, 4, 1)
        new = LoanRules.objects.get(valid_until=None)
        assert (new.max_days, new.renewals, new.one_at_a_time) == (92, 1, True)
        assert (new.documents, new.passed_by) == (None, None)
        shown = head.get(reverse("bookings:rules")).content.decode()
        assert "Au plus 92 jours" in shown
        assert "Renouvelable une fois" in shown

    def test_the_form_opens_with_the_former_ones(self, platform, head):
        former = LoanRules.objects.create(
            platform=platform, kind="car", valid_from=SINCE, one_at_a_time=False, documents=[], passed_by=[]
        )
        shown = head.get(reverse("bookings:new_rules"), {"depuis": former.pk}).content.decode()
        assert '<option value="no" selected>' in shown
        assert shown.count("checked") == 2

    def test_rules_that_say_nothing_and_days_without_months_are_refused(self, head):
        url = reverse("bookings:new_rules")
        assert head.post(url, {"valid_from": "2026-04-01"}).status_code == 409
        assert head.post(url, {"valid_from": "2026-04-01", "quota_days": "90"}).status_code == 409
        assert not LoanRules.objects.exists()

    def test_they_end(self, platform, head):
        rules = LoanRules.objects.create(platform=platform, valid_from=SINCE, max_days=5)
        url = reverse("bookings:end_rules", args=[rules.pk])
        assert head.post(url, {"day": "2025-01-01"}).status_code == 409
        assert head.post(url, {"day": "2026-03-02"}).status_code == 302
        rules.refresh_from_db()
        assert rules.valid_until == dt.date(2026, 3, 2)

    def test_the_reading_of_the_law(self, platform, head):
        assert head.post(reverse("bookings:settle_law"), {"suspended_b_rides_mopeds": "on"}).status_code == 302
        platform.refresh_from_db()
        assert platform.suspended_b_rides_mopeds

    def test_the_same_day_takes_the_place(self, platform, driss):
        first = save_rules(platform, by=driss, valid_from=SINCE, max_days=5)
        second = save_rules(platform, by=driss, valid_from=SINCE, max_days=6)
        assert (first.pk, LoanRules.objects.get().max_days) == (second.pk, 6)

    @pytest.mark.parametrize(
        ("said", "code"), [({}, "rules_empty"), ({"documents": ["identity", "astrology"]}, "unknown_paper")]
    )
    def test_what_says_nothing_or_asks_for_an_unknown_paper_is_refused(self, platform, driss, said, code):
        with pytest.raises(ValidationError) as refusal:
            save_rules(platform, by=driss, valid_from=SINCE, **said)
        assert refusal.value.code == code
        assert not LoanRules.objects.exists()


def test_over_the_api(platform, ana, car, tariff, driss):
    program = Program(driss)
    made = program.post("loan_rules/", 201, valid_from="2026-01-01", max_days=5)
    assert made["words"] == ["Au plus 5 jours"]
    ends_at = (MONDAY + 7 * DAY).isoformat()
    asked = {"participant": ana.pk, "vehicle": car.pk, "starts_at": MONDAY.isoformat(), "ends_at": ends_at}
    checked = program.post("bookings/check/", **asked)
    assert [one["rule"] for one in checked if one["binds"]] == ["max_length"]
    assert {"inspection", "insurance"} <= {one["rule"] for one in checked if not one["binds"]}
    refused = program.post("bookings/", 409, **asked)
    assert (refused["code"], refused["rules"][0]["rule"]) == ("rule_broken", "max_length")
    booked = program.post("bookings/", 201, **asked, passes=[{"rule": "max_length", "reason": "job"}])["id"]
    (one,) = program.rows("rule_passes/")
    assert program.post(f"rule_passes/{one['id']}/review/")["reviewed_by"] == driss.pk
    assert program.get(f"bookings/{booked}/before_keys/")
    nothing = {"passes": [{"rule": "documents", "reason": "job"}]}
    program.refused(f"bookings/{booked}/pass_rules/", "nothing_to_pass", **nothing)
    assert program.post(f"loan_rules/{made['id']}/end/", valid_until="2026-06-01")["valid_until"] == "2026-06-01"


def test_a_request_asks_for_the_papers_that_are_kept_and_for_the_licence() -> None:
    """One list: what is asked for in a request can be noted as seen in the person's file."""
    kept = {sort for sort, _ in PaperSort.choices} - {"other"}
    assert {sort for sort, _ in ASKED} == kept | {"licence"}
    assert dict(PapersForm().fields["documents"].choices)["address"] == "Justificatif de domicile de moins de 3 mois"
    assert LoanRequest(papers=["licence", "bank"]).papers_in_words == ["Permis de conduire", "RIB"]
