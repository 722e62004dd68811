"""What became of sockets, in words: a label and a text for each kind of event."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pytest_startup.events.guarded import Flooded
from pytest_startup.events.sockets import (
    ConnectionsCounted,
    ConnectionsLimited,
    InputTried,
    ManagersCompared,
    PlaceSettled,
    RouteTried,
    SocketEnded,
    SocketsRested,
    SpoofTried,
)


def _rested(event: SocketsRested) -> tuple[str, str]:
    lost = f", {len(event.lost)} lost: {event.lost[0]}" if event.lost else ""
    strayed = f", {len(event.strayed)} frames of others: {event.strayed[0]}" if event.strayed else ""
    return "sockets", f"{event.opened} open, round {event.round}, {event.moment}{lost}{strayed}"


def _counted(event: ConnectionsCounted) -> tuple[str, str]:
    whose = f" of {event.user}" if event.user else ""
    found = event.problem or f"{event.count} of {event.expected} connections{whose}"
    return "counted", f"{event.place}: {found}, {event.moment}"


def _ended(event: SocketEnded) -> tuple[str, str]:
    left = event.problem or f"{event.measure} {event.before}, {event.during}, {event.after} before, with and after it"
    witness = f"; somebody else's socket: {event.witness}" if event.witness else ""
    return "socket ended", f"{event.end}: {left}{witness}"


def _limited(event: ConnectionsLimited) -> tuple[str, str]:
    others = f"another user's {event.other}, another one after one had left {event.again}"
    return "limit", f"{event.allowed} connections, one more {event.beyond}, {others}"


def _compared(event: ManagersCompared) -> tuple[str, str]:
    same, shared = "the same" if event.same else "another", "shared" if event.shared else "of their own"
    return "manager", f"{event.path or event.type}: {event.problem or f'{same} each time, {shared}'}"


def _route(event: RouteTried) -> tuple[str, str]:
    return "message", f"{event.route}: {event.problem or 'as it must be answered'}"


def _input(event: InputTried) -> tuple[str, str]:
    answer = "refused" if event.refused else "served" if event.served else "not answered"
    end = f", {event.ended}" if event.ended else f", {event.alive or 'and stays'}"
    return "bad message", f"{event.name}: {answer}{end}"


def _settled(event: PlaceSettled) -> tuple[str, str]:
    counts = event.problem or f"{event.before} before, {event.most} at most, {event.after} at last"
    return "settled", f"{event.place}, {event.occasion}: {counts}"


def _spoofed(event: SpoofTried) -> tuple[str, str]:
    strayed = f"; to the other user came {event.strayed}" if event.strayed else ""
    return "spoofed", f"{event.field}: {event.outcome}{strayed}"


def _flooded(event: Flooded) -> tuple[str, str]:
    ended = f", {event.ended}" if event.ended else ""
    second = f"; of {event.second_sent} over a second socket {event.second_served} served"
    return "limit", f"{event.limit}: {event.served} of {event.sent} served, {event.refused} refused{ended}{second}"


SAY: Mapping[str, Callable[[Any], tuple[str, str]]] = {
    "PartNotTried": lambda e: ("sockets", f"{e.part}: not tried: {e.reason}"),
    "SocketsRested": _rested,
    "ConnectionsCounted": _counted,
    "SocketEnded": _ended,
    "ConnectionsLimited": _limited,
    "ManagersCompared": _compared,
    "RouteTried": _route,
    "InputTried": _input,
    "PlaceSettled": _settled,
    "SpoofTried": _spoofed,
    "Flooded": _flooded,
    "FirstUsed": lambda e: (
        "token",
        f"{e.token}, first used with {e.what} while {e.service} was silent: {e.silent}, {e.opened} connections to it",
    ),
    "HeadersTold": lambda e: ("headers", f"{e.path}, asked by {e.asked}: {e.answer}, {', '.join(e.headers) or 'none'}"),
}
"""Kind of event -> how it is said."""
