"""How often Python looks for what nobody can reach any more (docs/decisions/031).

What refers to itself is found by looking at everything that exists. A web process keeps some 400,000 things for as long
as it runs (modules, templates, models), and Python would look at all of them after every hundred pages or so: a page of
20 ms then takes half a second. What exists once all is loaded is therefore never looked at, and what has grown old
since far less often than Python would; what is young, where nearly all garbage is, nearly as often.
"""

import gc

YOUNG, MIDDLE, OLD = 2_000, 10, 100  # things made before the young are looked at; so often those before the next


def look_rarely() -> None:
    """For a process that answers people, once it has loaded what it is made of."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)
