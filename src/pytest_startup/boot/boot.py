"""One boot, from nothing to nothing: services, taps, process, questions, stop.

with Boot(contract, keeper) as boot:
    boot.until_ready()
    boot.observe()
boot.trace
"""

from __future__ import annotations

import json
import secrets
import socket
import subprocess
import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from pytest_startup.boot import plan
from pytest_startup.boot.probes import Prober, Question
from pytest_startup.boot.process import Process, free_port, is_open
from pytest_startup.boot.recorder import Mask, Recorder
from pytest_startup.boot.taps import Loop, Tap
from pytest_startup.clock import Deadline
from pytest_startup.contract.model import Contract, NoProbe, Service
from pytest_startup.contract.templates import Address
from pytest_startup.contract.values import Target, Url
from pytest_startup.errors import BootError
from pytest_startup.services import Endpoint, Keeper
from pytest_startup.trace import (
    Answered,
    CanaryAnswered,
    Event,
    Exited,
    LeftBehind,
    NeverReady,
    PortBound,
    Ready,
    Spawned,
    TapClosed,
    Touched,
    Trace,
)

OBSERVE_SECONDS = 10.0
"""What all questions to a ready application may take together."""

STACKS_SECONDS = 2.0
SERVICE_SECONDS = 60.0
WELL_KNOWN = ("/livez", "/healthz", "/health", "/health/live", "/readyz", "/ready", "/health/ready", "/-/ready")
"""Where a health endpoint usually is; asked when the contract names none."""


def record(contract: Contract, keeper: Keeper, *, on_event: Callable[[Event], None] | None = None) -> Trace:
    """Boot once, ask everything, stop, and return the trace; raises `StartupError` when it cannot even be tried."""
    with Boot(contract, keeper, on_event=on_event) as boot:
        if boot.until_ready():
            boot.observe()
    return boot.trace


class Boot:
    """An application that is being started, is up, or is being stopped."""

    def __init__(self, contract: Contract, keeper: Keeper, *, on_event: Callable[[Event], None] | None = None) -> None:
        """Prepare to boot what `contract` describes, with services out of `keeper`."""
        self.contract, self._keeper, self._on_event = contract, keeper, on_event
        self._stack = ExitStack()
        self._taps: dict[str, Tap] = {}
        self._agent: socket.socket | None = None
        self.host, self.port = contract.launch.host, contract.launch.port

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
        loop = self._stack.enter_context(Loop.running())
        kinds = [service.kind for service in self.contract.services if service.kind != "unavailable"]
        self._keeper.warm(kinds, Deadline.after(SERVICE_SECONDS, "the services"))
        addresses = {service.name: self._address(loop, service) for service in self.contract.services}
        self._setting = plan.setting(self.contract, addresses, self.port)
        self._recorder = Recorder(Mask(self._setting.secrets), self._on_event)
        for phase in self.contract.phases:
            self._recorder.expect(phase.name, phase.signal)
        for step in launch.before:
            run_step(self._setting.expand(step), self.contract, self._setting.env, "launch.before")
        self._spawn()
        self._probe()

    def _watch_what_is_up(self, app: Url) -> None:
        parts = urlsplit(app.url)
        self.host = parts.hostname or "127.0.0.1"
        self.port = parts.port or (443 if parts.scheme == "https" else 80)
        self._recorder = Recorder(Mask(()), self._on_event)
        self._recorder.add(Spawned(at=0.0, pid=0, command=(app.url,), directory=""))
        self._process = Process(self._recorder, "")
        self._probe()

    def _port(self) -> None:
        """Choose a port, or find that the wished one is taken."""
        if self.port == 0:
            self.port = free_port(self.host)
        elif is_open(self.host, self.port):
            reason = f"port {self.port} of {self.host} is taken: something already answers there"
            raise BootError("launch.port", reason, "end what listens there, or leave launch.port out to get a free one")

    def _address(self, loop: Loop, service: Service) -> Address:
        """Have the service, put a tap in front of it, and return where the application finds it."""
        if service.kind == "unavailable":
            nobody = self._stack.enter_context(socket.socket())
            nobody.bind(("127.0.0.1", 0))  # bound and never listening: refuses, and stays ours
            return Address(protocol=service.kind, host="127.0.0.1", port=nobody.getsockname()[1])
        endpoint = self._have(service)
        self._stack.callback(self._keeper.give_back, endpoint)
        tap = Tap.open(loop, service.name, (endpoint.host, endpoint.port), self._touched)
        self._taps[service.name] = opened = self._stack.enter_context(tap)
        return endpoint.address("127.0.0.1", opened.port)

    def _have(self, service: Service) -> Endpoint:
        deadline = Deadline.after(SERVICE_SECONDS, f"service {service.name}")
        if service.kind == "redis":
            return self._keeper.redis(deadline)
        if service.kind == "llm":
            return self._keeper.llm(service.replies, deadline)
        if not service.template:
            return self._keeper.postgres(deadline)
        self._keeper.prepared(service.name, lambda database: self._prepare(service, database), deadline)
        return self._keeper.postgres(deadline, service.name)

    def _prepare(self, service: Service, database: Endpoint) -> None:
        """Run the steps that fill the template database of a service."""
        setting = plan.setting(self.contract, {service.name: database.address()}, self.port)
        for step in service.template:
            run_step(setting.expand(step), self.contract, setting.env, f"services.{service.name}.template")

    def _touched(self, service: str) -> None:
        self._recorder.add(Touched(at=self._recorder.elapsed(), service=service))

    def _spawn(self) -> None:
        launch = self.contract.launch
        self._process = Process(self._recorder, secrets.token_hex(16))
        self._stack.callback(self._process.kill)
        keep: tuple[int, ...] = ()
        if isinstance(launch.app, Target):
            ours, theirs = socket.socketpair()
            self._agent = self._stack.enter_context(ours)
            self._stack.enter_context(theirs)
            keep = (theirs.fileno(),)
            self._recorder.boundary = lambda: self._tell("boundary")
        self._keeper.expect(self._process.tag)
        command = plan.argv(self.contract, self._setting, keep[0] if keep else None)
        self._process.spawn(command, self._setting.env, launch.directory, keep)
        self._keeper.guard(self._process.pid, self._process.tag)
        if self._agent is not None:
            theirs.close()
            threading.Thread(target=self._listen, args=(self._agent,), name="startup-channel", daemon=True).start()
            self._send(plan.orders(self.contract, self._setting, self.port))
        self._process.go()

    def _listen(self, channel: socket.socket) -> None:
        """Take what the agent says until it says no more."""
        with channel.makefile("rb") as lines:
            for line in lines:
                self._recorder.take(json.loads(line))

    def _send(self, message: Mapping[str, Any]) -> None:
        if self._agent is not None:
            try:
                self._agent.sendall(json.dumps(message).encode() + b"\n")
            except OSError:
                return  # it has gone; its exit tells

    def _tell(self, command: str, **arguments: object) -> None:
        self._send({"command": command, **arguments})

    def _probe(self) -> None:
        questions = [
            Question(role=role, path=probe.path, limit=probe.max_seconds, fields=tuple(plan.names(probe)))
            for role, probe in plan.probes(self.contract)
        ]
        self._questions = questions or [Question("discovered", "/", 2.0)]
        self._prober = Prober(self._recorder, self.host, self.port, self._questions)
        self._stack.enter_context(self._prober.asking())

    # -- up

    def until_ready(self) -> bool:
        """Wait until it serves, and say whether it does; the boot timeout is an event, not an exception."""
        limit = self.contract.launch.boot_timeout
        deadline = Deadline.after(limit, "the boot")
        found = self._recorder.wait(self._outcome, deadline)
        if found is None:
            stacks = self._stacks()
            at = self._recorder.elapsed()
            self._recorder.add(NeverReady(at=at, limit=limit, waiting_for=self._missing(), stacks=stacks))
            self._look_inside(Deadline.after(OBSERVE_SECONDS, "observing"))
        elif found == "ready":
            self._recorder.add(Ready(at=self._recorder.elapsed()))
        return found == "ready"

    def _outcome(self) -> str | None:
        """Return how the start ended; None while it is under way."""
        if self._recorder.seen(Exited) is not None:
            return "exited"
        return None if self._missing() else "ready"

    def _missing(self) -> str:
        """Return what it still takes to be ready; empty when nothing is missing."""
        if self._agent is not None and self._recorder.seen(PortBound) is None:
            return "the server to listen (the lifespan's startup has not completed)"
        answers = self._prober.answers()
        readiness = self.contract.health.readiness
        if not isinstance(readiness, NoProbe):
            answer = answers.get("readiness", "nothing yet")
            return (
                ""
                if answer == str(readiness.status)
                else f"{readiness.path} to answer {readiness.status} (last: {answer})"
            )
        answer = answers.get(self._questions[0].role, "nothing yet")
        return "" if answer.isdigit() else f"an answer on {self.host}:{self.port} (last: {answer})"

    def _stacks(self) -> str:
        """Return what the process is doing, as far as its agent can still tell."""
        if self._agent is None:
            return ""
        self._tell("stacks")
        reply = self._recorder.reply(Deadline.after(STACKS_SECONDS, "stacks"), kind="Stacks")
        return "" if reply is None else self._recorder.mask(str(reply["text"]))

    def observe(self) -> None:
        """Ask a ready application everything that the contract wants to know."""
        deadline = Deadline.after(OBSERVE_SECONDS, "observing")
        self._prober.rest()
        for question in (*self._questions, *self._discovered(), Question("control", f"/{secrets.token_hex(12)}", 2.0)):
            self._prober.once(question)
        if self._process.pid:
            pid = self._process.listens_on(self.port)
            self._recorder.add(Answered(at=self._recorder.elapsed(), pid=pid, ours=pid != 0))
        self._look_inside(deadline)

    def _look_inside(self, deadline: Deadline) -> None:
        """Have components, links and capabilities looked at; an application that serves without being ready too."""
        if self._agent is not None and self._recorder.seen(PortBound) is not None:
            self._tell("judge")
            self._recorder.reply(deadline, kind="Judged")
            for service in self.contract.services:
                self._canary(service, deadline)

    def _discovered(self) -> list[Question]:
        if plan.probes(self.contract):
            return []
        return [Question("discovered", path, 2.0) for path in WELL_KNOWN]

    def _canary(self, service: Service, deadline: Deadline) -> None:
        """Use a service through the application's own component, and count what crosses its tap meanwhile."""
        tap = self._taps.get(service.name)
        if service.canary is None or tap is None:
            return
        before = tap.crossed
        self._tell("canary", service=service.name, place=service.canary.as_json())
        reply = self._recorder.reply(deadline, kind="Canary", service=service.name)
        at = self._recorder.elapsed()
        said: dict[str, Any] = reply if reply is not None else {"works": False, "observed": "no answer", "seconds": 0.0}
        self._recorder.add(
            CanaryAnswered(
                at=at,
                service=service.name,
                works=said["works"],
                observed=self._recorder.mask(said["observed"]),
                seconds=said["seconds"],
                crossed=tap.crossed - before,
            )
        )

    # -- stop

    def stop(self) -> None:
        """Stop it as an orchestrator would, and record what it leaves behind."""
        self._prober.rest()
        self._process.stop(self.contract.launch.stop_timeout)
        at = self._recorder.elapsed()
        for name, tap in self._taps.items():
            counts = {"connections": tap.connections, "sent": tap.sent, "received": tap.received}
            self._recorder.add(TapClosed(at=at, service=name, **counts))
        if self._process.pid:
            self._keeper.release(self._process.pid)
            if is_open(self.host, self.port):
                detail = f"{self.host}:{self.port} still accepts connections"
                self._recorder.add(LeftBehind(at=at, what="port", detail=detail))


def run_step(argv: list[str], contract: Contract, env: Mapping[str, str], where: str) -> None:
    """Run one step before a boot; raises `BootError` with the end of its output when it fails."""
    limit = contract.launch.boot_timeout
    try:
        done = subprocess.run(
            argv,
            env=dict(env),
            cwd=contract.launch.directory,
            capture_output=True,
            timeout=limit,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BootError(where, f"{' '.join(argv)}: {error}", "run it by hand in launch.directory") from error
    if done.returncode != 0:
        last = "\n".join((done.stdout + done.stderr).decode(errors="replace").splitlines()[-15:])
        reason = f"{' '.join(argv)} ended with {done.returncode}:\n{last}\n"
        raise BootError(where, reason, "run it by hand in launch.directory")
