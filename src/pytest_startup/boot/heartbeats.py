"""Heartbeats: some who answer them, one who is dead though its connection is open, and one who comes later."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass

from pytest_startup.boot.counting import count
from pytest_startup.boot.guests import CONNECT_SECONDS, SETTLE_SECONDS, Guests
from pytest_startup.boot.listeners import Company, Listener
from pytest_startup.boot.walk import Walk, nonce
from pytest_startup.clock import Deadline, now
from pytest_startup.contract.deliveries import RECIPIENT, Delivery
from pytest_startup.contract.heartbeat import Heartbeat
from pytest_startup.contract.journeys import NONCE
from pytest_startup.contract.mistakes import ContractError
from pytest_startup.contract.places import JsonValue
from pytest_startup.events.connected import (
    ANSWERING,
    DEAD,
    HEARTBEAT,
    LATER,
    OTHER,
    HeartbeatsHeard,
    SentBesideDead,
)

LATE_SECONDS = 1.0
"""How much longer than it may take the end of the dead one is waited for, so that it is seen to come late."""


def seconds(beat: Heartbeat) -> float:
    """Return how long all of it takes at most."""
    return beat.dead_within + LATE_SECONDS + after(beat) + 4 * CONNECT_SECONDS


def after(beat: Heartbeat) -> float:
    """Return how long those who live are watched once the dead one is gone: longer than a heartbeat may be late."""
    return 3 * beat.every + 1.5


@dataclass(slots=True)
class Heartbeats:
    """The exercise of one boot."""

    guests: Guests
    beat: Heartbeat

    def everything(self, deadline: Deadline) -> None:
        """Have two users make their journey, and watch their sockets."""
        journey = self.guests.socket.journey
        walks = self.guests.walks({ANSWERING: journey, OTHER: journey}, deadline) if journey is not None else {}
        if {ANSWERING, OTHER} <= walks.keys():
            asyncio.run(_Watch(self.guests, self.beat, walks, Company(deadline)).go())
        else:
            self.guests.missing(HEARTBEAT, "", "its users could not make their journey")


class _Watch:
    """All sockets of one exercise."""

    def __init__(self, guests: Guests, beat: Heartbeat, walks: dict[str, Walk], company: Company) -> None:
        self.guests, self.beat, self.walks, self.company = guests, beat, walks, company
        self.sockets: dict[str, Listener] = {}

    async def go(self) -> None:
        """Connect, wait for the end of the dead one, and see how the others fare after it."""
        first = await self._join("", ANSWERING)
        first.leave()  # those who come later need heartbeats just the same
        await self.company.until(lambda: not first.open, CONNECT_SECONDS)
        await self._join(ANSWERING, ANSWERING)
        await self._join(DEAD, ANSWERING)
        await self._join(OTHER, OTHER)
        dead = self.sockets[DEAD]
        if not all(each.open for each in self.sockets.values()):
            hows = ", ".join(f"{who}: {each.how}" for who, each in self.sockets.items() if each.how)
            self.guests.missing(HEARTBEAT, "", f"not all sockets were opened: {hows}")
            return
        await self.company.listen(SETTLE_SECONDS)
        walk = self.walks[ANSWERING]
        counted = await count(self.guests, walk, "before")
        await self._send("before")
        left = dead.opened + self.beat.dead_within + LATE_SECONDS - now()
        await self.company.until(lambda: not dead.open, left)
        await self._send("after")
        await count(self.guests, walk, "after", lambda found: found < counted)
        await self._join(LATER, OTHER)
        await self.company.listen(after(self.beat))
        self._record()
        await self.company.leave()

    async def _join(self, who: str, user: str) -> Listener:
        listener = self.guests.listener(self.walks[user], mute=who == DEAD)
        if who:
            self.sockets[who] = listener
        await self.company.join([listener], CONNECT_SECONDS)
        return listener

    # -- what is sent to its user

    async def _send(self, when: str) -> None:
        """Send something to the user of the dead one, who has a living socket as well."""
        addressed, values = self._addressed(), self.walks[ANSWERING].values
        if addressed is None or not self.guests.line.attached:
            return
        delivery, recipient = addressed
        word, began, living = nonce(), now(), self.sockets[ANSWERING]
        ticket = self.guests.order(delivery.put, values.within(**{NONCE: word, RECIPIENT: recipient}))
        await self.company.until(lambda: any(word in each.text for each in living.heard), delivery.max_seconds)
        problem = (await asyncio.to_thread(self.guests.reply, ticket)).raised
        arrived = [each.at - began for each in living.heard if word in each.text]
        recorder = self.guests.recorder
        recorder.add(
            SentBesideDead(
                at=recorder.elapsed(),
                when="before" if when == "before" else "after",
                delivery=delivery.name,
                arrived=len(arrived),
                seconds=arrived[0] if arrived else 0.0,
                limit=delivery.max_seconds,
                problem=problem,
            )
        )

    def _addressed(self) -> tuple[Delivery, JsonValue] | None:
        """Return the first delivery for which the journey has left behind who its recipient is, and who that is."""
        for delivery in self.guests.contract.deliveries:
            with suppress(ContractError):
                if delivery.recipient:
                    return delivery, self.walks[ANSWERING].values.filled(delivery.recipient)
        return None

    # -- the end

    def _record(self) -> None:
        recorder, moment = self.guests.recorder, self.guests.since_spawn
        for who, socket in self.sockets.items():
            beats = [*socket.pings] if self.beat.ping else []
            beats += [each.at for each in socket.heard if self.guests.is_heartbeat(self.walks[ANSWERING], each.text)]
            recorder.add(
                HeartbeatsHeard(
                    at=recorder.elapsed(),
                    who=who,
                    since=moment(socket.opened) if socket.opened else recorder.elapsed(),
                    times=tuple(map(moment, beats)),
                    ended=moment(socket.ended) if socket.how else -1.0,
                    how=socket.how,
                )
            )
