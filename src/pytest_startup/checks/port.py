"""A port that is taken, or that two want: who does not get it ends with an error that says so (M15, C8)."""

from __future__ import annotations

import re

from pytest_startup.contract.model import Contract
from pytest_startup.contract.values import Url
from pytest_startup.events.inside import PortBound
from pytest_startup.events.process import Exited, FaultFelt, LogLine, NeverReady, Ready, RivalRan, Spawned
from pytest_startup.findings import Finding, NotCovered, Verdict
from pytest_startup.trace import Trace

_SAID = re.compile(
    r"\b(address|port|socket)\b.{0,80}\b(in use|already|taken)|already bound|EADDRINUSE|Errno (98|48)\b", re.IGNORECASE
)
"""How systems and servers say it (EADDRINUSE is 98 on Linux, 48 on macOS)."""


def is_refused(trace: Trace, contract: Contract, _: str) -> Verdict:
    """Judge a boot whose port belonged to somebody else: it ends, not with 0, and the log tells why."""
    if isinstance(contract.launch.app, Url):
        return NotCovered("an application that was up already is not started by us")
    if trace.first(FaultFelt, fault="port-taken") is None or trace.first(Spawned) is None:
        return NotCovered("the port was not taken")
    exited, never = trace.first(Exited, asked=False), trace.first(NeverReady)
    expected = f"a start whose port is taken ends with an error within {contract.launch.boot_timeout:g} s"
    if exited is None or never is not None:
        bound = trace.first(PortBound)
        observed = "it went on" + (f", on port {bound.port} instead" if bound is not None else "")
        return [_finding(expected, observed, never.at if never is not None else None)]
    if exited.code == 0:
        return [_finding(expected, "exit code 0", exited.at)]
    if any(_SAID.search(line.text) for line in trace.all(LogLine)):
        return []
    return [_finding("a line of the log says that the port is in use", "no line does", exited.at)]


def race_has_one_winner(trace: Trace, _: Contract, __: str) -> Verdict:
    """Judge two instances that were started at once for one port: one serves, the other ends and says why (C8)."""
    rival = trace.first(RivalRan)
    if rival is None:
        return NotCovered("no second instance was started: who serves can only be told of a launch.target")
    ready, exited = trace.first(Ready) is not None, trace.first(Exited, asked=False)
    expected = "of two instances that start for one port, one serves"
    if ready == rival.ready:
        observed = "both did" if ready else f"none did: {trace.why_unready()}"
        return [_finding(expected, observed, rival.at)]
    code = rival.code if ready else exited.code if exited is not None else None
    log = rival.log if ready else [line.text for line in trace.all(LogLine)]
    if not code:
        return [_finding(f"{expected}, and the other ends with an error", _went(code), rival.at)]
    if any(map(_SAID.search, log)):
        return []
    return [_finding("a line of the other one's log says that the port is in use", "no line does", rival.at)]


def _went(code: int | None) -> str:
    return "it went on" if code is None else f"exit code {code}"


def _finding(expected: str, observed: str, at: float | None) -> Finding:
    look_at = "what the launch command does when the server cannot bind its port"
    return Finding(subject="port", expected=expected, observed=observed, at=at, look_at=look_at)
