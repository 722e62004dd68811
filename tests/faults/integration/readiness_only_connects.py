"""Readiness only opened a connection to the cache: one that hung took it, and users went to instances of no use."""

import asyncio
from urllib.parse import urlsplit

from agent_chat import startup
from agent_chat.checks import Ping, ServiceCheck
from agent_chat.main import app

__all__ = ["app"]


async def connect() -> bool:
    """Open a connection to Redis, and ask nothing."""
    url = urlsplit(app.state.settings.redis_url)
    _, writer = await asyncio.open_connection(url.hostname, url.port)
    writer.close()
    return True


def check(service: str, ping: Ping | None, *, required: bool) -> ServiceCheck:
    """Return what readiness tries of a service."""
    return ServiceCheck(service, connect if service == "cache" else ping, required=required)


startup.ServiceCheck = check
