"""What a test needs of a boot: the services, how it differs from the ordinary one, and where its trace is saved."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_startup.clock import Deadline
from pytest_startup.report.judged import NoneDeclared
from pytest_startup.services.session import Keeper, ServiceOptions
from pytest_startup.trace import Trace
from pytest_startup.variation import PLAIN, Exercise, Fault, PhaseFault, ServiceFault, StartFault, Variation

if TYPE_CHECKING:
    import pytest

JOIN_SECONDS = 30.0
SERVICES = frozenset({"service", "server", "database"})
"""The parameters of a test which are services."""
_NAMED_BY = {"journey": "disturbance", "schema": "database"}
"""The parameter of a test which names its exercise, where it is not called like that."""


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
            words = (re.sub(r"[^\w.-]+", "-", each).strip("-") for each in (name, self.suffix))
            slug = "-".join(filter(None, words))
            path = self.directory / f"{slug}.jsonl"
            trace.save(path)
            self._files[id(trace)] = (trace, path)
        return self._files[id(trace)][1]


def variation_of(item: pytest.Item) -> Variation | None:
    """Return how the boot of a test differs from the ordinary one: by its `fault` and `boot` markers, and its subject.

    None: it does not, or what its parameters would name is not declared.
    """
    fault, boot = item.get_closest_marker("fault"), item.get_closest_marker("boot")
    subjects: dict[str, Any] = getattr(getattr(item, "callspec", None), "params", {})
    if any(isinstance(each, NoneDeclared) for each in subjects.values()):
        return None
    particular = dict(boot.kwargs) if boot is not None else {}
    exercise = particular.pop("exercise", None)
    variation = Variation(
        faults=(_fault(subjects, *fault.args, **fault.kwargs),) if fault is not None else (),
        seed=subjects.get("seed"),
        chaos=subjects.get("chaos"),
        exercise=Exercise(exercise, subjects.get(_NAMED_BY.get(exercise, exercise), ""))
        if exercise is not None
        else None,
        **particular,
    )
    return None if variation == PLAIN else variation


def _fault(subjects: Mapping[str, Any], kind: Any, seconds: float = 0.0, judged: str = "") -> Fault:  # noqa: ANN401 (a marker's)
    """Return a fault of the phase or the service that a test is about, else of the start as a whole."""
    del judged  # what of it a test is about makes no other boot
    if "phase" in subjects:
        return PhaseFault(subjects["phase"], kind, seconds)
    for service in SERVICES & subjects.keys():
        return ServiceFault(subjects[service], kind, seconds)
    return StartFault(kind)
