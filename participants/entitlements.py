"""Who may drive what, on a day, and why not: French law as data, applied by a pure function.

What is unknown warns; only what is known to be missing, past or forbidden refuses (in real files half the papers
have no date). Sources: code de la route, art. R211-1, R211-2, R221-1, R221-4 to R221-8, R221-10; arrêté du
17 décembre 2010 (125 cm³); arrêté du 8 novembre 2012 (code 78), as changed on 1 March 2024.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Self

from core import words
from core.days import months_later, years_later
from fleet.models import Energy, Kind, Vehicle
from participants.models import DrivingEntitlement, Participant

Category, Sort, Method = DrivingEntitlement.Category, DrivingEntitlement.Sort, DrivingEntitlement.Method
Declared = Participant.LicenceDeclared

# --- the law, as data: each figure with the day since which it holds ------------------------------

LONG_AGO = dt.date(1900, 1, 1)
CYCLES = frozenset({Kind.BIKE, Kind.E_BIKE})
AM_VEHICLES = frozenset({Kind.MOPED, Kind.MICROCAR})  # at most 50 cm³ or 4 kW, 45 km/h; light quadricycles (L6e)
GEARED = frozenset({Kind.CAR, Kind.VAN, Kind.MOTORCYCLE_125})  # where code 78 makes a difference

COVERS: dict[str, frozenset[str]] = {
    Kind.MOPED: frozenset(Category),  # AM, or any other licence
    Kind.MICROCAR: frozenset(Category),
    Kind.MOTORCYCLE_125: frozenset({Category.A1, Category.A2, Category.A}),  # and B, see `by_b_licence`
    Kind.CAR: frozenset({Category.B}),
    Kind.VAN: frozenset({Category.B}),
}
LICENCE_ASKED = {
    Kind.MOPED: "le permis AM (ex-BSR) ou un autre permis",
    Kind.MICROCAR: "le permis AM (ex-BSR) ou un autre permis",
    Kind.MOTORCYCLE_125: "le permis A1, ou le permis B depuis deux ans avec la formation de 7 heures",
    Kind.CAR: "le permis B",
    Kind.VAN: "le permis B",
}

Figure = tuple[tuple[dt.date, int], ...]  # (since, value), the oldest first
MINIMUM_AGE: dict[str, Figure] = {
    Kind.MOPED: ((LONG_AGO, 14),),
    Kind.MICROCAR: ((LONG_AGO, 16), (dt.date(2014, 11, 1), 14)),
    Kind.MOTORCYCLE_125: ((LONG_AGO, 16),),
    Kind.CAR: ((LONG_AGO, 18), (dt.date(2024, 1, 1), 17)),
    Kind.VAN: ((LONG_AGO, 18), (dt.date(2024, 1, 1), 17)),
}
PROVISIONAL_MONTHS: dict[str, Figure] = {  # how long a paper counts as a licence
    Sort.CEPC: ((LONG_AGO, 2), (dt.date(2012, 1, 1), 4)),
    Sort.TRAINING: ((LONG_AGO, 4),),
}
AUTOMATIC_LIFT_MONTHS: Figure = ((LONG_AGO, 4),)  # its attestation counts with the licence, then a new title is asked
B_YEARS_FOR_125: Figure = ((LONG_AGO, 2),)
AM_NEEDED_IF_BORN_FROM = dt.date(1988, 1, 1)
B_RIDES_125_IF_OBTAINED_BEFORE = dt.date(1980, 3, 1)
SEEN_AGAIN_AFTER_MONTHS = 12  # a right to drive can be lost: the original, or the ADCS, is asked for once a year

AUTOMATIC_ONLY, QUADRICYCLES_ONLY, INTERLOCK = "78", "79.02", "69"


def in_force(figure: Figure, on: dt.date) -> int:
    return [value for since, value in figure if since <= on][-1]


# --- who, what, and the answer ----------------------------------------------------------------------


@dataclass(frozen=True)
class Title:
    """A paper that gives a right to drive: the plain values of a DrivingEntitlement."""

    category: str
    sort: str = Sort.LICENCE
    obtained_on: dt.date | None = None
    valid_until: dt.date | None = None  # this day included
    codes: frozenset[str] = frozenset()
    training_125_on: dt.date | None = None
    training_125_exempt: bool = False  # insured for a 125 between 2006 and 2010
    automatic_lift_on: dt.date | None = None
    not_entitled_until: dt.date | None = None  # this day included
    method: str = Method.DECLARED
    verified_on: dt.date | None = None

    @classmethod
    def of(cls, row: DrivingEntitlement) -> Self:
        return cls(
            category=row.category,
            sort=row.sort,
            obtained_on=row.obtained_on,
            valid_until=row.valid_until,
            codes=frozenset(row.restriction_codes),
            training_125_on=row.training_125_on,
            training_125_exempt=row.training_125_exempt,
            automatic_lift_on=row.training_automatic_lift_on,
            not_entitled_until=row.not_entitled_until,
            method=row.method,
            verified_on=row.verified_on,
        )


@dataclass(frozen=True)
class Driver:
    birth_date: dt.date | None = None
    declared: str = Declared.UNKNOWN
    titles: tuple[Title, ...] = ()
    mopeds_while_suspended: bool = False  # the platform's reading of the law: AM, or birth before 1988, stands alone

    @classmethod
    def of(cls, participant: Participant) -> Self:
        """Prefetch `entitlements` where there are many participants. The platform is read of whoever is suspended."""
        titles = tuple(Title.of(row) for row in participant.entitlements.all())
        suspended = any(title.not_entitled_until for title in titles)
        return cls(
            birth_date=participant.birth_date,
            declared=participant.licence_declared,
            titles=titles,
            mopeds_while_suspended=suspended and participant.platform.suspended_b_rides_mopeds,
        )

    def for_kind(self, kind: str, on: dt.date) -> Self:
        """A suspended licence gives nothing; AM, which is no part of it, still may, and so may birth before 1988."""
        if not (self.mopeds_while_suspended and kind in AM_VEHICLES and barred_until(self, on)):
            return self
        return replace(self, titles=tuple(title for title in self.titles if title.category == Category.AM))


@dataclass(frozen=True)
class ToDrive:
    """What is to be driven. `automatic` is None when nobody wrote down the gearbox."""

    kind: str
    automatic: bool | None = None

    @classmethod
    def of(cls, vehicle: Vehicle) -> Self:
        if vehicle.gearbox:
            return cls(vehicle.kind, vehicle.gearbox == Vehicle.Gearbox.AUTOMATIC)
        return cls(vehicle.kind, True if vehicle.energy == Energy.ELECTRIC else None)


@dataclass(frozen=True)
class Verdict:
    """`refusals` say why not; `warnings` what nobody knows, or what to look at before giving the keys."""

    refusals: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def allowed(self) -> bool:
        return not self.refusals


def can_drive(driver: Driver, vehicle: ToDrive, on: dt.date) -> Verdict:
    """May this person drive this vehicle on this day? The best of their papers answers."""
    if vehicle.kind in CYCLES:
        return Verdict()
    papers_known, driver = bool(driver.titles), driver.for_kind(vehicle.kind, on)
    if barred := barred_until(driver, on):
        return Verdict((f"N’a pas le droit de conduire jusqu’au {say(barred)}.",))
    age = in_force(MINIMUM_AGE[vehicle.kind], on)
    if driver.birth_date is not None and years_later(driver.birth_date, age) > on:
        return Verdict((f"Il faut avoir {age} ans pour conduire ce véhicule.",))
    ways = [by_title(title, vehicle, on) for title in driver.titles if counts_for(title, vehicle.kind)]
    ways += without_title(driver, vehicle, papers_known=papers_known)
    allowed = [way for way in ways if way.allowed]
    if allowed:
        return min(allowed, key=lambda way: len(way.warnings))
    return Verdict(tuple(dict.fromkeys(reason for way in ways for reason in way.refusals)))


def kinds_driven(driver: Driver, on: dt.date) -> list[tuple[Kind, Verdict]]:
    """For a person's page: each kind of vehicle, and whether they may drive it (automatic only is a warning here)."""
    verdicts = []
    for kind in Kind:
        verdict = can_drive(driver, ToDrive(kind, automatic=True), on)
        if verdict.allowed:
            manual = can_drive(driver, ToDrive(kind, automatic=False), on)
            verdict = Verdict(warnings=tuple(dict.fromkeys((*manual.refusals, *verdict.warnings))))
        verdicts.append((kind, verdict))
    return verdicts


# --- the ways to a right ----------------------------------------------------------------------------


def barred_until(driver: Driver, on: dt.date) -> dt.date | None:
    """A suspension bars every motor vehicle, whichever paper it was noted on; see `Driver.for_kind`."""
    days = [title.not_entitled_until for title in driver.titles if is_barred(title, on)]
    return max((day for day in days if day is not None), default=None)


def is_barred(title: Title, on: dt.date) -> bool:
    return title.not_entitled_until is not None and title.not_entitled_until >= on


def counts_for(title: Title, kind: str) -> bool:
    """An attestation of training replaces no licence but AM."""
    if title.sort == Sort.TRAINING and title.category != Category.AM:
        return False
    return title.category in COVERS[kind] or (kind == Kind.MOTORCYCLE_125 and title.category == Category.B)


def by_title(title: Title, vehicle: ToDrive, on: dt.date) -> Verdict:
    name = f"Permis {title.category}"
    found = [*validity(title, name, on), *limits(title, name, vehicle, on)]
    if vehicle.kind == Kind.MOTORCYCLE_125 and title.category == Category.B:
        found += by_b_licence(title, on)
    found += seen(title, name, on)
    return Verdict(
        tuple(reason for refuses, reason in found if refuses),
        tuple(reason for refuses, reason in found if not refuses),
    )


Reason = tuple[bool, str]  # whether it refuses, and what it says


def validity(title: Title, name: str, on: dt.date) -> Iterable[Reason]:
    """From the day it was obtained until it ends; some papers end by law."""
    if title.obtained_on is not None and title.obtained_on > on:
        yield True, f"{name} obtenu le {say(title.obtained_on)} seulement."
    until = title.valid_until
    if title.sort in PROVISIONAL_MONTHS:
        what = "Certificat d’examen (CEPC)" if title.sort == Sort.CEPC else "Attestation de formation"
        months = in_force(PROVISIONAL_MONTHS[title.sort], on)
        if title.obtained_on is None:
            yield False, f"{what} sans date : il compte comme un permis pendant {months} mois."
        elif on > (by_law := months_later(title.obtained_on, months)):
            yield True, f"{what} : les {months} mois sont passés depuis le {say(by_law)}. Demandez le permis."
    elif title.sort == Sort.FOREIGN and until is None:
        yield False, "Permis étranger : hors d’Europe, il compte un an après l’installation en France."
    elif title.sort == Sort.EXCHANGE and until is None:
        yield False, "Récépissé d’échange sans date de fin."
    if until is not None and on > until:
        yield True, f"{name} valable jusqu’au {say(until)}."


def limits(title: Title, name: str, vehicle: ToDrive, on: dt.date) -> Iterable[Reason]:
    """What the codes on the licence limit it to."""
    if QUADRICYCLES_ONLY in title.codes and vehicle.kind not in {Kind.MICROCAR, Kind.CAR, Kind.VAN}:
        yield True, f"{name} limité aux voiturettes (code 79.02)."
    if AUTOMATIC_ONLY in title.codes and vehicle.kind in GEARED and vehicle.automatic is not True:
        yield automatic_only(title, name, vehicle, on)
    if any(code == INTERLOCK or code.startswith(f"{INTERLOCK}.") for code in title.codes):
        yield False, f"{name} : éthylotest antidémarrage obligatoire (code 69). Vérifiez le véhicule."
    adapted = sorted(code for code in title.codes if code[:2].isdigit() and 10 <= int(code[:2]) <= 50)
    if adapted:
        yield False, f"{name} : véhicule aménagé demandé (code {', '.join(adapted)}). Vérifiez le véhicule."


def automatic_only(title: Title, name: str, vehicle: ToDrive, on: dt.date) -> Reason:
    """Code 78, on a vehicle that is not known to be automatic; a 7-hour course lifts it."""
    if title.automatic_lift_on is not None and title.automatic_lift_on <= on:
        until = months_later(title.automatic_lift_on, in_force(AUTOMATIC_LIFT_MONTHS, on))
        if on <= until:
            return False, f"Boîte manuelle : l’attestation de 7 heures, avec le permis, compte jusqu’au {say(until)}."
        return vehicle.automatic is False, (
            f"Boîte manuelle : l’attestation de 7 heures ne compte plus depuis le {say(until)}. "
            "Demandez le nouveau permis, sans code 78."
        )
    if vehicle.automatic is None:
        return False, f"{name} limité aux boîtes automatiques (code 78) : vérifiez la boîte de ce véhicule."
    return True, f"{name} limité aux boîtes automatiques (code 78)."


def by_b_licence(title: Title, on: dt.date) -> Iterable[Reason]:
    """B rides a 125 after two years and 7 hours of training; some are exempt from it."""
    years = in_force(B_YEARS_FOR_125, on)
    if title.obtained_on is None:
        yield False, f"125 cm³ : le permis B doit avoir {years} ans ; sa date n’est pas notée."
    elif title.obtained_on < B_RIDES_125_IF_OBTAINED_BEFORE:
        return
    elif on < (ripe := years_later(title.obtained_on, years)):
        yield True, f"125 cm³ : le permis B doit avoir {years} ans, ce sera le {say(ripe)}."
    if title.training_125_exempt:
        return
    if title.training_125_on is None:
        yield False, "125 cm³ : la formation de 7 heures n’est pas notée. Demandez l’attestation."
    elif title.training_125_on > on:
        yield True, f"125 cm³ : la formation de 7 heures n’a lieu que le {say(title.training_125_on)}."


def seen(title: Title, name: str, on: dt.date) -> Iterable[Reason]:
    if title.method == Method.DECLARED or title.verified_on is None:
        yield False, f"{name} déclaré : l’original n’a pas été vu."
    elif on > months_later(title.verified_on, SEEN_AGAIN_AFTER_MONTHS):
        yield False, f"{name} vu le {say(title.verified_on)}, il y a plus d’un an : demandez-le à nouveau."


def without_title(driver: Driver, vehicle: ToDrive, *, papers_known: bool) -> Iterable[Verdict]:
    """By birth, or because nobody knows yet; otherwise what is missing."""
    asked = LICENCE_ASKED[vehicle.kind]
    if vehicle.kind in AM_VEHICLES:
        if driver.birth_date is None:
            yield Verdict(warnings=("Date de naissance inconnue : sans permis, il faut être né avant 1988.",))
        elif driver.birth_date < AM_NEEDED_IF_BORN_FROM:
            yield Verdict()
    if driver.declared == Declared.NONE and not papers_known:
        yield Verdict(refusals=(f"Aucun permis. Il faut {asked}.",))
    elif driver.declared == Declared.LEARNING and not papers_known:
        yield Verdict(refusals=(f"Permis en cours d’apprentissage. Il faut {asked}.",))
    elif papers_known:
        if not any(counts_for(title, vehicle.kind) for title in driver.titles):
            yield Verdict(refusals=(f"Il faut {asked}.",))
    elif driver.declared == Declared.HELD:
        yield Verdict(warnings=(f"Permis déclaré, sans précision. Il faut {asked}.",))
    else:
        yield Verdict(warnings=(f"Permis inconnu. Il faut {asked}.",))


def say(day: dt.date) -> str:
    return words.calendar_day(day).partition(" ")[2]
