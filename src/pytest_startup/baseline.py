"""The speed of a startup against a recorded one, in spite of noise.

Seconds of one day cannot be held against seconds of another: a machine that is shared takes half as long or twice as
long for the same work. So every sample stands between two runs of a reference, a little Python program which imports
much, and its CPU time is counted in those. What it waited is counted as it is. Whether a startup has become slower is
decided by the confidence interval of the Hodges-Lehmann ratio (Hollander and Wolfe, Nonparametric Statistical Methods,
4.2 and 4.3): no distribution is assumed, and one outlier moves nothing.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from statistics import NormalDist, median
from typing import Any, Self

FORMAT = 1
DIGITS = 5
"""Of what is saved, behind the point: hundredths of a millisecond."""

CONFIDENCE = 0.99
"""Of the interval: it is looked at several times while samples come in."""


class BaselineError(ValueError):
    """A text is no baseline; the message says why."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One startup: `seconds` from spawn to ready, `cpu` seconds of it, and those of the `reference` at that time.

    Seconds in which it had no core to run on do not count. `phases` are the seconds of each phase.
    """

    seconds: float
    cpu: float
    reference: float
    phases: Mapping[str, float] = field(default_factory=dict, hash=False)

    def at(self, reference: float) -> float:
        """Return the seconds that it would have taken when the reference took `reference`."""
        return max(0.0, self.seconds - self.cpu) + self.cpu * self._scale(reference)

    def phase(self, name: str, reference: float) -> float:
        """Return the seconds of a phase, likewise, as if it had been CPU time throughout."""
        return self.phases[name] * self._scale(reference)

    def _scale(self, reference: float) -> float:
        return reference / self.reference if self.reference else 1.0


@dataclass(frozen=True, slots=True)
class Baseline:
    """The startups that are the measure, and the Python that they were recorded with (as in "3.12").

    There are no samples while a baseline is being recorded.
    """

    python: str = ""
    samples: tuple[Sample, ...] = ()

    def text(self) -> str:
        """Return it as it is saved."""
        samples = [_rounded(asdict(each)) for each in self.samples]
        return json.dumps({"format": FORMAT, "python": self.python, "samples": samples}, indent=1) + "\n"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the baseline in a text; raises `BaselineError`."""
        try:
            raw = json.loads(text)
            if raw["format"] != FORMAT:
                raise BaselineError(f"is of format {raw['format']!r}, not {FORMAT}")
            found = cls(str(raw["python"]), tuple(map(_sample, raw["samples"])))
        except (LookupError, TypeError, ValueError) as error:
            raise BaselineError(f"cannot be read as one ({error})") from error
        if not found.samples:
            raise BaselineError("has no samples")
        return found


def _rounded(numbers: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: _rounded(value) if isinstance(value, Mapping) else round(value, DIGITS) for name, value in numbers.items()
    }


def _sample(raw: Mapping[str, Any]) -> Sample:
    numbers = {each.name: float(raw[each.name]) for each in fields(Sample) if each.name != "phases"}
    return Sample(**numbers, phases={str(name): float(seconds) for name, seconds in raw["phases"].items()})


@dataclass(frozen=True, slots=True)
class Comparison:
    """How long it takes in times of the baseline: the estimate, and between what it lies with `CONFIDENCE`."""

    ratio: float
    low: float
    high: float

    def exceeds(self, limit: float) -> bool | None:
        """Tell whether it is surely more than `limit`, surely not; None: it cannot be told yet."""
        if self.low > limit:
            return True
        return False if self.high <= limit else None


def compared(baseline: Baseline, samples: Sequence[Sample]) -> Comparison:
    """Compare startups, at least one, with those of the baseline, at the speed that the machine has now."""
    now = median(each.reference for each in samples)
    return _hodges_lehmann([each.at(now) for each in baseline.samples], [each.at(now) for each in samples])


def grown(baseline: Baseline, samples: Sequence[Sample]) -> Iterator[tuple[str, float, float]]:
    """Yield each phase that both know with its seconds then and now, whatever has grown most first."""
    now = median(each.reference for each in samples)
    names = set.intersection(*(set(each.phases) for each in (*baseline.samples, *samples)))

    def usual(name: str, of: Sequence[Sample]) -> float:
        return median(each.phase(name, now) for each in of)

    found = [(name, usual(name, baseline.samples), usual(name, samples)) for name in names]
    yield from sorted(found, key=lambda each: each[1] - each[2])


def _hodges_lehmann(before: Sequence[float], after: Sequence[float]) -> Comparison:
    """Return the median of all ratios between the two, and the order statistics which bound it."""
    ratios = sorted(math.log(max(new, 1e-6) / max(old, 1e-6)) for old in before for new in after)
    n, m = len(before), len(after)
    z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
    out = math.floor(n * m / 2 - z * math.sqrt(n * m * (n + m + 1) / 12))
    low, high = (ratios[out], ratios[-1 - out]) if out >= 0 else (-math.inf, math.inf)
    return Comparison(math.exp(median(ratios)), math.exp(low), math.exp(high))
