"""What is made ready before somebody comes for the keys."""

from django.db import models

from accounts.models import Platform, User
from accounts.reads import StaffQuerySet
from bookings.models.loans import Booking
from core import clock


class PreparationTick(models.Model):
    """Somebody has done one thing of a loan's preparation; what the records know already needs no tick."""

    class Item(models.TextChoices):
        PAPERS = "papers", "Papiers vus"
        DEPOSIT = "deposit", "Dépôt de garantie"
        CONTRACT = "contract", "Contrat prêt"
        CLEAN = "clean", "Véhicule propre"
        ON_SITE = "on_site", "Véhicule sur place"

    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="+")
    booking = models.ForeignKey(Booking, on_delete=models.CASCADE, related_name="preparation_ticks")
    item = models.CharField("quoi", max_length=10, choices=Item.choices)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("fait le", default=clock.now)

    objects = StaffQuerySet.as_manager()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["booking", "item"],
                name="each_thing_is_prepared_once",
                violation_error_code="done_already",
                violation_error_message="C’est déjà fait.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.booking_id} {self.item}"
