"""What a test needs of a boot: the services, how it differs from the ordinary one, and where its trace is saved."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from pytest_startup.clock import Deadline
from pytest_startup.contract.containers import container_of, kinds_of
from pytest_startup.contract.values import Url
from pytest_startup.report.judged import NoneDeclared
from pytest_startup.services.endpoints import Container
from pytest_startup.services.session import Keeper, ServiceOptions
from pytest_startup.trace import Trace
from pytest_startup.variation import PLAIN, Exercise, Fault, PhaseFault, ServiceFault, StartFault, Variation

if TYPE_CHECKING:
    import pytest

    from pytest_startup.contract.model import Contract

JOIN_SECONDS = 30.0
SERVICES = frozenset({"service", "needed", "server", "database", "profiled"})
"""The parameters of a test which are services, one of them in a profile (`profile:service`)."""

PULL_SECONDS = 600.0
"""For images, over a slow line; the budget of the layer may well end before."""

_NAMED_BY = {"journey": "disturbance", "schema": "database"}
"""The parameter of a test which names its exercise, where it is not called like that."""


@contextmanager
def services(session: str, owner: int, options: ServiceOptions) -> Iterator[Keeper]:
    """Join the services of a session for a while; `owner` is the root process of the run."""
    deadline = Deadline.after(JOIN_SECONDS, "the process that keeps the services")
    with Keeper.join(session, owner, options, deadline) as keeper:
        yield keeper


class Asked(Protocol):
    """The options of a run, as far as they are about services; None where nobody said anything."""

    @property
    def provider(self) -> str:
        """Where services come from that no URL names."""

    @property
    def startup_postgres_url(self) -> str | None:
        """A Postgres that is already there."""

    @property
    def startup_redis_url(self) -> str | None:
        """A Redis that is already there."""

    @property
    def startup_postgres_image(self) -> str | None:
        """What Postgres runs in."""

    @property
    def startup_redis_image(self) -> str | None:
        """What Redis runs in."""


def wanted(asked: Asked, contract: Contract | None) -> ServiceOptions:
    """Return what a run wants of its services; what the options say wins over the contract."""

    def container(kind: str, image: str | None) -> Container:
        said = container_of(contract, kind) if contract is not None else None
        if said is None:
            return Container(image or "")
        return Container(image or said.image or "", said.args, tuple(sorted(said.env.items())))

    return ServiceOptions(
        asked.provider,
        asked.startup_postgres_url,
        asked.startup_redis_url,
        container("postgres", asked.startup_postgres_image),
        container("redis", asked.startup_redis_image),
    )


def origin(asked: Asked, contract: Contract) -> str:
    """Return where services come from, in a few words: the provider, and what its containers run."""
    images = map(wanted(asked, contract).image, sorted(kinds_of(contract)))
    return ", ".join([f"provider: {asked.provider}", *filter(None, images)])


def have_images(keeper: Keeper, contract: Contract, tell: Callable[[str], None]) -> None:
    """Have every image that services come out of, before anybody waits for a service itself; `tell` what it waits for.

    Raises `ServiceUnavailable` when there is no daemon, or an image cannot be had. An application that is up already
    has its own services.
    """
    if isinstance(contract.launch.app, Url):
        return
    kinds = sorted(kinds_of(contract))
    absent = keeper.absent_images(kinds, Deadline.after(JOIN_SECONDS, "the Docker daemon"))
    if absent:
        tell(f"startup: pulling {' and '.join(absent)}")
        keeper.pull(kinds, Deadline.after(PULL_SECONDS, f"pulling {' and '.join(absent)}"))


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
            path = self._path(name)
            trace.save(path)
            self._files[id(trace)] = (trace, path)
        return self._files[id(trace)][1]

    def forget(self, name: str) -> None:
        """Remove what an earlier run has saved under `name`."""
        self._path(name).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        words = (re.sub(r"[^\w.-]+", "-", each).strip("-") for each in (name, self.suffix))
        return self.directory / f"{'-'.join(filter(None, words))}.jsonl"


def variation_of(item: pytest.Item, contract: Contract) -> Variation | None:
    """Return how the boot of a test differs from the ordinary one: by its `fault` and `boot` markers, and its subject.

    None: it does not, or the contract declares nothing that could be judged of it.
    """
    fault, boot = item.get_closest_marker("fault"), item.get_closest_marker("boot")
    subjects: dict[str, Any] = getattr(getattr(item, "callspec", None), "params", {})
    if any(isinstance(each, NoneDeclared) for each in subjects.values()):
        return None
    particular = dict(boot.kwargs) if boot is not None else {}
    exercise = particular.pop("exercise", None)
    named = str(subjects.get(_NAMED_BY.get(exercise, exercise), "")).partition(":")[0]
    variation = Variation(
        faults=(_fault(subjects, *fault.args, **fault.kwargs),) if fault is not None else (),
        seed=subjects.get("seed"),
        chaos=subjects.get("chaos"),
        exercise=Exercise(exercise, named) if exercise is not None else None,
        profile=str(subjects.get("profiled", "")).partition(":")[0],
        **particular,
    )
    declared = _declared(variation, contract)
    return None if declared == PLAIN else declared


def _declared(variation: Variation, contract: Contract) -> Variation:
    """Return a variation without what is done to the start as a whole, where the contract says nothing of that.

    What has a subject of its own is left out with that (`pytest_startup.subjects`).
    """
    unsaid = {StartFault("twice")} if contract.startup.once is None else set()
    return replace(
        variation,
        faults=tuple(each for each in variation.faults if each not in unsaid),
        lifespans=variation.lifespans if contract.startup.repeatable else 1,
    )


def _fault(subjects: Mapping[str, Any], kind: Any, seconds: float = 0.0, judged: str = "") -> Fault:  # noqa: ANN401 (a marker's)
    """Return a fault of the phase or the service that a test is about, else of the start as a whole."""
    del judged  # what of it a test is about makes no other boot
    if "phase" in subjects:
        return PhaseFault(subjects["phase"], kind, seconds)
    for service in SERVICES & subjects.keys():
        return ServiceFault(subjects[service].rpartition(":")[2], kind, seconds)  # of one in a profile, its name alone
    return StartFault(kind)
