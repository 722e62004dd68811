"""The truth table of one start: what health, requests and sockets were told, phase by phase, from inside and outside.

From inside the application is asked through ASGI, which works before it has a port; what is seen from outside is what
a load balancer sees. `refused` (nobody listens), `reset` and `timeout` are answers like any status.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pytest_startup.contract.health import NoProbe
from pytest_startup.contract.model import Contract
from pytest_startup.events.edge import Probed
from pytest_startup.events.inside import PhaseEntered, PhaseLeft
from pytest_startup.events.process import Ready
from pytest_startup.events.used import Offered
from pytest_startup.report.lines import Line, Span, Style
from pytest_startup.trace import Trace

ASKED = ("liveness", "readiness", "request", "socket")
HEADS = {"liveness": "live", "readiness": "ready", "request": "request", "socket": "socket"}
LABEL, CELL = 14, 8


@dataclass(frozen=True, slots=True)
class Stage:
    """A part of the start: until a phase had ended, until it was ready, or from then on.

    `told` has the answers by vantage and what was asked; each once, in the order in which they came.
    """

    name: str
    told: dict[tuple[str, str], list[str]]
    ready: bool = False


def stages(trace: Trace, contract: Contract) -> list[Stage]:
    """Return the parts of a start that became ready, in the order of time; none of one that did not."""
    ready = trace.first(Ready)
    if ready is None:
        return []
    spans = list(_spans(trace, contract, ready.at))
    return [Stage(name, _told(trace, *span, ready=name == "ready"), ready=name == "ready") for name, *span in spans]


def _spans(trace: Trace, contract: Contract, ready: float) -> Iterator[tuple[str, float, float]]:
    """Yield name, begin and end of each part. A phase lasts until it is left, from when the one before it was."""
    left = [(event.at, phase.name) for phase in contract.phases if (event := trace.last(PhaseLeft, phase=phase.name))]
    first = trace.first(PhaseEntered)
    since = 0.0
    if first is not None:
        yield "before", since, first.at
        since = first.at
    for at, name in sorted(left):
        yield name, since, at
        since = max(since, at)
    yield "until ready", since, ready
    asked = [*trace.all(Probed, vantage="outside"), *trace.all(Offered, vantage="outside")]
    yield "ready", ready, max([ready, *(event.at for event in asked)])


def _told(trace: Trace, since: float, until: float, *, ready: bool) -> dict[tuple[str, str], list[str]]:
    """Return what was told in a span: asked from its beginning on and answered before its end; and what still stood.

    From outside an answer is recorded when it is another than before, so that the last one stands; but what a request
    or a socket was told before it was ready says nothing of what they are told from then on.
    """
    told: dict[tuple[str, str], list[str]] = {}
    for event in trace.events:
        if isinstance(event, Probed | Offered) and (asked := _asked(event)) in ASKED:
            key, answer = (event.vantage, asked), _short(event.answer)
            if event.vantage == "outside" and event.at <= since:
                told[key] = [] if ready and isinstance(event, Offered) else [answer]
            elif event.began >= since and event.at <= until and answer not in told.setdefault(key, []):
                told[key].append(answer)
    return told


def _asked(event: Probed | Offered) -> str:
    return event.role if isinstance(event, Probed) else event.what


def _short(answer: str) -> str:
    """Return an answer in one word: `denied 1013` and `closed 1013` by their code."""
    word, _, code = answer.partition(" ")
    return f"{code}!" if word == "closed" else code if word == "denied" else word.rstrip(":")


def draw(trace: Trace, contract: Contract) -> list[Line]:
    """Return the table, 80 columns wide; nothing where nobody could have been told anything."""
    found = stages(trace, contract)
    if not any(stage.told for stage in found):
        return []
    group = CELL * len(ASKED)
    heads = "".join(f"{HEADS[asked]:<{CELL}}" for asked in ASKED)
    lines: list[Line] = [
        [Span(f"  {'told':<{LABEL}}{'inside':<{group}}{'outside':<{group}}".rstrip(), "dim")],
        [Span(f"  {'':<{LABEL}}{heads}{heads}".rstrip(), "dim")],
    ]
    return [*lines, *(_row(stage, contract) for stage in found)]


def _row(stage: Stage, contract: Contract) -> Line:
    label = Span(f"  {_cut(stage.name, LABEL - 1):<{LABEL}}")
    cells = [(vantage, asked) for vantage in ("inside", "outside") for asked in ASKED]
    return [label, *(Span(f"{_cell(stage, *cell):<{CELL}}", _style(stage, contract, *cell)) for cell in cells)]


def _cell(stage: Stage, vantage: str, asked: str) -> str:
    answers = stage.told.get((vantage, asked), [])
    whole = "/".join(answers)
    return whole if len(whole) < CELL else _cut(f"~{answers[-1]}", CELL - 1)


def _style(stage: Stage, contract: Contract, vantage: str, asked: str) -> Style:
    """Return red for a readiness that said ready too early by its status."""
    readiness = contract.health.readiness
    if asked != "readiness" or isinstance(readiness, NoProbe) or readiness.status in readiness.not_ready_status:
        return ""
    early = str(readiness.status) in stage.told.get((vantage, asked), []) and stage.name not in {"ready", "until ready"}
    return "bad" if early else ""


def _cut(text: str, size: int) -> str:
    return text if len(text) <= size else text[: size - 1] + "~"
