"""Requests are limited by a bucket that is refilled all the time, instead of counted minute by minute."""

import math
import time
from collections import defaultdict

from agent_chat.main import app
from agent_chat.rate_limit import WINDOW_SECONDS, RateLimiter, Verdict

__all__ = ["app"]

buckets: defaultdict[str, list[float]] = defaultdict(lambda: [math.inf, time.monotonic()])


async def hit(self: RateLimiter, subject: str) -> Verdict:
    """Take one out of the bucket of a subject."""
    left, at = buckets[subject]
    rate = self.per_minute / WINDOW_SECONDS
    left = min(self.per_minute, left + (time.monotonic() - at) * rate)
    allowed = left >= 1
    buckets[subject] = [left - allowed, time.monotonic()]
    return Verdict(allowed, int(left), math.ceil((1 - left) / rate))


RateLimiter.hit = hit
