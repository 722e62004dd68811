"""Services that misbehave: by traces made by hand."""

from __future__ import annotations

import pytest

from pytest_startup.checks import outcomes
from pytest_startup.contract import reader
from pytest_startup.events.base import Event
from pytest_startup.events.edge import CanaryAnswered, ServiceOffered, ServiceSwitched
from pytest_startup.events.process import Exited, FaultFelt, FaultPlanned, Killed, NeverReady, Ready, StopRequested
from pytest_startup.trace import Trace

from .traces import TARGET, URL, Said, line, probed, said

HEALTH = '[health]\nliveness = "/liveness"\nreadiness = "/readiness"\n'
NO_READINESS = "[health]\nreadiness = false\n"
NO_LIVENESS = '[health]\nliveness = false\nreadiness = "/readiness"\n'

READY = Ready(at=2.0)
STOP = StopRequested(at=9.0, signal="SIGTERM")
ASKED = Exited(at=9.5, code=-15, asked=True)
KILLED = Killed(at=9.4, reason="still running 2 s after SIGTERM")
NEVER = NeverReady(at=6.0, limit=6.0, waiting_for="the server to listen", stacks="")


def contract(key: str, word: str, health: str = HEALTH) -> str:
    """Return a contract in which one outcome of Redis is declared."""
    return f'{TARGET}{health}[services.redis.outcome]\n{key} = "{word}"\n'


def struck(fault: str, felt: float = 1.0) -> tuple[Event, ...]:
    """Return a fault of Redis which the application met."""
    return (
        FaultPlanned(at=0.0, fault=fault, subject="redis", seconds=0.0),
        ServiceSwitched(at=felt - 0.5, service="redis", to=fault),
        FaultFelt(at=felt, fault=fault, subject="redis"),
    )


def exited(code: int, at: float = 4.0) -> Exited:
    """Return an end that nobody asked for."""
    return Exited(at=at, code=code, asked=False)


GONE = struck("absent")
AT_BOOT: dict[str, tuple[tuple[Event, ...], str, Said]] = {
    # exit
    "exit: ends with an error": ((*GONE, exited(3)), "exit", []),
    "exit: by a signal": ((*GONE, exited(-6)), "exit", []),
    "exit: without an error": ((*GONE, exited(0)), "exit", ["exit code 0"]),
    "exit: ready": ((*GONE, READY, STOP, ASKED), "exit", ["it became ready"]),
    "exit: ready, then ends": ((*GONE, READY, exited(3)), "exit", ["it became ready"]),
    "exit: neither": ((*GONE, NEVER, STOP, ASKED), "exit", ["it neither ended nor became ready"]),
    "exit: too late": ((*GONE, NEVER, exited(3, 6.1)), "exit", ["it ended after 6.1 s"]),
    "exit: half a trace": (GONE, "exit", ["it neither ended nor became ready"]),
    "exit: by force": (
        (*GONE, NEVER, STOP, KILLED, ASKED),
        "exit",
        ["it neither ended nor became ready", "still running 2 s after SIGTERM"],
    ),
    # not-ready
    "not-ready: waits": ((*GONE, NEVER, STOP, ASKED), "not-ready", []),
    "not-ready: ready": ((*GONE, READY, STOP, ASKED), "not-ready", ["it became ready"]),
    "not-ready: ends": ((*GONE, exited(3)), "not-ready", ["it ended with code 3"]),
    "not-ready: by force": (
        (*GONE, NEVER, STOP, KILLED, ASKED),
        "not-ready",
        ["still running 2 s after SIGTERM"],
    ),
    # tolerated
    "tolerated: ready": ((*GONE, READY, STOP, ASKED), "tolerated", []),
    "tolerated: waits": ((*GONE, NEVER, STOP, ASKED), "tolerated", ["still waiting for the server to listen"]),
    "tolerated: ends": ((*GONE, exited(3)), "tolerated", ["the process ended with code 3"]),
    "tolerated: half a trace": (GONE, "tolerated", ["it was not ready"]),
}


@pytest.mark.parametrize(("events", "word", "expected"), AT_BOOT.values(), ids=AT_BOOT)
def test_at_boot(events: tuple[Event, ...], word: str, expected: Said):
    """A boot without a service does what the contract says."""
    assert expected == said(outcomes.is_declared, events, contract("absent", word), "redis")


@pytest.mark.parametrize(("fault", "key"), outcomes.DECLARED_AS.items())
def test_every_fault_has_its_outcome(fault: str, key: str):
    """Each fault of a service is judged by one key of the contract, and by none other."""
    events = (*struck(fault), exited(0))
    assert ["exit code 0"] == said(outcomes.is_declared, events, contract(key, "exit"), "redis")
    other = "dies" if key == "absent" else "absent"
    undeclared = f"services.redis.outcome.{key} is not declared"
    assert undeclared == said(outcomes.is_declared, events, contract(other, "exit"), "redis")


DIED, BACK = struck("dies", 3.0), struck("returns", 3.0)
UP = ServiceSwitched(at=4.0, service="redis", to="up")
BEFORE = (READY, probed("readiness", "200", 1.9), probed("liveness", "200", 1.9))
N503, N200 = probed("readiness", "503", 3.1), probed("readiness", "200", 4.5)
END = (STOP, ASKED)


def canary(at: float, *, works: bool) -> CanaryAnswered:
    """Return whether Redis could be used."""
    observed = "worked" if works else "raised ConnectionError: closed"
    return CanaryAnswered(at=at, service="redis", works=works, observed=observed, seconds=0.1, crossed=10)


WHILE_UP: dict[str, tuple[tuple[Event, ...], str, str, str, Said]] = {
    # it dies, and readiness has to follow
    "follows": ((*BEFORE, *DIED, N503, *END), "dies", "not-ready", HEALTH, []),
    "asked before it died": (
        (*BEFORE, *DIED, probed("readiness", "503", 2.6, began=2.4), *END),
        "dies",
        "not-ready",
        HEALTH,
        [],
    ),
    "is silent": ((*BEFORE, *DIED, probed("readiness", "timeout", 5.0), *END), "dies", "not-ready", HEALTH, []),
    "does not follow": ((*BEFORE, *DIED, *END), "dies", "not-ready", HEALTH, ["it went on saying ready"]),
    "for a moment": ((*BEFORE, *DIED, N503, N200, *END), "dies", "not-ready", HEALTH, ["it said 503, then 200"]),
    "while it is stopped": (
        (*BEFORE, *DIED, *END, probed("readiness", "refused", 9.2)),
        "dies",
        "not-ready",
        HEALTH,
        ["it went on saying ready"],
    ),
    "ends": ((*BEFORE, *DIED, exited(1)), "dies", "not-ready", HEALTH, ["it ended with code 1"]),
    "liveness flips": (
        (*BEFORE, *DIED, N503, probed("liveness", "500", 3.2), *END),
        "dies",
        "not-ready",
        HEALTH,
        ["it said 500"],
    ),
    "liveness comes late": (
        (*BEFORE, *DIED, N503, probed("liveness", "timeout", 5.0), probed("liveness", "200", 5.1), *END),
        "dies",
        "not-ready",
        HEALTH,
        ["it said timeout"],
    ),
    "no liveness": ((*BEFORE, *DIED, N503, *END), "dies", "not-ready", NO_LIVENESS, []),
    "stop by force": (
        (*BEFORE, *DIED, N503, STOP, KILLED, ASKED),
        "dies",
        "not-ready",
        HEALTH,
        ["still running 2 s after SIGTERM"],
    ),
    # it dies, and nothing has to change
    "goes on": ((*BEFORE, *DIED, *END), "dies", "tolerated", HEALTH, []),
    "follows, though tolerated": (
        (*BEFORE, *DIED, N503, N200, *END),
        "dies",
        "tolerated",
        HEALTH,
        ["it said 503"],
    ),
    # it dies, and the process has to end
    "exits": ((*BEFORE, *DIED, exited(1)), "dies", "exit", HEALTH, []),
    "exits without an error": ((*BEFORE, *DIED, exited(0)), "dies", "exit", HEALTH, ["exit code 0"]),
    "does not exit": ((*BEFORE, *DIED, N503, *END), "dies", "exit", HEALTH, ["it stayed up"]),
    "exits, without a readiness": ((READY, *DIED, exited(1)), "dies", "exit", NO_READINESS, []),
    # it comes back
    "is back": (
        (*BEFORE, *BACK, N503, UP, N200, canary(5.0, works=True), *END),
        "returns",
        "tolerated",
        HEALTH,
        [],
    ),
    "was never away": ((*BEFORE, *BACK, UP, *END), "returns", "tolerated", HEALTH, []),
    "is not back": (
        (*BEFORE, *BACK, N503, UP, *END),
        "returns",
        "tolerated",
        HEALTH,
        ["it said 503"],
    ),
    "says that it is back": (
        (*BEFORE, *BACK, N503, UP, N200, canary(5.0, works=False), *END),
        "returns",
        "tolerated",
        HEALTH,
        ["readiness says ready, and the canary of redis raised ConnectionError: closed"],
    ),
    "its canary died before": (
        (canary(2.2, works=False), *BEFORE, *BACK, N503, UP, N200, *END),
        "returns",
        "tolerated",
        HEALTH,
        [],
    ),
    "stays away, as declared": ((*BEFORE, *BACK, N503, UP, *END), "returns", "not-ready", HEALTH, []),
    # nothing to judge
    "no readiness": (
        (READY, *DIED, *END),
        "dies",
        "not-ready",
        NO_READINESS,
        "readiness would have to follow, and the contract says that there is none",
    ),
}


@pytest.mark.parametrize(("events", "key", "word", "health", "expected"), WHILE_UP.values(), ids=WHILE_UP)
def test_while_up(events: tuple[Event, ...], key: str, word: str, health: str, expected: Said):
    """An application whose service goes away does what the contract says, and liveness does not follow."""
    assert expected == said(outcomes.is_declared, events, contract(key, word, health), "redis")


AGAIN = ServiceSwitched(at=6.0, service="redis", to="returns")
LATER = probed("readiness", "503", 6.1)
THERE_AND_BACK = (*BEFORE, *BACK, N503, UP, N200, AGAIN, LATER)

WHILE_GONE: dict[str, tuple[tuple[Event, ...], str, Said]] = {
    "follows": ((*THERE_AND_BACK, *END), "not-ready", []),
    "does not follow at first": ((*BEFORE, *BACK, UP, AGAIN, LATER, *END), "not-ready", ["it went on saying ready"]),
    "follows, though tolerated": ((*THERE_AND_BACK, *END), "tolerated", ["it said 503"]),
    "goes on": ((*BEFORE, *BACK, UP, AGAIN, *END), "tolerated", []),
    "liveness flips": (
        (*BEFORE, *BACK, N503, probed("liveness", "500", 3.2), UP, N200, AGAIN, *END),
        "not-ready",
        ["it said 500"],
    ),
    "ends": ((*BEFORE, *BACK, exited(1)), "exit", []),
    "stop by force": ((*THERE_AND_BACK, STOP, KILLED, ASKED), "not-ready", ["still running 2 s after SIGTERM"]),
    "dies only": ((*BEFORE, *DIED, N503, *END), "not-ready", []),
    "did not die": (
        (READY, *struck("absent"), *END),
        "not-ready",
        "the service did not die while the application was up",
    ),
}


@pytest.mark.parametrize(("events", "word", "expected"), WHILE_GONE.values(), ids=WHILE_GONE)
def test_while_gone(events: tuple[Event, ...], word: str, expected: Said):
    """In a boot in which a service dies, comes back and dies again, the first time is judged, and the stop."""
    assert expected == said(outcomes.while_gone, events, contract("dies", word), "redis")


STALLS = struck("stalls", 3.0)
STALLED: dict[str, tuple[tuple[Event, ...], str, Said]] = {
    "follows": ((*BEFORE, *STALLS, N503, UP, N200, *END), "not-ready", []),
    "hangs itself": ((*BEFORE, *STALLS, probed("readiness", "timeout", 3.8), UP, N200, *END), "not-ready", []),
    "goes on saying ready": ((*BEFORE, *STALLS, UP, *END), "not-ready", ["it went on saying ready"]),
    "liveness flips": (
        (*BEFORE, *STALLS, N503, probed("liveness", "timeout", 3.8), UP, N200, *END),
        "not-ready",
        ["it said timeout"],
    ),
    "goes on": ((*BEFORE, *STALLS, UP, *END), "tolerated", []),
    "follows, though tolerated": ((*BEFORE, *STALLS, N503, UP, N200, *END), "tolerated", ["it said 503"]),
}


@pytest.mark.parametrize(("events", "word", "expected"), STALLED.values(), ids=STALLED)
def test_stalls(events: tuple[Event, ...], word: str, expected: Said):
    """While a service hangs readiness says what is declared for that; what comes afterwards is another matter."""
    assert expected == said(outcomes.while_gone, events, contract("stalls", word), "redis")


def test_once_back():
    """In such a boot the return is judged until the service is gone again; the stop is the business of its death."""
    events = (*THERE_AND_BACK, STOP, KILLED, ASKED)
    assert [] == said(outcomes.is_declared, events, contract("returns", "tolerated"), "redis")


UNMET = "the application never met the fault: it did not use redis meanwhile"
UNFELT: dict[str, tuple[tuple[Event, ...], Said]] = {
    "absent": ((READY,), UNMET),
    "dies": ((READY,), UNMET),
    "returns": ((exited(1),), "the boot never became ready"),
    "wrong-credentials": ((READY,), "the application shows redis no password that could be wrong"),
}


@pytest.mark.parametrize(("fault", "events", "expected"), [(k, *v) for k, v in UNFELT.items()], ids=UNFELT)
def test_unfelt(fault: str, events: tuple[Event, ...], expected: Said):
    """A fault that never struck proves nothing, and the reason is told."""
    planned = struck(fault)[0]
    toml = contract(outcomes.DECLARED_AS[fault], "exit")
    assert expected == said(outcomes.is_declared, (planned, *events), toml, "redis")


def test_no_fault():
    """A boot without a fault proves nothing about any."""
    assert "no fault was planned for this service" == said(
        outcomes.is_declared, (READY,), contract("absent", "exit"), "redis"
    )


EXPECTED: dict[str, tuple[tuple[Event, ...], str, str, str]] = {
    "exit": ((*GONE, READY), "absent", "exit", "the process ends with an error within 30 s"),
    "not-ready": ((*GONE, READY), "absent", "not-ready", "the process stays up and is not ready"),
    "tolerated": ((*GONE, exited(3)), "absent", "tolerated", "ready within 30 s all the same"),
    "dies: exit": ((*BEFORE, *DIED, *END), "dies", "exit", "the process ends with an error once redis is gone"),
    "dies: not-ready": ((*BEFORE, *DIED, *END), "dies", "not-ready", "readiness says not ready while redis is gone"),
    "dies: tolerated": (
        (*BEFORE, *DIED, N503, *END),
        "dies",
        "tolerated",
        "readiness goes on saying ready while redis is gone",
    ),
    "returns": (
        (*BEFORE, *BACK, N503, UP, *END),
        "returns",
        "tolerated",
        "readiness says ready again once redis is back",
    ),
    "says that it is back": (
        (*BEFORE, *BACK, UP, canary(5.0, works=False), *END),
        "returns",
        "tolerated",
        "redis can be used again once it is back",
    ),
    "liveness": (
        (*BEFORE, *DIED, N503, probed("liveness", "500", 3.2), *END),
        "dies",
        "not-ready",
        "liveness says 200 throughout: another process would not have redis either",
    ),
}


@pytest.mark.parametrize(("events", "key", "word", "expected"), EXPECTED.values(), ids=EXPECTED)
def test_what_was_expected(events: tuple[Event, ...], key: str, word: str, expected: str):
    """A finding says what should have been, and where the contract says so."""
    (found,) = outcomes.is_declared(Trace.of(events), reader.parse(contract(key, word), None), "redis")  # type: ignore[misc]
    assert (found.expected, found.on_purpose) == (expected, f"services.redis.outcome.{key} says what is right")


def profile(word: str, kind: str = "redis") -> str:
    """Return a contract with a profile in which the absence of Redis means something."""
    service = f'[services.redis]\nkind = "{kind}"\noutcome = {{ absent = "exit" }}\n'
    return f'{TARGET}{HEALTH}{service}[[profiles]]\nname = "production"\nabsent = {{ redis = "{word}" }}\n'


OFFERED = ServiceOffered(at=0.0, service="redis", address="127.0.0.1:4711")
UNFELT = "the application never met the fault: it did not use redis meanwhile"
IN_PROFILE: dict[str, tuple[tuple[Event, ...], str, Said]] = {
    "optional": ((*GONE, READY, STOP, ASKED), profile("tolerated"), []),
    "taken for required": (
        (*GONE, exited(3)),
        profile("tolerated"),
        ["the process ended with code 3"],
    ),
    "required": ((*GONE, NEVER, STOP, ASKED), profile("not-ready"), []),
    "required, and nobody cares": ((*GONE, READY), profile("not-ready"), ["it became ready"]),
    "never met": ((READY,), profile("tolerated"), UNFELT),
    "never there": ((READY,), profile("tolerated", "unavailable"), []),
    "ends by its name": ((exited(3), line("no Redis: redis")), profile("exit", "unavailable"), []),
    "ends by its port": ((OFFERED, exited(3), line("refused: 4711")), profile("exit", "unavailable"), []),
    "ends, who knows why": (
        (OFFERED, exited(3), line("no such file")),
        profile("exit", "unavailable"),
        "it ended, and nothing that it said names redis",
    ),
    "ends by force": (
        (*GONE, NEVER, STOP, KILLED, ASKED),
        profile("not-ready"),
        ["still running 2 s after SIGTERM"],
    ),
}


@pytest.mark.parametrize(("events", "toml", "expected"), IN_PROFILE.values(), ids=IN_PROFILE)
def test_in_profile(events: tuple[Event, ...], toml: str, expected: Said):
    """What an absent service means is what the profile says, whatever else the contract does."""
    assert expected == said(outcomes.in_profile, events, toml, "production:redis")


def test_what_is_up():
    """Nobody knows in which profile an application is that is up already."""
    toml = profile("not-ready", "unavailable").replace(TARGET, URL)
    reason = "it is up already, in whatever profile that is"
    assert reason == said(outcomes.in_profile, (READY,), toml, "production:redis")


def test_of_no_absence():
    """A profile need not say of every service what its absence means."""
    toml = f'{TARGET}[services.redis]\n[[profiles]]\nname = "production"\n'
    reason = "profiles.production.absent.redis is not declared"
    assert reason == said(outcomes.in_profile, GONE, toml, "production:redis")
