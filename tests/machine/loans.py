"""What the verbs of a loan do to the model, and why they are refused."""

import datetime as dt

from tests.machine.model import DAY, DIRTY, HOUR, OPEN, REQUESTS, ZONE, Codes, Hold, Loan, Part, Period, Pool, late_days

MINUTE = dt.timedelta(minutes=1)


class Loans(Pool):
    # --- promised ---------------------------------------------------------------------------------

    def possible_dates(self, start: dt.datetime, end: dt.datetime, until: dt.datetime | None = None) -> Codes:
        why = set()
        if end <= start:
            why.add("ends_before_start")
        if start < self.now - HOUR:
            why.add("in_the_past")
        if until is not None and not self.now < until < end:
            why.add("promise_over")
        return why

    def fitting(self, person: int, start: dt.datetime, end: dt.datetime) -> list[int]:
        """Free, and this person may drive them."""
        return [car for car in self.cars if person not in self.minors and self.is_free(car, start, end)]

    def book_refused(
        self, person: int, start: dt.datetime, end: dt.datetime, car: int | None, until: dt.datetime | None
    ) -> Codes:
        why = self.possible_dates(start, end, until)
        if car is not None:
            return why | self.taken(car, start, end, turnaround="rule_broken")
        return why | (set() if self.fitting(person, start, end) else {"none_free"})

    def book(self, person: int, start: dt.datetime, end: dt.datetime, car: int, until: dt.datetime | None) -> Loan:
        loan = Loan(person, start, end)
        self.loans.append(loan)
        self.promise(loan, car, until)
        return loan

    def promise(self, loan: Loan, car: int, until: dt.datetime | None) -> None:
        loan.state, loan.until = "reserved", until
        loan.periods = [Period(loan.start, loan.end)]
        self.assign(loan, car, loan.start, loan.end)

    def assign(self, loan: Loan, car: int, start: dt.datetime, end: dt.datetime) -> Part:
        part = Part(car, start, end, self.take(car, start, end))
        loan.parts.append(part)
        return part

    def request_refused(self, person: int, start: dt.datetime, end: dt.datetime) -> Codes:
        waits = any(loan.person == person and loan.state in REQUESTS for loan in self.loans)
        return self.possible_dates(start, end) | ({"request_open"} if waits else set())

    def approve_refused(self, loan: Loan, car: int | None, until: dt.datetime | None) -> Codes:
        if loan.state not in REQUESTS:
            return {"not_a_request"}
        return self.book_refused(loan.person, loan.start, loan.end, car, until)

    def firm_refused(self, loan: Loan) -> Codes:
        if loan.state == "expired":
            return {"promise_expired"}
        return set() if loan.state == "reserved" and loan.until else {"not_provisional"}

    def expire_refused(self, loan: Loan) -> Codes:
        why = self.firm_refused(loan)
        return why or ({"not_due"} if self.now < loan.until else set())  # type: ignore[operator]

    def give_up(self, loan: Loan, state: str, how: str) -> None:
        loan.state = state
        for part in loan.current:
            self.end(part, how)

    # --- keys -------------------------------------------------------------------------------------

    def hand_over_refused(self, loan: Loan, at: dt.datetime) -> Codes:
        if not loan.waiting:
            return {"displaced"} if any(part.hold is None for part in loan.current) else {"wrong_state"}
        part = loan.waiting[-1]
        hold = part.hold
        assert hold is not None
        why = {"not_entitled"} if loan.person in self.minors else set()
        if any(other.is_out for other in self.of(part.car)):
            why.add("vehicle_out")
        if at < hold.start:
            # Whoever gives the keys has seen that the vehicle is ready: of a return only the time until then stays.
            for other in self.near(part.car, at, hold.end, [hold]):
                gone = other.back and not other.ready and other.plan_end <= at and other.back <= at
                if not gone:
                    why.add("overlap" if other.plan_end > at else "turnaround")
        return why

    def hand_over(self, loan: Loan, at: dt.datetime) -> None:
        part = loan.waiting[-1]
        hold = part.hold
        assert hold is not None
        self.make_ready(part.car, at)
        loan.until = None
        if loan.state == "reserved":
            loan.state, loan.charged = "active", True
        if at < hold.start:
            hold.start = part.start = at
        hold.out = at
        for period in loan.standing:
            period.signed = True  # one contract page each, with these keys

    def take_back_refused(self, loan: Loan, at: dt.datetime) -> Codes:
        if not loan.out:
            return {"not_out"}
        return {"back_before_out"} if at < loan.out[-1].hold.out else set()  # type: ignore[union-attr, operator]

    def take_back(self, loan: Loan, at: dt.datetime, site: int, *, clean: bool) -> None:
        part = loan.out[-1]
        hold = part.hold
        assert hold is not None
        hold.back = at
        if at < hold.end:
            hold.end = max(at, hold.start + MINUTE)
        self.cars[part.car].site = site
        last = loan.current == [part]
        part.ended = "returned" if last else "replaced"
        if last:
            loan.state = "returned"
            self.settle_return(loan)
        hold.ready = clean
        if not clean:
            following = [other.start for other in self.of(part.car) if other.start >= hold.end and other is not hold]
            until = max(hold.end, min([at + DIRTY, *following]))
            hold.after, hold.end = until - hold.end, until

    def settle_return(self, loan: Loan) -> None:
        back = loan.brought_back
        if back is None:
            return
        if back < loan.end:
            self.cut(loan, back)
        loan.late += late_days(loan.end, back)

    def cut(self, loan: Loan, until: dt.datetime) -> None:
        """The rent stops then; before the first day, it runs from the keys on."""
        first = loan.standing[0]
        if until <= first.start:
            outs = [part.hold.out for part in loan.parts if part.hold and part.hold.out]
            first.start = loan.start = min(min(outs), until - MINUTE)
        for period in loan.standing:
            if period.start >= until:
                period.given_up = True
            else:
                period.end = min(period.end, until)
        loan.end = until

    def close_refused(self, loan: Loan) -> Codes:
        if loan.out:
            return {"vehicle_out"}
        return set() if loan.state == "active" else {"wrong_state"}

    # --- dates ------------------------------------------------------------------------------------

    def longer_refused(self, loan: Loan, until: dt.datetime, *, renewing: bool) -> Codes:
        if loan.state not in ({"active"} if renewing else OPEN):
            return {"wrong_state"}
        if until <= loan.end:
            return {"not_longer"}
        if until <= self.now:
            return {"in_the_past"}
        part = loan.serving
        assert part is not None, "an open loan has a vehicle, or waits for one"
        why = {"not_entitled"} if loan.person in self.minors else set()
        if part.hold is not None:
            why |= self.in_the_way(part.car, part.hold.start, until, but=[part.hold], turnaround="rule_broken")
        return why

    def lengthen(self, loan: Loan, until: dt.datetime, *, renewing: bool) -> None:
        last = loan.standing[-1]
        if renewing or (loan.state != "reserved" and last.signed):
            midnight = self.now.astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
            start = max(last.end, midnight.astimezone(dt.UTC))
            loan.late += late_days(last.end, start)
            loan.periods.append(Period(start, until, signed=False))
        else:
            last.end = until
        self.end_at(loan, until)
        loan.end = until

    def end_at(self, loan: Loan, until: dt.datetime) -> None:
        part = loan.serving
        assert part is not None
        part.end = until
        if part.hold is not None:
            part.hold.end = until

    def shorten_refused(self, loan: Loan, until: dt.datetime) -> Codes:
        if loan.state not in OPEN:
            return {"wrong_state"}
        if until >= loan.end:
            return {"not_shorter"}
        if until <= loan.start:
            return {"ends_before_start"}
        return {"in_the_past"} if until <= self.now else set()

    def shorten(self, loan: Loan, until: dt.datetime) -> None:
        self.end_at(loan, until)
        self.cut(loan, until)

    def move_refused(self, loan: Loan, start: dt.datetime, end: dt.datetime, car: int | None) -> Codes:
        if loan.state != "reserved":
            return {"wrong_state"}
        part = loan.serving
        assert part is not None
        if start == loan.start:
            why = {"ends_before_start"} if end <= start else {"in_the_past"} if end <= self.now else set()
        else:
            why = self.possible_dates(start, end)
        elsewhere = car is not None and (car != part.car or part.hold is None)
        if (start, end) == (loan.start, loan.end) and not elsewhere:
            why.add("same_dates")
        if why:
            return why
        own = [part.hold] if part.hold and car in {None, part.car} else []
        if car is None and not own:
            return set()
        car = part.car if car is None else car
        if not self.cars[car].in_service:
            return {"withdrawn"}
        if not own and self.late(car):
            return {"late"}
        return self.in_the_way(car, start, end, but=own, turnaround="rule_broken")

    def move(self, loan: Loan, start: dt.datetime, end: dt.datetime, car: int | None) -> None:
        part = loan.serving
        assert part is not None
        loan.start = loan.periods[0].start = start
        loan.end = loan.periods[0].end = end
        if car is not None and (car != part.car or part.hold is None):
            self.end(part, "rehoused")
            self.assign(loan, car, start, end)
            return
        part.start, part.end = start, end
        if part.hold is not None:
            part.hold.start, part.hold.end = start, end

    # --- vehicles -----------------------------------------------------------------------------------

    def rest_of(self, loan: Loan) -> tuple[dt.datetime, dt.datetime]:
        return max(self.now, loan.start), loan.end if loan.end > self.now else self.now + DAY

    def replace_refused(self, loan: Loan, car: int) -> Codes:
        if loan.state not in OPEN:
            return {"wrong_state"}
        promised = [part.hold for part in loan.waiting if part.hold]
        return self.taken(car, *self.rest_of(loan), but=promised)

    def replace(self, loan: Loan, car: int) -> None:
        for part in loan.current:
            if part not in loan.out:
                self.end(part, "rehoused")
        self.assign(loan, car, *self.rest_of(loan)).told = True

    def rehouse_refused(self, loan: Loan, part: Part, car: int | None) -> Codes:
        if part.hold is not None or part.ended:
            return {"not_displaced"}
        start = max(part.start, self.now)
        if car is not None:
            return self.taken(car, start, part.end)
        found = start < part.end and self.fitting(loan.person, start, part.end)
        return set() if found else {"none_free"}

    def rehouse(self, part: Part, car: int) -> None:
        part.car, part.hold, part.told = car, self.take(car, max(part.start, self.now), part.end), True

    def crossed_with(self, car: int) -> tuple[Loan, Part] | None:
        """The loan that is noted to have this vehicle now."""
        found = [(loan, part) for loan in self.loans for part in loan.out if part.car == car]
        return found[0] if found else None

    def correct_refused(self, loan: Loan, car: int) -> Codes:
        if not loan.out:
            return {"not_out"}
        wrong = loan.out[-1]
        if wrong.car == car:
            return {"same_vehicle"}
        other = self.crossed_with(car)
        mistaken = [part.hold for part in (wrong, *([other[1]] if other else [])) if part.hold]
        why = self.left_refused(car, wrong.hold, mistaken)
        return why | (self.left_refused(wrong.car, other[1].hold, mistaken) if other else set())

    def left_refused(self, car: int, mistaken: Hold | None, but: list[Hold]) -> Codes:
        assert mistaken is not None
        still_out = any(hold.is_out for hold in self.of(car) if hold not in but)
        why = {"vehicle_out"} if still_out else set()
        return why | self.taken_away(car, mistaken.start, mistaken.end, but=but)

    def correct(self, loan: Loan, car: int) -> None:
        wrong, other = loan.out[-1], self.crossed_with(car)
        facts = [(loan, wrong.hold, car)] + ([(other[0], other[1].hold, wrong.car)] if other else [])
        for part in [wrong] + ([other[1]] if other else []):
            self.end(part, "corrected")
        for whose, mistaken, right in facts:
            assert mistaken is not None
            part = self.assign(whose, right, mistaken.start, mistaken.end)
            assert part.hold is not None
            self.make_ready(right, mistaken.out)  # type: ignore[arg-type]
            part.hold.out = mistaken.out

    # --- room for one more --------------------------------------------------------------------------

    def make_room(self, shifts: list[tuple[Part, int]]) -> None:
        """Who is promised a vehicle, comes in more than a day and was told no plate may get an equal one."""
        freed = []
        for part, _ in shifts:
            loan = next(loan for loan in self.loans if part in loan.parts)
            assert loan.state == "reserved"
            assert part.hold
            assert part.start > self.now + DAY
            assert not part.told
            freed.append((part.hold.start, part.hold.end))
            self.forget(part.hold)
        for (part, car), (start, end) in zip(shifts, freed, strict=True):
            assert self.is_free(car, start, end)
            assert self.cars[car].site == self.cars[part.car].site
            part.car, part.hold = car, self.take(car, start, end)

    # --- what never came back --------------------------------------------------------------------------

    def lost_refused(self, loan: Loan, part: Part | None, rent_until: dt.date) -> Codes:
        if part is None or part.hold is None or part.hold.out is None:
            return {"not_out"}
        today, first = self.now.astimezone(ZONE).date(), min(part.hold.out, loan.start).astimezone(ZONE).date()
        why = {"in_the_future"} if rent_until > today else set()
        return why | ({"ends_before_start"} if rent_until < first else set())

    def lose(self, loan: Loan, part: Part, rent_until: dt.date) -> None:
        """The vehicle stays held some days ahead; with the last one of the loan the rent stops after that day."""
        hold = part.hold
        assert hold is not None
        if loan.current == [part]:
            loan.state = "not_returned"
            midnight = dt.datetime.combine(rent_until + DAY, dt.time(), tzinfo=ZONE).astimezone(dt.UTC)
            if midnight < loan.end:
                self.cut(loan, midnight)
            else:
                loan.late += late_days(loan.end, midnight - dt.timedelta(seconds=1))
        part.ended, hold.purpose = "lost", "missing"
        self.keep_missing(hold)

    def keep_missing(self, hold: Hold) -> None:
        until = self.now + 7 * DAY
        later = [other for other in self.of(hold.car) if hold.end <= other.start < until]
        until = min([until, *(other.start for other in later if other.purpose != "loan" or other.out)])
        if until > hold.end:
            self.holds.remove(hold)
            for other in self.near(hold.car, hold.end, until):
                self.forget(other)
            self.holds.append(hold)
            hold.end = until

    def missing(self, car: int) -> Hold | None:
        return next((hold for hold in self.of(car) if hold.purpose == "missing" and hold.is_out), None)

    def recover(self, car: int, site: int) -> None:
        hold = self.missing(car)
        assert hold is not None
        hold.back = self.now
        if self.now < hold.end:
            hold.end = max(self.now, hold.start + MINUTE)
        self.cars[car].site = site
        for loan in self.loans:
            lost = [part.hold for part in loan.parts if part.ended == "lost" and part.hold]
            if loan.state == "not_returned" and hold in lost and not any(one.is_out for one in lost):
                loan.state = "returned"

    # --- what happened on paper -------------------------------------------------------------------------

    def record_refused(self, car: int, start: dt.datetime, end: dt.datetime, back: dt.datetime | None) -> Codes:
        why = {"ends_before_start"} if end <= start else set()
        if start > self.now or (back and back > self.now):
            why.add("not_yet")
        if back is not None and back <= start:
            why.add("back_before_out")
        if why:
            return why
        for hold in self.of(car):
            if hold.out and (back is None or hold.out < back) and (hold.back is None or hold.back > start):
                why.add("vehicle_out" if hold.is_out else "overlap")  # it was with somebody else
        if why:
            return why
        if back is None:
            still_out = {"vehicle_out"} if any(hold.is_out for hold in self.of(car)) else set()
            return still_out | self.taken_away(car, start, end)
        return self.immovable(car, start, min(end, back))

    def record(self, person: int, car: int, start: dt.datetime, end: dt.datetime, back: dt.datetime | None) -> Loan:
        loan = Loan(person, start, end, "active", periods=[Period(start, end)], charged=True)
        self.loans.append(loan)
        part = self.assign(loan, car, start, min(end, back) if back else end)
        assert part.hold is not None
        part.hold.out = start
        if back is None:
            self.make_ready(car, start)
            return loan
        part.hold.back, part.hold.ready, part.ended, loan.state = back, True, "returned", "returned"
        self.settle_return(loan)
        return loan
