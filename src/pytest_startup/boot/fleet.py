"""Many boots of one application, each in its own variation, several at a time.

A boot that hangs on purpose costs time but no CPU; so the boots which a run will need are begun early and side by side,
and a test waits for its own only.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Self

from pytest_startup.boot import possible
from pytest_startup.boot.boot import Boot
from pytest_startup.boot.cores import Cores
from pytest_startup.boot.course import go_through
from pytest_startup.boot.peers import Peers
from pytest_startup.boot.relay import Relay
from pytest_startup.clock import Deadline
from pytest_startup.contract.model import Contract
from pytest_startup.events.base import Event
from pytest_startup.services import Keeper
from pytest_startup.trace import Trace
from pytest_startup.variation import Variation

WIDTH = 12
"""Boots at the same time in one run: most of them wait for the time limit of something."""

RELAY_SECONDS = 60.0
"""What another process may need beyond the time limits of a boot, to have its services and to clean up."""

IDLE_SECONDS = 1.0


@dataclass(eq=False, slots=True)
class Job:
    """One boot that is wanted; `result` is its trace, None where another process makes it."""

    variation: Variation
    on_event: Callable[[Event], None] | None = None
    until: Deadline | None = None
    result: Future[Trace | None] = field(default_factory=Future)


class Fleet:
    """The boots of one run. Each variation is booted once, when it is asked for first or begun.

    `relay` shares them with the other processes of the run, of which there are `processes` in all.
    """

    def __init__(self, contract: Contract, keeper: Keeper, relay: Relay | None = None, processes: int = 1) -> None:
        """Prepare to boot what `contract` describes."""
        self._contract, self._keeper, self._relay = contract, keeper, relay
        self._peers = Peers(contract, keeper)
        self._width = max(2, WIDTH // processes) if contract.launch.has_own_ports else 1
        self._cores = Cores(max(1, (os.cpu_count() or 1) // processes))
        self._jobs: dict[Variation, Job] = {}
        self._waiting: deque[Job] = deque()
        self._crew: list[threading.Thread] = []
        self._under_way: set[Boot] = set()
        self._at_work: list[Job] = []
        self._changed = threading.Condition()
        self._closed = False

    @classmethod
    @contextmanager
    def of(cls, contract: Contract, keeper: Keeper, relay: Relay | None = None, processes: int = 1) -> Iterator[Self]:
        """Give a fleet; at the end of the block whatever is still under way is ended at once."""
        fleet = cls(contract, keeper, relay, processes)
        try:
            yield fleet
        finally:
            fleet.close()

    def begin(self, variations: Iterable[Variation]) -> None:
        """Begin to boot these, in this order, as far as there is room."""
        with self._changed:
            for variation in variations:
                self._job(Job(possible.within(variation, self._contract)))
            self._changed.notify_all()

    def trace(
        self,
        variation: Variation,
        on_event: Callable[[Event], None] | None = None,
        until: Deadline | None = None,
    ) -> Trace:
        """Return the trace of a variation; raises what `Boot` raises when it cannot even be tried.

        `on_event` is called with each event of a boot that was not begun before; which is given up in time to be
        told of, where there is no time for it after `until`.
        """
        with self._changed:
            job = self._job(Job(possible.within(variation, self._contract), on_event, until))
            if job in self._waiting:  # somebody waits for it now
                self._waiting.remove(job)
                self._waiting.appendleft(job)
            self._changed.notify_all()
        trace = job.result.result()
        if trace is None:
            trace = self._take(job)
            job.result = Future()
            job.result.set_result(trace)
        return trace

    def close(self) -> None:
        """Begin no more boots, and end those under way; those which another process may wait for end by themselves."""
        with self._changed:
            self._closed = True
            under_way = list(self._under_way) if self._relay is None else []
            for job in self._waiting:
                job.result.cancel()
            self._waiting.clear()
            self._changed.notify_all()
        for boot in under_way:
            boot.abort()
        if self._relay is None:
            self._peers.abort()
        for member in self._crew:
            member.join()
        self._peers.close()

    def _job(self, wanted: Job) -> Job:
        """Return the job of that variation; without one, the wanted one is put to the end of those that wait."""
        if wanted.variation not in self._jobs:
            self._jobs[wanted.variation] = wanted
            self._waiting.append(wanted)
            if len(self._crew) < self._width and not self._closed:
                member = threading.Thread(target=self._work, name="startup-boot", daemon=True)
                self._crew.append(member)
                member.start()
        return self._jobs[wanted.variation]

    # -- what each of the crew does

    def _work(self) -> None:
        while (job := self._next()) is not None:
            try:
                ours = self._relay is None or self._relay.claim(job.variation)
                job.result.set_result(self._boot(job) if ours else None)
            except BaseException as error:  # noqa: BLE001 - it belongs to whoever waits for the trace
                job.result.set_exception(error)
            finally:
                self._done(job)

    def _next(self) -> Job | None:
        with self._changed:
            while not self._closed:
                if (job := self._due()) is not None:
                    self._waiting.remove(job)
                    self._at_work.append(job)
                    return job
                self._changed.wait(IDLE_SECONDS)
            return None

    def _due(self) -> Job | None:
        """Return what may begin now; whatever has to be alone comes once all others are over."""
        if any(job.variation.alone for job in self._at_work):
            return None
        others = (job for job in self._waiting if not job.variation.alone)
        return next(others, self._waiting[0] if self._waiting and not self._at_work else None)

    def _done(self, job: Job) -> None:
        with self._changed:
            self._at_work.remove(job)
            self._changed.notify_all()

    def _take(self, job: Job) -> Trace:
        """Take the trace from the process which boots this one; if that cannot, boot it here."""
        launch = self._contract.launch
        seconds = 2 * (launch.boot_timeout + launch.stop_timeout) + RELAY_SECONDS
        deadline = Deadline.after(seconds, "a boot of another process")
        taken = self._relay.take(job.variation, deadline) if self._relay is not None else None
        return taken if taken is not None else self._boot(job)

    def _boot(self, job: Job) -> Trace:
        trace = None
        try:
            trace = self._made(job)
            return trace
        finally:
            if self._relay is not None:
                self._relay.hand_on(job.variation, trace)

    def _made(self, job: Job) -> Trace:
        contract, keeper, peers, variation = self._contract, self._keeper, self._peers, job.variation
        with self._cores.all() if variation.needs_all_cores else nullcontext(self._cores) as cores:
            boot = Boot(contract, keeper, variation, job.on_event, cores=cores, peers=peers, until=job.until)
            return self._through(boot)

    def _through(self, boot: Boot) -> Trace:
        with self._changed:
            if self._closed and self._relay is None:
                return boot.trace
            self._under_way.add(boot)
        try:
            with boot:
                go_through(boot)
            return boot.trace
        finally:
            with self._changed:
                self._under_way.discard(boot)
