"""What is put in inside the process arrives at the right socket, once; who is not there is told of (M3, M5, F2)."""

from __future__ import annotations

import re

from pytest_startup.contract.deliveries import Delivery
from pytest_startup.contract.model import Contract
from pytest_startup.findings import Finding, NotCovered, Verdict
from pytest_startup.trace import AbsentAddressed, AgentAttached, DeliveryTried, LogLine, Ready, Trace

UNREADY = NotCovered("the boot never became ready")
OUTSIDE = NotCovered("the application was watched from outside, where nothing can be put in")


def arrives(trace: Trace, contract: Contract, subject: str) -> Verdict:
    """Judge that an event of the delivery `subject` arrives at the socket of its user: in time, once, nowhere else."""
    unable = _unable(trace)
    if unable is not None:
        return unable
    tried = trace.all(DeliveryTried, delivery=subject)
    if not tried:
        return NotCovered("it was not tried in this boot")
    delivery = contract.delivery(subject)
    return [finding for each in tried for finding in _astray(each, delivery)]


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
        found.append(_finding(tried, expected, tried.problem or "it never came"))
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
    lines = _losses(trace, contract.delivery(name), addressed)
    observed = [f"it raised {addressed.raised}"] * bool(addressed.raised) + lines[:1]
    expected = f"nothing is said of an event for {addressed.recipient}, whom nobody can be missing"
    return [
        Finding(
            subject=subject,
            expected=expected,
            observed=each,
            at=addressed.at,
            look_at="how recipients of self-checks are told from users; operators learn to ignore a line that is noise",
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
            observed="nothing: the event was lost, and nobody was told",
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
    return found if found is not None else NotCovered("it was not tried: its journey could not be made")


def _losses(trace: Trace, delivery: Delivery, addressed: AbsentAddressed) -> list[str]:
    """Return the lines which tell of a loss while a recipient who is not there was addressed."""
    said = re.compile(delivery.undeliverable or "(?!)")
    lines = [line for line in trace.all(LogLine) if addressed.began <= line.at <= addressed.at]
    return [line.text for line in lines if said.search(line.text)]


def _finding(tried: DeliveryTried, expected: str, observed: str) -> Finding:
    return Finding(
        subject=tried.delivery,
        expected=expected,
        observed=observed,
        at=tried.at,
        look_at="the way of an event: which manager does the part hold that sends it, and where do sockets register",
    )
