"""The exercises in which many are connected: which of them a contract declares, and how long they may take."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Literal

from pytest_startup.boot import broadcasts, heartbeats, upgrades
from pytest_startup.boot.exchanges import measure
from pytest_startup.boot.guests import Guests
from pytest_startup.clock import Deadline
from pytest_startup.events.connected import BROADCAST, EXCHANGES, HEARTBEAT, UPGRADES

JOURNEYS_SECONDS = 30.0
"""What the journeys before may take."""

Part = Callable[[str], AbstractContextManager[None]]


def go(kind: Literal["heartbeats", "broadcasts", "upgrading"], guests: Guests, part: Part) -> None:
    """Go through one of these exercises, if the contract declares it."""
    socket = guests.contract.websocket
    if socket is None:
        return
    if kind == "heartbeats" and socket.heartbeat is not None:
        with part(HEARTBEAT):
            deadline = _after(heartbeats.seconds(socket.heartbeat))
            heartbeats.Heartbeats(guests, socket.heartbeat).everything(deadline)
    elif kind == "broadcasts" and socket.broadcasts:
        with part(BROADCAST):
            broadcasts.Broadcasts(guests).everything(_after(broadcasts.seconds(socket.broadcasts)))
    elif kind == "upgrading" and socket.upgrades is not None:
        with part(UPGRADES):
            upgrades.Storm(guests, socket.upgrades).everything(_after(upgrades.seconds(socket.upgrades)))


def one_by_one(guests: Guests, part: Part) -> None:
    """Measure how long answers take when nothing else goes on, if the contract says how long they may."""
    socket = guests.contract.websocket
    if socket is None or socket.latency is None or socket.alive is None:
        return
    with part(EXCHANGES):
        seconds = socket.latency.samples * min(socket.alive.max_seconds, 1.0)
        measure(guests, socket.latency, socket.alive, _after(seconds))


def _after(seconds: float) -> Deadline:
    return Deadline.after(JOURNEYS_SECONDS + seconds, "using the application, by many who are connected")
