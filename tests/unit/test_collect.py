"""When the suites are asked for, and by which words of the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_startup.collect import split, wanted

LAYERS, CATEGORIES = ("smoke", "mission_critical"), ("websocket", "security")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("smoke", True),
        ("websocket", True),
        ("smoke or mine", True),
        ("smoke and not mine", True),
        ("smoke and websocket", True),
        ("smoke and not websocket", True),
        ("websocket and security", True),
        ("smoke and websocket and security", True),
        ("smoke and mission_critical", False),
        ("websocket and security and mine", False),
        ("(mission_critical)", True),
        ("not mission_critical and smoke", True),
        ("", False),
        ("mine", False),
        ("smoke and mine", False),
        ("not smoke", False),
        ("not mine", False),
        ("mine(a=1)", False),
        ("smoke and", False),
        ("smoke smoke", False),
        ("a-b", False),
        ("(" * 3000, False),
    ],
)
def test_wanted(expression: str, *, expected: bool):
    """Only an expression which one of our tests satisfies, and an unmarked one does not, asks for them."""
    assert wanted(expression, LAYERS, CATEGORIES) is expected


def test_split(tmp_path: Path):
    """Ids of the suites are told from paths; a module for --pyargs becomes an id."""
    arguments = [
        "tests",
        "pytest_startup/suites/smoke",
        "./pytest_startup/suites/a.py::t[x::y]",
        "pytest_startup.suites",
    ]
    others, ids = split(arguments, tmp_path)
    assert others == ["tests"]
    assert ids == ("pytest_startup/suites/smoke", "pytest_startup/suites/a.py::t[x::y]", "pytest_startup/suites")


def test_a_path_that_is_there_is_a_path(tmp_path: Path):
    """Where such a directory really is, in site-packages itself, it is a path like any other."""
    (tmp_path / "pytest_startup" / "suites").mkdir(parents=True)
    assert split(["pytest_startup/suites"], tmp_path) == (["pytest_startup/suites"], ())
