"""How every action writes: `@action`, `lock`, `save`, `become`, `require`.

The order of locks is participants, vehicles, bookings, accounts, counters; within one table, by id. The
lock gives order, the constraint gives certainty (docs/decisions/002).
"""

import logging
import random
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, OperationalError, connection, models, transaction

log = logging.getLogger(__name__)

P = ParamSpec("P")
R = TypeVar("R")
M = TypeVar("M", bound=models.Model)

RETRIABLE = {"40P01", "40001", "55P03"}  # deadlock, serialisation failure, lock not available in time
ATTEMPTS = 4

_acting: ContextVar[bool] = ContextVar("acting", default=False)
_last: ContextVar[Callable[[], None] | None] = ContextVar("last", default=None)


def action(verb: Callable[P, R]) -> Callable[P, R]:
    """Makes a function a verb of the trade: one transaction, all or nothing.

    Called by another action it simply joins that one's transaction. Outermost, it is tried again up to
    three times, with jitter, when PostgreSQL asks for it (deadlock, lock timeout); then the refusal is
    `busy`, never an error.
    """

    @wraps(verb)
    def act(*args: P.args, **kwargs: P.kwargs) -> R:
        if _acting.get():
            return verb(*args, **kwargs)
        token = _acting.set(True)
        try:
            for attempt in range(1, ATTEMPTS + 1):
                try:
                    with transaction.atomic():
                        result = verb(*args, **kwargs)
                        if step := _last.get():
                            step()
                        return result
                except OperationalError as error:
                    if getattr(error.__cause__, "sqlstate", None) not in RETRIABLE:
                        raise
                    if connection.in_atomic_block or attempt == ATTEMPTS:
                        raise busy() from error
                time.sleep(random.uniform(0.01, 0.05) * 2**attempt)
            raise AssertionError("unreachable")
        finally:
            _acting.reset(token)

    return act


@contextmanager
def ending_with(step: Callable[[], None]) -> Iterator[None]:
    """Within, every outermost action ends with `step`, in its own transaction: both stand, or neither."""
    token = _last.set(step)
    try:
        yield
    finally:
        _last.reset(token)


def busy() -> ValidationError:
    return ValidationError(
        "Quelqu’un d’autre modifie ceci en ce moment. Réessayez dans quelques secondes.", code="busy"
    )


def one_by_one(verb: Callable[[Any], bool], rows: Iterable[Any]) -> int:
    """For sweeps: carries out `verb` on each row, in a transaction of its own; how often it said True.

    One that is refused, or that somebody else is at, keeps no other waiting: the next sweep finds it again.
    """
    count = 0
    for row in rows:
        try:
            count += bool(verb(row))
        except ValidationError as refusal:
            log.info("%s %s is left for the next sweep: %s", row._meta.label_lower, row.pk, refusal.code)
    return count


def lock(obj: M, *joined: str) -> M:
    """The same row, fresh and ours until the transaction ends. Refuses with `gone` what was deleted meanwhile.

    `joined` are relations that will be looked at: read along, not locked.
    """
    model = obj.__class__  # not type(): `request.user` is a lazy stand-in
    try:
        rows = model._default_manager.select_for_update(of=("self",), no_key=True)
        return (rows.select_related(*joined) if joined else rows).get(pk=obj.pk)
    except model.DoesNotExist:
        raise refuse("Quelqu’un vient de supprimer ceci. Rechargez la page.", "gone") from None


def lock_all(model: type[M], ids: Iterable[Any]) -> list[M]:
    """These rows, fresh and ours, locked in id order so that two who want the same ones cannot deadlock."""
    wanted = model._default_manager.filter(pk__in=set(ids)).order_by("pk")
    return list(wanted.select_for_update(of=("self",), no_key=True))


def save(obj: M, *fields: str) -> M:
    """Checks the fields, writes the row, and lets the database judge the rest.

    A broken constraint of the model comes back as the ValidationError that the constraint itself names, so
    that the ordinary refusal and the lost race read the same. No query is made before the write. With
    `fields`, only those are written. A row that refers to another platform's row is refused.
    """
    foreign_keys = [f.name for f in obj._meta.concrete_fields if f.is_relation]
    obj.full_clean(exclude=foreign_keys, validate_unique=False, validate_constraints=False)
    refuse_foreign_platform(obj)
    try:
        obj.save(update_fields=fields or None)
    except IntegrityError as error:
        raise refusal(obj, error) from error
    return obj


def create_all(model: type[M], rows: list[M]) -> list[M]:
    """Many rows in one statement, under the same rules as `save`."""
    for row in rows:
        row.full_clean(
            exclude=[f.name for f in model._meta.concrete_fields if f.is_relation],
            validate_unique=False,
            validate_constraints=False,
        )
        refuse_foreign_platform(row)
    try:
        return model._default_manager.bulk_create(rows)
    except IntegrityError as error:
        raise refusal(rows[0], error) from error


def refusal(obj: models.Model, error: IntegrityError) -> Exception:
    """The sentence of the constraint that `error` broke, or the error itself when none of ours was broken."""
    name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
    for constraint in obj._meta.constraints:
        if constraint.name == name:
            return ValidationError(constraint.get_violation_error_message(), code=constraint.violation_error_code)
    return error


def refuse_foreign_platform(obj: models.Model) -> None:
    """No business row refers to another platform's: the relations at hand are compared, none is fetched."""
    platform_id = getattr(obj, "platform_id", None)
    if platform_id is None:
        return
    for field in obj._meta.concrete_fields:
        if field.is_relation and field.is_cached(obj):
            theirs = getattr(getattr(obj, field.name), "platform_id", platform_id)
            if theirs is not None and theirs != platform_id:
                raise ValidationError("Cet élément appartient à une autre plateforme.", code="other_platform")


def become(obj: models.Model, state: str) -> None:
    """Moves `obj.state` along its model's `NEXT`, or refuses with code `wrong_state`."""
    if state not in obj.NEXT.get(obj.state, ()):  # type: ignore[attr-defined]
        names = dict(obj._meta.get_field("state").flatchoices)  # type: ignore[union-attr]
        here, there = names.get(obj.state, obj.state), names.get(state, state)  # type: ignore[attr-defined]
        raise ValidationError(
            f"Ce n’est pas possible maintenant : l’état est « {here} », il ne peut pas devenir « {there} ».",
            code="wrong_state",
        )
    obj.state = state  # type: ignore[attr-defined]


def require(allowed: bool) -> None:
    """Permission is checked once, by the verb that a door called."""
    if not allowed:
        raise PermissionDenied


def refuse(message: str, code: str) -> ValidationError:
    """`raise refuse("…", "overlap")`: a refusal, with its sentence for people and its code for programs."""
    return ValidationError(message, code=code)
