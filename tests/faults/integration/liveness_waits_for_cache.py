"""Liveness asked the cache and had no time limit: when that hung, every instance was restarted, which helped nobody."""

from contextlib import suppress

from redis.asyncio import Redis
from redis.exceptions import RedisError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from agent_chat.main import app
from agent_chat.orchestrator import startup_of
from faults import answers

__all__ = ["app"]


@answers("/health/live")
async def live(request: Request) -> Response:
    """Answer 200 whatever the cache says, once it has said anything."""
    if startup_of(request.app).complete:
        async with Redis.from_url(request.app.state.settings.redis_url) as cache:
            with suppress(RedisError, OSError):
                await cache.ping()
    return JSONResponse({"alive": True})
