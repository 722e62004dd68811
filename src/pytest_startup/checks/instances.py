"""Two instances which start at the same moment on the same services (C1, C2, C18)."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_startup.contract.model import Contract
from pytest_startup.contract.values import LogSignal, TouchSignal, Url
from pytest_startup.events.edge import PoolUsed
from pytest_startup.events.inside import PhaseEntered, PhaseLeft
from pytest_startup.events.instances import INSTANCES, LocksLeft, SchemaRead, SecondRecorded
from pytest_startup.events.process import LogLine, Ready
from pytest_startup.events.used import JOURNEYS, TOO_MANY, ExerciseBegan, JourneyStepped
from pytest_startup.findings import Finding, NotCovered, Verdict
from pytest_startup.trace import Trace

LAST_LINES = 3
SHOWN = 5
BLUR = 0.1
"""Seconds that a line of the log, or a touch of a service, may take until it is seen."""


def both_start(trace: Trace, contract: Contract, _: str) -> Verdict:
    """Judge that both become ready, with their phases in order, each once."""
    if (alone := _alone(trace, contract)) is not None:
        return alone
    found: list[Finding] = []
    for name, each in zip(INSTANCES, (trace, trace.second), strict=True):
        if why := each.why_unready():
            found.append(_unready(name, each, why))
        found += _disorder(name, each, contract)
    return found


def _alone(trace: Trace, contract: Contract) -> NotCovered | None:
    """Return why there were not two of them."""
    if isinstance(contract.launch.app, Url):
        return NotCovered("an application that was up already is not started by us")
    if not contract.launch.has_own_ports:
        return NotCovered("its port is always the same (launch.port), so two cannot be up at once")
    if contract.startup.single:
        return NotCovered("one instance serves at a time (startup.single)")
    return None if trace.first(SecondRecorded) is not None else NotCovered("no second instance was started")


def _not_both(trace: Trace, contract: Contract) -> NotCovered | None:
    """Return why nothing can be said of two instances which are ready."""
    if (alone := _alone(trace, contract)) is not None:
        return alone
    names = [name for name, each in zip(INSTANCES, (trace, trace.second), strict=True) if each.first(Ready) is None]
    return NotCovered(f"{' and '.join(names)} never became ready") if names else None


def _unready(name: str, trace: Trace, why: str) -> Finding:
    said = " | ".join(line.text for line in trace.all(LogLine)[-LAST_LINES:])
    return Finding(
        subject=name,
        expected="of two instances which start at the same moment on the same services, both become ready",
        observed=f"{name} did not: {why}" + (f"; its log ends with: {said}" if said else ""),
        at=trace.events[-1].at if trace.events else None,
        look_at="what a start does once for all instances (migrations, seeds), and whether it waits for its turn",
        on_purpose="startup.single = true: one serves, and the others stand by",
    )


def _disorder(name: str, trace: Trace, contract: Contract) -> list[Finding]:
    """Find a phase which was done twice, or began before one that must come first had ended."""
    for phase in contract.phases:
        done = trace.all(PhaseLeft, phase=phase.name)
        if len(done) > 1:
            expected = f"beside another instance, {name} does each phase once"
            return [_misplaced(phase.name, expected, f"{phase.name} was done {len(done)} times", done[1].at)]
        entered = trace.first(PhaseEntered, phase=phase.name)
        for before in sorted(contract.graph[phase.name]) if entered is not None else ():
            left = trace.first(PhaseLeft, phase=before)
            if entered is not None and left is not None and left.at - entered.at > _blur(contract, before, phase.name):
                expected = f"beside another instance, {before} ends before {phase.name} begins in {name}"
                return [_misplaced(phase.name, expected, f"{phase.name} began earlier", entered.at)]
    return []


def _blur(contract: Contract, *phases: str) -> float:
    """Return the seconds by which two phases may seem to overlap: what is seen from here is seen a little later."""
    signals = [contract.phase(name).signal for name in phases]
    return BLUR if any(isinstance(signal, LogSignal | TouchSignal) for signal in signals) else 0.0


def _misplaced(phase: str, expected: str, observed: str, at: float) -> Finding:
    return Finding(subject=phase, expected=expected, observed=observed, at=at, look_at=f"who calls {phase}, and when")


# -- the database of both


def leave_no_lock(trace: Trace, contract: Contract, subject: str) -> Verdict:
    """Judge that nobody holds a lock or a transaction in the database `subject` any more once both are ready."""
    if (missing := _not_both(trace, contract)) is not None:
        return missing
    left = trace.first(LocksLeft, service=subject)
    if left is None or left.problem:
        return NotCovered(f"nobody could look into {subject}{f': {left.problem}' if left is not None else ''}")
    schema = contract.service(subject).schema
    if schema is None:
        return NotCovered(f"whether locks and transactions may stay is not said (services.{subject}.schema)")
    found = []
    if left.idle:
        expected = f"once both are ready, no session of theirs is idle in a transaction in {subject}"
        look_at = "where a transaction is begun at the start, and neither committed nor rolled back"
        found.append(_held(subject, expected, left.idle, left.at, look_at))
    if len(left.advisory) > schema.lasting_locks:
        most = f"no more than {schema.lasting_locks} advisory locks are" if schema.lasting_locks else "no lock is"
        look_at = "the lock around the migrations: who has it while it is up keeps the next release from migrating"
        held = _held(subject, f"once both are ready, {most} held in {subject}", left.advisory, left.at, look_at)
        found.append(held)
    return found


def _held(subject: str, expected: str, who: Sequence[str], at: float, look_at: str) -> Finding:
    on_purpose = f"services.{subject}.schema.lasting_locks = {len(who)}" if "lock" in expected else ""
    observed = f"{len(who)} held by: {'; '.join(who[:SHOWN])}"
    return Finding(subject=subject, expected=expected, observed=observed, at=at, look_at=look_at, on_purpose=on_purpose)


def leave_schema_of_one(trace: Trace, contract: Contract, subject: str) -> Verdict:
    """Judge that two instances leave the tables in the database `subject` which one alone leaves in another."""
    if (missing := _not_both(trace, contract)) is not None:
        return missing
    one, two = (trace.first(SchemaRead, service=subject, alone=alone) for alone in (True, False))
    if one is None or two is None or one.problem or two.problem:
        return NotCovered(f"nobody could look into {subject}, after two instances and after one alone")
    unreadable = {**one.unreadable, **two.unreadable}
    if unreadable:
        which = "; ".join(f"{table}: {why}" for table, why in sorted(unreadable.items())[:SHOWN])
        return NotCovered(f"not all tables in {subject} could be read: {which}")
    return _differ(subject, one, two)


def _differ(subject: str, one: SchemaRead, two: SchemaRead) -> list[Finding]:
    lacks = [f"without {each}" for each in one.objects if each not in two.objects]
    more = [f"also {each}" for each in two.objects if each not in one.objects]
    versions = [f"version {two.version!r}, not {one.version!r}"] if one.version != two.version else []
    different = [*versions, *lacks, *more]
    if not different:
        return []
    rest = f" (and {len(different) - SHOWN} more)" if len(different) > SHOWN else ""
    return [
        Finding(
            subject=subject,
            expected=f"two instances which start at once leave the tables in {subject} that one alone leaves",
            observed="; ".join(different[:SHOWN]) + rest,
            at=two.at,
            look_at="migrations which both have run, each a part of them",
        )
    ]


# -- used by many


def hand_out(trace: Trace, contract: Contract, subject: str) -> Verdict:
    """Judge that both can use their pools of the service `subject` to the full at the same time."""
    pool = contract.service(subject).pool
    if pool is None:
        return NotCovered(f"the contract declares no pool for it (services.{subject}.pool)")
    if (missing := _not_both(trace, contract)) is not None:
        return missing
    uses = [each.first(PoolUsed, service=subject) for each in (trace, trace.second)]
    if None in uses:
        return NotCovered("it was not used: that takes a canary, and a look from inside")
    found = []
    for name, used in zip(INSTANCES, uses, strict=True):
        if used is not None and used.worked < used.asked:
            expected = f"while another instance does the same, {used.asked} uses of {subject} at once all succeed"
            observed = f"{used.worked} of them did at {name}; one that did not {used.observed}"
            found.append(_pool(subject, expected, observed, used.at))
        if used is not None and pool.most is not None and used.open > pool.most:
            expected = f"at most {pool.most} connections to {subject} from each instance"
            observed = f"{used.open} from {name}, with {used.asked} uses at once"
            found.append(_pool(subject, expected, observed, used.at))
    return found


def _pool(subject: str, expected: str, observed: str, at: float) -> Finding:
    look_at = f"the limits of the pool, and max_connections of {subject} divided by the number of instances"
    return Finding(subject=subject, expected=expected, observed=observed, at=at, look_at=look_at)


def share_users(trace: Trace, contract: Contract, subject: str) -> Verdict:
    """Judge that users who make the journey `subject`, each step at the other instance, are served at both."""
    if (missing := _not_both(trace, contract)) is not None:
        return missing
    steps = trace.all(JourneyStepped, journey=subject)
    if trace.first(ExerciseBegan, name=JOURNEYS) is None or not steps:
        return NotCovered("there was no time left for it")
    wrong = [each for each in steps if each.problem]
    users = len({each.walker for each in steps})
    if wrong:
        return [_lost(wrong[0], subject, len({each.walker for each in wrong}), users)]
    ends = {each.walker for each in steps if each.step == each.steps}
    return [] if len(ends) == users else NotCovered(f"{users - len(ends)} of {users} users had no time to make it")


def _lost(event: JourneyStepped, journey: str, lost: int, users: int) -> Finding:
    look_at = "where sessions, keys of tokens and one-time values live: in one process, or where all instances see them"
    if event.answer == TOO_MANY:
        look_at = "the rate limit: raise it in launch.env, if these users have used it up"
    return Finding(
        subject=journey,
        expected=f"{event.walker}: step {event.step} of {event.steps}, {event.request}, is answered as the contract "
        "says, whichever of two instances had the step before",
        observed=f"{event.problem} (so it went for {lost} of {users} users)",
        at=event.at,
        look_at=look_at,
    )
