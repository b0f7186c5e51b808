"""Who may do what with a repair job. Garages do their own verbs; staff do each of them on a garage's behalf."""

from typing import Any

from accounts.models import Role
from accounts.perms import has_role, is_staff
from garages.perms import answers_for
from maintenance.models import RepairJob


def can_report(user: Any, platform_id: int) -> bool:
    """Advisers and fleet managers. (A participant's report comes through the loan, which knows who drives.)"""
    return has_role(user, platform_id, Role.ADVISER, Role.FLEET_MANAGER)


def can_place(user: Any, job: RepairJob) -> bool:
    """Whoever finds a garage for it, and speaks for a garage on the telephone: advisers and fleet managers."""
    return has_role(user, job.platform_id, Role.ADVISER, Role.FLEET_MANAGER)


def can_decide(user: Any, job: RepairJob) -> bool:
    """Fleet managers: they approve or refuse a quote, take a job away from a garage, give a job up."""
    return has_role(user, job.platform_id, Role.FLEET_MANAGER)


def can_collect(user: Any, job: RepairJob) -> bool:
    """Whoever does hand-overs: advisers and fleet managers."""
    return has_role(user, job.platform_id, Role.ADVISER, Role.FLEET_MANAGER)


def can_pay(user: Any, job: RepairJob) -> bool:
    """Accountants and fleet managers."""
    return has_role(user, job.platform_id, Role.ACCOUNTANT, Role.FLEET_MANAGER)


def is_the_garage(user: Any, job: RepairJob) -> bool:
    """Somebody of the garage that has the job."""
    return answers_for(user, job.garage)


def can_answer(user: Any, job: RepairJob) -> bool:
    """The garage that has the job, and whoever may speak for it."""
    return can_place(user, job) or is_the_garage(user, job)


def was_asked(user: Any, job: RepairJob) -> bool:
    """Somebody of a garage to which the job was once offered."""
    return any(answers_for(user, offer.garage) for offer in job.offers.select_related("garage"))


def can_change_policy(user: Any, platform_id: int) -> bool:
    """Fleet managers."""
    return has_role(user, platform_id, Role.FLEET_MANAGER)


def can_see_papers(user: Any, job: RepairJob) -> bool:
    """The platform's staff, for quotes and invoices: a garage keeps its own, and must not see another's."""
    return is_staff(user, job.platform_id)
