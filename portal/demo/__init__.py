"""The demo: five platforms under their names, everybody in them invented, a year behind them and a month ahead.

    script/manage demo                loads it into an empty database
    script/manage demo --recreate     empties the database first; refused where a platform is real
    script/manage demo --logins       who can sign in

It is the one writer beside the actions: a year of loans is written in bulk, as the actions would have left it, and a
test holds it to that. What is open now (repairs under way) goes through the actions themselves.
The same seed and the same day give the same demo.
"""
