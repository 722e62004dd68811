"""Which types of events are those that a test wants."""

from __future__ import annotations

import pytest

from pytest_startup.boot.taken import Wanted, matches


@pytest.mark.parametrize(
    ("wanted", "types", "expected"),
    [
        ([], "", True),
        ([], "a", False),
        (["a", "b"], "ab", True),
        (["a", "b"], "abc", False),
        (["a", "b"], "ba", False),
        ([...], "", True),
        (["a", ..., "c"], "ac", True),
        (["a", ..., "c"], "abbcbc", True),
        (["a", ..., "c"], "acb", False),
        ([..., "b", ..., "b"], "ab", False),
        ([..., "x", ...], "abc", False),
    ],
)
def test_matches(wanted: list[Wanted], types: str, *, expected: bool):
    """All of them, in this order, and nothing besides; `...` is any number of any."""
    assert expected is matches(wanted, list(types))
