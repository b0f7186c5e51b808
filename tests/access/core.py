from tests.access import open_page

ROWS = [open_page("GET", "core:healthz"), open_page("GET", "core:readyz")]
