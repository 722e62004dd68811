"""What was to be answered to one request too many raised an error itself: clients got 500, and tried again at once."""

from agent_chat.main import app
from agent_chat.rate_limit import RateLimiter, Verdict

__all__ = ["app"]

hit = RateLimiter.hit


async def broken(self: RateLimiter, subject: str) -> Verdict:
    """Count, and stumble over what is too much."""
    verdict = await hit(self, subject)
    if not verdict.allowed:
        raise KeyError(subject)
    return verdict


RateLimiter.hit = broken
