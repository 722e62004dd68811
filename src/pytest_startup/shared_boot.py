"""The boot that all read-only tests share: its services, its recording, and where its trace is saved."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_startup.boot import record
from pytest_startup.clock import Deadline
from pytest_startup.services.session import Keeper, ServiceOptions
from pytest_startup.trace import Trace

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

    @classmethod
    def of(cls, directory: Path | None, config: pytest.Config) -> Saved:
        """Save in `directory`, else in pytest's cache, else in a temporary directory."""
        suffix = str(getattr(config, "workerinput", {}).get("workerid", ""))
        if directory is None:
            cache: Any = getattr(config, "cache", None)
            directory = cache.mkdir("startup") if cache else Path(tempfile.mkdtemp(prefix="pytest-startup-"))
        return cls(directory, suffix)

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


def boot(contract: Contract, keeper: Keeper, on_event: Callable[[Event], None], saved: Saved) -> Trace:
    """Boot once, record it and save it; raises `StartupError` when it cannot even be tried."""
    trace = record(contract, keeper, on_event=on_event)
    saved.save(trace, "boot")
    return trace
