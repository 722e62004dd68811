"""The rate limiter opened a cache of its own: limits held in tests, and doubled with each connection pool."""

from fastapi import FastAPI

from agent_chat import startup
from agent_chat.cache import Cache
from agent_chat.main import app
from agent_chat.rate_limit import RateLimiter
from faults import Run, around

__all__ = ["app"]


@around("cache")
async def count_alone(run: Run, app: FastAPI) -> None:
    """Make the limiter with another client of the same server."""
    await run()
    settings: startup.Settings = app.state.settings
    app.state.limiter = RateLimiter(Cache(settings.redis_url), per_minute=settings.rate_limit_per_minute)
