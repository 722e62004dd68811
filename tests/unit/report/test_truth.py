"""The truth table of a start: who was told what, and when."""

from __future__ import annotations

from typing import Literal

import pytest

from pytest_startup.contract.model import Contract
from pytest_startup.contract.reader import parse
from pytest_startup.events.base import Event
from pytest_startup.events.edge import Probed
from pytest_startup.events.inside import PhaseEntered, PhaseLeft
from pytest_startup.events.process import Ready
from pytest_startup.events.used import Offered
from pytest_startup.report import truth
from pytest_startup.report.lines import plain
from pytest_startup.trace import Trace

Vantage = Literal["inside", "outside"]

CONTRACT = """\
[launch]
target = "app:app"
[[phases]]
name = "database"
callable = "app:open_database"
[[phases]]
name = "cache"
callable = "app:open_cache"
[health]
liveness = "/live"
readiness = { path = "/ready", not_ready_status = [503] }
"""


def said(role: Literal["liveness", "readiness"], answer: str, at: float, vantage: Vantage = "inside") -> Probed:
    """Return an answer of health."""
    return Probed(at=at, vantage=vantage, role=role, path="/", answer=answer, began=at - 0.01, fields={})


def offered(what: Literal["request", "socket"], answer: str, at: float, vantage: Vantage = "inside") -> Offered:
    """Return what became of a request or a socket."""
    return Offered(at=at, vantage=vantage, what=what, path="/", answer=answer, began=at - 0.01)


EVENTS: tuple[Event, ...] = (
    said("readiness", "refused", 0.1, "outside"),
    offered("socket", "refused", 0.1, "outside"),
    said("readiness", "503", 0.5),
    PhaseEntered(at=0.6, phase="database"),
    offered("request", "503", 0.7),
    offered("socket", "denied 1013", 0.7),
    said("readiness", "200", 0.8),
    PhaseLeft(at=0.9, phase="database"),
    PhaseEntered(at=0.91, phase="cache"),
    offered("socket", "closed 1013", 1.0),
    PhaseLeft(at=1.1, phase="cache"),
    said("readiness", "503", 1.2, "outside"),
    said("readiness", "200", 1.3, "outside"),
    Ready(at=1.3),
)


@pytest.fixture
def contract() -> Contract:
    """Give a contract with two phases and health."""
    return parse(CONTRACT)


def _table(contract: Contract, *events: Event) -> list[str]:
    return [plain(line).rstrip() for line in truth.draw(Trace.of(events), contract)]


def test_who_was_told_what(contract: Contract):
    """Each row is a part of the start; an answer from outside stands until there is another one."""
    assert [
        "  told          inside                          outside",
        "                live    ready   request socket  live    ready   request socket",
        "  before                503                             refused         refused",
        "  database              200     503     1013            refused         refused",
        "  cache                                 1013!           refused         refused",
        "  until ready                                           ~200            refused",
        "  ready                                                 200",
    ] == _table(contract, *EVENTS)


def test_what_is_told_once_it_is_ready(contract: Contract):
    """What users were told before it was ready is not what they are told from then on."""
    *_, last = _table(contract, *EVENTS, offered("socket", "kept", 1.5, "outside"))
    assert "  ready                                                 200             kept" == last


def test_an_early_ready_is_red(contract: Contract):
    """Readiness that said ready before the last phase had ended stands out."""
    red = [span.text.strip() for line in truth.draw(Trace.of(EVENTS), contract) for span in line if span.style == "bad"]
    assert ["200"] == red


def test_nothing_to_show(contract: Contract):
    """A start that never became ready, or of which nobody was told anything, has no table."""
    assert [] == _table(contract, *EVENTS[:-1])
    assert [] == _table(contract, Ready(at=1.0))


def test_no_line_is_too_wide(contract: Contract):
    """The table has 80 columns."""
    errors = [said("readiness", "error: ConnectionAbortedError: no", 0.5), *EVENTS]
    assert 80 >= max(map(len, _table(contract, *errors)))
