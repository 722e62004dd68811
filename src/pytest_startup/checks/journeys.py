"""A journey over HTTP is completed, also when the system is disturbed while the application starts (C17, C20)."""

from __future__ import annotations

from collections import Counter

from pytest_startup.contract.journeys import unseen
from pytest_startup.contract.model import Contract
from pytest_startup.events.inside import PhaseEntered, PhaseLeft
from pytest_startup.events.process import Ready
from pytest_startup.events.used import DISTURBANCE, JOURNEYS, TOO_MANY, ExerciseBegan, JourneyStepped
from pytest_startup.findings import Finding, NotCovered, Verdict
from pytest_startup.trace import Trace


def completes(trace: Trace, contract: Contract, subject: str) -> Verdict:
    """Judge that every step of the journey `subject` was answered as the contract says."""
    if trace.first(Ready) is None:
        return NotCovered("the boot never became ready")
    blind = unseen(contract.journey(subject).steps, contract.launch.app)
    if blind:
        return NotCovered(blind)
    undisturbed = _undisturbed(trace, contract, subject)
    if undisturbed:
        return NotCovered(undisturbed)
    steps = [each for each in trace.all(JourneyStepped, journey=subject) if each.walker != DISTURBANCE]
    wrong = [_finding(each, subject) for each in steps if each.problem][:1]
    made = Counter(each.walker for each in steps)
    if wrong or len(contract.journey(subject).steps) in made.values():
        return wrong
    begun = trace.first(ExerciseBegan, name=JOURNEYS) is not None or made
    return NotCovered("there was no time left for it" if begun else "the journey was not made in this boot")


def _undisturbed(trace: Trace, contract: Contract, journey: str) -> str:
    """Return why what should have disturbed the journey did not happen; empty when it did, or there is none."""
    disturbance = contract.journey(journey).disturbance
    if disturbance is None:
        return ""
    done = trace.all(JourneyStepped, journey=journey, walker=DISTURBANCE)
    wrong = next((each for each in done if each.problem), None)
    if wrong is not None:
        return f"it could not be disturbed: {wrong.request}: {wrong.problem}"
    if len(done) == len(disturbance.steps):
        ended = trace.first(PhaseLeft, phase=disturbance.phase)
        late = ended is not None and ended.at < done[-1].at
        return f"it was disturbed only after {disturbance.phase} had ended" if late else ""
    if trace.first(PhaseEntered, phase=disturbance.phase) is None:
        return f"it was not disturbed: the phase {disturbance.phase} never began"
    return f"it was not disturbed while {disturbance.phase} ran"


def _finding(event: JourneyStepped, journey: str) -> Finding:
    step = f"step {event.step} of {event.steps}, {event.request}"
    look_at = f"the log of the application at {event.at:.2f} s, and what {event.request} needs"
    if event.answer == TOO_MANY:
        look_at = "the rate limit: raise it in launch.env, or lower traffic.first_requests, if these have used it up"
    return Finding(
        subject=journey,
        expected=f"{step} is answered as the contract says",
        observed=event.problem,
        at=event.at,
        look_at=look_at,
        on_purpose=f"journeys.{journey} says what is right",
    )
