"""The key of the counter had the exact time in it, so that every request was the first one: nobody was ever limited."""

import time

from agent_chat.main import app
from agent_chat.rate_limit import WINDOW_SECONDS, RateLimiter, Verdict

__all__ = ["app"]


async def hit(self: RateLimiter, subject: str) -> Verdict:
    """Count in a window of its own."""
    hits = await self.cache.count(f"rate:{subject}:{time.time()}", WINDOW_SECONDS)
    return Verdict(hits <= self.per_minute, max(0, self.per_minute - hits), WINDOW_SECONDS)


RateLimiter.hit = hit
