"""What became of users who came back, in words: a label and a text for each kind of event."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pytest_startup.events.returning import (
    BufferOverflowed,
    CameAgain,
    QueueDelivered,
    ReturnConfirmed,
    StateKept,
    StormReturned,
    TurnResumed,
)

SHOWN = 6
"""Numbers of messages which are shown."""


def _numbers(found: Sequence[int]) -> str:
    more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    return ", ".join(map(str, found[:SHOWN])) + more if found else "none"


def _turn(event: TurnResumed) -> tuple[str, str]:
    wrong = event.problem or (f"{event.expected} was expected, {event.observed}" if event.about else "all well")
    return "turn resumed", f"{event.user}, {event.way} after {event.seen} events, {len(event.types)} came: {wrong}"


def _queue(event: QueueDelivered) -> tuple[str, str]:
    came = event.problem or f"{_numbers(event.came)} of {_numbers(event.put)} came"
    others = f", {event.foreign} of others" if event.foreign else ""
    return "queue", f"{event.user}, {event.way} ({event.when}): {came}{others}"


def _state(event: StateKept) -> tuple[str, str]:
    kept = ", ".join(event.kept) or "nothing to compare"
    return "state", f"by {event.what}, {event.way} before ({kept}): {event.problem or 'it goes on'}"


def _came(event: CameAgain) -> tuple[str, str]:
    told = f", to wait {event.pause:g} s" if event.pause >= 0 else ""
    return "connection", f"{event.when}, number {event.number} within {event.seconds:.2f} s: {event.answer}{told}"


def _overflow(event: BufferOverflowed) -> tuple[str, str]:
    who = "who was sent too much" if event.flooded else "another user"
    return "buffer", f"{who}: {_numbers(event.came)} of {len(event.put)} came, {event.told} frames told of a loss"


def _confirmed(event: ReturnConfirmed) -> tuple[str, str]:
    done = f"confirmed: {_numbers(event.confirmed)}"
    return "confirm", f"{event.user}, return {event.round}: {_numbers(event.came)} came, {done}"


def _back(event: StormReturned) -> tuple[str, str]:
    return "return", f"user {event.user}: {event.answer}, {_numbers(event.came)} of {_numbers(event.put)} came"


SAY: Mapping[str, Callable[[Any], tuple[str, str]]] = {
    "ReturnFailed": lambda e: ("return", f"{e.part}, {e.user}: {e.problem}"),
    "TurnResumed": _turn,
    "QueueDelivered": _queue,
    "StateKept": _state,
    "CameAgain": _came,
    "BufferOverflowed": _overflow,
    "ReturnConfirmed": _confirmed,
    "StormReturned": _back,
    "StormEnded": lambda e: ("storm", f"{e.connected} of {e.wanted} users were connected before"),
}
"""Kind of event -> how it is said."""
