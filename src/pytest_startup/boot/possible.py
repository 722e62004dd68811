"""Whether a variation can be made of the boots of a contract at all."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from dataclasses import replace

from pytest_startup.contract.model import Contract
from pytest_startup.contract.sockets import SocketClient
from pytest_startup.contract.values import Url
from pytest_startup.errors import BootError
from pytest_startup.variation import WHILE_UP, Exercise, Fault, PhaseFault, ServiceFault, StartFault, Variation


def within(variation: Variation, contract: Contract) -> Variation:
    """Return what of a variation can be made: an application that is up already can only be used.

    It is up for others as well, who are spared a crowd, names that are doubled, and floods.
    """
    if isinstance(contract.launch.app, Url):
        crowded = variation.exercise is not None and variation.exercise.is_crowded
        return Variation(exercise=None if crowded else variation.exercise)
    return replace(variation, faults=_faults(variation, contract), profile=_profile(variation, contract))


def _faults(variation: Variation, contract: Contract) -> tuple[Fault, ...]:
    """Return the faults without the absence of what is never there."""
    never = {service.name for service in contract.services_of("unavailable")}
    return tuple(each for each in variation.faults if not (each.kind == "absent" and each.subject in never))


def _profile(variation: Variation, contract: Contract) -> str:
    """Return the profile; none where it is run as always."""
    wanted = variation.profile or _of_model(variation.exercise, contract) or _of_heartbeat(variation.exercise, contract)
    chosen = next((each for each in contract.profiles if each.name == wanted), None)
    same = chosen is not None and all(contract.launch.env.get(name) == text for name, text in chosen.env.items())
    return "" if same else wanted


def _of_model(exercise: Exercise | None, contract: Contract) -> str:
    """Return the profile in which a model fails; none where it does so as always."""
    names = [exercise.name] if exercise is not None and exercise.kind == "model" else []
    failures = [each.failure for each in contract.services if each.name in names and each.failure is not None]
    return next((each.profile for each in failures if each.profile is not None), "")


def _of_heartbeat(exercise: Exercise | None, contract: Contract) -> str:
    """Return the profile in which heartbeats come quickly; none where they do so as always."""
    beat = contract.websocket.heartbeat if contract.websocket is not None else None
    tried = exercise is not None and exercise.kind == "heartbeats"
    return beat.profile or "" if tried and beat is not None else ""


def _clients(contract: Contract) -> Iterator[SocketClient]:
    """Yield how users connect to sockets, wherever the contract says so."""
    found = [contract.chat, contract.websocket, *contract.deliveries, *contract.tokens, *contract.cors]
    yield from (each.socket for each in found if each is not None and each.socket is not None)


def _check_library(contract: Contract) -> None:
    """Raise `BootError` where somebody speaks Socket.IO, and what that needs is not there."""
    spoken = next((each for each in _clients(contract) if each.is_socketio), None)
    if spoken is not None and importlib.util.find_spec("socketio") is None:
        fix = 'pip install "pytest-startup[socketio]"'
        raise BootError(f"socket {spoken.path}", "its transport socketio needs python-socketio, which is missing", fix)


def check(variation: Variation, contract: Contract) -> None:
    """Raise `BootError` for a fault of what there is not, and for two faults which would be one another's.

    And where a library is missing that the contract needs.
    """
    _check_library(contract)
    known = {
        "phase": {phase.name for phase in contract.phases},
        "service": {service.name for service in contract.services},
        "startup": {"startup"},
    }
    if variation.profile and variation.profile not in (names := [each.name for each in contract.profiles]):
        reason, there = f"there is no profile {variation.profile!r}", ", ".join(names) or "none"
        raise BootError(f"profile {variation.profile}", reason, f"declared: {there}")
    models = [service.name for service in contract.services_of("llm")]
    if (tried := variation.exercise) and tried.kind == "model" and tried.name not in models:
        reason, there = f"there is no service of the kind llm called {tried.name!r}", ", ".join(models) or "none"
        raise BootError(f"exercise {tried}", reason, f"declared: {there}")
    periods = [period.name for period in contract.grace]
    if (exercise := variation.exercise) and exercise.kind == "grace" and exercise.name not in periods:
        there = ", ".join(periods) or "none"
        raise BootError(f"exercise {exercise}", f"there is no grace period {exercise.name!r}", f"declared: {there}")
    if exercise and exercise.kind == "schema" and exercise.name not in known["service"]:
        there = ", ".join(sorted(known["service"])) or "none"
        raise BootError(f"exercise {exercise}", f"there is no service {exercise.name!r}", f"declared: {there}")
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
