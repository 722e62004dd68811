"""What is put in inside the process arrives at the right socket, once; who is not there is told of (M3, M5, F2)."""

from __future__ import annotations

import re

from pytest_startup.contract.deliveries import Delivery
from pytest_startup.contract.model import Contract
from pytest_startup.events.inside import AgentAttached
from pytest_startup.events.process import LogLine, Ready
from pytest_startup.events.used import DELIVERIES, PUT_SECONDS, AbsentAddressed, DeliveryTried, ExerciseBegan
from pytest_startup.findings import Finding, NotCovered, Verdict
from pytest_startup.trace import Trace

UNREADY = NotCovered("the boot never became ready")
OUTSIDE = NotCovered("the application was watched from outside, where nothing can be put in")
NO_TIME = NotCovered("there was no time left for it")
USERS = 2
HUNG = f"the call did not return within {PUT_SECONDS:g} s"


def arrives(trace: Trace, contract: Contract, subject: str) -> Verdict:
    """Judge that an event of the delivery `subject` arrives at the socket of its user: in time, once, nowhere else."""
    unable = _unable(trace)
    if unable is not None:
        return unable
    tried = trace.all(DeliveryTried, delivery=subject)
    delivery = contract.delivery(subject)
    wrong = [finding for each in tried for finding in _astray(each, delivery)]
    return wrong if wrong or len(tried) == USERS else _untried(trace)


def _untried(trace: Trace) -> NotCovered:
    begun = trace.first(ExerciseBegan, name=DELIVERIES) is not None
    return NO_TIME if begun else NotCovered("it was not tried in this boot")


def _unable(trace: Trace) -> NotCovered | None:
    if trace.first(Ready) is None:
        return UNREADY
    return OUTSIDE if trace.first(AgentAttached) is None else None


def _astray(tried: DeliveryTried, delivery: Delivery) -> list[Finding]:
    """Return what went wrong with one event."""
    if not tried.user:
        return [_finding(tried, "two users who make the journey and connect", tried.problem)]
    whose = f"the socket of {tried.user} user to connect"
    expected = f"an event of {delivery.put} at {whose} within {delivery.max_seconds:g} s"
    found = []
    if not tried.arrived:
        found.append(_finding(tried, expected, tried.problem or ("it never came" if tried.returned else HUNG)))
    if tried.arrived > 1:
        found.append(_finding(tried, f"one event at {whose}", f"it came {tried.arrived} times"))
    if tried.arrived and tried.seconds > delivery.max_seconds:
        found.append(_finding(tried, expected, f"it came after {tried.seconds:.2f} s"))
    if tried.strayed:
        found.append(_finding(tried, f"an event for {tried.user} user at {whose} alone", "the other user got it"))
    return found


def passes_over(trace: Trace, contract: Contract, subject: str) -> Verdict:
    """Judge `delivery:pattern`: an event for a synthetic recipient who is not there raises nothing and logs no loss."""
    name, _, pattern = subject.partition(":")
    addressed = _addressed(trace, name, pattern)
    if isinstance(addressed, NotCovered):
        return addressed
    observed = [f"it raised {addressed.raised}"] if addressed.raised else [] if addressed.returned else [HUNG]
    observed += _losses(trace, contract.delivery(name), addressed)[:1]
    expected = f"an event for {addressed.recipient}, a recipient of self-checks, is dropped silently"
    return [
        Finding(
            subject=subject,
            expected=expected,
            observed=each,
            at=addressed.at,
            look_at="how recipients of self-checks are told from users",
            on_purpose=f"deliveries.{name}.synthetic says which recipients are nobody",
        )
        for each in observed
    ]


def tells_losses(trace: Trace, contract: Contract, subject: str) -> Verdict:
    """Judge that an event for a recipient who looks real and is not there is told: by the declared line, or raised."""
    delivery = contract.delivery(subject)
    if delivery.undeliverable is None:
        return NotCovered("the contract does not say what is logged of an event that cannot be delivered")
    addressed = _addressed(trace, subject, "")
    if isinstance(addressed, NotCovered):
        return addressed
    if addressed.raised or _losses(trace, delivery, addressed):
        return []
    return [
        Finding(
            subject=subject,
            expected=f"a line with {delivery.undeliverable!r}, or an error, when {addressed.recipient} is not there",
            observed=f"{'nothing' if addressed.returned else HUNG}: the event was lost, and nobody was told",
            at=addressed.at,
            look_at=f"what {delivery.put} does when nobody listens",
            on_purpose=f"take deliveries.{subject}.undeliverable out",
        )
    ]


def _addressed(trace: Trace, delivery: str, pattern: str) -> AbsentAddressed | NotCovered:
    unable = _unable(trace)
    if unable is not None:
        return unable
    found = trace.first(AbsentAddressed, delivery=delivery, pattern=pattern)
    if found is not None:
        return found
    nobody = trace.first(DeliveryTried, delivery=delivery, user="")
    return _untried(trace) if nobody is None else NotCovered(f"it was not tried: {nobody.problem}")


def _losses(trace: Trace, delivery: Delivery, addressed: AbsentAddressed) -> list[str]:
    """Return the lines which tell of a loss while a recipient who is not there was addressed, but of no other one."""
    said = re.compile(delivery.undeliverable or "(?!)")
    others = {each.recipient for each in trace.all(AbsentAddressed)} - {addressed.recipient}
    lines = [line.text for line in trace.all(LogLine) if addressed.began <= line.at <= addressed.at]
    return [
        line
        for line in lines
        if said.search(line) and (addressed.recipient in line or not any(other in line for other in others))
    ]


def _finding(tried: DeliveryTried, expected: str, observed: str) -> Finding:
    return Finding(
        subject=tried.delivery,
        expected=expected,
        observed=observed,
        at=tried.at,
        look_at="the way of an event: which manager does the part hold that sends it, and where do sockets register",
    )
