"""One boot, from nothing to nothing: services, taps, process, questions, stop.

with Boot(contract, keeper) as boot:
    boot.until_ready()
    boot.observe()
boot.trace
"""

from __future__ import annotations

import math
import secrets
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from types import TracebackType
from typing import Literal, Self
from urllib.parse import urlsplit

from pytest_startup.boot import plan, possible, schedule
from pytest_startup.boot.behind import Behind
from pytest_startup.boot.cores import Cores
from pytest_startup.boot.edge import Edge, run_step
from pytest_startup.boot.examination import Examination, questions
from pytest_startup.boot.line import Line
from pytest_startup.boot.means import Means
from pytest_startup.boot.pair import Meeting, gather
from pytest_startup.boot.peers import Peers, are_disturbed
from pytest_startup.boot.probes import Prober, Question
from pytest_startup.boot.process import Process, claim_port, is_open, occupied, reserved
from pytest_startup.boot.recorder import Mask, Recorder
from pytest_startup.boot.trouble import Trouble
from pytest_startup.boot.using import Using
from pytest_startup.clock import Deadline
from pytest_startup.contract.model import Contract, NoProbe
from pytest_startup.contract.templates import Address, Values
from pytest_startup.contract.values import Target, Url
from pytest_startup.errors import BootError
from pytest_startup.events.base import Event
from pytest_startup.events.inside import MemoryMeasured, PortBound
from pytest_startup.events.process import Exited, FaultFelt, FaultPlanned, LeftBehind, NeverReady, Ready, Spawned
from pytest_startup.services import Keeper
from pytest_startup.trace import Trace
from pytest_startup.variation import PLAIN, Exercise, StartFault, Variation

PORT_SECONDS = 120.0
"""How long a boot waits for another one of this run to give back the port that the application always takes."""

OBSERVE_SECONDS = 10.0
"""What all questions to a ready application may take together."""

OBSERVE_TROUBLED_SECONDS = 3.0
"""The same in a boot with a fault, where not every question can be expected to have an answer."""

GIVE_UP_SECONDS, LAST_SECONDS, LEAST_SECONDS = 6.0, 1.5, 0.5
"""A start that uses up the time there is, is given up so many seconds before: there must be time to say why. Of these
the last ones belong to whoever says it; and everything has at least that much."""


class Boot:
    """An application that is being started, is up, or is being stopped. Any number may go on at the same time."""

    def __init__(  # noqa: PLR0913 - the last four are for whoever boots more than once
        self,
        contract: Contract,
        keeper: Keeper,
        variation: Variation = PLAIN,
        on_event: Callable[[Event], None] | None = None,
        *,
        cores: Cores | None = None,
        before: Edge | None = None,
        peers: Peers | None = None,
        until: Deadline | None = None,
    ) -> None:
        """Prepare to boot what `contract` describes, with services out of `keeper`.

        It waits for one of `cores` before it spawns the process. With `before`, the edge of a boot that has ended, it
        has the services of that one, and what that one left in them. It shares `peers` with other boots; without them,
        or when it is going to disturb them, it has its own. `until` is when nobody has time for it any more.
        Raises `BootError` when `variation` names what the contract does not have, or the same thing twice.
        """
        possible.check(variation, contract)
        contract = contract.within(variation.profile)
        self.contract, self.variation, self.keeper, self._on_event = contract, variation, keeper, on_event
        self._stack = ExitStack()
        self.recorder = Recorder(Mask(()), self._tell_of)
        self._line = Line(self.recorder)
        self.trouble: Trouble | None = None
        self.using: Using | None = None
        self._process = Process(self.recorder, secrets.token_hex(16))
        self.aborted = self._stopped = False
        self.host, self.port = contract.launch.host, contract.launch.port
        self.cores, self._until = cores, until
        self._follows, self._contests = before is not None, False
        self._core: Callable[[Event | None], None] = lambda _: None
        shared = None if are_disturbed(variation) else peers
        self.peers = shared if shared is not None else Peers(contract, keeper)
        self._has_own_peers = shared is None
        self.edge = Edge(contract, keeper, self.recorder, self.peers, before)
        self.secrets: list[str] = []
        self.successor: Boot | None = None
        self.meeting = Meeting() if variation.pair else None
        self.beside: Boot | None = None

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
        return self.recorder.trace()

    # -- start

    def _start(self) -> None:
        launch = self.contract.launch
        if isinstance(launch.app, Url):
            self._watch_what_is_up(launch.app)
            return
        self._port()
        if self._has_own_peers:
            self._stack.callback(self.peers.close)
        self.edge.open(self._stack, self.port)
        self.trouble = Trouble(self.contract, self.variation, self.recorder, self.edge, self._line)
        honest = plan.setting(self.contract, self.edge.addresses, self.port, self._shared_secrets())
        self.setting = plan.altered(self.contract, honest, self.trouble.told)
        self.secrets = [*honest.secrets, *self.setting.secrets, *self.edge.secrets]
        self.recorder.mask = Mask(self.secrets)
        for phase in self.contract.phases:
            self.recorder.expect(phase.name, phase.signal)
        for step in launch.before if self.beside is None else ():  # else they have been taken
            run_step(honest.expand(step), self.contract, honest, "launch.before", self.keeper)
        self._prepare_use()
        self._spawn(self.trouble)
        self._probe()

    def _watch_what_is_up(self, app: Url) -> None:
        parts = urlsplit(app.url)
        self.host = parts.hostname or "127.0.0.1"
        self.port = parts.port or (443 if parts.scheme == "https" else 80)
        self.recorder.begin()
        self.recorder.add(Spawned(at=0.0, pid=0, command=(app.url,), directory=""))
        self._plan_faults()
        self.setting = plan.setting(self.contract, {}, self.port)
        self._prepare_use()
        self._probe()

    def _prepare_use(self) -> None:
        """Prepare to use it, in a boot that is for that."""
        exercise = self.variation.exercise
        if exercise is not None and exercise.kind not in ("grace", "schema", "pace"):  # nobody uses it in these
            self.using = self.in_use(exercise)

    def in_use(self, exercise: Exercise) -> Using:
        """Return what uses it, for this exercise."""
        return Using(self.contract, exercise, self.recorder, self._line, self.known, self.base, self.edge.taps)

    @property
    def base(self) -> str:
        """The URL below which it is asked."""
        app = self.contract.launch.app
        return app.url if isinstance(app, Url) else Address(protocol="http", host=self.host, port=self.port).url()

    @property
    def known(self) -> Values:
        """What templates stand for in what users do: services are where they really are."""
        return {**self.setting.values, **self.edge.behind}

    def means(self) -> Means:
        """Return what journeys are made with; whoever takes them ends them."""
        return Means(self._line, Behind(self.known))

    def _shared_secrets(self) -> Mapping[str, str]:
        """Return the secrets that others know too: the peers, and the instance beside which this one starts."""
        made = self.beside.setting.values["secret"] if self.beside is not None else {}
        return {**(made if isinstance(made, Mapping) else {}), **self.peers.secrets}

    def once_more(self) -> tuple[bool, Trace]:
        """Boot again on the same services, once this one has ended; return whether it got ready, and its trace."""
        successor = Boot(self.contract, self.keeper, cores=self.cores, before=self.edge, peers=self.peers)
        self.followed_by(successor)
        with successor:
            ready = successor.until_ready()
        return ready, successor.trace

    def take_port_of(self, other: Boot) -> None:
        """Want the port that another boot wants too."""
        self.port, self._contests = other.port, True

    def _port(self) -> None:
        """Choose a port, or find that the wished one is taken."""
        if self._contests:
            return
        if self.port == 0:
            self.port, claim = claim_port(self.host)
            self._stack.enter_context(claim)
            return
        if not self._follows:
            deadline = Deadline.after(PORT_SECONDS, "the port")
            self._stack.enter_context(reserved(self.keeper.place.home, self.port, deadline))
        if is_open(self.host, self.port):
            reason = f"port {self.port} of {self.host} is taken: something already answers there"
            raise BootError("launch.port", reason, "end what listens there, or leave launch.port out to get a free one")

    def _spawn(self, trouble: Trouble) -> None:
        """Start the process, which waits for our word; what it finds is as it should be by then."""
        launch = self.contract.launch
        if self.cores is not None:
            self._core = self.cores.take()
            self._stack.callback(self._core, None)
        self._stack.callback(self._process.kill)
        descriptors = (self._stack.enter_context(self._line.connected()),) if isinstance(launch.app, Target) else ()
        self.recorder.boundary, self.recorder.measure = lambda: self._line.tell("boundary"), self._measure
        self.keeper.expect(self._process.tag)
        if StartFault("port-taken") in self.variation.faults:
            self._stack.enter_context(occupied(self.host, self.port))
        command = plan.argv(self.contract, self.setting, *descriptors)
        self._process.spawn(command, self.setting.env, launch.directory, descriptors)
        self.keeper.guard(self._process.pid, self._process.tag)
        if self.aborted:
            self._process.kill()
        self._plan_faults()
        self.edge.begin(trouble.struck)
        if self.meeting is not None:
            gather(self, self.meeting)
        self._stack.enter_context(trouble.begun())
        if self._line.attached:
            orders = plan.orders(self.contract, self.setting, self.port)
            self._line.begin(orders | plan.varied(self.contract, self.variation) | {"watched": trouble.watched})
        self._process.go()

    def _plan_faults(self) -> None:
        for fault in (*self.variation.faults, *schedule.faults(self.variation, self.contract)):
            self.recorder.add(FaultPlanned(at=0.0, fault=fault.kind, subject=fault.subject, seconds=fault.seconds))
            if fault.kind == "port-taken":
                self.recorder.add(FaultFelt(at=0.0, fault=fault.kind, subject=fault.subject))

    def _tell_of(self, event: Event) -> None:
        self._core(event)
        if self.trouble is not None:
            self.trouble.overhear(event)
        if self.using is not None:
            self.using.overhear(event)
        if self._on_event is not None:
            self._on_event(event)

    def effort(self) -> tuple[float, float]:
        """Return the CPU seconds that its processes have used so far, and those for which it waited for a core."""
        return self._process.cpu(), self._process.queued()

    def _measure(self, phase: str, when: Literal["entered", "left"]) -> None:
        """Record the memory at the beginning or the end of a phase that was seen from here."""
        if found := self._process.resident():
            self.recorder.add(MemoryMeasured(at=self.recorder.elapsed(), phase=phase, when=when, bytes=found))

    def _probe(self) -> None:
        readiness = self.contract.health.readiness
        probe = None if isinstance(readiness, NoProbe) else readiness
        asked = [*questions(self.contract), *([Question("request", "/", 2.0)] if probe is not None else [])]
        late = any(fault.kind in ("late", "absent") for fault in self.variation.faults)
        secure = isinstance(self.contract.launch.app, Url) and self.contract.launch.app.url.startswith("https:")
        base = Address(protocol="http", host=self.host, port=self.port).url("https" if secure else "http")
        self._prober = Prober(self.recorder, base, asked, probe, patient=late)
        self._stack.enter_context(self._prober.asking())
        if self.using is not None:
            self._stack.enter_context(self.using.begun())
        self.examination = Examination(self.contract, self.recorder, self._line, self.edge, self._prober, self._process)

    # -- up

    def until_ready(self) -> bool:
        """Wait until it serves, and say whether it does; the boot timeout is an event, not an exception."""
        timeout = self.contract.launch.boot_timeout * self.variation.lifespans
        limit = min(timeout, round(self._left(GIVE_UP_SECONDS), 2))
        deadline = Deadline.after(limit, "the boot")
        found = self.recorder.wait(self._outcome, deadline)
        if found is None:
            stacks = self.examination.stacks()
            at = self.recorder.elapsed()
            self.recorder.add(NeverReady(at=at, limit=limit, waiting_for=self._missing(), stacks=stacks))
            self.examination.inside(self.patience().within(self._left(LAST_SECONDS)))
        elif found == "ready":
            self.recorder.add(Ready(at=self.recorder.elapsed()))
            self.edge.note_open()
            if self.trouble is not None:
                self.trouble.calm()
        return found == "ready"

    def _left(self, spare: float) -> float:
        """Return the seconds which something may take if some are to be spared after it; without end by itself."""
        return math.inf if self._until is None else max(LEAST_SECONDS, self._until.remaining() - spare)

    def _outcome(self) -> str | None:
        """Return how the start ended; None while it is under way."""
        if self.aborted or self.recorder.seen(Exited) is not None:
            return "exited"
        return None if self._missing() else "ready"

    def _missing(self) -> str:
        """Return what it still takes to be ready; empty when nothing is missing."""
        if self._line.attached and self.recorder.seen(PortBound) is None:
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
        self.examination.everything(self.port, self.patience())

    def followed_by(self, successor: Boot) -> None:
        """Know the boot that comes after this one: whoever ends this one ends that."""
        self.successor = successor
        if self.aborted:
            successor.abort()

    def rest(self) -> None:
        """Ask no more: it is up, and is there for others."""
        self._prober.rest()

    def patience(self) -> Deadline:
        """Return by when the questions to a boot like this one must have been answered."""
        seconds = OBSERVE_TROUBLED_SECONDS if self.variation.faults else OBSERVE_SECONDS
        return Deadline.after(seconds, "observing")

    # -- stop

    def abort(self) -> None:
        """End it at once, from any thread: whoever waits for it finds that its process has ended."""
        self.aborted = True
        if self._has_own_peers:
            self.peers.abort()
        self._process.kill()
        if self.successor is not None:
            self.successor.abort()

    def stop(self) -> None:
        """Stop it as an orchestrator would, and record what it leaves behind; once."""
        if self._stopped:
            return
        self._stopped = True
        self._prober.rest()
        left = math.inf if self.recorder.seen(Ready) is not None else self._left(LAST_SECONDS)
        self._process.stop(min(self.contract.launch.stop_timeout, left))
        self._line.hear_out()
        self.edge.note_all()
        if self._process.pid:
            self.keeper.release(self._process.pid)
            if is_open(self.host, self.port):
                detail = f"{self.host}:{self.port} still accepts connections"
                self.recorder.add(LeftBehind(at=self.recorder.elapsed(), what="port", detail=detail))
