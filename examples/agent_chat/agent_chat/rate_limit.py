"""Rate limit: a fixed window of one minute for each user or address, counted in Redis for all instances."""

import time
from dataclasses import dataclass

from agent_chat.cache import Cache

WINDOW_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a hit is within its limit, and the seconds until the window ends."""

    allowed: bool
    remaining: int
    retry_after: int


class RateLimiter:
    """Allows `per_minute` hits to each subject."""

    def __init__(self, cache: Cache, *, per_minute: int) -> None:
        self.cache = cache
        self.per_minute = per_minute

    async def hit(self, subject: str) -> Verdict:
        """Count one hit of the subject."""
        window, elapsed = divmod(time.time(), WINDOW_SECONDS)
        hits = await self.cache.count(f"rate:{subject}:{int(window)}", WINDOW_SECONDS)
        return Verdict(hits <= self.per_minute, max(0, self.per_minute - hits), WINDOW_SECONDS - int(elapsed))
