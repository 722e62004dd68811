"""Whether a variation can be made of the boots of a contract at all."""

from __future__ import annotations

from pytest_startup.contract.model import Contract
from pytest_startup.contract.values import Url
from pytest_startup.errors import BootError
from pytest_startup.variation import WHILE_UP, PhaseFault, ServiceFault, StartFault, Variation


def within(variation: Variation, contract: Contract) -> Variation:
    """Return what of a variation can be made: an application that is up already can only be used."""
    return Variation(exercise=variation.exercise) if isinstance(contract.launch.app, Url) else variation


def check(variation: Variation, contract: Contract) -> None:
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
