"""Participants from a spreadsheet: a person is known again by name and birth date."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from accounts.models import Platform, User
from accounts.users import new_users, taken_emails
from core import clock
from core import sheet_values as cells
from core.db import action, create_all, lock, require
from core.imports import Column, Line, Report, read_rows
from core.journal import name_of, record
from core.models import Note
from participants import perms, sheet_words
from participants.models import (
    Audience,
    AudienceMembership,
    DrivingEntitlement,
    Participant,
    PrescriberOrganization,
    Referent,
)
from participants.names import key_of
from participants.programmes import default_programme
from participants.sheet_words import Licence
from places.addresses import write_addresses
from places.communes import check_lines

COLUMNS = (
    Column("last_name", "Nom", ("nom de famille", "nom d'usage", "nom de naissance"), required=True, needed=True,
           read=cells.text(80), example="Lopez"),
    Column("first_name", "Prénom", ("prénoms",), required=True, needed=True, read=cells.text(80), example="Ana"),
    Column("birth_date", "Né(e) le", ("date de naissance", "naissance", "né le", "née le", "né·e le", "ddn"),
           read=cells.birth_date, example="18/03/1990"),
    Column("phone", "Tél", ("téléphone", "portable", "mobile", "n° de téléphone", "numéro de téléphone", "gsm"),
           read=cells.phone, example="06 39 98 00 00"),
    Column("email", "Mail", ("e-mail", "courriel", "adresse mail", "adresse e-mail", "mél"), read=cells.email,
           example="ana.lopez@example.org"),
    Column("street", "Adresse", ("rue", "rue et numéro", "n° et rue", "voie"), read=cells.text(160),
           example="12 rue de la Gare"),
    Column("postcode", "CP", ("code postal",), read=cells.postcode, example="40230"),
    Column("city", "Commune", ("ville", "localité"), read=cells.text(80), example="Saint-Vincent-de-Tyrosse"),
    Column("licence", "Permis", ("permis de conduire",), read=sheet_words.licence, example="B"),
    Column("prescriber", "Prescripteur", ("orienté par", "structure prescriptrice", "orientation"),
           read=sheet_words.prescriber, example="France Travail"),
    Column("referent", "Référent", ("référente", "référent·e", "référent(e)", "suivi par"), read=cells.text(120),
           example="Mme Paul"),
    Column("audience", "Public", ("publics", "statut"), read=sheet_words.audiences, example="RSA"),
    Column("entered_on", "Entrée", ("date d'entrée", "entrée le", "date entrée"), read=cells.day(),
           example="09/09/2026"),
    Column("project", "Projet", ("projet professionnel", "motif"), read=cells.text(200), example="CDI en usine"),
)  # fmt: skip
YOUNGEST = 14  # years: the age from which one may drive a moped
SHOWN = ("last_name", "first_name", "birth_date")


@dataclass(frozen=True)
class Seen:
    """A person of the platform, or of an earlier row."""

    birth_date: dt.date | None
    phone: str
    says: str


@action
def import_participants(
    platform: Platform, content: bytes, *, by: User, dry_run: bool = False, sheet_id: str = ""
) -> Report:
    """Registers the people whom the platform does not know; the known ones are left as they are. All or none.

    Refuses a file that is no such table. With `dry_run` nothing is written.
    """
    require(perms.can_register(by, platform))
    if not dry_run:
        platform = lock(platform)  # one import at a time: the second finds what the first wrote
    report = read_rows(content, COLUMNS, shown=SHOWN)
    judge(platform, report)
    if report.new and not dry_run:
        write(platform, report, by)
        report.entry_id = record(by, "participants.imported", platform, **report.counts(), file=sheet_id).pk
    return report


# --- verdicts ---------------------------------------------------------------------------------


def judge(platform: Platform, report: Report) -> None:
    people = known_people(platform, report)
    for line in report.lines:
        if line.get("last_name") and line.get("first_name"):
            recognise(line, people)
    look_twice(report)
    check_lines(report)
    share_no_email(report)


def known_people(platform: Platform, report: Report) -> dict[str, list[Seen]]:
    keys = {key_of(line.get("first_name"), line.get("last_name")) for line in report.lines}
    people: dict[str, list[Seen]] = {}
    for person in Participant.objects.filter(platform=platform, name_key__in=keys):
        seen = Seen(person.birth_date, person.phone, f"Déjà connu·e : {person}.")
        people.setdefault(person.name_key, []).append(seen)
    return people


def recognise(line: Line, people: dict[str, list[Seen]]) -> None:
    """By name and birth date. Without a birth date, only an equal telephone tells that it is the same row again."""
    key = key_of(line.get("first_name"), line.get("last_name"))
    if not key:
        line.refuse("last_name", "Ce nom n’a ni lettre ni chiffre.")
        return
    if any(name == "birth_date" for name, _sentence in line.problems):
        return
    born, phone = line.get("birth_date", None), line.get("phone")
    namesakes = people.get(key, [])
    same = next((s for s in namesakes if s.birth_date == born and (born or s.phone == phone)), None)
    if same:
        line.known = same.says
    elif born is None and namesakes:
        line.refuse("birth_date", "Quelqu’un porte déjà ce nom : sans date de naissance, impossible de les distinguer.")
    elif born and any(s.birth_date is None for s in namesakes):
        line.refuse(
            "birth_date",
            "Quelqu’un de ce nom est connu sans date de naissance. Si c’est la même, complétez d’abord sa fiche.",
        )
    if line.known or line.problems:
        return
    people.setdefault(key, []).append(Seen(born, phone, f"Déjà à la ligne {line.number} de ce tableau."))
    if born is None:
        line.warn("Sans date de naissance, cette personne sera difficile à reconnaître.")


def look_twice(report: Report) -> None:
    """What can be taken, and should be looked at."""
    today = clock.today()
    for line in report.new:
        if not line.get("phone") and not line.get("email"):
            line.warn("Ni téléphone ni e-mail : Remise ne pourra pas lui écrire.")
        entered, born = line.get("entered_on", None), line.get("birth_date", None)
        if entered and entered > today:
            line.warn("L’entrée est dans le futur.")
        age = Participant(birth_date=born).age_on(today) if born else None
        if age is not None and age < YOUNGEST:
            line.warn(f"Cette personne n’a que {age} ans.")
        if born and Audience.UNDER_26 in line.get("audience"):
            on = entered or today
            age = Participant(birth_date=born).age_on(on)
            if age is not None and age >= 26:
                line.warn(f"Noté « moins de 26 ans », et avait {age} ans à l’entrée.")


def share_no_email(report: Report) -> None:
    """Two people may be written to at one address; signing in by a code, they choose whose page to open."""
    taken = taken_emails(line.get("email") for line in report.new if line.get("email"))
    for line in report.new:
        email = line.get("email").lower()
        if email in taken:
            line.warn(
                "Cette adresse e-mail est déjà celle de quelqu’un d’autre : en se connectant par un code, la personne "
                "choisira sa page."
            )
        else:
            line.values["login"] = line.get("email")
            if email:
                taken.add(email)


# --- writing ----------------------------------------------------------------------------------


def write(platform: Platform, report: Report, by: User) -> None:
    """A dozen statements, however many rows."""
    lines = report.new
    programme = default_programme(platform)
    prescribers = known_prescribers(platform, lines)
    referents = known_referents(platform, lines, prescribers)
    addresses = write_addresses(platform, [tuple(map(line.get, ("street", "postcode", "city"))) for line in lines])
    users = new_users((f"{line.get('first_name')} {line.get('last_name')}", line.get("login")) for line in lines)
    people = []
    for line, user, address in zip(lines, users, addresses, strict=True):
        licence = line.get("licence", Licence(""))
        people.append(
            Participant(
                platform=platform,
                user=user,
                name_key=key_of(line.get("first_name"), line.get("last_name")),
                birth_date=line.get("birth_date", None),
                address=address,
                programme=programme,
                prescriber=prescribers.get(cells.key_of(line.get("prescriber"))),
                referent=referents.get((line.get("referent"), line.get("prescriber"))),
                licence_declared=licence.declared,
                licence_remark=licence.remark,
                entered_on=line.get("entered_on", None),
                **{name: line.get(name) for name in ("first_name", "last_name", "phone", "email", "project")},
            )
        )
    pairs = list(zip(create_all(Participant, people), lines, strict=True))
    rows: dict[type, list] = {
        AudienceMembership: list(memberships(pairs)),
        DrivingEntitlement: list(entitlements(pairs)),
        Note: list(notes(pairs, by)),
    }
    for model, some in rows.items():
        if some:
            create_all(model, some)


def known_prescribers(platform: Platform, lines: list[Line]) -> dict[str, PrescriberOrganization]:
    """By the key of their present name; those that nobody knew are added."""
    known = {
        cells.key_of(sheet_words.current_name(organization.name)): organization
        for organization in PrescriberOrganization.objects.filter(platform=platform)
    }
    names = {cells.key_of(name): name for line in reversed(lines) if (name := line.get("prescriber"))}
    added = [
        PrescriberOrganization(platform=platform, name=name, sort=sheet_words.sort_of(name))
        for key, name in sorted(names.items())
        if key not in known
    ]
    if added:
        create_all(PrescriberOrganization, added)
    return known | {cells.key_of(organization.name): organization for organization in added}


def known_referents(
    platform: Platform, lines: list[Line], prescribers: dict[str, PrescriberOrganization]
) -> dict[tuple[str, str], Referent]:
    """(référent, prescriber) as rows write them → the référent.

    The one of the prescriber's own, else the only one of that name. A sheet does not say where a référent works,
    and one may follow people whom others prescribed: whoever was not known is added without an organisation.
    """
    known: dict[str, list[Referent]] = {}
    for referent in Referent.objects.filter(platform=platform):
        known.setdefault(cells.key_of(referent.name), []).append(referent)
    names = {cells.key_of(name): name for line in reversed(lines) if (name := line.get("referent"))}
    added = [Referent(platform=platform, name=name) for key, name in sorted(names.items()) if key not in known]
    if added:
        create_all(Referent, added)
    for referent in added:
        known[cells.key_of(referent.name)] = [referent]
    found = {}
    for line in lines:
        if not line.get("referent"):
            continue
        candidates = known[cells.key_of(line.get("referent"))]
        prescriber = prescribers.get(cells.key_of(line.get("prescriber")))
        theirs = [r for r in candidates if prescriber and r.organization_id == prescriber.pk]
        free = [r for r in candidates if r.organization_id is None]
        best = theirs or free or (candidates if len(candidates) == 1 else [])
        if best:
            found[line.get("referent"), line.get("prescriber")] = best[0]
    return found


def memberships(pairs: list[tuple[Participant, Line]]) -> Iterable[AudienceMembership]:
    for participant, line in pairs:
        for audience in line.get("audience"):
            yield AudienceMembership(
                platform_id=participant.platform_id,
                participant=participant,
                audience=audience,
                starts_on=participant.entered_on,
            )


def entitlements(pairs: list[tuple[Participant, Line]]) -> Iterable[DrivingEntitlement]:
    """What the person says, not verified and without a date."""
    for participant, line in pairs:
        for category, codes in line.get("licence", Licence("")).titles:
            yield DrivingEntitlement(
                platform_id=participant.platform_id,
                participant=participant,
                category=category,
                restriction_codes=list(codes),
            )


def notes(pairs: list[tuple[Participant, Line]], by: User) -> Iterable[Note]:
    """What stood in a cell and could not be kept in a field is kept as a note on the person."""
    for participant, line in pairs:
        for words in line.unkept:
            target_type, target_id = name_of(participant)
            yield Note(
                platform_id=participant.platform_id,
                target_type=target_type,
                target_id=target_id,
                author_id=by.pk,
                text=f"Tableau importé, à vérifier. {words}",
            )
