from tests.access import open_page

ROWS = [open_page("GET", "api:schema"), open_page("GET", "api:docs")]
