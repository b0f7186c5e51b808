"""Addresses of the verbs that change a loan's dates; part of bookings/urls.py."""

from django.urls import path

from bookings.views import changes, giving_up, signing

urlpatterns = [
    path("prets/<int:pk>/prolonger/", changes.extend, name="extend"),
    path("prets/<int:pk>/renouveler/", changes.renew, name="renew"),
    path("prets/<int:pk>/raccourcir/", changes.shorten, name="shorten"),
    path("prets/<int:pk>/deplacer/", changes.move, name="move"),
    path("prets/<int:pk>/plus-tard/", changes.expect_later, name="expect_later"),
    path("prets/<int:pk>/annuler/", giving_up.cancel, name="cancel"),
    path("prets/<int:pk>/absent/", giving_up.no_show, name="no_show"),
    path("contrats/<int:pk>/signer/", signing.sign_contract, name="sign_contract"),
    path("contrats/<int:pk>/a-signer/", signing.contract_to_sign, name="contract_to_sign"),
    path("souhaits/<int:pk>/refuser/", signing.refuse_wish, name="refuse_wish"),
]
