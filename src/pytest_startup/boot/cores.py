"""The cores of the machine, shared by boots that go on side by side.

A boot that waits needs none. To start Python and to import an application does: if more of them did so at a time than
there are cores, all would be late, and time limits would strike which have nothing to do with the application.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from pytest_startup.clock import Deadline
from pytest_startup.events.base import Event
from pytest_startup.events.inside import Imported, ImportFailed, PhaseEntered
from pytest_startup.events.process import Exited, Killed, Ready

STARTED = (Imported, ImportFailed, PhaseEntered, Ready, Exited, Killed)
"""The first of these in a boot tells that the next one may begin."""


PATIENCE_SECONDS = 60.0


class Cores:
    """A number of cores. Each boot takes one before it spawns its process."""

    def __init__(self, number: int) -> None:
        """Let `number` boots have one at a time."""
        self._number = number
        self._free = threading.Semaphore(number)
        self._gathering = threading.Lock()

    def take(self) -> Callable[[Event | None], None]:
        """Wait for one; return what has to be told of each event, and at last None, and gives it back in time.

        Who has waited for `PATIENCE_SECONDS` goes on without: to be late is better than never.
        """
        held = [True] if self._free.acquire(timeout=PATIENCE_SECONDS) else []
        lock = threading.Lock()

        def told(event: Event | None) -> None:
            with lock:
                if held and (event is None or isinstance(event, STARTED)):
                    held.clear()
                    self._free.release()

        return told

    @contextmanager
    def all(self) -> Iterator[None]:
        """Wait for all of them, with the same patience, and have them until the end of the block."""
        patience = Deadline.after(PATIENCE_SECONDS, "all cores")
        gates: list[threading.Lock | threading.Semaphore] = [self._gathering, *[self._free] * self._number]
        with ExitStack() as held:
            for gate in gates:
                if gate.acquire(timeout=patience.remaining()):
                    held.callback(gate.release)
            yield
