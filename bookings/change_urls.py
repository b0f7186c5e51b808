"""Addresses of the verbs that change a loan's dates; part of bookings/urls.py."""

from django.urls import path

from bookings.views import changes

urlpatterns = [
    path("prets/<int:pk>/prolonger/", changes.extend, name="extend"),
    path("prets/<int:pk>/renouveler/", changes.renew, name="renew"),
    path("prets/<int:pk>/raccourcir/", changes.shorten, name="shorten"),
    path("prets/<int:pk>/deplacer/", changes.move, name="move"),
    path("prets/<int:pk>/plus-tard/", changes.expect_later, name="expect_later"),
]
