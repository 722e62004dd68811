"""The boot that all read-only tests share: its services, its recording, and where its trace is saved."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_startup.boot import record
from pytest_startup.clock import Deadline
from pytest_startup.report.judged import NoneDeclared
from pytest_startup.services.session import Keeper, ServiceOptions
from pytest_startup.trace import Trace
from pytest_startup.variation import PhaseFault, ServiceFault, Variation

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from pytest_startup.contract.model import Contract
    from pytest_startup.trace import Event

JOIN_SECONDS = 30.0


@contextmanager
def services(session: str, owner: int, options: ServiceOptions) -> Iterator[Keeper]:
    """Join the services of a session for a while; `owner` is the root process of the run."""
    deadline = Deadline.after(JOIN_SECONDS, "the process that keeps the services")
    with Keeper.join(session, owner, options, deadline) as keeper:
        yield keeper


@dataclass(slots=True)
class Saved:
    """The traces of this run and the files they are in; `suffix` tells the workers of a run apart."""

    directory: Path
    suffix: str = ""
    _files: dict[int, tuple[Trace, Path]] = field(default_factory=dict)

    def load(self, path: Path) -> Trace:
        """Load a saved trace, which then need not be saved again; raises `TraceError`."""
        trace = Trace.load(path)
        self._files[id(trace)] = (trace, path)
        return trace

    def save(self, trace: Trace, name: str) -> Path:
        """Save a trace once, under `name`, and return its path."""
        if id(trace) not in self._files:
            slug = re.sub(r"[^\w.-]+", "-", "-".join(filter(None, [name, self.suffix]))).strip("-")
            path = self.directory / f"{slug}.jsonl"
            trace.save(path)
            self._files[id(trace)] = (trace, path)
        return self._files[id(trace)][1]


def variation_of(item: pytest.Item) -> Variation | None:
    """Return how the boot of a test differs from the ordinary one: by its `fault` marker and its subject."""
    mark = item.get_closest_marker("fault")
    parameters = getattr(getattr(item, "callspec", None), "params", {})
    subjects = [parameters[name] for name in ("phase", "service") if name in parameters]
    if mark is None or not subjects or isinstance(subjects[0], NoneDeclared):
        return None
    kind = PhaseFault if "phase" in parameters else ServiceFault
    return Variation(faults=(kind(subjects[0], *mark.args, **mark.kwargs),))


def boot(contract: Contract, keeper: Keeper, on_event: Callable[[Event], None], saved: Saved) -> Trace:
    """Boot once, record it and save it; raises `StartupError` when it cannot even be tried."""
    trace = record(contract, keeper, on_event=on_event)
    saved.save(trace, "boot")
    return trace
