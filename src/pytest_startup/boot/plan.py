"""From a contract and the addresses of this boot to what is spawned: command, environment, and the agent's orders.

Pure: nothing is started here. The environment is an allow-list, not ours: the application must not notice that it is
tested, and a variable of this machine must not decide whether it starts.
"""

from __future__ import annotations

import importlib.util
import os
import secrets
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from pytest_startup.boot.recorder import is_sensitive
from pytest_startup.contract.journeys import Disturbance
from pytest_startup.contract.model import Contract, NoProbe, Phase, Probe, ReadinessProbe, Service
from pytest_startup.contract.templates import SECRET, Address, Values, escape, expand
from pytest_startup.contract.values import AttributeSignal, CallableSignal, Command, LogSignal, StateSignal, Target
from pytest_startup.events.base import Role
from pytest_startup.variation import Exercise, PhaseFault, StartFault, Variation

AGENT = Path(__file__).with_name("startup_agent")
PROBE_LIMIT = 0.5
"""Seconds that a health endpoint may take at a boundary inside a starting application."""

CANARY_LIMIT = 5.0
"""Seconds that the use of a capability may take."""

LATE_SECONDS = 2.0
"""How much longer than it may take the use of a model that fails is waited for."""

RECOVERY_SECONDS = 8.0
"""How long after an outage it may take until the last part of an application has noticed, and begun anew."""

HELD_SECONDS = 5.0
"""How long a phase waits at most for what disturbs a journey."""

PEER_STOP_SECONDS = 1.0
"""The most that a further application may take to stop: nobody judges it, and it has nothing that is worth the wait."""

_WAIT_FOR_THE_WORD = ("/bin/sh", "-c", 'read -r go && exec "$@" </dev/null', "sh")


@dataclass(frozen=True, slots=True)
class Setting:
    """What is the same for everything that one boot runs: values of templates, environment, secrets to mask."""

    values: Values
    env: Mapping[str, str]
    secrets: Sequence[str]

    def expand(self, words: Sequence[str]) -> list[str]:
        """Return the words with their templates replaced."""
        return [expand(word, self.values) for word in words]


def setting(
    contract: Contract, addresses: Mapping[str, Address], port: int, shared: Mapping[str, str] | None = None
) -> Setting:
    """Return the setting of a boot whose application listens on `port`; the secrets `shared` are not its own."""
    launch = contract.launch
    wanted = {found.name for found in contract.references() if found.owner == SECRET}
    return _setting(
        contract,
        {
            "host": launch.host,
            "port": str(port),
            "python": str(interpreter(contract)),
            "root": str(contract.root),
            "secret": {name: secrets.token_urlsafe(32) for name in wanted} | {**(shared or {})},
            **addresses,
        },
    )


def altered(contract: Contract, original: Setting, addresses: Mapping[str, Address]) -> Setting:
    """Return the same setting with some services at other addresses."""
    return _setting(contract, {**original.values, **addresses})


def _setting(contract: Contract, values: Values) -> Setting:
    own = {name: expand(text, values) for name, text in contract.launch.env.items()}
    env = {**contract.launch.passed(os.environ), **own}
    sensitive = [value for name, value in env.items() if is_sensitive(name)]
    made = values["secret"]
    known = [word for value in values.values() if isinstance(value, Address) for word in (value.password, value.key)]
    return Setting(values, env, [*(made.values() if isinstance(made, Mapping) else ()), *known, *sensitive])


def of_peer(contract: Contract, service: Service, shared: Mapping[str, str]) -> Contract:
    """Return the contract by which a further application is booted: its own, and what the service tells it besides."""
    peer = service.peer
    if peer is None:
        msg = "only a service of the kind app has a contract of its own"
        raise TypeError(msg)
    same = {"host": contract.launch.host, "python": str(interpreter(contract)), "root": str(contract.root)}
    told = {name: escape(expand(text, {**same, SECRET: shared})) for name, text in service.env.items()}
    stop = min(peer.launch.stop_timeout, PEER_STOP_SECONDS)
    return replace(peer, launch=replace(peer.launch, env={**peer.launch.env, **told}, stop_timeout=stop))


def interpreter(contract: Contract) -> Path:
    """Return the Python that runs the application: its own, else ours."""
    own = contract.launch.interpreter
    return own if own is not None else Path(sys.executable)


def argv(contract: Contract, setting: Setting, descriptor: int | None = None) -> list[str]:
    """Return the command line: the agent in the application's interpreter, or a command that waits for the word."""
    app = contract.launch.app
    if isinstance(app, Command):
        return [*_WAIT_FOR_THE_WORD, *setting.expand(app.argv)]
    return [str(interpreter(contract)), "-u", str(AGENT), str(descriptor)]


def orders(contract: Contract, setting: Setting, port: int) -> dict[str, Any]:
    """Return the plan of the agent for an ordinary boot, as JSON can carry it."""
    launch = contract.launch
    target = launch.app
    if not isinstance(target, Target):
        msg = "only a target is run by the agent"
        raise TypeError(msg)
    return {
        "target": str(target),
        "module": target.module,
        "attribute": target.attribute,
        "factory": target.factory,
        "path": [str(path) for path in (*launch.import_path, launch.directory)],
        "lifespan": launch.lifespan,
        "host": launch.host,
        "port": port,
        "phases": [order for order in map(_phase, contract.phases) if order],
        "components": {component.name: component.place.as_json() for component in contract.components},
        "filled": [component.name for component in contract.components if component.not_empty],
        "links": [
            {"name": link.place.text, "place": link.place.as_json(), "to": link.target} for link in contract.wiring
        ],
        "probes": [{"role": r, "path": p.path, "fields": names(contract, p)} for r, p in probes(contract)]
        if contract.phases
        else [],
        "declared": [*_addresses(setting.values), (launch.host, port)],
        "max_block": contract.startup.max_block_seconds,
        "probe_limit": PROBE_LIMIT,
        "canary_limit": CANARY_LIMIT,
    }


def varied(contract: Contract, variation: Variation) -> dict[str, Any]:
    """Return what the plan of the agent has to say of a variation besides."""
    struck = {fault.phase: _fault(contract, fault) for fault in variation.faults if isinstance(fault, PhaseFault)}
    struck |= _held(contract, variation.exercise)
    return {
        "seed": variation.seed,
        **_moved(contract, variation),
        **_patient(contract, variation.exercise),
        "lifespans": variation.lifespans,
        "twice": StartFault("twice") in variation.faults,
        "traffic": _traffic(contract, variation.exercise),
        "faults": list(struck.values()),
        "lines": [
            {"name": phase.name, "pattern": phase.signal.pattern, "enter": phase.signal.enter}
            for phase in contract.phases
            if isinstance(phase.signal, LogSignal) and phase.name in struck
        ],
    }


def _patient(contract: Contract, exercise: Exercise | None) -> dict[str, float]:
    """Return how long a use may take in the exercise of a model: longer than it should, so that it is seen to."""
    if exercise is None or exercise.kind != "model":
        return {}
    failure = contract.service(exercise.name).failure
    return {} if failure is None else {"canary_limit": failure.max_seconds + LATE_SECONDS}


def _traffic(contract: Contract, exercise: Exercise | None) -> dict[str, Any] | None:
    """Return what the agent offers before the application is ready, None when that is nothing."""
    traffic = contract.traffic
    if exercise is None or exercise.kind != "use" or not traffic.declared:
        return None
    gated = traffic.gate == "application"
    return {"requests": list(traffic.requests), "sockets": list(traffic.sockets), "gated": gated}


def disturbance_of(contract: Contract, exercise: Exercise | None) -> Disturbance | None:
    """Return what happens while the application starts, in the exercise of a journey."""
    if exercise is None or exercise.kind != "journey":
        return None
    return next((each.disturbance for each in contract.journeys if each.name == exercise.name), None)


def _held(contract: Contract, exercise: Exercise | None) -> dict[str, dict[str, Any]]:
    """Return the phase which waits until the disturbance of a journey is done, as a fault of that phase."""
    disturbance = disturbance_of(contract, exercise)
    if disturbance is None:
        return {}
    order = {"phase": disturbance.phase, "kind": "held", "seconds": HELD_SECONDS, "provides": []}
    return {disturbance.phase: order}


def freezegun() -> str | None:
    """Return the directory of our freezegun, None where there is none; nothing of it is imported."""
    spec = importlib.util.find_spec("freezegun")
    return None if spec is None or spec.origin is None else str(Path(spec.origin).parent)


def _moved(contract: Contract, variation: Variation) -> dict[str, Any]:
    """Return what the agent needs to move time: freezegun, and the calls that do nothing in this boot."""
    exercise = variation.exercise
    if exercise is None or exercise.kind != "grace":
        return {"freezegun": None, "skipped": []}
    without = contract.grace_period(exercise.name).without
    skipped = [] if without is None else [{"name": str(without), **asdict(without)}]
    return {"freezegun": freezegun(), "skipped": skipped}


def _fault(contract: Contract, fault: PhaseFault) -> dict[str, Any]:
    """Return what the agent has to know of a fault; what an attribute's phase provides is at least that attribute."""
    phase = contract.phase(fault.phase)
    places = [contract.component(name).place for name in phase.provides]
    if isinstance(phase.signal, AttributeSignal) and not places:
        places = [phase.signal.place]
    return {
        "phase": fault.phase,
        "kind": fault.kind,
        "seconds": fault.seconds,
        "provides": [place.as_json() for place in places],
    }


def probes(contract: Contract) -> list[tuple[Role, Probe]]:
    """Return the declared health endpoints with their roles."""
    health = contract.health
    declared: list[tuple[Role, Probe | NoProbe]] = [("liveness", health.liveness), ("readiness", health.readiness)]
    return [(role, probe) for role, probe in declared if not isinstance(probe, NoProbe)]


def names(contract: Contract, probe: Probe) -> list[str]:
    """Return the fields of the body that count, by dotted path."""
    if not isinstance(probe, ReadinessProbe):
        return sorted(probe.fields)
    reported = [name for service in contract.services if service.report is not None for name in service.report.fields]
    return sorted({*probe.fields, *probe.not_ready_fields, *reported})


def _addresses(values: Values) -> list[tuple[str, int]]:
    return [(value.host, value.port) for value in values.values() if isinstance(value, Address)]


def _phase(phase: Phase) -> dict[str, Any] | None:
    """Return how the agent recognises a phase; None when it is recognised elsewhere."""
    match phase.signal:
        case CallableSignal(module, qualname):
            return {"name": phase.name, "signal": "callable", "module": module, "qualname": qualname}
        case StateSignal(place, value):
            return {"name": phase.name, "signal": "state", "place": place.as_json(), "value": value}
        case AttributeSignal(place):
            return {"name": phase.name, "signal": "attribute", "place": place.as_json()}
    return None
