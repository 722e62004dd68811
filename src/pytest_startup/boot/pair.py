"""Two instances on the same services, started at the same moment, each on a port of its own.

So that they meet where they race, their first questions to a service wait for each other at its taps.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from pytest_startup.boot import schema
from pytest_startup.boot.behind import Behind
from pytest_startup.boot.conduct import Conduct, Link
from pytest_startup.boot.handshakes import Handshake, handshake
from pytest_startup.boot.journeys import Walker
from pytest_startup.boot.means import Means
from pytest_startup.boot.walk import Values
from pytest_startup.clock import Deadline, now
from pytest_startup.contract.model import Contract
from pytest_startup.events.base import Event
from pytest_startup.events.instances import LocksLeft, SchemaRead, SecondRecorded
from pytest_startup.events.process import LogLine
from pytest_startup.events.used import JOURNEYS, ExerciseBegan, ExerciseEnded

if TYPE_CHECKING:
    from pytest_startup.boot.boot import Boot

GATHER_SECONDS = 0.5
"""How long one instance waits at a service for the other: less than any usual time limit of a question."""

LOOK_SECONDS = 0.001
USERS = 6
SECONDS_PER_JOURNEY = 8.0
"""What a journey may take which several users make at once."""

RELEASE_SECONDS = 1.0
"""How long a lock or a transaction that is on its way out may still be there."""


@dataclass(slots=True)
class Meeting:
    """Where two instances wait for each other, by service: since when the first is there, and who is."""

    _since: dict[str, float] = field(default_factory=dict)
    _there: dict[str, set[int]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def over(self, service: str, who: int) -> bool:
        """Note that one of them is there, and tell whether there is nothing more to wait for."""
        with self._lock:
            there = self._there.setdefault(service, set())
            there.add(who)
            return len(there) > 1 or now() - self._since.setdefault(service, now()) >= GATHER_SECONDS


@dataclass(frozen=True, slots=True)
class Gathering(Conduct):
    """A healthy service whose first questions, after the login, wait for those of the other instance, for a while."""

    meeting: Meeting
    service: str
    kind: str
    who: int

    async def treat(self, link: Link) -> None:
        """Forward, and hold the first question."""
        greeting = handshake(self.kind)
        await link.forward(greeting.feed, hold=partial(self._hold, greeting))

    async def _hold(self, greeting: Handshake) -> None:
        while greeting.over and not self.meeting.over(self.service, self.who):  # noqa: ASYNC110 - below
            await asyncio.sleep(LOOK_SECONDS)  # each tap has a loop of its own: no event of one is the other's


def gather(boot: Boot, meeting: Meeting) -> None:
    """Have the first questions of an instance wait at every service which has no trouble of its own."""
    troubled = {fault.subject for fault in boot.variation.faults}
    for name, tap in boot.edge.taps.items():
        if name not in troubled:
            tap.switch(Gathering(meeting, name, boot.contract.service(name).kind, id(boot)))


def is_possible(contract: Contract) -> bool:
    """Whether two instances can be up at the same time."""
    return contract.launch.has_own_ports and not contract.startup.single


def another(first: Boot) -> Boot:
    """Return an instance beside another: not started yet, on the same services, with the same secrets."""
    variation = replace(first.variation, pair=False)
    second = type(first)(first.contract, first.keeper, variation, before=first.edge, peers=first.peers)
    second.meeting, second.beside = first.meeting, first
    return second


@dataclass(frozen=True, slots=True)
class Pair:
    """Two instances, of which `first` has just been started."""

    first: Boot

    def go(self) -> None:
        """Start the second one, use both when both are ready, and stop it."""
        first = self.first
        if not is_possible(first.contract):
            return
        second = another(first)
        first.followed_by(second)
        used = False
        try:
            with second:
                used = self._ready(second) and not first.variation.faults
                if used:
                    self._use(second)
        finally:
            self._keep(second)
        if used:
            self._compare()

    def _ready(self, second: Boot) -> bool:
        """Wait for both at the same time; say whether both are ready."""
        with ThreadPoolExecutor(1, thread_name_prefix="startup-second") as pool:
            other = pool.submit(second.until_ready)
            ready = self.first.until_ready()
            return other.result() and ready

    def _use(self, second: Boot) -> None:
        both = (self.first, second)
        for each in both:
            each.rest()
        for service in self.first.contract.services_of("postgres"):
            self._locks(service.name)
            schema.read(self.first, service, alone=False)
        with ThreadPoolExecutor(len(both), thread_name_prefix="startup-pools") as pool:
            list(pool.map(_fill_pools, both))
        self._walk(both)

    def _locks(self, service: str) -> None:
        """Record who still holds a lock or a transaction, when both are ready and nobody asks for anything."""
        recorder, tables = self.first.recorder, self.first.edge.tables(service)
        held: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
        deadline, problem = Deadline.after(RELEASE_SECONDS, "the locks"), ""
        try:
            while any(held := tables.held(Deadline.after(RELEASE_SECONDS, "the locks"))) and not deadline.expired:
                recorder.wait(lambda: None, Deadline.after(0.1, "the locks"))
        except schema.failures(tables) as error:
            problem = recorder.mask(str(error))
        advisory, idle = (tuple(map(recorder.mask, each)) for each in held)
        at = recorder.elapsed()
        recorder.add(LocksLeft(at=at, service=service, advisory=advisory, idle=idle, problem=problem))

    def _walk(self, both: Sequence[Boot]) -> None:
        """Have several users make every journey at once, each step of it at the other instance unless they stay."""
        first = self.first
        journeys = [each for each in first.contract.journeys if each.disturbance is None]
        if not journeys:
            return
        deadline = Deadline.after(SECONDS_PER_JOURNEY * len(journeys), "the journeys of two instances")
        first.recorder.add(ExerciseBegan(at=first.recorder.elapsed(), name=JOURNEYS))
        behind, bases = Behind(first.known), tuple(each.base for each in both)
        means = [Means(each.examination.line, behind) for each in both]

        def walk(number: int) -> None:
            at = number % len(bases)
            turned, known = (*bases[at:], *bases[:at]), Values(first.known, bases[at])
            wanders = Walker(first.recorder, known, f"user {number + 1}", means[0], turned)
            stays = replace(wanders, means=means[at], bases=turned[:1])
            for each in journeys:
                (stays if each.sticky else wanders).walk(each.name, each.steps, deadline)

        try:
            with ThreadPoolExecutor(USERS, thread_name_prefix="startup-user") as pool:
                list(pool.map(walk, range(USERS)))
        finally:
            for each in means:
                each.end()
        first.recorder.add(ExerciseEnded(at=first.recorder.elapsed(), name=JOURNEYS))

    def _compare(self) -> None:
        """Boot one alone, on services of its own, and record what tables it makes."""
        first, databases = self.first, self.first.contract.services_of("postgres")
        if not databases:
            return
        alone = type(first)(first.contract, first.keeper, cores=first.cores, peers=first.peers)
        first.followed_by(alone)
        with alone:
            ready = alone.until_ready()
            for service in databases if ready else ():
                schema.read(alone, service)
        for read in alone.trace.all(SchemaRead):
            first.recorder.add(replace(read, at=first.recorder.elapsed()))

    def _keep(self, second: Boot) -> None:
        """Put what was recorded of the second instance into the trace of the first, on its timeline."""
        later = second.recorder.origin - self.first.recorder.origin
        for event in second.trace.events:
            at = max(0.0, event.at + later)
            self.first.recorder.add(SecondRecorded(at=at, event=_saved(self._masked(event), later)))

    def _masked(self, event: Event) -> Event:
        """Return an event of the second instance without what users have learned meanwhile from either."""
        return replace(event, text=self.first.recorder.mask(event.text)) if isinstance(event, LogLine) else event


def _saved(event: Event, later: float) -> dict[str, Any]:
    moments = {name: getattr(event, name) + later for name in ("at", "began") if hasattr(event, name)}
    return {"kind": type(event).__name__, **asdict(replace(event, **moments))}


def _fill_pools(boot: Boot) -> None:
    for service in boot.contract.services:
        boot.examination.pool(service, boot.patience())
