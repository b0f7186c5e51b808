from django.urls import path

from core.import_pages import routes
from participants.import_pages import PARTICIPANTS
from participants.views import papers, people, rights, settings

app_name = "participants"
urlpatterns = [
    *routes(PARTICIPANTS),
    path("participants/", people.participants, name="participants"),
    path("participants/nouveau/", people.register, name="register"),
    path("participants/<int:pk>/", people.participant, name="participant"),
    path("participants/<int:pk>/modifier/", people.change, name="change"),
    path("participants/<int:pk>/public/", people.add_audience, name="add_audience"),
    path("participants/<int:pk>/permis/", rights.record_entitlement, name="record_entitlement"),
    path("participants/<int:pk>/papier/", papers.note_document, name="note_document"),
    path("participants/<int:pk>/test/", papers.record_aptitude_test, name="record_aptitude_test"),
    path("papiers/<int:pk>/vu/", papers.see_document, name="see_document"),
    path("papiers/<int:pk>/retirer/", papers.forget_document, name="forget_document"),
    path("papiers/<int:pk>/copie/", papers.document_copy, name="document_copy"),
    path("publics/<int:pk>/terminer/", people.end_audience, name="end_audience"),
    path("permis/<int:pk>/", rights.change_entitlement, name="change_entitlement"),
    path("permis/<int:pk>/verifier/", rights.verify_entitlement, name="verify_entitlement"),
    path("dispositifs/", settings.programmes, name="programmes"),
    path("dispositifs/ajouter/", settings.add_programme, name="add_programme"),
    path("dispositifs/<int:pk>/", settings.change_programme, name="change_programme"),
    path("prescripteurs/", settings.prescribers, name="prescribers"),
    path("prescripteurs/ajouter/", settings.add_prescriber, name="add_prescriber"),
    path("prescripteurs/<int:pk>/", settings.change_prescriber, name="change_prescriber"),
    path("referents/ajouter/", settings.add_referent, name="add_referent"),
    path("referents/<int:pk>/", settings.change_referent, name="change_referent"),
]
