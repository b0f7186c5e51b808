"""Whole loans by the hundred thousand: each with its account, price, payment and receipt, hold, two signed condition
reports, kilometres, journal and messages, as the actions would have left them.

A loan that is over is returned (one in twenty was cancelled); one that covers this moment has its vehicle out; one to
come is promised.
"""

import datetime as dt
from typing import Any

from accounts.models import Platform
from bench.data import Cursor, insert, last_id, loading
from bookings.models import Assignment, Booking, ConditionReport, Period
from core.models import JournalEntry, Note, OutboxMessage
from fleet.models import Hold, OdometerReading
from pricing.models import Account, Charge, Counter, Deposit, Payment, Receipt, Tariff

TABLES = (
    Account, Booking, Period, Hold, Assignment, ConditionReport, OdometerReading, Charge, Payment, Receipt, Deposit,
    JournalEntry, OutboxMessage, Note, Counter,
)  # fmt: skip
NUMBERED = (Account, Booking, Hold, Assignment, Payment, OdometerReading)
OVER, OUT, COMING, CANCELLED = "state = 'returned'", "state = 'active'", "state = 'reserved'", "state = 'cancelled'"


def fill_loans(
    name: str, platform: Platform, by: int, each: int, *, step: dt.timedelta, busy: dt.timedelta, until: dt.timedelta
) -> int:
    """So many loans for each vehicle of the platform, one every `step`, each for `busy` of it; how many there are.

    The last one begins about `until` from now, or before whatever takes the vehicle already.
    """
    with loading(name, *TABLES) as cursor:
        draw(cursor, platform, each, step, busy, until)
        money(cursor, platform, by)
        agreements(cursor, platform, by)
        keys(cursor, platform, by)
        traces(cursor, platform, by)
        cursor.execute("SELECT count(*) FROM bench_loan")
        return cursor.fetchone()[0]  # type: ignore[index]


def draw(cursor: Cursor, platform: Platform, each: int, step: dt.timedelta, busy: dt.timedelta, until: Any) -> None:
    """The plan of all loans, with the ids that their rows will have, in a temporary table."""
    ids = ", ".join(f"{last_id(cursor, model)} + n AS {model._meta.model_name}" for model in NUMBERED)
    starts = f"last - (each - 1) * interval '{step.total_seconds()} seconds'"
    cursor.execute(
        f"""
        CREATE TEMPORARY TABLE bench_loan AS
        WITH vehicle AS (
            SELECT v.id, v.site_id, row_number() OVER (ORDER BY v.id) AS place,
                   least(now() + interval '{until.total_seconds()} seconds', (
                       SELECT min(h.starts_at) - interval '{step.total_seconds()} seconds'
                       FROM fleet_hold h WHERE h.vehicle_id = v.id)) AS last
            FROM fleet_vehicle v
            WHERE v.platform_id = {platform.pk} AND v.kind = 'car' AND v.withdrawn_on IS NULL),
        person AS (
            SELECT array_agg(id) AS ids, array_agg(programme_id) AS programmes, count(*) AS number
            FROM participants_participant WHERE platform_id = {platform.pk}),
        planned AS (
            SELECT row_number() OVER (ORDER BY each DESC, vehicle.id) AS n, each, vehicle.id AS vehicle,
                   site_id AS site, {starts} AS starts, {starts} + interval '{busy.total_seconds()} seconds' AS ends
            FROM vehicle, generate_series(1, {each}) each),
        stated AS (
            SELECT *, CASE WHEN ends < now() AND n % 20 = 7 THEN 'cancelled' WHEN ends < now() THEN 'returned'
                      WHEN starts < now() THEN 'active' ELSE 'reserved' END AS state FROM planned)
        SELECT stated.*, {ids}, ids[1 + n % number] AS person, programmes[1 + n % number] AS programme,
               starts - interval '5 days' AS booked,
               greatest(1, ceil(extract(epoch FROM ends - starts) / 86400))::numeric * 3 AS price
        FROM stated, person
        """
    )
    cursor.execute("ANALYZE bench_loan")


def money(cursor: Cursor, platform: Platform, by: int) -> None:
    """Rent charged and paid for what is over, but for one in a thousand; a deposit that was given back."""
    ours = f"{platform.pk}"
    paid = f"{OVER} AND n % 1000 <> 3"
    insert(
        cursor,
        Account,
        "bench_loan",
        id="account",
        platform_id=ours,
        participant_id="person",
        title="'Prêt : voiture'",
        outstanding=f"CASE WHEN {OVER} AND NOT ({paid}) THEN price ELSE 0 END",
        created_at="booked",
    )
    insert(
        cursor,
        Charge,
        f"bench_loan WHERE {OVER}",
        platform_id=ours,
        account_id="account",
        sort="'rent'",
        label="'Participation'",
        unit_price="price",
        amount="price",
        due_on="ends::date",
        by_id=f"{by}",
        created_at="starts",
    )
    insert(
        cursor,
        Payment,
        f"bench_loan WHERE {paid}",
        id="payment",
        platform_id=ours,
        account_id="account",
        means="CASE WHEN n % 3 = 0 THEN 'cheque' ELSE 'cash' END",
        amount="price",
        received_at="ends",
        recorded_at="ends",
        by_id=f"{by}",
    )
    cursor.execute("SELECT coalesce(max(number), 0) FROM pricing_receipt WHERE platform_id = %s", [platform.pk])
    before = cursor.fetchone()[0]  # type: ignore[index]
    insert(
        cursor,
        Receipt,
        f"bench_loan WHERE {paid}",
        platform_id=ours,
        payment_id="payment",
        year="2025",
        number=f"{before} + row_number() OVER (ORDER BY n)",
        issued_at="ends",
    )
    insert(
        cursor,
        Deposit,
        f"bench_loan WHERE NOT {CANCELLED}",
        platform_id=ours,
        account_id="account",
        state="CASE state WHEN 'returned' THEN 'returned' WHEN 'active' THEN 'held' ELSE 'expected' END",
        amount="250",
        means="CASE WHEN state <> 'reserved' THEN 'cheque' ELSE '' END",
        received_at=f"CASE WHEN NOT {COMING} THEN starts END",
        settled_at=f"CASE WHEN {OVER} THEN ends END",
    )


def agreements(cursor: Cursor, platform: Platform, by: int) -> None:
    ours = f"{platform.pk}"
    insert(
        cursor,
        Booking,
        "bench_loan",
        id="booking",
        platform_id=ours,
        participant_id="person",
        programme_id="programme",
        account_id="account",
        state="state",
        kind="'car'",
        purpose="'cdd'",
        destination="'Dax – Mont-de-Marsan'",
        starts_at="starts",
        ends_at="ends",
        created_by_id=f"{by}",
        created_at="booked",
        cancelled_at=f"CASE WHEN {CANCELLED} THEN booked + interval '1 day' END",
        cancel_reason=f"CASE WHEN {CANCELLED} THEN 'Renonce' ELSE '' END",
    )
    tariff = Tariff.objects.filter(platform=platform, kind="car").values_list("pk", flat=True).first()
    quote = """jsonb_build_object('days', 1, 'rule', 'started_24h', 'late_fee_per_day', '3.00', 'deposit', '250.00',
               'lines', jsonb_build_array(jsonb_build_object(
                   'label', 'Participation', 'quantity', 1, 'unit_price', price::text, 'amount', price::text)))"""
    insert(
        cursor,
        Period,
        "bench_loan",
        platform_id=ours,
        booking_id="booking",
        starts_at="starts",
        ends_at="ends",
        tariff_id=f"{tariff or 'NULL'}::bigint",
        quote=quote,
        total="price",
        created_at="booked",
    )


def keys(cursor: Cursor, platform: Platform, by: int) -> None:
    """The hold with its facts, the assignment, and what was seen and read when the keys left and came back."""
    ours = f"{platform.pk}"
    gone, back = f"CASE WHEN {OVER} OR {OUT} THEN starts END", f"CASE WHEN {OVER} THEN ends END"
    insert(
        cursor,
        Hold,
        f"bench_loan WHERE NOT {CANCELLED}",
        id="hold",
        platform_id=ours,
        vehicle_id="vehicle",
        purpose="'loan'",
        starts_at="starts",
        ends_at="ends",
        out_at=gone,
        back_at=back,
        ready_at=back,
        created_at="booked",
    )
    insert(
        cursor,
        Assignment,
        "bench_loan",
        id="assignment",
        platform_id=ours,
        booking_id="booking",
        vehicle_id="vehicle",
        hold_id=f"CASE WHEN NOT {CANCELLED} THEN hold END",
        starts_at="starts",
        ends_at="ends",
        ended_at=f"CASE WHEN {OVER} OR {CANCELLED} THEN ends END",
        end_reason="CASE state WHEN 'returned' THEN 'returned' WHEN 'cancelled' THEN 'cancelled' ELSE '' END",
        created_at="booked",
    )
    readings = last_id(cursor, OdometerReading)
    for direction, moment, source, which in (
        ("out", "starts", "loan_out", f"{OVER} OR {OUT}"),
        ("in", "ends", "loan_in", OVER),
    ):
        number = f"{readings} + 2 * n - {1 if direction == 'out' else 0}"
        insert(
            cursor,
            OdometerReading,
            f"bench_loan WHERE {which}",
            id=number,
            platform_id=ours,
            vehicle_id="vehicle",
            km=f"10000 + extract(epoch FROM {moment} - timestamptz '2000-01-01')::bigint / 3600",
            state="'accepted'",
            source=f"'{source}'",
            read_at=moment,
            recorded_at=moment,
            by_id=f"{by}",
        )
        insert(
            cursor,
            ConditionReport,
            f"bench_loan WHERE {which}",
            id="gen_random_uuid()",
            platform_id=ours,
            assignment_id="assignment",
            direction=f"'{direction}'",
            site_id="site",
            happened_at=moment,
            recorded_at=moment,
            by_id=f"{by}",
            licence_seen="true",
            identity_seen="true",
            reading_id=number,
            fuel_eighths="6",
            is_clean="true",
            signer_name="'Ana Labat'",
            signed_at=moment,
        )


def traces(cursor: Cursor, platform: Platform, by: int) -> None:
    """What the journal tells of each loan, the messages that left, and a note on one loan in ten."""
    ours, about = f"{platform.pk}", {"target_type": "'bookings.booking'", "target_id": "booking::text"}
    for verb, moment, which in (
        ("booked", "booked", "true"),
        ("cancelled", "booked + interval '1 day'", CANCELLED),
        ("handed_over", "starts", f"{OVER} OR {OUT}"),
        ("taken_back", "ends", OVER),
    ):
        source = f"bench_loan WHERE {which}"
        told = {"platform_id": ours, "actor_id": f"{by}", "verb": f"'booking.{verb}'", "at": moment}
        insert(cursor, JournalEntry, source, **told, **about)
        insert(
            cursor,
            OutboxMessage,
            source,
            platform_id=ours,
            topic="'sms'",
            key=f"'booking:' || booking || ':{verb}:'",
            payload="jsonb_build_object('to', '+33600000000', 'text', 'Bonjour Ana. Nous vous prêtons la voiture.')",
            created_at=moment,
            due_at=moment,
            done_at=moment,
            attempts="1",
            **about,
        )
    source = "bench_loan WHERE n % 10 = 0"
    insert(cursor, Note, source, platform_id=ours, author_id=f"{by}", text="'A rappelé'", at="starts", **about)
