"""What a test of the suites says of its boot, by its markers and parameters."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pytest_startup.contract.model import Contract
from pytest_startup.contract.reader import parse
from pytest_startup.report.judged import NoneDeclared
from pytest_startup.shared_boot import Saved, have_images, variation_of
from pytest_startup.subjects import Parameter, orders, parameters
from pytest_startup.trace import Trace
from pytest_startup.variation import Exercise, PhaseFault, ServiceFault, StartFault, Variation

FAULT, BOOT = pytest.mark.fault, pytest.mark.boot
LATE = ServiceFault("db", "late", 2.0)
CASES: dict[str, tuple[list[pytest.MarkDecorator], dict[str, Any], Variation | None]] = {
    "nothing": ([], {}, None),
    "a phase": ([FAULT("raises")], {"phase": "a"}, Variation((PhaseFault("a", "raises"),))),
    "a service": ([FAULT("late", seconds=2.0)], {"service": "db"}, Variation((LATE,))),
    "a server": ([FAULT("late", seconds=2.0)], {"server": "db"}, Variation((LATE,))),
    "a pair": ([FAULT("late", seconds=2.0), BOOT(pair=True)], {"database": "db"}, Variation((LATE,), pair=True)),
    "a pair, of every service": ([BOOT(pair=True)], {"service": "db"}, Variation(pair=True)),
    "a chaos": ([], {"chaos": 3}, Variation(chaos=3)),
    "a chaos, of every service": ([], {"chaos": 3, "service": "db"}, Variation(chaos=3)),
    "no chaos": ([], {"chaos": NoneDeclared("why"), "service": "db"}, None),
    "a schema": ([BOOT(exercise="schema")], {"database": "db"}, Variation(exercise=Exercise("schema", "db"))),
    "an order": ([], {"seed": 2}, Variation(seed=2)),
    "the start": ([FAULT("port-taken")], {}, Variation((StartFault("port-taken"),))),
    "the start twice": ([FAULT("twice")], {}, Variation((StartFault("twice"),))),
    "a phase twice": ([FAULT("twice")], {"phase": "a"}, Variation((PhaseFault("a", "twice"),))),
    "several starts": ([BOOT(lifespans=5)], {}, Variation(lifespans=5)),
}
PLAINEST = "[launch]\ntarget = 'app:app'\n"
PHASE = "[[phases]]\nname = 'a'\ncallable = 'app:start'\n"
DECLARED = parse(f"{PLAINEST}[startup]\nonce = true\nrepeatable = true\n{PHASE}once = true\n")
COLLECTED: dict[str, Callable[[Contract], dict[str, list[Parameter]]]] = {
    "an order": lambda contract: {"seed": orders(contract, (2,))},
    "a phase twice": lambda contract: {"phase": parameters("phase", contract, "twice")},
}
"""What the test is called with."""

NOT_DECLARED = {
    "an order": PLAINEST,
    "the start twice": PLAINEST,
    "a phase twice": PLAINEST + PHASE,
    "several starts": PLAINEST,
}


@pytest.mark.parametrize(("marks", "params", "expected"), CASES.values(), ids=CASES)
def test_variation_of(marks: list[pytest.MarkDecorator], params: dict[str, Any], expected: Variation | None):
    """Tests which say the same share a boot; what differs is in the variation, and in its words."""
    found = variation_of(_test(marks, params), DECLARED)
    assert expected == found
    assert found is None or str(found) != "plain"


@pytest.mark.parametrize("case", NOT_DECLARED)
def test_nothing_is_booted_in_vain(case: str):
    """What the contract says nothing of is not tried: the boot which all share will do for saying so."""
    marks, _, _ = CASES[case]
    contract = parse(NOT_DECLARED[case])
    params = {name: found.value for name, (found, *_) in COLLECTED.get(case, lambda _: {})(contract).items()}
    assert variation_of(_test(marks, params), contract) is None


def _test(marks: list[pytest.MarkDecorator], params: dict[str, Any]) -> Any:  # noqa: ANN401 - what is asked of an item
    named = {each.name: each.mark for each in marks}
    return SimpleNamespace(get_closest_marker=named.get, callspec=SimpleNamespace(params=params))


def test_no_image_for_what_is_up():
    """An application that is up already has its own services: nobody asks the keeper for images."""
    there = parse("[launch]\nurl = 'http://127.0.0.1:8000'\n[services.postgres]\n")
    nobody: Any = None
    have_images(nobody, there, pytest.fail)


def test_words_of_a_variation():
    """A variation is told in one word."""
    assert "db:late+pair" == str(Variation((LATE,), pair=True))
    assert "chaos=0" == str(Variation(chaos=0))


def test_what_another_run_has_saved(tmp_path: Path):
    """The trace of an earlier run can be taken away, where there is one; that of another worker stays."""
    Saved(tmp_path, "gw1").save(Trace.of([]), "boot")
    of_before = Saved(tmp_path).save(Trace.of([]), "boot")
    for _ in range(2):
        Saved(tmp_path).forget("boot")
    assert not of_before.exists()
    assert [tmp_path / "boot-gw1.jsonl"] == list(tmp_path.iterdir())
