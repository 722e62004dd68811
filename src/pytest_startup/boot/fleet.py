"""Many boots of one application, each in its own variation, several at a time.

A boot that hangs on purpose costs time but no CPU; so the boots which a run will need are begun early and side by side,
and a test waits for its own only.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Self

from pytest_startup.boot.boot import Boot
from pytest_startup.boot.peers import Peers
from pytest_startup.contract.model import Contract
from pytest_startup.services import Keeper
from pytest_startup.trace import Trace
from pytest_startup.variation import Variation

WIDTH = 4
"""Boots at the same time: two for the cores that most machines have, and as many that are waiting for a time limit."""


class Fleet:
    """The boots of one run. Each variation is booted once, when it is asked for first or begun."""

    def __init__(self, contract: Contract, keeper: Keeper, peers: Peers | None = None) -> None:
        """Prepare to boot what `contract` describes; the boots share `peers`, which end with them."""
        self._contract, self._keeper = contract, keeper
        self._peers = peers if peers is not None else Peers(contract, keeper)
        self._pool = ThreadPoolExecutor(WIDTH, thread_name_prefix="startup-boot")
        self._traces: dict[Variation, Future[Trace]] = {}
        self._under_way: set[Boot] = set()
        self._lock = threading.Lock()
        self._closed = False

    @classmethod
    @contextmanager
    def of(cls, contract: Contract, keeper: Keeper, peers: Peers | None = None) -> Iterator[Self]:
        """Give a fleet; at the end of the block whatever is still under way is ended at once."""
        fleet = cls(contract, keeper, peers)
        try:
            yield fleet
        finally:
            fleet.close()

    def begin(self, variations: Iterable[Variation]) -> None:
        """Begin to boot these, in this order, as far as there is room."""
        for variation in variations:
            self._future(variation)

    def trace(self, variation: Variation) -> Trace:
        """Return the trace of a variation; raises what `Boot` raises when it cannot even be tried."""
        return self._future(variation).result()

    def close(self) -> None:
        """Begin no more boots, and end those under way."""
        with self._lock:
            self._closed = True
            under_way = list(self._under_way)
        for boot in under_way:
            boot.abort()
        self._peers.abort()
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._peers.close()

    def _future(self, variation: Variation) -> Future[Trace]:
        if variation not in self._traces:
            self._traces[variation] = self._pool.submit(self._boot, variation)
        return self._traces[variation]

    def _boot(self, variation: Variation) -> Trace:
        boot = Boot(self._contract, self._keeper, variation, peers=self._peers)
        with self._lock:
            if self._closed:
                return boot.trace
            self._under_way.add(boot)
        try:
            with boot:
                boot.go_through()
            return boot.trace
        finally:
            with self._lock:
                self._under_way.discard(boot)
