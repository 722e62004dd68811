"""The account of each layer: which time counts, and for whom."""

from __future__ import annotations

import pytest

from pytest_startup.layers.account import Account

BUDGETS = {"smoke": 30.0, "mission_critical": 120.0}


def _account(*tests: tuple[str | None, float, float]) -> Account:
    account = Account(BUDGETS, origin=100.0)
    for layer, begin, end in tests:
        account.begin(layer, f"test at {begin:g}", begin)
        account.end(end)
    return account


CASES = {
    "the first layer pays for the start of the run": ([("smoke", 103.0, 105.0)], {"smoke": 5.0}),
    "between two tests counts for the later one": ([("smoke", 100.0, 101.0), ("smoke", 104.0, 105.0)], {"smoke": 5.0}),
    "a later layer begins at the end of the test before": (
        [("smoke", 100.0, 101.0), ("mission_critical", 102.0, 104.0)],
        {"smoke": 1.0, "mission_critical": 3.0},
    ),
    "what has no layer costs nobody": (
        [("smoke", 100.0, 101.0), (None, 101.0, 150.0), ("smoke", 150.0, 151.0)],
        {"smoke": 2.0},
    ),
    "the start counts although another test comes first": (
        [(None, 103.0, 150.0), ("smoke", 150.0, 151.0)],
        {"smoke": 4.0},
    ),
    "nothing ran": ([], {}),
    "no layer ran": ([(None, 103.0, 150.0)], {}),
}


@pytest.mark.parametrize("case", CASES)
def test_spent(case: str):
    """Only a layer's own time is counted, set-up and tear-down included."""
    tests, expected = CASES[case]
    assert _account(*tests).spent == pytest.approx(expected)


def test_deadline():
    """A test's deadline is what is left of its layer's budget, counted from the end of the test before."""
    account = _account(("smoke", 102.0, 110.0), (None, 110.0, 200.0))
    assert account.begin(None, "x", 200.0) is None
    account.end(200.0)
    assert account.begin("smoke", "x", 201.0) == 200.0 + 30.0 - 10.0


def test_running():
    """A test that is running counts until now."""
    account = _account(("smoke", 100.0, 101.0))
    account.begin("smoke", "x", 102.0)
    assert account.running(110.0) == {"smoke": 10.0}
    assert account.spent == {"smoke": 1.0}


def test_longest():
    """The longest test of a layer is known."""
    account = _account(("smoke", 100.0, 101.0), ("smoke", 101.0, 109.0), ("smoke", 109.0, 110.0))
    assert account.longest == {"smoke": (8.0, "test at 101")}


def test_what_is_left():
    """What is left is that of the layer whose test runs, and goes down while it does."""
    account = _account(("smoke", 103.0, 105.0))
    assert account.left(106.0) is None
    account.begin("smoke", "another one", 106.0)
    assert 23.0 == account.left(107.0)
    account.begin(None, "none of a layer", 108.0)
    assert account.left(109.0) is None
