"""Fit one more: the smallest set of promised loans to move among equal vehicles, so that one more has room. Pure."""

from bookings.offers.fit.finding import Room, find_room
from bookings.offers.fit.question import Plan, collide

__all__ = ["Plan", "Room", "collide", "find_room"]
