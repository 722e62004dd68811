"""The speed of startups, held against a baseline in spite of noise."""

from __future__ import annotations

import random

import pytest

from pytest_startup.baseline import Baseline, BaselineError, Sample, compared, grown

LIMIT = 1.15
WAITED = 0.3


def startups(count: int, seed: int, work: float = 1.0, machine: float = 1.0, waited: float = WAITED) -> list[Sample]:
    """Return startups of `work` CPU seconds on a machine whose speed drifts: some percent of noise, one in ten late."""
    chance = random.Random(seed)
    found = []
    for _ in range(count):
        speed = machine * chance.uniform(0.8, 1.6)
        cpu = work * speed * chance.gauss(1, 0.03)
        late = 0.5 if chance.random() < 0.1 else 0.0
        found.append(Sample(cpu + waited + late, cpu, 0.1 * speed * chance.gauss(1, 0.03), {"one": cpu, "two": waited}))
    return found


def test_alarms():
    """Of 300 comparisons without a change hardly any is an alarm, also where the machine is half as fast as it was."""
    verdicts = [
        compared(Baseline("3.12", tuple(startups(8, seed))), startups(6, seed + 1000, machine=machine)).exceeds(LIMIT)
        for seed in range(150)
        for machine in (1.0, 2.0)
    ]
    assert verdicts.count(True) <= 3


def test_finds():
    """A startup that takes half as long again is found in five of six runs, though single ones differ by half."""
    verdicts = [
        compared(Baseline("3.12", tuple(startups(8, seed))), startups(12, seed + 1000, work=1.6)).exceeds(LIMIT)
        for seed in range(150)
    ]
    assert verdicts.count(True) >= 125


def test_waiting_is_not_scaled():
    """What a startup waited counts as it is, whatever the speed of the machine."""
    slow = Sample(seconds=1.0, cpu=0.4, reference=0.2)
    assert slow.at(0.1) == pytest.approx(0.8)
    assert slow.at(0.2) == pytest.approx(1.0)


def test_few_samples_tell_nothing():
    """From too few startups nothing is concluded, however slow they were."""
    baseline = Baseline("3.12", tuple(startups(8, 1)))
    assert compared(baseline, startups(1, 2, work=9)).exceeds(LIMIT) is None


def test_names_what_has_grown():
    """The phases are named in the order in which they have grown, at the speed of now."""
    baseline = Baseline("3.12", (Sample(1, 1, 0.1, {"a": 0.2, "b": 0.2, "gone": 1.0}),))
    now = [Sample(3, 3, 0.2, {"a": 0.4, "b": 1.4, "new": 1.0})]
    assert [(name, round(then, 3), after) for name, then, after in grown(baseline, now)] == [
        ("b", 0.4, 1.4),
        ("a", 0.4, 0.4),
    ]


def test_saved_and_read():
    """A baseline is what was saved, but for what lies below a hundredth of a millisecond."""
    baseline = Baseline("3.12", (Sample(1.25, 1.0, 0.125, {"a": 0.5}),))
    assert Baseline.parse(baseline.text()) == baseline
    assert Baseline.parse(baseline.text()).samples[0].phases == {"a": 0.5}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "cannot be read"),
        ("[]", "cannot be read"),
        ("{}", "cannot be read"),
        ('{"format": 2}', "is of format 2, not 1"),
        ('{"format": 1, "python": "3.12", "samples": []}', "has no samples"),
        ('{"format": 1, "python": "3.12", "samples": [{"seconds": 1}]}', "cannot be read"),
        ('{"format": 1, "python": "3.12", "samples": [1]}', "cannot be read"),
    ],
)
def test_no_baseline(text: str, says: str):
    """Whatever else a file holds is refused, and told."""
    with pytest.raises(BaselineError, match=says):
        Baseline.parse(text)
