"""How long many users waited who did something at the same moment: asked in the chat, or came back to it.

And how long answers took which somebody had one by one, when the others had left.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from pytest_startup.events.connected import ExchangesTimed
from pytest_startup.events.returning import StormEnded, StormReturned
from pytest_startup.events.used import USERS, TurnTaken, UsersAsked
from pytest_startup.report.lines import Line, Span, seconds
from pytest_startup.trace import Trace

SHARES = (50, 95, 99)
"""Of a hundred users, so many waited at most so long."""


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that `share` percent of all do not exceed (nearest rank); raises for no values."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share / 100 * len(ordered)) - 1)]


def draw(trace: Trace, indent: int) -> list[Line]:
    """Return three lines at most about the users of a boot; nothing when there were none."""
    return [*_turns(trace, indent), *_frames(trace, indent)]


def _turns(trace: Trace, indent: int) -> list[Line]:
    asked = trace.first(UsersAsked, exercise=USERS)
    turns = [each for each in trace.all(TurnTaken, exercise=USERS) if each.times]
    if asked is None or not turns:
        return []
    whole = [each for each in turns if not each.about]
    head = [
        Span("  users".ljust(indent), "dim"),
        Span(f"{asked.asked} asked at once, "),
        Span(f"{len(whole)} of {asked.wanted} had a whole turn", "" if len(whole) == asked.wanted else "bad"),
    ]
    waits = [("first event", [each.times[0] for each in turns]), ("end", [each.times[-1] for each in whole])]
    said = [f"{name} {_words(values)}" for name, values in waits if values]
    return [head, *([Span(f"{'':<{indent}}{each}")] for each in said)]


def _frames(trace: Trace, indent: int) -> list[Line]:
    timed = trace.first(ExchangesTimed)
    if timed is None or not timed.seconds:
        return []
    return [[Span("  frames".ljust(indent), "dim"), Span(f"one by one {_words(timed.seconds)}")]]


def draw_returns(trace: Trace, indent: int) -> list[Line]:
    """Return two lines about the users who came back at once; nothing when there were none."""
    ended = trace.first(StormEnded)
    came = trace.all(StormReturned)
    if ended is None or not came:
        return []
    served = [each for each in came if set(each.put) <= set(each.came)]
    head = [
        Span("  returns".ljust(indent), "dim"),
        Span(f"{len(came)} came back at once, "),
        Span(f"{len(served)} of {ended.wanted} got all", "" if len(served) == ended.wanted else "bad"),
    ]
    waits = [Span(f"{'':<{indent}}last message {_words([each.seconds for each in served])}")] if served else []
    return [head, *([each] for each in waits)]


def _words(values: Sequence[float]) -> str:
    return "  ".join(f"p{share} {seconds(percentile(values, share))}" for share in SHARES)
