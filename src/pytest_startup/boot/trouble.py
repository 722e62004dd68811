"""Faults of services: which tap behaves how, from when to when, and whether the application met it.

A connection that is refused never reaches a tap. So where connections are refused, the agent reports every attempt
(it sees those of Python and of uvloop), and an error in which a driver written in C quotes the refused port counts as
well. Without an agent, connections are accepted and reset at once instead, which is as near as it can be noticed.
"""

from __future__ import annotations

import re
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from pytest_startup.boot import schedule
from pytest_startup.boot.conduct import (
    Breaking,
    Closing,
    Conduct,
    Cutting,
    Mistaken,
    Refusing,
    Resetting,
    Silent,
    Slow,
    Stalled,
)
from pytest_startup.boot.edge import Edge
from pytest_startup.boot.faltering import Course, Faltering
from pytest_startup.boot.line import Line
from pytest_startup.boot.recorder import Recorder
from pytest_startup.boot.schedule import Episode
from pytest_startup.contract.model import Contract
from pytest_startup.events.base import Event
from pytest_startup.events.edge import ConnectionAttempted, ServiceSwitched
from pytest_startup.events.inside import Imported, LifespanFailed, PhaseFailed
from pytest_startup.events.instances import ChaosPlanned, EpisodeStruck
from pytest_startup.events.process import FaultFelt, LogLine
from pytest_startup.variation import WHILE_UP, ServiceFault, Variation

UNNOTICED_SECONDS = 5.0
"""How much later a late service comes if nobody notices that the application looks for it, once that is imported."""

ATTEMPTS_APART = 0.001
"""Seconds between two attempts to connect to a service which are both recorded; those between tell nothing new."""

GONE = ("absent", "late", "dies", "returns")


class Trouble:
    """The faults of the services in one boot. `told` are addresses which the application gets instead of the truth."""

    def __init__(self, contract: Contract, variation: Variation, recorder: Recorder, edge: Edge, line: Line) -> None:
        """Take the faults of `variation` whose services there are; nothing happens before `begun`."""
        faults = [fault for fault in variation.faults if isinstance(fault, ServiceFault)]
        faults += schedule.faults(variation, contract)
        self._faults = [fault for fault in faults if fault.service in edge.taps]
        self._seed = variation.chaos or 0
        self._courses: list[Course] = []
        self._recorder, self._edge, self._line = recorder, edge, line
        self.told = {
            fault.service: replace(edge.addresses[fault.service], password=secrets.token_urlsafe(18))
            for fault in self._faults
            if fault.kind == "wrong-credentials" and edge.addresses[fault.service].password
        }
        self._acting: dict[str, ServiceFault] = {}
        self._met: set[ServiceFault] = set()
        self._attempts: dict[str, float] = {}
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._threads: list[threading.Thread] = []
        self._conducts: dict[str, Callable[[ServiceFault], Conduct]] = {
            "absent": self._gone,
            "late": self._gone,
            "silent": lambda _: Silent(),
            "slow": lambda fault: Slow(fault.seconds),
            "resets": lambda _: Resetting(),
            "cut": lambda fault: Cutting(contract.service(fault.service).kind),
            "breaks": lambda fault: Breaking((Resetting(), Cutting(contract.service(fault.service).kind))),
            "wrong-credentials": self._mistaken,
            "falters": self._falters,
            "dies": self._gone,
            "returns": self._gone,
            "stalls": lambda _: Stalled(),
        }

    @property
    def while_up(self) -> Sequence[ServiceFault]:
        """The faults which strike an application that is up."""
        return [fault for fault in self._faults if fault.kind in WHILE_UP]

    @property
    def watched(self) -> dict[str, list[str | int]]:
        """Services whose connections will be refused at some time, and where the application looks for them."""
        return {
            fault.service: ["127.0.0.1", self._edge.taps[fault.service].port]
            for fault in self._faults
            if fault.kind in GONE
        }

    @contextmanager
    def begun(self) -> Iterator[None]:
        """Let the faults of the beginning act, until the end of the block at most."""
        self._line.hear("Attempted", self._attempted)
        for fault in self._faults:
            if fault.kind not in WHILE_UP:
                self._strike(fault)
        try:
            yield
        finally:
            self._over.set()
            for thread in self._threads:
                thread.join()

    def calm(self) -> None:
        """Let nothing falter any more: it is ready, and what is asked of it now must work."""
        for course in self._courses:
            course.calm = True

    def _end_after(self, seconds: float, fault: ServiceFault) -> None:
        def wait() -> None:
            if not self._over.wait(seconds):
                self.end(fault)

        thread = threading.Thread(target=wait, name="startup-late", daemon=True)
        self._threads.append(thread)
        thread.start()

    def die(self, fault: ServiceFault) -> None:
        """Let a service die, or hang, while the application is up."""
        if self._strike(fault, sever=fault.kind in GONE):
            self.felt(fault.service)

    def end(self, fault: ServiceFault) -> None:
        """Let a service be up again: well, or with the fault that it had from the beginning."""
        with self._lock:
            if self._acting.get(fault.service) is not fault:
                return
            del self._acting[fault.service]
        for lasting in self._faults:
            if lasting.service == fault.service and lasting.kind not in (*GONE, *WHILE_UP):
                self._strike(lasting)
                return
        self._switched(fault.service, "up")
        self._edge.taps[fault.service].switch(Conduct())

    def end_lost(self, fault: ServiceFault) -> None:
        """End what still waits for an answer that will never come: by now it is known who does."""
        self._edge.taps[fault.service].end_lost()

    def _strike(self, fault: ServiceFault, *, sever: bool = False) -> int:
        conduct = self._conducts[fault.kind](fault)
        with self._lock:
            self._acting[fault.service] = fault
        self._switched(fault.service, fault.kind)
        return self._edge.taps[fault.service].switch(conduct, sever=sever)

    def _switched(self, service: str, to: str) -> None:
        self._recorder.add(ServiceSwitched(at=self._recorder.elapsed(), service=service, to=to))

    def _gone(self, fault: ServiceFault) -> Conduct:
        """Refuse, where it will be known that the application has met it."""
        noticed = self._line.attached or self._edge.taps[fault.service].open_connections
        return Refusing() if noticed else Closing()

    def _mistaken(self, fault: ServiceFault) -> Conduct:
        return Mistaken() if fault.service in self.told else Conduct()

    def _falters(self, fault: ServiceFault) -> Conduct:
        service, episodes = fault.service, schedule.draw(self._seed, fault.service)
        recorder, words = self._recorder, tuple(map(str, episodes))
        recorder.add(ChaosPlanned(at=recorder.elapsed(), service=service, seed=self._seed, episodes=words))

        def told(episode: Episode) -> None:
            recorder.add(EpisodeStruck(at=recorder.elapsed(), service=service, episode=str(episode)))

        self._courses.append(course := Course(episodes, told))
        return Faltering(course)

    # -- whether it is felt

    def felt(self, service: str) -> None:
        """Take it that the fault which acts on a service has struck."""
        with self._lock:
            fault = self._acting.get(service)
            if fault is None or fault in self._met:
                return
            self._met.add(fault)
        self._recorder.add(FaultFelt(at=self._recorder.elapsed(), fault=fault.kind, subject=service))
        if fault.kind == "late":
            self._end_after(fault.seconds, fault)

    def struck(self, service: str) -> None:
        """Take it that a tap has let its fault strike a connection; where it would refuse, that was an attempt."""
        if not self._line.attached and self._refuses(service):
            self._attempt(service, self._recorder.elapsed())
        self.felt(service)

    def _attempted(self, message: Mapping[str, Any]) -> None:
        """Take an attempt to connect that the agent reports; where it was refused, it met the fault."""
        self._attempt(message["service"], message["at"] - self._recorder.origin)
        if self._refuses(message["service"]):
            self.felt(message["service"])

    def _attempt(self, service: str, at: float) -> None:
        """Record an attempt: one that comes when the service is there as well as those that are refused."""
        if at - self._attempts.get(service, -ATTEMPTS_APART) >= ATTEMPTS_APART:
            self._attempts[service] = at
            self._recorder.add(ConnectionAttempted(at=at, service=service))

    def overhear(self, event: Event) -> None:
        """Look for an error which quotes the port of a service that refuses."""
        if isinstance(event, Imported):
            for late in [fault for fault in self._faults if fault.kind == "late"]:
                self._end_after(late.seconds + UNNOTICED_SECONDS, late)
        said = _said(event)
        if "refused" in said.lower():
            for service in filter(self._refuses, list(self._acting)):
                if re.search(rf"(?<!\d){self._edge.taps[service].port}(?!\d)", said):
                    self.felt(service)

    def _refuses(self, service: str) -> bool:
        fault = self._acting.get(service)
        return fault is not None and fault.kind in GONE


def _said(event: Event) -> str:
    if isinstance(event, LogLine):
        return event.text
    return event.error if isinstance(event, PhaseFailed | LifespanFailed) else ""
