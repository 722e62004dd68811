"""Whether the first requests were made, all of them: what two checks of them have to ask first."""

from __future__ import annotations

from pytest_startup.contract.model import Contract
from pytest_startup.events.used import FIRST_REQUESTS, FIRST_WALKER, ExerciseBegan, JourneyStepped, Requested
from pytest_startup.trace import Trace


def unmade(trace: Trace, contract: Contract) -> str:
    """Return why the first requests were not made, or not as many as declared; empty when they were."""
    if trace.first(ExerciseBegan, name=FIRST_REQUESTS) is None:
        return "the contract names no path for the first requests: neither traffic.requests nor health"
    failed = next((each for each in trace.all(JourneyStepped, walker=FIRST_WALKER) if each.problem), None)
    if failed is not None:
        return f"the journey of whoever makes the first requests failed: {failed.request}: {failed.problem}"
    made, wanted = sum(each.count for each in trace.all(Requested)), contract.traffic.first_requests
    return f"there was time for {made} of the first {wanted} requests only" if made < wanted else ""
