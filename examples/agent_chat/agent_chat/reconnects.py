"""How often one user may connect: whoever comes too often is asked to wait, each time twice as long."""

import time
from collections import deque

WINDOW_SECONDS = 10.0
LONGEST_WAIT = 32


class Reconnects:
    """Lets a user connect `limit` times within `WINDOW_SECONDS`, and after that whenever they have waited as told."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._let_in: deque[float] = deque()
        self._refusals = 0
        self._wait_until: float | None = None

    def wait_seconds(self) -> int:
        """Return how long the user has to wait; 0 when they may connect now, which then counts."""
        now = time.monotonic()
        while self._let_in and now - self._let_in[0] > WINDOW_SECONDS:
            self._let_in.popleft()
        if self._must_wait(now):
            return self._refuse(now)
        self._wait_until = None
        self._let_in.append(now)
        return 0

    def _must_wait(self, now: float) -> bool:
        if self._wait_until is not None:
            return now < self._wait_until
        if len(self._let_in) >= self._limit:
            return True
        self._refusals = 0
        return False

    def _refuse(self, now: float) -> int:
        wait: int = min(2**self._refusals, LONGEST_WAIT)
        self._refusals = min(self._refusals + 1, LONGEST_WAIT)
        self._wait_until = now + wait
        return wait
