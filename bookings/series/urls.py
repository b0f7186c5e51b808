"""Addresses of recurring loans; part of bookings/urls.py."""

from django.urls import path

from bookings.views import series

urlpatterns = [
    path("prets/reguliers/", series.all_series, name="all_series"),
    path("prets/reguliers/nouveau/", series.new_series, name="new_series"),
    path("prets/reguliers/demander/", series.request_series, name="request_series"),
    path("prets/reguliers/<int:pk>/", series.series, name="series"),
    path("prets/reguliers/<int:pk>/arreter/", series.end_series, name="end_series"),
    path("prets/<int:pk>/retirer-cette-date/", series.drop_occurrence, name="drop_occurrence"),
]
