"""Whose public holidays close a site."""

from django.db import models


class HolidayRegion(models.TextChoices):
    """The values are the subdivisions of the package `holidays`, but for the first two."""

    NONE = "", "Aucun : ouvert les jours fériés"
    MAINLAND = "FR", "Métropole"
    MOSELLE = "57", "Moselle"
    ALSACE = "6AE", "Alsace"
    GUADELOUPE = "971", "Guadeloupe"
    MARTINIQUE = "972", "Martinique"
    GUYANE = "973", "Guyane"
    REUNION = "974", "La Réunion"
    MAYOTTE = "976", "Mayotte"
    SAINT_BARTHELEMY = "BL", "Saint-Barthélemy"
    SAINT_MARTIN = "MF", "Saint-Martin"
    SAINT_PIERRE = "PM", "Saint-Pierre-et-Miquelon"
    WALLIS = "WF", "Wallis-et-Futuna"
    POLYNESIA = "PF", "Polynésie française"
    NEW_CALEDONIA = "NC", "Nouvelle-Calédonie"


OF_ZONE = {
    "Indian/Reunion": HolidayRegion.REUNION,
    "Indian/Mayotte": HolidayRegion.MAYOTTE,
    "America/Guadeloupe": HolidayRegion.GUADELOUPE,
    "America/Martinique": HolidayRegion.MARTINIQUE,
    "America/Cayenne": HolidayRegion.GUYANE,
    "America/St_Barthelemy": HolidayRegion.SAINT_BARTHELEMY,
    "America/Marigot": HolidayRegion.SAINT_MARTIN,
    "America/Miquelon": HolidayRegion.SAINT_PIERRE,
    "Pacific/Wallis": HolidayRegion.WALLIS,
    "Pacific/Tahiti": HolidayRegion.POLYNESIA,
    "Pacific/Noumea": HolidayRegion.NEW_CALEDONIA,
}


def usual_region(time_zone: str) -> str:
    """What a platform on that wall clock most likely observes: the page proposes it, nobody is bound by it."""
    return OF_ZONE.get(time_zone, HolidayRegion.MAINLAND).value
