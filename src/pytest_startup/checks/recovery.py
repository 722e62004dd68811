"""A service goes or hangs while users ask on, and is back: readiness follows, nobody waits for ever, all works again.

Rows I2 and I6. What readiness and liveness say meanwhile is judged with the other outcomes; here it is how soon, what
becomes of those who ask, and of the pool, the journeys and the deliveries afterwards.
"""

from __future__ import annotations

import math
from collections import Counter

from pytest_startup.contract.health import NoProbe, ReadinessProbe
from pytest_startup.contract.model import Contract
from pytest_startup.events.edge import PoolUsed, Probed, ServiceSwitched
from pytest_startup.events.process import Exited, FaultFelt, FaultPlanned, Ready
from pytest_startup.events.used import (
    AFTERWARDS,
    CHAT,
    FIRST_WALKER,
    OUTAGE,
    AskedThroughout,
    DeliveryTried,
    ExerciseBegan,
    JourneyStepped,
    TurnTaken,
)
from pytest_startup.findings import Finding, NotCovered, Verdict
from pytest_startup.trace import Trace
from pytest_startup.variation import WHILE_UP

TOLERANCE = 0.5
"""Seconds: readiness is asked a few times a second, and an answer takes its time to be heard."""


def follows_in_time(trace: Trace, contract: Contract, subject: str) -> Verdict:
    """Judge how soon readiness says that the service `subject` is away, and how soon that it is back."""
    readiness = contract.health.readiness
    if isinstance(readiness, NoProbe):
        return NotCovered(readiness.value)
    unseen = _unseen(trace, subject)
    if unseen:
        return NotCovered(unseen)
    gone, back = _switches(trace, subject)
    outcome = contract.service(subject).outcome
    word = outcome.stalls if _kind(trace, subject) == "stalls" else outcome.dies
    if word != "not-ready":
        return NotCovered(f"readiness does not depend on {subject}: the contract says {word or 'nothing of it'}")
    return [
        *_late(trace, readiness, subject, (gone, back), ready=False),
        *_late(trace, readiness, subject, (back, math.inf), ready=True),
    ]


def ends_all_requests(trace: Trace, contract: Contract, subject: str) -> Verdict:
    """Judge that every request which was made while the service `subject` was in trouble has ended, somehow."""
    unseen = _unseen(trace, subject)
    if unseen:
        return NotCovered(unseen)
    made = trace.all(AskedThroughout, service=subject)
    if not made:
        return NotCovered(_unasked(trace, contract))
    return [
        Finding(
            subject=subject,
            expected=f"every request for {each.path} ends within {each.limit:g} s while {_trouble(trace, subject)}",
            observed=f"{each.count} of {_total(made, each.path)} had not ended by then",
            at=each.at,
            look_at=f"the time limit of every call which {each.path} makes to {subject}, and of waiting for its pool",
            on_purpose="traffic.max_seconds says how long a request may take",
        )
        for each in made
        if each.answer == "timeout"
    ]


def pool_recovers(trace: Trace, contract: Contract, subject: str) -> Verdict:
    """Judge that the pool of the service `subject` hands out as many connections as before, once that is back.

    It may take some tries: a connection which died while nobody used it may be known by its next use alone. How many
    there are is not judged here: what gives up a query may take a connection of its own to say so, for some seconds.
    """
    pool = contract.service(subject).pool
    if pool is None:
        return NotCovered(f"the contract declares no pool for it (services.{subject}.pool)")
    unseen = _unseen(trace, subject)
    if unseen:
        return NotCovered(unseen)
    _, back = _switches(trace, subject)
    used = trace.last(PoolUsed, service=subject)
    if used is None or used.at < back:
        return NotCovered("it was not used: that takes a canary, and a look from inside")
    if used.worked == used.asked:
        return []
    expected = f"{used.asked} uses of {subject} at once all succeed once {_over(trace, subject)}"
    observed = f"{used.worked} of them did; one that did not {used.observed}"
    look_at = "whether connections which died or hung are thrown away, and whoever held one gives it back"
    return [Finding(subject=subject, expected=expected, observed=observed, at=used.at, look_at=look_at)]


def works_again(trace: Trace, contract: Contract, subject: str) -> Verdict:
    """Judge that journeys, a turn of the chat and deliveries all work once the service `subject` is back.

    What went wrong was tried again for a while; it is the last time which counts.
    """
    unseen = _unseen(trace, subject)
    if unseen:
        return NotCovered(unseen)
    began = trace.last(ExerciseBegan, name=AFTERWARDS)
    if began is None or not (contract.journeys or contract.deliveries):
        return NotCovered("the contract declares neither journeys nor deliveries")
    steps = [each for each in trace.all(JourneyStepped) if each.at >= began.at]
    turns = [each for each in trace.all(TurnTaken, exercise=CHAT) if each.at >= began.at]
    tried = [each for each in trace.all(DeliveryTried) if each.at >= began.at]
    if not steps and not turns and not tried:
        return NotCovered("there was no time left for it")
    expected = f"all that worked before works once {_over(trace, subject)}"
    wrong = [(each.at, f"journey {each.journey}, {each.request}: {each.problem}") for each in steps if each.problem]
    wrong += [(each.at, f"a turn of the chat: {each.observed}") for each in turns if each.about]
    wrong += [(each.at, f"delivery {each.delivery}: {_lost(each)}") for each in tried if _lost(each)]
    missed = _cut_short(steps) or ("a turn of the chat" if contract.chat is not None and not turns else "")
    if missed and not wrong:
        return NotCovered(f"there was no time left for {missed}")
    look_at = "what had begun before, held on to a connection and did not begin anew: a task, a pump, a subscription"
    return [Finding(subject=subject, expected=expected, observed=said, at=at, look_at=look_at) for at, said in wrong]


def _cut_short(steps: list[JourneyStepped]) -> str:
    """Return what was begun, went well, and was not made to its end; empty when all was."""
    left = Counter((each.journey, each.walker) for each in steps if each.step == 1)
    left.subtract((each.journey, each.walker) for each in steps if each.step == each.steps or each.problem)
    return next((f"all of the journey {journey}" for (journey, _), count in left.items() if count > 0), "")


def _unseen(trace: Trace, service: str) -> str:
    """Return why there is nothing to judge; empty when there is."""
    if trace.first(Ready) is None:
        return "the boot never became ready"
    if not _kind(trace, service):
        return "the service was not in trouble while the application was up"
    if trace.first(FaultFelt, subject=service) is None:
        return f"the application never met the fault: it did not use {service} meanwhile"
    exited = trace.first(Exited, asked=False)
    return "" if exited is None else f"the process had ended by then, with code {exited.code}"


def _kind(trace: Trace, service: str) -> str:
    planned = trace.first(FaultPlanned, subject=service)
    return planned.fault if planned is not None and planned.fault in WHILE_UP else ""


def _trouble(trace: Trace, service: str) -> str:
    return f"{service} {'hangs' if _kind(trace, service) == 'stalls' else 'is gone'}"


def _over(trace: Trace, service: str) -> str:
    return f"{service} {'answers again' if _kind(trace, service) == 'stalls' else 'is back'}"


def _switches(trace: Trace, service: str) -> tuple[float, float]:
    """Return when the service went or hung, and when it was well again; never is infinite."""
    switched = trace.all(ServiceSwitched, service=service)
    gone = next((each.at for each in switched if each.to in WHILE_UP), math.inf)
    return gone, next((each.at for each in switched if each.at >= gone and each.to not in WHILE_UP), math.inf)


def _late(
    trace: Trace, readiness: ReadinessProbe, service: str, time: tuple[float, float], *, ready: bool
) -> list[Finding]:
    """Find that readiness took too long to say what had become true at the beginning of a time."""
    since, until = time
    asked = trace.all(Probed, vantage="outside", role="readiness")
    answers = [each for each in asked if since <= each.at <= until]
    if ready and not answers and any(_says(readiness, each, ready) for each in asked[-1:]):
        return []  # an answer is on record when it changes: this one has been right all along
    right = next((each for each in answers if _says(readiness, each, ready)), None)
    if right is not None and right.at - since <= readiness.follows_within + TOLERANCE:
        return []
    what = _over(trace, service) if ready else _trouble(trace, service)
    word = "ready" if ready else "not ready"
    last = f"; the last answer was {answers[-1].answer}" if answers else "; its answer did not change"
    return [
        Finding(
            subject=service,
            expected=f"readiness says {word} within {readiness.follows_within:g} s once {what}",
            observed=f"it did after {right.at - since:.1f} s" if right is not None else f"it did not{last}",
            at=right.at if right is not None else since,
            look_at="how long what readiness asks may take, and for how long its answer is kept",
            on_purpose="health.readiness.follows_within says how long it may take",
        )
    ]


def _says(readiness: ReadinessProbe, probed: Probed, ready: bool) -> bool:  # noqa: FBT001 - which of the two
    return readiness.says_ready(probed.answer, probed.fields) == ready


def _unasked(trace: Trace, contract: Contract) -> str:
    """Return why nobody asked on."""
    failed = next((each for each in trace.all(JourneyStepped, walker=FIRST_WALKER) if each.problem), None)
    if failed is not None:
        return f"the journey of whoever asks failed: {failed.request}: {failed.problem}"
    if trace.first(ExerciseBegan, name=OUTAGE) is not None:
        return "there was no time for any request"
    named = contract.traffic.requests
    return "nobody asked in this boot" if named else "the contract names no path to ask for (traffic.requests)"


def _total(made: list[AskedThroughout], path: str) -> int:
    return sum(each.count for each in made if each.path == path)


def _lost(tried: DeliveryTried) -> str:
    """Return what went wrong with a delivery; empty when nothing did."""
    if not tried.user:
        return tried.problem
    if not tried.arrived:
        return f"an event for {tried.user} user never came{f': {tried.problem}' if tried.problem else ''}"
    if tried.arrived > 1:
        return f"an event for {tried.user} user came {tried.arrived} times"
    return f"an event for {tried.user} user came to the other one" if tried.strayed else ""
