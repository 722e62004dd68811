"""The critical chain: what the time to ready consisted of, after the example of `systemd-analyze critical-chain`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pytest_startup.report.timeline import Step

SHORTEST = 0.01
"""Share of the whole below which a link is not worth naming."""
_UNTIL = {
    "port": "until the port opened",
    "ready": "until ready",
    "exited": "until it ended",
    "never ready": "until given up",
}


class ChainLink(NamedTuple):
    """One piece of the way to ready, in seconds; the pieces follow one another without a gap."""

    name: str
    seconds: float


def critical_chain(steps: Sequence[Step], end: float) -> list[ChainLink]:
    """Return the pieces between the spawn and `end`, from the last one back: each time what ended last before it."""
    spans = [step for step in steps if step.until is not None and step.until > step.since and step.name != "lifespan"]
    chain: list[ChainLink] = []
    at = end
    while at > 0:
        earlier = (step for step in spans if _ended(step) <= at + 1e-9 and step.since < at)
        before = max(earlier, key=_ended, default=None)
        if before is None:
            chain.append(ChainLink("before that", at))
            break
        gap = at - _ended(before)
        if gap > 0:
            chain.append(ChainLink(_gap(steps, _ended(before), at), gap))
        chain.append(ChainLink(before.name, _ended(before) - before.since))
        at = before.since
    return chain[::-1]


def _ended(step: Step) -> float:
    return step.until or 0.0


def _gap(steps: Sequence[Step], since: float, until: float) -> str:
    """Name what lies between two spans by the mark that ends it."""
    marks = [step.name for step in steps if since < step.since <= until and step.since == step.until and not step.phase]
    return _UNTIL.get(marks[-1], "between") if marks else "between"


def shown(chain: Sequence[ChainLink]) -> list[ChainLink]:
    """Return the links worth naming, and the sum of the others at the end."""
    whole = sum(link.seconds for link in chain)
    kept = [link for link in chain if link.seconds >= whole * SHORTEST and link.name != "between"]
    rest = whole - sum(link.seconds for link in kept)
    return [*kept, ChainLink("other", rest)] if rest >= whole * SHORTEST else kept
