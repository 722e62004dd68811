"""A lock around the counting of requests was not released after an error: one error, and no request ended any more."""

import asyncio

from agent_chat.main import app
from agent_chat.rate_limit import RateLimiter, Verdict

__all__ = ["app"]

hit = RateLimiter.hit
locks: dict[int, asyncio.Lock] = {}


async def locked_hit(self: RateLimiter, subject: str) -> Verdict:
    """Count one after the other."""
    lock = locks.setdefault(id(self), asyncio.Lock())
    await lock.acquire()
    verdict = await hit(self, subject)
    lock.release()
    return verdict


RateLimiter.hit = locked_hit
