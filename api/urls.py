from django.urls import URLPattern, URLResolver, path
from drf_spectacular.views import SpectacularAPIView
from rest_framework.permissions import AllowAny

from api import (
    availability,
    bookings,
    calendar_feeds,
    condition_reports,
    day,
    fleet,
    garages,
    imports,
    incidents,
    maintenance,
    messages,
    notes,
    papers,
    participants,
    pricing,
    requests,
    rules,
    series,
    sites,
    views,
)
from api.routing import Router

app_name = "api"
router = Router()
router.register("bookings", bookings.Bookings, "booking")
router.register("series", series.AllSeries, "series")
router.register("recovery_steps", day.RecoverySteps, "recovery_step")
router.register("reminders", day.Reminders, "reminder")
router.register("clauses", day.Clauses, "clause")
router.register("calendar_feeds", calendar_feeds.CalendarFeeds, "calendar_feed")
router.register("incidents", incidents.Incidents, "incident")
router.register("incident_policies", incidents.IncidentPolicies, "incident_policy")
router.register("fines", incidents.Fines, "fine")
router.register("trips", incidents.Trips, "trip")
router.register("messages", messages.Messages, "message")
router.register("availability", availability.Availability, "availability")
router.register("waiting_entries", requests.WaitingEntries, "waiting_entry")
router.register("proposals", requests.Proposals, "proposal")
router.register("request_policies", requests.RequestPolicies, "request_policy")
router.register("loan_rules", rules.LoanRulesets, "loan_rules")
router.register("rule_passes", rules.RulePasses, "rule_pass")
router.register("notes", notes.Notes, "note")
router.register("condition_reports", condition_reports.ConditionReports, "condition_report")
router.register("vehicles", fleet.Vehicles, "vehicle")
router.register("sites", sites.Sites, "site")
router.register("damages", fleet.Damages, "damage")
router.register("odometer_readings", fleet.OdometerReadings, "odometer_reading")
router.register("vehicle_documents", fleet.VehicleDocuments, "vehicle_document")
router.register("equipment", fleet.Equipments, "equipment")
router.register("holds", fleet.Holds, "hold")
router.register("participants", participants.Participants, "participant")
router.register("audience_memberships", participants.Audiences, "audience_membership")
router.register("driving_entitlements", participants.Entitlements, "driving_entitlement")
router.register("participant_documents", papers.Documents, "participant_document")
router.register("aptitude_tests", papers.AptitudeTests, "aptitude_test")
router.register("insurance_policies", papers.InsurancePolicies, "insurance_policy")
router.register("programmes", participants.Programmes, "programme")
router.register("prescribers", participants.Prescribers, "prescriber")
router.register("referents", participants.Referents, "referent")
router.register("garages", garages.Garages, "garage")
router.register("repair_jobs", maintenance.RepairJobs, "repair_job")
router.register("repair_policies", maintenance.RepairPolicies, "repair_policy")
router.register("accounts", pricing.Accounts, "account")
router.register("charges", pricing.Charges, "charge")
router.register("payments", pricing.Payments, "payment")
router.register("deposits", pricing.Deposits, "deposit")
router.register("receipts", pricing.Receipts, "receipt")
router.register("tariffs", pricing.Tariffs, "tariff")
router.register("payers", pricing.Payers, "payer")
router.register("imports/fleet", imports.FleetImport, "import_fleet")
router.register("imports/participants", imports.ParticipantsImport, "import_participants")
router.register("imports/garages", imports.GaragesImport, "import_garages")

urlpatterns: list[URLPattern | URLResolver] = [
    path("schema/", SpectacularAPIView.as_view(permission_classes=[AllowAny]), name="schema"),
    path("docs/", views.docs, name="docs"),
    *router.urls,
]
