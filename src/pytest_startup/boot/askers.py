"""Users who ask on while a service is in trouble, whatever they are answered: does every request of theirs end?"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count

from pytest_startup.boot.outgoing import Outgoing
from pytest_startup.boot.recorder import Recorder
from pytest_startup.boot.requests import send
from pytest_startup.clock import Deadline
from pytest_startup.events.used import AskedThroughout

AT_ONCE = 4
PAUSE_SECONDS = 0.2
"""Between an answer and the next request of the same user: steady, and no load worth the name."""

LATE_SECONDS = 0.5
"""How much later than its limit we may notice that a request has not ended."""


@dataclass(slots=True)
class _Count:
    """How often something was answered, since when, and the longest it took."""

    at: float
    count: int = 0
    longest: float = 0.0


@dataclass(slots=True)
class Askers:
    """A few users who ask for `paths` in turn, each for the next one when it has its answer, at the latest `limit`."""

    recorder: Recorder
    base: str
    paths: Sequence[str]
    headers: Mapping[str, str]
    limit: float
    _numbers: Iterator[int] = field(default_factory=count)
    _counts: dict[tuple[str, str], _Count] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _answered: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def asking(self, service: str) -> Iterator[None]:
        """Ask until the end of the block, which begins once they are at it; wait for the last answers."""
        end = threading.Event()
        threads = [
            threading.Thread(target=self._run, args=(end,), name="startup-asker", daemon=True) for _ in range(AT_ONCE)
        ]
        for thread in threads:
            thread.start()
        self._answered.wait(self.limit)
        try:
            yield
        finally:
            end.set()
            deadline = Deadline.after(self.limit + LATE_SECONDS, "the last answers")
            for thread in threads:
                thread.join(deadline.remaining())
            self._record(service)

    def _run(self, end: threading.Event) -> None:
        while not end.is_set():
            with self._lock:
                path = self.paths[next(self._numbers) % len(self.paths)]
            began = self.recorder.elapsed()
            request = Outgoing("GET", self.base + path, self.headers, None, self.limit)
            answer = self.recorder.mask(send(request, Deadline.after(self.limit, path)).said)
            self._count(path, answer, self.recorder.elapsed() - began)
            end.wait(PAUSE_SECONDS)

    def _count(self, path: str, answer: str, seconds: float) -> None:
        with self._lock:
            found = self._counts.setdefault((path, answer), _Count(self.recorder.elapsed()))
            found.count += 1
            found.longest = max(found.longest, seconds)
            if sum(each.count for each in self._counts.values()) >= AT_ONCE:
                self._answered.set()

    def _record(self, service: str) -> None:
        with self._lock:
            for (path, answer), found in self._counts.items():
                self.recorder.add(
                    AskedThroughout(
                        at=found.at,
                        service=service,
                        path=path,
                        answer=answer,
                        count=found.count,
                        longest=found.longest,
                        limit=self.limit,
                    )
                )
