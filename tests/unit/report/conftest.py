"""Hand-made boots and a contract for them."""

from __future__ import annotations

import pytest

from pytest_startup.contract.model import Contract, Health, Launch, Phase, ReadinessProbe
from pytest_startup.contract.places import Place
from pytest_startup.contract.values import AttributeSignal, Target
from pytest_startup.events.edge import Probed
from pytest_startup.events.inside import (
    AgentAttached,
    Imported,
    LifespanBegan,
    LifespanComplete,
    PhaseEntered,
    PhaseLeft,
    PortBound,
)
from pytest_startup.events.process import Exited, LogLine, Ready, Spawned, StopRequested
from pytest_startup.trace import Trace


def phase(name: str) -> Phase:
    """Declare a phase."""
    return Phase(name=name, signal=AttributeSignal(Place.parse(f"app.state.{name}")))


def probed(answer: str, began: float, at: float) -> Probed:
    """Answer a question for readiness."""
    return Probed(
        at=at,
        began=began,
        vantage="inside",
        role="readiness",
        path="/ready",
        answer=answer,
        fields={"up": answer == "200"},
    )


@pytest.fixture
def contract() -> Contract:
    """Declare three phases and readiness."""
    return Contract(
        launch=Launch(app=Target("main", "app")),
        phases=tuple(map(phase, ("init", "database", "cache"))),
        health=Health(readiness=ReadinessProbe(path="/ready")),
    )


@pytest.fixture
def boot() -> Trace:
    """Record a boot in which everything is well."""
    return Trace.of(
        [
            Spawned(at=0.0, pid=7, command=("python",), directory="/app"),
            AgentAttached(at=0.1, pid=7, python="3.11.7", server="uvicorn 0.34.0"),
            Imported(at=1.0, target="main:app", seconds=0.875),
            LifespanBegan(at=1.0),
            PhaseEntered(at=1.05, phase="init"),
            PhaseLeft(at=1.05, phase="init"),
            probed("503", 1.051, 1.052),
            LogLine(at=1.1, stream="stdout", text="connecting to redis://:hunter2@127.0.0.1:6379/0"),
            PhaseEntered(at=1.1, phase="database"),
            PhaseLeft(at=1.5, phase="database"),
            probed("503", 1.51, 1.52),
            PhaseEntered(at=1.5, phase="cache"),
            PhaseLeft(at=1.75, phase="cache"),
            LifespanComplete(at=1.8),
            PortBound(at=1.85, host="127.0.0.1", port=8000),
            probed("200", 1.9, 1.95),
            Ready(at=2.0),
            StopRequested(at=2.5, signal="SIGTERM"),
            Exited(at=2.6, code=0, asked=True),
        ]
    )
