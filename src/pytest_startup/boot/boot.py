"""One boot, from nothing to nothing: services, taps, process, questions, stop.

with Boot(contract, keeper) as boot:
    boot.until_ready()
    boot.observe()
boot.trace
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import ExitStack
from types import TracebackType
from typing import Literal, Self
from urllib.parse import urlsplit

from pytest_startup.boot import plan
from pytest_startup.boot.cores import Cores
from pytest_startup.boot.edge import Edge, run_step
from pytest_startup.boot.examination import Examination, questions
from pytest_startup.boot.grace import GraceWalk
from pytest_startup.boot.line import Line
from pytest_startup.boot.peers import Peers, are_disturbed
from pytest_startup.boot.probes import Prober, Question
from pytest_startup.boot.process import Process, claim_port, is_open, occupied
from pytest_startup.boot.recorder import Mask, Recorder
from pytest_startup.boot.trouble import WHILE_UP, Trouble
from pytest_startup.boot.using import Using
from pytest_startup.boot.vigil import Vigil
from pytest_startup.clock import Deadline
from pytest_startup.contract.model import Contract, NoProbe
from pytest_startup.contract.values import Target, Url
from pytest_startup.errors import BootError
from pytest_startup.services import Keeper
from pytest_startup.trace import (
    BootedAgain,
    Event,
    Exited,
    FaultFelt,
    FaultPlanned,
    LeftBehind,
    LogLine,
    MemoryMeasured,
    NeverReady,
    PortBound,
    Ready,
    Spawned,
    Trace,
)
from pytest_startup.variation import PLAIN, PhaseFault, ServiceFault, StartFault, Variation

LAST_LINES = 8
"""Lines of the log of a second boot which are kept."""

OBSERVE_SECONDS = 10.0
"""What all questions to a ready application may take together."""

OBSERVE_TROUBLED_SECONDS = 3.0
"""The same in a boot with a fault, where not every question can be expected to have an answer."""


def record(
    contract: Contract,
    keeper: Keeper,
    variation: Variation = PLAIN,
    on_event: Callable[[Event], None] | None = None,
    peers: Peers | None = None,
) -> Trace:
    """Boot once, ask everything, stop, and return the trace; raises `StartupError` when it cannot even be tried."""
    with Boot(contract, keeper, variation, on_event, peers=peers) as boot:
        boot.go_through()
    return boot.trace


class Boot:
    """An application that is being started, is up, or is being stopped. Any number may go on at the same time."""

    def __init__(  # noqa: PLR0913 - the last three are for whoever boots more than once
        self,
        contract: Contract,
        keeper: Keeper,
        variation: Variation = PLAIN,
        on_event: Callable[[Event], None] | None = None,
        *,
        cores: Cores | None = None,
        before: Edge | None = None,
        peers: Peers | None = None,
    ) -> None:
        """Prepare to boot what `contract` describes, with services out of `keeper`.

        It waits for one of `cores` before it spawns the process. With `before`, the edge of a boot that has ended, it
        has the services of that one, and what that one left in them. It shares `peers` with other boots; without them,
        or when it is going to disturb them, it has its own.
        Raises `BootError` when `variation` names what the contract does not have, or the same thing twice.
        """
        _check(variation, contract)
        self.contract, self.variation, self._keeper, self._on_event = contract, variation, keeper, on_event
        self._stack = ExitStack()
        self._recorder = Recorder(Mask(()), self._tell_of)
        self._line = Line(self._recorder)
        self._trouble: Trouble | None = None
        self._using: Using | None = None
        self._process = Process(self._recorder, secrets.token_hex(16))
        self._aborted = self._stopped = False
        self.host, self.port = contract.launch.host, contract.launch.port
        self._cores = cores
        self._core: Callable[[Event | None], None] = lambda _: None
        shared = None if are_disturbed(variation) else peers
        self._peers = shared if shared is not None else Peers(contract, keeper)
        self._has_own_peers = shared is None
        self._edge = Edge(contract, keeper, self._recorder, self._peers, before)
        self.secrets: list[str] = []
        self._next: Boot | None = None

    def __enter__(self) -> Self:
        """Start it; whatever fails or interrupts leaves nothing behind."""
        try:
            self._start()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Stop it: gently, or at once when the block was left by an exception."""
        try:
            if kind is None:
                self.stop()
        finally:
            self._stack.close()

    @property
    def trace(self) -> Trace:
        """What has been recorded so far."""
        return self._recorder.trace()

    # -- start

    def _start(self) -> None:
        launch = self.contract.launch
        if isinstance(launch.app, Url):
            self._watch_what_is_up(launch.app)
            return
        self._port()
        if self._has_own_peers:
            self._stack.callback(self._peers.close)
        self._edge.open(self._stack, self.port)
        self._trouble = Trouble(self.contract, self.variation, self._recorder, self._edge, self._line)
        honest = plan.setting(self.contract, self._edge.addresses, self.port, self._peers.secrets)
        self._setting = plan.altered(self.contract, honest, self._trouble.told)
        self.secrets = [*honest.secrets, *self._setting.secrets, *self._edge.secrets]
        self._recorder.mask = Mask(self.secrets)
        for phase in self.contract.phases:
            self._recorder.expect(phase.name, phase.signal)
        for step in launch.before:
            run_step(honest.expand(step), self.contract, honest.env, "launch.before")
        self._prepare_use()
        self._spawn(self._trouble)
        self._probe()

    def _watch_what_is_up(self, app: Url) -> None:
        parts = urlsplit(app.url)
        self.host = parts.hostname or "127.0.0.1"
        self.port = parts.port or (443 if parts.scheme == "https" else 80)
        self._recorder.begin()
        self._recorder.add(Spawned(at=0.0, pid=0, command=(app.url,), directory=""))
        self._plan_faults()
        self._setting = plan.setting(self.contract, {}, self.port)
        self._prepare_use()
        self._probe()

    def _prepare_use(self) -> None:
        """Prepare to use it, in a boot that is for that."""
        exercise = self.variation.exercise
        if exercise is not None and exercise.kind in ("use", "journey"):
            app = self.contract.launch.app
            base = app.url if isinstance(app, Url) else f"http://{self.host}:{self.port}"
            known = {**self._setting.values, **self._edge.behind}
            self._using = Using(self.contract, exercise, self._recorder, self._line, known, base)

    def _port(self) -> None:
        """Choose a port, or find that the wished one is taken."""
        if self.port == 0:
            self.port, claim = claim_port(self.host)
            self._stack.enter_context(claim)
        elif is_open(self.host, self.port):
            reason = f"port {self.port} of {self.host} is taken: something already answers there"
            raise BootError("launch.port", reason, "end what listens there, or leave launch.port out to get a free one")

    def _spawn(self, trouble: Trouble) -> None:
        """Start the process, which waits for our word; what it finds is as it should be by then."""
        launch = self.contract.launch
        if self._cores is not None:
            self._core = self._cores.take()
            self._stack.callback(self._core, None)
        self._stack.callback(self._process.kill)
        descriptors = (self._stack.enter_context(self._line.connected()),) if isinstance(launch.app, Target) else ()
        self._recorder.boundary, self._recorder.measure = lambda: self._line.tell("boundary"), self._measure
        self._keeper.expect(self._process.tag)
        if StartFault("port-taken") in self.variation.faults:
            self._stack.enter_context(occupied(self.host, self.port))
        command = plan.argv(self.contract, self._setting, *descriptors)
        self._process.spawn(command, self._setting.env, launch.directory, descriptors)
        self._keeper.guard(self._process.pid, self._process.tag)
        if self._aborted:
            self._process.kill()
        self._plan_faults()
        self._edge.begin(trouble.struck)
        self._stack.enter_context(trouble.begun())
        if self._line.attached:
            orders = plan.orders(self.contract, self._setting, self.port)
            self._line.begin(orders | plan.varied(self.contract, self.variation) | {"watched": trouble.watched})
        self._process.go()

    def _plan_faults(self) -> None:
        for fault in self.variation.faults:
            self._recorder.add(FaultPlanned(at=0.0, fault=fault.kind, subject=fault.subject, seconds=fault.seconds))
            if fault.kind == "port-taken":
                self._recorder.add(FaultFelt(at=0.0, fault=fault.kind, subject=fault.subject))

    def _tell_of(self, event: Event) -> None:
        self._core(event)
        if self._trouble is not None:
            self._trouble.overhear(event)
        if self._using is not None:
            self._using.overhear(event)
        if self._on_event is not None:
            self._on_event(event)

    def _measure(self, phase: str, when: Literal["entered", "left"]) -> None:
        """Record the memory at the beginning or the end of a phase that was seen from here."""
        if found := self._process.resident():
            self._recorder.add(MemoryMeasured(at=self._recorder.elapsed(), phase=phase, when=when, bytes=found))

    def _probe(self) -> None:
        readiness = self.contract.health.readiness
        probe = None if isinstance(readiness, NoProbe) else readiness
        asked = [*questions(self.contract), *([Question("request", "/", 2.0)] if probe is not None else [])]
        self._prober = Prober(self._recorder, (self.host, self.port), asked, probe)
        self._stack.enter_context(self._prober.asking())
        if self._using is not None:
            self._stack.enter_context(self._using.begun())
        self._examination = Examination(
            self.contract, self._recorder, self._line, self._edge, self._prober, self._process
        )

    # -- up

    def go_through(self) -> None:
        """Do everything that this boot is for, from the start to the moment before the stop."""
        exercise = self.variation.exercise
        if exercise is not None and exercise.kind == "grace":  # whether it is ready is no question then
            GraceWalk(self._examination, self.contract.grace_period(exercise.name)).go()
        elif self.until_ready():
            if self._using is None:
                self.observe()
            else:
                self._use(self._using)
            self.endure()
        if self.variation.again:
            self._boot_again()

    def _boot_again(self) -> None:
        """Stop, and boot once more with the same services, as whoever looks after the process would."""
        self.stop()
        self._next = Boot(self.contract, self._keeper, cores=self._cores, before=self._edge, peers=self._peers)
        with self._next as boot:
            if self._aborted:
                boot.abort()
            ready = boot.until_ready()
        last = boot.trace.events[-1].at
        at, log = self._recorder.elapsed(), tuple(line.text for line in boot.trace.all(LogLine)[-LAST_LINES:])
        self._recorder.add(BootedAgain(at=at, ready=ready, seconds=last, observed=boot.trace.why_unready(), log=log))

    def until_ready(self) -> bool:
        """Wait until it serves, and say whether it does; the boot timeout is an event, not an exception."""
        limit = self.contract.launch.boot_timeout
        deadline = Deadline.after(limit, "the boot")
        found = self._recorder.wait(self._outcome, deadline)
        if found is None:
            stacks = self._examination.stacks()
            at = self._recorder.elapsed()
            self._recorder.add(NeverReady(at=at, limit=limit, waiting_for=self._missing(), stacks=stacks))
            self._examination.inside(self._patience())
        elif found == "ready":
            self._recorder.add(Ready(at=self._recorder.elapsed()))
            self._edge.note_open()
        return found == "ready"

    def _outcome(self) -> str | None:
        """Return how the start ended; None while it is under way."""
        if self._aborted or self._recorder.seen(Exited) is not None:
            return "exited"
        return None if self._missing() else "ready"

    def _missing(self) -> str:
        """Return what it still takes to be ready; empty when nothing is missing."""
        if self._line.attached and self._recorder.seen(PortBound) is None:
            return "the server to listen (the lifespan's startup has not completed)"
        readiness = self.contract.health.readiness
        role = questions(self.contract)[0].role if isinstance(readiness, NoProbe) else "readiness"
        said = self._prober.said(role)
        answer = said.answer if said is not None else "nothing yet"
        if isinstance(readiness, NoProbe):
            return "" if answer.isdigit() else f"an answer on {self.host}:{self.port} (last: {answer})"
        wanted = f"{readiness.path} to answer {readiness.status} (last: {answer})"
        return "" if said is not None and said.ready else wanted

    def observe(self) -> None:
        """Ask a ready application everything that the contract wants to know."""
        self._prober.rest()
        self._examination.everything(self.port, self._patience())

    def rest(self) -> None:
        """Ask no more: it is up, and is there for others."""
        self._prober.rest()

    def _use(self, using: Using) -> None:
        """Use what is there: first thing, as even a question may change it."""
        self._prober.rest()
        using.everything()
        if using.exercise.kind == "use":
            for service in self.contract.services:
                self._examination.pool(service, self._patience())

    def endure(self) -> None:
        """Let services die which are to die while the application is up, and watch what it says meanwhile."""
        if self._trouble is not None:
            Vigil(self._examination, self._trouble).keep()

    def _patience(self) -> Deadline:
        seconds = OBSERVE_TROUBLED_SECONDS if self.variation.faults else OBSERVE_SECONDS
        return Deadline.after(seconds, "observing")

    # -- stop

    def abort(self) -> None:
        """End it at once, from any thread: whoever waits for it finds that its process has ended."""
        self._aborted = True
        if self._has_own_peers:
            self._peers.abort()
        self._process.kill()
        if self._next is not None:
            self._next.abort()

    def stop(self) -> None:
        """Stop it as an orchestrator would, and record what it leaves behind; once."""
        if self._stopped:
            return
        self._stopped = True
        self._prober.rest()
        self._process.stop(self.contract.launch.stop_timeout)
        self._line.hear_out()
        self._edge.note_all()
        if self._process.pid:
            self._keeper.release(self._process.pid)
            if is_open(self.host, self.port):
                detail = f"{self.host}:{self.port} still accepts connections"
                self._recorder.add(LeftBehind(at=self._recorder.elapsed(), what="port", detail=detail))


def _check(variation: Variation, contract: Contract) -> None:
    """Raise `BootError` for a fault of what there is not, and for two faults which would be one another's."""
    known = {
        "phase": {phase.name for phase in contract.phases},
        "service": {service.name for service in contract.services},
        "startup": {"startup"},
    }
    periods = [period.name for period in contract.grace]
    if (exercise := variation.exercise) and exercise.kind == "grace" and exercise.name not in periods:
        there = ", ".join(periods) or "none"
        raise BootError(f"exercise {exercise}", f"there is no grace period {exercise.name!r}", f"declared: {there}")
    taken = set()
    for fault in variation.faults:
        kind = _KINDS[type(fault)]
        if fault.subject not in known[kind]:
            there = ", ".join(sorted(known[kind])) or "none"
            raise BootError(f"fault {fault}", f"there is no {kind} {fault.subject!r}", f"{kind}s declared: {there}")
        slot = (kind, fault.subject, fault.kind in WHILE_UP)
        if slot in taken:
            raise BootError(f"fault {fault}", f"{fault.subject} has another one at the same time", "boot once for each")
        taken.add(slot)


_KINDS = {PhaseFault: "phase", ServiceFault: "service", StartFault: "startup"}
