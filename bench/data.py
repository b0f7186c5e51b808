"""Rows by the hundred thousand, in seconds: one INSERT … SELECT a table, written by the server itself.

Foreign keys, exclusion constraints, secondary indexes and triggers are taken away while it writes and put back
afterwards, so that PostgreSQL itself proves every row valid; what the triggers would have kept (an account's
`outstanding`) is written right from the start, and checked.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection, models
from psycopg import sql

from bench.database import connect

Cursor = psycopg.Cursor[Any]


def insert(cursor: Cursor, model: type[models.Model], source: str, /, **columns: str) -> int:
    """`INSERT INTO model (…) SELECT … FROM source`; how many rows.

    `columns` are SQL expressions by column name. A column that is not named gets its field's default, as a row of
    the ORM would, so that a new field of the model needs nothing here unless it must be said.
    """
    table = model._meta.db_table
    said = dict(columns)
    for field in model._meta.local_concrete_fields:
        if field.column in said or field.column is None:
            continue
        if (default := default_of(field)) is not None:
            said[field.column] = default
    unknown = set(columns) - {field.column for field in model._meta.local_concrete_fields}
    if unknown:
        raise TypeError(f"{model.__name__} has no {sorted(unknown)}")
    names = ", ".join(f'"{name}"' for name in said)
    cursor.execute(f"INSERT INTO {table} ({names}) SELECT {', '.join(said.values())} FROM {source}")
    return cursor.rowcount


def default_of(field: Any) -> str | None:
    """The SQL of a field's default; None where the database gives it (an id, a generated column) or it may be empty."""
    if field.generated or field.auto_created or isinstance(field, models.AutoField) or field.has_db_default():
        return None
    if field.has_default():
        value = field.get_db_prep_save(field.get_default(), connection)
        if value is None:
            return None
        return f"{sql.Literal(value).as_string(None)}::{field.db_type(connection)}"
    if field.null:
        return None
    if field.empty_strings_allowed and field.blank:
        return "''"
    raise TypeError(f"{field.model.__name__}.{field.name} must be said")


@contextmanager
def loading(name: str, *tables: type[models.Model]) -> Iterator[Cursor]:
    """A cursor of plain psycopg for writing into these tables without their keys, which are back at the end."""
    names = [model._meta.db_table for model in tables]
    with connect(name, autocommit=True) as db, db.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off; SET maintenance_work_mem = '256MB'; SET work_mem = '64MB'")
        put_back = taken_away(cursor, names)
        yield cursor
        for statement in put_back:
            cursor.execute(statement)
        for model in tables:
            start_numbers_after(cursor, model)
        cursor.execute("VACUUM (ANALYZE)")


def taken_away(cursor: Cursor, tables: list[str]) -> list[str]:
    """Drops what slows writing down; the statements that make it again."""
    cursor.execute(
        """SELECT c.conrelid::regclass::text, quote_ident(c.conname), pg_get_constraintdef(c.oid)
           FROM pg_constraint c
           WHERE c.contype IN ('f', 'x') AND c.conrelid::regclass::text = ANY(%s) ORDER BY c.contype DESC""",
        [tables],
    )
    constraints = cursor.fetchall()
    cursor.execute(
        """SELECT quote_ident(i.indexname), i.indexdef FROM pg_indexes i
           WHERE i.tablename = ANY(%s) AND i.schemaname = 'public'
           AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conname = i.indexname)
           AND i.indexdef NOT LIKE 'CREATE UNIQUE %%'""",
        [tables],
    )
    indexes = cursor.fetchall()
    for table, constraint, _ in constraints:
        cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}")
    for index, _ in indexes:
        cursor.execute(f"DROP INDEX {index}")
    for table in tables:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    return [
        *(definition for _, definition in indexes),
        *(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}" for table, name, definition in constraints),
        *(f"ALTER TABLE {table} ENABLE TRIGGER USER" for table in tables),
    ]


def start_numbers_after(cursor: Cursor, model: type[models.Model]) -> None:
    """Ids that were said do not move the sequence that gives the next one."""
    key = model._meta.pk
    if isinstance(key, models.AutoField):
        table = model._meta.db_table
        cursor.execute(
            f"SELECT setval(pg_get_serial_sequence('{table}', '{key.column}'), max({key.column})) FROM {table}"
        )


def last_id(cursor: Cursor, model: type[models.Model]) -> int:
    cursor.execute(f"SELECT coalesce(max({model._meta.pk.column}), 0) FROM {model._meta.db_table}")
    return cursor.fetchone()[0]
