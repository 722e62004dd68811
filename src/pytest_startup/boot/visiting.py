"""The exercise of one boot in which all that a client can do with a WebSocket is done, good and bad."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pytest_startup.boot.endings import Endings
from pytest_startup.boot.gathering import USERS, Gathering
from pytest_startup.boot.holding import Capacity, Managers
from pytest_startup.boot.inputs import Payloads, Routes, Witness
from pytest_startup.boot.pretending import Pretending
from pytest_startup.boot.protocol import Protocol
from pytest_startup.boot.requests import silence
from pytest_startup.boot.settling import Settling
from pytest_startup.boot.visitors import Visit, Visitor
from pytest_startup.clock import Deadline
from pytest_startup.events.sockets import Part, PartNotTried

MORE = 5
"""Users besides those of the gathering: each part has some of its own, so that no limit of one user's is met by all."""


@dataclass(frozen=True, slots=True)
class Visiting:
    """Goes through all parts; what begins something under way comes late, and has users of its own."""

    visit: Visit

    def everything(self, deadline: Deadline) -> None:
        """Try everything that the contract declares."""
        visit = self.visit
        visit.prepare(USERS + MORE, deadline)
        users = visit.visitors
        if len(users) < USERS + MORE:
            self._note("gathering", f"the journey {visit.socket.journey} could not be made by {USERS + MORE} users")
            return
        self._part("gathering", Gathering(visit, deadline).hold)
        self._part("factory", lambda: self._managers(users[0], users[1], deadline))
        self._part("limit", lambda: self._capacity(users[6], users[7], deadline))
        self._part("ends", Endings(visit, users[8], users[10], deadline).all)
        self._part("settling", lambda: self._settling(users[8], deadline))
        self._part("spoofing", lambda: self._pretending(users[9], users[10], deadline))
        self._part("routes", Routes(visit, users[6:8], deadline).all)
        self._part("protocol", lambda: self._protocol(users, deadline))
        self._part("payloads", lambda: self._payloads(users, deadline))

    def _managers(self, user: Visitor, other: Visitor, deadline: Deadline) -> None:
        if (factory := self.visit.socket.factory) is not None:
            Managers(self.visit, user, other, deadline).compare(factory)

    def _capacity(self, user: Visitor, other: Visitor, deadline: Deadline) -> None:
        if (limit := self.visit.socket.limit) is not None:
            Capacity(self.visit, user, other, deadline).try_(limit)

    def _settling(self, user: Visitor, deadline: Deadline) -> None:
        if self.visit.socket.settles:
            Settling(self.visit, user, deadline).all()

    def _pretending(self, user: Visitor, other: Visitor, deadline: Deadline) -> None:
        if (spoof := self.visit.socket.spoof) is not None:
            Pretending(self.visit, user, other, deadline).all(spoof)

    def _protocol(self, users: list[Visitor], deadline: Deadline) -> None:
        with users[10].open(deadline) as opened:
            Protocol(self.visit, users[8:10], Witness(users[10], opened, deadline), deadline).all()

    def _payloads(self, users: list[Visitor], deadline: Deadline) -> None:
        with users[10].open(deadline) as opened:
            Payloads(self.visit, users[1:6], Witness(users[10], opened, deadline), deadline).all()

    def _part(self, part: Part, work: Callable[[], None]) -> None:
        """Go through a part; a socket that cannot be opened ends it, which the next one may find otherwise."""
        try:
            work()
        except (OSError, ValueError, EOFError) as error:
            self._note(part, f"a socket could not be opened: {silence(error)}")

    def _note(self, part: Part, reason: str) -> None:
        recorder = self.visit.recorder
        recorder.add(PartNotTried(at=recorder.elapsed(), part=part, reason=recorder.mask(reason)))
