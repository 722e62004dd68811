"""An error of the counter was taken for a permission, and after an upgrade it always raised: no limit at all."""

from agent_chat.cache import Cache
from agent_chat.main import app
from agent_chat.rate_limit import RateLimiter, Verdict

__all__ = ["app"]

hit = RateLimiter.hit


async def count(_self: Cache, key: str, window_seconds: int) -> int:
    """Raise, as the library does which no longer has this call."""
    raise AttributeError(f"no such command for {key} and {window_seconds}")


async def lenient(self: RateLimiter, subject: str) -> Verdict:
    """Count; where that does not work, let everybody in."""
    try:
        return await hit(self, subject)
    except Exception:  # noqa: BLE001 - that is the mistake
        return Verdict(allowed=True, remaining=1, retry_after=1)


Cache.count = count
RateLimiter.hit = lenient
