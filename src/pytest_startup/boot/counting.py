"""How many connections are open, by the application's own count."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Literal

from pytest_startup.boot.guests import Guests
from pytest_startup.boot.line import MEASURE_SECONDS
from pytest_startup.boot.values import filled
from pytest_startup.boot.walk import Walk
from pytest_startup.clock import Deadline
from pytest_startup.events.connected import PeersCounted

TICK_SECONDS = 0.1


async def count(
    guests: Guests, walk: Walk, when: Literal["before", "after"], enough: Callable[[int], bool] = lambda _: True
) -> int:
    """Record how many are open as soon as that is `enough`, or an end must have been noticed; return it, else 0.

    Templates in the place are those of whoever has made the journey.
    """
    place = next(iter(guests.socket.connections), None)
    if place is None or not guests.line.attached:
        return 0
    asked, limit = filled(place.as_json(), walk.values), Deadline.after(guests.socket.gone_within, "the count")
    last = Deadline.after(limit.seconds + MEASURE_SECONDS, limit.what)
    while True:
        found, problem = await asyncio.to_thread(guests.line.measure, asked, last)
        if problem or enough(found) or limit.expired:
            break
        await asyncio.sleep(min(TICK_SECONDS, limit.remaining()))
    at = guests.recorder.elapsed()
    guests.recorder.add(PeersCounted(at=at, place=place.text, when=when, count=max(0, found), problem=problem))
    return max(0, found)
