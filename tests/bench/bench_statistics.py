# SPDX-License-Identifier: Apache-2.0
"""The median of pairs and how sure it is, without an assumption about the noise."""
import statistics
from dataclasses import dataclass
from math import comb


@dataclass
class Estimate:
    median: float
    low: float
    high: float
    coverage: float  # the probability that the true median lies between the two


def coverage_of(rank, count):
    """How often the true median lies between the rank-th smallest and the rank-th largest of so many samples."""
    return 1 - 2 * sum(comb(count, i) for i in range(rank)) / 2**count


def estimate(values):
    """The median with the narrowest pair of order statistics that holds it with 95 %: the interval of the sign test.

    Below six values no pair of them can promise that; then the smallest and the largest say what they can.
    """
    ordered = sorted(values)
    rank = 1
    while rank < len(ordered) // 2 and coverage_of(rank + 1, len(ordered)) >= 0.95:
        rank += 1
    return Estimate(statistics.median(ordered), ordered[rank - 1], ordered[-rank], coverage_of(rank, len(ordered)))
