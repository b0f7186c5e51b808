"""The pool: what exists, where it stands, who has it until when, how far it has run, what is damaged."""

from fleet.models.condition import Damage, DamagePhoto, Equipment, VehicleDocument
from fleet.models.holds import Hold, TsTzRange
from fleet.models.insurance import InsurancePolicy
from fleet.models.odometer import OdometerReading
from fleet.models.vehicles import NO_TIME, Energy, Kind, Site, Vehicle

__all__ = [
    "NO_TIME",
    "Damage",
    "DamagePhoto",
    "Energy",
    "Equipment",
    "Hold",
    "InsurancePolicy",
    "Kind",
    "OdometerReading",
    "Site",
    "TsTzRange",
    "Vehicle",
    "VehicleDocument",
]
