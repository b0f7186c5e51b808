"""Addresses of what goes on around a loan: prepare, late, to re-house, the papers, what the platform sets; part of
bookings/urls.py."""

from django.urls import path

from bookings.views import late, prepare, rehousing, settings

urlpatterns = [
    path("prets/a-reloger/", rehousing.displaced, name="displaced"),
    path("prets/<int:pk>/a-reloger/", rehousing.alternatives, name="alternatives"),
    path("prets/<int:pk>/preparer/", prepare.prepare, name="prepare"),
    path("prets/<int:pk>/preparer/<slug:item>/", prepare.tick, name="tick"),
    path("prets/<int:pk>/preparer/<slug:item>/retirer/", prepare.untick, name="untick"),
    path("prets/<int:pk>/lieu/", prepare.meet_at, name="meet_at"),
    path("prets/<int:pk>/en-une-page/", prepare.summary, name="summary"),
    path("contrats/<int:pk>/signe/", prepare.signed_copy, name="signed_copy"),
    path("contrats/<int:pk>/signe/joindre/", prepare.attach_signed_copy, name="attach_signed_copy"),
    path("prets/<int:pk>/retard/", late.recovery, name="recovery"),
    path("prets/<int:pk>/retard/noter/", late.contact_made, name="contact_made"),
    path("prets/<int:pk>/retard/lettre/", late.write_letter, name="write_letter"),
    path("demarches/<int:pk>/preuve/joindre/", late.add_proof, name="add_proof"),
    path("demarches/<int:pk>/<slug:which>/", late.recovery_paper, name="recovery_paper"),
    path("reglages/rappels/", settings.reminders, name="reminders"),
    path("reglages/rappels/nouveau/", settings.new_reminder, name="new_reminder"),
    path("reglages/rappels/<int:pk>/", settings.change_reminder, name="change_reminder"),
    path("reglages/rappels/<int:pk>/supprimer/", settings.drop_reminder, name="drop_reminder"),
    path("reglages/clauses/", settings.clauses, name="clauses"),
    path("reglages/clauses/nouvelle/", settings.new_clause, name="new_clause"),
    path("reglages/clauses/<int:pk>/", settings.reword_clause, name="reword_clause"),
    path("reglages/clauses/<int:pk>/arreter/", settings.end_clause, name="end_clause"),
]
