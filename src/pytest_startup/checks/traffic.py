"""Traffic only once it is ready: refused before, and served from the first request on (M10, F5).

A request is refused by a status that tells the client to come back (503 unless told otherwise), a socket by not being
accepted at all, or by a close code that tells the same (1013). Also refused is whoever finds nobody listening.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pytest_startup.checks.requests import unmade
from pytest_startup.contract.model import Contract
from pytest_startup.contract.traffic import Traffic
from pytest_startup.events.inside import AgentAttached, PhaseEntered, PhaseLeft, PortBound
from pytest_startup.events.process import Ready
from pytest_startup.events.used import Offered, Requested
from pytest_startup.findings import Finding, NotCovered, Verdict
from pytest_startup.trace import Trace

_SAYS = {"request": "refused_status", "socket": "refused_close"}
UNREADY = NotCovered("the boot never became ready")
SERVED, UNSURE, BROKEN = 200, 400, 500
NOT_FOUND = "404"


def refused_during(trace: Trace, contract: Contract, subject: str) -> Verdict:
    """Judge that whatever was offered while the phase `subject` had still to end was refused (M10).

    An answer belongs to the first phase that had not ended when it came; one that was overtaken by a phase's end is
    nobody's, and what comes after the last phase may be served. An answer such as 401, 403 or 404 is no finding: who
    keeps users out may well ask first who they are, and a router may stand before the gate. It is no proof either, so
    where there is nothing else the phase is not covered.
    """
    traffic = contract.traffic
    if not traffic.declared:
        return NotCovered("the contract declares no traffic")
    if trace.first(Ready) is None:
        return UNREADY
    if trace.first(AgentAttached) is None and not trace.all(PhaseEntered):
        return NotCovered("the application was watched from outside, where its phases cannot be seen")
    ends = {each.name: event.at for each in contract.phases if (event := trace.last(PhaseLeft, phase=each.name))}
    if subject not in ends:
        return NotCovered("the phase never ended")
    before = max((end for end in ends.values() if end < ends[subject]), default=-1.0)
    offered = [each for each in trace.all(Offered) if each.began >= before and each.at <= ends[subject]]
    wrong = [finding for each in offered for finding in _let_in(each, traffic, subject)]
    if wrong:
        return _once_each(wrong)
    refused = any(_refused(each, traffic) for each in offered) or _nobody_listened(trace, ends[subject])
    return [] if refused else NotCovered(_unproven(offered))


def _once_each(findings: Iterable[Finding]) -> list[Finding]:
    """Return the first finding of each sort."""
    found: dict[str, Finding] = {}
    for each in findings:
        found.setdefault(each.expected, each)
    return list(found.values())


def _unproven(offered: list[Offered]) -> str:
    if not offered:
        return "nothing could be offered in this phase: it passed too quickly, or held up the event loop"
    answers = ", ".join(sorted({f"{each.path} answered {each.answer}" for each in offered}))
    return f"{answers}: neither refused nor certainly let in"


def _nobody_listened(trace: Trace, until: float) -> bool:
    """Whether the port was closed up to a moment: by the word of the server, or by what was seen from outside."""
    bound = trace.first(PortBound)
    if bound is not None:
        return bound.at >= until
    outside = [each for each in trace.all(Offered, vantage="outside") if each.began <= until]
    return bool(outside) and outside[-1].answer == "refused"


def _refused(offered: Offered, traffic: Traffic) -> bool:
    word, _, code = offered.answer.partition(" ")
    if offered.what == "request":
        return word == "refused" or word in map(str, traffic.refused_status)
    return word in {"refused", "denied"} or (word == "closed" and code in map(str, traffic.refused_close))


def _let_in(offered: Offered, traffic: Traffic, phase: str) -> list[Finding]:
    """Find that something got in, or fell into a hole."""
    if _refused(offered, traffic):
        return []
    observed = _hole(offered) if offered.what == "request" else _socket_hole(offered)
    if not observed:
        return []
    come_back = " or ".join(map(str, traffic.refused_status))
    if offered.what == "socket":
        come_back = f"no upgrade, or a close with {' or '.join(map(str, traffic.refused_close))},"
    return [
        Finding(
            subject=phase,
            expected=f"{come_back} from {offered.path} until {phase} has ended",
            observed=f"{observed}, offered from {offered.vantage}",
            at=offered.at,
            look_at=f"who keeps {offered.what}s out before startup is complete, and what lets {offered.path} pass",
            on_purpose=f"traffic.{_SAYS[offered.what]} says what is a refusal",
        )
    ]


def _hole(offered: Offered) -> str:
    """Return what was wrong with the answer to a request; empty when nothing is certain."""
    answer = offered.answer
    if not answer.isdigit():
        return _silence(answer)
    if SERVED <= int(answer) < UNSURE:
        return f"it was served: {answer}"
    return f"it crashed: {answer}" if int(answer) >= BROKEN else ""


def _socket_hole(offered: Offered) -> str:
    word, _, code = offered.answer.partition(" ")
    if word == "kept":
        return "it was accepted, and kept"
    return f"it was accepted and dropped, with {code}" if word == "closed" else _silence(offered.answer)


def _silence(answer: str) -> str:
    if answer == "timeout":
        return "it was accepted and never answered"
    if answer == "reset":
        return "it was accepted and dropped: reset"
    return f"it crashed: {answer.removeprefix('error: ')}"


def first_requests(trace: Trace, contract: Contract, _: str) -> Verdict:
    """Judge that none of the first requests to a ready application fails: no status from 500 on, no silence (F5).

    Where there is nothing at a path which users are said to ask for, nobody has been served.
    """
    if trace.first(Ready) is None:
        return UNREADY
    made = trace.all(Requested)
    total = sum(each.count for each in made)
    failed = [each for each in made if not each.answer.isdigit() or int(each.answer) >= BROKEN]
    missing = unmade(trace, contract) or _nowhere(made, contract)
    if missing and not failed:
        return NotCovered(missing)
    return [
        Finding(
            subject=each.path,
            expected=f"none of the first {contract.traffic.first_requests} requests fails",
            observed=f"{each.answer}, {each.count} of {total} times, the first time as request {each.first}",
            at=each.at,
            look_at="what is used up, expires or is reached for the first time once some requests have been served",
        )
        for each in failed
    ]


def _nowhere(made: Sequence[Requested], contract: Contract) -> str:
    """Return what is wrong with a declared path at which there never was anything; empty when there is none."""
    found = {each.path for each in made if each.answer != NOT_FOUND}
    lost = next((each.path for each in made if each.path in contract.traffic.requests and each.path not in found), None)
    return "" if lost is None else f"{lost} of traffic.requests answered {NOT_FOUND} each time: there is nothing"
