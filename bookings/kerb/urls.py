"""Addresses of the walk at the kerb and of its papers; part of bookings/urls.py."""

from django.urls import URLPattern, path

from bookings.models import ConditionReport
from bookings.views import kerb, reports


def walk(word: str, name: str, direction: str) -> list[URLPattern]:
    there = {"direction": direction}
    return [
        path(f"prets/<int:pk>/{word}/", kerb.start, there, name=name),
        path(f"prets/<int:pk>/{word}/fait/", kerb.done, there, name=f"{name}_done"),
        path(f"prets/<int:pk>/{word}/tour/degat/", kerb.add_damage, there, name=f"{name}_add_damage"),
        path(
            f"prets/<int:pk>/{word}/tour/<int:damage>/retirer/",
            kerb.remove_damage,
            there,
            name=f"{name}_remove_damage",
        ),
        path(f"prets/<int:pk>/{word}/photos/ajouter/", kerb.add_photo, there, name=f"{name}_add_photo"),
        path(
            f"prets/<int:pk>/{word}/photos/<int:photo>/retirer/",
            kerb.remove_photo,
            there,
            name=f"{name}_remove_photo",
        ),
        path(f"prets/<int:pk>/{word}/<slug:step>/", kerb.step, there, name=f"{name}_step"),
    ]


urlpatterns = [
    *walk("remise", "hand_over", ConditionReport.Direction.OUT),
    *walk("retour", "take_back", ConditionReport.Direction.IN),
    path("prets/<int:pk>/projet-de-contrat/", reports.contract_draft, name="contract_draft"),
    path("contrats/<int:pk>/", reports.contract, name="contract"),
    path("etats-des-lieux/<uuid:pk>/", reports.report, name="report"),
    path("etats-des-lieux/<uuid:pk>/remarque/", reports.amend, name="amend_report"),
    path("etats-des-lieux/<uuid:pk>/pdf/", reports.report_pdf, name="report_pdf"),
    path("etats-des-lieux/<uuid:pk>/photos/<int:photo>/", reports.report_photo, name="report_photo"),
    path("etats-des-lieux/<uuid:pk>/degats/<int:photo>/", reports.damage_photo, name="report_damage_photo"),
    path("etats-des-lieux/<uuid:pk>/signatures/<slug:whose>/", reports.report_signature, name="report_signature"),
]
