"""What Remise can bear, measured by a command that anyone can run: `script/bench NAME` (docs/benchmarks.md).

The highest storey of the house: it may import every room, and the tests' own world; no room imports it.
"""
