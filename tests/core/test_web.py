import pytest

from core.web import row_id


    assert row_id(text) == number
