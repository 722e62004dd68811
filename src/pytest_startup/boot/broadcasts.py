"""Broadcasts: two users of each sort are connected, one of them twice, and one who does not read when it matters."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from pytest_startup.boot.audience import Audience
from pytest_startup.boot.guests import CONNECT_SECONDS, SETTLE_SECONDS, Guests
from pytest_startup.boot.listeners import Company, Listener
from pytest_startup.boot.walk import Walk
from pytest_startup.clock import Deadline
from pytest_startup.contract.broadcasts import Broadcast
from pytest_startup.events.connected import BROADCAST

USERS = 2
"""Of each sort; the first of all has two sockets."""

SERIES = 5
"""Broadcasts which are put in one after another: each call has returned before the next one begins."""

STRAY_SECONDS = 0.3
"""How long the sockets are watched when all have arrived: a second copy has that time, and so has a stray one."""

LONG, LONG_ONES = 1 << 18, 40
"""Characters of a long broadcast, and how many of them: 10 MiB are more than the buffers of a socket hold."""

STALLED = "one who does not read"


def seconds(broadcasts: tuple[Broadcast, ...]) -> float:
    """Return how long all of them take at most."""
    return sum((SERIES + 4) * each.max_seconds + 10.0 for each in broadcasts)


@dataclass(frozen=True, slots=True)
class Broadcasts:
    """The exercise of one boot."""

    guests: Guests

    def everything(self, deadline: Deadline) -> None:
        """Try all broadcasts, one after the other."""
        for broadcast in self.guests.socket.broadcasts:
            if not self.guests.line.attached:
                self.guests.missing(BROADCAST, broadcast.name, "nobody is within its process who could put it in")
                continue
            walks = self.guests.walks(users(broadcast, self.guests.socket.journey), deadline)
            missing = users(broadcast, self.guests.socket.journey).keys() - walks.keys()
            if missing:
                reason = f"{', '.join(sorted(missing))} could not make the journey"
                self.guests.missing(BROADCAST, broadcast.name, reason)
                continue
            asyncio.run(_try(self.guests, broadcast, walks, Company(deadline)))


def users(broadcast: Broadcast, journey: str | None) -> Mapping[str, str]:
    """Return name -> journey of all who are connected; the one who will not read comes first."""
    found = broadcast.everybody(journey)
    reached = next(filter(broadcast.reaches_users_of, found))
    seats = {f"user {number} of {each}": each for each in found for number in range(1, USERS + 1)}
    return {STALLED: reached, **seats}


def seated(audience: Audience, walks: Mapping[str, Walk], journey: str | None) -> list[Listener]:
    """Give each user but the one who will not read a socket, and the first of them another one."""
    names = [(name, each) for name, each in users(audience.broadcast, journey).items() if name != STALLED]
    first, sort = next(each for each in names if audience.broadcast.reaches_users_of(each[1]))
    sockets = [audience.seat(name, each, walks[name]) for name, each in names]
    return [*sockets, audience.seat(f"{first}, second socket", sort, walks[first])]


async def _try(guests: Guests, broadcast: Broadcast, walks: Mapping[str, Walk], company: Company) -> None:
    stalled = guests.listener(walks[STALLED], keeps=False)
    await company.join([stalled], CONNECT_SECONDS)
    series = Audience(guests, broadcast, "series")
    await company.join(seated(series, walks, guests.socket.journey), CONNECT_SECONDS)
    closed = [f"{each.name}: {each.listener.how}" for each in series.seats if each.listener.how]
    if closed or stalled.how:
        reason = f"not all sockets were opened: {', '.join([*closed, *([stalled.how] if stalled.how else [])])}"
        guests.missing(BROADCAST, broadcast.name, reason)
        return
    await company.listen(SETTLE_SECONDS)
    await put(series, SERIES, company)
    await company.listen(STRAY_SECONDS)
    series.record()
    await _beside_a_stalled_one(series, stalled, company)
    await company.leave()


async def put(audience: Audience, count: int, company: Company) -> None:
    """Put in so many broadcasts, each once the call before has returned, and wait until all have arrived."""
    for _ in range(count):
        reply = await asyncio.to_thread(audience.guests.reply, audience.put(), audience.broadcast.max_seconds)
        audience.record_put(audience.latest, reply)
    await company.until(audience.arrived, audience.broadcast.max_seconds)


async def _beside_a_stalled_one(audience: Audience, stalled: Listener, company: Company) -> None:
    """Put in long broadcasts, whose calls need not return, until nothing more fits the buffers of one who reads none.

    The first one that does not arrive at the others in time shows enough.
    """
    audience.begin("stalled")
    stalled.stall()
    arrived = True
    while arrived and audience.latest < LONG_ONES:
        audience.put(LONG)
        arrived = await company.until(audience.arrived, audience.broadcast.max_seconds)
        audience.record_put(audience.latest)
    audience.record()
