"""Health: by traces made by hand."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_startup.checks import health
from pytest_startup.contract import reader
from pytest_startup.events.base import Event
from pytest_startup.events.edge import Probed
from pytest_startup.trace import Trace

from .traces import AGENT, PORT, READY, TARGET, UP, Said, entered, left, phase, probed, said

BOTH = """\
[launch]
target = "app:app"
[health]
liveness = "/liveness"
readiness = { path = "/readiness", fields = { ready = true } }
"""
NEITHER = TARGET + "[health]\nliveness = false\nreadiness = false\n"
UNREADY = "the boot never became ready"
NAMES_NONE = "the contract names no such health endpoint"
SAYS_NONE = "the contract says that there is none"
WELL: dict[str, Any] = {"fields": {"ready": True}}


def found(path: str, answer: str) -> Probed:
    """Return what answers at one of the usual paths."""
    return probed("discovered", answer, 2.2, path=path)


WHEN_READY: dict[str, tuple[tuple[Event, ...], str, str, Said]] = {
    "live": ((READY, probed("liveness", "200", 2.1)), BOTH, "liveness", []),
    "ready": ((READY, probed("readiness", "200", 2.1, **WELL)), BOTH, "readiness", []),
    "what was said before does not count": (
        (probed("liveness", "503", 1.0), READY, probed("liveness", "200", 2.1)),
        BOTH,
        "liveness",
        [],
    ),
    "another status": ((READY, probed("liveness", "500", 2.1)), BOTH, "liveness", ["500"]),
    "no answer": ((READY, probed("liveness", "timeout", 2.1)), BOTH, "liveness", ["timeout"]),
    "another field": (
        (READY, probed("readiness", "200", 2.1, fields={"ready": False})),
        BOTH,
        "readiness",
        ['200 {"ready": false}'],
    ),
    "1 is not true": (
        (READY, probed("readiness", "200", 2.1, fields={"ready": 1})),
        BOTH,
        "readiness",
        ['200 {"ready": 1}'],
    ),
    "a field is missing": ((READY, probed("readiness", "200", 2.1)), BOTH, "readiness", ["200"]),
    "slow": ((READY, probed("liveness", "200", 5.0, began=2.5)), BOTH, "liveness", ["2.50 s"]),
    "not asked": ((READY,), BOTH, "liveness", "it was not asked after the start"),
    "asked from inside only": (
        (READY, probed("liveness", "500", 2.1, vantage="inside")),
        BOTH,
        "liveness",
        "it was not asked after the start",
    ),
    "never ready": ((probed("liveness", "200", 2.1),), BOTH, "liveness", UNREADY),
    "undeclared, nothing there": (
        (READY, found("/", "500"), found("/healthz", "404")),
        TARGET,
        "liveness",
        f"{NAMES_NONE}, and no usual path answers",
    ),
    "undeclared, works": ((READY, found("/healthz", "200"), probed("control", "404", 2.3)), TARGET, "liveness", []),
    "undeclared, asks who we are": ((READY, found("/healthz", "401")), TARGET, "liveness", []),
    "undeclared, broken": ((READY, found("/healthz", "500")), TARGET, "liveness", ["500"]),
    "undeclared, hangs": ((READY, found("/livez", "timeout")), TARGET, "readiness", ["timeout"]),
    "undeclared, and anything answers": (
        (READY, found("/healthz", "200"), probed("control", "200", 2.3)),
        TARGET,
        "liveness",
        f"{NAMES_NONE}, and no usual path answers",
    ),
    "declared as none": ((READY, found("/healthz", "500")), NEITHER, "liveness", SAYS_NONE),
}


@pytest.mark.parametrize(("events", "toml", "subject", "expected"), WHEN_READY.values(), ids=WHEN_READY)
def test_when_ready(events: tuple[Event, ...], toml: str, subject: str, expected: Said):
    """Once ready, each endpoint answers as the contract says, from outside."""
    assert expected == said(health.when_ready, events, toml, subject)


def test_what_was_expected():
    """Expected and observed are written alike: status, then the fields that count."""
    trace = Trace.of((READY, probed("readiness", "503", 2.1, fields={"ready": False})))
    (finding,) = health.when_ready(trace, reader.parse(BOTH, None), "readiness")
    assert (finding.expected, finding.observed) == ('200 {"ready": true} once ready', '503 {"ready": false}')


FIELDS = TARGET + '[health]\nliveness = false\nreadiness = { path = "/ready", fields = { ready = true } }\n'
CONTROL: dict[str, tuple[tuple[Event, ...], str, Said]] = {
    "another answer": ((READY, probed("control", "404", 2.2)), BOTH, []),
    "the same": ((READY, probed("control", "200", 2.2)), BOTH, ["200, as for anything"]),
    "one endpoint is enough": (
        (READY, probed("control", "200", 2.2)),
        TARGET + '[health]\nliveness = "/live"\nreadiness = false\n',
        ["200, as for anything"],
    ),
    "known by its body": ((READY, probed("control", "200", 2.2, fields={})), FIELDS, []),
    "the body is that of anything": (
        (READY, probed("control", "200", 2.2, fields={"ready": True})),
        FIELDS,
        ["200, as for anything"],
    ),
    "nothing to compare with": (
        (READY, probed("control", "200", 2.2)),
        NEITHER,
        "the contract names no health endpoint to compare with",
    ),
    "never ready": ((), BOTH, UNREADY),
}


@pytest.mark.parametrize(("events", "toml", "expected"), CONTROL.values(), ids=CONTROL)
def test_control(events: tuple[Event, ...], toml: str, expected: Said):
    """A path that cannot exist is not answered as health is."""
    assert expected == said(health.control, events, toml)


def during(readiness: str) -> str:
    """Return a contract with two phases and this readiness."""
    phases = "".join(f'[[phases]]\nname = "{name}"\ncallable = "app:{name}"\n' for name in ("database", "cache"))
    return f"{TARGET}{phases}[health]\nreadiness = {readiness}\n"


PLAIN = during('{ path = "/readiness" }')
STRICT = during('{ path = "/readiness", not_ready_status = [503, 425], not_ready_fields = { ready = false } }')
FIELDS = during('{ path = "/readiness", fields = { ready = true }, not_ready_fields = { ready = false } }')
PHASES = (*phase("database", 0.2, 0.6), *phase("cache", 0.7, 1.2))
NOT_ASKED = "readiness was not asked in this phase: it passed too quickly, or held up the event loop"


def inside(answer: str, at: float, *, ready: bool | None = None, began: float | None = None) -> Probed:
    """Return an answer of readiness, asked from inside."""
    fields = {} if ready is None else {"ready": ready}
    began = at - 0.01 if began is None else began
    return probed("readiness", answer, at, vantage="inside", fields=fields, began=began)


DURING: dict[str, tuple[tuple[Event, ...], str, str, Said]] = {
    "not ready": ((*UP, *PHASES, inside("503", 0.4)), PLAIN, "database", []),
    "ready": ((*UP, *PHASES, inside("200", 0.4)), PLAIN, "database", ["200"]),
    "told once": ((*UP, *PHASES, inside("200", 0.3), inside("200", 0.4)), PLAIN, "database", ["200"]),
    "between two phases, the later one": ((*UP, *PHASES, inside("200", 0.65)), PLAIN, "cache", ["200"]),
    "between two phases, not the earlier one": ((*UP, *PHASES, inside("200", 0.65)), PLAIN, "database", NOT_ASKED),
    "before the first phase": ((*UP, *PHASES, inside("200", 0.1)), PLAIN, "database", ["200"]),
    "overtaken by the end of the phase": (
        (*UP, *PHASES, inside("200", 0.62, began=0.55)),
        PLAIN,
        "database",
        NOT_ASKED,
    ),
    "overtaken by its beginning": ((*UP, *PHASES, inside("200", 0.8, began=0.55)), PLAIN, "cache", NOT_ASKED),
    "after the last phase": ((*UP, *PHASES, inside("200", 1.3)), PLAIN, "cache", NOT_ASKED),
    "from outside": ((*UP, *PHASES, probed("readiness", "200", 0.4)), PLAIN, "database", ["200"]),
    "no answer is no lie": ((*UP, *PHASES, inside("timeout", 0.4)), PLAIN, "database", NOT_ASKED),
    "refused is no lie": ((*UP, *PHASES, probed("readiness", "refused", 0.4)), PLAIN, "database", NOT_ASKED),
    "raises": (
        (*UP, *PHASES, inside("error: AttributeError: checks", 0.4)),
        STRICT,
        "database",
        ["error: AttributeError: checks"],
    ),
    "raises, and any other status is right": (
        (*UP, *PHASES, inside("error: AttributeError: checks", 0.4)),
        PLAIN,
        "database",
        [],
    ),
    "an answer that is not HTTP, outside": (
        (*UP, *PHASES, probed("readiness", "error: BadStatusLine: x", 0.4)),
        STRICT,
        "database",
        NOT_ASKED,
    ),
    "as declared": ((*UP, *PHASES, inside("425", 0.4, ready=False)), STRICT, "database", []),
    "another status": (
        (*UP, *PHASES, inside("500", 0.4, ready=False)),
        STRICT,
        "database",
        ['500 {"ready": false}'],
    ),
    "another field": ((*UP, *PHASES, inside("503", 0.4, ready=True)), STRICT, "database", ['503 {"ready": true}']),
    "any status, another field": ((*UP, *PHASES, inside("503", 0.4)), FIELDS, "database", ["503"]),
    "not ready in the body alone": (
        (*UP, *PHASES, inside("200", 0.4, ready=False)),
        FIELDS,
        "database",
        ['200 {"ready": false}'],
    ),
    "the phase never ended": (
        (*UP, *phase("cache", 0.7, 1.2), entered("database", 0.2), inside("200", 0.4)),
        PLAIN,
        "database",
        NOT_ASKED,
    ),
    "a phase that came again counts to its last end": (
        (*UP, *PHASES, entered("database", 0.7), left("database", 0.9), inside("200", 0.8)),
        PLAIN,
        "database",
        ["200"],
    ),
    "never ready": ((AGENT, PORT, *PHASES, inside("200", 0.4)), PLAIN, "database", UNREADY),
    "phases of the log, seen from outside": (
        (READY, *PHASES, probed("readiness", "200", 0.4)),
        PLAIN,
        "database",
        ["200"],
    ),
    "outside": (
        (READY,),
        PLAIN,
        "database",
        "the application was watched from outside, where its phases cannot be seen",
    ),
    "no phases": (UP, BOTH, "", "the contract declares no phases to compare with"),
    "no readiness": (UP, TARGET, "database", NAMES_NONE),
}


@pytest.mark.parametrize(("events", "toml", "subject", "expected"), DURING.values(), ids=DURING)
def test_not_ready_during(events: tuple[Event, ...], toml: str, subject: str, expected: Said):
    """As long as a phase has not ended, readiness does not say ready, and says what the contract allows."""
    assert expected == said(health.not_ready_during, events, toml, subject)


def test_what_is_allowed_before():
    """Where the contract names no status for "not ready", the finding says so in words."""
    trace = Trace.of((*UP, *PHASES, inside("503", 0.4)))
    (finding,) = health.not_ready_during(trace, reader.parse(FIELDS, None), "database")
    assert finding.expected == 'another status than 200 {"ready": false} until database has ended'


NEVER_HEARD = "/readiness has an answer for not ready (503), but nobody outside can ever hear it: the port opens only"
NOBODY = "nobody listened before it was ready, so there was nobody to be told"

TOLD: dict[str, tuple[tuple[Event, ...], str, Said]] = {
    "told": ((*UP, probed("readiness", "refused", 0.5), probed("readiness", "503", 1.9)), PLAIN, []),
    "told by a field": ((*UP, probed("readiness", "200", 1.9, fields={"ready": False})), FIELDS, []),
    "never heard": ((*UP, inside("503", 0.5), probed("readiness", "refused", 1.0)), PLAIN, NEVER_HEARD),
    "never said either": ((*UP, inside("200", 0.5), probed("readiness", "refused", 1.0)), PLAIN, NOBODY),
    "nothing to be heard": ((*UP, probed("readiness", "200", 1.99)), PLAIN, NOBODY),
    "an open port that says nothing": (
        (*UP, inside("503", 0.5), probed("readiness", "refused", 0.5), probed("readiness", "timeout", 1.9)),
        PLAIN,
        ["timeout"],
    ),
    "reset": ((*UP, probed("readiness", "reset", 1.9)), PLAIN, ["reset"]),
    "silent first, told then": (
        (*UP, probed("readiness", "timeout", 1.0), probed("readiness", "503", 1.5)),
        PLAIN,
        [],
    ),
    "overtaken by ready": ((*UP, probed("readiness", "timeout", 2.1, began=1.9)), PLAIN, NOBODY),
    "no readiness": (UP, NEITHER, SAYS_NONE),
    "never ready": ((AGENT, probed("readiness", "503", 1.0)), PLAIN, UNREADY),
}


@pytest.mark.parametrize(("events", "toml", "expected"), TOLD.values(), ids=TOLD)
def test_told_outside(events: tuple[Event, ...], toml: str, expected: Said):
    """From outside "not ready" is told where anybody listens; where it can never be heard, that is said."""
    observed = said(health.told_outside, events, toml)
    assert observed[: len(expected)] == expected if isinstance(observed, str) else observed == expected
