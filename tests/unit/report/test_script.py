"""What had to come beside what came."""

from __future__ import annotations

import textwrap

import pytest

from pytest_startup.contract.chat import ExpectedEvent
from pytest_startup.report.script import Came, beside

EVENTS = (
    ExpectedEvent(type="began"),
    ExpectedEvent(type="thought", optional=True),
    ExpectedEvent(type="tool", repeated=True),
    ExpectedEvent(type="done", repeated=True),
    ExpectedEvent(type="ended"),
)


def came(*types: str) -> list[Came]:
    """Return frames of these types, a tenth of a second apart; `!` marks the wrong one, `~` what is ignored."""
    return [
        Came(each.strip("!~"), {}, f"<{each.strip('!~')}>", number / 10, "~" not in each, "!" in each)
        for number, each in enumerate(types)
    ]


CASES = {
    "all of it": (
        came("began", "~beat", "tool", "tool", "done", "tool", "done", "ended"),
        """
            expected            came            after
            began               began           0.00 s
            thought (optional)  -
            tool (repeated)     tool (2 times)  0.20 s - 0.30 s
            done (repeated)     done            0.40 s
            tool (repeated)     tool            0.50 s
            done (repeated)     done            0.60 s
            ended               ended           0.70 s
        """,
    ),
    "something else": (
        came("began", "!failed"),
        """
            expected            came    after
            began               began   0.00 s
          >                     failed  0.10 s
              <failed>
            thought (optional)  -
            tool (repeated)     -
            done (repeated)     -
            ended               -
        """,
    ),
    "one is missing": (
        came("began", "tool", "!ended"),
        """
            expected            came   after
            began               began  0.00 s
            thought (optional)  -
            tool (repeated)     tool   0.10 s
          > done (repeated)     -
            ended               ended  0.20 s
        """,
    ),
    "wrong in itself": (
        came("began", "!tool"),
        """
            expected            came   after
            began               began  0.00 s
            thought (optional)  -
          > tool (repeated)     tool   0.10 s
              <tool>
            done (repeated)     -
            ended               -
        """,
    ),
    "nothing": (
        [],
        """
            expected            came  after
          > began               -
            thought (optional)  -
            tool (repeated)     -
            done (repeated)     -
            ended               -
        """,
    ),
}


@pytest.mark.parametrize(("frames", "expected"), CASES.values(), ids=CASES)
def test_beside(frames: list[Came], expected: str):
    """Every event has its place, neighbours of a kind are one line, and the first divergence is marked."""
    assert textwrap.dedent(expected).strip("\n").rstrip() == textwrap.dedent("\n".join(beside(EVENTS, frames)))


def test_part_of_a_script():
    """What is not in a script which is not the whole one is no divergence."""
    script = [ExpectedEvent(type="began"), ExpectedEvent(type="ended")]
    said = list(beside(script, came("began", "tool", "over"), whole=False))
    assert ["  > ended     -"] == [line for line in said if line.startswith("  >")]
