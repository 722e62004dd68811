"""Those who hear broadcasts: which of them came to each socket, in which order, and when."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from pytest_startup.boot.guests import Answered, Guests
from pytest_startup.boot.listeners import Listener
from pytest_startup.boot.walk import Walk, nonce
from pytest_startup.clock import now
from pytest_startup.contract.broadcasts import Broadcast
from pytest_startup.contract.journeys import NONCE
from pytest_startup.events.connected import BroadcastPut, BroadcastsHeard

RETURNED = Answered()
Part = Literal["series", "stalled", "stopping", "again"]


@dataclass(slots=True)
class Seat:
    """A socket of somebody, and which broadcasts it was sent: their numbers, and when they came."""

    name: str
    journey: str
    listener: Listener
    came: list[tuple[int, float]] = field(default_factory=list)

    def has(self, number: int) -> bool:
        """Whether a broadcast has come."""
        return any(number == each for each, _ in self.came)


@dataclass(slots=True)
class Audience:
    """All sockets of somebody who is connected, and the broadcasts which are put in, part by part."""

    guests: Guests
    broadcast: Broadcast
    part: Part
    seats: list[Seat] = field(default_factory=list)
    put_at: list[float] = field(default_factory=list)
    _word: str = field(default_factory=nonce)
    _before: int = 0

    def begin(self, part: Part) -> None:
        """Begin another part: its broadcasts are numbered from 1."""
        self.part, self._before = part, len(self.put_at)

    @property
    def latest(self) -> int:
        """The number of the latest broadcast of this part."""
        return len(self.put_at) - self._before

    def seat(self, name: str, journey: str, walk: Walk) -> Listener:
        """Have one more socket, not connected yet."""
        seen, came = re.compile(rf"{self._word}-(\d+)-"), list[tuple[int, float]]()

        def hear(text: str) -> None:
            found = seen.search(text)
            if found is not None:
                came.append((int(found[1]), now()))

        listener = self.guests.listener(walk, hear, keeps=False)
        self.seats.append(Seat(name, journey, listener, came))
        return listener

    @property
    def wanted(self) -> Sequence[Seat]:
        """Those who must get what is put in, and still could; not who got nothing in the part before."""
        return [
            each
            for each in self.seats
            if self.broadcast.reaches_users_of(each.journey)
            and not each.listener.how
            and (each.came or not self._before)
        ]

    def put(self, size: int = 0) -> int:
        """Put in the next broadcast, with so many characters more; return the ticket of the reply."""
        self.put_at.append(now())
        text = f"{self._word}-{len(self.put_at)}-{'x' * size}"
        return self.guests.order(self.broadcast.put, self.guests.values.within(**{NONCE: text}))

    def arrived(self) -> bool:
        """Whether all broadcasts of this part have come to all of those."""
        numbers = range(self._before + 1, len(self.put_at) + 1)
        return all(each.has(number) for each in self.wanted for number in numbers)

    def record_put(self, number: int, reply: Answered = RETURNED) -> None:
        """Record that one was put in."""
        self.guests.recorder.add(
            BroadcastPut(
                at=self.guests.recorder.elapsed(),
                broadcast=self.broadcast.name,
                part=self.part,
                number=number,
                raised=reply.raised,
                returned=reply.returned,
            )
        )

    def record(self) -> None:
        """Record what came to each socket in this part."""
        recorder = self.guests.recorder
        for each in self.seats:
            came = [(number, at) for number, at in each.came if number > self._before]
            recorder.add(
                BroadcastsHeard(
                    at=recorder.elapsed(),
                    broadcast=self.broadcast.name,
                    part=self.part,
                    socket=each.name,
                    journey=each.journey,
                    numbers=tuple(number - self._before for number, _ in came),
                    seconds=tuple(at - self.put_at[number - 1] for number, at in came),
                    ended=each.listener.how,
                )
            )
