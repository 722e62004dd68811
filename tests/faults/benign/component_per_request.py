"""A component that is made anew for each request, out of a shared one: a factory is a legitimate wiring."""

from agent_chat.main import app
from agent_chat.rate_limit import RateLimiter

__all__ = ["app"]


async def make_limiter(per_minute: int) -> RateLimiter:
    """Return a limiter of one request."""
    return RateLimiter(app.state.cache, per_minute=per_minute)


app.state.make_limiter = make_limiter
