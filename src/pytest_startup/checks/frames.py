"""Frames that users send: each is routed by its type, and none that is no good does any harm (W13, W14)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pytest_startup.checks.visits import unclean, untried
from pytest_startup.contract.malformed import GOOD, UNFINISHED
from pytest_startup.contract.model import Contract
from pytest_startup.contract.payloads import payloads
from pytest_startup.events.sockets import InputTried, RouteTried
from pytest_startup.findings import Finding, NotCovered, Verdict
from pytest_startup.trace import Trace

RESET = "reset"
"""How a connection may end whose server has refused to read on: what it said then may be lost with it."""

CUT = (RESET, "closed 1006")
"""How a connection ends without a close frame."""


def routed(trace: Trace, _: Contract, subject: str) -> Verdict:
    """Judge that the message `subject` was answered as the contract says."""
    tried = trace.first(RouteTried, route=subject)
    if tried is None:
        return NotCovered(untried(trace, "routes"))
    if not tried.problem:
        return []
    came = f"; until then came: {', '.join(tried.heard)}" if tried.heard else ""
    return [
        Finding(
            subject=subject,
            expected="the message is answered by what websocket.routes says",
            observed=f"{tried.problem}{came}",
            at=tried.at,
            look_at="which handler takes messages of this type",
            on_purpose="websocket.routes says what answers it",
        )
    ]


def refused(trace: Trace, contract: Contract, subject: str) -> Verdict:
    """Judge that the message `subject`, which is no good, was refused in words, and the socket stayed."""
    tried = trace.first(InputTried, part="payloads", name=subject)
    if tried is None or contract.websocket is None:
        return NotCovered(untried(trace, "payloads"))
    wrong = next((each.wrong for each in payloads(contract) if each.name == subject), True)
    if contract.websocket.error is None:
        return [*_survived(tried), *_witnessed(tried)]
    return [*_answered(tried, wrong=wrong), *_stayed(tried), *_witnessed(tried)]


def _answered(tried: InputTried, *, wrong: bool) -> Iterator[Finding]:
    """Yield what is wrong with the answer to a message: `wrong` ones are not to be served."""
    if tried.refused or tried.ended or (tried.served and not wrong):
        return
    observed = ", ".join(tried.heard) or "nothing came"
    expected = "an error frame" if wrong else "an error frame, or an answer"
    yield _finding(tried, f"{expected} (websocket.error)", observed, "what is done with a message that nobody takes")


def _stayed(tried: InputTried) -> Iterator[Finding]:
    if tried.ended or tried.alive:
        look_at = "what is raised while a message is read and handled, and who catches it"
        yield _finding(tried, "the socket goes on serving its user", tried.ended or tried.alive, look_at)


def _survived(tried: InputTried) -> Iterator[Finding]:
    """Yield what is wrong where nothing is said of errors: a socket may be closed then, but not by accident."""
    if unclean(tried.ended) or tried.alive:
        expected = "an answer, or a clean close: neither 1006 nor 1011, and no silence"
        look_at = "what is raised while a message is read and handled, and who catches it"
        yield _finding(tried, expected, tried.ended or tried.alive, look_at)


def _witnessed(tried: InputTried) -> Iterator[Finding]:
    if tried.witness:
        look_at = "what an error in one connection does to the others, and to the process"
        yield _finding(tried, "the socket of another user goes on", tried.witness, look_at)


def malformed(trace: Trace, contract: Contract, subject: str) -> Verdict:
    """Judge what became of a connection on which `subject` was sent: what is right is understood, else a clean end."""
    tried = trace.first(InputTried, part="protocol", name=subject)
    if tried is None:
        return NotCovered(untried(trace, "protocol"))
    if subject in UNFINISHED:
        return [*_broken(tried), *_witnessed(tried)]
    if subject in GOOD:
        known = contract.websocket is not None and (contract.websocket.alive or contract.websocket.routes)
        return [*(_understood(tried) if known else _survived(tried)), *_witnessed(tried)]
    if _may_be_cut(tried, contract) or (subject == "oversized" and _may_be_long(tried, contract)):
        return [*_witnessed(tried)]
    return [*_ended(tried), *_witnessed(tried)]


def _may_be_cut(tried: InputTried, contract: Contract) -> bool:
    """Whether the connection may end as it did, without a close frame."""
    declared = contract.websocket is not None and contract.websocket.cut
    return declared and tried.ended in CUT


def _may_be_long(tried: InputTried, contract: Contract) -> bool:
    """Whether a very long message may be treated so: cut off in its midst, or served where no limit is declared."""
    limited = contract.websocket is not None and contract.websocket.max_bytes is not None
    return tried.ended == RESET or (not limited and not tried.ended and not tried.alive)


def _broken(tried: InputTried) -> Iterator[Finding]:
    if tried.ended:
        yield _finding(tried, "the rest of a frame is waited for", tried.ended, "what reads frames")


def _understood(tried: InputTried) -> Iterator[Finding]:
    if tried.ended or tried.alive:
        expected = "it is understood: it keeps to the protocol (RFC 6455, 5.4)"
        observed = tried.ended or tried.alive
        yield _finding(tried, expected, observed, "what puts the fragments of a message together")
    elif not tried.served:
        expected = "it is answered as if it had come in one piece"
        yield _finding(tried, expected, "nothing came of it", "what puts the fragments of a message together")


def _ended(tried: InputTried) -> Iterator[Finding]:
    """Yield what is wrong with the end of a connection whose client broke the protocol."""
    if (tried.ended and not unclean(tried.ended)) or (tried.refused and not tried.ended and not tried.alive):
        return
    expected = "a close frame with a code (RFC 6455, 7.1.7), or an error frame"
    observed = tried.ended or tried.alive or "it went on as if nothing were wrong"
    found = _finding(tried, expected, observed, "the server of the application, and its limits")
    yield replace(found, on_purpose="websocket.cut = true says that its server ends such a connection without a word")


def _finding(tried: InputTried, expected: str, observed: str, look_at: str) -> Finding:
    return Finding(
        subject=tried.name,
        expected=expected,
        observed=observed,
        at=tried.at,
        look_at=f"{look_at}; the log at {tried.at:.2f} s",
        on_purpose="websocket.error says by what a message is refused; without it, its socket may be closed",
    )
