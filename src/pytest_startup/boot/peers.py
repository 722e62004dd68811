"""Further applications of the same system: each is booted once, and stands behind a tap of every boot that uses it.

    with Peers.of(contract, keeper) as peers:
        record(contract, keeper, peers=peers)

A peer is as dear as the application itself, so boots share it; what one of them does to it, the others meet as well.
A boot whose exercise disturbs its peers has some of its own.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from pytest_startup.boot import plan
from pytest_startup.boot.recorder import Mask
from pytest_startup.contract.model import Contract, Service
from pytest_startup.contract.services import APP
from pytest_startup.contract.templates import SECRET, references
from pytest_startup.errors import BootError, StartupError
from pytest_startup.events.process import Exited, LogLine
from pytest_startup.services import Keeper
from pytest_startup.variation import Variation

if TYPE_CHECKING:
    from pytest_startup.boot.boot import Boot

LAST_LINES = 15


def are_disturbed(variation: Variation) -> bool:
    """Whether a boot in this variation does something to its peers that others must not meet."""
    return variation.exercise is not None and variation.exercise.kind == "journey"


@dataclass(frozen=True, slots=True)
class Peer:
    """A peer that is up: where it listens, and the secrets that its log and ours must not show."""

    host: str
    port: int
    secrets: Sequence[str]


class Peers:
    """The peers of one contract. `secrets` by name are those of the main contract which the peers are told."""

    def __init__(self, contract: Contract, keeper: Keeper) -> None:
        """Prepare to boot the services of the kind `app`; `begin` or `have` starts them."""
        self._contract, self._keeper = contract, keeper
        self._services = {service.name: service for service in contract.services_of(APP)}
        told = [text for service in self._services.values() for text in service.env.values()]
        shared = {found.name for text in told for found in references(text) if found.owner == SECRET}
        self.secrets = {name: secrets.token_urlsafe(32) for name in sorted(shared)}
        self._mask = Mask(self.secrets.values())
        self._pool = ThreadPoolExecutor(max(1, len(self._services)), thread_name_prefix="startup-peer")
        self._boots: dict[str, Boot] = {}
        self._had: dict[str, Future[Peer]] = {}
        self._up = ExitStack()
        self._lock = threading.Lock()
        self._closed = False

    @classmethod
    @contextmanager
    def of(cls, contract: Contract, keeper: Keeper) -> Iterator[Self]:
        """Give the peers until the end of the block."""
        peers = cls(contract, keeper)
        try:
            yield peers
        finally:
            peers.close()

    def begin(self) -> None:
        """Have all peers started, side by side, and don't wait."""
        with self._lock:
            for name, service in self._services.items() if not self._closed else ():
                if name not in self._had:
                    self._had[name] = self._pool.submit(self._start, service)

    def have(self, name: str) -> Peer:
        """Return a peer once it is ready; raises `BootError` when it does not become so, or has ended since."""
        self.begin()
        if name not in self._had:
            raise _error(name, "the run is over", "run it again")
        peer = self._had[name].result()
        exited = self._boots[name].trace.first(Exited)
        if exited is not None:
            raise self._failed(self._services[name], f"it has ended by itself (it ended with code {exited.code})")
        return peer

    def abort(self) -> None:
        """End those which are still starting, at once: whoever waits for one hears of it."""
        with self._lock:
            self._closed = True
            starting = [boot for name, boot in self._boots.items() if not self._had[name].done()]
        for boot in starting:
            boot.abort()

    def close(self) -> None:
        """Stop them all; may be called again."""
        self.abort()
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._up.close()

    def _start(self, service: Service) -> Peer:
        from pytest_startup.boot.boot import Boot  # noqa: PLC0415 (a boot has peers, and each peer is one)

        contract = plan.of_peer(self._contract, service, self.secrets)
        boot = Boot(contract, self._keeper)
        with self._lock:
            self._boots[service.name] = boot
            if self._closed:
                boot.abort()
        with ExitStack() as stack:
            try:
                stack.enter_context(boot)
            except StartupError as error:
                raise _error(service.name, self._mask(str(error)), _fix(service)) from error
            if not boot.until_ready():
                raise self._failed(service, f"it does not become ready ({boot.trace.why_unready()})")
            boot.rest()
            self._up.push(stack.pop_all())
        return Peer(boot.host, boot.port, [*boot.secrets, *self.secrets.values()])

    def _failed(self, service: Service, what: str) -> BootError:
        boot = self._boots[service.name]
        mask = Mask([*self.secrets.values(), *boot.secrets])
        lines = [line.text for line in boot.trace.all(LogLine)[-LAST_LINES:]]
        log = "\n".join([" its log ends with:", *lines]) if lines else " it logged nothing"
        return _error(service.name, mask(f"{what};{log}\n"), _fix(service))


def _error(name: str, reason: str, fix: str) -> BootError:
    return BootError(f"services.{name}", reason, fix)


def _fix(service: Service) -> str:
    return f"look at it alone: pytest -m smoke --startup-contract {service.contract}"
