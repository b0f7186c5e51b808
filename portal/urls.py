from django.urls import path

from portal import views

app_name = "portal"
urlpatterns = [
    path("", views.home, name="home"),
    path("aujourdhui/", views.today, name="today"),
    path("chercher/", views.search, name="search"),
    path("notes/", views.write_note, name="write_note"),
    path("journal/", views.journal, name="journal"),
    path("messages/", views.messages, name="messages"),
    path("messages/<int:pk>/dit/", views.told, name="told"),
    path("messages/<int:pk>/ouvrir/", views.open_as, name="open_as"),
    path("participants/<int:pk>/lien/", views.send_link, name="send_link"),
    path("reglages/", views.settings, name="settings"),
    path("moi/", views.me, name="me"),
    path("moi/panne/", views.breakdown, name="breakdown"),
    path("moi/accident/", views.accident, name="accident"),
    path("moi/probleme/", views.defect, name="defect"),
    path("moi/plus-longtemps/", views.longer, name="longer"),
    path("moi/signer/", views.sign, name="sign"),
    path("moi/papiers/", views.papers, name="papers"),
    path("moi/agenda/", views.agenda, name="agenda"),
    path("moi/demande/", views.ask, name="ask"),
    path("moi/demandes/<int:pk>/annuler/", views.withdraw, name="withdraw"),
    path("moi/propositions/<int:pk>/oui/", views.accept, name="accept"),
    path("moi/propositions/<int:pk>/non/", views.decline, name="decline"),
    path("moi/attente/<int:pk>/quitter/", views.leave, name="leave"),
    path("moi/merci/<slug:what>/", views.thanks, name="thanks"),
    path("moi/prets/<int:pk>/photo/", views.vehicle_photo, name="vehicle_photo"),
]
