"""The timeline and the critical chain of a boot."""

from __future__ import annotations

import pytest

from pytest_startup.contract.model import Contract
from pytest_startup.events.base import Event
from pytest_startup.events.inside import LifespanComplete, PhaseEntered, PhaseFailed, PhaseLeft, PortBound
from pytest_startup.events.process import Exited, NeverReady, Ready, Spawned, StopRequested
from pytest_startup.report.chain import critical_chain, shown
from pytest_startup.report.lines import ASCII, UNICODE, glyphs_for, plain, seconds
from pytest_startup.report.timeline import draw, ended, steps
from pytest_startup.trace import Trace

from .conftest import probed

HEALTHY = """\
                   0 s       0.5       1         1.5                   readiness
                   ┬─────────┬─────────┬─────────┬──────────
  python           ██▌                                         0.12 s
  import             ██████████████████▌                       0.88 s
  lifespan                             ████████████████▉       0.80 s
    init                                ▏                      moment
    database                             ████████▊             0.40 s  503
    cache                                        █████▉        0.25 s  503
  port                                                  ▏     @1.85 s
  ready                                                    ▏  @2.00 s  200"""

IN_ASCII = """\
                   0 s       0.5       1         1.5                   readiness
                   +---------+---------+---------+----------
"""


def _drawn(trace: Trace, contract: Contract) -> str:
    return "\n".join(map(plain, draw(trace, contract, UNICODE)))


def _without(trace: Trace, *kinds: type[Event]) -> Trace:
    return Trace(tuple(event for event in trace.events if not isinstance(event, kinds)))


def test_healthy(boot: Trace, contract: Contract):
    """Phases are bars on one axis, with their durations and what readiness said meanwhile."""
    assert _drawn(boot, contract) == HEALTHY


def test_ascii(boot: Trace, contract: Contract):
    """Without UTF-8 the same is drawn in ASCII."""
    text = "\n".join(map(plain, draw(boot, contract, ASCII)))
    assert text.isascii()
    assert text.startswith(IN_ASCII)


def test_fits(boot: Trace, contract: Contract):
    """No line is wider than 80 columns, however long the names are."""
    long = Trace.of([*boot.events, PhaseEntered(at=1.9, phase="a-phase-with-a-name-that-does-not-end")])
    for glyphs in (ASCII, UNICODE):
        assert max(len(plain(line)) for line in draw(long, contract, glyphs)) <= 80


@pytest.mark.parametrize(
    ("encoding", "expected"), [("utf-8", UNICODE), ("ascii", ASCII), ("latin-1", ASCII), (None, ASCII), ("none", ASCII)]
)
def test_glyphs(encoding: str | None, expected: object):
    """The glyphs are those which the terminal can write."""
    assert glyphs_for(encoding) is expected


def test_early_readiness_stands_out(boot: Trace, contract: Contract):
    """Readiness that says ready before the last phase has ended is drawn as bad."""
    liar = Trace.of([*boot.events, probed("200", 1.2, 1.3)])
    row = next(line for line in draw(liar, contract, UNICODE) if plain(line).startswith("    database"))
    assert (row[-1].text, row[-1].style) == ("503→200", "bad")


def test_phase_that_fails(boot: Trace, contract: Contract):
    """A failed phase says so, what never came is not seen, and the end is the exit."""
    broken = _without(boot, Ready, PortBound, LifespanComplete, StopRequested)
    events = [event for event in broken.events if getattr(event, "phase", "") != "cache" and event.at != 1.5]
    trace = Trace.of(
        [*events, PhaseFailed(at=1.6, phase="database", error="refused"), Exited(at=1.7, code=3, asked=False)]
    )
    text = _drawn(trace, contract)
    assert "    database " in text
    assert "failed" in text
    assert text.endswith("not seen")
    assert "code 3" in text
    assert ended(trace) == 1.7


def test_phase_that_never_ends(boot: Trace, contract: Contract):
    """A phase which hangs is drawn until the start was given up."""
    hung = Trace.of(
        [
            *(event for event in boot.events if event.at < 1.5),
            NeverReady(at=30.0, limit=30.0, waiting_for="/ready", stacks=""),
        ]
    )
    step = next(step for step in steps(hung, contract) if step.name == "database")
    assert step.until is None
    assert "unended" in _drawn(hung, contract)
    assert "never ready" in _drawn(hung, contract)


@pytest.mark.parametrize("trace", [Trace(()), Trace((Spawned(at=0.0, pid=1, command=(), directory=""),))])
def test_nothing_recorded(trace: Trace, contract: Contract):
    """A boot of which nothing is known is drawn all the same."""
    assert _drawn(trace, contract).count("not seen") == 3


@pytest.mark.parametrize("whole", [0.0003, 0.004, 0.09, 0.7, 1.0, 7.1, 29.9, 65.0, 3600.0])
def test_axis(contract: Contract, whole: float):
    """Any duration has an axis with three to eight ticks."""
    trace = Trace((Ready(at=whole),))
    assert 3 <= plain(draw(trace, contract, ASCII)[1]).count("+") <= 8


def test_critical_chain(boot: Trace, contract: Contract):
    """The chain names, without gaps, what the time to ready consisted of."""
    chain = critical_chain(steps(boot, contract), ended(boot))
    assert [(link.name, round(link.seconds, 3)) for link in chain] == [
        ("python", 0.125),
        ("import", 0.875),
        ("between", 0.1),
        ("database", 0.4),
        ("cache", 0.25),
        ("until ready", 0.25),
    ]
    assert sum(link.seconds for link in chain) == pytest.approx(2.0)


def test_critical_chain_leaves_out_what_does_not_matter(boot: Trace, contract: Contract):
    """What is not worth naming is one sum at the end."""
    links = shown(critical_chain(steps(boot, contract), ended(boot)))
    assert [link.name for link in links] == ["python", "import", "database", "cache", "until ready", "other"]


def test_parallel_phases(contract: Contract):
    """Of phases side by side only the one that ends last is on the chain."""
    trace = Trace.of(
        [
            PhaseEntered(at=0.0, phase="init"),
            PhaseEntered(at=0.0, phase="database"),
            PhaseLeft(at=1.0, phase="init"),
            PhaseLeft(at=3.0, phase="database"),
            PhaseEntered(at=3.0, phase="cache"),
            PhaseLeft(at=4.0, phase="cache"),
            Ready(at=4.0),
        ]
    )
    assert critical_chain(steps(trace, contract), 4.0) == [("database", 3.0), ("cache", 1.0)]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.0, "0.0 ms"),
        (0.00123, "1.2 ms"),
        (0.0099, "9.9 ms"),
        (0.05, "50 ms"),
        (0.1, "0.10 s"),
        (12.345, "12.35 s"),
        (321.0, "321 s"),
    ],
)
def test_seconds(value: float, expected: str):
    """A duration takes at most 7 characters."""
    assert seconds(value) == expected
