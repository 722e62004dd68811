"""The exercise of one boot in which all that a client can do with a WebSocket is done, good and bad."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pytest_startup.boot.endings import Endings
from pytest_startup.boot.gathering import USERS, Gathering
from pytest_startup.boot.holding import Capacity, Managers
from pytest_startup.boot.messages import Payloads, Routes, Witness
from pytest_startup.boot.pretending import Pretending
from pytest_startup.boot.protocol import Protocol
from pytest_startup.boot.requests import silence
from pytest_startup.boot.settling import Settling
from pytest_startup.boot.visitors import Visit
from pytest_startup.clock import Deadline
from pytest_startup.events.sockets import Part, PartNotTried

MORE = 8
"""Users besides those of the gathering: each part has some of its own, so that no limit of one user's is met by all."""

FEWEST = 4
"""Without so many, nothing can be tried."""


@dataclass(frozen=True, slots=True)
class Visiting:
    """Goes through all parts; what begins something under way comes last."""

    visit: Visit

    def everything(self, deadline: Deadline) -> None:
        """Try everything that the contract declares."""
        visit = self.visit
        visit.prepare(USERS + MORE, deadline)
        users = visit.visitors
        if len(users) < FEWEST:
            self._note("gathering", f"the journey {visit.socket.journey} failed")
            return
        first, last = users[0], users[-1]
        self._part("gathering", Gathering(visit, deadline).hold)
        if (factory := visit.socket.factory) is not None:
            self._part("factory", lambda: Managers(visit, users[0], users[1], deadline).compare(factory))
        if (limit := visit.socket.limit) is not None:
            self._part("limit", lambda: Capacity(visit, users[-2], last, deadline).try_(limit))
        self._part("ends", Endings(visit, users[-3], first, deadline).all)
        if visit.socket.settles:
            self._part("settling", Settling(visit, users[1], deadline).all)
        if (spoof := visit.socket.spoof) is not None:
            self._part("spoofing", lambda: Pretending(visit, users[2], users[3], deadline).all(spoof))
        self._part("routes", Routes(visit, users[-4], deadline).all)
        self._part("protocol", lambda: self._bad_manners(deadline))

    def _bad_manners(self, deadline: Deadline) -> None:
        users = self.visit.visitors
        with users[0].open(deadline) as opened:
            witness = Witness(users[0], opened, deadline)
            Protocol(self.visit, users[-2:], witness, deadline).all()
            Payloads(self.visit, users[1:-3], witness, deadline).all()

    def _part(self, part: Part, work: Callable[[], None]) -> None:
        """Go through a part; a socket that cannot be opened ends it, which the next one may find otherwise."""
        try:
            work()
        except (OSError, ValueError, EOFError) as error:
            self._note(part, f"a socket could not be opened: {silence(error)}")

    def _note(self, part: Part, reason: str) -> None:
        recorder = self.visit.recorder
        recorder.add(PartNotTried(at=recorder.elapsed(), part=part, reason=recorder.mask(reason)))
