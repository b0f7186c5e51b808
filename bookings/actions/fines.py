"""A notice comes by post: who drove is found, the driver is designated, what is ours is paid and passed on."""

import datetime as dt
from decimal import Decimal
from typing import Any

from accounts.models import Platform, User
from bookings.actions.incidents import keep_paper
from bookings.cases import designations, uses
from bookings.cases import messages as case_messages
from bookings.cases import perms as case_perms
from bookings.cases.policies import policy_of
from bookings.cases.steps import mark_due
from bookings.cases.uses import Use
from bookings.identity import Identity, as_text
from bookings.models import CasePaper, Fine, IncidentPolicy
from core import clock
from core.db import action, become, lock, refuse, require, save
from core.files import store
from core.journal import note, record
from core.models import StoredFile
from fleet.models import Vehicle
from pricing import ledger
from pricing.models import Charge

Sort, State = Fine.Sort, Fine.State
WITH_DRIVER = (Sort.OFFENCE, Sort.STOPPING)  # notices that are sent on to whoever drove
PASSED_ON = {Sort.PARKING: "Forfait de post-stationnement", Sort.TOLL: "Péage"}  # paid by us, then by the participant


@action
def record_fine(
    vehicle: Vehicle,
    *,
    sort: str,
    amount: Decimal,
    offence_at: dt.datetime,
    by: User,
    number: str = "",
    sent_on: dt.date | None = None,
    place: str = "",
    file: Any = None,
) -> Fine:
    """Writes the notice down and finds who drove at that minute. Its delays run from the day on which it was sent.

    A toll may be known without a notice. Refuses with `number_missing`, `sent_on_missing`, `sent_before`,
    `in_the_future`, `fine_exists`, `not_positive`.
    """
    require(case_perms.can_handle(by, vehicle))
    refuse_impossible(vehicle, number.strip(), sent_on, offence_at, by_post=sort != Sort.TOLL)
    fine = Fine(
        platform=vehicle.platform,
        vehicle=vehicle,
        sort=sort,
        number=number.strip(),
        sent_on=sent_on,
        offence_at=offence_at,
        place=place.strip(),
        amount=amount,
        noted_by=by,
    )
    put_use(fine, uses.who_drove(vehicle, offence_at))
    mark_due(fine)
    save(fine)
    if file:
        keep_paper(fine, CasePaper.Sort.NOTICE, file, by)
    record(by, "fine.recorded", fine, sort=sort, vehicle=vehicle.pk, use=fine.use)
    return fine


@action
def name_driver(fine: Fine, *, by: User, use: str | None = None, **driver: Any) -> Fine:
    """Says which of the known uses it was (« assignment-12 », or nothing), and completes who the driver is. What the
    platform pays itself may be paid before one knows.

    `driver` are fields of Identity; what is left empty stays as it was frozen, and nothing of whoever was thought to
    drive before goes over to another use. Refuses with `wrong_state`,
    `unknown_use`.
    """
    require(case_perms.can_handle(by, fine))
    fine = lock(fine)
    if not fine.driver_may_change:
        raise refuse("Le conducteur ne change plus : l’avis est déjà traité.", "wrong_state")
    if use is not None and use != uses.use_of_fine(fine).key:
        assert fine.offence_at is not None
        known = {one.key: one for one in [*uses.uses_at(fine.vehicle, fine.offence_at), uses.UNKNOWN]}
        if use not in known:
            raise refuse(
                "Rien ne dit que ce véhicule servait à cela à cette minute. Notez d’abord le trajet.", "unknown_use"
            )
        former = Identity.from_json(fine.driver)
        driver = {name: value for name, value in driver.items() if as_text(value) != getattr(former, name, "")}
        put_use(fine, known[use])
    fine.driver = Identity.from_json(fine.driver).completed(driver).as_json()
    save(fine)
    record(by, "fine.driver_named", fine, use=fine.use)
    return fine


@action
def designate(fine: Fine, *, by: User, on: dt.date, file: Any = None, charge_fee: bool = False) -> Fine:
    """The administration was told who drove; the sheet that was sent is frozen as PDF.

    With `charge_fee` the platform's fee is put on the account of the loan, never the fine. Refuses with
    `wrong_sort`, `identity_incomplete`, `wrong_state`, `before_the_notice`, `in_the_future`, `no_fee`, `no_loan`.
    """
    require(case_perms.can_handle(by, fine))
    fine = lock(fine)
    if fine.sort not in WITH_DRIVER:
        raise refuse(
            "On ne désigne personne pour un stationnement payant ou un péage : payez, puis refacturez.", "wrong_sort"
        )
    become(fine, State.DESIGNATED)
    if missing := Identity.from_json(fine.driver).missing:
        raise refuse(f"Il manque, pour désigner cette personne : {', '.join(missing)}.", "identity_incomplete")
    refuse_day(fine, on)
    fine.designated_on = on
    mark_due(fine)
    if charge_fee:
        fine.fee_charge = charge_the_fee(fine, by)
    save(fine)
    freeze_sheet(fine, by)
    if file:
        keep_paper(fine, CasePaper.Sort.RECEIPT, file, by)
    record(by, "fine.designated", fine, on=on.isoformat(), fee=bool(fine.fee_charge_id))
    return fine


@action
def pay_fine(fine: Fine, *, by: User, on: dt.date, amount: Decimal | None = None, file: Any = None) -> Fine:
    """The platform has paid. Refuses with `not_designated` an offence whose driver was not named: paying it would
    admit it, and cost a second fine. Also `wrong_state`, `in_the_future`, `before_it_happened`, `not_positive`."""
    require(case_perms.can_pay(by, fine))
    fine = lock(fine)
    if fine.sort == Sort.OFFENCE and fine.designated_on is None:
        raise refuse(
            "Ne payez pas : désignez d’abord le conducteur. Payer avant coûte une seconde amende, de 675 €, "
            "et empêche de le désigner.",
            "not_designated",
        )
    become(fine, State.PAID)
    refuse_day(fine, on)
    fine.paid_on, fine.paid_amount = on, fine.amount if amount is None else amount
    mark_due(fine)
    save(fine)
    if file:
        keep_paper(fine, CasePaper.Sort.RECEIPT, file, by)
    record(by, "fine.paid", fine, on=on.isoformat(), amount=str(fine.paid_amount))
    return fine


@action
def rebill(fine: Fine, *, by: User) -> Fine:
    """Puts what was paid for a parking charge or a toll on the account of whoever had the vehicle, and closes it.

    Refuses with `never_charged` a fine (it is sent to the driver in their own name), `no_loan`, `not_paid`,
    `already_charged`, `driver_changed` when somebody has just named another.
    """
    require(case_perms.can_rebill(by, fine))
    if fine.sort not in PASSED_ON:
        raise refuse("Une amende n’est jamais facturée à la personne : elle la reçoit à son nom.", "never_charged")
    booking = loan_of(fine)
    account = lock(booking.account)
    fine = lock(fine)
    if fine.assignment is None or fine.assignment.booking_id != booking.pk:
        raise refuse("Quelqu’un vient de changer qui conduisait : regardez, puis refacturez.", "driver_changed")
    if fine.charge_id is not None:
        raise refuse("Ce montant est déjà sur le compte de la personne.", "already_charged")
    if fine.paid_amount is None:
        raise refuse("Notez d’abord le paiement : on refacture ce qui a été payé.", "not_paid")
    fine.charge = ledger.charge(
        account,
        sort=Charge.Sort.FINE,
        label=PASSED_ON[Sort(fine.sort)],
        unit_price=fine.paid_amount,
        due_on=clock.local_date(clock.now(), fine.platform.time_zone),
        by=by,
    )
    close(fine)
    record(by, "fine.rebilled", fine, amount=str(fine.paid_amount), account=account.pk)
    case_messages.passed_on(booking, PASSED_ON[Sort(fine.sort)], fine.paid_amount, fine.pk)
    return fine


@action
def contest(fine: Fine, *, by: User, on: dt.date, reason: str = "", file: Any = None) -> Fine:
    """The notice was contested: stolen vehicle, copied plate, no driver who could be found. Refuses `wrong_state`."""
    require(case_perms.can_handle(by, fine))
    fine = lock(fine)
    become(fine, State.CONTESTED)
    refuse_day(fine, on)
    fine.contested_on = on
    mark_due(fine)
    save(fine)
    if reason.strip():
        note(by, fine, f"Contestation : {reason.strip()}")
    if file:
        keep_paper(fine, CasePaper.Sort.OTHER, file, by)
    record(by, "fine.contested", fine, on=on.isoformat())
    return fine


@action
def close_fine(fine: Fine, *, by: User) -> Fine:
    """Nothing more will come; what it tells of somebody is erased some months later. Refuses with `wrong_state`."""
    require(case_perms.can_close_fine(by, fine))
    fine = lock(fine)
    close(fine)
    record(by, "fine.closed", fine)
    return fine


@action
def withdraw_fine(fine: Fine, *, by: User, reason: str) -> Fine:
    """It was written down by mistake: another's vehicle, a double. Refuses with `wrong_state` once it was treated."""
    require(case_perms.can_handle(by, fine))
    fine = lock(fine)
    become(fine, State.WITHDRAWN)
    fine.closed_at = clock.now()
    mark_due(fine)
    save(fine)
    note(by, fine, f"Notée par erreur : {reason.strip()}")
    record(by, "fine.withdrawn", fine)
    return fine


@action
def save_policy(platform: Platform, *, fine_fee: Decimal, keep_months: int, by: User) -> IncidentPolicy:
    """The fee for a designation (0: none), and for how long a closed fine is kept. Refuses with `out_of_range`."""
    platform = lock(platform)
    require(case_perms.can_set_policy(by, platform))
    if not 1 <= keep_months <= 36:
        raise refuse("Gardez une amende close entre 1 et 36 mois.", "out_of_range")
    policy = policy_of(platform)
    policy.fine_fee, policy.keep_months = fine_fee, keep_months
    save(policy)
    record(by, "incident_policy.saved", platform, fine_fee=str(fine_fee), keep_months=keep_months)
    return policy


# --- steps ------------------------------------------------------------------------------------


def refuse_impossible(
    vehicle: Vehicle, number: str, sent_on: dt.date | None, offence_at: dt.datetime, *, by_post: bool
) -> None:
    zone = vehicle.platform.time_zone
    if offence_at > clock.now() or (sent_on and sent_on > clock.local_date(clock.now(), zone)):
        raise refuse("Cette date est à venir : vérifiez l’avis.", "in_the_future")
    if by_post and not number:
        raise refuse("Notez le numéro de l’avis : il est en haut de la première page.", "number_missing")
    if by_post and sent_on is None:
        raise refuse("Notez la date d’envoi de l’avis : le délai court à partir d’elle.", "sent_on_missing")
    if sent_on is not None and sent_on < clock.local_date(offence_at, zone):
        raise refuse("L’avis serait parti avant les faits : vérifiez les deux dates.", "sent_before")


def refuse_day(fine: Fine, on: dt.date) -> None:
    zone = fine.platform.time_zone
    if on > clock.local_date(clock.now(), zone):
        raise refuse("Cette date est à venir : notez-la quand c’est fait.", "in_the_future")
    first = fine.sent_on or (fine.offence_at and clock.local_date(fine.offence_at, zone))
    if first is not None and on < first:
        raise refuse("Cette date est avant l’avis : vérifiez-la.", "before_the_notice")


def put_use(fine: Fine, use: Use) -> None:
    """Who drove, with the identity that was frozen when they got the keys."""
    fine.use, fine.assignment, fine.trip, fine.job = use.kind, use.assignment, use.trip, use.job
    fine.transfer = use.transfer
    fine.driver = use.identity().as_json()


def loan_of(fine: Fine) -> Any:
    if fine.assignment is None:
        raise refuse("Aucun prêt n’était en cours à cette minute : il n’y a personne à qui refacturer.", "no_loan")
    return fine.assignment.booking


def charge_the_fee(fine: Fine, by: User) -> Charge:
    fee = policy_of(fine.platform).fine_fee
    if not fee:
        raise refuse("Cette plateforme ne demande pas de frais de dossier.", "no_fee")
    return ledger.charge(
        lock(loan_of(fine).account),
        sort=Charge.Sort.OTHER,
        label="Frais de dossier",
        unit_price=fee,
        due_on=clock.local_date(clock.now(), fine.platform.time_zone),
        by=by,
    )


def freeze_sheet(fine: Fine, by: User) -> CasePaper:
    """The sheet as it was sent, beside what was sent with it."""
    file = store(
        designations.sheet_pdf(fine),
        kind=StoredFile.Kind.DOCUMENT,
        name=f"designation-{fine.pk}.pdf",
        media_type="application/pdf",
        platform_id=fine.platform_id,
        by=by,
    )
    sort = CasePaper.Sort.DESIGNATION
    return save(CasePaper(platform_id=fine.platform_id, fine=fine, sort=sort, file=file, added_by=by))


def close(fine: Fine) -> None:
    become(fine, State.CLOSED)
    fine.closed_at = clock.now()
    mark_due(fine)
    save(fine)
