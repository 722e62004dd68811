"""Questions to an application that is up: health, who answers, components, links, capabilities."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pytest_startup.boot import plan
from pytest_startup.boot.edge import Edge
from pytest_startup.boot.line import Line
from pytest_startup.boot.probes import Prober, Question
from pytest_startup.boot.process import Process
from pytest_startup.boot.recorder import Recorder
from pytest_startup.clock import Deadline
from pytest_startup.contract.model import Contract, Service
from pytest_startup.events.edge import Answered, CanaryAnswered, PoolUsed
from pytest_startup.events.inside import PortBound

STACKS_SECONDS = 2.0
WELL_KNOWN = ("/livez", "/healthz", "/health", "/health/live", "/readyz", "/ready", "/health/ready", "/-/ready")
"""Where a health endpoint usually is; asked when the contract names no such health endpoint."""

NO_ANSWERS: dict[str, Any] = {"worked": 0, "observed": "had no answer"}
NO_ANSWER: dict[str, Any] = {"works": False, "observed": "no answer", "seconds": 0.0}


def questions(contract: Contract) -> Sequence[Question]:
    """Return what is asked about health all the time; without any health endpoint, whether anything answers."""
    asked = [
        Question(role=role, path=probe.path, limit=probe.max_seconds, fields=tuple(plan.names(contract, probe)))
        for role, probe in plan.probes(contract)
    ]
    return asked or [Question("discovered", "/", 2.0)]


@dataclass(frozen=True, slots=True)
class Examination:
    """Asks one application, and puts the answers into the trace. An application without an agent is asked less."""

    contract: Contract
    recorder: Recorder
    line: Line
    edge: Edge
    prober: Prober
    process: Process

    def stacks(self) -> str:
        """Return what the process is doing, as far as its agent can still tell."""
        reply = self.line.ask(Deadline.after(STACKS_SECONDS, "stacks"), "Stacks", "stacks")
        return "" if reply is None else self.recorder.mask(str(reply["text"]))

    def everything(self, port: int, deadline: Deadline) -> None:
        """Ask a ready application everything that the contract wants to know."""
        discovered = [] if plan.probes(self.contract) else [Question("discovered", path, 2.0) for path in WELL_KNOWN]
        declared = questions(self.contract)
        names = dict.fromkeys(name for question in declared for name in question.fields)
        control = Question("control", f"/{secrets.token_hex(12)}", 2.0, tuple(names))
        for question in (*declared, *discovered, control):
            if not deadline.expired:
                self.prober.once(question)
        if self.process.pid:
            pid = self.process.listens_on(port)
            self.recorder.add(Answered(at=self.recorder.elapsed(), pid=pid, ours=pid != 0))
        self.inside(deadline)

    def inside(self, deadline: Deadline) -> None:
        """Have components, links and capabilities looked at; in an application that serves without being ready too."""
        if self.line.attached and self.recorder.seen(PortBound) is not None:
            self.line.ask(deadline, "Judged", "judge")
            for service in self.contract.services:
                self.canary(service, deadline)

    def canary(self, service: Service, deadline: Deadline) -> None:
        """Use a service through the application's own component, and count what crosses its tap meanwhile."""
        tap = self.edge.taps.get(service.name)
        if service.canary is None or tap is None or not self.line.attached:
            return
        before = tap.crossed
        place = service.canary.as_json()
        reply = self.line.ask(deadline, "Canary", "canary", place=place) or NO_ANSWER
        self.recorder.add(
            CanaryAnswered(
                at=self.recorder.elapsed(),
                service=service.name,
                works=reply["works"],
                observed=self.recorder.mask(reply["observed"]),
                seconds=reply["seconds"],
                crossed=tap.crossed - before,
            )
        )

    def pool(self, service: Service, deadline: Deadline) -> None:
        """Use a service by its canary as many times at once as its pool promises, and count connections meanwhile."""
        tap = self.edge.taps.get(service.name)
        if service.pool is None or service.canary is None or tap is None:
            return
        tap.peak = tap.open_connections
        asked = service.pool.at_once
        place = service.canary.as_json()
        if self.line.attached:
            reply = self.line.ask(deadline, "Canaries", "canaries", place=place, times=asked) or NO_ANSWERS
            self.recorder.add(
                PoolUsed(
                    at=self.recorder.elapsed(),
                    service=service.name,
                    asked=asked,
                    worked=reply["worked"],
                    open=tap.peak,
                    observed=self.recorder.mask(reply["observed"]),
                )
            )
