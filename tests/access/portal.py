from tests.access import own_page

ROWS = [own_page("GET", "portal:home")]
