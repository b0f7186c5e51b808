"""What the participant is told of a recurring loan: once for all of it, never once a night. Plain French (A2)."""

from collections.abc import Sequence

from bookings.messages import in_its_zone, on, tell, the_vehicle
from bookings.models import Booking, Series
from bookings.series.plan import Plan
from core import outbox, words


@in_its_zone
def promised(series: Series, first: Booking, plan: Plan) -> None:
    """About the first loan, whose page shows it."""
    count = len(plan.possible)
    last = f" La dernière fois : le {on(plan.possible[-1].starts_at)}." if count > 1 else ""
    tell(
        first,
        "series-promised",
        f"Bonjour {series.participant.first_name}. Nous vous prêtons {the_vehicle(series.kind)} "
        f"{plan.pattern.words()}, {f'{count} fois' if count > 1 else 'une fois'}. "
        f"La première fois : le {on(first.starts_at)}.{last} Venez à : {plan.vehicles[0].site}. "
        f"Apportez votre pièce d’identité et votre permis. Votre page : {outbox.LINK}",
    )


@in_its_zone
def ended(series: Series, given_up: Sequence[Booking]) -> None:
    first = min(given_up, key=lambda one: one.starts_at)
    tell(
        first,
        "series-ended",
        f"Bonjour {series.participant.first_name}. Votre prêt régulier s’arrête. À partir du "
        f"{words.calendar_day(first.starts_at, with_year=False)}, nous ne vous prêtons plus "
        f"{the_vehicle(series.kind)}. Une question ? Appelez-nous.",
    )
