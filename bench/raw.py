"""The rows that an action writes, written again by hand: the floor that the action is measured against.

Which rows these are is not listed here but looked up: an action is carried out once, what it added to any table is
read back, and becomes INSERT statements of plain psycopg with the same columns, the ids of the new rows put where
the ids of the first ones stood. An action that comes to write one row more is measured against one row more.
"""

import datetime as dt
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psycopg
from django.apps import apps
from django.db import connection, models
from psycopg.types.json import Jsonb

from fleet.models import Vehicle
from participants.models import Participant


@dataclass(frozen=True)
class Wish:
    """What differs from one loan to the next."""

    vehicle: int
    participant: int
    start: dt.datetime
    end: dt.datetime


Value = Callable[[Wish, list[int]], Any]


@dataclass(frozen=True)
class Statement:
    model: type[models.Model]
    sql: str
    values: list[Value]


def written_by(act: Callable[[], Any], wish: Wish) -> list[Statement]:
    """One statement for each row that `act` adds when it is carried out for `wish`, in an order that keys allow."""
    counted = [model for model in apps.get_models() if model._meta.managed and has_number(model)]
    before = {model: last_id(model) for model in counted}
    act()
    rows = [(model, row) for model in counted for row in rows_after(model, before[model])]
    return in_order(rows, wish)


def has_number(model: type[models.Model]) -> bool:
    return isinstance(model._meta.pk, models.AutoField)


def last_id(model: type[models.Model]) -> int:
    return model._base_manager.aggregate(last=models.Max("pk"))["last"] or 0


def rows_after(model: type[models.Model], number: int) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {model._meta.db_table} WHERE {model._meta.pk.column} > %s", [number])
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def in_order(rows: list[tuple[Any, dict[str, Any]]], wish: Wish) -> list[Statement]:
    """Whoever refers to another row comes after it."""
    waiting = sorted(rows, key=lambda one: not refers_to(*one))  # the journal and the outbox name rows in words: last
    place: dict[tuple[Any, Any], int] = {}
    statements = []
    while waiting:
        ids = {(model, row[model._meta.pk.column]) for model, row in waiting}
        model, row = next(one for one in waiting if not ids & set(refers_to(*one)))
        statements.append(statement_for(model, row, place, wish))
        place[model, row[model._meta.pk.column]] = len(place)
        waiting.remove((model, row))
    return statements


def refers_to(model: Any, row: dict[str, Any]) -> list[tuple[Any, Any]]:
    keys = [field for field in model._meta.local_concrete_fields if field.is_relation]
    return [(field.related_model, row[field.column]) for field in keys if field.related_model is not model]


def statement_for(model: Any, row: dict[str, Any], place: dict[tuple[Any, Any], int], wish: Wish) -> Statement:
    fields = [field for field in model._meta.local_concrete_fields if not (field.primary_key or field.generated)]
    names = ", ".join(f'"{field.column}"' for field in fields)
    sql = (
        f"INSERT INTO {model._meta.db_table} ({names}) VALUES ({', '.join(['%s'] * len(fields))}) "
        f"RETURNING {model._meta.pk.column}"
    )
    return Statement(model, sql, [value_of(field, row, place, wish) for field in fields])


def value_of(field: Any, row: dict[str, Any], place: dict[tuple[Any, Any], int], wish: Wish) -> Value:
    value = row[field.column]
    if field.is_relation and (number := place.get((field.related_model, value))) is not None:
        return lambda _, ids: ids[number]
    if field.is_relation and field.related_model is Vehicle and value == wish.vehicle:
        return lambda new, _: new.vehicle
    if field.is_relation and field.related_model is Participant and value == wish.participant:
        return lambda new, _: new.participant
    if value == wish.start:
        return lambda new, _: new.start
    if value == wish.end:
        return lambda new, _: new.end
    if isinstance(value, str) and field.get_internal_type() != "JSONField":
        return text_of(value, f"{value} {row.get('target_type', '')}", place)
    if field.get_internal_type() == "JSONField":
        value = Jsonb(json.loads(value) if isinstance(value, str) else value)
    return lambda *_: value


def text_of(text: str, hint: str, place: dict[tuple[Any, Any], int]) -> Value:
    """A text that names a row by its id (a message's key, the journal's target) names the new row instead."""
    for (model, pk), number in place.items():
        pattern = re.compile(rf"(?<!\d){pk}(?!\d)")
        if model._meta.model_name in hint and pattern.search(text):
            return lambda _, ids, pattern=pattern, number=number: pattern.sub(str(ids[number]), text)  # type: ignore[misc]
    return lambda *_: text


def write(db: psycopg.Connection[Any], statements: list[Statement], wish: Wish) -> None:
    """With the guarantees that the action gives: the vehicle is locked first, the constraints judge, all or nothing."""
    with db.transaction():
        db.execute("SELECT id FROM fleet_vehicle WHERE id = %s FOR NO KEY UPDATE", [wish.vehicle])
        ids: list[int] = []
        for statement in statements:
            row = db.execute(statement.sql, [value(wish, ids) for value in statement.values]).fetchone()
            ids.append(row[0])  # type: ignore[index]
