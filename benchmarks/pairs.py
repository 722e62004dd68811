"""Paired, interleaved measurements: A and B take turns, and what counts is the ratio or difference within a pair.

On shared, noisy cores only that is evidence; absolute times are printed for orientation.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable


def interleave(count: int, first: Callable[[], float], second: Callable[[], float]) -> list[tuple[float, float]]:
    """Measure both `count` times, the order swapped in every other pair; one unmeasured pair warms up."""
    first(), second()
    found = []
    for number in range(count):
        if number % 2:
            b, a = second(), first()
        else:
            a, b = first(), second()
        found.append((a, b))
    return found


def report(name: str, unit: str, pairs: list[tuple[float, float]]) -> None:
    """Print medians, the median ratio and the median difference, each with its quartiles."""
    ratios = [a / b for a, b in pairs]
    differences = [a - b for a, b in pairs]
    print(f"{name}: {len(pairs)} pairs")
    print(f"  medians    {_middle([a for a, _ in pairs])} {unit} against {_middle([b for _, b in pairs])} {unit}")
    print(f"  ratio      {_middle(ratios)}   quartiles {_quartiles(ratios)}")
    print(f"  difference {_middle(differences)} {unit}   quartiles {_quartiles(differences)}")


def _middle(values: list[float]) -> str:
    return f"{statistics.median(values):.3f}"


def _quartiles(values: list[float]) -> str:
    low, _, high = statistics.quantiles(values, n=4)
    return f"{low:.3f} .. {high:.3f}"
