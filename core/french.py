"""Names as a French reader looks for them: « Élodie » before « Zoé », « Œuvre » beside « oeuvre », capitals aside.

Here and nowhere else. PostgreSQL's own French collation (`fr-x-icu`) is not in the server that Remise brings along,
which is built without ICU, and the C library's is not on every computer. So a name is put in order by its letters
alone, which every PostgreSQL can do, and Python by the same rule (docs/decisions/030).
"""

import re
import unicodedata
from typing import Any

from django.db.models import Func, GeneratedField, TextField

MARKS = "\u0300-\u036f"  # accents, once they stand apart from their letters
SPELT = {"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "’": "'"}


class InFrench(Func):
    """`order_by(InFrench("name"), "pk")`, also in a model's `ordering`: for lists of some hundred rows."""

    arity = 1
    output_field = TextField(db_collation="C")

    def as_sql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return super().as_sql(compiler, connection, template=self.written("%(expressions)s"), **extra)

    @staticmethod
    def written(name: str) -> str:
        plain = f"regexp_replace(normalize({name}, NFKD), '[{MARKS}]', '', 'g')"
        for letter, spelt in SPELT.items():
            plain = f"replace({plain}, '{letter}', '{spelt.replace(chr(39), chr(39) * 2)}')"
        return f'lower({plain}) COLLATE "C"'


def kept_in_french(field: str) -> GeneratedField:
    """A column that PostgreSQL keeps in step with the name: for what thousands of rows are ordered by."""
    return GeneratedField(expression=InFrench(field), output_field=TextField(db_collation="C"), db_persist=True)


def in_french(name: str) -> str:
    """The same for `sorted(…, key=…)`."""
    plain = re.sub(f"[{MARKS}]", "", unicodedata.normalize("NFKD", name))
    return plain.translate(str.maketrans(SPELT)).lower()
