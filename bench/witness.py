"""What really happened: the database itself writes down every state of every hold, assignment and loan, with the hour.

And the checker, which reads that history beside what the clients were told: nobody was promised what another had,
nothing that was confirmed is missing, and for every refusal there was, at some moment between question and answer, what
it says.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import psycopg

from bench.clients import Attempt
from bench.database import connect

FOREVER = float("inf")
BUSY_AFTER = 1.0  # seconds: nobody is told that somebody else is at it before PostgreSQL waited for a lock
GLANCE = 0.5  # seconds: a search looks without locking, and may still see what is being given up at that moment

WITNESSED = {
    "hold": ("fleet_hold", ("id", "vehicle_id", "purpose", "starts_at", "ends_at")),
    "assignment": ("bookings_assignment", ("id", "booking_id", "vehicle_id", "hold_id", "ended_at")),
    "booking": ("bookings_booking", ("id", "state", "starts_at", "ends_at")),
}


@dataclass(frozen=True)
class Version:
    """A row as it was from one moment until another."""

    since: float
    until: float
    row: dict[str, Any]

    def stood(self, sent: float, answered: float, glance: float = 0.0) -> bool:
        return self.since <= answered and self.until + glance >= sent


def watch(name: str) -> None:
    """From now on the database keeps what becomes of these tables."""
    with connect(name, autocommit=True) as db:
        db.execute(
            "CREATE TABLE bench_history (n bigserial, at timestamptz, sort text, id bigint, gone boolean, row jsonb)"
        )
        for sort, (table, columns) in WITNESSED.items():
            picked = ", ".join(f"'{column}', kept.{column}" for column in columns)
            db.execute(
                f"""CREATE FUNCTION bench_{sort}() RETURNS trigger LANGUAGE plpgsql AS $$
                    DECLARE kept {table} := coalesce(NEW, OLD);
                    BEGIN
                        INSERT INTO bench_history (at, sort, id, gone, row)
                        VALUES (clock_timestamp(), '{sort}', kept.id, NEW IS NULL, jsonb_build_object({picked}));
                        RETURN NULL;
                    END $$"""
            )
            db.execute(
                f"""CREATE TRIGGER bench_{sort} AFTER INSERT OR UPDATE OR DELETE ON {table}
                    FOR EACH ROW EXECUTE FUNCTION bench_{sort}()"""
            )


@dataclass
class History:
    """Every version of every row, by table and id."""

    versions: dict[str, dict[int, list[Version]]] = field(default_factory=lambda: defaultdict(dict))

    @classmethod
    def read(cls, db: psycopg.Connection[Any], since: dt.datetime) -> "History":
        told: dict[tuple[str, int], list[tuple[float, bool, dict[str, Any]]]] = defaultdict(list)
        found = db.execute(
            "SELECT extract(epoch FROM at)::float, sort, id, gone, row FROM bench_history WHERE at >= %s ORDER BY n",
            [since],
        )
        for at, sort, number, gone, row in found:
            told[sort, number].append((at, gone, {key: moment_or(key, value) for key, value in row.items()}))
        history = cls()
        for (sort, number), states in told.items():
            ends = [at for at, _, _ in states[1:]] + [FOREVER]
            history.versions[sort][number] = [
                Version(at, end, row) for (at, gone, row), end in zip(states, ends, strict=True) if not gone
            ]
        return history

    def of(self, sort: str, number: int | None, sent: float, answered: float) -> list[dict[str, Any]]:
        """What that row was at some moment between these two."""
        kept = self.versions[sort].get(number or 0, [])
        return [version.row for version in kept if version.stood(sent, answered)]

    def by_vehicle(self) -> dict[int, list[Version]]:
        holds: dict[int, list[Version]] = defaultdict(list)
        for versions in self.versions["hold"].values():
            for version in versions:
                holds[version.row["vehicle_id"]].append(version)
        return holds

    def by_loan(self) -> dict[int, list[Version]]:
        assigned: dict[int, list[Version]] = defaultdict(list)
        for versions in self.versions["assignment"].values():
            for version in versions:
                assigned[version.row["booking_id"]].append(version)
        return assigned


def moment_or(key: str, value: Any) -> Any:
    return dt.datetime.fromisoformat(value) if key.endswith("_at") and value else value


class Checker:
    """Judges the attempts of one scenario, in which these vehicles are all that there is of their kind."""

    def __init__(self, history: History, attempts: Iterable[Attempt], vehicles: Iterable[int]) -> None:
        self.history = history
        self.attempts = list(attempts)
        self.vehicles = list(vehicles)
        self.holds = history.by_vehicle()
        self.assigned = history.by_loan()
        self.loan_of = {one.row["hold_id"]: loan for loan, versions in self.assigned.items() for one in versions}

    # --- bursts -----------------------------------------------------------------------------------

    def bursts_without_one_winner(self) -> list[int]:
        won: Counter[int] = Counter()
        for attempt in self.attempts:
            if attempt.burst is not None:
                won[attempt.burst] += attempt.succeeded
        return [burst for burst, winners in won.items() if winners != 1]

    # --- nothing confirmed is missing ---------------------------------------------------------------

    def lost(self, told: Counter[tuple[str, int]]) -> list[str]:
        """Confirmed changes that the journal does not tell, or tells oftener than they were confirmed.

        `told` counts the journal's lines by verb and loan.
        """
        confirmed: Counter[tuple[str, int]] = Counter()
        for attempt in self.attempts:
            if attempt.succeeded and attempt.verb in JOURNAL and attempt.row is not None:
                confirmed[JOURNAL[attempt.verb], attempt.row] += 1
        known = {line: number for line, number in told.items() if line[0] in JOURNAL.values()}
        return [
            f"{verb} of loan {loan}: confirmed {confirmed[verb, loan]} times, journal {known.get((verb, loan), 0)}"
            for verb, loan in sorted(confirmed.keys() | known.keys())
            if confirmed[verb, loan] != known.get((verb, loan), 0)
        ]

    # --- every refusal had its reason ---------------------------------------------------------------

    def unexplained(self) -> list[Attempt]:
        return [attempt for attempt in self.attempts if not attempt.succeeded and not self.is_explained(attempt)]

    def is_explained(self, attempt: Attempt) -> bool:
        if attempt.status != 409:
            return False
        if attempt.code == "busy":
            return attempt.answered - attempt.sent >= BUSY_AFTER
        reason = getattr(self, f"why_{attempt.code}", None)
        return reason is not None and reason(attempt)

    def why_overlap(self, attempt: Attempt) -> bool:
        """One of the vehicles that it may have meant was taken by somebody else in the wished time."""
        return any(
            self.is_taken(vehicle, start, end, attempt, but=attempt.row if attempt.verb != "reserve" else None)
            for vehicle, start, end in self.wished(attempt)
        )

    def why_none_free(self, attempt: Attempt) -> bool:
        """Each vehicle of the pool was taken in the wished time."""
        wished = list(self.wished(attempt))
        return any(
            all(self.is_taken(vehicle, start, end, attempt, glance=GLANCE) for vehicle in self.vehicles)
            for _, start, end in wished
        )

    def why_wrong_state(self, attempt: Attempt) -> bool:
        return any(loan["state"] != "reserved" for loan in self.loan(attempt))

    def why_not_longer(self, attempt: Attempt) -> bool:
        return any(loan["ends_at"] >= attempt.asked["until"] for loan in self.loan(attempt))

    def why_same_dates(self, attempt: Attempt) -> bool:
        wished = (attempt.asked["starts_at"], attempt.asked["ends_at"])
        return any((loan["starts_at"], loan["ends_at"]) == wished for loan in self.loan(attempt))

    def why_not_displaced(self, attempt: Attempt) -> bool:
        return any(one["hold_id"] is not None or one["ended_at"] is not None for one in self.assignments(attempt))

    def wished(self, attempt: Attempt) -> Iterator[tuple[int, dt.datetime, dt.datetime]]:
        """The vehicle and the time that an attempt was after; several where the loan changed meanwhile."""
        asked = attempt.asked
        if attempt.verb in {"book", "reserve"}:
            yield asked.get("vehicle", 0), asked["starts_at"], asked["ends_at"]
            return
        for loan in self.loan(attempt):
            start = asked.get("starts_at", loan["starts_at"])
            end = asked.get("ends_at", asked.get("until", loan["ends_at"]))
            given = [asked["vehicle"]] if "vehicle" in asked else [a["vehicle_id"] for a in self.assignments(attempt)]
            for vehicle in set(given) or {0}:
                yield vehicle, start, end

    def is_taken(
        self,
        vehicle: int,
        start: dt.datetime,
        end: dt.datetime,
        attempt: Attempt,
        *,
        but: int | None = None,
        glance: float = 0.0,
    ) -> bool:
        """At some moment between question and answer, by another than the loan `but`."""
        return any(
            version.row["starts_at"] < end
            and version.row["ends_at"] > start
            and version.stood(attempt.sent, attempt.answered, glance)
            and (but is None or self.loan_of.get(version.row["id"]) != but)
            for version in self.holds.get(vehicle, ())
        )

    def loan(self, attempt: Attempt) -> list[dict[str, Any]]:
        return self.history.of("booking", attempt.row, attempt.sent, attempt.answered)

    def assignments(self, attempt: Attempt) -> list[dict[str, Any]]:
        return [
            version.row
            for version in self.assigned.get(attempt.row or 0, ())
            if version.stood(attempt.sent, attempt.answered)
        ]


JOURNAL = {
    "book": "booking.booked",
    "cancel": "booking.cancelled",
    "extend": "booking.extended",
    "move": "booking.moved",
    "replace_vehicle": "booking.vehicle_replaced",
}

# What must hold when all is over, whatever happened before; each counts rows that break it.
AFTERWARDS = {
    "a promised loan has one vehicle": """
        SELECT count(*) FROM bookings_booking b WHERE b.state = 'reserved' AND 1 <> (
            SELECT count(*) FROM bookings_assignment a WHERE a.booking_id = b.id AND a.ended_at IS NULL)""",
    "a cancelled loan has none": """
        SELECT count(*) FROM bookings_assignment a JOIN bookings_booking b ON b.id = a.booking_id
        WHERE b.state = 'cancelled' AND (a.ended_at IS NULL OR a.hold_id IS NOT NULL)""",
    "the hold, the assignment and the loan say the same": """
        SELECT count(*) FROM bookings_assignment a JOIN fleet_hold h ON h.id = a.hold_id
        JOIN bookings_booking b ON b.id = a.booking_id
        WHERE a.ended_at IS NULL AND (h.vehicle_id <> a.vehicle_id OR h.starts_at + h.before <> a.starts_at
            OR h.ends_at - h.after <> a.ends_at OR a.starts_at <> b.starts_at OR a.ends_at <> b.ends_at)""",
    "a hold for a loan belongs to one": """
        SELECT count(*) FROM fleet_hold h WHERE h.purpose = 'loan'
        AND NOT EXISTS (SELECT FROM bookings_assignment a WHERE a.hold_id = h.id AND a.ended_at IS NULL)""",
    "what was displaced gave way to a repair": """
        SELECT count(*) FROM bookings_assignment a WHERE a.ended_at IS NULL AND a.hold_id IS NULL AND NOT EXISTS (
            SELECT FROM core_outboxmessage m WHERE m.topic = 'vehicle.displaced'
            AND (m.payload->>'vehicle')::bigint = a.vehicle_id)""",
    "a loan is the sum of its periods": """
        SELECT count(*) FROM bookings_booking b WHERE b.state = 'reserved' AND (b.starts_at, b.ends_at) <> (
            SELECT min(starts_at), max(ends_at) FROM bookings_period p WHERE p.booking_id = b.id)""",
}


def wrong_afterwards(db: psycopg.Connection[Any]) -> dict[str, int]:
    return {rule: number for rule, query in AFTERWARDS.items() if (number := db.execute(query).fetchone()[0])}  # type: ignore[index]
