from typing import Any

from core import clock
from core.files import store
from maintenance.garage_verbs import VERBS
from maintenance.models import GarageStay, JobFile, RepairJob
from tests.access import FORBIDDEN, HIDDEN, OK, ROLES, row
from tests.access.world import World, garage, participant, vehicle
from tests.factories import GarageFactory
from tests.maintenance.factories import job_in

State = RepairJob.State
ON_BEHALF = {"on_behalf": "par téléphone, M. Duval"}
THURSDAY = {"appointment_at": "2030-01-03T09:00"}


def in_state(state: str) -> Any:
    """A maker of a job that Chloé's garage has brought as far."""

    def job(world: World) -> RepairJob:
        return job_in(state, world.get(garage), vehicle=world.get(vehicle))

    return job


to_decide, offered, accepted, quoted, done, collected = map(
    in_state, (State.TO_DECIDE, State.OFFERED, State.ACCEPTED, State.QUOTED, State.DONE, State.COLLECTED)
)
approved, in_progress, waiting = map(in_state, (State.APPROVED, State.IN_PROGRESS, State.WAITING_PARTS))


def photo(world: World) -> Any:
    """Of the accepted job's defect."""
    job = world.get(accepted)
    file = store(b"...", kind="photo", name="photo.jpg", media_type="image/jpeg", platform_id=job.platform_id)
    JobFile.objects.create(platform_id=job.platform_id, job=job, file=file)
    return file


def stay(world: World) -> GarageStay:
    """Of the job on which the garage works."""
    job = world.get(in_progress)
    about = {"platform": job.platform, "vehicle": job.vehicle, "garage": job.garage}
    return GarageStay.objects.create(job=job, arrived_at=clock.now(), **about)


def stay_hours(world: World) -> dict[str, Any]:
    return {"stay": world.get(stay).pk, "arrived_at": "2020-01-02T09:00"}


def asked_garage(world: World) -> dict[str, int]:
    return {"garage": GarageFactory(platform=world.platform).pk}


POLICY = {"quote_ceiling": "150.00", "offer_hours": 24, "offers_by_itself": True}
OF_GARAGES = dict.fromkeys((*ROLES, "stranger"), FORBIDDEN) | {"garage": OK}
DESK = {"staff": OK, "accountant": FORBIDDEN}  # advisers and fleet managers
MANAGED = {"staff": FORBIDDEN, "fleet_manager": OK}
PAID = {"staff": OK, "adviser": FORBIDDEN}

# verb → a job on which it makes sense, and what must be said with it
ON = {
    "accept": (offered, THURSDAY),
    "decline": (offered, {}),
    "reschedule": (accepted, THURSDAY),
    "quote": (accepted, {"total": "120.00"}),
    "start": (approved, {}),
    "wait_for_parts": (in_progress, {}),
    "resume": (waiting, {}),
    "done": (in_progress, {}),
    "invoice": (done, {"amount": "120.00"}),
}
OF_STAFF = {
    "change": (to_decide, {"title": "Pneu"}, DESK),
    "offer": (to_decide, asked_garage, DESK),
    "offer_next": (to_decide, {}, DESK),
    "withdraw": (accepted, {}, MANAGED),
    "give": (to_decide, THURSDAY | {"name": "Chez Momo"}, DESK),
    "approve_quote": (quoted, {}, MANAGED),
    "refuse_quote": (quoted, {"reason": "Trop cher"}, MANAGED),
    "collect": (done, {}, DESK),
    "mark_paid": (collected, {}, PAID),
    "cancel": (accepted, {"reason": "Vendu"}, MANAGED),
}
SEEN_BY_THE_GARAGE = (offered, accepted, approved, in_progress, waiting, done, quoted, collected)
HAVE_A_PAGE = ("change", "give", "refuse_quote", "collect", "cancel")

ROWS = [
    row("GET", "maintenance:garage", **OF_GARAGES),
    row("GET", "maintenance:garage_job", {"pk": offered}, **OF_GARAGES),
    row("GET", "maintenance:garage_photo", {"pk": accepted, "file": photo}, **OF_GARAGES),
    *(
        row(method, f"maintenance:garage_{name}", {"pk": ON[name][0]}, **OF_GARAGES)
        for name in VERBS
        for method in ("GET", "POST")
    ),
    row("GET", "maintenance:jobs", staff=OK),
    row("GET", "maintenance:history", staff=OK),
    row("GET", "maintenance:job", {"pk": to_decide}, staff=OK),
    row("GET", "maintenance:job_file", {"pk": accepted, "file": photo}, staff=OK, garage=OK, outsiders=HIDDEN),
    row("GET", "maintenance:report", **DESK),
    row("POST", "maintenance:report", **DESK),
    row("GET", "maintenance:report_own", {"participant": participant}, **DESK),
    row("POST", "maintenance:report_own", {"participant": participant}, **DESK),
    row("GET", "maintenance:policy", **MANAGED),
    row("POST", "maintenance:policy", **MANAGED),
    row("GET", "maintenance:add_photos", {"pk": to_decide}, **DESK),
    row("POST", "maintenance:add_photos", {"pk": to_decide}, **DESK),
    *(
        row(method, f"maintenance:{name}", {"pk": job}, data=said | ON_BEHALF if method == "POST" else None, **DESK)
        for name, (job, said) in ON.items()
        for method in ("GET", "POST")
    ),
    *(
        row(method, f"maintenance:{name}", {"pk": job}, data=said if method == "POST" else None, **who)
        for name, (job, said, who) in OF_STAFF.items()
        for method in (("GET", "POST") if name in HAVE_A_PAGE else ("POST",))
    ),
    *(
        row(method, "maintenance:correct_stay", {"pk": in_progress, "stay": stay}, data=said, **DESK)
        for method, said in (("GET", None), ("POST", stay_hours))
    ),
    row("POST", "api:repair_job-correct-stay", {"pk": in_progress}, data=stay_hours, garage=FORBIDDEN, **DESK),
    row("GET", "api:repair_policy-list", staff=OK),
    row("POST", "api:repair_policy-list", data=POLICY, **MANAGED),
    row("GET", "api:repair_job-list", staff=OK),
    row("POST", "api:repair_job-list", staff=OK, outsiders=OK),  # 400: nothing is said
    row("GET", "api:repair_job-detail", {"pk": accepted}, staff=OK, garage=OK),
    row("GET", "api:repair_job-ranking", {"pk": to_decide}, staff=OK),
    row("POST", "api:repair_job-add-photos", {"pk": accepted}, staff=OK, garage=OK),  # 400: no photo
    *(
        row("POST", f"api:repair_job-{name.replace('_', '-')}", {"pk": job}, data=said | ON_BEHALF, garage=OK, **DESK)
        for name, (job, said) in ON.items()
    ),
    *(
        row(
            "POST",
            f"api:repair_job-{name.replace('_', '-')}",
            {"pk": job},
            data=said,
            garage=FORBIDDEN if job in SEEN_BY_THE_GARAGE else HIDDEN,
            **who,
        )
        for name, (job, said, who) in OF_STAFF.items()
    ),
]
