"""What is said of the times of many users."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_startup.events.connected import ExchangesTimed
from pytest_startup.events.returning import StormEnded, StormReturned
from pytest_startup.events.used import USERS, TurnTaken, UsersAsked
from pytest_startup.report.lines import plain
from pytest_startup.report.users import draw, draw_returns, percentile
from pytest_startup.trace import Trace


def turn(user: int, *times: float, about: str = "") -> TurnTaken:
    """Return a turn with events at these times."""
    return TurnTaken(
        at=9.0, exercise=USERS, user=user, asked=3.0, types=("x",) * len(times), times=times, run="", about=about,
        expected="", observed="", diverged=0.0,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [([3.0], 50, 3.0), ([1.0, 2.0, 3.0, 4.0], 50, 2.0), ([1.0, 2.0, 3.0, 4.0], 99, 4.0), ([2.0, 1.0], 0, 1.0)],
)
def test_percentile(values: list[float], share: float, expected: float):
    """A percentile is one of the values: the nearest rank."""
    assert expected == percentile(values, share)


def test_draw():
    """Both times are told of those who came as far, and how many had a whole turn."""
    asked = UsersAsked(at=9.0, exercise=USERS, wanted=4, prepared=4, asked=4, began=3.0)
    turns = [turn(1, 0.05, 0.2), turn(2, 0.1, 0.3), turn(3, 1.0, about="x"), turn(4, about="x")]
    assert [
        "  users   4 asked at once, 2 of 4 had a whole turn",
        "          first event p50 0.10 s  p95 1.00 s  p99 1.00 s",
        "          end p50 0.20 s  p95 0.30 s  p99 0.30 s",
    ] == [plain(line) for line in draw(Trace.of([asked, *turns]), 10)]
    assert [] == draw(Trace.of([]), 10)


def test_frames():
    """How long answers took, one by one, is said beneath them; where nobody had any, nothing."""
    timed = ExchangesTimed(at=9.0, wanted=3, seconds=(0.001, 0.002, 0.3), problem="")
    lines = draw(Trace.of([timed]), 10)
    assert ["  frames  one by one p50 2.0 ms  p95 0.30 s  p99 0.30 s"] == [plain(line) for line in lines]
    assert [] == draw(Trace.of([replace(timed, seconds=())]), 10)


def back(user: int, *came: int, seconds: float) -> StormReturned:
    """Return somebody who came back for two messages."""
    return StormReturned(at=9.0, user=user, put=(1, 2), came=came, foreign=0, seconds=seconds, answer="accepted")


def test_draw_returns():
    """The time is told of those who got everything."""
    ended = StormEnded(at=9.0, wanted=3, connected=3, whole=True, began=3.0)
    came = [back(1, 1, 2, seconds=0.2), back(2, 1, 2, seconds=0.4), back(3, 1, seconds=0.1)]
    assert [
        "  returns 3 came back at once, 2 of 3 got all",
        "          last message p50 0.20 s  p95 0.40 s  p99 0.40 s",
    ] == [plain(line) for line in draw_returns(Trace.of([ended, *came]), 10)]
    assert 1 == len(draw_returns(Trace.of([ended, came[2]]), 10))
    assert [] == draw_returns(Trace.of([ended]), 10)
