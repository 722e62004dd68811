"""Upgrades at a high rate: each is accepted, or refused in so many words; somebody who comes later is served (C11)."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_startup.contract.model import Contract
from pytest_startup.contract.upgrades import Upgrades
from pytest_startup.contract.values import Url
from pytest_startup.events.connected import (
    UPGRADES,
    CompanyMissing,
    PeersCounted,
    ServedAfterwards,
    UpgradesTried,
)
from pytest_startup.events.process import Ready
from pytest_startup.findings import Finding, NotCovered, Verdict
from pytest_startup.trace import Trace

KEPT = "kept"


def answered(trace: Trace, contract: Contract, _: str) -> Verdict:
    """Judge that each of many handshakes in one moment is accepted, or refused as is declared (C11)."""
    upgrades = _declared(trace, contract)
    if isinstance(upgrades, NotCovered):
        return upgrades
    rounds = trace.all(UpgradesTried)
    good = [KEPT, *(f"{how} {code}" for code in upgrades.refused for how in ("denied", "closed"))]
    findings = [finding for each in rounds for finding in _wrong(each, good, upgrades)]
    if findings or any(KEPT in each.answers for each in rounds):
        return findings[:1]
    expected = f"some of {upgrades.at_once} sockets that are asked for in one moment are accepted"
    return [_finding(expected, f"none was, in {len(rounds)} rounds", rounds[0].at, "what refuses them all")]


def _wrong(tried: UpgradesTried, good: list[str], upgrades: Upgrades) -> Iterator[Finding]:
    bad = {answer: count for answer, count in tried.answers.items() if answer not in good}
    if not bad:
        return
    refused = f", or refused by {' or '.join(map(str, upgrades.refused))}" if upgrades.refused else ""
    said = ", ".join(f"{count} x {answer}" for answer, count in sorted(bad.items()))
    expected = f"each of {tried.wanted} sockets that are asked for in one moment is accepted and stays open{refused}"
    observed = f"{said}, in round {tried.round}; the longest took {tried.longest:.1f} s"
    look_at = "what each handshake waits for: a lock, a pool, a limit that is not said in an answer"
    yield _finding(expected, observed, tried.at, look_at)


def recovers(trace: Trace, contract: Contract, _: str) -> Verdict:
    """Judge that somebody is served once all of them have left, and that these are counted no more (C11)."""
    upgrades = _declared(trace, contract)
    if isinstance(upgrades, NotCovered):
        return upgrades
    served = trace.first(ServedAfterwards)
    if served is None:
        return NotCovered("there was no time left for it")
    return [*_served(served), *_counts(trace)]


def _served(served: ServedAfterwards) -> Iterator[Finding]:
    if served.problem:
        expected = "somebody who connects once all of them have left is served"
        yield _finding(expected, served.problem, served.at, "what they have left behind: slots, locks, tasks")


def _counts(trace: Trace) -> Iterator[Finding]:
    before, after = trace.first(PeersCounted, when="before"), trace.first(PeersCounted, when="after")
    if before is None or after is None:
        return
    expected = f"{before.place} gives {before.count} again once all of them have left"
    problem = before.problem or after.problem
    if problem or after.count > before.count:
        yield _finding(
            expected, problem or str(after.count), after.at, "what forgets a connection whose client has left"
        )


def _declared(trace: Trace, contract: Contract) -> Upgrades | NotCovered:
    """Return what the contract says of upgrades, or why it cannot be judged."""
    upgrades = contract.websocket.upgrades if contract.websocket is not None else None
    if upgrades is None:
        return NotCovered("the contract does not say how many may come at once (websocket.upgrades)")
    if isinstance(contract.launch.app, Url):
        return NotCovered("it is up already, and for others as well")
    if trace.first(Ready) is None:
        return NotCovered("the boot never became ready")
    missing = trace.first(CompanyMissing, exercise=UPGRADES)
    if missing is not None:
        return NotCovered(missing.reason)
    return upgrades if trace.first(UpgradesTried) is not None else NotCovered("there was no time left for it")


def _finding(expected: str, observed: str, at: float, look_at: str) -> Finding:
    return Finding(subject="upgrades", expected=expected, observed=observed, at=at, look_at=look_at)
