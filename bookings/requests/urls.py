"""Requests and the waiting list."""

from django.urls import path

from bookings.views import requests, waiting

urlpatterns = [
    path("prets/demandes/", requests.requests, name="requests"),
    path("prets/demander/", requests.ask, name="request_loan"),
    path("prets/<int:pk>/changer-la-demande/", requests.change_request, name="change_request"),
    path("prets/<int:pk>/approuver/", requests.approve, name="approve"),
    path("prets/<int:pk>/refuser/", requests.refuse_request, name="refuse_request"),
    path("prets/<int:pk>/demander-des-papiers/", requests.ask_for_documents, name="ask_for_documents"),
    path("prets/<int:pk>/mettre-en-attente/", requests.wait, name="wait_for_vehicle"),
    path("prets/<int:pk>/envoyer/", requests.submit, name="submit"),
    path("prets/<int:pk>/confirmer/", requests.confirm, name="confirm"),
    path("prets/attente/", waiting.waiting, name="waiting"),
    path("prets/attente/ajouter/", waiting.join, name="join_waiting_list"),
    path("prets/attente/<int:pk>/changer/", waiting.change, name="change_waiting"),
    path("prets/attente/<int:pk>/proposer/", waiting.propose, name="propose"),
    path("prets/attente/<int:pk>/retirer/", waiting.leave, name="leave_waiting_list"),
    path("prets/propositions/<int:pk>/ecrire/", waiting.offer, name="offer"),
    path("prets/propositions/<int:pk>/accepter/", waiting.accept, name="accept_proposal"),
    path("prets/propositions/<int:pk>/refuser/", waiting.decline, name="decline_proposal"),
    path("prets/reglages/demandes/", requests.policy, name="request_policy"),
]
