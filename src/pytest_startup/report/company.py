"""What becomes of many connections, in words: a short label and a text for each kind of event."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pytest_startup.events.connected import (
    BroadcastPut,
    BroadcastsHeard,
    CompanyMissing,
    ExchangesTimed,
    HeartbeatsHeard,
    PeersCounted,
    RestartTried,
    SentBesideDead,
    ServedAfterwards,
    UpgradesTried,
)


def _heartbeats(event: HeartbeatsHeard) -> tuple[str, str]:
    end = f", {event.how} after {event.ended - event.since:.1f} s" if event.how else ""
    return "heartbeats", f"{event.who}: {len(event.times)} in {event.at - event.since:.1f} s{end}"


def _broadcasts(event: BroadcastsHeard) -> tuple[str, str]:
    came = f"{len(event.numbers)} came, the slowest in {max(event.seconds):.3f} s" if event.numbers else "none came"
    return (
        "broadcasts",
        f"{event.broadcast}, {event.part}: {came} to {event.socket}{event.ended and f', {event.ended}'}",
    )


def _restart(event: RestartTried) -> tuple[str, str]:
    ready = "ready again" if event.ready else event.observed or "not ready again"
    return "restart", f"{event.broadcast}: {event.sent} had been put in before the stop; {ready}"


def _upgrades(event: UpgradesTried) -> tuple[str, str]:
    answers = ", ".join(f"{count} x {answer}" for answer, count in sorted(event.answers.items()))
    return "upgrades", f"round {event.round}: {answers}; the longest took {event.longest:.2f} s"


def _exchanges(event: ExchangesTimed) -> tuple[str, str]:
    return "answers", f"{len(event.seconds)} of {event.wanted}{event.problem and f': {event.problem}'}"


def _sent(event: SentBesideDead) -> tuple[str, str]:
    said = f"{event.arrived} times, first after {event.seconds:.3f} s"
    return "beside a dead one", f"{event.delivery}, {event.when} its end: {event.problem or said}"


def _counted(event: PeersCounted) -> tuple[str, str]:
    return "connections", f"{event.place} {event.when} that: {event.problem or event.count}"


def _put(event: BroadcastPut) -> tuple[str, str]:
    how = f"raised {event.raised}" if event.raised else "" if event.returned else "the call did not return"
    return "broadcast", f"{event.broadcast}, {event.part}: number {event.number} put in{how and f', {how}'}"


def _served(event: ServedAfterwards) -> tuple[str, str]:
    return "afterwards", event.problem or f"somebody was served in {event.seconds:.2f} s"


def _missing(event: CompanyMissing) -> tuple[str, str]:
    return "not tried", f"{event.exercise}{event.name and f' {event.name}'}: {event.reason}"


SAY: Mapping[str, Callable[[Any], tuple[str, str]]] = {
    "HeartbeatsHeard": _heartbeats,
    "BroadcastsHeard": _broadcasts,
    "RestartTried": _restart,
    "UpgradesTried": _upgrades,
    "ExchangesTimed": _exchanges,
    "SentBesideDead": _sent,
    "PeersCounted": _counted,
    "BroadcastPut": _put,
    "ServedAfterwards": _served,
    "CompanyMissing": _missing,
}
"""Kind of event -> what it is in words."""
