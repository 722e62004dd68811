"""How many connections are open, by the application's own count."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Literal

from pytest_startup.boot.guests import Guests
from pytest_startup.boot.walk import Walk
from pytest_startup.clock import Deadline
from pytest_startup.contract.places import Place
from pytest_startup.events.connected import PeersCounted

TICK_SECONDS = 0.1


async def count(
    guests: Guests,
    walk: Walk,
    when: Literal["before", "after"],
    *,
    enough: Callable[[int], bool] = lambda _: True,
    seconds: float = 0.0,
) -> int:
    """Record how many are open as soon as that is `enough`, or the time is over; return it, 0 where nobody says.

    Templates in the place are those of whoever has made the journey.
    """
    beat = guests.socket.heartbeat
    place = beat.count if beat is not None else None
    if place is None or not guests.line.attached:
        return 0
    limit = Deadline.after(seconds, "the count")
    while True:
        found, problem = await _counted(guests, place, walk)
        if problem or enough(found) or limit.expired:
            break
        await asyncio.sleep(min(TICK_SECONDS, limit.remaining()))
    at = guests.recorder.elapsed()
    guests.recorder.add(PeersCounted(at=at, place=place.text, when=when, count=found, problem=problem))
    return found


async def _counted(guests: Guests, place: Place, walk: Walk) -> tuple[int, str]:
    reply = await asyncio.to_thread(guests.reply, guests.order(place, walk.values))
    value = len(reply.value) if isinstance(reply.value, list | dict) else reply.value
    if isinstance(value, int) and not isinstance(value, bool):
        return value, ""
    return 0, reply.problem or f"gave {type(value).__name__}, which is no number"
