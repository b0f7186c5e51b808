"""Rows of one table that a query of another brings along: each as one JSON, and what makes it a row again.

last = RecoveryStep.objects.filter(booking=OuterRef("pk")).order_by("-pk").values_list(Row("pk"))[:1]
loan = Booking.objects.annotate(last_step=Subquery(last)).get(pk=pk)     # one query
step = made(RecoveryStep, loan.last_step)                                # no other
"""

from typing import Any, TypeVar

from django.db.models import Func, JSONField, Model

M = TypeVar("M", bound=Model)


class Row(Func):
    """The whole row that has this key, as JSON. To name each of its columns costs more than to answer the query."""

    arity = 1
    output_field = JSONField()

    def as_sql(self, compiler: Any, connection: Any, **context: Any) -> Any:  # type: ignore[override]
        (key,) = self.get_source_expressions()
        return f"TO_JSONB({compiler.quote_name_unless_alias(key.alias)})", []


def made(model: type[M], row: dict[str, Any]) -> M:
    """The row of that JSON, its days and moments parsed."""
    fields = model._meta.concrete_fields
    return model.from_db("default", [f.attname for f in fields], [f.to_python(row[f.column]) for f in fields])
