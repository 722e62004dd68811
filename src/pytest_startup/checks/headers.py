"""Every answer has the headers by which browsers protect users, and tells nothing of what it is made of (W9)."""

from __future__ import annotations

import re

from pytest_startup.contract.hardening import ANY, MATCHING
from pytest_startup.contract.model import Contract, Headers
from pytest_startup.events.guarded import KEEPING_OUT, HeadersTold
from pytest_startup.findings import Finding, NotCovered, Verdict
from pytest_startup.trace import Trace

SWITCHED = "101"
WHO = {
    "somebody": "the answer",
    "nobody": "the answer to whoever shows nothing",
    "unknown": "the answer",
    "socket": "the denial of the socket",
}
LOOK_AT = {
    "somebody": "what adds headers to answers",
    "nobody": "whether what refuses a request stands outside of what adds headers",
    "unknown": "whether answers to paths that there are not pass what adds headers",
    "socket": "whether what adds headers looks at WebSockets as well: the denial of an upgrade is an answer of HTTP",
}


def hold(trace: Trace, contract: Contract, subject: str) -> Verdict:
    """Judge that all answers by the rules `subject` have the headers that they must, and none that they must not."""
    rules, told = contract.header_rules(subject), trace.all(HeadersTold, rules=subject)
    if not told:
        return NotCovered(_untold(trace, subject))
    judged = [each for each in told if _denied(each)]
    found = [_finding(each, rules, wrong) for each in judged if (wrong := _wrong(each, rules))]
    if found:
        return found
    if not any(each.asked == "somebody" for each in judged):
        return NotCovered(f"it was not answered: {', '.join(sorted({each.answer for each in told}))}")
    if rules.socket is not None and not any(each.asked == "socket" for each in judged):
        why = next((each.answer for each in told if each.asked == "socket"), "there was no time left for it")
        return NotCovered(f"the socket was not denied to whoever shows nothing: {why}")
    return []


def _untold(trace: Trace, name: str) -> str:
    return trace.why_untried(KEEPING_OUT, "no headers were looked at in this boot", sort="headers", name=name)


def _denied(event: HeadersTold) -> bool:
    """Whether there is an answer whose headers count: silence has none, nor has a socket that is open."""
    return event.answer.isdigit() and event.answer != SWITCHED


def _wrong(event: HeadersTold, rules: Headers) -> str:
    """Return which headers are wrong, and how; empty when none is."""
    wrong = []
    for name, wanted in rules.required.items():
        values = event.headers.get(name.lower(), [])
        if not values:
            wrong.append(f"no {name}")
        elif not all(_right(each, wanted) for each in values):
            wrong.append(f"{name}: {', '.join(values)}")
    there = [name for name in rules.absent if name.lower() in event.headers]
    return "; ".join([*wrong, *(f"{name}: {', '.join(event.headers[name.lower()])}" for name in there)])


def _right(value: str, wanted: str) -> bool:
    if wanted.startswith(MATCHING):
        return re.search(wanted.removeprefix(MATCHING), value) is not None
    return wanted in {ANY, value}


def _finding(event: HeadersTold, rules: Headers, wrong: str) -> Finding:
    required = ", ".join(f"{name}: {value}" for name, value in rules.required.items())
    parts = [f"has {required}" if required else "", f"not {', '.join(rules.absent)}" if rules.absent else ""]
    return Finding(
        subject=f"{rules.name}, {event.path}",
        expected=f"{WHO[event.asked]} {event.answer} {', and '.join(filter(None, parts))}",
        observed=wrong,
        at=event.at,
        look_at=LOOK_AT[event.asked],
        on_purpose=f"headers.{rules.name} says what is right",
    )
