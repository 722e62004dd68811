"""Watching what an application that is up says while a service dies or hangs, and when it is back.

In an outage users ask on meanwhile, and use it all once it is over.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pytest_startup.boot import plan
from pytest_startup.boot.examination import Examination
from pytest_startup.boot.trouble import Trouble
from pytest_startup.boot.using import Using
from pytest_startup.clock import Deadline
from pytest_startup.contract.health import NoProbe
from pytest_startup.contract.services import Service
from pytest_startup.events.edge import PoolUsed
from pytest_startup.events.process import Exited
from pytest_startup.variation import ServiceFault

WATCH_SECONDS = 5.0
"""How long a dead service is watched for readiness to say so, where the fault does not say it (`seconds`)."""

SETTLE_SECONDS = 1.0
"""How long it is watched from then on: what is said late, or for a moment only, is seen as well."""

RETURN_SECONDS = 10.0
"""How long readiness may take to say ready again once a service is back."""

CANARY_SECONDS = 5.0

POOL_TRIES = 3
POOL_PAUSE_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Vigil:
    """Lets services die, one after the other, and has the outside probes go on meanwhile."""

    examination: Examination
    trouble: Trouble
    using: Using | None = None

    def keep(self) -> None:
        """Watch every fault that strikes an application which is up."""
        for fault in self.trouble.while_up:
            if not self._exited():
                with self.examination.prober.asking():
                    self._of(fault)(fault)

    def _of(self, fault: ServiceFault) -> Callable[[ServiceFault], None]:
        """Return how a fault is watched."""
        if self.using is not None and self.using.exercise.kind == "outage" and fault.kind != "dies":
            return self._outage
        return self._dies if fault.kind == "dies" else self._returns

    def _outage(self, fault: ServiceFault) -> None:
        """Let it be away while users ask on; once it is back, all of it is used."""
        assert self.using is not None  # noqa: S101 - `_of` has looked
        readiness = self.examination.contract.health.readiness
        within = SETTLE_SECONDS if isinstance(readiness, NoProbe) else readiness.follows_within
        with self.using.throughout(fault.service):
            died = self._die(fault)
            self._watch(lambda: self._says(died, ready=False), within)
            self._watch(lambda: False, SETTLE_SECONDS + (self._longest_answer() if fault.kind == "stalls" else 0.0))
            self.trouble.end(fault)
            back = self.examination.recorder.elapsed()
            self._watch(lambda: self._says(back, ready=True), within)
        self.trouble.end_lost(fault)
        self.examination.prober.rest()  # what readiness uses of a pool would count as ours
        if not self._exited():
            service = self.examination.contract.service(fault.service)
            self.examination.canary(service, Deadline.after(CANARY_SECONDS, "a canary"))
            self._pool(service)
            self.using.afterwards()

    def _pool(self, service: Service) -> None:
        """Use a pool at its full width; again if not all went well: a client may know a dead connection by its use."""
        recorder = self.examination.recorder
        for _ in range(POOL_TRIES):
            self.examination.pool(service, Deadline.after(CANARY_SECONDS, "a pool"))
            used = recorder.trace().last(PoolUsed, service=service.name)
            if used is None or used.worked == used.asked or self._exited():
                return
            recorder.pause(POOL_PAUSE_SECONDS, "another try")

    def _dies(self, fault: ServiceFault) -> None:
        died = self._die(fault)
        self._watch(lambda: self._says(died, ready=False), fault.seconds or WATCH_SECONDS)
        self._watch(lambda: False, SETTLE_SECONDS)

    def _returns(self, fault: ServiceFault) -> None:
        """Let it die and come back; in the end it is gone again, so that the stop has to do without it."""
        self._dies(fault)
        self.trouble.end(fault)
        back = self.examination.recorder.elapsed()
        asked = not isinstance(self.examination.contract.health.readiness, NoProbe)
        self._watch(lambda: self._says(back, ready=True), RETURN_SECONDS if asked else SETTLE_SECONDS)
        if not self._exited():
            service = self.examination.contract.service(fault.service)
            self.examination.canary(service, Deadline.after(CANARY_SECONDS, "a canary"))
            self._die(fault)

    def _longest_answer(self) -> float:
        """Return how long it takes until a probe which hangs is known to do so."""
        return max((probe.max_seconds for _, probe in plan.probes(self.examination.contract)), default=0.0)

    def _die(self, fault: ServiceFault) -> float:
        died = self.examination.recorder.elapsed()
        self.trouble.die(fault)
        return died

    def _says(self, since: float, *, ready: bool) -> bool:
        """Whether readiness says so or so, asked since then."""
        said = self.examination.prober.said("readiness", since)
        return said is not None and said.ready == ready

    def _exited(self) -> bool:
        return self.examination.recorder.seen(Exited) is not None

    def _watch(self, enough: Callable[[], bool], seconds: float) -> None:
        self.examination.recorder.until(enough, seconds, "watching")
