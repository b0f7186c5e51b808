"""Incidents, fines, trips, and vehicles that never came back. They stand under the loans, as on the rail."""

from django.urls import path

from bookings.views import fines, incidents, trips

urlpatterns = [
    path("prets/incidents/", incidents.incidents, name="incidents"),
    path("prets/incidents/nouveau/", incidents.open_incident, name="open_incident"),
    path("prets/incidents/reglages/", incidents.policy, name="incident_policy"),
    path("prets/incidents/vehicule/<int:pk>/", incidents.of_vehicle, name="cases_of_vehicle"),
    path("prets/incidents/<int:pk>/", incidents.incident, name="incident"),
    path("prets/incidents/<int:pk>/completer/", incidents.complete, name="incident_complete"),
    path("prets/incidents/<int:pk>/papier/", incidents.add_paper, name="incident_paper"),
    path("prets/incidents/<int:pk>/papiers/<uuid:file>/", incidents.paper, name="incident_file"),
    path("prets/incidents/<int:pk>/plainte/", incidents.complaint, name="incident_complaint"),
    path("prets/incidents/<int:pk>/assurance/", incidents.declare, name="incident_declare"),
    path("prets/incidents/<int:pk>/sortie/", incidents.fetch, name="incident_fetch"),
    path("prets/incidents/<int:pk>/clore/", incidents.close, name="incident_close"),
    path("prets/amendes/", fines.fines, name="fines"),
    path("prets/amendes/nouvelle/", fines.record_fine, name="record_fine"),
    path("prets/amendes/<int:pk>/", fines.fine, name="fine"),
    path("prets/amendes/<int:pk>/conducteur/", fines.driver, name="fine_driver"),
    path("prets/amendes/<int:pk>/designer/", fines.designate, name="fine_designate"),
    path("prets/amendes/<int:pk>/designation.pdf", fines.sheet, name="fine_sheet"),
    path("prets/amendes/<int:pk>/payer/", fines.pay, name="fine_pay"),
    path("prets/amendes/<int:pk>/refacturer/", fines.rebill, name="fine_rebill"),
    path("prets/amendes/<int:pk>/avis/", fines.notice, name="fine_notice"),
    path("prets/amendes/<int:pk>/contester/", fines.contest, name="fine_contest"),
    path("prets/amendes/<int:pk>/erreur/", fines.withdraw, name="fine_withdraw"),
    path("prets/amendes/<int:pk>/clore/", fines.close, name="fine_close"),
    path("prets/amendes/<int:pk>/papier/", fines.add_paper, name="fine_paper"),
    path("prets/amendes/<int:pk>/papiers/<uuid:file>/", fines.paper, name="fine_file"),
    path("prets/trajets/", trips.trips, name="trips"),
    path("prets/trajets/nouveau/", trips.note_trip, name="note_trip"),
    path("prets/trajets/<int:pk>/effacer/", trips.drop_trip, name="drop_trip"),
    path("prets/<int:pk>/jamais-rendu/", trips.not_returned, name="not_returned"),
    path("vehicules/<int:pk>/retrouve/", trips.recovered, name="recovered"),
]
