"""Benchmarks, run by hand: `uv run python -m tests.bench.live` and its neighbours. They print ratios taken in one run.

Figures of different machines or days do not compare. Nothing here is collected by pytest.
"""
